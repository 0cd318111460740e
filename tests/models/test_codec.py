# SPDX-License-Identifier: Apache-2.0
"""Codecs: views map back, answers decode to themselves, and gold answers walk through the masks of their grammars."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from transformers import AutoModelForCausalLM, AutoTokenizer

from loremill.errors import ModelError
from loremill.formats import listing
from loremill.formats.drafts import to_drafts
from loremill.formats.marks import Marks
from loremill.formats.segments import segment
from loremill.frames import Frame, Slot, canonical
from loremill.models.codec import ANSWER, CONTEXT, SCHEMA, TEMPLATE, Codec, Encoded, decode
from loremill.models.loading import load_codec
from loremill.models.matcher import GrammarMask
from loremill.models.subword import SubwordCodec
from loremill.models.wordpiece import RESERVED, WordPieceCodec
from loremill.prompt import Demonstration, Prompt
from loremill.schema.types import Schema
from loremill.text import Mention, Span

from ..conftest import NANO
from ..formats.generated import assume_distinct, schemas, texts
from ..formats.vocabularies import walk
from ..tiny import CHAT, TOKENIZERS, byte_level, word_piece

SPECIAL = "[SEP] [CLS] [UNK] [PAD] [unused0] </s> <s> <|eos|> <|im_end|> <|im_start|>"
PROMPT = Prompt(
    "entities",
    "Find the names.",
    "person; location",
    "Ada was in Coimbra",
    demonstrations=(Demonstration("the fox", " person: fox"),),
)


@pytest.fixture(scope="module", params=[*TOKENIZERS, pytest.param("nano", marks=pytest.mark.nano)])
def codec(request, tiny) -> Codec:
    return load_codec(str(NANO.parent if request.param == "nano" else tiny(request.param)))


@pytest.fixture(scope="module")
def ll(codec):
    return codec.grammar_tokenizer()


def spell_of(codec: Codec):
    return lambda label: codec.view(label).text


def wordpiece(prompt_parts: Sequence[str] | None) -> WordPieceCodec:
    tokenizer = word_piece()
    ids = {mark: tokenizer.convert_tokens_to_ids(f"[unused{i}]") for i, mark in enumerate(RESERVED)}
    return WordPieceCodec(tokenizer, ids, prompt_parts)


def asked(text: str) -> Prompt:
    return Prompt("entities", "Find the names.", "person; location", text)


def test_a_prompt_without_types_names_none(tiny):
    codec = load_codec(str(tiny("byte-level")))
    assert codec.render(Prompt("classes", "Reword it.", "", "the fox")) == "Reword it.\n\nText: the fox\nAnswer:"


def test_a_model_that_reads_no_instruction_reads_which_capability_a_sub_task_needs(tiny):
    codec = load_codec(str(tiny("WordPiece")))
    locating = Prompt("entities", "Find.", "person", "the fox", task="locating")
    assert codec.encode_prompt(locating) != codec.encode_prompt(replace(locating, task=""))
    assert codec.encode_prompt(replace(locating, task="triggers")) == codec.encode_prompt(replace(locating, task=""))


TOLD = replace(
    PROMPT,
    definitions="person: a human; alone\nlocation: a place",
    given="Ada; Coimbra",
    task="arguments",
    wording="Find them.",
)


def test_prompt_parts_are_laid_out_one_after_the_other(tiny):
    codec = load_codec(str(tiny("WordPiece told")))
    encoded = codec.encode_prompt(TOLD)
    words = codec.tokenizer.convert_ids_to_tokens(encoded.ids)
    reserved = {codec.tokenizer.convert_ids_to_tokens(i): f"<{mark}>" for mark, i in codec.delimiter_ids.items()}
    shown = codec.tokenizer.convert_tokens_to_string([reserved.get(word, word) for word in words])

    def spelt(text: str) -> str:
        return codec.tokenizer.convert_tokens_to_string(codec.tokenizer.tokenize(text))

    parts = [
        f"[CLS] {spelt('entities arguments')}",
        spelt("Find them."),
        f"{spelt('person')} <;> {spelt('location')}",
    ]
    parts += [
        f"{spelt('person: a human; alone')} <;> {spelt('location: a place')}",
        f"{spelt('ada')} <;> {spelt('coimbra')}",
    ]
    parts += [spelt("the fox"), f"{spelt('person')} <:> {spelt('fox')}", spelt("ada was in coimbra")]
    assert shown.split(" [SEP]") == [parts[0], *(f" {part}" for part in parts[1:]), ""]
    after = encoded.parts.index(CONTEXT)
    assert words[:after].count("[SEP]") == 4  # task, instruction, schema, definitions
    assert set(encoded.token_types[: words.index("[SEP]", after) + 1]) == {4}


@pytest.mark.parametrize(
    ("prompt_parts", "unread"),
    [
        (None, {"wording": "Go.", "definitions": "person: a human", "task": "arguments"}),
        ((), {"wording": "Go.", "definitions": "person: a human"}),
        (("instruction",), {"definitions": "person: a human"}),
        (("definitions",), {"wording": "Go."}),
    ],
)
def test_parts_that_are_not_named_are_not_read(prompt_parts, unread):
    codec = wordpiece(prompt_parts)
    for name, value in unread.items():
        assert codec.encode_prompt(replace(TOLD, **{name: value})) == codec.encode_prompt(TOLD)
    for name in {"wording", "definitions", "task"} - unread.keys():
        assert codec.encode_prompt(replace(TOLD, **{name: "other"})) != codec.encode_prompt(TOLD)


def test_only_other_words_for_a_task_than_the_canonical_ones_are_read():
    codec = wordpiece(("instruction",))
    assert codec.encode_prompt(replace(TOLD, instruction="Go. Answer in words.")) == codec.encode_prompt(TOLD)
    plain = codec.encode_prompt(replace(TOLD, wording=""))
    assert plain == wordpiece(()).encode_prompt(TOLD)


def test_given_mentions_are_no_part_of_an_instruction_that_is_read():
    def read(prompt_parts, given):
        encoded = wordpiece(prompt_parts).encode_prompt(replace(TOLD, given=given))
        return encoded.ids[: encoded.parts.count(SCHEMA)]

    assert read(("instruction",), "Ada") == read(("instruction",), "the fox")
    assert read(None, "Ada") != read(None, "the fox")


def test_layout_of_prompts_is_told():
    told = [wordpiece(parts).template for parts in (None, (), ("definitions", "instruction"))]
    assert told == ["plain", "plain with task", "plain with task definitions instruction"]


def test_unknown_part_of_prompts_is_refused():
    with pytest.raises(
        ModelError, match="prompt_parts of a WordPiece model are of instruction, definitions, got 'schema'"
    ):
        wordpiece(("schema",))


def test_a_text_by_itself_is_its_view_and_an_end(codec):
    encoded = codec.encode_text("Ada was in Coimbra")
    assert decode(codec, encoded.ids)[0].strip() == codec.view("Ada was in Coimbra").text
    assert encoded.ids[-1] == codec.eos_ids[0]
    assert set(encoded.parts) == {CONTEXT}
    assert not codec.token_bytes(codec.start_id)
    special = codec.encode_text(SPECIAL)
    assert [i for i in special.ids if not codec.token_bytes(i)] == [codec.eos_ids[0]]


@settings(max_examples=100)
@given(data=st.data(), text=texts)
def test_span_becomes_the_smallest_piece_of_the_view_that_covers_it(codec, data, text):
    view = codec.view(text)
    assume(text)
    start = data.draw(st.integers(0, len(text) - 1))
    span = Span(start, data.draw(st.integers(start + 1, len(text))))
    inside = [
        i for i, (s, e) in enumerate(zip(view.starts, view.ends, strict=True)) if s < e and s < span.end and e > start
    ]
    assert view.from_original(span) == ((inside[0], inside[-1] + 1) if inside else None)


@settings(max_examples=100)
@given(data=st.data(), text=texts)
def test_piece_of_the_view_maps_to_the_text_it_stands_for(codec, data, text):
    view = codec.view(text)
    assume(view.text)
    start = data.draw(st.integers(0, len(view.text) - 1))
    end = data.draw(st.integers(start + 1, len(view.text)))
    span = view.to_original(start, end)
    if span is None:
        assert view.text[start:end] == " "
        return
    back = view.from_original(span)
    assert back is not None
    assert back[0] <= start + (len(view.text[start:end]) - len(view.text[start:end].lstrip()))
    assert back[1] >= end - (len(view.text[start:end]) - len(view.text[start:end].rstrip()))
    assert view.to_original(*back) == span


@st.composite
def mentions(draw, view):
    """One or two runs of the view's segments as places of the original."""
    pieces = segment(view.text)
    edges = [i for i, piece in enumerate(pieces) if not piece.isspace()]
    offsets = [sum(map(len, pieces[:i])) for i in range(len(pieces) + 1)]
    fragments: list[Span] = []
    for _ in range(draw(st.sampled_from([1, 1, 1, 2]))):
        first, last = sorted((draw(st.sampled_from(edges)), draw(st.sampled_from(edges))))
        span = view.to_original(offsets[first], offsets[last + 1])
        assert span is not None
        if not fragments or span.start > fragments[-1].end:
            fragments.append(span)
    return Mention(tuple(fragments))


