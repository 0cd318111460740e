# SPDX-License-Identifier: Apache-2.0
"""What scorers count: the items of a list of frames, part by part."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from ..errors import UnknownNameError
from ..frames import Document, Frame, FrameRef, Slot
from ..schema import Family, Schema
from ..text import Mention

Part = Literal["entities", "relations", "triggers", "arguments", "opinions", "classes"]
PARTS: tuple[Part, ...] = ("entities", "relations", "triggers", "arguments", "opinions", "classes")

_FAMILY: Mapping[Part, Family] = {
    "entities": "entities",
    "relations": "relations",
    "triggers": "events",
    "arguments": "events",
    "opinions": "opinions",
    "classes": "classes",
}

Place = Callable[[Mention], Hashable]
"""What a scorer compares of a mention: its offsets or its string."""


class Prediction(NamedTuple):
    """A document with its gold frames, the frames predicted for it, and the number of rejected items.

    ``rejected`` is by part or family; what is counted under ``events`` counts as triggers and as arguments.
    """

    gold: Document
    frames: Sequence[Frame]
    rejected: Mapping[str, int] = {}


@dataclass(frozen=True, slots=True)
class Item:
    """One thing to get right: the row of the table it counts in, what must be equal, and its score."""

    label: str
    key: Hashable
    score: float | None = None


def parts_of(schema: Schema) -> tuple[Part, ...]:
    """The parts that frames of the schema have, in the order of `PARTS`; arguments only if an event has roles."""
    has_roles = any(t.slots for t in schema if t.family == "events")
    return tuple(p for p in PARTS if _FAMILY[p] in schema.families and (p != "arguments" or has_roles))


def items(frames: Sequence[Frame], schema: Schema, part: Part, *, place: Place) -> Iterator[Item]:
    """The items of one part.

    An entity is (type, mention), a trigger (event type, trigger), a relation or an opinion (type, all role-mention
    pairs), a class its type; attributes belong to the item. An argument is (event type, trigger, role, mention): the
    same argument of a wrongly typed or placed event is wrong. A slot filled by a frame is that frame's type and filler.

    Raises:
        UnknownNameError: a frame's type is not in the schema.
    """
    families = {t.name: t.family for t in schema}
    for frame in frames:
        if frame.type not in families:
            raise UnknownNameError("type", frame.type, families)
        if families[frame.type] != _FAMILY[part]:
            continue
        trigger = place(frame.filler) if frame.filler is not None else None
        if part == "arguments":
            for slot in frame.slots:
                key = (frame.type, trigger, slot.role, _filler(slot, frames, place))
                yield Item(f"{frame.type}.{slot.role}", key, slot.score)
        else:
            slots = () if part == "triggers" else _pairs(frame, frames, place)
            attributes = tuple(sorted(frame.attributes))
            yield Item(frame.type, (frame.type, trigger, slots, attributes), frame.score)


def rejected_count(prediction: Prediction, part: Part) -> int:
    """The rejected items that count against ``part``."""
    known = {*PARTS, *_FAMILY.values()}
    for name in prediction.rejected:
        if name not in known:
            raise UnknownNameError("family of rejected items", name, known)
    names = {part, _FAMILY[part]}
    return sum(prediction.rejected.get(name, 0) for name in names)


def _pairs(frame: Frame, frames: Sequence[Frame], place: Place) -> Hashable:
    return tuple(sorted(((s.role, _filler(s, frames, place)) for s in frame.slots), key=repr))


def _filler(slot: Slot, frames: Sequence[Frame], place: Place) -> Hashable:
    if not isinstance(slot.filler, FrameRef):
        return place(slot.filler)
    target = frames[slot.filler.index]
    return (target.type, place(target.filler) if target.filler is not None else None)
