# SPDX-License-Identifier: Apache-2.0
"""The frames of one document, found in windows that overlap: each once, an event with the slots of all windows."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, field, replace

from .frames import Frame, FrameRef, Slot, renumber
from .text import Mention


@dataclass(slots=True)
class FoundFrames:
    """Frames in the order in which they were first found, in the document's offsets.

    A frame that two windows gave alike is one, with the higher score. Two that differ only in slots or
    attributes stay two, but for events: those of one type and trigger that come from different windows,
    which both held the trigger then, are one event when `merged`. Where one window gave several events of
    a type for one trigger nobody can tell which of them another window meant: these stay as they are.
    """

    frames: list[Frame] = field(default_factory=list)
    _place: dict[Hashable, int] = field(default_factory=dict)  # of each frame in ``frames``
    _windows: list[tuple[int, ...]] = field(default_factory=list)  # that gave each event; of other frames none

    def add(self, found: Sequence[Frame], *, window: int, are_events: bool = False) -> None:
        """Take the frames of one answer about a window; references point into ``found``."""
        places = []
        unknown = len(self.frames)
        for frame in found:
            places.append(self._place.setdefault(_identity(frame, found), unknown))
            unknown += places[-1] == unknown
        new_index = dict(enumerate(places))
        for frame, place in zip(found, places, strict=True):
            frame = renumber(frame, new_index)
            is_event = are_events and frame.filler is not None
            if place == len(self.frames):
                self.frames.append(frame)
                self._windows.append((window,) if is_event else ())
            elif is_event:
                self.frames[place] = united([self.frames[place], frame])
                if window not in self._windows[place]:
                    self._windows[place] += (window,)
            elif (frame.score or 0.0) > (self.frames[place].score or 0.0):
                self.frames[place] = frame

    def forget(self, before: int) -> None:
        """No longer look for frames that begin before a character: windows come in order, and the next begins there.

        What is kept to know a frame again is as large as the frame.
        """
        begins = {place: _start(self.frames[place]) for place in self._place.values()}
        self._place = {key: place for key, place in self._place.items() if begins[place] >= before}

    def merged(self) -> list[Frame]:
        """All frames, each event once; references point into the list."""
        kept: dict[int, list[int]] = {}  # the first place of each frame, with all of its places
        for places in self._alike():
            windows = [window for place in places for window in self._windows[place]]
            if len(set(windows)) < len(windows):  # of one window: one event only where all is the same
                same: dict[Hashable, list[int]] = {}
                for place in places:
                    same.setdefault(_identity(self.frames[place], self.frames), []).append(place)
                kept |= {group[0]: group for group in same.values()}
            else:
                kept[places[0]] = places
        order = sorted(kept)
        new_index = {place: new for new, first in enumerate(order) for place in kept[first]}
        result = [united([renumber(self.frames[place], new_index) for place in kept[first]]) for first in order]
        return [_linked(frame, result) for frame in result]

    def _alike(self) -> Iterable[list[int]]:
        """Places of frames, events of one type and trigger together."""
        events: dict[tuple[str, Mention | None], list[int]] = {}
        for place, (frame, windows) in enumerate(zip(self.frames, self._windows, strict=True)):
            if windows:
                events.setdefault((frame.type, frame.filler), []).append(place)
            else:
                yield [place]
        yield from events.values()


def united(frames: Sequence[Frame]) -> Frame:
    """One frame for several of one type and filler, all with references into the same list.

    Slots are those of all, each role and filler once with its highest score; attributes and score are those
    of the frame with the highest score.
    """
    ordered = sorted(frames, key=lambda frame: (_rank(frame.score), frame.attributes), reverse=True)
    slots: dict[Slot, Slot] = {}  # a slot equals another whatever their scores
    for slot in (slot for frame in ordered for slot in frame.slots):
        slots[slot] = max(slots.get(slot, slot), slot, key=lambda s: _rank(s.score))
    return replace(ordered[0], slots=tuple(slots.values()))


def _start(frame: Frame) -> float:
    """Where its first mention begins; a frame without any may be found in every window."""
    return min((mention.start for mention in frame.mentions()), default=math.inf)


def _rank(score: float | None) -> float:
    return -1.0 if score is None else score


def _linked(frame: Frame, frames: Sequence[Frame]) -> Frame:
    """The frame without mentions in slots that a reference of the same role says better; the higher score is kept."""
    mentions = {(s.role, s.filler): s.score for s in frame.slots if isinstance(s.filler, Mention)}
    slots: list[Slot] = []
    said = set()
    for slot in frame.slots:
        if isinstance(slot.filler, FrameRef) and (same := (slot.role, frames[slot.filler.index].filler)) in mentions:
            said.add(same)
            slot = replace(slot, score=max(slot.score, mentions[same], key=_rank))
        slots.append(slot)
    return replace(frame, slots=tuple(s for s in slots if (s.role, s.filler) not in said)) if said else frame


def _identity(frame: Frame, frames: Sequence[Frame]) -> Hashable:
    """What makes two frames the same in any list: a reference counts as the type and filler it points at."""
    slots = []
    for slot in frame.slots:
        target = frames[slot.filler.index] if isinstance(slot.filler, FrameRef) else None
        slots.append((slot.role, slot.filler if target is None else (target.type, target.filler)))
    return (frame.type, frame.filler, frozenset(Counter(slots).items()), frozenset(frame.attributes))
