# SPDX-License-Identifier: Apache-2.0
"""Frames and slots: one shape for entities, relations, events, opinions and classes (UC-UIE, section 3.2)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from .text import Mention

Reason = Literal[
    "ungrounded",
    "unknown type",
    "unknown role",
    "duplicate",
    "unparsable",
    "cut off",
    "invalid value",
    "missing slot",
    "low score",
]
"""Why an item that a model wrote was not used."""


@dataclass(frozen=True, slots=True, order=True)
class FrameRef:
    """Points at the frame at ``index`` of the same list of frames (an event as an argument)."""

    index: int

    def __post_init__(self) -> None:
        if self.index < 0:
            raise ValueError(f"frame index needs to be >= 0, got {self.index}")


@dataclass(frozen=True, slots=True)
class Slot:
    """A role and what fills it: a mention of the text or another frame. ``score`` is no part of comparisons."""

    role: str
    filler: Mention | FrameRef
    score: float | None = field(default=None, compare=False)

    def __post_init__(self) -> None:
        if not self.role:
            raise ValueError("slot needs a role, got ''")
        _check_score(self.score)


@dataclass(frozen=True, slots=True)
class Frame:
    """A semantic type, the mention that evokes it (its filler; None for relations and opinions), and its slots.

    Slots keep the order given; a role may occur more than once. ``attributes`` are closed choices
    (name, value). ``score`` is no part of comparisons.
    """

    type: str
    filler: Mention | None = None
    slots: tuple[Slot, ...] = ()
    attributes: tuple[tuple[str, str], ...] = ()
    score: float | None = field(default=None, compare=False)

    def __post_init__(self) -> None:
        if not self.type:
            raise ValueError("frame needs a type, got ''")
        names = [name for name, _ in self.attributes]
        if len(set(names)) != len(names):
            raise ValueError(f"frame of type {self.type!r} has an attribute twice: {', '.join(names)}")
        _check_score(self.score)

    @property
    def key(self) -> tuple[Any, ...]:
        """What makes two frames the same whatever the order of their slots."""
        slots = sorted((s.role, *_filler_key(s.filler)) for s in self.slots)
        return (self.type, self.filler, tuple(slots), tuple(sorted(self.attributes)))

    def mentions(self) -> Iterable[Mention]:
        """The filler and the slots' mentions, in order."""
        if self.filler is not None:
            yield self.filler
        yield from (s.filler for s in self.slots if isinstance(s.filler, Mention))

    def shift(self, by: int) -> Frame:
        """The same frame in a text that starts ``by`` characters earlier."""
        slots = tuple(replace(s, filler=s.filler.shift(by)) if isinstance(s.filler, Mention) else s for s in self.slots)
        return replace(self, filler=self.filler and self.filler.shift(by), slots=slots)


@dataclass(frozen=True, slots=True)
class Document:
    """A text, with an id and, in a corpus, its gold frames; ``meta`` holds what else came with it."""

    text: str
    id: str = ""
    frames: tuple[Frame, ...] = ()
    meta: Mapping[str, Any] = field(default_factory=dict, compare=False)

    def __post_init__(self) -> None:
        for frame in self.frames:
            for mention in frame.mentions():
                if mention.end > len(self.text):
                    raise ValueError(
                        f"document {self.id!r}: {frame.type} points at {mention.start}:{mention.end}, "
                        f"the text has {len(self.text)} characters"
                    )
            for slot in frame.slots:
                if isinstance(slot.filler, FrameRef) and slot.filler.index >= len(self.frames):
                    raise ValueError(
                        f"document {self.id!r}: {frame.type} points at frame {slot.filler.index} of {len(self.frames)}"
                    )


@dataclass(frozen=True, slots=True)
class Piece:
    """What a model wrote for one mention: the strings of its fragments, unescaped, and their place.

    ``range`` is the place in the completion including the closing delimiter; no part of comparisons.
    """

    fragments: tuple[str, ...]
    range: tuple[int, int] = field(default=(0, 0), compare=False)


@dataclass(frozen=True, slots=True)
class DraftSlot:
    """A role and the piece written for it; ``range`` includes the role's label and the closing delimiter."""

    role: str
    piece: Piece
    range: tuple[int, int] = field(default=(0, 0), compare=False)


@dataclass(frozen=True, slots=True)
class Draft:
    """A frame before grounding: strings, and where they stand in the completion.

    ``range`` covers the whole item and its closing delimiter.
    """

    type: str
    filler: Piece | None = None
    slots: tuple[DraftSlot, ...] = ()
    attributes: tuple[tuple[str, str], ...] = ()
    range: tuple[int, int] = field(default=(0, 0), compare=False)


@dataclass(frozen=True, slots=True)
class Reject:
    """An item that a model wrote and that was not used, with the reason.

    ``window`` is the index of the window of the document it was written for, ``family`` what that
    request asked for, ``draft`` how the item was read, if it could be; with a ``role`` only the draft's
    one slot was refused, its frame was not (none of these three is part of comparisons).
    """

    item: str
    reason: Reason
    window: int = 0
    range: tuple[int, int] = field(default=(0, 0), compare=False)
    family: str = field(default="", compare=False)
    draft: Draft | None = field(default=None, compare=False)
    role: str = field(default="", compare=False)

    def __post_init__(self) -> None:
        if self.role and (self.draft is None or [slot.role for slot in self.draft.slots] != [self.role]):
            raise ValueError(f"reject of the slot {self.role!r} needs a draft with that slot alone")


def canonical(frames: Iterable[Frame]) -> tuple[Frame, ...]:
    """Frames in the order in which formats write them: by place, then type; references are renumbered."""
    frames = tuple(frames)
    order = sorted(range(len(frames)), key=lambda i: _place(frames[i]))
    new_index = {old: new for new, old in enumerate(order)}
    return tuple(renumber(frames[i], new_index) for i in order)


def renumber(frame: Frame, new_index: Mapping[int, int]) -> Frame:
    """The frame with its references mapped through ``new_index``; slots whose target is gone are left out."""
    slots = tuple(
        replace(s, filler=FrameRef(new_index[s.filler.index])) if isinstance(s.filler, FrameRef) else s
        for s in frame.slots
        if not isinstance(s.filler, FrameRef) or s.filler.index in new_index
    )
    return replace(frame, slots=slots)


def _place(frame: Frame) -> tuple[Any, ...]:
    spans = [tuple((s.start, s.end) for s in m.fragments) for m in frame.mentions()]
    return (spans, frame.type)


def _filler_key(filler: Mention | FrameRef) -> tuple[Any, ...]:
    return (1, filler.index) if isinstance(filler, FrameRef) else (0, tuple((s.start, s.end) for s in filler.fragments))


def _check_score(score: float | None) -> None:
    if score is not None and not 0.0 <= score <= 1.0:
        raise ValueError(f"score needs to be in 0..1, got {score}")
