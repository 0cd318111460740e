# SPDX-License-Identifier: Apache-2.0
"""What scorers count: the items of a list of frames, part by part."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from typing import Literal, NamedTuple

from ..errors import InputError, UnknownNameError
from ..frames import Document, Frame, FrameRef, Reject, Slot
from ..schema import Family, Schema
from ..text import Mention

Part = Literal["entities", "relations", "typed_relations", "triggers", "arguments", "opinions", "classes"]
PARTS: tuple[Part, ...] = (
    "entities",
    "relations",
    "typed_relations",
    "triggers",
    "arguments",
    "opinions",
    "classes",
)

FAMILY: Mapping[Part, Family] = {
    "entities": "entities",
    "relations": "relations",
    "typed_relations": "relations",
    "triggers": "events",
    "arguments": "events",
    "opinions": "opinions",
    "classes": "classes",
}

Place = Callable[[Mention], Hashable]
"""What a scorer compares of a mention: its offsets or its string."""


class Prediction(NamedTuple):
    """A document with its gold frames, the frames predicted for it, and what the model wrote beside them.

    ``rejected`` is the ledger; where only numbers are known, these by part or family (what is counted under
    ``events`` counts as triggers and as arguments).
    """

    gold: Document
    frames: Sequence[Frame]
    rejected: Sequence[Reject] | Mapping[str, int] = ()


class Item(NamedTuple):
    """One thing to get right: the row of the table it counts in, what must be equal, and its score."""

    label: str
    key: Hashable
    score: float | None = None


def parts_of(schema: Schema) -> tuple[Part, ...]:
    """The parts that frames of the schema have, in the order of `PARTS`.

    Arguments need an event with roles, typed relations entities beside the relations.
    """
    families = schema.families
    missing: set[Part] = set()
    if not any(t.slots for t in schema if t.family == "events"):
        missing.add("arguments")
    if "entities" not in families:
        missing.add("typed_relations")
    return tuple(part for part in PARTS if FAMILY[part] in families and part not in missing)


def reader(schema: Schema, part: Part, place: Place) -> Callable[[Sequence[Frame]], list[Item]]:
    """A function that lists the items of one part.

    An entity is (type, mention), a trigger (event type, trigger), a relation or an opinion (type, all role-mention
    pairs), a class its type; attributes belong to the item. A typed relation has the types of its mentions too,
    those of the entities that stand there. An argument is (event type, trigger, role, mention): the same argument of
    a wrongly typed or placed event is wrong. A slot filled by a frame is that frame's type and filler.

    The function raises `UnknownNameError` when a frame's type is not in the schema.
    """
    families = {t.name: t.family for t in schema}
    wanted = FAMILY[part]

    def read(frames: Sequence[Frame]) -> list[Item]:
        found: list[Item] = []
        types = _types_of_mentions(frames, families, place) if part == "typed_relations" else None
        for frame in frames:
            if frame.type not in families:
                raise UnknownNameError("type", frame.type, families)
            if families[frame.type] != wanted:
                continue
            trigger = place(frame.filler) if frame.filler is not None else None
            if part == "arguments":
                found += _arguments(frame, trigger, frames, place)
            elif part == "triggers" or not frame.slots:
                key: Hashable = (frame.type, trigger)
                found.append(Item(frame.type, (key, *sorted(frame.attributes)), frame.score))
            else:
                key = (frame.type, trigger, _pairs(frame, frames, place, types))
                found.append(Item(frame.type, (key, *sorted(frame.attributes)), frame.score))
        return found

    return read


def family_of(reject: Reject, schema: Schema) -> str:
    """The family that a rejected item counts in.

    Raises:
        InputError: it was saved without one, and the schema has several.
    """
    if reject.family:
        return reject.family
    if reject.draft is not None and reject.draft.type in schema:
        return schema[reject.draft.type].family
    if len(schema.families) > 1:
        raise InputError(
            f"rejected item {reject.item[:60]!r} was saved without its family, one of {', '.join(schema.families)}: "
            "evaluate again to count it"
        )
    return schema.families[0]


def rejected_count(prediction: Prediction, schema: Schema, part: Part) -> int:
    """The rejected items that count against ``part``; those below the user's own least score do not.

    A refused slot counts as an argument, a refused event as a trigger and one argument for each slot it was read
    with; an event that could not be read counts once as each.
    """
    if not prediction.rejected:
        return 0
    if isinstance(prediction.rejected, Mapping):
        return _number(prediction.rejected, part)
    written = [reject for reject in prediction.rejected if reject.reason != "low score"]
    return sum(_weight(reject, part) for reject in written if family_of(reject, schema) in (part, FAMILY[part]))


def _number(rejected: Mapping[str, int], part: Part) -> int:
    known = {*PARTS, *FAMILY.values()}
    for name in rejected:
        if name not in known:
            raise UnknownNameError("family of rejected items", name, known)
    return sum(rejected.get(name, 0) for name in {part, FAMILY[part]})


def _weight(reject: Reject, part: Part) -> int:
    if part == "triggers":
        return 0 if reject.role or reject.reason == "unknown role" else 1
    if part == "arguments" and reject.draft is not None:
        return len(reject.draft.slots)
    return 1


def _arguments(frame: Frame, trigger: Hashable, frames: Sequence[Frame], place: Place) -> Iterator[Item]:
    for slot in frame.slots:
        yield Item(
            f"{frame.type}.{slot.role}", (frame.type, trigger, slot.role, _filler(slot, frames, place)), slot.score
        )


def _pairs(
    frame: Frame, frames: Sequence[Frame], place: Place, types: Mapping[Hashable, tuple[str, ...]] | None
) -> Hashable:
    pairs = [(slot.role, _filler(slot, frames, place)) for slot in frame.slots]
    if types is None:
        return tuple(sorted(pairs, key=repr))
    return tuple(sorted(((role, filler, types.get(filler, ())) for role, filler in pairs), key=repr))


def _types_of_mentions(
    frames: Sequence[Frame], families: Mapping[str, Family], place: Place
) -> dict[Hashable, tuple[str, ...]]:
    """The types of the entities at each place, in alphabetical order."""
    types: dict[Hashable, tuple[str, ...]] = {}
    for frame in frames:
        if frame.filler is not None and families.get(frame.type) == "entities":
            where = place(frame.filler)
            types[where] = tuple(sorted({*types.get(where, ()), frame.type}))
    return types


def _filler(slot: Slot, frames: Sequence[Frame], place: Place) -> Hashable:
    if not isinstance(slot.filler, FrameRef):
        return place(slot.filler)
    target = frames[slot.filler.index]
    return (target.type, place(target.filler) if target.filler is not None else None)
