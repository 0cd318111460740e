# SPDX-License-Identifier: Apache-2.0
"""Scores on a corpus whose gold mentions are told."""

from __future__ import annotations

from pathlib import Path

import pytest

from loremill.errors import InputError, UnknownNameError
from loremill.evaluation.run import evaluate_corpus, evaluation_table, to_dict

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


@pytest.fixture
def data_dir(tmp_path) -> Path:
    folder = tmp_path / "conll2003"
    folder.mkdir()
    (folder / "dev.txt").write_text(COLUMNS, encoding="utf-8")
    return tmp_path


def evaluate(data_dir: Path, answer, **settings):
    settings = {"format": "typing", "families": ["entities"], **settings}
    model = RecordingModel(answer if callable(answer) else lambda request: answer)
    return model, evaluate_corpus("conll2003", "dev", model, data_dir=data_dir, **settings)


def test_f1_of_given_mentions_is_the_accuracy_of_their_types(data_dir):
    model, done = evaluate(data_dir, " person")
    assert [request.prompt.given for request in model.requests] == ["Ada", "Rome", "Acme", "Ada"]
    score = done.strict["entities"]
    assert (score.tp, score.pred, score.support) == (2, 4, 4)
    assert score.f1 == done.text["entities"].f1 == 0.5
    assert (done.documents, done.given, done.format, done.errors) == (3, True, "typing", 0)
    assert done.auroc["entities"] is not None


def test_mention_that_gets_no_type_counts_as_wrong(data_dir):
    _, done = evaluate(data_dir, lambda r: " person" if r.prompt.given == "Ada" else " alien", grammar=False)
    score = done.strict["entities"]
    assert (score.tp, score.pred, score.support) == (2, 4, 4)
    assert done.rejected == {"unknown type": 2}


def test_title_and_values_tell_what_was_given(data_dir):
    _, done = evaluate(data_dir, " person")
    assert done.table().title.endswith("recording, mentions given, typing, grounded decoding")
    assert to_dict(done)["format"] == "typing"


@pytest.mark.parametrize(
    ("settings", "error", "message"),
    [
        ({"given": True, "families": ()}, InputError, "conll2003' has no events"),
        ({"format": "type"}, UnknownNameError, "unknown format 'type'. Did you mean 'typing'?"),
    ],
)
def test_what_cannot_be_scored_is_one_line(data_dir, settings, error, message):
    with pytest.raises(error, match=message):
        evaluate(data_dir, " person", **settings)


def test_several_evaluations_are_one_table(data_dir):
    _, done = evaluate(data_dir, " person")
    table = evaluation_table([done, done])
    assert table.columns[:2] == ("data", "part")
    assert [row[:2] for row in table.rows] == [("conll2003 dev (3)", "entities")] * 2
    assert table.title == "strict, recording, mentions given, typing, grounded decoding"


def test_table_has_the_interval_of_f1(data_dir):
    _, done = evaluate(data_dir, " person")
    table = done.table()
    row = dict(zip(table.columns, table.rows[0], strict=True))
    assert row["low"] <= row["f1"] <= row["high"]
    assert to_dict(done)["parts"]["entities"]["f1_interval"] == [row["low"], row["high"]]
