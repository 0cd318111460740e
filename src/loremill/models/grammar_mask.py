# SPDX-License-Identifier: Apache-2.0
"""Grounded decoding inside ``generate``: one llguidance matcher per row, and the probabilities of what it allowed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import llguidance
import numpy as np
import torch
from torch import Tensor

from ..errors import ModelError
from .codec import Codec


@dataclass(slots=True)
class Row:
    """What is known of one completion while it is written; ``matcher`` is None in free generation."""

    matcher: Any | None
    max_new_tokens: int
    tokens: list[int] = field(default_factory=list)
    logprobs: list[float] = field(default_factory=list)
    masked_logprobs: list[float] = field(default_factory=list)
    is_done: bool = False


def matcher(tokenizer: Any, grammar: str) -> Any:
    """An ``llguidance.LLMatcher`` for a Lark grammar.

    Raises:
        ModelError: the grammar does not compile or is beyond llguidance's limits.
    """
    made = llguidance.LLMatcher(tokenizer, llguidance.LLMatcher.grammar_from_lark(grammar))
    if made.is_error():
        raise ModelError(f"grammar does not compile: {' '.join(made.get_error().split())[:300]}")
    return made


class GrammarProcessor:
    """A logits processor for ``generate``: masks what a row's grammar forbids and records log-probabilities.

    ``__call__`` sees the scores of the next token and, at the end of ``input_ids``, the token chosen
    last; so a token's log-probabilities are read one call late, the last ones by `finish`.
    """

    def __init__(self, codec: Codec, rows: Sequence[Row], prompt_tokens: int) -> None:
        self.codec = codec
        self.rows = rows
        self.prompt_tokens = prompt_tokens
        self._before: tuple[Tensor, Tensor] | None = None

    def __call__(self, input_ids: Tensor, scores: Tensor) -> Tensor:
        self._take(input_ids)
        masked = scores.float().masked_fill(~self._allowed(scores.shape[-1]).to(scores.device), float("-inf"))
        self._before = (scores.float().log_softmax(-1), masked.log_softmax(-1))
        return masked

    def finish(self, sequences: Tensor) -> None:
        """Record the last token of every row."""
        self._take(sequences)

    def is_finished(self, input_ids: Tensor, scores: object, **kwargs: object) -> Tensor:
        """A stopping criterion: rows that wrote their end or as many tokens as they may."""
        written = input_ids.shape[1] - self.prompt_tokens
        last = input_ids[:, -1].tolist()
        done = [
            row.is_done or token in self.codec.eos_ids or written >= row.max_new_tokens
            for row, token in zip(self.rows, last, strict=True)
        ]
        return torch.tensor(done, device=input_ids.device)

    def _take(self, input_ids: Tensor) -> None:
        if self._before is None or input_ids.shape[1] - self.prompt_tokens < 1:
            return
        chosen = input_ids[:, -1]
        raw, masked = (table.gather(1, chosen[:, None])[:, 0].tolist() for table in self._before)
        for i, (row, token) in enumerate(zip(self.rows, chosen.tolist(), strict=True)):
            if row.is_done:
                continue
            row.tokens.append(token)
            row.logprobs.append(raw[i])
            row.masked_logprobs.append(masked[i])
            is_end = token in self.codec.eos_ids
            row.is_done = is_end or len(row.tokens) >= row.max_new_tokens
            if row.matcher is not None and not is_end and not row.matcher.consume_token(token):
                raise ModelError(f"grammar refused a token it had allowed: {row.matcher.get_error()}")

    def _allowed(self, vocabulary: int) -> Tensor:
        """``(rows, vocabulary)``, True where the row's grammar allows the token; everything where it has none."""
        allowed = np.ones((len(self.rows), vocabulary), dtype=bool)
        for i, row in enumerate(self.rows):
            if row.matcher is None or row.is_done:
                continue
            bits = np.frombuffer(row.matcher.compute_bitmask(), dtype=np.uint8)
            mask = np.unpackbits(bits, bitorder="little").astype(bool)[:vocabulary]
            allowed[i, : len(mask)] = mask
            allowed[i, len(mask) :] = False
            if not mask.any():
                raise ModelError(f"grammar allows no token: {row.matcher.get_error() or 'it has ended'}")
        return torch.from_numpy(allowed)
