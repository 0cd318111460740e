# SPDX-License-Identifier: Apache-2.0
"""The laws of `loremill.formats.format.Format`, for every format of the table and the tokenizers that it survives."""

from __future__ import annotations

import re
import time
from types import ModuleType

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

from loremill.errors import FormatError, GrammarLimit
from loremill.formats import FORMATS
from loremill.formats.drafts import to_drafts
from loremill.formats.grounding import ground
from loremill.formats.instructions import POOLS
from loremill.formats.segments import segment
from loremill.frames import Draft, DraftSlot, Frame, Piece, Slot, canonical
from loremill.models.matcher import GrammarMask
from loremill.models.wordpiece import RESERVED
from loremill.prompt import PLAIN, Demonstration, Writing
from loremill.schema.types import FAMILIES, FrameType, Schema, SlotType
from loremill.text import Mention, TextView

from .drafted import schemas_and_drafts, spell
from .generated import assume_distinct, drawn, schemas, texts
from .samples import SCHEMA
from .vocabularies import VOCABULARIES, Vocabulary, walk

EXTRACTING = [name for name, format in FORMATS.items() if not getattr(format, "NEEDS_GIVEN", False)]
"""Formats whose completions hold frames; those about given mentions have tests of their own."""
UNCASED = Writing(no_forcing=True, reserved=RESERVED, spell=spell)
PIECES = [
    "person", "place", "work for", "attack", "attacker", "time", "polarity", "negative", "None", "Null", "null", "head",
    "tail", "trigger", "text", "span", "mention", "size", "big", "result = ", "1. ", "2) ", "- ", "```json\n", "```",
    "The text is about ", " is a ", ". ", "Ada", "the Navy", "é", "\\", "\\u12", "\\n", '"', "'", '"""', "“", "”",
    *"{}[]():;,|=#. \n\t", "\u2028", "\x00",
]  # fmt: skip

completions = texts | st.lists(st.sampled_from(PIECES), max_size=30).map("".join) | st.text(max_size=20)


@pytest.fixture(params=EXTRACTING, scope="module")
def name(request) -> str:
    return request.param


@pytest.fixture(scope="module")
def format(name) -> ModuleType:
    return FORMATS[name]


def arranged(format: ModuleType, drafts: list[Draft]) -> list[Draft]:
    """Drafts in the order in which the format writes them."""
    return list(getattr(format, "arranged", list)(drafts))


def read(format: ModuleType, written: str, schema: Schema, writing: Writing = PLAIN, *, finished: bool = True):
    """What is read, in the order in which it stands in the completion."""
    drafts, rejects = format.read(written, schema, writing, finished=finished)
    return sorted(drafts, key=lambda draft: draft.range), rejects


@given(schemas_and_drafts())
@example((SCHEMA, [Draft("attack", Piece(("Null",))), Draft("person", Piece(("None",)))]))
@example((SCHEMA, [Draft("person", Piece(('"', "'", "\\")))]))
def test_what_was_written_is_read(format, case):
    schema, drafts = case
    assert read(format, format.write(drafts, schema), schema) == (arranged(format, drafts), [])


@pytest.mark.parametrize("name", [name for name in EXTRACTING if FORMATS[name].survives(UNCASED) is None])
@given(case=schemas_and_drafts(spell))
@example(case=(SCHEMA, [Draft("attack", Piece(("null",))), Draft("person", Piece(("none",)))]))
def test_what_was_written_for_an_uncased_tokenizer_is_read(name, case):
    format = FORMATS[name]
    schema, drafts = case
    assume(all(spell(t.label) for t in schema))
    written = format.write(drafts, schema, UNCASED)
    assert read(format, written, schema, UNCASED) == (arranged(format, drafts), [])


@settings(max_examples=150)
@given(completions, schemas(), st.booleans())
@example('Ada:"', SCHEMA, True)
@example('{"Ada": ""}', SCHEMA, True)
@example('{"Ada":', SCHEMA, True)
@example('{"animal": []}', SCHEMA, True)
def test_any_string_is_read_and_every_character_accounted_for(format, completion, schema, finished):
    for asked in (schema, SCHEMA):
        drafts, rejects = format.read(completion, asked, finished=finished)
        covered = np.zeros(len(completion), dtype=bool)
        for start, end in (item.range for item in (*drafts, *rejects)):
            assert 0 <= start <= end <= len(completion)
            covered[start:end] = True
        if not drafts and not rejects:  # it says that there is nothing
            covered[:] = _letters(_without_empty(completion, asked)) in ("", _letters(format.write([], SCHEMA)))
        left = "".join(c for c, is_covered in zip(completion, covered, strict=True) if not is_covered)
        assert not [c for c in left if c not in getattr(format, "STRUCTURE", ":;,|\\") and not c.isspace()]


