# SPDX-License-Identifier: Apache-2.0
"""Attention for training on a CPU: a few rows of a batch at a time, so that their scores stay in the cache.

Torch's own, in its plain form, guards rows without a key and copies what it reads; forward and backward take 2.7 to 3.8
times as long at 100 to 350 tokens and 12 heads of width 32 in bfloat16, the fused form 1.5 to 5.8 times
(docs/benchmarks.md).
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor
from transformers import AttentionInterface
from transformers.integrations.sdpa_attention import repeat_kv, sdpa_attention_forward
from transformers.masking_utils import AttentionMaskInterface, sdpa_mask

ROWS = "loremill_rows"
"""Its name among transformers' attention functions."""
SCORES = 1_500_000
"""Scores that are looked at together: 3 MB in bfloat16."""


@contextlib.contextmanager
def trained_by_rows(model: Any, device: torch.device) -> Iterator[None]:
    """Let a model that trains on a CPU and uses torch's attention use `rows_attention` in its place."""
    if device.type != "cpu" or model.config._attn_implementation != "sdpa":
        yield
        return
    model.set_attn_implementation(ROWS)
    try:
        yield
    finally:
        model.set_attn_implementation("sdpa")


def rows_attention(
    module: Any,
    query: Tensor,
    key: Tensor,
    value: Tensor,
    attention_mask: Tensor | None,
    dropout: float = 0.0,
    scaling: float | None = None,
    **others: Any,
) -> tuple[Tensor, None]:
    """``softmax(query key^T * scaling + mask) value``, as transformers calls its attention functions.

    What needs more than that (dropout, no mask) goes to torch's.

    Args:
        query: ``(batch, heads, tokens, width)``.
        key: ``(batch, heads or fewer, tokens, width)``, like ``value``.
        attention_mask: ``(batch, 1 or heads, tokens, tokens)``, bool (True may be seen) or added to the scores. Each
            token has to see one at least.

    Returns:
        ``(batch, tokens, heads, width)`` in the precision of ``value``: under autocast rotary positions leave query and
        key in a higher one, which torch's own attention lowers too.
    """
    if attention_mask is None or dropout or others.get("position_bias") is not None:
        passed = {"dropout": dropout, "scaling": scaling, **others}
        return sdpa_attention_forward(module, query, key, value, attention_mask, **passed)  # type: ignore[no-any-return]
    query, key = query.to(value.dtype), key.to(value.dtype)
    groups = query.shape[1] // key.shape[1]
    key, value = repeat_kv(key, groups), repeat_kv(value, groups)
    if attention_mask.dtype == torch.bool:
        lowest = torch.finfo(query.dtype).min
        attention_mask = torch.zeros_like(attention_mask, dtype=query.dtype).masked_fill_(~attention_mask, lowest)
    scale = query.shape[-1] ** -0.5 if scaling is None else scaling
    with torch.autocast(query.device.type, enabled=False):
        mixed: Tensor = _Rows.apply(query, key, value, attention_mask.to(query.dtype), scale)
    return mixed, None


class _Rows(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, query: Tensor, key: Tensor, value: Tensor, mask: Tensor, scale: float) -> Tensor:
        batch, heads, tokens, width = query.shape
        mask = mask.expand(batch, -1, -1, -1)
        mixed = query.new_empty(batch, tokens, heads, width)
        kept = []
        for rows in _stretches(query, key):
            scores = torch.matmul(query[rows] * scale, key[rows].mT).add_(mask[rows])
            weights = torch.softmax(scores, -1)
            mixed[rows] = torch.matmul(weights, value[rows]).transpose(1, 2)
            kept.append(weights)
        ctx.save_for_backward(query, key, value, *kept)
        ctx.scale = scale
        return mixed

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, ...]:
        query, key, value, *kept = ctx.saved_tensors
        of_mixed = gradient.transpose(1, 2)
        of_query, of_key, of_value = (torch.empty_like(t) for t in (query, key, value))
        for rows, weights in zip(_stretches(query, key), kept, strict=True):
            of_value[rows] = torch.matmul(weights.mT, of_mixed[rows])
            of_weights = torch.matmul(of_mixed[rows], value[rows].mT)
            of_scores = torch._softmax_backward_data(of_weights, weights, -1, weights.dtype).mul_(ctx.scale)
            of_query[rows] = torch.matmul(of_scores, key[rows])
            of_key[rows] = torch.matmul(of_scores.mT, query[rows])
        return of_query, of_key, of_value, None, None


def _stretches(query: Tensor, key: Tensor) -> list[slice]:
    batch, heads, tokens, _ = query.shape
    rows = max(1, SCORES // (heads * tokens * key.shape[2]))
    return [slice(start, start + rows) for start in range(0, batch, rows)]


AttentionInterface.register(ROWS, rows_attention)
AttentionMaskInterface.register(ROWS, sdpa_mask)