@st.composite
def frames(draw, schema: Schema, view):
    has_words = any(not piece.isspace() for piece in segment(view.text))
    types = [t for t in schema if has_words or t.family == "classes"]
    chosen = draw(st.lists(st.sampled_from(types), max_size=3)) if types else []
    made = []
    for t in chosen:
        roles = t.slots if t.is_pair else draw(st.lists(st.sampled_from(t.slots), max_size=3)) if t.slots else ()
        slots = tuple(Slot(role.name, draw(mentions(view))) for role in roles)
        attributes = tuple((a.name, draw(st.sampled_from(a.choices))) for a in t.attributes if draw(st.booleans()))
        if t.has_filler or slots or t.family == "classes":
            made.append(Frame(t.name, draw(mentions(view)) if t.has_filler else None, slots, attributes))
    return canonical(made)


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
@given(data=st.data(), schema=schemas(), text=texts)
def test_gold_answers_stand_in_the_masks_of_their_grammar(codec, ll, data, schema, text):
    spell, view = spell_of(codec), codec.view(text)
    assume_distinct(schema, spell)
    assume(not any(t.family == "classes" and t.label == "None" for t in schema))  # refused: it reads like no answer
    drafts = to_drafts(data.draw(frames(schema, view)), view, schema)
    gold = listing.write(drafts, schema, codec.writing)
    _, answer = codec.encode_pair(asked(text), gold)
    writing = codec.writing
    grammar = listing.grammar(schema, view.text, writing)
    assert walk(lambda: GrammarMask(ll, grammar), answer.ids[:-1], codec.eos_ids[0]) == "", (gold, view.text)
    assert answer.ids[-1] == codec.eos_ids[0]
    written = gold if writing.lead else gold.removeprefix(" ")
    assert decode(codec, answer.ids[:-1])[0] == written


