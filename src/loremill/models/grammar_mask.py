# SPDX-License-Identifier: Apache-2.0
"""Grounded decoding inside ``generate``: a grammar per row, and the probabilities of what it allowed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ..errors import ModelError
from .matcher import GrammarMask, mask_words, unpack_mask


@dataclass(slots=True)
class Row:
    """What is known of one completion while it is written; ``mask`` is None in free generation."""

    mask: GrammarMask | None
    max_new_tokens: int
    tokens: list[int] = field(default_factory=list)
    logprobs: list[float] = field(default_factory=list)
    masked_logprobs: list[float] = field(default_factory=list)
    is_done: bool = False


class GrammarProcessor:
    """A logits processor and stopping criterion of one ``generate`` call.

    It masks what a row's grammar forbids and records log-probabilities: its call sees the scores of the
    next token and, at the end of ``input_ids``, the token chosen last, so those of a token are read
    one call late and the last ones by `finish`.
    """

    def __init__(self, rows: Sequence[Row], eos_ids: Sequence[int], prompt_tokens: int) -> None:
        self.rows = rows
        self.eos_ids = frozenset(eos_ids)
        self.prompt_tokens = prompt_tokens
        self._before: tuple[Tensor, Tensor] | None = None

    def mask(self, input_ids: Tensor, scores: Tensor) -> Tensor:
        """Scores with what is forbidden at minus infinity, ``(rows, vocabulary)``, float32."""
        self._take(input_ids)
        scores = scores.float()
        masked = scores
        if any(row.mask is not None and not row.is_done for row in self.rows):
            masked = scores.masked_fill(~self._allowed(scores.shape[-1]).to(scores.device), float("-inf"))
        raw = scores.log_softmax(-1)
        self._before = (raw, raw if masked is scores else masked.log_softmax(-1))
        return masked

    def is_finished(self, input_ids: Tensor, scores: object) -> Tensor:
        """Whether each row wrote its end or as many tokens as it may, ``(rows,)``, bool."""
        written = input_ids.shape[1] - self.prompt_tokens
        done = [
            row.is_done or token in self.eos_ids or written >= row.max_new_tokens
            for row, token in zip(self.rows, input_ids[:, -1].tolist(), strict=True)
        ]
        return torch.tensor(done, device=input_ids.device)

    def finish(self, sequences: Tensor) -> None:
        """Record the last token of every row."""
        self._take(sequences)

    def _take(self, input_ids: Tensor) -> None:
        if self._before is None:
            return
        chosen = input_ids[:, -1]
        raw, masked = (table.gather(1, chosen[:, None])[:, 0].tolist() for table in self._before)
        self._before = None
        for i, (row, token) in enumerate(zip(self.rows, chosen.tolist(), strict=True)):
            if row.is_done:
                continue
            row.tokens.append(token)
            row.logprobs.append(raw[i])
            row.masked_logprobs.append(masked[i])
            is_end = token in self.eos_ids
            row.is_done = is_end or len(row.tokens) >= row.max_new_tokens
            if row.mask is not None and not is_end and not row.mask.advance(token):
                raise ModelError(f"grammar refused token {token}, which it had allowed")

    def _allowed(self, vocabulary: int) -> Tensor:
        """``(rows, vocabulary)``, True where a row's grammar allows the token, and everything where it has none."""
        size = next(row.mask.vocab_size for row in self.rows if row.mask is not None)
        bits: NDArray[np.int32] = np.full((len(self.rows), mask_words(size)), -1, dtype=np.int32)
        for row, target in zip(self.rows, bits, strict=True):
            if row.mask is not None and not row.is_done:
                row.mask.fill(target)
        known = unpack_mask(bits, size)[:, :vocabulary]
        if vocabulary > known.shape[1]:  # rows of the model's head that no token has
            is_free = np.array([row.mask is None for row in self.rows])
            beyond = np.broadcast_to(is_free[:, None], (len(self.rows), vocabulary - known.shape[1]))
            known = np.concatenate([known, beyond], axis=1)
        return torch.from_numpy(known)
