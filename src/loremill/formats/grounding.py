# SPDX-License-Identifier: Apache-2.0
"""Which occurrence a string means: from drafts to frames that point into the text.

- Fillers take occurrences in order: the first unused one at or behind the filler before, else the
  first unused one; when all are used, a filler of another type shares the last (two types of one
  span), and one of the same type is a duplicate.
- A slot binds to an already grounded mention of the same string, the nearest to its frame, else to
  the nearest occurrence. The two slots of a relation or an opinion take the pair that is closest.
- Strings are looked up as written, then without case, then without case, Unicode form and blanks;
  the kind is kept as ``Mention.match``. Occurrences at word edges come before others.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from ..frames import Draft, Frame, FrameRef, Piece, Reason, Reject, Slot
from ..schema.types import FrameType, Schema
from ..text import Mention, TextView
from .occurrences import Occurrences

MAX_PAIRS = 10_000
"""Pairs of occurrences that are weighed for one relation; beyond it the first ones of each string."""


@dataclass(slots=True)
class Grounded:
    """Frames in the order of the drafts they came from (``drafts[i]`` is that of ``frames[i]``), and the rest."""

    frames: list[Frame] = field(default_factory=list)
    drafts: list[Draft] = field(default_factory=list)
    rejects: list[Reject] = field(default_factory=list)


def ground(
    view: TextView, drafts: Sequence[Draft], completion: str, schema: Schema, *, known: Iterable[Mention] = ()
) -> Grounded:
    """Frames of the original text for ``drafts`` written in the view's spelling.

    ``known`` are mentions grounded before in the same text (entities, when relations follow). Frames
    whose filler or slot cannot be found are rejected as ungrounded; of an event only that slot is.
    Nothing raises on what a model wrote.
    """
    return _Grounder(view, completion, schema, known).run(drafts)


class _Grounder:
    def __init__(self, view: TextView, completion: str, schema: Schema, known: Iterable[Mention]) -> None:
        self.view = view
        self.completion = completion
        self.schema = schema
        self.occurrences = Occurrences(view)
        self.known: set[Mention] = set(known)
        self.used: dict[tuple[str, ...], list[Mention]] = {}
        self.typed: set[tuple[str, Mention]] = set()
        self.cursor = 0
        self.result = Grounded()
        self.seen: set[object] = set()

    def run(self, drafts: Sequence[Draft]) -> Grounded:
        fillers = [self._filler(draft) for draft in drafts]
        self.known.update(m for m in fillers if m is not None)
        kept: list[tuple[int, Frame]] = []
        for i, (draft, filler) in enumerate(zip(drafts, fillers, strict=True)):
            frame = self._frame(draft, filler)
            if frame is not None:
                kept.append((i, frame))
        self._link(drafts, kept)
        return self.result

    def _filler(self, draft: Draft) -> Mention | None:
        """The filler's place; None when it has none or is rejected."""
        if draft.filler is None:
            return None
        found = self.occurrences.of(draft.filler.fragments)
        if not found:
            self._reject(draft.range, "ungrounded")
            return None
        used = self.used.setdefault(draft.filler.fragments, [])
        free = [m for m in found if m not in used]
        chosen = next((m for m in free if m.start >= self.cursor), free[0] if free else None)
        if chosen is None:
            chosen = next((m for m in reversed(used) if (draft.type, m) not in self.typed), used[-1])
        used.append(chosen)
        self.typed.add((draft.type, chosen))
        self.cursor = chosen.start
        return chosen

    def _frame(self, draft: Draft, filler: Mention | None) -> Frame | None:
        frame_type = self.schema[draft.type]
        if draft.filler is not None and filler is None:
            return None
        slots = self._pair(draft) if frame_type.is_pair else self._slots(draft, filler, frame_type)
        if slots is None or (not frame_type.has_filler and frame_type.slots and not slots):
            self._reject(draft.range, "ungrounded")
            return None
        return Frame(draft.type, filler, tuple(slots), draft.attributes)

    def _pair(self, draft: Draft) -> list[Slot] | None:
        """Slots of a relation or opinion: the closest pair of occurrences that is no frame yet."""
        options = [self._candidates(slot.piece) for slot in draft.slots]
        if not all(options):
            return None
        while len(options[0]) * len(options[1]) > MAX_PAIRS:
            options = [o[: max(1, len(o) // 2)] for o in options]
        pairs = sorted(itertools.product(*options), key=lambda p: (p[0] == p[1], _distance(p[0], p[1]), p[0].start))
        slots = [[Slot(slot.role, mention) for slot, mention in zip(draft.slots, pair, strict=True)] for pair in pairs]
        free = (s for s in slots if Frame(draft.type, None, tuple(s), draft.attributes).key not in self.seen)
        chosen = next(free, slots[0])
        self.seen.add(Frame(draft.type, None, tuple(chosen), draft.attributes).key)
        return chosen

    def _slots(self, draft: Draft, filler: Mention | None, frame_type: FrameType) -> list[Slot]:
        anchor = filler
        slots: list[Slot] = []
        for slot in draft.slots:
            options = self._candidates(slot.piece)
            taken = [s.filler for s in slots if s.role == slot.role]
            options = [m for m in options if m not in taken] or options
            if not options:
                self._reject(slot.range, "ungrounded")
                continue
            chosen = min(options, key=lambda m: (_distance(m, anchor) if anchor else 0, m.start))
            anchor = anchor or chosen
            if chosen in taken:
                self._reject(slot.range, "duplicate")
            else:
                slots.append(Slot(slot.role, chosen))
        return slots

    def _candidates(self, piece: Piece) -> list[Mention]:
        """Grounded mentions of the string if there are any, else all its occurrences."""
        found = self.occurrences.of(piece.fragments)
        return [m for m in found if m in self.known] or found

    def _link(self, drafts: Sequence[Draft], kept: Sequence[tuple[int, Frame]]) -> None:
        """Drop duplicates, and turn slots whose role takes frames into references to them."""
        index: dict[object, int] = {}
        events: dict[Mention, int] = {}
        for i, frame in kept:
            if frame.key in index:
                self._reject(drafts[i].range, "duplicate")
                continue
            index[frame.key] = len(self.result.frames)
            if frame.filler is not None and self.schema[frame.type].family == "events":
                events.setdefault(frame.filler, len(self.result.frames))
            self.result.frames.append(frame)
            self.result.drafts.append(drafts[i])
        for i, frame in enumerate(self.result.frames):
            self.result.frames[i] = self._with_references(i, frame, events)

    def _with_references(self, own: int, frame: Frame, events: dict[Mention, int]) -> Frame:
        frame_type = self.schema[frame.type]
        slots = []
        for slot in frame.slots:
            target = events.get(slot.filler) if isinstance(slot.filler, Mention) else None
            allowed = frame_type.slot(slot.role).types
            if target is not None and target != own and self.result.frames[target].type in allowed:
                slot = replace(slot, filler=FrameRef(target))
            slots.append(slot)
        return replace(frame, slots=tuple(slots))

    def _reject(self, place: tuple[int, int], reason: Reason) -> None:
        item = self.completion[place[0] : place[1]].strip(" ;,")
        self.result.rejects.append(Reject(item, reason, range=place))


def _distance(a: Mention, b: Mention) -> int:
    """Characters between two mentions; 0 when they touch or overlap."""
    return max(a.start - b.end, b.start - a.end, 0)
