# SPDX-License-Identifier: Apache-2.0
"""The loss of a step: cross-entropy of answer tokens, plus what an adapter of experts adds for its gates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import torch
from torch import Tensor

from ..adapters import CAPABILITIES, RoutingContext, routed
from ..adapters.describe import Describer
from ..models.codec import Codec
from ..models.likelihood import Item, answer_logprobs
from ..models.prompt_mask import PADDING, PromptMask, instruction_tokens

OVER_RANKS = frozenset({"entropy"})
"""Auxiliary losses that are of all ranks' tokens as they come; the others are means over the items of one pass."""


@dataclass(frozen=True, slots=True)
class Step:
    """What an optimizer step is made of: answer tokens, items and micro-batches of all ranks together."""

    answer_tokens: int
    items: int
    micro_batches: int
    ranks: int

    @classmethod
    def of(cls, micros: Sequence[Sequence[Item]], ranks: int = 1) -> Step:
        return cls(sum(map(answer_tokens, micros)), sum(map(len, micros)), len(micros), ranks)


def answer_tokens(items: Sequence[Item]) -> int:
    """How many tokens the loss of these items sums over."""
    return sum(len(item.answer) for item in items)


def answer_loss(
    model: Any, batch: dict[str, Tensor], *, total_answer_tokens: int, prompt_mask: PromptMask | None = None
) -> Tensor:
    """Sum over the batch's answer tokens / answer tokens of the whole step (all ranks, all micro-batches).

    Dividing by the global count makes the loss independent of how a step is cut into micro-batches
    and ranks (decisions, "Loss").
    """
    return -answer_logprobs(model, batch, prompt_mask).sum() / total_answer_tokens


def losses(
    model: Any,
    batch: dict[str, Tensor],
    step: Step,
    *,
    items: int,
    context: RoutingContext | None = None,
    prompt_mask: PromptMask | None = None,
) -> dict[str, Tensor]:
    """Terms of the loss of what one rank has of a micro-batch; under ``loss`` their weighted sum, to be differentiated.

    A step's value is the sum over micro-batches of the mean over ranks, which is what DistributedDataParallel makes of
    gradients. So each term is divided by a count of the whole step and multiplied by the number of ranks: the answer's
    cross-entropy (``task_loss``) by answer tokens, means over items by items. A loss of `OVER_RANKS` is the same on all
    ranks; over micro-batches its mean is taken.

    Args:
        items: of this rank in the batch; 0 when it has none and goes through another's, as ranks step together.
        context: what an adapter of experts is told; None for other models.
        prompt_mask: in the place of the one that the model's configuration names.
    """
    ranks = float(step.ranks) if items else 0.0
    answers = partial(answer_loss, model, batch, total_answer_tokens=step.answer_tokens, prompt_mask=prompt_mask)
    if context is None:
        task = answers() * ranks
        return {"loss": task}
    if not items:  # no token of the batch counts in a mean over tokens
        context = replace(context, real=torch.zeros_like(batch["parts"], dtype=torch.bool))
    with routed(context, collect=True) as scope:
        task = answers() * ranks
    total, terms = task, {"task_loss": task}
    bare = getattr(model, "module", model)  # what DistributedDataParallel wraps
    for name, (weight, value) in bare.base_model.all_auxiliary_losses(scope).items():
        terms[name] = value / step.micro_batches if name in OVER_RANKS else value * (ranks * items / step.items)
        if weight:
            total = total + weight * terms[name]
    return {"loss": total, **terms} if len(terms) > 1 else {"loss": total}


def describe(describer: Describer, items: Sequence[Item], batch: dict[str, Tensor], codec: Codec) -> RoutingContext:
    """The routing context of a batch; an item of one capability is labelled with it alone, and forced where it says so.

    Args:
        items: in the order in which the batch holds them.

    Raises:
        ValueError: an item does not tell its prompt.
    """
    prompts = [item.about for item in items if item.about is not None]
    if len(prompts) < len(items):
        raise ValueError(f"experts need the prompts of all items (Item.about), {len(items) - len(prompts)} have none")
    instruction = instruction_tokens(batch["input_ids"], batch["parts"], codec)
    context = describer(prompts, instruction=instruction, real=batch["parts"] != PADDING, items=batch.get("items"))
    if context.capabilities is None or not any(item.capability for item in items):
        return context
    alone = dict(zip(CAPABILITIES, torch.eye(len(CAPABILITIES)), strict=True))
    wanted = context.capabilities.float()
    forced = torch.full_like(wanted, float("nan"))  # the gate's own stay
    for row, item in enumerate(items):
        if item.capability is not None:
            wanted[row] = alone[item.capability]
            if item.is_forced:
                forced[row] = wanted[row]
    return replace(context, capabilities=wanted, forced=context.forced if forced.isnan().all() else forced)
