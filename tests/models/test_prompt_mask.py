# SPDX-License-Identifier: Apache-2.0
"""Attention masks of the three kinds against a loop over pairs of tokens, and padded batches."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from loremill.errors import UnknownNameError
from loremill.models.codec import ANSWER, CONTEXT, SCHEMA, TEMPLATE, Encoded
from loremill.models.prompt_mask import PADDING, PROMPT_MASKS, attention_mask, for_attention, pad, prompt_mask_of


def may_attend(kind: str, parts: list[int], query: int, key: int) -> bool:
    """One cell of the module's table, in words."""
    if query == key:
        return True
    if PADDING in (parts[query], parts[key]):
        return False
    is_prompt = parts[query] != ANSWER and parts[key] != ANSWER
    if kind == "causal" or not is_prompt:
        return key < query
    if kind == "prefix":
        return True
    return parts[key] in (TEMPLATE, SCHEMA) or parts[query] == CONTEXT


rows = st.tuples(st.integers(0, 3), st.integers(0, 3), st.integers(1, 3), st.integers(0, 2), st.booleans())


def parts_of(schema: int, context: int, answer: int, padding: int, left: bool) -> list[int]:
    real = [TEMPLATE, SCHEMA, SCHEMA][:schema] + [CONTEXT] * context + [ANSWER] * answer
    return [PADDING] * padding + real if left else real + [PADDING] * padding


@pytest.mark.parametrize("kind", PROMPT_MASKS)
@given(row=rows)
def test_mask_equals_the_table(kind, row):
    parts = parts_of(*row)
    mask = attention_mask(kind, torch.tensor([parts]))
    tokens = range(len(parts))
    expected = [[may_attend(kind, parts, q, k) for k in tokens] for q in tokens]
    assert mask.shape == (1, 1, len(parts), len(parts))
    assert mask[0, 0].tolist() == expected


@pytest.mark.parametrize("kind", PROMPT_MASKS)
def test_rows_of_a_batch_have_masks_of_their_own(kind):
    first, second = parts_of(2, 3, 2, 0, False), parts_of(1, 2, 1, 3, False)
    batch = attention_mask(kind, torch.tensor([first, second]))
    for row, parts in zip(batch, (first, second), strict=True):
        assert torch.equal(row, attention_mask(kind, torch.tensor([parts]))[0])


@pytest.mark.parametrize("kind", PROMPT_MASKS)
@given(first=rows, second=rows)
def test_items_of_a_packed_row_see_themselves_alone(kind, first, second):
    parts = [parts_of(*row[:3], 0, False) for row in (first, second)]
    items = [number for number, part in enumerate(parts) for _ in part]
    padded = torch.tensor([[*parts[0], *parts[1], PADDING]])
    mask = attention_mask(kind, padded, torch.tensor([[*items, -1]]))[0, 0]
    apart = [attention_mask(kind, torch.tensor([part]))[0, 0] for part in (*parts, [PADDING])]
    assert torch.equal(mask, torch.block_diag(*apart).bool())


def test_schema_is_blind_to_the_text_only_under_blocks():
    parts = torch.tensor([parts_of(2, 2, 1, 0, False)])
    sees_text = {kind: bool(attention_mask(kind, parts)[0, 0, 0, 2]) for kind in PROMPT_MASKS}
    assert sees_text == {"causal": False, "prefix": True, "blocks": False}


@pytest.mark.parametrize(
    ("given", "kind"), [({}, "causal"), ({"prompt_mask": None}, "causal"), ({"prompt_mask": "blocks"}, "blocks")]
)
def test_kind_comes_from_the_configuration(given, kind):
    assert prompt_mask_of(SimpleNamespace(**given)) == kind


def test_unknown_kind_is_refused_with_the_known_ones():
    with pytest.raises(UnknownNameError, match=r"unknown prompt_mask 'prefx'\. Did you mean 'prefix'"):
        prompt_mask_of(SimpleNamespace(prompt_mask="prefx"))


def test_additive_mask_is_zero_where_a_token_may_look():
    mask = torch.tensor([[[[True, False], [True, True]]]])
    model = SimpleNamespace(config=SimpleNamespace(_attn_implementation="eager"), dtype=torch.float16)
    added = for_attention(mask, model)
    lowest = torch.finfo(torch.float16).min
    assert added.dtype == torch.float16
    assert added.flatten().tolist() == [0.0, lowest, 0.0, 0.0]


@pytest.mark.parametrize("side", ["left", "right"])
def test_positions_count_from_the_first_token_of_a_row(side):
    rows = [Encoded((5, 6, 7), (0, 1, 2), (4, 0, 5)), Encoded((8,), (2,), (5,))]
    batch = pad(rows, 9, side=side)
    expected = {
        "left": ([9, 9, 8], [PADDING, PADDING, 2], [0, 0, 0]),
        "right": ([8, 9, 9], [2, PADDING, PADDING], [0, 0, 0]),
    }
    short = expected[side]
    assert batch["input_ids"].tolist() == [[5, 6, 7], short[0]]
    assert batch["parts"].tolist() == [[0, 1, 2], short[1]]
    assert batch["position_ids"].tolist() == [[0, 1, 2], short[2]]
    assert batch["token_type_ids"].shape == (2, 3)


def test_positions_of_a_packed_row_count_from_each_item():
    rows = [Encoded((5, 6, 7, 8), (0, 2, 1, 2)), Encoded((9,), (2,))]
    batch = pad(rows, 0, side="right", lengths=[[3, 1], [1]])
    assert batch["position_ids"].tolist() == [[0, 1, 2, 0], [0, 0, 0, 0]]
    assert batch["items"].tolist() == [[0, 0, 0, 1], [2, -1, -1, -1]]


def test_tokenizers_without_token_types_have_none_in_a_batch():
    assert "token_type_ids" not in pad([Encoded((5,), (2,))], 0, side="left")
