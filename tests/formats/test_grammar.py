# SPDX-License-Identifier: Apache-2.0
"""Gold completions walked through masks, and what masks let through checked against the schema and the text."""

from __future__ import annotations

import re
import time

import llguidance
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from loremill.errors import FormatError, GrammarLimit
from loremill.formats import listing
from loremill.formats.marks import Marks
from loremill.models import matcher
from loremill.models.matcher import GrammarMask, mask_words, unpack_mask
from loremill.prompt import Writing
from loremill.schema.types import AttributeType, FrameType, Schema, SlotType

from .generated import assume_distinct, completion, drawn, schemas, texts
from .vocabularies import VOCABULARIES, Vocabulary, byte_level, takes, walk

PERSON = FrameType("person")
WORK = FrameType("work", family="relations", slots=(SlotType("head"), SlotType("tail")))
WORK_FOR = FrameType("work for", family="relations", slots=(SlotType("head"), SlotType("tail")))
ATTACK = FrameType(
    "attack",
    family="events",
    slots=(SlotType("attacker"), SlotType("attacker time")),
    attributes=(AttributeType("polarity", ("negative", "negative: very")),),
)
SALE = FrameType("sale", family="relations", slots=(SlotType("buyer"), SlotType("seller"), SlotType("price")))


@pytest.fixture(params=VOCABULARIES, scope="module")
def vocabulary(request) -> Vocabulary:
    return VOCABULARIES[request.param]()


def mask_of(vocabulary: Vocabulary, schema: Schema, text: str) -> GrammarMask:
    """The mask of a fresh completion about ``text``."""
    return GrammarMask(vocabulary.ll, listing.grammar(schema, vocabulary.view(text), vocabulary.writing))


def marks_of(vocabulary: Vocabulary) -> Marks:
    return Marks.of(vocabulary.writing, ":;,|")


def refusal(vocabulary: Vocabulary, schema: Schema, text: str, gold: str) -> str:
    return walk(lambda: mask_of(vocabulary, schema, text), vocabulary.encode(gold), vocabulary.eos_id)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data(), schema=schemas(), text=texts)
def test_gold_tokens_stand_in_the_mask(vocabulary, data, schema, text):
    view = vocabulary.view
    assume_distinct(schema, view)
    gold = completion(data.draw, schema, view(text), vocabulary.writing)
    assert refusal(vocabulary, schema, text, gold) == "", (gold, view(text))


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("the U.S.-based firm", "U.S."),
        ("北京是中国的首都", "北京"),
        ("a  b   c", "a  b"),
        ("a ; b", "a ; b"),
        ("a ; b", "a"),
        ("x", "x"),
        (";", ";"),
        ("see [3], </s> or <|eos|> or [SEP]", "</s> or <|eos|> or [SEP]"),
        ("None", "None"),
        ("\\ \\n \\\\", "\\n \\\\"),
    ],
)
def test_span_of_the_text_is_written(vocabulary, text, span):
    written = marks_of(vocabulary).span(vocabulary.view(span))
    gold = f" person: {written}; person: {written}"
    assert refusal(vocabulary, Schema((PERSON,)), text, gold) == ""


@pytest.mark.parametrize(
    "gold",
    [
        " none",
        " none of these: fox",
        " work: fox, dog; work for: dog, fox| the",
        " attack: fox, attacker time: dog, attacker: the, attacker: dog, polarity: negative\\: very",
        " attack: fox; attack: dog, polarity: negative",
        " sale: price: fox, buyer: dog",
    ],
)
def test_labels_that_begin_alike_are_written(vocabulary, gold):
    types = (FrameType("none of these"), WORK, WORK_FOR, ATTACK, SALE)
    if vocabulary.view("None") == "None":
        types = (FrameType("None of these"), *types[1:])
        gold = gold.replace(" none", " None")
    assert refusal(vocabulary, Schema(types), "the fox, the dog", _as_seen(vocabulary, gold)) == ""


def _as_seen(vocabulary: Vocabulary, gold: str) -> str:
    return gold.replace("\\:", " \\:") if vocabulary.view("a:") == "a :" else gold


