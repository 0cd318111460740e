# SPDX-License-Identifier: Apache-2.0
"""Log-probabilities of answers against a loop over rows in float64, for every kind of model and mask."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from loremill.errors import ModelError
from loremill.models.codec import Encoded
from loremill.models.likelihood import Item, answer_logprobs, collate, collate_packed, pack
from loremill.models.prompt_mask import PROMPT_MASKS
from loremill.prompt import Prompt

from .test_prompt_mask import may_attend

PAIRS = [
    (Prompt("entities", "Find.", "person; location", "Ada was in Coimbra"), " person: Ada; location: Coimbra"),
    (Prompt("entities", "Find the names.", "person", "the quick brown fox jumps over the lazy dog"), " None"),
    (Prompt("relations", "Find.", "work for: person, company", "x", given="Ada"), " work for: x, x"),
]


def one_by_one(model, codec, kind: str, prompt: Prompt, answer: str) -> list[float]:
    """The whole sequence alone, in float64, all logits, a mask from the table."""
    first, second = codec.encode_pair(prompt, answer)
    whole = first + second
    tokens = range(len(whole))
    mask = torch.tensor([[[[may_attend(kind, list(whole.parts), q, k) for k in tokens] for q in tokens]]])
    types = {} if whole.token_types is None else {"token_type_ids": torch.tensor([whole.token_types])}
    with torch.no_grad():
        logits = model(
            input_ids=torch.tensor([whole.ids]),
            attention_mask=mask,
            position_ids=torch.arange(len(whole))[None],
            use_cache=False,
            **types,
        ).logits[0]
    assert logits.dtype == torch.float64
    table = logits.log_softmax(-1)
    return [table[at - 1, whole.ids[at]].item() for at in range(len(first), len(whole))]


@pytest.mark.parametrize("prompt_mask", PROMPT_MASKS)
@pytest.mark.parametrize("kind", ["byte-level", "SentencePiece", "WordPiece", "chat"])
def test_answer_logprobs_equal_a_loop_over_rows(tiny_model, kind, prompt_mask):
    local = tiny_model(kind, prompt_mask=prompt_mask)
    batch = collate([Item(*local.codec.encode_pair(*pair)) for pair in PAIRS], local.codec.pad_id)
    with torch.no_grad():
        found = answer_logprobs(local.model, batch)
    exact = tiny_model(kind).model.double()
    expected = [value for pair in PAIRS for value in one_by_one(exact, local.codec, prompt_mask, *pair)]
    assert found.dtype == torch.float32
    # float32 rounds at 6e-8; two layers of sums over 32 to 60 terms, logits of size 10
    torch.testing.assert_close(found.double(), torch.tensor(expected, dtype=torch.float64), atol=5e-5, rtol=1e-5)


@pytest.mark.parametrize("prompt_mask", PROMPT_MASKS)
@pytest.mark.parametrize("kind", ["byte-level", "WordPiece"])
def test_packed_items_have_the_logprobs_they_have_alone(tiny_model, kind, prompt_mask):
    local = tiny_model(kind, prompt_mask=prompt_mask)
    items = [Item(*local.codec.encode_pair(*pair)) for pair in PAIRS]
    rows = [[items[2], items[0]], [items[1]]]
    with torch.no_grad():
        packed = answer_logprobs(local.model, collate_packed(rows, local.codec.pad_id))
        alone = [answer_logprobs(local.model, collate([item], local.codec.pad_id)) for row in rows for item in row]
    # float32 rounds at 6e-8; two layers of sums over 32 to 60 terms, logits of size 10
    torch.testing.assert_close(packed, torch.cat(alone), atol=5e-5, rtol=1e-5)


@given(st.lists(st.integers(1, 12), max_size=12), st.integers(1, 12))
def test_packed_rows_hold_every_item_once_and_no_more_than_fits(lengths, limit):
    items = [Item(Encoded((i,), (2,)), Encoded((i,) * (n - 1), (2,) * (n - 1))) for i, n in enumerate(lengths)]
    rows = pack(items, limit)
    assert sorted(item.prompt.ids for row in rows for item in row) == [item.prompt.ids for item in items]
    assert all(sum(item.tokens for item in row) <= limit or len(row) == 1 for row in rows)
    sums = sorted(sum(item.tokens for item in row) for row in rows)
    assert len(sums) < 2 or sums[0] + sums[1] > limit  # two rows that fit into one would have been one


@pytest.mark.parametrize("kind", ["byte-level", "WordPiece"])
def test_eager_attention_gives_the_same_logprobs(tiny_model, kind):
    local = tiny_model(kind, prompt_mask="blocks")
    batch = collate([Item(*local.codec.encode_pair(*pair)) for pair in PAIRS], local.codec.pad_id)
    with torch.no_grad():
        fused = answer_logprobs(local.model, batch)
        local.model.set_attn_implementation("eager")
        eager = answer_logprobs(local.model, batch)
    torch.testing.assert_close(fused, eager, atol=5e-5, rtol=1e-5)  # as above


def test_the_masks_differ_in_what_they_predict(tiny_model):
    values = {kind: tiny_model("WordPiece", prompt_mask=kind).loglik(PAIRS[:1])[0].total for kind in PROMPT_MASKS}
    assert len({round(value, 3) for value in values.values()}) == 3


def test_loglik_is_in_the_order_asked_whatever_the_batches(tiny_model):
    pairs = [*PAIRS, *reversed(PAIRS)]
    together = tiny_model("WordPiece", batch_size=6).loglik(pairs)
    local = tiny_model("WordPiece", batch_size=1)
    for found, pair in zip(together, pairs, strict=True):
        (alone,) = local.loglik([pair])
        assert found.token_logprobs == pytest.approx(alone.token_logprobs, abs=1e-4)
        assert found.mean == pytest.approx(found.total / len(found.token_logprobs))


def test_predicts_marks_what_comes_before_each_answer_token(tiny_model):
    codec = tiny_model("WordPiece").codec
    items = [Item(*codec.encode_pair(*pair)) for pair in PAIRS]
    batch = collate(items, codec.pad_id)
    for row, (prompt, answer, *_) in enumerate(items):
        places = batch["predicts"][row].nonzero()[:, 0].tolist()
        assert [batch["input_ids"][row, i + 1].item() for i in places] == list(answer.ids)
        assert places[0] == len(prompt) - 1


def test_prompt_and_answer_beyond_the_window_are_refused(tiny_model):
    local = tiny_model("WordPiece")
    local.max_tokens = 10
    with pytest.raises(ModelError, match="prompt and answer need at most 10 tokens, got "):
        local.loglik(PAIRS[:1])
