# SPDX-License-Identifier: Apache-2.0
"""Schemas as nested mappings, the shape of YAML and JSON files; docs/schema.md shows one with every key.

All faults of a mapping are reported together.
"""

from __future__ import annotations

import reprlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import pairwise
from typing import Any

from ..errors import LoremillError, SchemaError, UnknownNameError
from .minilang import name_of
from .types import FAMILIES, AttributeType, Family, FrameType, Schema, SlotType, label_of

MAX_FAULTS = 20
MAX_VALUES = 200_000
_TYPE_KEYS = ("name", "label", "description", "examples", "attributes", "slots", "group")


def from_nested(source: Mapping[Any, Any]) -> Schema:
    """The schema that a nested mapping describes.

    Raises:
        SchemaError: every fault found, joined by ``; ``.
    """
    reader = _Reader()
    entry = reader.entry("schema", source, ("name", "order", *FAMILIES))
    types = [t for family in entry if family in FAMILIES for t in reader.types(family, entry[family])]
    order = {name: i for i, name in enumerate(reader.strings("order", entry.get("order")))}
    name = reader.string("name", entry.get("name", ""))
    if order and not reader.faults and order.keys() != {t.name for t in types}:
        reader.fault("order", f"wanted the names of all {len(types)} types, got {_short(list(order))}")
    if reader.faults:
        more = len(reader.faults) - MAX_FAULTS
        raise SchemaError("; ".join(reader.faults[:MAX_FAULTS] + [f"and {more} more faults"] * (more > 0)))
    types.sort(key=lambda t: order.get(t.name, 0))
    return Schema(tuple(_with_names(types)), name)


def to_dict(schema: Schema) -> dict[str, Any]:
    """The schema as a nested dict of plain values: ``load_schema(to_dict(schema)) == schema``."""
    nested: dict[str, Any] = {"name": schema.name} if schema.name else {}
    for frame_type in schema:
        nested.setdefault(frame_type.family, {})[frame_type.name] = _type_dict(frame_type)
    family_changes = sum(a.family != b.family for a, b in pairwise(schema))
    if family_changes >= len(schema.families):  # the types of a family do not stand together
        nested["order"] = [t.name for t in schema]
    return nested


