# SPDX-License-Identifier: Apache-2.0
"""A text whose words are divided by blanks, as a user would write it, and where strings of the one are in the other.

For corpora that give entities as strings alone. Which occurrence a string means is decided as the library
decides it for what a model wrote: occurrences at word edges come before others, and the two mentions of a
relation are the closest pair that is not a relation of that type already.
"""

from __future__ import annotations

import bisect
import itertools
from collections.abc import Iterable
from itertools import accumulate

from ..frames import Document, Frame
from ..text import Mention
from .detokenize import detokenize
from .gold import document, mention_of, relation

MAX_PAIRS = 10_000
"""Pairs of occurrences that are weighed for one relation; beyond it the first ones of each string."""


class SpacedText:
    """The words of a text, detokenized: ``text``; `occurrences` finds strings of the spaced original in it."""

    def __init__(self, spaced: str, *, join: str = "") -> None:
        self._words = spaced.split()
        self.spaced = " ".join(self._words)
        self.text, self._offsets = detokenize(self._words, join=join)
        self._starts = list(accumulate((len(word) + 1 for word in self._words), initial=0))  # of words, in ``spaced``

    def occurrences(self, string: str) -> list[Mention]:
        """The places of the string: those at word edges, else those inside words, else none."""
        wanted = " ".join(string.split())
        starts = []
        at = self.spaced.find(wanted) if wanted else -1
        while at >= 0:
            starts.append(at)
            at = self.spaced.find(wanted, at + 1)
        edges = [start for start in starts if self._is_at_word_edges(start, start + len(wanted))]
        return [self._mention(start, start + len(wanted)) for start in edges or starts]

    def _is_at_word_edges(self, start: int, end: int) -> bool:
        spaced = self.spaced
        left = start > 0 and spaced[start - 1].isalnum() and spaced[start].isalnum()
        right = end < len(spaced) and spaced[end - 1].isalnum() and spaced[end].isalnum()
        return not left and not right

    def _mention(self, start: int, end: int) -> Mention:
        return mention_of([(self._place(start)[0], self._place(end - 1)[1])])

    def _place(self, at: int) -> tuple[int, int]:
        """Where the character of ``spaced``, which is no blank, stands in ``text``."""
        i = bisect.bisect_right(self._starts, at) - 1
        (start, end), word = self._offsets[i], self._words[i]
        if self.text[start:end] != word:  # respelt: the whole word
            return start, end
        return start + at - self._starts[i], start + at - self._starts[i] + 1


def triples_document(spaced: SpacedText, triples: Iterable[tuple[str, str, str]], *, id: str = "") -> Document:
    """The text with a relation for each ``(head, type, tail)`` whose strings are in it.

    ``meta`` counts the triples left out because a string is not in the text (``ungrounded``) and those one
    of whose strings occurs several times (``ambiguous``), where there are any.
    """
    frames: list[Frame] = []
    stated: set[tuple[str, str, str]] = set()
    repeated = ungrounded = ambiguous = 0
    for triple in triples:
        head, type_name, tail = triple
        heads, tails = spaced.occurrences(head), spaced.occurrences(tail)
        if triple in stated:
            repeated += 1
        elif not heads or not tails:
            ungrounded += 1
        else:
            stated.add(triple)
            ambiguous += len(heads) > 1 or len(tails) > 1
            frames.append(_closest(type_name, heads, tails, frames))
    doc = document(spaced.text, frames, id=id)
    duplicates = repeated + doc.meta.get("duplicates", 0)
    counts = {"duplicates": duplicates, "ungrounded": ungrounded, "ambiguous": ambiguous}
    return Document(doc.text, doc.id, doc.frames, {name: count for name, count in counts.items() if count})


def _closest(type_name: str, heads: list[Mention], tails: list[Mention], frames: list[Frame]) -> Frame:
    while len(heads) * len(tails) > MAX_PAIRS:
        heads, tails = heads[: max(1, len(heads) // 2)], tails[: max(1, len(tails) // 2)]
    pairs = sorted(itertools.product(heads, tails), key=lambda p: (p[0] == p[1], _distance(*p), p[0].start))
    options = (relation(type_name, head, tail) for head, tail in pairs)
    return next((frame for frame in options if frame not in frames), relation(type_name, *pairs[0]))


def _distance(a: Mention, b: Mention) -> int:
    return max(a.start - b.end, b.start - a.end, 0)
