# SPDX-License-Identifier: Apache-2.0
"""Among given mentions each pair may be said once; where every pair is said the answer has to end."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loremill.formats import listing
from loremill.formats.given import Told
from loremill.prompt import PLAIN
from loremill.schema import load_schema
from loremill.schema.types import FrameType, Schema, SlotType

SCHEMA = load_schema("lives_in(person, place), near(place, place)")
MEETS = Schema((FrameType("meets", "", "relations", (SlotType("who"), SlotType("where"), SlotType("how"))),))
ADA, ROME, LYON = Told("person", ("Ada",)), Told("place", ("Rome",)), Told("place", ("Lyon",))


def open_after(completion: str, words: list[str], mentions=(ADA, ROME, LYON), schema: Schema = SCHEMA) -> list[str]:
    """The words that the completion may go on with."""
    repeats = listing.repeats_among(schema, mentions, PLAIN)
    said = repeats.said(completion)
    return [word for word in words if not said or not repeats.is_spent(word, said)]


@pytest.mark.parametrize(
    ("completion", "words", "expected"),
    [
        ("", [" None", " lives", " near", " person"], [" None", " lives", " near"]),
        (" lives in:", [" Ada", " Rome"], [" Ada"]),
        (" lives in: Ada,", [" Ro", " Rome", " Lyon", " Ada"], [" Ro", " Rome", " Lyon"]),
        (" lives in: Ada, Rome; lives in: Ada,", [" Rome", " L"], [" L"]),
        (" lives in: Ada, Rome; lives in: Ada, Lyon;", [" lives", " near", " None"], [" near"]),
        (" near: Rome, Lyon; near:", [" Rome", " Lyon"], [" Lyon"]),  # and of Rome only itself is left
        (" near: Rome,", [" Rome", " Lyon"], [" Lyon"]),
        (" lives in: Ada, Ro", ["me", "mulus", ";"], ["me"]),
        (" lives in: Ada, Rome", [";", "; near", ", Lyon"], [";", "; near"]),
        (" lives in: Ada, Rome; lives in: Ada, Lyon; near: Rome, Lyon; near: Lyon, Rome", [";", " near"], []),
        (" None", [";", "x"], []),
    ],
)
def test_only_what_was_not_said_is_open(completion, words, expected):
    assert open_after(completion, words) == expected


def test_words_that_stand_for_two_mentions_may_be_said_twice():
    mentions = [ADA, ROME, Told("person", ("Ada",))]
    once = " lives in: Ada, Rome"
    assert open_after(once, [";"], mentions) == [";"]
    assert open_after(f"{once};{once}", [";"], mentions) == []


def test_pieces_and_marks_are_told_as_they_are_written():
    mentions = [Told("", ("Ada; so", "she")), ROME]
    assert open_after(r" lives in: Ada\; so| she,", [" Rome", " Lyon"], mentions) == [" Rome"]
    assert open_after(r" lives in: Ada\; so| she, Rome; near:", [" Ada", " Rome"], mentions) == [" Ada", " Rome"]
    assert open_after(r" near: Ada\; so| she, Rome; near:", [" Ada", " Rome"], mentions) == [" Rome"]


def test_relations_of_more_roles_may_be_said_again():
    both = SCHEMA + MEETS
    done = " lives in: Ada, Rome; lives in: Ada, Lyon; near: Rome, Lyon; near: Lyon, Rome"
    assert open_after(done, [";"], schema=both) == [";"]
    assert open_after(f"{done};", [" lives", " meets"], schema=both) == [" meets"]
    assert open_after(f"{done}; meets: who: Ada; meets:", [" who", " how"], schema=both) == [" who", " how"]


@given(st.permutations(list(itertools.product(["Ada"], ["Rome", "Lyon"]))), st.integers(0, 2))
def test_every_pair_can_be_said_and_none_twice(pairs, number):
    items = [f" lives in: {head}, {tail}" for head, tail in pairs]
    completion = ";".join(items[:number])
    for _, tail in pairs:
        start = f"{completion};" if completion else ""
        is_open = bool(open_after(f"{start} lives in: Ada,", [f" {tail}"]))
        assert is_open == (f" lives in: Ada, {tail}" not in items[:number])
