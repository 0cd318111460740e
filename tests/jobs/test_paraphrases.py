# SPDX-License-Identifier: Apache-2.0
"""Pools grown into a file: stopped, resumed, refused."""

from __future__ import annotations

import json

import pytest

from loremill.errors import InputError, ModelError, UnknownNameError
from loremill.extractor import Extractor
from loremill.formats.instructions import POOLS
from loremill.formats.instructions.pools import pools_of
from loremill.jobs.paraphrases import extend_pools
from loremill.prompt import Prompt, Writing

from ..scripted import ScriptedModel


def answer(prompt: Prompt) -> str:
    """By what is shown alone; every third is too short."""
    number = sum(map(ord, prompt.text + prompt.demonstrations[0].text))
    return "Too short." if number % 3 == 0 else f"Report number {number} of each of the kinds wanted."


class StoppedError(Exception):
    """A run was cut off."""


def test_pools_of_a_file_hold_the_library_s_wordings_and_the_new_ones(tmp_path):
    found = extend_pools(ScriptedModel(answer), ["entities", "events"], tmp_path / "new" / "pools.yaml", count=4)
    read = pools_of(found.output)
    for task in ("entities", "events"):
        assert read[task] == (*POOLS[task], *found.accepted(task))
        assert len(found.accepted(task)) == 4
    assert any(a.refused for several in found.attempts.values() for a in several)
    extractor = Extractor(ScriptedModel(lambda prompt: "None"), "person", instructions=found.output, instruction_seed=3)
    assert any(extractor.instructions["entities"].startswith(wording) for wording in read["entities"])


def test_a_run_that_was_stopped_goes_on_to_the_same_end(tmp_path):
    whole = extend_pools(ScriptedModel(answer), ["entities", "events"], tmp_path / "whole.yaml", count=5)
    made = []

    def stop(attempt) -> None:
        made.append(attempt)
        if len(made) == 7:
            raise StoppedError

    with pytest.raises(StoppedError):
        extend_pools(ScriptedModel(answer), ["entities", "events"], tmp_path / "cut.yaml", count=5, on_attempt=stop)
    assert not (tmp_path / "cut.yaml").exists()
    with open(tmp_path / "cut.yaml.attempts.jsonl", "a") as file:
        file.write('{"task": "ev')  # the line that a killed run was writing
    again = []
    rest = extend_pools(
        ScriptedModel(answer), ["entities", "events"], tmp_path / "cut.yaml", count=5, on_attempt=again.append
    )
    assert rest.attempts == whole.attempts
    assert [*made, *again] == [a for several in whole.attempts.values() for a in several]
    assert pools_of(rest.output) == pools_of(whole.output)
    lines = (tmp_path / "cut.yaml.attempts.jsonl").read_text().splitlines()
    assert lines == (tmp_path / "whole.yaml.attempts.jsonl").read_text().splitlines()
    assert json.loads(lines[0])["model"] == {"model": "scripted"}


def test_more_of_the_same_may_be_asked_for_later(tmp_path):
    few = extend_pools(ScriptedModel(answer), ["entities"], tmp_path / "pools.yaml", count=2)
    more = extend_pools(ScriptedModel(answer), ["entities", "events"], tmp_path / "pools.yaml", count=3)
    assert more.accepted("entities")[:2] == few.accepted("entities")
    assert (len(more.accepted("entities")), len(more.accepted("events"))) == (3, 3)


def test_another_seed_is_refused_for_the_same_output(tmp_path):
    extend_pools(ScriptedModel(answer), ["entities"], tmp_path / "pools.yaml", count=1)
    with pytest.raises(InputError, match="is of another model, seed or pools: use those, or another output"):
        extend_pools(ScriptedModel(answer), ["entities"], tmp_path / "pools.yaml", count=1, seed=1)


def test_a_model_that_was_refused_leaves_the_output_to_another(tmp_path):
    deaf = ScriptedModel(answer)
    deaf.identity, deaf.writing = {"model": "deaf"}, Writing(reserved=":;")
    with pytest.raises(ModelError, match="paraphrases need a model that reads instructions"):
        extend_pools(deaf, ["entities"], tmp_path / "pools.yaml", count=1)
    found = extend_pools(ScriptedModel(answer), ["entities"], tmp_path / "pools.yaml", count=1)
    assert len(found.accepted("entities")) == 1


def test_a_file_of_somebody_s_own_is_left_alone(tmp_path):
    (tmp_path / "pools.yaml").write_text("entities: [Find every name in the text.]")
    with pytest.raises(InputError, match="is there already"):
        extend_pools(ScriptedModel(answer), ["entities"], tmp_path / "pools.yaml")
    assert (tmp_path / "pools.yaml").read_text() == "entities: [Find every name in the text.]"


def test_what_cannot_be_asked_is_one_line(tmp_path):
    with pytest.raises(UnknownNameError, match="unknown task 'entity'"):
        extend_pools(ScriptedModel(answer), ["entity"], tmp_path / "pools.yaml")  # type: ignore[list-item]
    with pytest.raises(InputError, match="count and attempts of at least 1, got 0 and 200"):
        extend_pools(ScriptedModel(answer), ["entities"], tmp_path / "pools.yaml", count=0)
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="cannot be written to"):
        extend_pools(ScriptedModel(answer), ["entities"], tmp_path / "file" / "pools.yaml")
