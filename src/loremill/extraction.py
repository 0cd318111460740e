# SPDX-License-Identifier: Apache-2.0
"""What comes out of an extraction: grounded frames, and the ledger of what was not used."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from .frames import Document, Frame, Reject
from .prompt import Usage
from .text import Span


@dataclass(frozen=True, slots=True)
class Extraction:
    """The frames found in a text, and an account of the rest.

    ``rejected`` holds each item the model wrote that was not used, with its reason; ``coverage`` is
    the share of the text's characters that a model was shown, ``unread`` where the others stand;
    ``error`` says why there is no result at all; ``notes`` are remarks on how it was made (a fallback,
    a limit that was met); ``instructions`` are those used, by family (no part of comparisons: a file of
    results holds them once, in its first line).
    """

    id: str
    text: str
    frames: tuple[Frame, ...]
    rejected: tuple[Reject, ...]
    coverage: float
    usage: Usage
    error: str | None = None
    notes: tuple[str, ...] = ()
    instructions: tuple[tuple[str, str], ...] = field(default=(), compare=False)
    unread: tuple[Span, ...] = ()

    def __post_init__(self) -> None:
        if not 0.0 <= self.coverage <= 1.0:
            raise ValueError(f"coverage needs to be in 0..1, got {self.coverage}")
        unread_end = max((span.end for span in self.unread), default=0)
        if unread_end > len(self.text):
            raise ValueError(f"unread ends at {unread_end}, the text has {len(self.text)} characters")
        Document(self.text, self.id, self.frames)  # refuses frames that point outside the text or the list

    @classmethod
    def failed(cls, id: str, text: str, error: str) -> Extraction:
        """The result of a document that could not be read or processed: no frames, nothing shown."""
        return cls(id, text, (), (), 0.0, Usage(), error)

    def _repr_html_(self) -> str:
        """How notebooks show it."""
        from .reports import to_html

        return to_html(self)


def unread(text: str, shown: Iterable[tuple[int, int]]) -> tuple[Span, ...]:
    """The pieces of ``text`` in none of the windows ``shown``, in order, without blanks around them."""
    pieces = []
    reached = 0
    for start, end in (*sorted(shown), (len(text), len(text))):
        gap = text[reached:start]
        if gap.strip():
            first = reached + len(gap) - len(gap.lstrip())
            pieces.append(Span(first, first + len(gap.strip())))
        reached = max(reached, end)
    return tuple(pieces)
