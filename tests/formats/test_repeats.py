# SPDX-License-Identifier: Apache-2.0
"""What an item of a listing may not begin with again."""

from __future__ import annotations

import pytest

from loremill.formats import listing
from loremill.prompt import PLAIN, Writing
from loremill.schema.types import FrameType, Schema, SlotType

from .samples import ENTITIES, WORK_FOR

PAIRS = WORK_FOR
EVENTS = Schema((FrameType("attack", family="events", slots=(SlotType("place"), SlotType("time"))),))
TEXT = "Ada met Bob, and Ada Byron left"
WORDS = Writing(no_forcing=True, reserved=":;,|", spell=str.lower)


def said(completion: str, schema: Schema = ENTITIES, text: str = TEXT) -> tuple[str, ...]:
    return tuple(listing.repeats(schema, text).said(completion))


@pytest.mark.parametrize(
    ("completion", "expected"),
    [
        (" person: Ada; person:", ("Ada",)),
        (" person: Ada; person: ", ("Ada",)),
        (" person: Ada; location: Bob; person: Ada Byron; person:", ("Ada", "Ada Byron")),
        (" person: Ada; location:", ()),  # another type
        (" person: Ada; person", ()),  # at no mention yet
        (" person: Ada; person: B", ()),
        (" person:", ()),
        (" person: Ada| Byron; person:", ("Ada",)),  # fragments: the first
        (r" person: Ada\:; person: Bob\:", ()),  # a mark of the text
        (" nobody: Ada; nobody:", ()),  # no type of the schema
        ("", ()),
    ],
)
def test_mentions_of_the_same_type_are_told_where_one_is_to_be_written(completion, expected):
    assert said(completion) == expected


@pytest.mark.parametrize(
    ("completion", "expected"),
    [
        (" work for: Ada, Navy; work for: Ada,", ("Navy",)),
        (" work for: Ada, Navy; work for:", ()),  # a head has several tails
        (" work for: Ada, Navy; work for: Bob,", ()),
    ],
)
def test_of_pairs_the_tails_of_a_head_are_told(completion, expected):
    assert said(completion, PAIRS) == expected


def test_of_events_triggers_are_told_and_arguments_are_free():
    assert said(" attack: bombed, place: Bob; attack:", EVENTS) == ("bombed",)
    assert said(" attack: bombed, place: Bob; attack: bombed, place:", EVENTS) == ()


@pytest.mark.parametrize(
    ("begin", "mentions", "expected"),
    [
        (" Ada", ["Ada"], False),  # stands there twice
        (" Ada", ["Ada", "Ada Byron"], True),
        ("Bob", ["Bob"], True),
        ("Bo", ["Bob"], True),  # a piece of a word
        ("B", ["Bob"], False),  # may begin Byron
        ("Bob", ["Ada"], False),
        (" ", ["Ada"], False),
    ],
)
def test_a_word_begins_no_more_mentions_than_it_stands_there(begin, mentions, expected):
    assert listing.repeats(ENTITIES, TEXT).is_spent(begin, mentions) is expected


def test_marks_of_the_text_are_counted_as_they_are_written():
    repeats = listing.repeats(ENTITIES, "f : g", WORDS)
    assert repeats.is_spent(r" \:", [r"\: g"])
    assert not repeats.is_spent(r" \:", ["g"])


def test_labels_are_read_as_the_tokenizer_spells_them():
    assert listing.repeats(Schema((FrameType("Person"),)), "ada", WORDS).said(" person: ada; person:") == ("ada",)
    assert listing.repeats(Schema((FrameType("Person"),)), "Ada", PLAIN).said(" Person: Ada; Person:") == ("Ada",)
