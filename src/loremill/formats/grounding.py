# SPDX-License-Identifier: Apache-2.0
"""Which occurrence a string means: from drafts to frames that point into the text.

- Fillers take occurrences in order: the first unused one at or behind the filler before, one outside
  the fillers so far if there is any, else the first unused one; when all are used, a filler of another
  type shares the last (two types of one span), and one of the same type is a duplicate.
- A slot binds to an already grounded mention of the same string, the nearest to its frame, else to
  the nearest occurrence. The two slots of a relation or an opinion take the pair that is closest.
- Strings are looked up as written, then without case, then without case, Unicode form and blanks;
  the kind is kept as ``Mention.match``. Occurrences at word edges come before others.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from ..frames import Draft, DraftSlot, Frame, FrameRef, Piece, Reason, Reject, Slot
from ..schema.types import FrameType, Schema
from ..text import Mention, TextView
from .occurrences import Occurrences

MAX_PAIRS = 10_000
"""Pairs of occurrences that are weighed for one relation; beyond it the first ones of each string."""


@dataclass(slots=True)
class Grounded:
    """Frames in the order of the drafts they came from, and the rest.

    ``drafts[i]`` is that of ``frames[i]``, with the slots that were kept: one for each slot of the frame.
    """

    frames: list[Frame] = field(default_factory=list)
    drafts: list[Draft] = field(default_factory=list)
    rejects: list[Reject] = field(default_factory=list)


def ground(
    view: TextView,
    drafts: Sequence[Draft],
    completion: str,
    schema: Schema,
    *,
    known: Iterable[Mention] = (),
    fillers: Sequence[Mention] | None = None,
) -> Grounded:
    """Frames of the original text for ``drafts`` written in the view's spelling.

    ``known`` are mentions grounded before in the same text (entities, when relations follow);
    ``fillers`` are those of the drafts where they were given (triggers), not written. Frames whose
    filler or slot cannot be found are rejected as ungrounded; of an event only that slot is.
    Nothing raises on what a model wrote.
    """
    return _Grounder(view, completion, schema, known).run(drafts, fillers)


class _Grounder:
    def __init__(self, view: TextView, completion: str, schema: Schema, known: Iterable[Mention]) -> None:
        self.view = view
        self.completion = completion
        self.schema = schema
        self.occurrences = Occurrences(view)
        self.known: set[Mention] = set(known)
        self.used: dict[tuple[str, ...], dict[Mention, None]] = {}  # in the order of their last use
        self.taken: set[Mention] = set()
        self.typed: set[tuple[str, Mention]] = set()
        self.cursor = 0
        self.result = Grounded()
        self.paired: set[tuple[str, frozenset[tuple[str, Mention]]]] = set()

    def run(self, drafts: Sequence[Draft], given: Sequence[Mention] | None) -> Grounded:
        places: list[Mention | None] = list(given or ())
        if given is None:
            drafts = [draft for draft in drafts if self._is_of_schema(draft)]
            places = [self._filler(draft) for draft in drafts]
        self.known.update(m for m in places if m is not None)
        kept = [self._frame(draft, filler) for draft, filler in zip(drafts, places, strict=True)]
        self._link([pair for pair in kept if pair is not None])
        return self.result

    def _is_of_schema(self, draft: Draft) -> bool:
        """Whether the draft has a type of the schema and, if a pair, its two slots; else it is rejected."""
        if draft.type not in self.schema:
            self._reject(draft, "unknown type")
            return False
        frame_type = self.schema[draft.type]
        if frame_type.is_pair and sorted(s.role for s in draft.slots) != sorted(s.name for s in frame_type.slots):
            self._reject(draft, "missing slot")
            return False
        return True

    def _filler(self, draft: Draft) -> Mention | None:
        """The filler's place; None when it has none or is rejected."""
        if draft.filler is None:
            return None
        found = self.occurrences.of(draft.filler.fragments)
        if not found:
            self._reject(draft, "ungrounded")
            return None
        used = self.used.setdefault(draft.filler.fragments, {})
        free = [m for m in found if m not in used]
        behind = [m for m in free if m.start >= self.cursor]
        chosen = next((m for m in behind if not self._is_inside(m)), None)
        if chosen is None:
            chosen = next(iter(behind or free), None)
        if chosen is None:
            chosen = next((m for m in reversed(used) if (draft.type, m) not in self.typed), next(reversed(used)))
        used.pop(chosen, None)
        used[chosen] = None
        self.taken.add(chosen)
        self.typed.add((draft.type, chosen))
        self.cursor = chosen.start
        return chosen

    def _is_inside(self, mention: Mention) -> bool:
        return any(m.start <= mention.start and mention.end <= m.end and m != mention for m in self.taken)

    def _frame(self, draft: Draft, filler: Mention | None) -> tuple[Draft, Frame] | None:
        """The frame and its draft with the slots that were kept; None when it is rejected."""
        frame_type = self.schema[draft.type]
        if draft.filler is not None and filler is None:
            return None
        pairs = self._pair(draft) if frame_type.is_pair else self._slots(draft, filler, frame_type)
        if pairs is None or (not frame_type.has_filler and draft.slots and not pairs):
            self._reject(draft, "ungrounded")
            return None
        written, slots = tuple(w for w, _ in pairs), tuple(s for _, s in pairs)
        return replace(draft, slots=written), Frame(draft.type, filler, slots, tuple(dict(draft.attributes).items()))

    def _pair(self, draft: Draft) -> list[tuple[DraftSlot, Slot]] | None:
        """Slots of a relation or opinion: the closest pair of occurrences that is no frame yet."""
        options = [self._candidates(slot.piece) for slot in draft.slots]
        if not all(options):
            return None
        while len(options[0]) * len(options[1]) > MAX_PAIRS:
            options = [o[: max(1, len(o) // 2)] for o in options]
        pairs = sorted(itertools.product(*options), key=lambda p: (p[0] == p[1], _distance(p[0], p[1]), p[0].start))
        places = (tuple(zip((s.role for s in draft.slots), pair, strict=True)) for pair in pairs)
        chosen = next((p for p in places if (draft.type, frozenset(p)) not in self.paired), None)
        if chosen is None:
            chosen = tuple(zip((s.role for s in draft.slots), pairs[0], strict=True))
        self.paired.add((draft.type, frozenset(chosen)))
        return [(w, Slot(role, mention)) for w, (role, mention) in zip(draft.slots, chosen, strict=True)]

    def _slots(self, draft: Draft, filler: Mention | None, frame_type: FrameType) -> list[tuple[DraftSlot, Slot]]:
        """Each slot at the occurrence nearest to the filler, or to the first slot, that its role has not taken."""
        anchor = filler
        roles = {slot.name for slot in frame_type.slots}
        pairs: list[tuple[DraftSlot, Slot]] = []
        for written in draft.slots:
            found = self.occurrences.of(written.piece.fragments)
            if written.role not in roles or not found:
                reason: Reason = "ungrounded" if written.role in roles else "unknown role"
                self._reject(draft, reason, written)
                continue
            taken = [slot.filler for _, slot in pairs if slot.role == written.role]
            free = [m for m in found if m not in taken]
            if not free:
                self._reject(draft, "duplicate", written)
                continue
            options = [m for m in free if m in self.known] or free
            chosen = min(options, key=lambda m: (_distance(m, anchor) if anchor else 0, m.end - m.start, m.start))
            anchor = anchor or chosen
            pairs.append((written, Slot(written.role, chosen)))
        return pairs

    def _candidates(self, piece: Piece) -> list[Mention]:
        """Grounded mentions of the string if there are any, else all its occurrences."""
        found = self.occurrences.of(piece.fragments)
        return [m for m in found if m in self.known] or found

    def _link(self, kept: Sequence[tuple[Draft, Frame]]) -> None:
        """Drop duplicates, and turn slots whose role takes frames into references to them."""
        seen: set[object] = set()
        events: dict[Mention, list[int]] = {}
        for draft, frame in kept:
            if frame.key in seen:
                self._reject(draft, "duplicate")
                continue
            seen.add(frame.key)
            if frame.filler is not None and self.schema[frame.type].family == "events":
                events.setdefault(frame.filler, []).append(len(self.result.frames))
            self.result.frames.append(frame)
            self.result.drafts.append(draft)
        types = [frame.type for frame in self.result.frames]
        for i, frame in enumerate(self.result.frames):
            slots = []
            for slot in frame.slots:
                allowed = self.schema[frame.type].slot(slot.role).types
                targets = events.get(slot.filler, ()) if isinstance(slot.filler, Mention) else ()
                target = next((t for t in targets if t != i and types[t] in allowed), None)
                slots.append(slot if target is None else replace(slot, filler=FrameRef(target)))
            self.result.frames[i] = replace(frame, slots=tuple(slots))

    def _reject(self, draft: Draft, reason: Reason, slot: DraftSlot | None = None) -> None:
        """Put the draft, or one slot of it, on the ledger."""
        start, end = place = draft.range if slot is None else slot.range
        item = self.completion[start:end].strip(" ;,")
        refused = draft if slot is None else replace(draft, slots=(slot,))
        role = slot.role if slot is not None else ""
        self.result.rejects.append(Reject(item, reason, range=place, draft=refused, role=role))


def _distance(a: Mention, b: Mention) -> int:
    """Characters between two mentions; 0 when they touch or overlap."""
    return max(a.start - b.end, b.start - a.end, 0)
