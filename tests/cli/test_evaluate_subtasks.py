# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import json

import pytest

import loremill.extractor
from loremill.cli import main

from ..recording import RecordingModel

COLUMNS = "Ada\tB-PER\nleft\tO\nRome\tB-LOC\n"


@pytest.fixture
def run(monkeypatch, capsys, tmp_path):
    (tmp_path / "conll2003").mkdir()
    (tmp_path / "conll2003" / "dev.txt").write_text(COLUMNS, encoding="utf-8")
    answers = {"judging": " person", "locating": " person: Ada; location: Rome"}
    asked = []

    def load(name, **settings):
        asked.append(settings)
        return RecordingModel(lambda request: answers[request.prompt.task])

    monkeypatch.setattr(loremill.extractor, "load_model", load)

    def call(*args: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as caught:
            main(["evaluate", "-c", "conll2003", "--split", "dev", "--data-dir", str(tmp_path), "--subtasks", *args])
        return (int(caught.value.code or 0), *capsys.readouterr())

    call.asked = asked  # type: ignore[attr-defined]
    return call


def test_json_has_f1_of_each_sub_task(run):
    code, out, err = run("--json", "--capabilities", "judging")
    assert (code, err) == (0, "")
    assert json.loads(out)["f1"] == {"judging": pytest.approx(2 / 3), "locating": 1.0}
    assert run.asked[0]["capabilities"] == "judging"


def test_table_has_a_row_for_each_sub_task(run):
    _, out, _ = run()
    assert "judging" in out
    assert "locating" in out


@pytest.mark.parametrize("other", [("--given",), ("--output", "run")])
def test_what_sub_tasks_do_not_go_with_is_refused(run, other):
    code, _, err = run(*other)
    assert code == 2
    assert "--subtasks tells what it has to and saves no predictions" in err
