# SPDX-License-Identifier: Apache-2.0
"""Reads what `frame_writer.py` writes, and whatever a model makes of it, frame by frame and slot by slot."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field

from ..escape import unescape
from ..frames import Draft, DraftSlot, Piece, Reason, Reject
from ..schema.types import FrameType, SlotType
from .frame_groups import Group, Marked, has_words
from .frame_writer import is_null
from .lexicon import Lexicon
from .marks import split

_BLANKS = " \n\r\t"


@dataclass(slots=True)
class _Parts:
    """What a list of slots and attributes gave."""

    slots: list[DraftSlot] = field(default_factory=list)
    attributes: dict[str, str] = field(default_factory=dict)


class FrameReader:
    """Reads one completion; ``drafts`` and ``rejects`` are what it holds.

    Args:
        keeps_null: a bare Null where a mention is wanted is that word, not an absent one.
        finished: False when the model ran into its limit.
    """

    def __init__(self, text: str, lexicon: Lexicon, *, keeps_null: bool, finished: bool) -> None:
        self.text = text
        self.lexicon = lexicon
        self.keeps_null = keeps_null
        self.finished = finished
        self.marked = Marked(text)
        self.drafts: list[Draft] = []
        self.rejects: list[Reject] = []
        end = 0
        for start, stop in itertools.pairwise([*self.marked.frames(lexicon), len(self.marked)]):
            end = self._frame(start, stop, self._gap(end, self.marked.places[start]))
        self._gap(end, len(text), is_last=True)

    def _gap(self, start: int, stop: int, *, is_last: bool = False) -> int:
        """Reject words that stand between frames; where the next frame's range begins."""
        if not has_words(self.text[start:stop]):
            return start
        self._reject(start, stop, stop, "cut off" if is_last and not self.finished else "unparsable")
        return stop

    def _frame(self, k: int, stop: int, start: int) -> int:
        """Read the frame that bracket ``k`` opens before mark ``stop``; the end of its range.

        Args:
            start: of its range: the end of the one before.
        """
        marked = self.marked
        head = marked.group(k, stop)
        group_end = head.next if head is not None else None
        listed: tuple[int, int] | None = None
        if group_end is not None and group_end < stop and marked.joins(group_end):
            has_colon = marked.mark(group_end) == ":"
            at = group_end + has_colon
            if at < stop and marked.mark(at) == "[" and marked.joins(at):
                close = marked.end_of_list(at)
                listed = None if close is None or close >= stop else (at + 1, close)
                group_end = None if listed is None else listed[1] + 1
            elif has_colon:  # it promises a list
                is_empty = not has_words(self.text[marked.places[group_end] : self._place(at)])
                group_end = at if is_empty and (at >= stop or marked.mark(at) in ",}") else None
        is_closed = (
            group_end is not None and group_end < stop and marked.joins(group_end) and marked.mark(group_end) in ",}"
        )
        if not self.finished and stop == len(marked) and not is_closed:  # its slots may be some of more
            return self._reject(start, len(self.text), len(self.text), "cut off")
        if head is None or group_end is None:
            place = self._place(stop)
            return self._reject(start, place, place, "unparsable") if has_words(self.text[start:place]) else place
        item_stop = marked.places[group_end - 1] + 1
        end = marked.places[group_end] + 1 if is_closed else item_stop
        self._read(head, listed, (start, item_stop, end))
        return end

    def _place(self, k: int) -> int:
        """Where mark ``k`` stands, or the end of the text."""
        return self.marked.places[k] if k < len(self.marked) else len(self.text)

    def _read(self, head: Group, listed: tuple[int, int] | None, place: tuple[int, int, int]) -> None:
        """The draft of a head and its list, or why there is none."""
        start, stop, end = place
        frame_type = self.lexicon.type(head.label)
        if frame_type is None:
            self._reject(start, stop, end, "unknown type" if head.label else "unparsable")
            return
        first = len(self.rejects)
        filler = self._piece(head.value, head.stop, keeps_null=self.keeps_null and frame_type.has_filler)
        if filler is not None and not frame_type.has_filler:
            self._reject(filler.range[0], head.stop, head.stop + 1, "invalid value")
            filler = None
        parts = self._list(*listed, frame_type) if listed else _Parts()
        refused = _lack(frame_type, filler, parts)
        if refused is not None:
            del self.rejects[first:]  # the frame's own reject stands for all of it
            self._reject(start, stop, end, refused)
            return
        slots = parts.slots
        if frame_type.is_pair:
            order = [slot.name for slot in frame_type.slots]
            slots = sorted(slots, key=lambda slot: order.index(slot.role))
        self.drafts.append(Draft(frame_type.name, filler, tuple(slots), tuple(parts.attributes.items()), (start, end)))

    def _list(self, start: int, stop: int, frame_type: FrameType) -> _Parts:
        """Slots and attributes between two marks; what cannot be used is rejected by itself."""
        marked = self.marked
        parts = _Parts()
        end = marked.places[start - 1] + 1
        for k, upto in itertools.pairwise([*marked.slots(start, stop, frame_type.name, self.lexicon), stop]):
            begin = self._gap(end, marked.places[k])
            group = marked.group(k, upto)
            if group is None:
                end = marked.places[upto]
                if has_words(self.text[begin:end]):
                    self._reject(begin, end, end, "unparsable")
                continue
            end = group.stop + 1
            refused = self._slot(group, (begin, end), frame_type, parts)
            if refused is not None:
                self._reject(begin, end, end, refused)
            if group.next < upto and marked.joins(group.next) and marked.mark(group.next) == ",":
                end = marked.places[group.next] + 1
        self._gap(end, marked.places[stop])
        return parts

    def _slot(self, group: Group, place: tuple[int, int], frame_type: FrameType, parts: _Parts) -> Reason | None:
        """Add a slot or an attribute to ``parts``, or say why not."""
        role = self.lexicon.role(frame_type.name, group.label)
        if role is None:
            return "unknown role"
        is_slot = isinstance(role, SlotType)
        piece = self._piece(group.value, group.stop, keeps_null=self.keeps_null or not is_slot)
        if piece is None:
            return "missing slot"
        if isinstance(role, SlotType):
            parts.slots.append(DraftSlot(role.name, piece, place))
            return None
        choice = self.lexicon.choice(role, " ".join(piece.fragments))
        if choice is None or role.name in parts.attributes:
            return "invalid value"
        parts.attributes[role.name] = choice
        return None

    def _piece(self, start: int | None, stop: int, *, keeps_null: bool) -> Piece | None:
        """The unescaped fragments of what stands before a closing bracket; None where it is absent."""
        if start is None:
            return None
        written = [self.text[s:e].strip(_BLANKS) for s, e, _ in split(self.text, "|", start, stop)]
        fragments = [fragment for fragment in written if fragment]
        if all(is_null(fragment) and not keeps_null for fragment in fragments):
            return None
        return Piece(tuple(unescape(fragment) for fragment in fragments), (start, stop + 1))

    def _reject(self, start: int, stop: int, end: int, reason: Reason) -> int:
        """Reject what stands at ``start:stop``, with the range ``start:end``; that end."""
        item = self.text[start:stop].strip(_BLANKS + "{},")
        self.rejects.append(Reject(item, reason, range=(start, end)))
        return end


def _lack(frame_type: FrameType, filler: Piece | None, parts: _Parts) -> Reason | None:
    """Why a frame cannot be used: it lacks what its type cannot do without."""
    if frame_type.has_filler:
        return "missing slot" if filler is None else None
    if frame_type.is_pair:
        roles = [slot.role for slot in parts.slots]
        if set(roles) != {slot.name for slot in frame_type.slots}:
            return "missing slot"
        return "unparsable" if len(roles) > len(frame_type.slots) else None
    return "missing slot" if frame_type.slots and not (parts.slots or parts.attributes) else None
