# SPDX-License-Identifier: Apache-2.0
"""Schemas written in the mini-language: the inverse of `parse`."""

from __future__ import annotations

from itertools import groupby

from ..errors import SchemaError
from .minilang import is_word, name_of
from .types import FrameType, Schema, SlotType, label_of


def unparse(schema: Schema) -> str:
    """The schema in the mini-language, one type or group a line; ``parse(unparse(schema)) == schema``.

    Raises:
        SchemaError: the schema has what the mini-language cannot write: examples, attributes, slots
            of an entity, a name that is neither a word nor its label with ``_`` for blanks.
    """
    lines = []
    for _, run in groupby(schema, key=_line_key):
        types = list(run)
        for frame_type in types:
            _refuse_unwritable(frame_type)
        lines.append(_group(types) if types[0].family in ("opinions", "classes") else _single(types[0]))
    return "\n".join(lines)


def _line_key(frame_type: FrameType) -> object:
    """Types with the same key share a line."""
    if frame_type.family in ("opinions", "classes"):
        return (frame_type.family, frame_type.group, frame_type.slots)
    return frame_type.name


def _single(frame_type: FrameType) -> str:
    name = _name(frame_type.name, frame_type.label)
    description = _description(frame_type.description)
    if frame_type.family == "entities":
        return name + description
    if frame_type.family == "events":
        roles = f"({', '.join(_role(s) for s in frame_type.slots)})" if frame_type.slots else ""
        return f"{name}!{roles}{description}"
    if all(slot == SlotType(slot.name, types=slot.types) for slot in frame_type.slots) and [
        slot.name for slot in frame_type.slots
    ] == ["head", "tail"]:
        return f"{name}({', '.join(_types(s) for s in frame_type.slots)}){description}"
    return f"{name}({', '.join(_role(s, is_named=True) for s in frame_type.slots)}){description}"


def _group(types: list[FrameType]) -> str:
    group, slots = types[0].group, types[0].slots
    if group and not is_word(group):
        raise _unwritable(types[0], f"its group {group!r} is no word")
    choices = ", ".join(_name(t.name, t.label) + _description(t.description) for t in types)
    roles = f" of ({', '.join(_role(s) for s in slots)})" if slots else ""
    return f"{group} {{{choices}}}{roles}".lstrip()


def _role(slot: SlotType, *, is_named: bool = False) -> str:
    """A role; ``is_named`` marks it as one where a bare name would be read as a type."""
    types = ": " + _types(slot) if slot.types or (is_named and not slot.description) else ""
    return _name(slot.name, slot.label) + types + _description(slot.description)


def _types(slot: SlotType) -> str:
    for name in slot.types:
        if not is_word(name):
            raise SchemaError(f"the mini-language cannot write the type {name!r} of role {slot.name!r}; use to_dict")
    return "|".join(slot.types) or "*"


def _name(name: str, label: str) -> str:
    if is_word(name) and not (name == label == "of"):  # a bare "of (" after a "}" would be read as its roles
        return name if label == label_of(name) else f"{name} {_quoted(label)}"
    if name_of(label) == name:
        return _quoted(label)
    raise SchemaError(f"the mini-language cannot write the name {name!r} with the label {label!r}; use to_dict")


def _description(text: str) -> str:
    return ": " + _quoted(text) if text else ""


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


def _refuse_unwritable(frame_type: FrameType) -> None:
    if frame_type.examples:
        raise _unwritable(frame_type, "it has examples")
    if frame_type.attributes:
        raise _unwritable(frame_type, "it has attributes")
    if frame_type.family == "entities" and frame_type.slots:
        raise _unwritable(frame_type, "it is an entity with slots")
    if frame_type.group and frame_type.family not in ("opinions", "classes"):
        raise _unwritable(frame_type, f"it is in the group {frame_type.group!r}")


def _unwritable(frame_type: FrameType, reason: str) -> SchemaError:
    return SchemaError(f"the mini-language cannot write type {frame_type.name!r}: {reason}; use to_dict")
