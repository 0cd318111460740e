# SPDX-License-Identifier: Apache-2.0
"""Saved runs counted again, in Python and by ``loremill score``."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from loremill.cli import main
from loremill.errors import InputError, LoremillError
from loremill.evaluation import SCORERS, part_scores
from loremill.evaluation.run import evaluate_corpus
from loremill.evaluation.saved import load_run

from ..recording import RecordingModel

COLUMNS = """\
Ada\tB-PER
left\tO
Rome\tB-LOC

Acme\tB-ORG
paid\tO
Ada\tB-PER

nobody\tO
came\tO
"""


@pytest.fixture(scope="module")
def runs(tmp_path_factory) -> Path:
    """Two runs, ``right`` with an invented entity and ``half``."""
    data = tmp_path_factory.mktemp("data")
    (data / "conll2003").mkdir()
    (data / "conll2003" / "dev.txt").write_text(COLUMNS, encoding="utf-8")
    answers = {
        "right": lambda r: (
            " person: Ada; location: Rome; person: Eve"
            if "Rome" in r.prompt.text
            else " person: Ada; organization: Acme"
        ),
        "half": lambda r: " person: Ada",
    }
    for name, answer in answers.items():
        model = RecordingModel(lambda r, answer=answer: answer(r) if "Ada" in r.prompt.text else " None")
        evaluate_corpus("conll2003", "dev", model, grammar=False, data_dir=data, output=data / name)
    return data


def score(*words: str, capsys) -> tuple[int, str]:
    with pytest.raises(SystemExit) as ended:
        main(["score", *words])
    out = capsys.readouterr()
    return int(ended.value.code or 0), out.out + out.err


def test_recount_equals_the_count_at_evaluation(runs):
    run = load_run(runs / "right")
    saved = json.loads((runs / "right" / "scores.json").read_text("utf-8"))
    found = part_scores(run.predictions, run.schema, SCORERS["strict"], run.parts)["entities"]
    assert found.score.f1 == saved["parts"]["entities"]["f1"] == 8 / 9
    assert [found.interval.low, found.interval.high] == saved["parts"]["entities"]["f1_interval"]
    assert run.title == "conll2003 dev (3 documents), recording, listing, free decoding"


def test_rejects_are_saved_with_what_scorers_need(runs):
    (reject,) = load_run(runs / "right").predictions[0].rejected
    assert (reject.reason, reject.family) == ("ungrounded", "entities")
    assert reject.draft.filler.fragments == ("Eve",)


def test_score_prints_every_protocol_with_intervals_and_the_filters_effect(runs, capsys):
    words = [word for name in ("strict", "gollie", "instructuie") for word in ("-p", name)]
    code, out = score(str(runs / "right"), *words, "--format", "markdown", capsys=capsys)
    assert code == 0
    assert "| scorer | part | precision | recall | f1 | low | high | unfiltered | tp | pred | support |" in out
    rows = {line.split(" | ")[0].strip("| "): line.split(" | ") for line in out.splitlines() if "entities" in line}
    assert [rows["strict"][i] for i in (4, 7, 8, 9)] == ["0.889", "", "4", "5"]
    assert [rows["gollie"][i] for i in (4, 7, 8, 9)] == ["1.000", "0.889", "4", "4"]
    assert [rows["instructuie"][i] for i in (4, 7, 8, 9)] == ["0.909", "", "5", "6"]


def test_score_by_label_has_a_row_for_rejected_items(runs, capsys):
    _, out = score(str(runs / "right"), "--by-label", "--format", "json", capsys=capsys)
    value = json.loads(out)
    assert value["title"].startswith("strict, entities, conll2003 dev (3 documents)")
    assert [(row["label"], row["tp"], row["pred"], row["support"]) for row in value["rows"]] == [
        ("location", 1, 1, 1),
        ("organization", 1, 1, 1),
        ("person", 2, 2, 2),
        ("(rejected)", 0, 1, 0),
        ("micro", 4, 5, 4),
    ]


def test_score_against_another_run(runs, capsys):
    _, out = score(str(runs / "right"), "--against", str(runs / "half"), "--format", "json", capsys=capsys)
    (row,) = json.loads(out)["rows"]
    assert (row["part"], row["documents"]) == ("entities", 3)
    assert row["difference"] == pytest.approx(8 / 9 - 2 / 3)
    assert row["low"] <= row["difference"] <= row["high"]
    assert 0 < row["p (bootstrap)"] <= 1


def test_several_runs_are_one_table(runs, capsys):
    _, out = score(str(runs / "right"), str(runs / "half"), "--format", "latex", capsys=capsys)
    assert r"1 conll2003 & strict & entities & 0.800 & 1.000 & 0.889" in out
    assert r"2 conll2003 & strict & entities & 1.000 & 0.500 & 0.667" in out


def test_score_shows_a_table_by_default(runs, capsys):
    _, out = score(str(runs / "half"), capsys=capsys)
    assert "conll2003 dev (3 documents)" in " ".join(out.split())
    assert "0.667" in out


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["nowhere"], "wanted a folder that evaluate --output wrote"),
        (["RUN", "--protocol", "strickt"], "unknown scorer 'strickt'. Did you mean 'strict'?"),
        (["RUN", "--format", "yaml"], "unknown format of a table 'yaml'"),
        (["RUN", "--against", "RUN", "--by-label"], "--against compares whole parts"),
    ],
)
def test_what_cannot_be_scored_is_one_line(runs, capsys, words, message):
    code, out = score(*(str(runs / "half") if word == "RUN" else word for word in words), capsys=capsys)
    assert code == 2
    assert message in out
    assert len(out.strip().splitlines()) == 1


def changed(folder: Path, tmp_path: Path, name: str, change) -> Path:
    """A copy of the run with the lines of one file changed."""
    for file in folder.iterdir():
        lines = file.read_text("utf-8").splitlines()
        (tmp_path / file.name).write_text("\n".join(change(lines) if file.name == name else lines), encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize(
    ("name", "change", "message"),
    [
        ("gold.jsonl", lambda lines: lines[1:], "the same documents as gold in the same order, got 3 and 2"),
        ("gold.jsonl", lambda lines: ["{", *lines[1:]], r"gold.jsonl, line 1: broken JSON"),
        ("gold.jsonl", lambda lines: ["[]", *lines[1:]], r"gold.jsonl, line 1: wanted an object, got list"),
        ("predictions.jsonl", lambda lines: lines[1:], "needs its run in the first line"),
        (
            "predictions.jsonl",
            lambda lines: [lines[0], "{}"],
            "predictions.jsonl, line 2: extraction: id: field required",
        ),
        (
            "predictions.jsonl",
            lambda lines: [lines[0].replace("entities", "things"), *lines[1:]],
            "unknown part 'things'",
        ),
        ("schema.json", lambda lines: ["{"], "schema.json: broken JSON"),
    ],
)
def test_broken_run_is_refused(runs, tmp_path, name, change, message):
    with pytest.raises(LoremillError, match=message):
        load_run(changed(runs / "half", tmp_path, name, change))


def test_runs_of_other_gold_are_not_compared(runs, tmp_path, capsys):
    def without_frames(lines: list[str]) -> list[str]:
        return [json.dumps({**json.loads(lines[0]), "frames": []}), *lines[1:]]

    other = changed(runs / "half", tmp_path, "gold.jsonl", without_frames)
    code, out = score(str(runs / "right"), "--against", str(other), capsys=capsys)
    assert code == 2
    assert "a comparison needs the same documents and gold" in out


def test_missing_file_is_told(tmp_path):
    with pytest.raises(InputError, match=r"cannot read .*predictions\.jsonl"):
        load_run(tmp_path)
