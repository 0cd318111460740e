# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import card
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from typer.testing import CliRunner

from loremill.corpora import corpus
from loremill.errors import InputError, UnknownNameError

RECORD: dict[str, Any] = {
    "config": {
        "mixture": {"held_out": ["fewrel", "crossner_ai"], "licences": "research"},
        "max_text_tokens": 160,
    },
    "mixture": {
        "sources": [
            {"name": "wnut17", "family": "entities", "documents": 3394, "repeat": 1.5},
            {"name": "snips", "family": "entities", "documents": 13050, "repeat": 0.4},
            {"name": "snips", "family": "classes", "documents": 13041, "repeat": 0.4},
            {"name": "genia_ge11", "family": "entities", "documents": 70, "repeat": 1 / 3},
            {"name": "genia_ge11", "family": "events", "documents": 70, "repeat": 1 / 3},
        ],
        "removed": {"wnut17": 6, "genia_ge11": 1384},
        "unseen": {"wnut17": ["product"]},
        "forbidden": {"mit_movie": "not stated"},
        "held_out_types": {"wiki80": {"types": ["sport", "child"], "of": ["fewrel"], "frames": 0, "documents": 0}},
        "leak_check": {"sentences": 269589, "parts": ["phee dev", "phee test"], "absent": ["rams test"]},
    },
}


@pytest.fixture
def record() -> dict[str, Any]:
    return copy.deepcopy(RECORD)


def written(folder: Path, record: Any) -> Path:
    path = folder / "run.json"
    path.write_text(json.dumps(record), encoding="utf-8")
    return path


def paragraphs(folder: Path, record: Any) -> list[str]:
    return card.data_section(card.read_run(written(folder, record))).split("\n\n")


def test_command_prints_the_section(record, tmp_path):
    result = CliRunner().invoke(card.app, ["data", "--run", str(written(tmp_path, record))])
    assert result.exit_code == 0
    assert result.output == card.data_section(card.read_run(tmp_path)) + "\n"  # the folder does as well


def test_a_set_is_one_row_with_its_licence_families_and_documents(record, tmp_path):
    rows = paragraphs(tmp_path, record)[0].splitlines()
    assert rows[2:] == [
        f"| wnut17 | {corpus('wnut17').licence} | entities | 3,394 | 1.5 |",
        f"| snips | {corpus('snips').licence} | entities, classes | 13,050 / 13,041 | 0.4 |",
        f"| genia_ge11 | {corpus('genia_ge11').licence} | entities, events | 70 | 0.333 |",
    ]
    assert {row.count("|") for row in rows} == {len(card.COLUMNS) + 1}


def test_families_of_a_set_at_two_rates_are_two_rows_of_one_set(record, tmp_path):
    record["mixture"]["sources"][2]["repeat"] = 2.0
    table, counted, *_ = paragraphs(tmp_path, record)
    assert [row.split(" | ")[2] for row in table.splitlines() if row.startswith("| snips")] == ["entities", "classes"]
    assert counted.startswith("Training parts of 3 sets")


def test_sets_are_counted_by_terms_and_documents_by_times_and_family(record, tmp_path):
    counted = paragraphs(tmp_path, record)[1]
    assert "3 sets (by terms: permissive 1, not stated 1, research 1)" in counted
    asked = 3394 * 1.5 + (13050 + 13041) * 0.4 + 140 / 3
    assert f"about {asked:,.0f} of them" in counted
    assert "at most 160 tokens" in counted


def test_what_licences_and_held_out_sets_kept_out_is_told(record, tmp_path):
    _, _, forbidden, held, *_ = paragraphs(tmp_path, record)
    assert forbidden == "Left out by licence (`licences: research`): mit_movie (not stated)."
    assert held == (
        "Held out, no sentence of any part: fewrel, crossner_ai. wiki80 lost the 2 types that it shares with fewrel. "
        "Of wnut17, training did not see product."
    )


def test_leak_check_is_told_largest_first(record, tmp_path):
    checked = paragraphs(tmp_path, record)[4]
    assert "269,589 sentences of 2 parts" in checked
    assert "took 1,390 whole documents before they were cut: genia_ge11 1,384, wnut17 6." in checked
    assert checked.endswith("Not there, so not compared: rams test.")


def test_a_run_without_anything_left_out_says_so(record, tmp_path):
    record["config"]["mixture"]["held_out"] = []
    record["config"]["max_text_tokens"] = 0
    record["mixture"].update(removed={}, unseen={}, forbidden={}, held_out_types={})
    record["mixture"]["leak_check"]["absent"] = []
    _, counted, held, checked, *_ = paragraphs(tmp_path, record)
    assert "cut" not in counted
    assert held == "Nothing was held out."
    assert checked.endswith("took 0 whole documents.")


def test_every_set_is_cited_once(record, tmp_path):
    cited = paragraphs(tmp_path, record)[-1].splitlines()
    assert cited == [f"- {name}: {corpus(name).citation}" for name in ("wnut17", "snips", "genia_ge11")]


def test_record_without_a_mixture_is_refused_in_one_line(record, tmp_path):
    del record["mixture"]
    result = CliRunner().invoke(card.app, ["data", "--run", str(written(tmp_path, record))])
    assert str(result.exception).startswith("card: a run.json that tells its mixture is needed, got ")
    assert "(it has no 'mixture')" in str(result.exception)
    assert "\n" not in str(result.exception)


@pytest.mark.parametrize("value", ["fewrel", 3, {"fewrel": 1}])
def test_held_out_that_is_no_list_is_refused(record, tmp_path, value):
    record["config"]["mixture"]["held_out"] = value
    with pytest.raises(InputError, match="a list is needed, got"):
        card.read_run(written(tmp_path, record))


def test_no_record_is_refused(tmp_path):
    with pytest.raises(InputError, match=r"a run\.json that tells its mixture is needed, got .*No such file"):
        card.read_run(tmp_path)


def test_set_that_the_catalogue_does_not_have_is_refused(record, tmp_path):
    record["mixture"]["sources"][0]["name"] = "wnut71"
    with pytest.raises(UnknownNameError, match=r"unknown corpus 'wnut71'. Did you mean 'wnut17'"):
        paragraphs(tmp_path, record)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
PLACES = [(part, key) for part in ("config", "mixture") for key in RECORD[part]]


@given(place=st.sampled_from(PLACES), value=JSON)
@example(place=("config", "max_text_tokens"), value=float("inf"))
def test_a_record_with_anything_in_a_place_is_read_or_refused(place, value, tmp_path_factory):
    record = copy.deepcopy(RECORD)
    record[place[0]][place[1]] = value
    try:
        run = card.read_run(written(tmp_path_factory.mktemp("run"), record))
    except InputError:
        return
    assert isinstance(run, card.Run)
