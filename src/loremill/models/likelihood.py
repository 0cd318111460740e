# SPDX-License-Identifier: Apache-2.0
"""Log-probabilities of answers: what training minimises and `LocalModel.loglik` reports."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import torch
from torch import Tensor
from torch.nn import functional

from ..prompt import Prompt
from .codec import Encoded
from .prompt_mask import attention_mask, for_attention, pad, prompt_mask_of


class Item(NamedTuple):
    """A prompt and its answer; ``about`` is the prompt as a value, for adapters that read the task."""

    prompt: Encoded
    answer: Encoded
    about: Prompt | None = None

    @property
    def tokens(self) -> int:
        return len(self.prompt) + len(self.answer)


def collate(items: Sequence[Item], pad_id: int) -> dict[str, Tensor]:
    """Right-padded tensors of a batch, plus ``predicts``: True where the next token is an answer token."""
    batch = pad([item.prompt + item.answer for item in items], pad_id, side="right")
    predicts = torch.zeros_like(batch["input_ids"], dtype=torch.bool)
    for row, (prompt, answer, _) in enumerate(items):
        predicts[row, len(prompt) - 1 : len(prompt) + len(answer) - 1] = True
    return {**batch, "predicts": predicts}


def answer_logprobs(model: Any, batch: dict[str, Tensor]) -> Tensor:
    """Natural log-probability of every answer token of a batch, row after row, float32, ``(answer tokens,)``.

    The language model's head runs on answer positions only (the model that ships spends half of its
    time there). The mask is the one the model's configuration names.
    """
    bare = getattr(model, "module", model)  # what DistributedDataParallel wraps
    mask = for_attention(attention_mask(prompt_mask_of(bare.config), batch["parts"]), bare)
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
