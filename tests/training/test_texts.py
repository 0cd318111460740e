# SPDX-License-Identifier: Apache-2.0
"""Sequences of texts: every text once, none split without need, and what each prompt mask predicts of them."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loremill.frames import Document, Frame
from loremill.models.codec import ANSWER, CONTEXT, SCHEMA, decode
from loremill.models.loading import load_codec
from loremill.schema.types import FrameType, Schema
from loremill.text import Mention
from loremill.training.examples import Source
from loremill.training.texts import text_items

from ..tiny import save_tiny

PEOPLE = Schema((FrameType("person"),))
TEXTS = ["Ada was in Coimbra", "the quick fox jumps", "a dog", "Lovelace and the fox", "on Monday", "Portugal"]


@pytest.fixture(scope="module", params=["WordPiece", "byte-level"])
def codec(request, tmp_path_factory):
    return load_codec(str(save_tiny(request.param, tmp_path_factory.mktemp("texts") / "model")))


def source(texts=TEXTS, *, name="own", repeat=1.0, family="entities") -> Source:
    docs = [Document(text, frames=(Frame("person", Mention.at(0, 1)),)) for text in texts]
    return Source(name, family, PEOPLE, docs, {}, repeat)


def sequences(codec, sources, *, prompt_mask="causal", longest=24, seed=1, epoch=0, said_twice=0.0):
    settings = {"max_length_tokens": longest, "seed": seed, "epoch": epoch, "said_twice": said_twice}
    items, counts = text_items(sources, codec, prompt_mask=prompt_mask, **settings)
    assert (counts.items, counts.too_long, counts.unwritable) == (len(items), 0, 0)
    return items


def texts_of(codec, items) -> list[str]:
    """What stands between the ends of sequence."""
    found = []
    for item in items:
        text: list[int] = []
        for token in (item.prompt.ids + item.answer.ids)[1:]:
            if token == codec.eos_ids[0]:
                found.append(decode(codec, text)[0].strip())
                text = []
            else:
                text.append(token)
        assert not text
    return found


@pytest.mark.parametrize("prompt_mask", ["causal", "prefix", "blocks"])
def test_every_text_stands_once_in_sequences_that_fit(codec, prompt_mask):
    items = sequences(codec, [source()], prompt_mask=prompt_mask)
    assert sorted(texts_of(codec, items)) == sorted(codec.view(text).text for text in TEXTS)
    assert 1 < len(items) < len(TEXTS)
    assert all(item.tokens <= 24 for item in items)
    assert all(item.prompt.ids[0] == codec.start_id for item in items)


def test_families_of_a_data_set_give_its_texts_once_and_repeats_more(codec):
    both = [source(family="relations"), source(family="entities")]
    assert len(texts_of(codec, sequences(codec, both))) == len(TEXTS)
    assert len(texts_of(codec, sequences(codec, [source(repeat=1.5)]))) == 9
    assert len(texts_of(codec, sequences(codec, [source(), source(["a fox"], name="other")]))) == 7


@settings(max_examples=20)
@given(st.lists(st.integers(1, 60), min_size=1, max_size=5), st.integers(5, 30))
def test_only_longer_texts_are_cut_and_nothing_is_lost(codec, sizes, longest):
    texts = ["fox " * size + "." for size in sizes]
    items = sequences(codec, [source(texts)], longest=longest)
    assert all(item.tokens <= longest for item in items)
    written = [token for item in items for token in (item.prompt.ids + item.answer.ids)[1:]]
    wanted = [token for text in texts for token in codec.encode_text(text).ids]
    assert sorted(written) == sorted(wanted)
    for text in texts:
        ids = list(codec.encode_text(text).ids)
        is_whole = any(ids == written[i : i + len(ids)] for i in range(len(written)))
        assert is_whole


def test_masks_decide_what_is_predicted(codec):
    (causal,) = sequences(codec, [source()], longest=200)
    assert len(causal.prompt) == 1
    assert set(causal.prompt.parts + causal.answer.parts) == {ANSWER}
    for prompt_mask, parts in (("prefix", {CONTEXT, ANSWER}), ("blocks", {SCHEMA, CONTEXT, ANSWER})):
        found = [sequences(codec, [source()], prompt_mask=prompt_mask, longest=200, seed=s)[0] for s in range(20)]
        assert {part for item in found for part in item.prompt.parts} == parts
        for item in found:
            assert list(item.prompt.parts) == sorted(item.prompt.parts)
            assert item.prompt.parts.count(ANSWER) == 1
            assert set(item.answer.parts) == {ANSWER}
            assert len(item.answer) >= len(item.prompt) - 1
        assert len({len(item.prompt) for item in found}) > 5


def test_epoch_is_a_function_of_seed_and_number(codec):
    first = sequences(codec, [source()], prompt_mask="blocks")
    assert sequences(codec, [source()], prompt_mask="blocks") == first
    assert sequences(codec, [source()], prompt_mask="blocks", epoch=1) != first
    assert sequences(codec, [source()], prompt_mask="blocks", seed=2) != first


def test_empty_texts_are_left_out(codec):
    assert sequences(codec, [source(["a fox"]), Source("no", "entities", PEOPLE, [Document("")], {})]) == sequences(
        codec, [source(["a fox"])]
    )


@settings(max_examples=30)
@given(st.lists(st.integers(1, 40), min_size=1, max_size=8), st.integers(2, 60), st.integers(0, 9))
def test_what_is_said_twice_stands_whole_in_each_half(codec, sizes, longest, seed):
    texts = [f"{word} " * size + "." for word, size in zip(("fox", "Ada", "dog", "on") * 2, sizes, strict=False)]
    items = sequences(codec, [source(texts)], longest=longest, seed=seed, said_twice=1.0)
    assert all(item.tokens <= longest for item in items)
    first = []
    for item in items:
        said = (item.prompt.ids + item.answer.ids)[1:]
        half = len(said) // 2
        assert len(said) == 1 or sorted(said[:half]) == sorted(said[half:])
        first += said[: max(1, half)]
    assert sorted(first) == sorted(token for text in texts for token in codec.encode_text(text).ids)


def test_the_second_time_is_in_another_order_and_a_share_says_how_often(codec):
    found = [sequences(codec, [source()], longest=200, seed=s, said_twice=0.5)[0] for s in range(40)]
    once = len(sequences(codec, [source()], longest=200)[0].answer)
    twice = [item for item in found if len(item.answer) == 2 * once]
    assert 10 < len(twice) < 30
    halves = [(item.answer.ids[: len(item.answer) // 2], item.answer.ids[len(item.answer) // 2 :]) for item in twice]
    assert sum(a != b for a, b in halves) > len(twice) // 2
    assert all(sorted(a) == sorted(b) for a, b in halves)
