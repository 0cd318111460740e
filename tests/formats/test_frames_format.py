# SPDX-License-Identifier: Apache-2.0
"""What is ``frames`` alone; the laws of all formats are in `test_laws.py`."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from loremill.errors import FormatError
from loremill.formats import frames
from loremill.formats.instructions import instruction
from loremill.frames import Draft, DraftSlot, Piece
from loremill.models.matcher import GrammarMask
from loremill.prompt import PLAIN, Writing
from loremill.schema import load_schema
from loremill.schema.types import FrameType, Schema, SlotType

from .drafted import drafts_of, schemas_and_drafts, spell
from .generated import texts
from .samples import ATTACK, CLASSES, SALE, WORK_FOR, entity, slot, work
from .vocabularies import VOCABULARIES, byte_level, walk

ENTITIES = load_schema(["person", "place"])
SPEECH = Schema((FrameType("Speech", family="events", slots=(SlotType("Speaker"), SlotType("Time"))),))
SCHEMA = ENTITIES + WORK_FOR + ATTACK + SALE + CLASSES
WORDS = Writing(no_forcing=True, reserved=":;,|()[]{}", spell=spell)
NEGATIVE = (("polarity", "negative"),)


def attack(*slots: DraftSlot, attributes: tuple[tuple[str, str], ...] = ()) -> Draft:
    return Draft("attack", Piece(("hit",)), slots, attributes)


drafts_of_schema = st.lists(st.sampled_from(SCHEMA.types).flatmap(lambda t: drafts_of(t, str)), min_size=2, max_size=5)


# Writing


@pytest.mark.parametrize(
    ("drafts", "written"),
    [
        ([], " {}"),
        ([entity("person", "Ada"), entity("place", "Rome")], " {(person: Ada), (place: Rome)}"),
        ([entity("person", "left", "right")], " {(person: left| right)}"),
        ([work("Ada", "the Navy")], " {(work for: Null): [(head: Ada), (tail: the Navy)]}"),
        ([Draft("book_flight"), Draft("refund")], " {(book flight: Null), (refund: Null)}"),
        (
            [attack(slot("time", "May 14, 2012"), attributes=NEGATIVE)],
            " {(attack: hit): [(time: May 14\\, 2012), (polarity: negative)]}",
        ),
    ],
)
def test_written_in_brackets(drafts, written):
    assert frames.write(drafts, SCHEMA) == written
    assert frames.read(written, SCHEMA) == (drafts, [])


def test_written_like_the_paper():
    speech = Draft("Speech", Piece(("delivered",)), (slot("Speaker", "Barack Obama"), slot("Time", "May 14")))
    assert frames.write([speech], SPEECH) == " {(Speech: delivered): [(Speaker: Barack Obama), (Time: May 14)]}"


def test_written_for_words_with_blanks_only_before_words():
    drafts = [attack(slot("time", "monday"), slot("attacker", "a , b")), work("ada", "navy"), entity("person", "null")]
    written = frames.write(drafts, SCHEMA, WORDS)
    assert written == (
        " {( attack: hit):[( time: monday),( attacker: a \\, b)],"
        "( work for: null):[( head: ada),( tail: navy)],( person: null)}"
    )
    assert frames.read(written, SCHEMA, WORDS) == (drafts, [])


@given(schemas_and_drafts(spell))
def test_blanks_around_every_delimiter_are_read(case):
    schema, drafts = case
    assume(all(spell(t.label) for t in schema))
    written = frames.write(drafts, schema, WORDS)
    spread = re.sub(r"\\.|[:,()\[\]{}|]", lambda m: m[0] if m[0][0] == "\\" else f" {m[0]} ", written)
    assert frames.read(spread, schema, WORDS) == (drafts, [])


@given(texts.map(lambda s: s.strip(" ")).filter(bool))
@example("Null")
@example("nULL")
@example("the Null; null-terminated Nullable")
def test_no_bare_delimiter_and_no_bare_null_inside_a_span(text):
    written = frames.write([entity("person", text)], ENTITIES)
    span = written.removeprefix(" {(person: ").removesuffix(")}")
    assert not re.search(r"[:,()\[\]{}|\n\r\t]", re.sub(r"\\.", "", span))
    assert not re.search(r"(?i)(?<!\w)null(?!\w)", span)
    assert frames.read(written, ENTITIES) == ([entity("person", text)], [])


def test_null_is_written_with_a_backslash_inside():
    drafts = [entity("person", "Null"), attack(slot("time", "NULL", "null set"))]
    written = frames.write(drafts, SCHEMA)
    assert written == " {(person: N\\ull), (attack: hit): [(time: N\\ULL| n\\ull set)]}"
    assert frames.read(written, SCHEMA) == (drafts, [])


# Reading


@pytest.mark.parametrize("completion", ["", " ", " {}", "{ }", "{}\n", "[]", "{},", " {"])
def test_nothing_is_read_as_nothing(completion):
    assert frames.read(completion, SCHEMA) == ([], [])


@pytest.mark.parametrize(
    ("completion", "drafts"),
    [
        ("(person: Ada), (place: Rome)", [entity("person", "Ada"), entity("place", "Rome")]),
        ("{(person: Ada)}\n{(place: Rome)}", [entity("person", "Ada"), entity("place", "Rome")]),
        ("{(person: Ada)} {(place: Rome)}", [entity("person", "Ada"), entity("place", "Rome")]),
        ("(person: Ada)\n(place: Rome)", [entity("person", "Ada"), entity("place", "Rome")]),
        ("[(person: Ada), (place: Rome)]", [entity("person", "Ada"), entity("place", "Rome")]),
        (
            "[(attack: hit): [(time: x)], (person: Ada)]",
            [attack(slot("time", "x")), entity("person", "Ada")],
        ),
        ("{ ( PERSON :Ada ) : [ ] ,( Place\n:\nRome ) }", [entity("person", "Ada"), entity("place", "Rome")]),
        ("{(work for): [(head: a), (tail: b)]}", [work("a", "b")]),
        ("{(WorkFor: ): [(Tail: b), (Head: a)]}", [work("a", "b")]),
        ("{(book flight), (refund: NULL): []}", [Draft("book_flight"), Draft("refund")]),
        ("{(attack: hit) [(time: x),]}", [attack(slot("time", "x"))]),
        ("{(attack: hit): [(polarity: NEGATIVE)(time: x)]}", [attack(slot("time", "x"), attributes=NEGATIVE)]),
        ("{(person: Smith, Jr), (place: 10:30)}", [entity("person", "Smith, Jr"), entity("place", "10:30")]),
        ("{(person: Smith (Jr)), (place: b)}", [entity("person", "Smith (Jr)"), entity("place", "b")]),
        ("{(attack: hit): [(time: 10:30, sharp)]}", [attack(slot("time", "10:30, sharp"))]),
        ("{(person: a| | b|)}", [entity("person", "a", "b")]),
        ("{((person: Ada)), (place: b)}", [entity("person", "Ada"), entity("place", "b")]),
    ],
)  # fmt: skip
def test_what_is_clear_is_read(completion, drafts):
    assert frames.read(completion, SCHEMA) == (drafts, [])


@pytest.mark.parametrize(
    ("completion", "drafts", "rejected"),
    [
        ("{None}", [], [("None", "unparsable")]),
        ("Here: {(person: a)} Done.", [entity("person", "a")], [("Here:", "unparsable"), ("Done.", "unparsable")]),
        ("{(animal: fox), (person: a)}", [entity("person", "a")], [("(animal: fox)", "unknown type")]),
        ("{(: x), (person: a)}", [entity("person", "a")], [("(: x)", "unparsable")]),
        ("{(person: Null), (person: )}", [], [("(person: Null)", "missing slot"), ("(person: )", "missing slot")]),
        ("{(person), (place: b)}", [entity("place", "b")], [("(person)", "missing slot")]),
        # A bracket too many or too few
        ("{(person: a, (place: b)}", [entity("place", "b")], [("(person: a", "unparsable")]),
        ("{person: a), (place: b)}", [entity("place", "b")], [("person: a)", "unparsable")]),
        ("{(person: [3]), (place: b)}", [entity("place", "b")], [("(person: [3])", "unparsable")]),
        ("{(person: a]), (place: b)}", [entity("place", "b")], [("(person: a])", "unparsable")]),
        (
            "{(attack: hit: [(time: x)], (person: a)}",
            [entity("person", "a")],
            [("(attack: hit: [(time: x)]", "unparsable")],
        ),
        (
            "{(attack: hit): (time: x)], (person: a)}",
            [entity("person", "a")],
            [("(attack: hit): (time: x)]", "unparsable")],
        ),
        (
            "{(attack: hit): [(time: x), (attacker: y), (person: a)}",
            [entity("person", "a")],
            [("(attack: hit): [(time: x), (attacker: y)", "unparsable")],
        ),
        (
            "{(work for: Null): [(head: a), (tail: b), (attack: hit): [(time: x)], (person: c)}",
            [attack(slot("time", "x")), entity("person", "c")],
            [("(work for: Null): [(head: a), (tail: b)", "unparsable")],
        ),
        (
            "{(attack: hit): [(time: x, (attacker: y)], (person: c)}",
            [attack(slot("attacker", "y")), entity("person", "c")],
            [("(time: x", "unparsable")],
        ),
        (
            "{(attack: hit): [time: x), (attacker: y) z]}",
            [attack(slot("attacker", "y"))],
            [("time: x)", "unparsable"), ("z", "unparsable")],
        ),
        # Slots
        ("{(attack: hit): [(who: x), (time: y)]}", [attack(slot("time", "y"))], [("(who: x)", "unknown role")]),
        ("{(attack: hit): [(person: x)], (person: y)}", [attack(), entity("person", "y")],
         [("(person: x)", "unknown role")]),
        ("{(attack: hit): [(time: Null), (attacker)]}", [attack()],
         [("(time: Null)", "missing slot"), ("(attacker)", "missing slot")]),
        ("{(attack: hit): [(polarity: maybe)]}", [attack()], [("(polarity: maybe)", "invalid value")]),
        (
            "{(attack: hit): [(polarity: negative), (polarity: positive)]}",
            [attack(attributes=NEGATIVE)],
            [("(polarity: positive)", "invalid value")],
        ),
        ("{(work for: Null): [(head: a)]}", [], [("(work for: Null): [(head: a)]", "missing slot")]),
        ("{(work for: Null)}", [], [("(work for: Null)", "missing slot")]),
        (
            "{(work for: Null): [(head: a), (head: b), (tail: c)]}",
            [],
            [("(work for: Null): [(head: a), (head: b), (tail: c)]", "unparsable")],
        ),
        ("{(work for: hired): [(head: a), (tail: b)]}", [work("a", "b")], [("hired", "invalid value")]),
        ("{(sale: Null): [(cost: 5)]}", [], [("(sale: Null): [(cost: 5)]", "missing slot")]),
        ("{(refund: now)}", [Draft("refund")], [("now", "invalid value")]),
    ],
)  # fmt: skip
def test_what_is_salvaged_and_what_is_rejected(completion, drafts, rejected):
    read, rejects = frames.read(completion, SCHEMA)
    assert read == drafts
    assert [(r.item, r.reason) for r in rejects] == rejected


@given(
    drafts_of_schema, st.sampled_from(["", *"()[]{}:,|", "xyz", " ", "(foo: bar)", "(foo"]), st.booleans(), st.data()
)
@example([attack(slot("time", "x")), entity("person", "a")], "", True, None)
def test_a_bracket_too_many_or_too_few_leaves_the_other_frames(drafts, garbage, replaces, data):
    written = frames.write(drafts, SCHEMA)
    expected, _ = frames.read(written, SCHEMA)
    i = data.draw(st.integers(0, len(expected) - 1)) if data else 0
    start, end = expected[i].range
    start = written.index("(", start)
    places = [p for p in range(start, end - 1) if written[p] != "\\" and written[p - 1] != "\\"]
    for place in [data.draw(st.sampled_from(places))] if data else places:
        found, rejects = frames.read(written[:place] + garbage + written[place + replaces :], SCHEMA)
        after = len(expected) - i - 1
        assert found[:i] == expected[:i]
        assert found[len(found) - after :] == expected[i + 1 :]
        assert len(expected) - 1 <= len(found) <= len(expected)
        if len(found) < len(expected):
            assert rejects


@given(drafts_of_schema, texts.filter(lambda s: not set("()[]{}\\,") & set(s)), st.data())
def test_garbage_for_a_frame_leaves_the_others(drafts, garbage, data):
    written = frames.write(drafts, SCHEMA)
    expected, _ = frames.read(written, SCHEMA)
    i = data.draw(st.integers(0, len(expected) - 1))
    start, end = expected[i].range
    start = written.index("(", start)
    found, rejects = frames.read(written[:start] + garbage + written[end - 1 :], SCHEMA)
    assert found == expected[:i] + expected[i + 1 :]
    assert bool(rejects) == any(not (c.isspace() or c in frames.STRUCTURE) for c in garbage)


@given(schemas_and_drafts(min_size=1), st.data())
def test_a_cut_off_completion_loses_the_frame_under_way_only(case, data):
    schema, drafts = case
    written = frames.write(drafts, schema)
    expected, _ = frames.read(written, schema)
    cut = data.draw(st.integers(0, len(written)))
    complete = [draft for draft in expected if draft.range[1] <= cut]
    found, rejects = frames.read(written[:cut], schema, finished=False)
    assert found == complete
    rest = written[complete[-1].range[1] if complete else 0 : cut]
    assert [r.reason for r in rejects] == ["cut off"] * (any(c.isalnum() for c in rest) or bool(rejects))
    assert len(rejects) <= 1


def test_a_frame_that_could_have_slots_is_cut_off_until_the_next_begins():
    for completion in ("{(attack: hit)", "{(attack: hit):", "{(attack: hit): [(time: x)]"):
        assert [r.reason for r in frames.read(completion, SCHEMA, finished=False)[1]] == ["cut off"]
    assert frames.read("{(attack: hit),", SCHEMA, finished=False) == ([attack()], [])


def test_ranges_hold_what_scores_are_made_of():
    completion = " {(attack: hit): [(attacker: rebels), (time: May| June)], (person: Ada)}"
    first, second = frames.read(completion, SCHEMA)[0]
    parts = [first.range, first.filler.range, *(place for s in first.slots for place in (s.range, s.piece.range))]
    assert [completion[start:end] for start, end in parts] == [
        " {(attack: hit): [(attacker: rebels), (time: May| June)],",
        " hit)",
        "(attacker: rebels)",
        " rebels)",
        " (time: May| June)",
        " May| June)",
    ]
    assert completion[slice(*second.range)] == " (person: Ada)}"


@pytest.mark.parametrize(
    "unit",
    [
        "(person: ", "(a: ", "(", ")", "()", ")(", "(()", "(() ", "[", "]", "[]", "{", "}", "), (", ")], (", ": [",
        "(): ", "():[]", "(attack: hit): [", "(attack: hit): [(time: x)], ", "(attack: x): ", "(attacker: x), ",
        "(person", "(person:(", "|", "a| ", "\\", "\\(", "Null ", "\u0301", "(x: y) z ", "(:", " ",
    ],
)  # fmt: skip
@pytest.mark.parametrize("start", ["", "{(attack: hit): [(attacker: ", "(work for: Null): [(head: a), "])
def test_a_hundred_thousand_characters_are_read_at_once(start, unit):
    completion = (start + unit * (100_000 // len(unit)))[:100_000]
    started = time.perf_counter()
    frames.read(completion + ")],", SCHEMA)
    frames.read(completion, SCHEMA, finished=False)
    assert time.perf_counter() - started < 6  # some tenths of a second each; quadratic time would take minutes


def test_long_span_of_the_word_null_is_written_at_once():
    started = time.perf_counter()
    frames.write([entity("person", "Null " * 20_000 + "x")], ENTITIES)
    assert time.perf_counter() - started < 6


# Prompt


@pytest.mark.parametrize(
    ("schema", "templates"),
    [
        (ENTITIES, "(person: …), (place: …)"),
        (ATTACK, "(attack: trigger): [(attacker: …), (time: …), (polarity: positive/negative)]"),
        (WORK_FOR, "(work for: Null): [(head: …), (tail: …)]"),
        (CLASSES, "(book flight: Null), (refund: Null)"),
        (Schema((FrameType("a: (b)"),)), "(a\\: \\(b\\): …)"),
        (
            load_schema("works_for(person, company_name)").only(["works_for"]),
            "(works for: Null): [(head: person), (tail: company name)]",
        ),
    ],
)
def test_prompt_shows_each_type_as_its_frames_are_written(schema, templates):
    assert frames.prompt(schema, "").schema == templates


def test_prompt_of_words_has_blanks_only_before_words():
    shown = frames.prompt(WORK_FOR, "", WORDS).schema
    assert shown == "( work for: Null):[( head: …),( tail: …)]"


def test_prompt_says_how_to_answer():
    said = frames.prompt(SPEECH, "").instruction
    assert said == (
        f'{instruction("events")} Output format: "{{(type: trigger): [(role: argument), (role: argument)]}}". '
        'If there is none, answer "{}".'
    )


# Tokenizers and grammar


def test_tokenizer_of_words_needs_a_token_for_each_delimiter():
    assert frames.survives(PLAIN) is None
    assert frames.survives(WORDS) is None
    assert frames.survives(Writing(reserved=":;,|")) == (
        "it needs tokens of their own for ( ) [ ] { }, this tokenizer of words has them for : ; , |"
    )


def refusal(completion: str, schema: Schema, text: str) -> str:
    vocabulary = byte_level()
    lark = frames.grammar(schema, text)
    return walk(lambda: GrammarMask(vocabulary.ll, lark), vocabulary.encode(completion), vocabulary.eos_id)


@pytest.mark.parametrize(
    ("completion", "is_allowed"),
    [
        (" {}", True),
        (" {(attack: hit)}", True),
        (" {(attack: hit): [(time: x), (time: hit), (polarity: negative)], (refund: Null)}", True),
        (" {(work for: Null): [(head: x), (tail: x)], (person: x hit)}", True),
        (" {(attack: hit): [(polarity: negative)], (refund: Null)}", True),
        (" {(attack: N\\ull)}", True),
        (" {(attack: Null)}", False),
        (" {(attack: hit): []}", False),
        (" {(attack: hit): [(polarity: negative), (time: x)]}", False),
        (" {(attack: hit): [(polarity: maybe)]}", False),
        (" {(work for: Null): [(tail: x), (head: x)]}", False),
        (" {(work for: Null): [(head: x)]}", False),
        (" {(work for: Null)}", False),
        (" {(work for: hit): [(head: x), (tail: x)]}", False),
        (" {(sale: Null)}", False),
        (" {(refund)}", False),
        (" {(person: x)} {(person: x)}", False),
    ],
)  # fmt: skip
def test_grammar_lets_through_what_is_written_and_nothing_else(completion, is_allowed):
    assert ("masked" not in refusal(completion, SCHEMA, "x hit Null")) == is_allowed


def test_grammar_of_nothing_but_mentions_in_a_text_without_words():
    assert refusal(" {}", ENTITIES, " \n") == ""
    assert "masked" in refusal(" {(person: x)}", ENTITIES, " \n")


@pytest.mark.parametrize("name", VOCABULARIES)
def test_null_of_a_text_is_written_and_read_by_every_tokenizer(name):
    vocabulary = VOCABULARIES[name]()
    view = vocabulary.view("The Null device, null and void")
    drafts = [entity("person", view[4:8]), entity("place", view[view.index("null and") :])]
    gold = frames.write(drafts, ENTITIES, vocabulary.writing)
    ids = vocabulary.encode(gold)
    lark = frames.grammar(ENTITIES, view, vocabulary.writing)
    assert walk(lambda: GrammarMask(vocabulary.ll, lark), ids, vocabulary.eos_id) == ""
    assert frames.read(vocabulary.ll.decode_bytes(ids).decode(), ENTITIES, vocabulary.writing) == (drafts, [])


def test_roles_that_look_the_same_are_refused():
    schema = Schema((FrameType("hit", family="events", slots=(SlotType("who"), SlotType("Who"))),))
    with pytest.raises(FormatError, match="roles of 'hit' 'who' and 'Who' look the same"):
        frames.grammar(schema, "text", Writing(spell=str.lower))
