# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import time

import pytest
from hypothesis import given

from loremill.schema import FrameType, Schema, SlotType, check, parse
from loremill.schema.check import LEVELS

from .strategies import schemas


def messages(text: str, level: str) -> list[str]:
    return [f"{f.type}: {f.message}" for f in parse(text).check() if f.level == level]


def test_a_described_schema_of_distinct_labels_has_no_findings():
    assert parse('person: "a human being", company: "a firm", r(person, company): "works for"').check() == []


@pytest.mark.parametrize("text", ["works_for, x, Works_For", "workshop, x, work_shop", 'naïve, x, "NAÏVE "'])
def test_labels_that_differ_only_in_case_or_blanks_are_errors(text):
    (message,) = messages(text, "error")
    assert "labels differ only in case or blanks: " in message


@pytest.mark.parametrize("text", ["person, persons", "company, companies", "class, classes", "box, boxes"])
def test_labels_that_differ_in_number_are_warnings(text):
    (message,) = messages(text, "warning")
    assert "labels differ only in number: " in message


def test_nearly_equal_labels_are_warnings_at_the_later_type():
    assert messages("organization, person, organisation", "warning") == [
        "organisation: labels are nearly the same: 'organization' and 'organisation'"
    ]


@pytest.mark.parametrize("text", ["date, place", "buyer, seller", "head, tail", "gas, ga", "人, 人物"])
def test_different_labels_are_not_compared_away(text):
    assert messages(text, "warning") == messages(text, "error") == []


def test_role_labels_of_one_type_are_compared():
    assert messages("E!(attacker, attackers), F!(attacker)", "warning") == [
        "E: role labels differ only in number: 'attacker' and 'attackers'"
    ]


def test_missing_descriptions_are_infos():
    assert messages('a, b: "described"', "info") == ["a: has no description; models that read definitions get none"]


def test_slot_types_that_no_type_is_are_warnings():
    assert messages("person, r(person, compny), company", "warning") == [
        "r: role 'tail' takes 'compny', which no type of the schema is; did you mean 'company'?"
    ]


def test_slot_types_may_be_frames_and_need_no_entity_types():
    assert messages("person, Attack!(cause: Attack)", "warning") == []
    assert messages("r(person, company)", "warning") == []


def test_labels_with_delimiters_are_infos():
    assert "a_b: label 'a: b|c' has : |, which formats escape" in messages('a_b "a: b|c"', "info")


@pytest.mark.parametrize("text", ["none", "E!(None)", 'x " NONE "'])
def test_the_label_none_is_an_error(text):
    (message,) = messages(text, "error")
    assert 'is the answer "nothing found"' in message


@given(schemas(is_plain=False))
def test_findings_come_by_level_and_name_a_type(schema):
    findings = check(schema)
    levels = [LEVELS.index(f.level) for f in findings]
    assert levels == sorted(levels)
    assert all(f.type in schema for f in findings)


def test_a_large_schema_is_checked_in_bounded_time():
    roles = (SlotType("time"),)
    types = tuple(FrameType(f"{i:04d}_{i * 7919 % 9973:04d}", family="events", slots=roles) for i in range(2001))
    start = time.perf_counter()
    check(Schema(types[:1000]))
    assert time.perf_counter() - start < 30
    assert check(Schema(types))[0].message.startswith("labels are compared in schemas of up to 2,000 types")
