# SPDX-License-Identifier: Apache-2.0
"""Scores on a corpus whose gold mentions are told."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from loremill.errors import InputError, UnknownNameError
from loremill.evaluation.run import _given_family, evaluate_corpus, evaluation_table, to_dict
from loremill.evaluation.saved import load_run
from loremill.schema import load_schema

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
        (
            {"given": True, "families": ()},
            InputError,
            "given asks for relations or arguments, corpus 'conll2003' has only entities here",
        ),
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


CONLL04 = [
    {
        "tokens": ["Ada", "works", "for", "Acme", "in", "Rome", "."],
        "entities": [
            {"type": "Peop", "start": 0, "end": 1},
            {"type": "Org", "start": 3, "end": 4},
            {"type": "Loc", "start": 5, "end": 6},
        ],
        "relations": [
            {"type": "Work_For", "head": 0, "tail": 1},
            {"type": "OrgBased_In", "head": 1, "tail": 2},
        ],
        "orig_id": 1,
    },
    {
        "tokens": ["Bob", "slept", "."],
        "entities": [{"type": "Peop", "start": 0, "end": 1}],
        "relations": [],
        "orig_id": 2,
    },
]
SEMEVAL = """\
1\t"The <e1>fire</e1> was caused by <e2>lightning</e2>."
Cause-Effect(e2,e1)
Comment:
"""


def given(folder: Path, corpus: str, file: str, text: str, answer: str, **settings):
    (folder / corpus).mkdir()
    (folder / corpus / file).write_text(text, encoding="utf-8")
    model = RecordingModel(lambda request: answer)
    return model, evaluate_corpus(corpus, "test", model, data_dir=folder, given=True, **settings)


@pytest.mark.parametrize("families", [(), ("relations",)])
def test_relations_of_given_entities_are_scored_alone(tmp_path, families):
    saved, answer = tmp_path / "run", " works for: Ada, Acme; located in: Acme, Rome"
    data = json.dumps(CONLL04)
    model, done = given(tmp_path, "conll04", "test_triples.json", data, answer, families=families, output=saved)
    assert [request.prompt.given for request in model.requests] == ["person: Ada; organization: Acme; location: Rome"]
    assert {part: (s.tp, s.pred, s.support) for part, s in done.strict.items()} == {"relations": (1, 2, 2)}
    assert done.table().title.endswith("recording, mentions given, listing, grounded decoding")
    run = load_run(saved).run
    assert (run["given"], run["parts"]) == (True, ["relations"])


def test_pair_annotated_alone_is_told_without_types(tmp_path):
    model, done = given(tmp_path, "semeval2010_8", "TEST_FILE_FULL.TXT", SEMEVAL, " cause effect: lightning, fire")
    assert [request.prompt.given for request in model.requests] == ["fire; lightning"]
    assert done.strict["relations"].tp == 1


def test_corpus_of_relations_and_events_asks_for_a_choice():
    schema = load_schema("person, near(person, person), Attack!(target)")
    with pytest.raises(InputError, match=r"'x' has relations and events: choose one \(--family\)"):
        _given_family(schema, "x")
    assert _given_family(schema.family("events"), "x") == "events"
    with pytest.raises(InputError, match="corpus 'x' has only triggers here"):
        _given_family(load_schema("Attack!"), "x")
