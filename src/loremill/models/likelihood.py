# SPDX-License-Identifier: Apache-2.0
"""Log-probabilities of answers: what training minimises and `LocalModel.loglik` reports."""

from __future__ import annotations

import functools
import operator
from collections.abc import Sequence
from typing import Any, NamedTuple

import torch
from torch import Tensor
from torch.nn import functional

from ..prompt import Prompt
from .codec import Encoded
from .prompt_mask import PromptMask, attention_mask, for_attention, pad, prompt_mask_of


class Item(NamedTuple):
    """A prompt and its answer.

    Args:
        about: the prompt as a value, for adapters that read the task.
        capability: the one of `adapters.CAPABILITIES` that the item is about; None: what its family needs.
        is_forced: whether this capability alone acts, whatever the gate of capability experts says.
    """

    prompt: Encoded
    answer: Encoded
    about: Prompt | None = None
    capability: str | None = None
    is_forced: bool = False

    @property
    def tokens(self) -> int:
        return len(self.prompt) + len(self.answer)


def collate(items: Sequence[Item], pad_id: int) -> dict[str, Tensor]:
    """Right-padded tensors of a batch, plus ``predicts``: True where the next token is an answer token."""
    batch = _collate([[item] for item in items], pad_id)
    del batch["items"]
    return batch


def collate_packed(rows: Sequence[Sequence[Item]], pad_id: int) -> dict[str, Tensor]:
    """As `collate`, of rows with several items each, plus ``items``: the number of a token's item, row after row.

    Padding's number is -1. No item sees another, and the positions of each count from 0.
    """
    return _collate(rows, pad_id)


def pack(items: Sequence[Item], max_length_tokens: int) -> list[list[Item]]:
    """Items in few rows of at most ``max_length_tokens``: the longest first, each in the first row with room.

    First-fit decreasing needs at most 11/9 as many rows as the best packing (and a row). An item that is longer than a
    row has one of its own.
    """
    rows: list[list[Item]] = []
    room: list[int] = []
    for item in sorted(items, key=lambda item: item.tokens, reverse=True):
        place = next((i for i, left in enumerate(room) if left >= item.tokens), len(rows))
        if place == len(rows):
            rows.append([])
            room.append(max_length_tokens)
        rows[place].append(item)
        room[place] -= item.tokens
    return rows


def _collate(rows: Sequence[Sequence[Item]], pad_id: int) -> dict[str, Tensor]:
    joined = [functools.reduce(operator.add, [part for i in row for part in (i.prompt, i.answer)]) for row in rows]
    batch = pad(joined, pad_id, side="right", lengths=[[item.tokens for item in row] for row in rows])
    predicts = torch.zeros_like(batch["input_ids"], dtype=torch.bool)
    for row, items in enumerate(rows):
        start = 0
        for item in items:
            predicts[row, start + len(item.prompt) - 1 : start + item.tokens - 1] = True
            start += item.tokens
    return {**batch, "predicts": predicts}


def answer_logprobs(model: Any, batch: dict[str, Tensor], prompt_mask: PromptMask | None = None) -> Tensor:
    """Natural log-probability of every answer token of a batch, row after row, float32, ``(answer tokens,)``.

    The language model's head runs on answer positions only (the model that ships spends half of its
    time there). The mask is the one the model's configuration names, unless another is given.
    """
    bare = getattr(model, "module", model)  # what DistributedDataParallel wraps
    kind = prompt_mask or prompt_mask_of(bare.config)
    mask = for_attention(attention_mask(kind, batch["parts"], batch.get("items")), bare)
    types = {"token_type_ids": batch["token_type_ids"]} if "token_type_ids" in batch else {}
    logits = model(
        input_ids=batch["input_ids"],
        attention_mask=mask,
        position_ids=batch["position_ids"],
        use_cache=False,
        logits_to_keep=batch["predicts"],
        **types,
    ).logits
    targets = batch["input_ids"][:, 1:][batch["predicts"][:, :-1]]
    return -functional.cross_entropy(logits.reshape(-1, logits.shape[-1]).float(), targets, reduction="none")
