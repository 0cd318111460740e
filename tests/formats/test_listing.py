# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import re
import time

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from loremill.errors import FormatError
from loremill.escape import escape
from loremill.formats import listing
from loremill.frames import Draft, Piece
from loremill.prompt import Writing
from loremill.schema.types import FrameType, Schema

from .drafted import schemas_and_drafts, spell
from .generated import schemas, texts
from .samples import ATTACK, CLASSES, ENTITIES, PAIR, SALE, entity, pair, slot

WORKS = Schema((FrameType("works_for", family="relations", slots=PAIR),))
UNCASED = Writing(no_forcing=True, reserved=":;,|()[]{}", spell=spell)
SCHEMA = ENTITIES + WORKS + ATTACK + SALE + CLASSES

completions = texts | st.lists(
    st.sampled_from(["person", "attack", "time", "works for", "None", ";", ":", ",", "|", "\\", " ", "\n", "fox", "é"])
).map("".join)


@given(schemas_and_drafts())
@example((ATTACK, [Draft("attack", Piece(("time",)), (slot("time", "time"),), (("polarity", "negative"),))]))
@example((ATTACK, [Draft("attack", Piece(("None",))), Draft("attack", Piece((";\\", "|", "\n")))]))
def test_what_was_written_is_read(case):
    schema, drafts = case
    assert listing.read(listing.write(drafts, schema), schema) == (drafts, [])


@given(schemas_and_drafts(spell))
def test_what_was_written_for_an_uncased_tokenizer_is_read(case):
    schema, drafts = case
    assume(all(spell(t.label) for t in schema))
    written = listing.write(drafts, schema, UNCASED)
    assert listing.read(written, schema, UNCASED) == (drafts, [])
    assert listing.read(spell_bare(written), schema, UNCASED) == (drafts, [])


def spell_bare(written: str) -> str:
    """With a blank before and behind every bare delimiter, as a tokenizer that knows only words decodes it."""
    return re.sub(r"\\.|[:;,|]", lambda m: m[0] if m[0][0] == "\\" else f" {m[0]} ", written)


@given(completions, schemas(), st.booleans())
def test_any_string_is_read_and_every_character_accounted_for(completion, schema, finished):
    for asked in (schema, SCHEMA):
        drafts, rejects = listing.read(completion, asked, finished=finished)
        if not drafts and not rejects:
            assert completion.strip("; \t\r\n.").strip().casefold() in ("", "none")
            continue
        covered = {i for item in (*drafts, *rejects) for i in range(*item.range)}
        left = "".join(c for i, c in enumerate(completion) if i not in covered)
        assert not left.strip(";:,|\\ \n").strip()


@given(schemas_and_drafts())
def test_ranges_of_parts_follow_each_other_inside_their_item(case):
    schema, drafts = case
    written = listing.write(drafts, schema)
    end = 0
    for draft in listing.read(written, schema)[0]:
        assert draft.range[0] == end
        parts = ([draft.filler.range] if draft.filler else []) + [s.range for s in draft.slots]
        for start, part_end in parts:
            assert end <= start < part_end
            end = part_end
        assert end <= draft.range[1]
        end = draft.range[1]
    assert end == len(written) or not drafts


@given(schemas_and_drafts(min_size=2), st.text() | texts, st.data())
def test_garbage_in_one_item_leaves_the_others(case, garbage, data):
    schema, drafts = case
    assume(not {";", "\n"} & set(garbage))
    assume((len(garbage) - len(garbage.rstrip("\\"))) % 2 == 0)  # a lone backslash escapes the delimiter behind it
    i = data.draw(st.integers(0, len(drafts) - 1))
    items = [listing.write([draft], schema).strip(" ") for draft in drafts]
    read, _ = listing.read(" " + "; ".join([*items[:i], garbage, *items[i + 1 :]]), schema)
    after = len(drafts) - i - 1
    assert read[:i] == drafts[:i]
    assert read[len(read) - after :] == drafts[i + 1 :]
    assert len(read) <= len(drafts)


@given(schemas_and_drafts(min_size=1), st.data())
def test_cut_off_completion_keeps_every_complete_item(case, data):
    schema, drafts = case
    written = listing.write(drafts, schema)
    cut = data.draw(st.integers(1, len(written)))
    ends = [d.range[1] for d in listing.read(written, schema)[0][:-1]]
    complete = sum(end <= cut for end in ends)
    read, rejects = listing.read(written[:cut], schema, finished=False)
    assert read == drafts[:complete]
    rest = written[ends[complete - 1] if complete else 0 : cut].strip()
    assert [(r.item, r.reason) for r in rejects] == ([(rest, "cut off")] if rest else [])


@pytest.mark.parametrize("completion", ["", " ", " None", "none", " None.", " NONE ", "None;", " None\n", "\n", ";;"])
def test_nothing_is_read_as_nothing(completion):
    assert listing.read(completion, SCHEMA) == ([], [])


