# SPDX-License-Identifier: Apache-2.0
"""Places in a text: spans, mentions, and a text as a tokenizer can express it.

Offsets are Unicode code points, half-open, everywhere in the library.
"""

from __future__ import annotations

import bisect
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

Match = Literal["exact", "casefold", "normalized"]
"""How a string was found in the text: as written, without case, or without case, Unicode form and blanks."""

_LONE_SURROGATE = re.compile("[\ud800-\udfff]")


def whole_characters(text: str) -> str:
    """``text`` with U+FFFD for each half of a surrogate pair, which no file can hold."""
    return text if text.isascii() else _LONE_SURROGATE.sub("\ufffd", text)


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """Characters ``text[start:end]``."""

    start: int
    end: int

    def __post_init__(self) -> None:
        if not 0 <= self.start < self.end:
            raise ValueError(f"span needs 0 <= start < end, got {self.start}:{self.end}")

    def shift(self, by: int) -> Span:
        """The same span in a text that starts ``by`` characters earlier."""
        return Span(self.start + by, self.end + by)

    def text_in(self, text: str) -> str:
        """``text[start:end]``.

        Raises:
            ValueError: the span ends behind the text.
        """
        if self.end > len(text):
            raise ValueError(f"span {self.start}:{self.end} ends behind a text of {len(text)} characters")
        return text[self.start : self.end]


@dataclass(frozen=True, slots=True, order=True)
class Mention:
    """A piece of text: one span, or several fragments when the mention is discontinuous.

    Fragments are in order and do not touch. ``match`` says how the mention was found and takes no
    part in comparisons.
    """

    fragments: tuple[Span, ...]
    match: Match = field(default="exact", compare=False)

    def __post_init__(self) -> None:
        if not self.fragments:
            raise ValueError("mention needs at least one fragment, got none")
        for left, right in zip(self.fragments, self.fragments[1:], strict=False):
            if right.start <= left.end:
                raise ValueError(
                    "fragments need to be in order and apart, "
                    f"got {left.start}:{left.end} before {right.start}:{right.end}"
                )

    @classmethod
    def at(cls, start: int, end: int, *, match: Match = "exact") -> Mention:
        """The mention of one fragment ``start:end``."""
        return cls((Span(start, end),), match)

    @property
    def start(self) -> int:
        return self.fragments[0].start

    @property
    def end(self) -> int:
        return self.fragments[-1].end

    def shift(self, by: int) -> Mention:
        """The same mention in a text that starts ``by`` characters earlier."""
        return Mention(tuple(span.shift(by) for span in self.fragments), self.match)

    def texts_in(self, text: str) -> tuple[str, ...]:
        """The text of each fragment."""
        return tuple(span.text_in(text) for span in self.fragments)


@dataclass(frozen=True, slots=True)
class TextView:
    """A text as a tokenizer can express it, with a map back to the original's code points.

    Character ``i`` of ``text`` stands for ``original[starts[i]:ends[i]]``; a character the tokenizer
    put in (a blank between two tokens) has ``starts[i] == ends[i]``. A byte-level tokenizer's view is
    the text itself (`TextView.identity`); an uncased WordPiece's is lower-case, without accents, with
    a blank between any two words or punctuation marks.
    """

    text: str
    starts: Sequence[int]
    ends: Sequence[int]

    def __post_init__(self) -> None:
        if not len(self.text) == len(self.starts) == len(self.ends):
            raise ValueError(
                f"view needs one start and one end per character: {len(self.text)} characters, "
                f"{len(self.starts)} starts, {len(self.ends)} ends"
            )

    @classmethod
    def identity(cls, text: str) -> TextView:
        """The view of a tokenizer that can write every character."""
        return cls(text, range(len(text)), range(1, len(text) + 1))

    def to_original(self, start: int, end: int) -> Span | None:
        """The original span that ``text[start:end]`` stands for; None if it stands for nothing."""
        real = [i for i in range(start, end) if self.starts[i] < self.ends[i]]
        if not real:
            return None
        return Span(self.starts[real[0]], self.ends[real[-1]])

    def from_original(self, span: Span) -> tuple[int, int] | None:
        """The smallest piece ``start, end`` of the view that covers ``span``; None if there is none.

        Where the tokenizer has no boundary at the span's edge, the piece is wider than the span.
        """
        first = bisect.bisect_right(self.ends, span.start)
        last = bisect.bisect_left(self.starts, span.end)
        while first < last and self.starts[first] == self.ends[first]:
            first += 1
        while first < last and self.starts[last - 1] == self.ends[last - 1]:
            last -= 1
        return (first, last) if first < last else None