@pytest.mark.parametrize(
    ("written", "refused"),
    [
        (" person: ", "dog"),  # no word of the text
        (" person: the ", "jumps"),  # of the text, but not next
        (" person: the ", "; "),  # a span does not end with a blank
        (" ", "location"),  # no type
        (" ", "none"),
        ("", "person"),  # a completion starts with a blank
        (" person: the", ":"),
        (" person: the", ", "),  # an entity has no roles
        (" attack: fox, ", "time: "),  # no role of this type
        (" attack: fox, ", "buyer: "),  # a role of another type
        (" attack: fox, polarity: ", "positive"),
        (" attack: fox, polarity: negative", ", "),  # attributes come last
        (" work: the", "; "),  # a pair has two mentions
        (" work: the, fox", ", "),
        (" sale: ", "the"),
        (" None", "; "),
        (" person: the; ", "None"),
        (" person: the| ", "| "),
        (" person: fo", "; "),
        (" person: ", " "),
        (" person: the fox\\; ", "; "),
    ],
)
def test_other_text_is_masked(written, refused):
    vocabulary = byte_level()
    schema = Schema((PERSON, WORK, WORK_FOR, ATTACK, SALE))
    mask = GrammarMask(vocabulary.ll, listing.grammar(schema, "the fox; jumps", Writing(no_forcing=True)))
    assert takes(vocabulary, mask, written)
    assert not takes(vocabulary, mask, refused)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data(), schema=schemas(), text=texts)
def test_whatever_a_mask_allows_is_on_schema_and_verbatim(vocabulary, data, schema, text):
    view = vocabulary.view
    assume_distinct(schema, view)
    written = drawn(data, vocabulary, mask_of(vocabulary, schema, text))
    _check_completion(written, schema, view(text), marks_of(vocabulary))


def _check_completion(written: str, schema: Schema, text: str, marks: Marks) -> None:
    """By hand, with the delimiters split off: labels are of the schema and spans stand in the text."""
    assert written.startswith(" ")
    if written[1:] == marks.label("None"):
        return
    types = {marks.label(t.label): t for t in schema}
    for item in _cut(written[1:], "; "):
        label, *body = _cut(item, ": ", 1)
        assert label in types
        words = {marks.label(p.label): p for p in (*types[label].slots, *types[label].attributes)}
        for part in _cut(body[0], ", ") if body else []:
            name, *value = _cut(part, ": ", 1)
            if value and isinstance(words[name], AttributeType):
                assert value[0] in {marks.label(c) for c in words[name].choices}
            else:
                for fragment in _cut(value[0] if value else name, "| "):
                    assert fragment
                    assert fragment in marks.span(text)


def _cut(written: str, delimiter: str, count: int = -1) -> list[str]:
    """The parts between bare delimiters, at most ``count`` of them cut off the front."""
    parts, start = [], 0
    for match in re.finditer(rf"\\.|{re.escape(delimiter)}", written):
        if match[0] == delimiter and len(parts) != count:
            parts.append(written[start : match.start()])
            start = match.end()
    return [*parts, written[start:]]


@pytest.mark.parametrize("text", ["", " ", "\n \t", "\u3000"])
def test_text_without_words_leaves_none_and_classes(vocabulary, text):
    schema = Schema((PERSON, FrameType("book flight", family="classes")))
    view = vocabulary.view
    for gold in [f" {view('None')}", " book flight; book flight"]:
        assert refusal(vocabulary, schema, text, gold) == ""
    assert "masked" in refusal(vocabulary, schema, text, " person: a")


def test_class_with_one_attribute_is_written(vocabulary):
    schema = Schema((FrameType("refund", family="classes", attributes=(AttributeType("tone", ("kind", "rude")),)),))
    assert refusal(vocabulary, schema, "the fox", " refund: tone: rude") == ""


def test_completion_after_a_turn_marker_has_no_blank_before_it():
    vocabulary = byte_level()
    lark = listing.grammar(Schema((PERSON,)), "the fox", Writing(lead=""))
    for gold in ["None", "person: fox; person: the"]:
        assert walk(lambda: GrammarMask(vocabulary.ll, lark), vocabulary.encode(gold), vocabulary.eos_id) == ""


def test_items_are_capped():
    vocabulary = byte_level()
    lark = listing.grammar(Schema((PERSON,)), "a b", max_items=3)
    ids = vocabulary.encode(" person: a; person: b; person: a; person: b")
    three = vocabulary.encode(" person: a; person: b; person: a")
    assert walk(lambda: GrammarMask(vocabulary.ll, lark), three, vocabulary.eos_id) == ""
    assert f"at {len(three)} is masked" in walk(lambda: GrammarMask(vocabulary.ll, lark), ids, vocabulary.eos_id)


