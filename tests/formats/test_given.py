# SPDX-License-Identifier: Apache-2.0
"""Given entities: which a document has, how they are told, and the view of their words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loremill.formats import FORMATS
from loremill.formats.format import needs_given
from loremill.formats.given import GivenEntity, Told, given_entities, tellable, told, view_of
from loremill.frames import Document, Draft, DraftSlot, Frame, FrameRef, Piece, Slot
from loremill.models.matcher import GrammarMask
from loremill.schema import load_schema
from loremill.schema.types import FrameType, Schema, SlotType
from loremill.text import Mention, Span, TextView

from .vocabularies import byte_level, walk, word_piece

SCHEMA = load_schema("person, born!(who), lives_in(person, place)")
TEXT = "Ada; born in Rome, a city"
ADA, BORN, ROME = Mention.at(0, 3), Mention.at(5, 9), Mention.at(13, 17)


def entities(*frames: Frame) -> list[GivenEntity]:
    return given_entities(Document(TEXT, "d", frames), SCHEMA)


def pair(head: Mention | FrameRef, tail: Mention | FrameRef, type: str = "lives_in") -> Frame:
    return Frame(type, None, (Slot("head", head), Slot("tail", tail)))


def test_entities_are_frames_of_a_filler_alone_by_place():
    frames = (Frame("city_name", ROME), Frame("person", ADA), Frame("born", BORN), pair(ADA, BORN))
    assert entities(*frames) == [GivenEntity("person", ADA, "person"), GivenEntity("city name", ROME)]


def test_entity_of_two_types_is_told_as_both_and_twice_the_same_once():
    frames = (Frame("person", ADA), Frame("city", ADA), Frame("person", ADA))
    assert told(entities(*frames), TEXT) == "city: Ada; person: Ada"


@pytest.mark.parametrize("type", ["lives_in", "?", "works_for"])
def test_without_entities_the_mentions_of_pairs_are_given_without_a_type(type):
    assert entities(pair(ROME, ADA, type)) == [GivenEntity("", ADA), GivenEntity("", ROME)]


def test_slots_that_point_at_frames_give_the_mentions_of_these():
    assert entities(Frame("born", BORN, (Slot("who", ADA),)), pair(FrameRef(0), ROME)) == [
        GivenEntity("", BORN),
        GivenEntity("", ROME),
    ]


def test_told_words_have_their_delimiters_escaped():
    mention = Mention((Span(0, 4), Span(13, 18)))
    assert told([GivenEntity("a:b", mention)], TEXT) == r"a\:b: Ada\;| Rome\,"


@given(st.lists(st.tuples(st.integers(0, 24), st.integers(1, 6)), max_size=5))
def test_view_has_the_words_of_the_mentions_at_their_places(places):
    mentions = [Mention.at(start, min(start + size, len(TEXT))) for start, size in places]
    view = view_of(mentions, TextView.identity(TEXT))
    at = 0
    for mention in mentions:
        (words,) = mention.texts_in(TEXT)
        assert view.text[at : at + len(words)] == words
        assert view.to_original(at, at + len(words)) == mention.fragments[0]
        at += len(words) + 1
    assert len(view.text) == at


def test_token_wider_than_a_mention_stands_for_the_mention():
    wide = TextView("ada", (0, 0, 0), (4, 4, 4))  # one token for "Ada;"
    view = view_of([Mention.at(1, 3)], wide)
    assert view.text == "ada\0"
    assert view.to_original(0, 3) == Span(1, 3)


@pytest.mark.parametrize("name", [name for name in FORMATS if not needs_given(FORMATS[name])])
@pytest.mark.parametrize(("tail", "is_allowed"), [("Rome", True), ("city", False), ("in Rome", False)])
def test_grammar_of_the_view_lets_given_words_through_and_no_others(name, tail, is_allowed):
    format, words, schema = FORMATS[name], byte_level(), SCHEMA.family("relations")
    view = view_of([ADA, ROME], TextView.identity(TEXT))
    slots = (DraftSlot("head", Piece(("Ada",))), DraftSlot("tail", Piece((tail,))))
    written = format.write([Draft("lives_in", None, slots)], schema, words.writing)
    grammar = format.grammar(schema, view.text, words.writing)
    stop = walk(lambda: GrammarMask(words.ll, grammar), words.encode(written), words.eos_id)
    assert (stop == "") == is_allowed


def test_type_that_the_schema_does_not_know_is_told_but_restricts_nothing():
    frames = (Frame("human", ADA), Frame("place", ROME), Frame("?", BORN))
    assert [e.type for e in entities(*frames)] == ["", "", "place"]
    assert [e.label for e in entities(*frames)] == ["human", "", "place"]


def test_entities_are_tellable_that_the_tokenizer_can_write():
    ada, broken = GivenEntity("person", ADA, "person"), GivenEntity("x", Mention((Span(0, 3), Span(13, 17))), "")
    assert tellable([ada, broken, ada], TextView.identity(TEXT)) == [
        Told("person", ("Ada",)),
        Told("", ("Ada", "Rome")),
        Told("person", ("Ada",)),
    ]
    shown = TextView("ada", (0, 1, 2), (1, 2, 3))  # of the rest nothing can be written
    assert tellable([ada, broken], shown) == [Told("person", ("ada",))]


AMONG = [
    Told("person", ("Ada",)),
    Told("person", ("Ada Lovelace",)),
    Told("place", ("Rome; or so, it's",)),
    Told("", ("the", "fox")),
]
LIKES = Schema((FrameType("likes", "", "relations", (SlotType("a"), SlotType("b"))),))
MEETS = FrameType(
    "meets",
    "",
    "relations",
    (SlotType("who", "", ("person",)), SlotType("where", "", ("place",)), SlotType("how")),
)
PLACES = load_schema("lives_in(person, place), near(place, place), kin(city, city)") + LIKES


@pytest.mark.parametrize("words", [byte_level(), word_piece()], ids=["bytes", "words"])
@pytest.mark.parametrize(
    ("type", "slots", "is_allowed"),
    [
        ("lives_in", {"head": 0, "tail": 2}, True),
        ("lives_in", {"head": 1, "tail": 2}, True),
        ("lives_in", {"head": 3, "tail": 3}, True),  # its type is not known
        ("lives_in", {"head": 2, "tail": 0}, False),
        ("lives_in", {"head": 0, "tail": 1}, False),
        ("near", {"head": 2, "tail": 3}, True),
        ("near", {"head": 2, "tail": 1}, False),
        ("likes", {"a": 0, "b": 2}, True),  # takes any
        ("meets", {"who": 1, "where": 2, "how": 0}, True),
        ("meets", {"where": 2}, True),
        ("meets", {"where": 1}, False),
    ],
)
def test_grammar_among_given_mentions_lets_whole_ones_through_where_their_type_fits(words, type, slots, is_allowed):
    listing, schema = FORMATS["listing"], PLACES + Schema((MEETS,))
    among = [Told(t.type, tuple(words.view(w) for w in t.words)) for t in AMONG]
    drafts = [Draft(type, None, tuple(DraftSlot(role, Piece(among[i].words)) for role, i in slots.items()))]
    grammar = listing.grammar_among(schema, among, words.writing)
    written = listing.write(drafts * 2, schema, words.writing)
    stop = walk(lambda: GrammarMask(words.ll, grammar), words.encode(written), words.eos_id)
    assert (stop == "") == is_allowed


@pytest.mark.parametrize("tail", ["Lovelace", "Ada Love", "the", "fox"])
def test_grammar_among_given_mentions_lets_no_part_of_one_through(tail):
    words = byte_level()
    grammar = FORMATS["listing"].grammar_among(LIKES, AMONG, words.writing)
    for whole in (" likes: the| fox, Ada Lovelace", " None"):
        assert walk(lambda: GrammarMask(words.ll, grammar), words.encode(whole), words.eos_id) == ""
    assert walk(lambda: GrammarMask(words.ll, grammar), words.encode(f" likes: Ada, {tail}"), words.eos_id)


def test_where_no_relation_can_be_the_answer_is_none():
    words, schema = byte_level(), load_schema("near(place, place)")
    grammar = FORMATS["listing"].grammar_among(schema, AMONG[:2], words.writing)
    assert walk(lambda: GrammarMask(words.ll, grammar), words.encode(" None"), words.eos_id) == ""
    assert walk(lambda: GrammarMask(words.ll, grammar), words.encode(" near: Ada, Ada"), words.eos_id)
