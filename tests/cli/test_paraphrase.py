# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import json

import pytest

import loremill.models
from loremill.cli import main
from loremill.formats.instructions.pools import pools_of

from ..scripted import ScriptedModel


@pytest.fixture
def run(monkeypatch, capsys, tmp_path):
    calls = iter(range(1000))

    def answer(prompt) -> str:
        number = next(calls)
        return "Short." if number % 2 else f"Report number {number} of each of the kinds wanted."

    monkeypatch.setattr(loremill.models, "load_model", lambda name, **settings: ScriptedModel(answer))

    def call(*args: object) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as caught:
            main(["paraphrase", *map(str, args), "--model", "any", "--output", str(tmp_path / "pools.yaml")])
        return (int(caught.value.code or 0), *capsys.readouterr())

    return call


def test_summary_counts_what_was_accepted_and_refused(run, tmp_path):
    code, out, err = run("entities", "--count", 2)
    assert (code, err) == (0, "")
    assert out.splitlines() == [
        "entities: 2 new wordings of 3 attempts; 1 refused: it has 1 words, 5 to 80 are wanted",
        str(tmp_path / "pools.yaml"),
    ]
    assert len(pools_of(tmp_path / "pools.yaml")["entities"]) == 28


def test_json_has_every_attempt(run):
    _, out, _ = run("entities", "events", "--count", 1, "--json")
    made = json.loads(out)
    assert list(made) == ["entities", "events"]
    assert made["entities"][0].keys() == {"task", "number", "source", "wording", "refused"}


def test_an_unknown_task_is_one_line(run):
    code, _, err = run("entity")
    assert code == 2
    assert err.startswith("loremill: unknown task 'entity'. Did you mean 'entities'?")