def test_text_above_the_limit_is_named_with_its_length():
    with pytest.raises(GrammarLimit, match="up to 10 characters, got 11"):
        listing.grammar(Schema((PERSON,)), "a" * 11, limit_chars=10)


def test_labels_that_a_tokenizer_cannot_tell_apart_are_refused():
    with pytest.raises(FormatError, match="'person' and 'Person' look the same"):
        listing.grammar(Schema((PERSON, FrameType("Person"))), "a", Writing(spell=str.lower))


def test_label_that_a_tokenizer_cannot_write_is_refused():
    with pytest.raises(FormatError, match="label 'person' needs to be written"):
        listing.grammar(Schema((PERSON,)), "a", Writing(spell=lambda label: label.replace("person", "")))


def test_lone_surrogate_is_refused():
    with pytest.raises(FormatError, match="lone surrogate"):
        listing.grammar(Schema((PERSON,)), "a\ud800")


def test_broken_grammar_is_one_line():
    with pytest.raises(FormatError, match=r'^grammar cannot be used: .*unknown name: "foo"$') as error:
        GrammarMask(byte_level().ll, "start: foo")
    assert not isinstance(error.value, GrammarLimit)


@pytest.mark.parametrize(
    "limits", [{"initial_lexer_fuel": 1000}, {"max_grammar_size": 10}, {"max_items_in_row": 2}, {"max_lexer_states": 5}]
)
def test_grammar_too_large_for_the_compiler_or_a_step_is_a_limit(monkeypatch, limits):
    monkeypatch.setattr(matcher, "_LIMITS", llguidance.LLParserLimits(verbose_errors=False, **limits))
    vocabulary = byte_level()
    with pytest.raises(GrammarLimit, match=r"^grammar is too large for this text and schema: .*$"):
        refusal(vocabulary, Schema((PERSON,)), "the fox " * 500, " person: fox the")


def test_done_after_end_of_sequence_and_nothing_else():
    vocabulary = byte_level()
    mask = mask_of(vocabulary, Schema((PERSON,)), "a")
    for token_id in vocabulary.encode(" person: a"):
        assert not mask.is_done
        assert mask.advance(token_id)
    assert not mask.is_done
    assert mask.advance(vocabulary.eos_id)
    assert mask.is_done
    assert np.flatnonzero(mask.allowed()).tolist() == [vocabulary.eos_id]
    assert not mask.advance(vocabulary.encode("a")[0])


def test_rows_unpack_to_what_is_allowed():
    vocabulary = byte_level()
    mask = mask_of(vocabulary, Schema((PERSON,)), "a")
    rows = np.full((2, mask_words(mask.vocab_size)), -1, dtype=np.int32)
    mask.fill(rows[1])
    both = unpack_mask(rows, mask.vocab_size)
    assert both.shape == (2, mask.vocab_size)
    assert both[0].all()
    assert np.array_equal(both[1], mask.allowed())
    expected = [bool(int(rows[1, i // 32]) >> (i % 32) & 1) for i in range(mask.vocab_size)]
    assert both[1].tolist() == expected


def test_row_of_another_size_is_refused():
    mask = mask_of(byte_level(), Schema((PERSON,)), "a")
    with pytest.raises(ValueError, match="mask needs"):
        mask.fill(np.zeros(3, dtype=np.int32))


def test_text_of_100_000_characters_compiles(vocabulary):
    text = vocabulary.view(" ".join(f"w{i % 7000} fox," for i in range(10_000)))[:100_000]
    started = time.perf_counter()
    assert refusal(vocabulary, Schema((PERSON,)), text, _as_seen(vocabulary, " person: fox")) == ""
    seconds = time.perf_counter() - started
    print(f"100,000 characters compiled and walked in {seconds:.2f} s")
    assert seconds < 60


def test_schema_of_500_event_types_compiles(vocabulary):
    types = tuple(
        FrameType(f"type {i}", family="events", slots=tuple(SlotType(f"role {i + j}") for j in range(5)))
        for i in range(500)
    )
    assert refusal(vocabulary, Schema(types), "the fox", " type 499: the, role 503: fox") == ""
