# SPDX-License-Identifier: Apache-2.0
"""Where frames and slots begin and end in a completion with brackets, whatever a model wrote.

Each ``(`` that begins a frame or a slot opens a stretch of its own, up to the next one; so a bracket
too many or too few costs the stretch it stands in.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from ..escape import unescape
from .frame_writer import DELIMITERS
from .lexicon import Lexicon

STRUCTURE = DELIMITERS + "\\"
"""Characters that say nothing by themselves."""
_BARE = re.compile(rf"\\.|([{re.escape(DELIMITERS)}])", re.DOTALL)


def has_words(text: str) -> bool:
    """Whether there is anything but blanks and delimiters."""
    return any(not (c.isspace() or c in STRUCTURE) for c in text)


@dataclass(frozen=True, slots=True)
class Group:
    """``(label: value)``; ``value`` is None where there is no colon. ``next`` is the number of the mark behind it."""

    label: str
    value: int | None
    stop: int
    next: int


class Marked:
    """A completion and its bare delimiters ("marks"), which are counted from 0 and stand at ``places``."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.places = [match.start() for match in _BARE.finditer(text) if match[1]]
        self.marks = "".join(text[place] for place in self.places)

    def __len__(self) -> int:
        return len(self.places)

    def mark(self, k: int) -> str:
        return self.marks[k : k + 1]

    def joins(self, k: int) -> bool:
        """Whether only blanks stand between mark ``k`` and the one before (the start of the text)."""
        gap = self.text[self.places[k - 1] + 1 if k else 0 : self.places[k]]
        return not gap or gap.isspace()

    def before(self, k: int) -> str:
        """The mark right before mark ``k``, a brace at the start, '' where words stand between."""
        if not self.joins(k):
            return ""
        return self.mark(k - 1) if k else "{"

    def label(self, k: int) -> str | None:
        """What stands between the bracket ``k`` and a colon; None where another mark follows."""
        return self._label(k, k + 1) if self.mark(k + 1) == ":" else None

    def group(self, k: int, stop: int) -> Group | None:
        """The group that bracket ``k`` opens before mark ``stop``; None where it is not closed.

        Brackets inside it are text where they close again.
        """
        colon: int | None = None
        depth = 0
        for j in range(k, min(stop, len(self))):
            mark = self.mark(j)
            if mark in "[]{}":
                return None
            depth += (mark == "(") - (mark == ")")
            if depth == 0:
                value = None if colon is None else self.places[colon] + 1
                return Group(self._label(k, j if colon is None else colon), value, self.places[j], j + 1)
            if mark == ":" and colon is None:
                colon = j
        return None

    def frames(self, lexicon: Lexicon) -> Iterator[int]:
        """Brackets that begin a frame.

        Those behind a brace, a comma or a closing bracket do, and so does ``(label:`` of a known type;
        in a list that is closed none does, and in one that is not closed only a type that is no role of the
        frame under way.
        """
        listed = closed = False
        frame_type = None
        for k in range(len(self)):
            mark = self.mark(k)
            if mark == "[" and self.before(k) in (":", ")"):
                listed, closed = True, k in self._closed
            elif mark == "]":
                listed = False
            elif mark == "(" and not (listed and closed):
                label, before = self.label(k), self.before(k)
                found = lexicon.type(label) if label is not None else None
                if listed and before != "{":
                    starts = bool(
                        found and label and (frame_type is None or lexicon.role(frame_type.name, label) is None)
                    )
                else:
                    starts = found is not None or before in ("{", "}", "[", "]", ")", ",")
                if starts:
                    listed, frame_type = False, found
                    yield k

    def slots(self, start: int, stop: int, type_name: str, lexicon: Lexicon) -> Iterator[int]:
        """Brackets that begin a slot between two marks: behind a bracket or a comma, or ``(role:``."""
        for k in range(start, stop):
            if self.mark(k) == "(":
                label = self.label(k)
                if self.before(k) in ("[", ",", ")") or (
                    label is not None and lexicon.role(type_name, label) is not None
                ):
                    yield k

    def end_of_list(self, k: int) -> int | None:
        """The bracket that closes the list opened by mark ``k``; None where there is none."""
        return self._closed.get(k)

    @cached_property
    def _closed(self) -> dict[int, int]:
        """Each opening square bracket whose next square bracket closes it, and that."""
        square = [k for k in range(len(self)) if self.mark(k) in "[]"]
        return {k: end for k, end in itertools.pairwise(square) if self.mark(k) + self.mark(end) == "[]"}

    def _label(self, k: int, stop: int) -> str:
        return unescape(self.text[self.places[k] + 1 : self.places[stop]].strip())