@pytest.mark.parametrize(
    ("completion", "drafts", "rejected"),
    [
        (" None; person: Ada", [entity("person", "Ada")], [("None", "unparsable")]),
        (" person: Ada\nlocation: Rome", [entity("person", "Ada"), entity("location", "Rome")], []),
        (" PERSON :Ada;Location: Rome;", [entity("person", "Ada"), entity("location", "Rome")], []),
        (" person: Smith, Inc", [entity("person", "Smith, Inc")], []),
        (" location: 10:30", [entity("location", "10:30")], []),
        (" location: a, b: c", [entity("location", "a, b: c")], []),
        (
            " attack: hit, attacker: rebels, Inc, time: 10:30",
            [Draft("attack", Piece(("hit",)), (slot("attacker", "rebels, Inc"), slot("time", "10:30")))],
            [],
        ),
        (" WorksFor: Ada, Navy", [pair("works_for", "Ada", "Navy")], []),
        (" works for: 10:30, c", [pair("works_for", "10:30", "c")], []),
        (" works for: Ada, Smith, Inc", [], [("works for: Ada, Smith, Inc", "unparsable")]),
        (" works for: Ada", [], [("works for: Ada", "missing slot")]),
        (" works for: Ada, ", [], [("works for: Ada,", "missing slot")]),
        (" animal: fox; person: Ada", [entity("person", "Ada")], [("animal: fox", "unknown type")]),
        (" person; person: ", [], [("person", "unparsable"), ("person:", "unparsable")]),
        (
            " attack: hit, place: Rome, time: Monday",
            [Draft("attack", Piece(("hit",)), (slot("time", "Monday"),))],
            [("place: Rome", "unknown role")],
        ),
        (" attack: hit, time: ", [Draft("attack", Piece(("hit",)))], [("time:", "missing slot")]),
        (
            " attack: hit, polarity: maybe",
            [Draft("attack", Piece(("hit",)))],
            [("polarity: maybe", "invalid value")],
        ),
        (
            " attack: hit, polarity: Negative, polarity: positive",
            [Draft("attack", Piece(("hit",)), (), (("polarity", "negative"),))],
            [("polarity: positive", "invalid value")],
        ),
        (" attack: time: Monday", [], [("attack: time: Monday", "unparsable")]),
        (" sale: Ada, price: 5", [Draft("sale", None, (slot("price", "5"),))], [("Ada", "unknown role")]),
        (" sale: x: y", [], [("x: y", "unknown role"), ("sale: x: y", "missing slot")]),
        (" book flight; refund: now", [Draft("book_flight")], [("refund: now", "unparsable")]),
        (" person: a| | b|", [entity("person", "a", "b")], []),
        (" person: half\\", [entity("person", "half\\")], []),
    ],
)  # fmt: skip
def test_what_is_salvaged_and_what_is_rejected(completion, drafts, rejected):
    read, rejects = listing.read(completion, SCHEMA)
    assert read == drafts
    assert [(r.item, r.reason) for r in rejects] == rejected


def test_unfinished_none_is_cut_off():
    assert [r.reason for r in listing.read(" None", SCHEMA, finished=False)[1]] == ["cut off"]


@pytest.mark.parametrize(
    "unit",
    [*";:,|\\\n", "\\;", "\\\\", "; ", ": , ", "a: ", "person: |", "person: a;", "a, ", ", time: |", "time: x, ",
     "polarity: x, ", "\u0301\u0323", "works for: a, ", "|a"],
)  # fmt: skip
@pytest.mark.parametrize("start", ["", "person: ", "attack: hit, ", "works for: ", "sale: "])
def test_a_hundred_thousand_characters_are_read_at_once(start, unit):
    completion = (start + unit * (100_000 // len(unit)))[:100_000]
    started = time.perf_counter()
    listing.read(completion, SCHEMA)
    assert time.perf_counter() - started < 2


def test_written_like_the_paper():
    drafts = [entity("location", "Coimbra"), entity("location", "Portugal")]
    assert listing.write(drafts, ENTITIES) == " location: Coimbra; location: Portugal"
    assert listing.write([pair("works_for", "Ada", "the Navy")], WORKS) == " works for: Ada, the Navy"
    event = Draft(
        "attack", Piece(("bombed",)), (slot("attacker", "rebels"), slot("time", "Monday")), (("polarity", "negative"),)
    )
    assert listing.write([event], ATTACK) == " attack: bombed, attacker: rebels, time: Monday, polarity: negative"
    assert listing.write([Draft("book_flight")], CLASSES) == " book flight"
    assert listing.write([entity("person", "left", "right")], ENTITIES) == " person: left| right"
    assert listing.write([], ENTITIES) == " None"


@given(texts.map(lambda s: s.strip(" ")).filter(bool))
def test_no_bare_delimiter_inside_a_span(text):
    assert listing.write([entity("person", text)], ENTITIES) == f" person: {escape(text, ':;,|')}"


@pytest.mark.parametrize(
    ("draft", "message"),
    [
        (Draft("person"), "'person' with a filler, got none"),
        (Draft("works_for", Piece(("x",)), (slot("head", "a"), slot("tail", "b"))), "with no filler, got one"),
        (Draft("works_for", None, (slot("head", "a"),)), "with one head and tail, got head"),
        (Draft("works_for", None, (slot("head", "a"), slot("head", "b"))), "with one head and tail, got head, head"),
        (Draft("sale"), "'sale' with at least one slot, got none"),
        (entity("person", " "), "mention of 'person' needs words"),
        (entity("person", "a", ""), "mention of 'person' needs words"),
        (Draft("attack", Piece(("a",)), (), (("polarity", "maybe"),)), "unknown choice of 'polarity' 'maybe'"),
        (Draft("attack", Piece(("a",)), (), (("mood", "good"),)), "unknown attribute of 'attack' 'mood'"),
    ],
)
def test_draft_that_would_be_read_as_something_else_is_refused(draft, message):
    with pytest.raises(FormatError, match=message):
        listing.write([draft], SCHEMA)
