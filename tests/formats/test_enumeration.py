# SPDX-License-Identifier: Apache-2.0
"""What is the enumeration's own; what it shares with every format is in `test_laws.py`."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loremill.formats import enumeration
from loremill.frames import Draft, Piece
from loremill.models.matcher import GrammarMask
from loremill.schema.types import FrameType, Schema

from .drafted import schemas_and_drafts
from .samples import ATTACK, CLASSES, ENTITIES, PAIR, entity, pair, slot
from .vocabularies import byte_level, sentence_piece, walk, word_piece

WORKS = Schema((FrameType("works_for", family="relations", slots=PAIR),))
SCHEMA = ENTITIES + WORKS + ATTACK + CLASSES


def test_items_are_numbered_lines():
    hit = Draft("attack", Piece(("hit",)), (slot("attacker", "rebels"),), (("polarity", "negative"),))
    drafts = [entity("person", "Ada", "King"), pair("works_for", "Ada", "the Navy"), hit, Draft("refund")]
    assert enumeration.write(drafts, SCHEMA) == (
        " 1. person: Ada| King\n"
        "2. works for: Ada, the Navy\n"
        "3. attack: hit, attacker: rebels, polarity: negative\n"
        "4. refund"
    )
    assert enumeration.write([], SCHEMA) == " None"


def test_line_breaks_of_a_span_are_escaped():
    assert enumeration.write([entity("person", "a\n2. b; c")], SCHEMA) == " 1. person: a\\n2. b\\; c"


@pytest.mark.parametrize("completion", ["", " ", "\n\n", " None", "1. None", "- none.", "None\n", " ; \n", "\r\n"])
def test_nothing_is_read_as_nothing(completion):
    assert enumeration.read(completion, SCHEMA) == ([], [])


ADA, ROME = entity("person", "Ada"), entity("location", "Rome")


@pytest.mark.parametrize(
    ("completion", "drafts", "rejected"),
    [
        (" 1. person: Ada\n2. location: Rome", [ADA, ROME], []),
        (" 1) person: Ada\r\n2) location: Rome\r\n", [ADA, ROME], []),
        ("(1) person: Ada\n\n\n[2] location: Rome\n", [ADA, ROME], []),
        (" - person: Ada\n * location: Rome", [ADA, ROME], []),
        ("• person: Ada\n– location: Rome", [ADA, ROME], []),
        ("person: Ada\nlocation: Rome", [ADA, ROME], []),
        (" 7. person: Ada\n7.location: Rome", [ADA, ROME], []),
        ("1. PERSON : Ada; 2. Location: Rome;", [ADA, ROME], []),
        ("1. person: Ada; location: Rome", [ADA, ROME], []),
        ("1. refund; book flight", [Draft("refund"), Draft("book_flight")], []),
        ("1. person: Ada; b: c", [entity("person", "Ada; b: c")], []),
        ("1. person: Ada; refunds", [entity("person", "Ada; refunds")], []),
        ("1. person: Ada;; x; ", [entity("person", "Ada;; x")], []),
        ("1. person: Smith, Inc", [entity("person", "Smith, Inc")], []),
        ("1. person: half\\\n2. location: Rome", [entity("person", "half\\"), ROME], []),
        ("Entities:\n1. person: Ada", [ADA], [("Entities:", "unknown type")]),
        ("Here they are\n1. person: Ada", [ADA], [("Here they are", "unparsable")]),
        ("1. None\n2. person: Ada", [ADA], [("None", "unparsable")]),
        ("1. person: Ada\n2.", [ADA], [("2.", "unparsable")]),
        ("1. persn: Bob\n2. person: Ada", [ADA], [("persn: Bob", "unknown type")]),
        ("1. person:\n2. person: Ada", [ADA], [("person:", "unparsable")]),
        ("1. works for: Ada\n2. works for: Ada, Navy", [pair("works_for", "Ada", "Navy")],
         [("works for: Ada", "missing slot")]),
        ("1. attack: hit, place: Rome, time: Monday", [Draft("attack", Piece(("hit",)), (slot("time", "Monday"),))],
         [("place: Rome", "unknown role")]),
    ],
)  # fmt: skip
def test_what_is_salvaged_and_what_is_rejected(completion, drafts, rejected):
    read, rejects = enumeration.read(completion, SCHEMA)
    assert read == drafts
    assert [(r.item, r.reason) for r in rejects] == rejected


@pytest.mark.parametrize(
    ("completion", "drafts", "cut"),
    [
        (" 1. person: Ada\n2. location: Ro", [ADA], ["2. location: Ro"]),
        (" 1. person: Ada\n2. location: Rome", [ADA], ["2. location: Rome"]),
        (" 1. person: Ada\n2. location: Rome\n", [ADA, ROME], []),
        (" 1. person: Ada; location: Ro", [ADA], ["location: Ro"]),
        (" 1. person: Ada\n2", [ADA], ["2"]),
        (" Non", [], ["Non"]),
        (" None", [], ["None"]),
    ],
)
def test_the_line_under_way_is_cut_off(completion, drafts, cut):
    read, rejects = enumeration.read(completion, SCHEMA, finished=False)
    assert read == drafts
    assert [(r.item, r.reason) for r in rejects] == [(item, "cut off") for item in cut]


def test_a_number_belongs_to_its_item():
    written = " 1. person: Ada\n2. attack: hit, time: Monday"
    first, second = enumeration.read(written, SCHEMA)[0]
    assert [written[slice(*draft.range)] for draft in (first, second)] == [written[:16], written[16:]]
    assert first.filler is not None
    assert written[slice(*first.filler.range)] == " Ada\n"
    assert written[slice(*second.slots[0].range)] == " time: Monday"


@given(schemas_and_drafts(min_size=2), st.text(), st.data())
def test_garbage_in_one_line_leaves_the_others(case, garbage, data):
    schema, drafts = case
    garbage = garbage.replace("\n", "")
    i = data.draw(st.integers(0, len(drafts) - 1))
    lines = enumeration.write(drafts, schema).split("\n")
    read, _ = enumeration.read("\n".join([*lines[:i], garbage, *lines[i + 1 :]]), schema)
    after = len(drafts) - i - 1
    assert read[:i] == drafts[:i]
    assert read[len(read) - after :] == drafts[i + 1 :]


@pytest.mark.parametrize(
    "unit", ["\n", "\r", "\r\n", "1. ", "1.\n", "- ", ";", "; ;", "person: a;", "a;", "(1", "1", "\\;"]
)
@pytest.mark.parametrize("start", ["", "1. person: ", "1. attack: hit, ", "  "])
def test_a_hundred_thousand_characters_are_read_at_once(start, unit):
    completion = (start + unit * (100_000 // len(unit)))[:100_000]
    started = time.perf_counter()
    enumeration.read(completion, SCHEMA)
    assert time.perf_counter() - started < 2


@pytest.mark.parametrize("vocabulary", [byte_level(), sentence_piece()], ids=["byte-level", "SentencePiece"])
@pytest.mark.parametrize(
    ("completion", "is_written"),
    [
        (" None", True),
        (" 1. person: Ada\n2. works for: Ada, the Navy\n3. refund\n4. location: Navy", True),
        (" 1. refund\n2. refund", True),
        (" 7. person: Ada\n120. person: the", True),
        (" person: Ada", False),
        (" 0. person: Ada", False),
        (" 1000. person: Ada", False),
        (" 1. person: Ada; 2. person: the", False),
        (" 1. person: Ada\nperson: the", False),
        (" 1. person: Ada\n\n2. person: the", False),
        (" 1. None", False),
        (" 1. person: Ada\n", False),
    ],
)
def test_what_the_grammar_lets_through(vocabulary, completion, is_written):
    lark = enumeration.grammar(SCHEMA, "Ada joined the Navy", vocabulary.writing)
    refusal = walk(lambda: GrammarMask(vocabulary.ll, lark), vocabulary.encode(completion), vocabulary.eos_id)
    assert (refusal == "") == is_written


@pytest.mark.parametrize(("max_items", "count", "is_written"), [(12, 12, True), (12, 13, False), (None, 1001, True)])
def test_numbers_reach_as_far_as_the_cap(max_items, count, is_written):
    vocabulary = byte_level()
    lark = enumeration.grammar(CLASSES, "", max_items=max_items)
    ids = vocabulary.encode(enumeration.write([Draft("refund")] * count, CLASSES))
    assert (walk(lambda: GrammarMask(vocabulary.ll, lark), ids, vocabulary.eos_id) == "") == is_written


def test_a_tokenizer_of_words_has_no_line_breaks():
    assert enumeration.survives(byte_level().writing) is None
    assert "needs line breaks" in (enumeration.survives(word_piece().writing) or "")
