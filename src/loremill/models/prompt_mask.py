# SPDX-License-Identifier: Apache-2.0
"""Who sees whom: the attention mask of a sequence of prompt and answer, for training, generation and likelihood.

=========  ==========================================================================================
``causal``  every token sees those before it (any LLM)
``prefix``  every prompt token sees the whole prompt; answers are causal
``blocks``  instruction and schema see themselves; demonstrations and text see those and themselves;
            answers are causal
=========  ==========================================================================================

The kind is part of a model's configuration. Under ``prefix`` nothing computed for an instruction can
be reused for another text; under ``causal`` and ``blocks`` it can.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any, Literal, cast

import torch
from torch import Tensor

from ..errors import UnknownNameError
from .codec import ANSWER, CONTEXT, SCHEMA, TEMPLATE, Codec, Encoded

PromptMask = Literal["causal", "prefix", "blocks"]
PROMPT_MASKS: tuple[PromptMask, ...] = ("causal", "prefix", "blocks")
PADDING = -1


def prompt_mask_of(config: Any) -> PromptMask:
    """The kind a model's configuration names; ``causal`` where it names none.

    Raises:
        UnknownNameError: it names an unknown kind.
    """
    kind = getattr(config, "prompt_mask", None) or "causal"
    if kind not in PROMPT_MASKS:
        raise UnknownNameError("prompt_mask", str(kind), PROMPT_MASKS)
    return cast(PromptMask, kind)


def attention_mask(kind: PromptMask, parts: Tensor, items: Tensor | None = None) -> Tensor:
    """Which key (last axis) each query may attend to; True means it may.

    A padding token sees itself only, so that no row of a softmax is empty.

    Args:
        kind: see the module's table.
        parts: SCHEMA, CONTEXT, ANSWER, TEMPLATE (as SCHEMA) or PADDING per token, ``(batch, tokens)``.
        items: number of the item that a token belongs to, ``(batch, tokens)``, of rows packed with several: no token
            sees those of another item.

    Returns:
        ``(batch, 1, tokens, tokens)``, bool.
    """
    tokens = parts.shape[1]
    parts = parts.masked_fill(parts == TEMPLATE, SCHEMA)
    query, key = parts[:, :, None], parts[:, None, :]
    causal = torch.ones(tokens, tokens, dtype=torch.bool, device=parts.device).tril()[None]
    seen = causal.expand(parts.shape[0], -1, -1)
    if kind == "prefix":
        seen = seen | ((query != ANSWER) & (key != ANSWER))
    elif kind == "blocks":
        seen = seen | ((query != ANSWER) & (key != ANSWER) & (key <= query))
        seen = seen & ~((query < CONTEXT) & (key == CONTEXT))
    if items is not None:
        seen = seen & (items[:, :, None] == items[:, None, :])
    real = (query != PADDING) & (key != PADDING)
    itself = torch.eye(tokens, dtype=torch.bool, device=parts.device)[None]
    return ((seen & real) | itself)[:, None]


def instruction_tokens(input_ids: Tensor, parts: Tensor, codec: Codec) -> Tensor:
    """Tokens of instruction and schema, special ones left out, ``(batch, tokens)``, bool: what gates read of a prompt.

    The first token's activations, in Llama-like models, dwarf those of the rest.
    """
    special = [i for i in input_ids.unique().tolist() if not codec.token_bytes(i)]
    return (parts == SCHEMA) & ~torch.isin(input_ids, input_ids.new_tensor(special))


def for_attention(mask: Tensor, model: Any) -> Tensor:
    """The mask as the model's attention wants it: bool for SDPA, else 0 / lowest value to be added."""
    if model.config._attn_implementation == "sdpa":
        return mask
    dtype = model.dtype
    return torch.where(mask, torch.zeros((), dtype=dtype), torch.finfo(dtype).min).to(mask.device)


def pad(
    rows: Sequence[Encoded],
    pad_id: int,
    *,
    side: Literal["left", "right"],
    lengths: Sequence[Sequence[int]] | None = None,
) -> dict[str, Tensor]:
    """Rows of one batch as tensors ``(batch, tokens)``: ``input_ids``, ``parts``, ``position_ids``, ``token_type_ids``.

    Positions count from a row's first token whatever the side. ``token_type_ids`` is absent when the
    tokenizer has none.

    Args:
        lengths: tokens of each item that a row is packed with. Positions then count from an item's first token, and
            ``items`` is added: the number of a token's item, counted row after row, -1 of padding.
    """
    width = max(len(row) for row in rows)
    fill = [width - len(row) for row in rows]

    def stack(values: Sequence[Sequence[int]], padding: int) -> Tensor:
        if side == "left":
            padded = [[padding] * n + list(v) for v, n in zip(values, fill, strict=True)]
        else:
            padded = [list(v) + [padding] * n for v, n in zip(values, fill, strict=True)]
        return torch.tensor(padded, dtype=torch.long)

    packed = [[len(row)] for row in rows] if lengths is None else lengths
    batch = {
        "input_ids": stack([row.ids for row in rows], pad_id),
        "parts": stack([row.parts for row in rows], PADDING),
        "position_ids": stack([[i for length in row for i in range(length)] for row in packed], 0),
    }
    if lengths is not None:
        number = itertools.count()
        batch["items"] = stack([[n for length in row for n in [next(number)] * length] for row in lengths], PADDING)
    types = [row.token_types for row in rows if row.token_types is not None]
    if types:
        batch["token_type_ids"] = stack(types, 0)
    return batch
