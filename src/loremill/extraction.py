# SPDX-License-Identifier: Apache-2.0
"""What comes out of an extraction: grounded frames, and the ledger of what was not used."""

from __future__ import annotations

from dataclasses import dataclass, field

from .frames import Document, Frame, Reject
from .prompt import Usage


@dataclass(frozen=True, slots=True)
class Extraction:
    """The frames found in a text, and an account of the rest.

    ``rejected`` holds each item the model wrote that was not used, with its reason; ``coverage`` is
    the share of the text's characters that a model was shown; ``error`` says why there is no result
    at all; ``notes`` are remarks on how it was made (a fallback, a limit that was met); ``instructions``
    are those used, by family (no part of comparisons: a file of results holds them once, in its first line).
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

    def __post_init__(self) -> None:
        if not 0.0 <= self.coverage <= 1.0:
            raise ValueError(f"coverage needs to be in 0..1, got {self.coverage}")
        Document(self.text, self.id, self.frames)  # refuses frames that point outside the text or the list

    @classmethod
    def failed(cls, id: str, text: str, error: str) -> Extraction:
        """The result of a document that could not be read or processed: no frames, nothing shown."""
        return cls(id, text, (), (), 0.0, Usage(), error)
