# SPDX-License-Identifier: Apache-2.0
"""Scores of sub-tasks: an oracle is right, wrong answers are counted, what cannot be asked is missed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from loremill.errors import InputError
from loremill.evaluation.subtasks import SUBSETS, evaluate_subtasks, subset_table
from loremill.prompt import CAPABILITIES, Habits, Prompt

from ..recording import RecordingModel

CONLL04 = [
    {
        "tokens": ["Ada", "works", "for", "Acme", "in", "Rome", "."],
        "entities": [
            {"type": "Peop", "start": 0, "end": 1},
            {"type": "Org", "start": 3, "end": 4},
            {"type": "Loc", "start": 5, "end": 6},
        ],
        "relations": [{"type": "Work_For", "head": 0, "tail": 1}, {"type": "OrgBased_In", "head": 1, "tail": 2}],
        "orig_id": 1,
    },
    {
        "tokens": ["Bob", "slept", "."],
        "entities": [{"type": "Peop", "start": 0, "end": 1}],
        "relations": [],
        "orig_id": 2,
    },
]
ADA = {"type": "person", "filler": {"start": 0, "end": 3}}
ORACLE = {
    ("judging", "person; organization; location; other", "Ada"): "person; organization; location",
    ("judging", "person; organization; location; other", "Bob"): "person",
    ("judging", "works for", "Ada"): "works for; organization based in",
    ("judging", "works for", "Bob"): "None",
    ("locating", "person; organization; location", "Ada"): "person: Ada; organization: Acme; location: Rome",
    ("locating", "person", "Bob"): "person: Bob",
    ("associating", "works for", "Ada"): "works for: Ada, Acme; organization based in: Acme, Rome",
}


@pytest.fixture
def data_dir(tmp_path) -> Path:
    folder = tmp_path / "conll04"
    folder.mkdir()
    (folder / "test_triples.json").write_text(json.dumps(CONLL04), encoding="utf-8")
    return tmp_path


def oracle(prompt: Prompt) -> str:
    fitting = [
        answer
        for (task, schema, text), answer in ORACLE.items()
        if prompt.task == task and prompt.schema.startswith(schema) and prompt.text.startswith(text)
    ]
    return f" {fitting[0]}"


def evaluate(data_dir: Path, answer=oracle, **settings):
    model = RecordingModel(lambda request: answer(request.prompt))
    return model, evaluate_subtasks("conll04", "test", model, data_dir=data_dir, **settings)


def counts(done) -> dict[tuple[str, str], tuple[int, int, int]]:
    return {
        (capability, family): (found.score.tp, found.score.pred, found.score.gold)
        for capability, families in done.scores.items()
        for family, found in families.items()
    }


def test_an_oracle_is_right_about_everything(data_dir):
    _, done = evaluate(data_dir)
    assert counts(done) == {
        ("judging", "entities"): (4, 4, 4),
        ("judging", "relations"): (2, 2, 2),
        ("locating", "entities"): (4, 4, 4),
        ("locating", "relations"): (3, 3, 3),
        ("associating", "relations"): (2, 2, 2),
    }
    assert done.f1 == dict.fromkeys(CAPABILITIES, 1.0)
    assert (done.documents, done.errors) == (2, 0)


def test_each_sub_task_is_told_what_the_one_before_it_answers(data_dir):
    model, _ = evaluate(data_dir, families=["relations"])
    assert [(r.prompt.task, r.prompt.given) for r in model.requests] == [
        ("judging", ""),
        ("locating", "works for; organization based in"),
        ("associating", "person: Ada; organization: Acme; location: Rome"),
        ("judging", ""),
    ]


@pytest.mark.parametrize("skips", [False, True])
def test_definitions_that_training_did_not_show_are_not_told(tmp_path, skips):
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "schema.json").write_text(json.dumps({"entities": {"person": "natural person"}}))
    (mine / "test.jsonl").write_text(json.dumps({"text": "Ada left.", "frames": [ADA]}) + "\n")
    model = RecordingModel(lambda request: " person" if request.prompt.task == "judging" else " person: Ada")
    model.habits = Habits(skips_definitions=skips)
    done = evaluate_subtasks(str(mine), "test", model)
    assert [r.prompt.task for r in model.requests] == ["judging", "locating"]
    assert ["natural" in repr(r.prompt) for r in model.requests] == [not skips] * 2
    assert done.f1 == {"judging": 1.0, "locating": 1.0}


def test_wrong_types_spans_and_pairs_count(data_dir):
    wrong = {
        "judging": " works for; kills",
        "locating": " person: Ada; location: Acme",
        "associating": " works for: Acme, Ada",
    }
    _, done = evaluate(data_dir, lambda prompt: wrong[prompt.task], families=["relations"])
    assert counts(done) == {
        ("judging", "relations"): (1, 4, 2),
        ("locating", "relations"): (1, 2, 3),
        ("associating", "relations"): (0, 1, 2),
    }


def test_what_is_said_about_words_that_were_not_told_is_wrong(data_dir):
    answer = " works for: Ada, works; works for: Ada, Acme"
    _, done = evaluate(data_dir, lambda prompt: answer, families=["relations"], only=["associating"], grammar=False)
    assert counts(done) == {("associating", "relations"): (1, 2, 2)}


def test_an_answer_outside_the_schema_shown_is_wrong(data_dir):
    _, done = evaluate(data_dir, lambda prompt: " kills", families=["relations"], only=["locating"], grammar=False)
    assert counts(done) == {("locating", "relations"): (0, 1, 3)}


def test_a_question_without_room_is_an_error_and_missed(data_dir):
    model = RecordingModel(lambda request: oracle(request.prompt), max_tokens=4096)
    room = model.count_tokens
    model.count_tokens = lambda prompt: 5000 if prompt.task == "associating" else room(prompt)  # type: ignore[method-assign]
    done = evaluate_subtasks("conll04", "test", model, data_dir=data_dir)
    assert counts(done)["associating", "relations"] == (0, 0, 2)
    assert done.errors == 1
    assert counts(done)["judging", "relations"] == (2, 2, 2)


def test_only_some_sub_tasks_and_documents_are_asked(data_dir):
    seen: list[int] = []
    model, done = evaluate(data_dir, only=["locating"], limit=1, on_question=seen.append)
    assert [r.prompt.task for r in model.requests] == ["locating"] * 2
    assert seen == [1, 2]
    assert list(done.f1) == ["locating"]


def test_a_format_about_given_mentions_is_refused(data_dir):
    with pytest.raises(InputError, match="sub-tasks need a format that writes frames, got 'typing'"):
        evaluate(data_dir, format="typing", families=["relations"])


def test_table_has_a_row_per_sub_task_and_family(data_dir):
    _, done = evaluate(data_dir)
    table = done.table()
    assert [row[:2] for row in table.rows] == list(counts(done))
    assert table.title == "strict, sub-tasks of conll04 test (2), recording, listing"


def test_values_hold_the_scores_of_each_sub_task_and_family(data_dir):
    _, done = evaluate(data_dir, families=["relations"])
    values = json.loads(json.dumps(done.to_dict()))
    assert values["f1"] == dict.fromkeys(CAPABILITIES, 1.0)
    assert values["subtasks"]["associating"]["relations"]["f1"] == 1.0
    assert values["subtasks"]["associating"]["relations"]["support"] == 2


def test_table_of_subsets_has_the_mean_over_runs():
    table = subset_table({"J": [{"judging": 0.5, "locating": 0.1}, {"judging": 1.0}], "soft": [{}]}, title="t")
    assert table.columns == ("asked", "J", "soft")
    assert table.rows == (("judging", 0.75, None), ("locating", 0.1, None))


def test_subsets_are_all_that_can_be_forced_and_the_gates_own():
    assert len({*SUBSETS.values()}) == 8
    assert (SUBSETS["J+A"], SUBSETS["soft"]) == ((1, 0, 1), None)