def _without_empty(completion: str, asked: Schema) -> str:
    """The completion without keys under which nothing stands, as ``"animal": []``, and without types of the schema."""
    said = re.sub(r'"?[^"\[\]{}:,]*"?\s*:\s*(?:\[\s*\]|\{\s*\}|null)', "", completion.casefold())
    for label in sorted((t.label.casefold() for t in asked), key=len, reverse=True):
        said = said.replace(label, "")
    return said


def _letters(text: str) -> str:
    return "".join(c for c in text.casefold() if c.isalnum())


@given(schemas_and_drafts(min_size=1))
def test_ranges_lie_in_order_and_parts_inside_their_item(format, case):
    schema, drafts = case
    written = format.write(drafts, schema)
    end = 0
    for draft in read(format, written, schema)[0]:
        assert end <= draft.range[0] < draft.range[1] <= len(written)
        parts = ([draft.filler.range] if draft.filler else []) + [s.range for s in draft.slots]
        at = draft.range[0]
        for start, part_end in parts:
            assert at <= start < part_end <= draft.range[1]
            at = part_end
        end = draft.range[1]


@given(schemas_and_drafts(min_size=2), st.text("abcxyz", min_size=1, max_size=5), st.data())
def test_a_corrupted_item_leaves_the_others(format, case, garbage, data):
    schema, drafts = case
    written = format.write(drafts, schema)
    expected, _ = read(format, written, schema)
    i = data.draw(st.integers(0, len(expected) - 1))
    draft = expected[i]
    parts = ([draft.filler.range] if draft.filler else []) + [s.range for s in draft.slots] or [draft.range]
    places = [p for start, end in parts for p in range(start, end) if written[p].isalnum() and written[p - 1] != "\\"]
    assume(places)
    place = data.draw(st.sampled_from(places))
    found, _ = read(format, written[:place] + garbage + written[place + 1 :], schema)
    after = len(expected) - i - 1
    assert found[:i] == expected[:i]
    assert found[len(found) - after :] == expected[i + 1 :]
    assert len(found) in (len(expected) - 1, len(expected))


@given(schemas_and_drafts(min_size=1), st.data())
def test_a_cut_off_completion_keeps_every_complete_item(format, case, data):
    schema, drafts = case
    written = format.write(drafts, schema)
    expected, _ = read(format, written, schema)
    cut = data.draw(st.integers(0, len(written)))
    complete = sum(draft.range[1] <= cut for draft in expected[:-1])
    found, rejects = read(format, written[:cut], schema, finished=False)
    assert len(found) >= complete
    assert found == expected[: len(found)]
    assert {r.reason for r in rejects} <= {"cut off"}


STARTS = ["", '{"person": [', '[Person(span="', "{(attack: ", "1. attack: x, time: "]
UNITS = [
    *"{}[]():;,|\"'\\\n.", '"a", ', "(a: ", '{"a": ', "[[", "1. ", '" is a "', "Person(", "a=", "\\u", '"""', "\u0301",
]  # fmt: skip