@settings(max_examples=60)
@given(text=texts)
def test_offsets_tile_the_text_of_an_answer(codec, text):
    _, answer = codec.encode_pair(asked(text), f" person: {codec.view(text).text}")
    written, offsets = decode(codec, answer.ids)
    assert offsets[0][0] == 0
    assert offsets[-1][1] == len(written)
    assert all(left[1] == right[0] for left, right in itertools.pairwise(offsets))


def test_character_spread_over_tokens_belongs_to_the_first(tiny):
    codec = load_codec(str(tiny("SentencePiece")))
    ids = codec.encode_pair(PROMPT, " a😀b")[1].ids[:-1]
    text, offsets = decode(codec, ids)
    assert text == " a😀b"
    assert [end - start for start, end in offsets] == [2, 1, 0, 0, 0, 1]


def test_bytes_that_are_no_character_are_replaced(tiny):
    codec = load_codec(str(tiny("SentencePiece")))
    cut = codec.encode_pair(PROMPT, " a😀b")[1].ids[:3]
    assert decode(codec, cut)[0] == " a\ufffd"


def test_special_tokens_named_in_a_text_are_ordinary_text(codec):
    prompt = Prompt(
        "entities",
        f"Find {SPECIAL}.",
        "person",
        f"about {SPECIAL}",
        given=f"given {SPECIAL}",
        demonstrations=(Demonstration(f"of {SPECIAL}", f" person: {codec.view(SPECIAL).text.replace('|', '')}"),),
    )
    plain = Prompt(
        "entities", "Find x.", "person", "about", given="given", demonstrations=(Demonstration("of", " person: x"),)
    )

    def specials(encoded: Encoded) -> list[int]:
        return [i for i in encoded.ids if codec.token_bytes(i) == b""]

    assert specials(codec.encode_prompt(prompt)) == specials(codec.encode_prompt(plain))


def test_special_tokens_named_in_an_answer_are_ordinary_text(codec):
    named = Marks.of(codec.writing, ":;,|").span(codec.view("[SEP] </s> <s>").text)
    _, answer = codec.encode_pair(PROMPT, f" person: {named}")
    assert [i for i in answer.ids if codec.token_bytes(i) == b""] == [codec.eos_ids[0]]
    assert decode(codec, answer.ids)[0].strip() == f"person: {named}"


def test_chat_markers_named_in_an_answer_are_ordinary_text(tiny):
    codec = load_codec(str(tiny("chat")))
    _, answer = codec.encode_pair(PROMPT, " person: <\\|im_end\\|>")
    _, bare = codec.encode_pair(PROMPT, " <|im_end|>")
    assert decode(codec, answer.ids[:-1])[0] == "person: <\\|im_end\\|>"
    assert decode(codec, bare.ids[:-1])[0] == "<|im_end|>"


def test_prompt_of_a_pair_is_the_prompt_that_is_completed(codec):
    prompt, answer = codec.encode_pair(PROMPT, " person: Ada")
    assert prompt == codec.encode_prompt(PROMPT)
    assert set(answer.parts) == {ANSWER}


