# SPDX-License-Identifier: Apache-2.0
"""Where a string stands in a text: exactly, without case, or without case, Unicode form and blanks."""

from __future__ import annotations

import bisect
import itertools
import unicodedata
from collections.abc import Iterator
from functools import cached_property

from ..text import Match, Mention, Span, TextView
from .segments import segment

MAX_OCCURRENCES = 1_000
"""Of one string; a longer text has been cut into windows long before."""

_LOOKUPS: tuple[tuple[Match, bool], ...] = (
    ("exact", True),
    ("casefold", True),
    ("exact", False),
    ("casefold", False),
    ("normalized", True),
    ("normalized", False),
)
"""Kinds of match, and whether only at the edges of words and marks, in the order in which they are tried."""


class Occurrences:
    """Look-up in one view; folded copies are made when first needed."""

    def __init__(self, view: TextView) -> None:
        self.view = view
        self._found: dict[tuple[str, ...], list[Mention]] = {}

    def of(self, fragments: tuple[str, ...]) -> list[Mention]:
        """Mentions of the original text, in order, by the first look-up that finds any.

        Fragments of a discontinuous mention follow each other: the first anywhere, each further one at
        its first occurrence behind.
        """
        if fragments not in self._found:
            found = (list(itertools.islice(self._mentions(fragments, *how), MAX_OCCURRENCES)) for how in _LOOKUPS)
            self._found[fragments] = next((m for m in found if m), [])
        return self._found[fragments]

    def _mentions(self, fragments: tuple[str, ...], kind: Match, at_edges: bool) -> Iterator[Mention]:
        table = {fragment: self._places(fragment, kind, at_edges) for fragment in fragments}
        seen = set()
        for first in table[fragments[0]] if fragments else ():
            places = [first]
            for fragment in fragments[1:]:
                options = table[fragment]
                behind = bisect.bisect_left(options, (places[-1][1], 0))
                if behind == len(options):
                    return
                places.append(options[behind])
            mention = _mention([self.view.to_original(s, e) for s, e in places], kind)
            if mention is not None and mention not in seen:
                seen.add(mention)
                yield mention

    def _places(self, string: str, kind: Match, at_edges: bool) -> list[tuple[int, int]]:
        """Places ``start, end`` in the view, in order."""
        folded, index = self._exact if kind == "exact" else self._cased if kind == "casefold" else self._normal
        wanted = _fold(string, kind)[0]
        places = []
        at = folded.find(wanted) if wanted else -1
        while at >= 0:
            start, end = index[at], index[at + len(wanted) - 1] + 1
            if not at_edges or (start in self._edges and end in self._edges):
                places.append((start, end))
            at = folded.find(wanted, at + 1)
        return places

    @cached_property
    def _edges(self) -> frozenset[int]:
        return frozenset(itertools.accumulate((len(piece) for piece in segment(self.view.text)), initial=0))

    @cached_property
    def _exact(self) -> tuple[str, range]:
        return self.view.text, range(len(self.view.text))

    @cached_property
    def _cased(self) -> tuple[str, list[int]]:
        return _fold(self.view.text, "casefold")

    @cached_property
    def _normal(self) -> tuple[str, list[int]]:
        return _fold(self.view.text, "normalized")


def _fold(text: str, kind: Match) -> tuple[str, list[int]]:
    """The folded text and, per character of it, the character of ``text`` it comes from."""
    if kind == "exact":
        return text, list(range(len(text)))
    folded: list[str] = []
    index: list[int] = []
    for i, character in enumerate(text):
        if kind == "casefold":
            written = character.casefold()
        else:
            written = "".join(
                unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", character).casefold()).split()
            )
        folded.append(written)
        index += [i] * len(written)
    return "".join(folded), index


def _mention(spans: list[Span | None], kind: Match) -> Mention | None:
    """One mention of the fragments; those that touch are joined."""
    joined: list[Span] = []
    for span in spans:
        if span is None:
            return None
        if joined and span.start <= joined[-1].end:
            joined[-1] = Span(min(joined[-1].start, span.start), max(joined[-1].end, span.end))
        else:
            joined.append(span)
    return Mention(tuple(joined), kind) if joined else None
