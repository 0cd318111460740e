# SPDX-License-Identifier: Apache-2.0
"""Frames as drafts: the strings a model should write for them. The inverse of `grounding.py`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ..errors import FormatError
from ..frames import Document, Draft, DraftSlot, Frame, FrameRef, Piece, Slot, canonical
from ..prompt import Model
from ..schema.types import Schema
from ..text import Mention, TextView
from .format import Format


def to_drafts(frames: Sequence[Frame], view: TextView, schema: Schema) -> list[Draft]:
    """Drafts of ``frames``, spelt as the tokenizer of ``view`` can express them.

    Slots follow the schema's order of roles, then their place. A slot that points at a frame is
    written as that frame's filler.

    Raises:
        FormatError: a mention lies where the view has nothing, or a slot points at a frame without filler.
    """
    return [_draft(frame, frames, view, schema) for frame in frames]


def _draft(frame: Frame, frames: Sequence[Frame], view: TextView, schema: Schema) -> Draft:
    roles = [slot.name for slot in schema[frame.type].slots]
    slots: list[tuple[int, Mention]] = []
    for slot in frame.slots:
        filler = frames[slot.filler.index].filler if isinstance(slot.filler, FrameRef) else slot.filler
        if filler is None:
            raise FormatError(f"{slot.role!r} of {frame.type!r} points at a frame without filler, which has no string")
        if slot.role not in roles:
            raise FormatError(f"{frame.type!r} has no role {slot.role!r}, but {', '.join(roles)}")
        slots.append((roles.index(slot.role), filler))
    return Draft(
        frame.type,
        None if frame.filler is None else piece(frame.filler, view),
        tuple(DraftSlot(roles[i], piece(filler, view)) for i, filler in sorted(slots)),
        frame.attributes,
    )


def piece(mention: Mention, view: TextView) -> Piece:
    """The strings of a mention's fragments in the view."""
    fragments = []
    for span in mention.fragments:
        place = view.from_original(span)
        if place is None:
            raise FormatError(f"characters {span.start}:{span.end} cannot be written by this tokenizer")
        fragments.append(view.text[place[0] : place[1]])
    return Piece(tuple(fragments))


def frames_of(doc: Document, schema: Schema) -> list[Frame]:
    """The frames of the schema's types; a slot that points at a frame of another type gets its mention."""
    kept = [i for i, frame in enumerate(doc.frames) if frame.type in schema]
    new_index = {old: new for new, old in enumerate(kept)}

    def bound(slot: Slot) -> Slot | None:
        if isinstance(slot.filler, Mention):
            return slot
        if slot.filler.index in new_index:
            return replace(slot, filler=FrameRef(new_index[slot.filler.index]))
        mention = doc.frames[slot.filler.index].filler
        return None if mention is None else replace(slot, filler=mention)

    return [
        replace(doc.frames[i], slots=tuple(s for slot in doc.frames[i].slots if (s := bound(slot)) is not None))
        for i in kept
    ]


def answer_of(doc: Document, schema: Schema, format: Format, model: Model) -> str:
    """The completion wanted for a document about ``schema``, as ``model`` would write it.

    Raises:
        FormatError: its frames cannot be written.
    """
    frames = canonical(frames_of(doc, schema))
    return format.write(to_drafts(frames, model.view(doc.text), schema), schema, model.writing)
