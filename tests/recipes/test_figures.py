# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import json
from pathlib import Path

import figures
import figures_tables
import pytest
from typer.testing import CliRunner

from loremill.corpora import catalogue
from loremill.errors import InputError, UnknownNameError

from ..recording import RecordingModel

COLUMNS = "Ada NNP B-NP B-PER\nleft VBD B-VP O\nRome NNP B-NP B-LOC\n\nnobody NN B-NP O\ncame VBD B-VP O\n"


def run(*words: str) -> int:
    app = figures.typer.Typer()
    app.command()(figures.main)
    result = CliRunner().invoke(app, words)
    assert not isinstance(result.exception, AssertionError), result.output
    return result.exit_code


@pytest.fixture
def model(tmp_path, monkeypatch) -> RecordingModel:
    """Finds every "Ada"; the only data there is conll2003's."""
    folder = tmp_path / "data" / "conll2003" / "conll03_4col"
    folder.mkdir(parents=True)
    (folder / "test.txt").write_text(COLUMNS, encoding="utf-8")
    monkeypatch.setenv("LOREMILL_DATA", str(tmp_path / "data"))
    made = RecordingModel(lambda request: " person: Ada" if "Ada" in request.prompt.text else " None")
    monkeypatch.setattr(figures, "load_model", lambda *names, **settings: made)
    monkeypatch.chdir(tmp_path)
    return made


def record(folder: Path, names: list[str], base: str = "base") -> Path:
    folder.mkdir(parents=True)
    config = {"model": base, "corpora": [{"name": name} for name in names]}
    (folder / "run.json").write_text(json.dumps({"config": config}), encoding="utf-8")
    return folder


def test_every_set_of_the_table_is_in_the_catalogue_and_has_the_parts_shown():
    shown = {name for group in figures_tables.GROUPS for name in group.sets}
    assert shown <= set(catalogue())
    assert all("test" in catalogue()[name].parts for name in shown)
    of_sets = {(name, part) for group in figures_tables.GROUPS for name in group.sets for part in group.parts}
    of_means = {(f"mean {group.name}", part) for group in figures_tables.GROUPS for part in group.parts}
    assert set(figures_tables.AIMS) <= of_sets | of_means


def test_table_has_scores_of_both_decodings_and_what_became_of_the_aim(model, tmp_path):
    assert run("--sets", "conll2003", "--output", "out") == 0
    scores, use = json.loads((tmp_path / "out" / "table.json").read_text("utf-8"))
    [row] = scores["rows"]
    assert (row["data"], row["part"], row["f1"], row["free f1"]) == (
        "conll2003",
        "entities",
        *[pytest.approx(200 / 3)] * 2,
    )
    assert (row["aim"], row["floor"], row["result"], row["seen"]) == (88, 80, "below floor", "yes")
    assert (use["rows"][0]["documents"], use["rows"][0]["sentences"], use["rows"][0]["failed"]) == (2, 2, 0)
    assert "| below floor |" in (tmp_path / "out" / "table.md").read_text("utf-8")
    saved = sorted(path.name for path in (tmp_path / "out" / "conll2003-test-free").iterdir())
    assert saved == ["gold.jsonl", "predictions.jsonl", "schema.json", "scores.json"]


def test_what_is_done_is_not_done_again(model, tmp_path):
    run("--sets", "conll2003", "--output", "out")
    (tmp_path / "out" / "conll2003-test-free" / "scores.json").unlink()  # as if killed before
    asked = len(model.requests)
    first = (tmp_path / "out" / "conll2003-test-grounded" / "scores.json").read_bytes()
    assert run("--sets", "conll2003", "--output", "out") == 0
    assert len(model.requests) == asked + asked // 2
    assert (tmp_path / "out" / "conll2003-test-grounded" / "scores.json").read_bytes() == first
    assert (tmp_path / "out" / "conll2003-test-free" / "scores.json").is_file()


