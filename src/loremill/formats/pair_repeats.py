# SPDX-License-Identifier: Apache-2.0
"""What an answer about given mentions has said already: each pair of them may be said once for each relation.

Beside `repeats.py`, which knows the words of a text only, here is known all that an answer can hold. So a relation is
not begun of which every pair is said, nor a head with every tail; where nothing is left the answer ends.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ..prompt import Writing
from ..schema.types import FrameType, Schema
from .given import Told, fitting
from .items import DELIMITERS, NONE
from .marks import Marks, split

_NOTHING = "\0"
"""What no token begins with."""


@dataclass(frozen=True, slots=True)
class PairRepeats:
    """`prompt.Repeats` of items with a semicolon between them. Blanks do not count.

    Args:
        times: how often an item may be said: pairs of different mentions with these words.
        free: beginnings of items that are no pairs, which may be said as often as the grammar lets them.
        none: the answer where there is none.
    """

    times: Mapping[str, int]
    free: tuple[str, ...]
    none: str

    @classmethod
    def of(cls, schema: Schema, mentions: Sequence[Told], writing: Writing) -> PairRepeats:
        """For relations among mentions; one that occurs several times is in the list as often."""
        marks = Marks.of(writing, DELIMITERS)
        times = Counter(item for t in schema if t.is_pair for item in _items(t, mentions, marks))
        free = tuple(_bare(f"{marks.label(t.label)}:") for t in schema if not t.is_pair)
        return cls(times, free, _bare(marks.label(NONE)))

    def said(self, completion: str) -> tuple[str, ...]:
        """How the completion may go on so that nothing is said too often."""
        *items, current = (
            _bare(completion[start:stop]) for start, stop, _ in split(completion, ";", 0, len(completion))
        )
        if any(current.startswith(label) for label in self.free):
            return ()
        said = Counter(items)
        left = [item for item, times in self.times.items() if times > said[item]]
        able = [item[len(current) :] for item in left if item.startswith(current)]
        able += [label[len(current) :] for label in self.free if label.startswith(current)]
        if not items and self.none.startswith(current):
            able.append(self.none[len(current) :])
        if current in self.times and (
            self.free or any(times > said[item] + (item == current) for item, times in self.times.items())
        ):
            able.append(";")
        return tuple(filter(None, able)) or (_NOTHING,)

    def is_spent(self, begin: str, said: Sequence[str]) -> bool:
        """Whether the completion may not go on so."""
        begin = _bare(begin)
        return bool(begin) and not any(able.startswith(begin) or begin.startswith(able) for able in said)


def _items(frame_type: FrameType, mentions: Sequence[Told], marks: Marks) -> list[str]:
    """The items of a relation that can be written, one for each pair of different mentions."""
    head, tail = ([id(told) for told in fitting(mentions, slot)] for slot in frame_type.slots)
    written = {id(told): marks.pieces(told.words) for told in mentions}
    label = marks.label(frame_type.label)
    return [_bare(f"{label}: {written[i]}, {written[j]}") for i in head for j in tail if i != j]


def _bare(text: str) -> str:
    return "".join(text.split())
