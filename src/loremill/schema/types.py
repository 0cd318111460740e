# SPDX-License-Identifier: Apache-2.0
"""What a user wants to know: frame types with their slot types, as values."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal

from ..errors import SchemaError, UnknownNameError

if TYPE_CHECKING:
    from .check import Finding

Family = Literal["entities", "relations", "events", "opinions", "classes"]
FAMILIES: tuple[Family, ...] = ("entities", "relations", "events", "opinions", "classes")


@dataclass(frozen=True, slots=True)
class SlotType:
    """A role of a frame type. ``types`` names the types its filler may have; empty: any text."""

    name: str
    label: str = ""
    types: tuple[str, ...] = ()
    description: str = ""

    def __post_init__(self) -> None:
        _name(self.name, "role")
        if not self.label:
            object.__setattr__(self, "label", label_of(self.name))


@dataclass(frozen=True, slots=True)
class AttributeType:
    """A closed choice on a frame type, e.g. ``polarity`` in ``("positive", "negative")``."""

    name: str
    choices: tuple[str, ...]
    label: str = ""

    def __post_init__(self) -> None:
        _name(self.name, "attribute")
        if not self.choices:
            raise SchemaError(f"attribute {self.name!r} needs at least one choice, got none")
        if not self.label:
            object.__setattr__(self, "label", label_of(self.name))


@dataclass(frozen=True, slots=True)
class FrameType:
    """A kind of frame. The *label* ("works for") is what models read, the *name* (``works_for``) what users get.

    ``has_filler`` says whether a mention evokes it: true for entities and events, false for
    relations, opinions and classes. ``group`` joins types that were declared together
    (the polarities of one sentiment).
    """

    name: str
    label: str = ""
    family: Family = "entities"
    slots: tuple[SlotType, ...] = ()
    attributes: tuple[AttributeType, ...] = ()
    description: str = ""
    examples: tuple[str, ...] = ()
    group: str = ""

    def __post_init__(self) -> None:
        _name(self.name, "type")
        if self.family not in FAMILIES:
            raise UnknownNameError("family", self.family, FAMILIES)
        if not self.label:
            object.__setattr__(self, "label", label_of(self.name))
        if self.family in ("relations", "opinions") and not self.slots:
            raise SchemaError(f"{self.family[:-1]} type {self.name!r} needs slots, got none")
        if self.family == "classes" and self.slots:
            raise SchemaError(f"class {self.name!r} has no slots, got {', '.join(s.name for s in self.slots)}")
        names = [s.name for s in self.slots] + [a.name for a in self.attributes]
        labels = [s.label for s in self.slots] + [a.label for a in self.attributes]
        for kind, given in (("role", names), ("role label", labels)):
            if twice := _twice(given):
                raise SchemaError(f"type {self.name!r} has the {kind} {twice!r} twice")

    @property
    def has_filler(self) -> bool:
        return self.family in ("entities", "events")

    @property
    def is_pair(self) -> bool:
        """Two slots, no filler, no attributes: written by position (``type: head, tail``)."""
        return not self.has_filler and len(self.slots) == 2 and not self.attributes

    def without_definition(self) -> FrameType:
        """The type without what tells its meaning besides its label and those of its roles."""
        slots = tuple(replace(slot, description="") for slot in self.slots)
        return replace(self, description="", examples=(), slots=slots)

    def slot(self, role: str) -> SlotType:
        for slot in self.slots:
            if slot.name == role:
                return slot
        raise UnknownNameError(f"role of {self.name!r}", role, (s.name for s in self.slots))


@dataclass(frozen=True, slots=True)
class Schema:
    """The frame types asked for, in order. Names and labels are unique."""

    types: tuple[FrameType, ...]
    name: str = field(default="", compare=False)

    def __post_init__(self) -> None:
        if not self.types:
            raise SchemaError("schema needs at least one type, got none")
        for kind, given in (("type", [t.name for t in self.types]), ("label", [t.label for t in self.types])):
            if twice := _twice(given):
                raise SchemaError(f"schema has the {kind} {twice!r} twice")

    def __iter__(self) -> Iterator[FrameType]:
        return iter(self.types)

    def __len__(self) -> int:
        return len(self.types)

    def __contains__(self, name: object) -> bool:
        return any(t.name == name for t in self.types)

    def __getitem__(self, name: str) -> FrameType:
        for frame_type in self.types:
            if frame_type.name == name:
                return frame_type
        raise UnknownNameError("type", name, (t.name for t in self.types))

    def __add__(self, other: Schema) -> Schema:
        """Both schemas' types; a type both have must be the same."""
        mine: Mapping[str, FrameType] = {t.name: t for t in self.types}
        for theirs in other.types:
            if theirs.name in mine and mine[theirs.name] != theirs:
                raise SchemaError(f"type {theirs.name!r} is defined twice, differently")
        return Schema(self.types + tuple(t for t in other.types if t.name not in mine), self.name or other.name)

    @property
    def families(self) -> tuple[Family, ...]:
        """The families it has types of, in the order of `FAMILIES`."""
        return tuple(f for f in FAMILIES if any(t.family == f for t in self.types))

    def family(self, family: Family) -> Schema:
        """The part of the schema that one request asks for."""
        return Schema(tuple(t for t in self.types if t.family == family), self.name)

    def without_definitions(self) -> Schema:
        """The same types, each by its label alone."""
        return replace(self, types=tuple(t.without_definition() for t in self.types))

    def only(self, names: Iterable[str]) -> Schema:
        """The part with the named types, in the schema's order."""
        wanted = set(names)
        for name in wanted:
            self[name]  # raises with the known names
        return Schema(tuple(t for t in self.types if t.name in wanted), self.name)

    def check(self) -> list[Finding]:
        """What may mislead a model or a reader of the results; see `loremill.schema.check`."""
        from .check import check

        return check(self)


def label_of(name: str) -> str:
    """The wording of a name: ``works_for`` -> ``works for``, ``OrgBasedIn`` stays."""
    return name.replace("_", " ").strip() or name


def _twice(given: Iterable[str]) -> str | None:
    """The first value, in alphabetical order, that occurs more than once."""
    return min((value for value, count in Counter(given).items() if count > 1), default=None)


def _name(name: str, kind: str) -> None:
    if not name or name != name.strip() or any(c in name for c in "\n\r\t"):
        raise SchemaError(f"{kind} needs a name on one line without blanks around it, got {name!r}")