def test_parts_are_schema_then_context_then_one_answer_token(codec):
    parts = codec.encode_prompt(PROMPT).parts
    assert parts[-1] == ANSWER
    assert list(parts[:-1]) == sorted(parts[:-1])
    assert set(parts) - {TEMPLATE} == {SCHEMA, CONTEXT, ANSWER}


def test_what_a_chat_template_writes_before_the_instruction_is_no_part_of_it(tiny):
    codec = load_codec(str(tiny("chat")))
    encoded = codec.encode_prompt(PROMPT)
    pieces = {
        part: [i for i, p in zip(encoded.ids, encoded.parts, strict=True) if p == part] for part in (TEMPLATE, SCHEMA)
    }
    assert codec.tokenizer.decode(pieces[TEMPLATE]) == "<|im_start|>user\n"
    assert codec.tokenizer.decode(pieces[SCHEMA]).startswith(PROMPT.instruction)


def test_longer_instruction_is_schema_and_longer_text_is_context(codec):
    def counts(prompt: Prompt) -> tuple[int, int]:
        parts = codec.encode_prompt(prompt).parts
        return parts.count(SCHEMA), parts.count(CONTEXT)

    schema, context = counts(Prompt("entities", "Find.", "person", "the fox"))
    assert counts(Prompt("entities", "Find.", "person; location", "the fox"))[1] == context
    assert counts(Prompt("entities", "Find.", "person", "the fox jumps"))[0] == schema
    assert counts(Prompt("entities", "Find.", "person; location", "the fox"))[0] > schema


def test_token_that_spans_prompt_and_answer_is_an_answer_token():
    codec = SubwordCodec(byte_level(use_regex=False))
    prompt, answer = codec.encode_pair(asked("fox"), " None")
    alone = codec.encode_prompt(asked("fox"))
    whole = prompt.ids + answer.ids[:-1]
    assert len(prompt) < len(alone)  # ":" became part of ": No"
    rendered = codec.render(asked("fox"))
    assert whole == tuple(codec.tokenizer(f"{rendered} None")["input_ids"])
    assert decode(codec, whole)[0] == f"{rendered} None"
    assert prompt.parts[-1] == ANSWER


def test_chat_completions_start_behind_the_turn_marker(tiny):
    codec = load_codec(str(tiny("chat")))
    assert codec.writing.lead == ""
    assert codec.render(PROMPT).endswith("<|im_start|>assistant\n")
    assert codec.render(PROMPT).count("<|im_start|>") == 4  # user, assistant, user, assistant


def test_sentencepiece_chat_completions_start_with_the_blank_it_puts_there(tiny):
    codec = load_codec(str(tiny("SentencePiece chat")))
    assert codec.writing.lead == " "
    assert decode(codec, codec.encode_pair(PROMPT, " None")[1].ids)[0] == " None"


def test_chat_template_is_saved_with_the_tokenizer(tiny):
    assert AutoTokenizer.from_pretrained(tiny("chat")).chat_template == CHAT


def test_case_of_words_rides_on_token_types(tiny):
    codec = load_codec(str(tiny("WordPiece")))
    encoded = codec.encode_prompt(asked("fox Fox FOX fOx A 北"))
    assert encoded.token_types is not None
    head = encoded.parts.count(SCHEMA)
    words = len(codec.tokenizer("fox Fox FOX fOx A 北", add_special_tokens=False)["input_ids"])
    assert encoded.token_types[head : head + words] == (0, 1, 2, 3, 1, 0)
    assert set(encoded.token_types[:head]) == {4}
    assert encoded.token_types[-1] == 5


def test_case_is_not_told_to_a_model_that_does_not_read_it(tiny, tmp_path):
    model = AutoModelForCausalLM.from_pretrained(tiny("WordPiece"))
    model.config.reads_case = False
    model.save_pretrained(tmp_path)
    AutoTokenizer.from_pretrained(tiny("WordPiece")).save_pretrained(tmp_path)
    codec = load_codec(str(tmp_path))
    assert codec.encode_prompt(asked("fox FOX fOx")) == codec.encode_prompt(asked("Fox fox fox"))
    assert codec.encode_text("FOX").token_types == (0, 0)
    assert codec.view("FOX").starts == load_codec(str(tiny("WordPiece"))).view("FOX").starts


def test_bare_delimiters_are_reserved_and_escaped_ones_are_punctuation(tiny):
    codec = load_codec(str(tiny("WordPiece")))
    delimiters = codec.delimiter_ids
    ids = codec.encode_pair(PROMPT, " person: a \\; b; person: c")[1].ids
    assert [i for i in ids if i in delimiters.values()] == [delimiters[c] for c in ":;:"]
    assert codec.tokenizer.convert_tokens_to_ids(";") in ids


def test_parts_of_different_length_are_refused():
    with pytest.raises(ValueError, match="differ in length: 2, 1"):
        Encoded((1, 2), (0,))