def test_figures_of_another_run_are_not_mixed_in(model):
    run("--sets", "conll2003", "--output", "out")
    with pytest.raises(InputError, match=r"another run \(limit 0, not 1\): choose another --output"):
        figures.claim(Path("out"), {**json.loads(Path("out/setup.json").read_text("utf-8")), "limit": 1})


def test_set_that_is_not_there_is_told_and_the_others_are_done(model, tmp_path):
    assert run("--sets", "wnut17,conll2003", "--output", "out") == 1
    assert [row["data"] for row in json.loads((tmp_path / "out" / "table.json").read_text("utf-8"))[0]["rows"]] == [
        "conll2003"
    ]


def test_unknown_set_is_refused():
    with pytest.raises(UnknownNameError, match=r"unknown set of the table 'conl04'. Did you mean 'conll04'"):
        figures.wanted_sets("conl04")


@pytest.mark.parametrize(("f1", "result"), [(88.0, "met"), (87.9, "missed"), (80.0, "missed"), (79.9, "below floor")])
def test_aims_and_floors(f1, result):
    assert figures_tables.judge("conll2003", "entities", f1) == (88, 80, result)
    assert figures_tables.judge("wnut17", "entities", f1) == (None, None, "")


def test_trained_sets_are_those_of_the_adapter_the_model_and_what_they_started_from(tmp_path):
    base = record(tmp_path / "base", ["ade"])
    model = record(tmp_path / "run", ["conll2003"], base=str(base / "model")) / "model"
    adapter = record(tmp_path / "adapter", ["phee"], base=str(model))
    assert figures.trained_on(str(model), str(adapter)) == {"ade", "conll2003", "phee"}
    assert figures.trained_on(str(tmp_path)) is None
    assert figures.trained_on("elsewhere", record=str(adapter / "run.json")) == {"phee", "ade", "conll2003"}


def test_adapter_of_a_model_without_a_record_may_have_seen_anything(tmp_path):
    adapter = record(tmp_path / "adapter", ["phee"], base="somewhere")
    assert figures.trained_on("somewhere", str(adapter)) is None


@pytest.mark.parametrize(
    ("seen", "told"),
    [({"ade"}, "yes"), ({"phee"}, "phee"), ({"conll04"}, "no"), (None, "?"), ({"ade_rel", "phee"}, "phee, ade_rel")],
)
def test_sets_with_the_same_sentences_are_told(seen, told):
    assert figures_tables.is_seen("ade", seen if seen is None else frozenset(seen)) == told


def test_mean_of_zero_shot_leaves_out_what_training_saw(tmp_path):
    group = next(g for g in figures_tables.GROUPS if g.name == figures_tables.ZERO_SHOT)
    for i, name in enumerate(group.sets):
        part = {
            "precision": 0.5,
            "recall": 0.25,
            "f1": 0.1 * (i + 1),
            "f1_interval": [0, 1],
            "text_f1": 0.0,
            "ece": None,
        }
        for way in figures_tables.DECODINGS:
            folder = tmp_path / f"{name}-test-{way}"
            folder.mkdir()
            scores = {"parts": {"entities": part}, "documents": 1, "seconds_per_100": 1.0, "rejected": {}, "errors": 0}
            (folder / "scores.json").write_text(json.dumps(scores), encoding="utf-8")
            (folder / "gold.jsonl").write_text('{"text": "One. Two."}\n', encoding="utf-8")
    wanted = [(group, name) for name in group.sets]
    table, use = figures_tables.make_tables(tmp_path, wanted, frozenset(["crossner_ai"]), "title")
    mean = dict(zip(table.columns, table.rows[-1], strict=True))
    assert (mean["data"], mean["seen"]) == ("mean", "3 sets, 1 seen")
    assert mean["f1"] == pytest.approx(30.0)
    assert (mean["p / r"], table.rows[0][table.columns.index("p / r")]) == (None, "50.0 / 25.0")
    assert (mean["aim"], mean["result"], mean["ece"]) == (35, "missed", None)
    assert use.rows[0][2:4] == (2, 0.5)  # seconds per 100 sentences, not documents