@pytest.mark.parametrize("start", STARTS)
@pytest.mark.parametrize("unit", UNITS)
def test_long_completions_are_read_at_once(format, start, unit):
    completion = (start + unit * (30_000 // len(unit)))[:30_000]
    started = time.process_time()
    for finished in (True, False):
        format.read(completion, SCHEMA, finished=finished)
    assert time.process_time() - started < 3  # some hundredths of a second each; quadratic time would take minutes


@pytest.mark.parametrize("family", FAMILIES)
def test_prompt_tells_the_task_the_types_and_the_answer(format, family):
    part = SCHEMA.family(family) if family != "opinions" else Schema((
        FrameType("positive", family="opinions", slots=(SlotType("aspect"), SlotType("opinion"))),
    ))  # fmt: skip
    examples = (Demonstration("Ada left.", format.write([], part)),)
    prompt = format.prompt(part, "Bob stayed.", demonstrations=examples)
    assert (prompt.family, prompt.text, prompt.demonstrations) == (family, "Bob stayed.", examples)
    assert prompt.instruction.startswith(POOLS[family][0])
    assert len(prompt.instruction) > len(POOLS[family][0]) + 20
    other = format.prompt(part, "Bob stayed.", wording="Say what is there.")
    assert other.instruction == prompt.instruction.replace(POOLS[family][0], "Say what is there.")
    for frame_type in part:
        shown = "".join(c for c in prompt.schema.casefold() if c.isalnum())
        for label in (frame_type.label, *(s.label for s in frame_type.slots)):
            assert "".join(c for c in label.casefold() if c.isalnum()) in shown or frame_type.is_pair


def test_prompt_shows_descriptions(format):
    schema = Schema((FrameType("person", description="A human being."), FrameType("place")))
    prompt = format.prompt(schema, "")
    assert "A human being." in prompt.definitions + prompt.schema


def test_prompt_asks_for_one_family(format):
    with pytest.raises(FormatError, match="one family at a time, got entities, relations"):
        format.prompt(SCHEMA, "text")


@pytest.mark.parametrize(
    ("draft", "message"),
    [
        (Draft("person"), "'person' with a filler, got none"),
        (Draft("work_for", None, (DraftSlot("head", Piece(("a",))),)), "with one head and tail, got head"),
        (Draft("sale"), "'sale' with at least one slot, got none"),
        (Draft("person", Piece((" ",))), "mention of 'person' needs words"),
        (Draft("attack", Piece(("a",)), (), (("polarity", "maybe"),)), "unknown choice of 'polarity' 'maybe'"),
        (Draft("attack", Piece(("a",)), (DraftSlot("place", Piece(("b",))),)), "unknown role of 'attack' 'place'"),
    ],
)
def test_draft_that_would_be_read_as_something_else_is_refused(format, draft, message):
    with pytest.raises(LookupError if "unknown role" in message else FormatError, match=message):
        format.write([draft], SCHEMA)


# Grammars


@st.composite
def drafts_from(draw: st.DrawFn, schema: Schema, text: str) -> list[Draft]:
    """Drafts whose mentions are runs of the text's segments, as a grammar lets them through."""
    pieces = segment(text)
    edges = [i for i, piece in enumerate(pieces) if not piece.isspace()]

    def mention() -> Piece:
        fragments = []
        for _ in range(draw(st.sampled_from([1, 1, 1, 2]))):
            start, end = sorted((draw(st.sampled_from(edges)), draw(st.sampled_from(edges))))
            fragments.append("".join(pieces[start : end + 1]))
        return Piece(tuple(fragments))

    def made(frame_type: FrameType) -> Draft:
        slots = list(frame_type.slots)
        if slots and not frame_type.is_pair:
            slots = draw(st.lists(st.sampled_from(slots), min_size=0 if frame_type.has_filler else 1, max_size=3))
        attributes = [(a.name, draw(st.sampled_from(a.choices))) for a in frame_type.attributes if draw(st.booleans())]
        return Draft(
            frame_type.name,
            mention() if frame_type.has_filler else None,
            tuple(DraftSlot(slot.name, mention()) for slot in slots),
            tuple(attributes),
        )

    types = [t for t in schema if edges or t.family == "classes"]
    chosen = draw(st.lists(st.sampled_from(types), max_size=3)) if types else []
    return [made(frame_type) for frame_type in chosen]


@pytest.fixture(params=VOCABULARIES, scope="module")
def vocabulary(request, format) -> Vocabulary:
    vocabulary = VOCABULARIES[request.param]()
    if (why := format.survives(vocabulary.writing)) is not None:
        assert request.param == "WordPiece"
        pytest.skip(why)
    return vocabulary


def mask_of(format: ModuleType, vocabulary: Vocabulary, schema: Schema, text: str) -> GrammarMask:
    return GrammarMask(vocabulary.ll, format.grammar(schema, vocabulary.view(text), vocabulary.writing))


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
@given(data=st.data(), schema=schemas(), text=texts)
@example(data=None, schema=SCHEMA, text="Null; None of these: U.S.-based 北京是 \\n {x} [3] (y) \"z\" 'w'")
def test_gold_tokens_stand_in_the_mask(format, vocabulary, data, schema, text):
    assume_distinct(schema, vocabulary.view)
    assume(not any(t.family == "classes" and t.label.casefold() == "none" for t in schema))
    if data is None:
        words = [p for p in segment(vocabulary.view(text)) if not p.isspace()]
        drafts = [Draft("person", Piece((word,))) for word in words]
    else:
        drafts = data.draw(drafts_from(schema, vocabulary.view(text)))
    gold = format.write(drafts, schema, vocabulary.writing)
    ids = vocabulary.encode(gold)
    assert walk(lambda: mask_of(format, vocabulary, schema, text), ids, vocabulary.eos_id) == "", gold


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
@given(data=st.data(), schema=schemas(), text=texts)
def test_whatever_a_mask_allows_is_on_schema_and_verbatim(format, vocabulary, data, schema, text):
    assume_distinct(schema, vocabulary.view)
    assume(not any(t.family == "classes" and t.label.casefold() == "none" for t in schema))
    written = drawn(data, vocabulary, mask_of(format, vocabulary, schema, text))
    drafts, rejects = format.read(written, schema, vocabulary.writing)
    assert {r.reason for r in rejects} <= {"invalid value"}  # an attribute said twice
    view = vocabulary.view(text)
    for draft in drafts:
        for piece in ([draft.filler] if draft.filler else []) + [slot.piece for slot in draft.slots]:
            assert all(fragment and fragment in view for fragment in piece.fragments)


@pytest.mark.parametrize("text", ["", " ", "\n \t", "\u3000"])
def test_text_without_words_leaves_no_answer_and_classes(format, vocabulary, text):
    schema = Schema((FrameType("person"), FrameType("book flight", family="classes")))
    for drafts in ([], [Draft("book flight")]):
        ids = vocabulary.encode(format.write(drafts, schema, vocabulary.writing))
        assert walk(lambda: mask_of(format, vocabulary, schema, text), ids, vocabulary.eos_id) == ""
    ids = vocabulary.encode(format.write([Draft("person", Piece(("a",)))], schema, vocabulary.writing))
    assert "masked" in walk(lambda: mask_of(format, vocabulary, schema, text), ids, vocabulary.eos_id)


def test_words_that_the_text_lacks_are_masked(format, vocabulary):
    schema = Schema((FrameType("person"),))
    ids = vocabulary.encode(format.write([Draft("person", Piece(("dog",)))], schema, vocabulary.writing))
    assert "masked" in walk(lambda: mask_of(format, vocabulary, schema, "the fox"), ids, vocabulary.eos_id)


def test_completion_after_a_turn_marker_has_no_blank_before_it(format):
    vocabulary = VOCABULARIES["byte-level"]()
    schema = Schema((FrameType("person"),))
    lark = format.grammar(schema, "the fox", Writing(lead=""))
    for drafts in ([], [Draft("person", Piece(("fox",)))]):
        ids = vocabulary.encode(format.write(drafts, schema).removeprefix(" "))
        assert walk(lambda: GrammarMask(vocabulary.ll, lark), ids, vocabulary.eos_id) == ""


def test_items_are_capped(format):
    vocabulary = VOCABULARIES["byte-level"]()
    schema = Schema((FrameType("person"),))
    lark = format.grammar(schema, "a b", max_items=3)
    for count in (3, 4):
        ids = vocabulary.encode(format.write([Draft("person", Piece(("a",)))] * count, schema))
        refusal = walk(lambda: GrammarMask(vocabulary.ll, lark), ids, vocabulary.eos_id)
        assert ("is masked" in refusal) == (count == 4)


def test_text_above_the_limit_is_named_with_its_length(format):
    with pytest.raises(GrammarLimit, match="up to 10 characters, got 11"):
        format.grammar(Schema((FrameType("person"),)), "a" * 11, limit_chars=10)


def test_lone_surrogate_is_refused(format):
    with pytest.raises(FormatError, match="lone surrogate"):
        format.grammar(Schema((FrameType("person"),)), "a\ud800")


def test_labels_that_a_tokenizer_cannot_tell_apart_are_refused(format):
    schema = Schema((FrameType("person"), FrameType("Person")))
    with pytest.raises(FormatError, match="'person' and 'Person' look the same"):
        format.read("", schema, Writing(spell=str.lower))


@pytest.mark.parametrize("size", [20_000])
def test_long_text_compiles(format, vocabulary, size):
    text = vocabulary.view(" ".join(f"w{i % 7000} fox," for i in range(size // 8)))[:size]
    schema = Schema((FrameType("person"),))
    ids = vocabulary.encode(format.write([Draft("person", Piece(("fox",)))], schema, vocabulary.writing))
    assert walk(lambda: mask_of(format, vocabulary, schema, text), ids, vocabulary.eos_id) == ""


# Grounding


@given(st.data())
def test_frames_are_found_again_in_their_places(format, data):
    words = data.draw(st.lists(st.text("abcdeéß北'\"\\;:,(){}[]|", min_size=1, max_size=6), min_size=2, max_size=8,
                               unique_by=str.casefold))  # fmt: skip
    assume(not any(a.casefold() in b.casefold() for a in words for b in words if a != b))
    text = " ".join(words)
    places = [(text.index(word), text.index(word) + len(word)) for word in words]
    assume(all(text.casefold().count(word.casefold()) == 1 for word in words))
    mentions = [Mention.at(*place) for place in places]
    frames = [Frame("person", mentions[0])]
    frames += [Frame("attack", mentions[1], (Slot("attacker", mentions[0]),), (("polarity", "negative"),))]
    if len(mentions) > 3:
        frames += [Frame("work_for", None, (Slot("head", mentions[3]), Slot("tail", mentions[2])))]
        frames += [Frame("sale", None, (Slot("buyer", mentions[2]), Slot("price", mentions[3])))]
    expected = canonical(frames)
    view = TextView.identity(text)
    written = format.write(to_drafts(expected, view, SCHEMA), SCHEMA)
    drafts, rejects = format.read(written, SCHEMA)
    grounded = ground(view, drafts, written, SCHEMA)
    assert (rejects, grounded.rejects) == ([], [])
    assert canonical(grounded.frames) == expected
