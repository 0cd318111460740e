# SPDX-License-Identifier: Apache-2.0
"""Grounded decoding inside ``generate``: a grammar per row, and the probabilities of what it allowed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ..errors import ModelError
from ..prompt import Repeats
from .matcher import GrammarMask, mask_words, unpack_mask

_FEW = 4
"""The head is limited if at most this part of its rows is wanted; gathering more costs what it saves."""


@dataclass(slots=True)
class Row:
    """What is known of one completion while it is written; ``mask`` is None in free generation.

    ``written`` are the bytes of ``tokens``, kept where ``repeats`` asks about them.

    ``logprobs`` stay empty under a mask unless the processor is told to read all logits.
    """

    mask: GrammarMask | None
    max_new_tokens: int
    repeats: Repeats | None = None
    tokens: list[int] = field(default_factory=list)
    logprobs: list[float] = field(default_factory=list)
    masked_logprobs: list[float] = field(default_factory=list)
    written: bytearray = field(default_factory=bytearray)
    is_done: bool = False


class GrammarProcessor:
    """A logits processor and stopping criterion of one ``generate`` call.

    A step calls `wanted` (where the head can be limited), `mask` and `is_finished`, which sees the tokens chosen:
    it records their log-probabilities and moves the grammars on.

    What a row's ``repeats`` calls spent is not chosen if there is anything else; probabilities are those without it.

    Args:
        token_bytes: what a token writes.
        raw_logprobs: whether the model's own probabilities are recorded under a grammar too, which needs all logits.
    """

    def __init__(
        self,
        rows: Sequence[Row],
        eos_ids: Sequence[int],
        token_bytes: Callable[[int], bytes],
        *,
        raw_logprobs: bool = False,
    ) -> None:
        self.rows = rows
        self.token_bytes = token_bytes
        self.eos_ids = frozenset(eos_ids)
        self.needs_all = raw_logprobs or any(row.mask is None for row in rows)
        self._step: _Step | None = None
        self._limit: tuple[int, Tensor, Tensor] | None = None

    def wanted(self, vocabulary: int) -> Tensor | None:
        """Tokens that some row may write next, ``(wanted,)``; None where all logits are needed, or nearly all."""
        if self.needs_all:
            return None
        allowed = self._allowed(vocabulary)
        writing = torch.tensor([not row.is_done for row in self.rows])
        tokens = allowed[writing].any(0).nonzero()[:, 0]
        if not 0 < len(tokens) * _FEW <= vocabulary:
            return None
        self._limit = (vocabulary, tokens, allowed[:, tokens])
        return tokens

    def mask(self, input_ids: Tensor, scores: Tensor) -> Tensor:
        """Scores with what is forbidden at minus infinity, ``(rows, vocabulary)``, float32.

        Args:
            scores: ``(rows, vocabulary)``, or ``(rows, wanted)`` after `wanted` gave tokens.
        """
        scores = scores.float()
        limit, self._limit = self._limit, None
        if limit is not None:
            vocabulary, tokens, allowed = limit
            tokens, allowed = tokens.to(scores.device), allowed.to(scores.device)
            masked = scores.masked_fill(~allowed, float("-inf"))  # a finished row is allowed everything
            self._step = _Step(None, masked.log_softmax(-1), tokens)
            masked_all = scores.new_full((len(scores), vocabulary), float("-inf"))
            masked_all[:, tokens] = self._without_repeats(masked, tokens)
            return masked_all
        masked = scores
        if any(row.mask is not None and not row.is_done for row in self.rows):
            masked = scores.masked_fill(~self._allowed(scores.shape[-1]).to(scores.device), float("-inf"))
        raw = scores.log_softmax(-1) if self.needs_all else None
        self._step = _Step(raw, raw if raw is not None and masked is scores else masked.log_softmax(-1), None)
        return self._without_repeats(masked, None)

    def _without_repeats(self, masked: Tensor, tokens: Tensor | None) -> Tensor:
        """``masked`` without what rows have said already, changed in place; its columns are ``tokens``, or all."""
        for row, scores in zip(self.rows, masked, strict=True):
            if row.repeats is None or row.mask is None or row.is_done:
                continue
            said = row.repeats.said(row.written.decode("utf-8", errors="replace"))
            if not said:
                continue
            columns = scores.isfinite().nonzero()[:, 0]
            able = columns if tokens is None else tokens[columns]
            words = [(i, self.token_bytes(t)) for i, t in enumerate(able.tolist()) if t not in self.eos_ids]
            spent = [i for i, word in words if row.repeats.is_spent(word.decode("utf-8", errors="replace"), said)]
            if 0 < len(spent) < len(columns):
                scores[columns[spent]] = float("-inf")
        return masked

    def is_finished(self, input_ids: Tensor, scores: object) -> Tensor:
        """Whether each row wrote its end or as many tokens as it may, ``(rows,)``, bool."""
        self._take(input_ids[:, -1])
        return torch.tensor([row.is_done for row in self.rows], device=input_ids.device)

    def _take(self, chosen: Tensor) -> None:
        step, self._step = self._step, None
        if step is None:
            return
        raw, masked = step.of(chosen)
        for i, (row, token) in enumerate(zip(self.rows, chosen.tolist(), strict=True)):
            if row.is_done:
                continue
            row.tokens.append(token)
            if row.repeats is not None:
                row.written += self.token_bytes(token)
            if raw is not None:
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


@dataclass(frozen=True, slots=True)
class _Step:
    """Log-probabilities of one step; columns are ``tokens``, in ascending order, or the vocabulary where it is None."""

    raw: Tensor | None
    masked: Tensor
    tokens: Tensor | None

    def of(self, chosen: Tensor) -> tuple[list[float] | None, list[float]]:
        """Those of a token per row; of a finished row's padding, which may be no column, anything."""
        at = chosen
        if self.tokens is not None:
            at = torch.searchsorted(self.tokens, chosen.contiguous()).clamp_(max=len(self.tokens) - 1)
        raw, masked = (None if t is None else t.gather(1, at[:, None])[:, 0].tolist() for t in (self.raw, self.masked))
        return raw, masked or []
