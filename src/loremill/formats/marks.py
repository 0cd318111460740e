# SPDX-License-Identifier: Apache-2.0
"""The delimiters of a text format as one tokenizer writes them, and how a completion is cut at bare ones."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from ..escape import escape
from ..prompt import Writing


@dataclass(frozen=True, slots=True)
class Marks:
    """Writes spans and labels so that no delimiter occurs bare inside them."""

    delimiters: str
    spell: Callable[[str], str]

    @classmethod
    def of(cls, writing: Writing, delimiters: str) -> Marks:
        """A format's ``delimiters``, and what else the tokenizer spells behind a backslash."""
        reserved = writing.reserved or ""
        return cls(delimiters + "".join(c for c in reserved if c not in delimiters), writing.spell)

    def span(self, text: str) -> str:
        return escape(text, self.delimiters)

    def pieces(self, words: Iterable[str]) -> str:
        """A mention as items hold it, of one piece or several."""
        return "| ".join(map(self.span, words))

    def label(self, label: str) -> str:
        return escape(self.spell(label), self.delimiters)


def lacks_delimiters(writing: Writing, delimiters: str) -> str | None:
    """Why a tokenizer cannot write a format with these delimiters; None if it can."""
    if writing.reserved is None or set(delimiters) <= set(writing.reserved):
        return None
    missing = " ".join(c for c in delimiters if c not in writing.reserved)
    has = " ".join(writing.reserved)
    return f"it needs tokens of their own for {missing}, this tokenizer of words has them for {has}"


def lacks_characters(writing: Writing, needed: str) -> str | None:
    """Why a tokenizer cannot write a format that needs every character (``needed`` says which above all)."""
    if writing.reserved is None:
        return None
    return f"it needs {needed}, which a tokenizer of lower-case words (WordPiece) cannot write"


def split(text: str, delimiters: str, start: int, stop: int) -> list[tuple[int, int, int]]:
    """Pieces ``start, stop, end`` of ``text[start:stop]`` between bare delimiters.

    ``end`` includes the delimiter after the piece; a character behind a backslash is none.
    """
    pieces = []
    i = piece = start
    while i < stop:
        if text[i] == "\\":
            i += 2
            continue
        if text[i] in delimiters:
            pieces.append((piece, i, i + 1))
            piece = i + 1
        i += 1
    pieces.append((piece, stop, stop))
    return pieces
