# SPDX-License-Identifier: Apache-2.0
"""The tokens a grammar allows next: llguidance behind three calls, without torch."""

from __future__ import annotations

import re

import llguidance
import numpy as np
from numpy.typing import NDArray

from ..errors import FormatError, GrammarLimit

_LIMITS = llguidance.LLParserLimits(
    initial_lexer_fuel=20_000_000,
    step_lexer_fuel=4_000_000,
    step_max_items=1_000_000,
    max_lexer_states=1_000_000,
    verbose_errors=False,
)
"""Four to twenty times llguidance's own, which a text of 100,000 characters and 128,000 tokens exceeds."""

_TOO_LARGE = re.compile(r"too (?:big|many)|Current row has", re.IGNORECASE)


class GrammarMask:
    """The tokens that may come next in one completion that follows a grammar.

    Bit ``i % 32`` of word ``i // 32`` of a row stands for token ``i``. llguidance's own helper that
    applies rows to torch logits is compiled on the fly and wants a C++ compiler: use `unpack_mask`.
    """

    def __init__(self, tokenizer: llguidance.LLTokenizer, grammar: str) -> None:
        """Compile ``grammar`` for ``tokenizer``.

        Raises:
            GrammarLimit: it is too large.
            FormatError: it is no grammar.
        """
        self.vocab_size: int = tokenizer.vocab_size
        self._eos = frozenset(tokenizer.eos_tokens)
        self._matcher = llguidance.LLMatcher(tokenizer, grammar, log_level=0, limits=_LIMITS)
        self._check()

    @property
    def is_done(self) -> bool:
        """Nothing may follow but end-of-sequence, which may have been taken already."""
        return bool(self._matcher.is_stopped())

    def allowed(self) -> NDArray[np.bool_]:
        """Whether each token may come next, ``(vocab_size,)``.

        Raises:
            GrammarLimit: the next step is too large to compute.
        """
        row: NDArray[np.int32] = np.zeros(mask_words(self.vocab_size), dtype=np.int32)
        self.fill(row)
        return unpack_mask(row, self.vocab_size)

    def fill(self, bitmask_row: NDArray[np.int32]) -> None:
        """Write the mask to ``bitmask_row``, ``(mask_words(vocab_size),)``, contiguous.

        Raises:
            GrammarLimit: the next step is too large to compute.
        """
        words = mask_words(self.vocab_size)
        if bitmask_row.shape != (words,) or bitmask_row.dtype != np.int32 or not bitmask_row.flags.c_contiguous:
            raise ValueError(f"mask needs ({words},) contiguous int32, got {bitmask_row.shape} {bitmask_row.dtype}")
        self._matcher.unsafe_compute_mask_ptr(bitmask_row.ctypes.data, bitmask_row.nbytes)
        self._check()

    def advance(self, token_id: int) -> bool:
        """Take the next token; False, and nothing changes, if the grammar does not allow it.

        Raises:
            GrammarLimit: the step is too large to compute.
        """
        if self.is_done:
            return token_id in self._eos  # llguidance takes none once it has stopped by itself
        taken: bool = self._matcher.try_consume_tokens([token_id]) == 1
        self._check()
        return taken

    def _check(self) -> None:
        if not self._matcher.is_error():
            return
        message = self._matcher.get_error().partition("\n")[0]
        if _TOO_LARGE.search(message):
            raise GrammarLimit(f"grammar is too large for this text and schema: {message}")
        raise FormatError(f"grammar cannot be used: {message}")


def mask_words(vocab_size: int) -> int:
    """Words of 32 bits in a mask of ``vocab_size`` tokens."""
    return (vocab_size + 31) // 32


def unpack_mask(bitmask: NDArray[np.int32], vocab_size: int) -> NDArray[np.bool_]:
    """``(..., mask_words)`` words as ``(..., vocab_size)`` booleans."""
    octets = np.ascontiguousarray(bitmask, dtype="<i4").view(np.uint8)
    return np.unpackbits(octets, axis=-1, count=vocab_size, bitorder="little").view(np.bool_)
