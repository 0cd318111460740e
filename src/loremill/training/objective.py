# SPDX-License-Identifier: Apache-2.0
"""The loss of instruction tuning: cross-entropy of answer tokens, nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from torch import Tensor

from ..models.likelihood import Item, answer_logprobs


def answer_tokens(items: Sequence[Item]) -> int:
    """How many tokens the loss of these items sums over."""
    return sum(len(item.answer) for item in items)


def answer_loss(model: Any, batch: dict[str, Tensor], *, total_answer_tokens: int) -> Tensor:
    """Sum over the batch's answer tokens / answer tokens of the whole step (all ranks, all micro-batches).

    Dividing by the global count makes the loss independent of how a step is cut into micro-batches
    and ranks (decisions, "Loss").
    """
    return -answer_logprobs(model, batch).sum() / total_answer_tokens
