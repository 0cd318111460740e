# SPDX-License-Identifier: Apache-2.0
"""Frames as objects of the user's own classes: the way back of `classes`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from ..frames import Frame, FrameRef, Slot
from ..text import Mention
from .classes import ClassField, ClassType, read_class


def to_objects(classes: Iterable[type], text: str, frames: Sequence[Frame]) -> tuple[list[object], list[str]]:
    """One object per frame, in order, and a line for each thing that could not be said with the classes.

    Slots become strings of ``text`` (a discontinuous mention's fragments joined by a blank), objects
    of the classes, or lists of these. A frame whose class needs a role that it lacks is left out and
    reported.
    """
    builder = _Builder(classes, text, frames)
    builder.build()
    objects = [builder.objects[i] for i in range(len(frames)) if i in builder.objects]
    return objects, [problem for _, problem in sorted(builder.problems, key=lambda numbered: numbered[0])]


class _Builder:
    def __init__(self, classes: Iterable[type], text: str, frames: Sequence[Frame]) -> None:
        known = tuple(classes)
        self.class_types = {c.frame_type.name: c for c in (read_class(cls, known) for cls in known)}
        self.text = text
        self.frames = frames
        self.by_mention: dict[tuple[str, Mention], int] = {}
        for index, frame in enumerate(frames):
            if frame.filler is not None and frame.type in self.class_types:
                self.by_mention.setdefault((frame.type, frame.filler), index)
        self.objects: dict[int, object] = {}
        self.problems: list[tuple[int, str]] = []

    def build(self) -> None:
        """Builds each frame after those it holds; what is left holds itself."""
        waiting = {i: set(self.targets(frame)) for i, frame in enumerate(self.frames)}
        while ready := [i for i, targets in waiting.items() if waiting.keys().isdisjoint(targets)]:
            for index in ready:
                del waiting[index]
                self.build_frame(index)
        for index in waiting:
            self.report(index, "is left out: its slots lead back to itself")

    def targets(self, frame: Frame) -> Iterator[int]:
        """The frames whose objects a frame's object holds."""
        class_type = self.class_types.get(frame.type)
        for field in class_type.fields if class_type else ():
            for slot in frame.slots:
                index = self.target(field, slot)
                if slot.role == field.name and field.classes and index is not None:
                    yield index

    def target(self, field: ClassField, slot: Slot) -> int | None:
        """The frame that a slot points at, or that has the slot's mention and a type the field takes."""
        if isinstance(slot.filler, FrameRef):
            return slot.filler.index
        found = (self.by_mention.get((cls.__name__, slot.filler)) for cls in field.classes)
        return next((index for index in found if index is not None), None)

    def build_frame(self, index: int) -> None:
        frame = self.frames[index]
        class_type = self.class_types.get(frame.type)
        if class_type is None:
            self.report(index, "is left out: no class has this name")
            return
        values: dict[str, Any] = {}
        if class_type.filler:
            if frame.filler is None:
                self.report(index, f"is left out: {class_type.filler!r} is missing")
                return
            values[class_type.filler] = self.string(frame.filler)
        for field in class_type.fields:
            value = self.attribute(index, field) if field.choices else self.slot_value(index, field)
            if value is not None:
                values[field.name] = value
            elif field.container and not field.has_default:
                values[field.name] = None if field.is_optional else field.container()
            elif field.is_optional and not field.has_default:
                values[field.name] = None
            elif not field.has_default:
                self.report(index, f"is left out: {field.name!r} is missing")
                return
        self.report_unknown(index, class_type)
        obj = self.construct(index, class_type, values)
        if obj is not None:
            self.objects[index] = obj

    def slot_value(self, index: int, field: ClassField) -> Any:
        """The field's value from the slots of its role; None if there are none."""
        slots = [slot for slot in self.frames[index].slots if slot.role == field.name]
        found = [value for slot in slots if (value := self.one_value(index, field, slot)) is not None]
        if not found:
            return None
        if field.container:
            return field.container(found)
        if len(found) > 1:
            self.report(index, f"has {field.name!r} {len(found)} times; the first is kept, a list would hold all")
        return found[0]

    def one_value(self, index: int, field: ClassField, slot: Slot) -> object | None:
        target = self.target(field, slot)
        if target is not None and isinstance(self.objects.get(target), field.classes):
            return self.objects[target]
        filler = slot.filler
        if isinstance(filler, FrameRef):
            pointed = self.frames[filler.index].filler if filler.index < len(self.frames) else None
            if pointed is None or not field.is_text:
                self.report(index, f"has no {field.name!r}: frame {filler.index} gives no object it takes")
                return None
            filler = pointed
        if field.is_text:
            return self.string(filler)
        entities = [c for c in map(read_class, field.classes) if c.frame_type.family == "entities"]
        if len(entities) == 1:
            return self.construct(index, entities[0], {entities[0].filler: self.string(filler)})
        names = " or ".join(cls.__name__ for cls in field.classes)
        self.report(index, f"has no {field.name!r}: {self.string(filler)!r} is no {names} among the frames")
        return None

    def attribute(self, index: int, field: ClassField) -> str | None:
        value = dict(self.frames[index].attributes).get(field.name)
        if value is None or value in field.choices:
            return value
        self.report(index, f"has {value!r} as {field.name!r}, wanted one of {', '.join(field.choices)}")
        return None

    def construct(self, index: int, class_type: ClassType, values: dict[str, Any]) -> object | None:
        try:
            return class_type.cls(**values)  # type: ignore[no-any-return]
        except (TypeError, ValueError) as error:  # the class's own checks; pydantic's is a ValueError
            self.report(index, f"is no {class_type.cls.__name__}: {' '.join(str(error).split())}")
            return None

    def report_unknown(self, index: int, class_type: ClassType) -> None:
        frame = self.frames[index]
        slots = {field.name for field in class_type.fields if not field.choices}
        choices = {field.name for field in class_type.fields if field.choices}
        for role in dict.fromkeys(slot.role for slot in frame.slots):
            if role not in slots:
                self.report(index, f"has the role {role!r}, the class has no such field")
        for name, _ in frame.attributes:
            if name not in choices:
                self.report(index, f"has the attribute {name!r}, the class has no such Literal field")

    def report(self, index: int, message: str) -> None:
        self.problems.append((index, f"frame {index} ({self.frames[index].type}) {message}"))

    def string(self, mention: Mention) -> str:
        return " ".join(mention.texts_in(self.text))