class _Reader:
    """Reads values and gathers what is wrong with them; ``where`` is the path of keys."""

    def __init__(self) -> None:
        self.faults: list[str] = []
        self.values = 0

    def fault(self, where: str, message: str) -> None:
        self.faults.append(f"{where}: {message}")

    def types(self, family: Family, value: object) -> Iterator[FrameType]:
        for key, given in self.items(family, value):
            where = f"{family}.{key}"
            if family in ("opinions", "classes") and isinstance(given, list | tuple):
                yield from self.group(where, key, {"choices": given}, family)
            elif family in ("opinions", "classes") and isinstance(given, Mapping) and "choices" in given:
                yield from self.group(where, key, given, family)
            else:
                shorthand = ("head", "tail") if family == "relations" else ()
                entry = self.entry(where, given, (*_TYPE_KEYS, *shorthand), text_key="description")
                pair = {role: entry[role] for role in shorthand if role in entry}
                if pair and "slots" in entry:
                    self.fault(where, f"wanted slots or head and tail, got slots and {' and '.join(pair)}")
                elif pair and len(pair) < 2:
                    self.fault(where, f"wanted head and tail, got {next(iter(pair))} alone")
                yield from self.type(where, key, entry, family, self.slots(where, pair or entry.get("slots")))

    def group(self, where: str, group: str, given: Mapping[Any, Any], family: Family) -> Iterator[FrameType]:
        """Types declared together: ``{"choices": [...], "slots": [...]}``."""
        entry = self.entry(where, given, ("choices", "slots"))
        slots = self.slots(where, entry.get("slots"))
        for key, choice in self.items(f"{where}.choices", entry["choices"]):
            choice_where = f"{where}.choices.{key}"
            keys = tuple(k for k in _TYPE_KEYS if k not in ("slots", "group"))
            details = {**self.entry(choice_where, choice, keys, text_key="description"), "group": group}
            yield from self.type(choice_where, key, details, family, slots)

    def type(
        self, where: str, key: str, entry: Mapping[str, Any], family: Family, slots: tuple[SlotType, ...]
    ) -> Iterator[FrameType]:
        name, label = self.name_and_label(where, key, entry)
        description = self.string(f"{where}.description", entry.get("description"))
        examples = self.strings(f"{where}.examples", entry.get("examples"))
        group = self.string(f"{where}.group", entry.get("group"))
        attributes = tuple(self.attributes(f"{where}.attributes", entry.get("attributes")))
        try:
            yield FrameType(name, label, family, slots, attributes, description, examples, group)
        except LoremillError as error:
            self.fault(where, str(error))

    def slots(self, where: str, value: object) -> tuple[SlotType, ...]:
        slots: list[SlotType] = []
        for key, given in self.items(f"{where}.slots", value):
            slot_where = f"{where}.slots.{key}"
            plain = {"types": given} if isinstance(given, str | list | tuple) else given
            entry = self.entry(slot_where, plain, ("name", "label", "types", "description"))
            name, label = self.name_and_label(slot_where, key, entry)
            types = self.strings(f"{slot_where}.types", entry.get("types"))
            description = self.string(f"{slot_where}.description", entry.get("description"))
            try:
                slots.append(SlotType(name, label, types, description))
            except LoremillError as error:
                self.fault(slot_where, str(error))
        return tuple(slots)

    def attributes(self, where: str, value: object) -> Iterator[AttributeType]:
        for key, given in self.items(where, value):
            plain = {"choices": given} if isinstance(given, str | list | tuple) else given
            entry = self.entry(f"{where}.{key}", plain, ("name", "label", "choices"))
            name, label = self.name_and_label(f"{where}.{key}", key, entry)
            choices = self.strings(f"{where}.{key}.choices", entry.get("choices"))
            try:
                yield AttributeType(name, choices, label)
            except LoremillError as error:
                self.fault(f"{where}.{key}", str(error))

    def items(self, where: str, value: object) -> Iterator[tuple[str, object]]:
        """The names in a mapping with what is said about them, or in a list, with nothing said."""
        if value is None:
            return
        if not isinstance(value, Mapping | list | tuple):
            self.fault(where, f"wanted a mapping or a list of names, got {_short(value)}")
            return
        for key, given in value.items() if isinstance(value, Mapping) else ((key, None) for key in value):
            if not isinstance(key, str) or not key.strip() or "\n" in key:
                hint = "; put it in quotes" if isinstance(key, bool | int | float) else ""
                self.fault(where, f"wanted a name on one line, got {_short(key)}{hint}")
            else:
                yield key, given

    def entry(self, where: str, value: object, keys: Iterable[str], *, text_key: str = "") -> Mapping[str, Any]:
        """The known keys of a mapping that are given; a plain string stands for ``text_key``."""
        if value is None:
            return {}
        if text_key and isinstance(value, str):
            return {text_key: value}
        if not isinstance(value, Mapping):
            self.fault(where, f"wanted a mapping{' or a string' if text_key else ''}, got {_short(value)}")
            return {}
        known = tuple(keys)
        for key in value:
            if key not in known:
                self.fault(where, str(UnknownNameError("key", str(key)[:40], known)))
        return {key: value[key] for key in value if key in known and value[key] is not None}

    def name_and_label(self, where: str, key: str, entry: Mapping[str, Any]) -> tuple[str, str]:
        """A key of several words is a label, and its name has ``_`` for the blanks."""
        name = self.string(f"{where}.name", entry.get("name")) or name_of(key)
        label = self.string(f"{where}.label", entry.get("label"))
        return name, label or (key.strip() if "name" not in entry and name != key else label_of(name))

    def string(self, where: str, value: object) -> str:
        self.values += 1
        if self.values > MAX_VALUES:
            raise SchemaError(f"schema needs at most {MAX_VALUES:,} values, got more at {where}")
        if value is None or isinstance(value, str):
            return value or ""
        hint = "; put it in quotes" if isinstance(value, bool | int | float) else ""
        self.fault(where, f"wanted a string, got {_short(value)}{hint}")
        return ""

    def strings(self, where: str, value: object) -> tuple[str, ...]:
        """A list of strings, or one string alone."""
        if value is None or isinstance(value, str):
            return (value,) if value else ()
        if isinstance(value, list | tuple):
            return tuple(self.string(where, item) for item in value)
        self.fault(where, f"wanted a list of strings, got {_short(value)}")
        return ()


def _with_names(types: list[FrameType]) -> Iterator[FrameType]:
    """The types; where a slot names one by its label, by its name."""
    names = {t.name for t in types}
    by_label = {t.label: t.name for t in types if t.label not in names}
    for frame_type in types:
        slots = tuple(
            replace(slot, types=tuple(by_label.get(name, name) for name in slot.types)) for slot in frame_type.slots
        )
        yield replace(frame_type, slots=slots)


def _type_dict(frame_type: FrameType) -> dict[str, Any]:
    return _named_dict(frame_type) | _given(
        description=frame_type.description,
        examples=list(frame_type.examples),
        attributes={a.name: _attribute_dict(a) for a in frame_type.attributes},
        slots={s.name: _slot_dict(s) for s in frame_type.slots},
        group=frame_type.group,
    )


def _slot_dict(slot: SlotType) -> dict[str, Any] | list[str]:
    details = _named_dict(slot) | _given(description=slot.description)
    return details | _given(types=list(slot.types)) if details else list(slot.types)


def _attribute_dict(attribute: AttributeType) -> dict[str, Any] | list[str]:
    details = _named_dict(attribute)
    return details | {"choices": list(attribute.choices)} if details else list(attribute.choices)


def _named_dict(named: FrameType | SlotType | AttributeType) -> dict[str, Any]:
    """Name and label, where they do not follow from the key (which is the name)."""
    return _given(
        name=named.name if name_of(named.name) != named.name else "",
        label=named.label if named.label != label_of(named.name) else "",
    )


def _given(**values: Any) -> dict[str, Any]:
    return {key: value for key, value in values.items() if value}


def _short(value: object) -> str:
    shortener = reprlib.Repr()
    shortener.maxlevel = 2
    shortener.maxstring = shortener.maxother = 60
    return f"{shortener.repr(value)} ({type(value).__name__})"
