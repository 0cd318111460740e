# SPDX-License-Identifier: Apache-2.0
"""Frame types from Python dataclasses and pydantic models; `to_objects` gives results back as these classes.

The docstring describes the type, the fields are its slots. A class is an event if it derives from
`Event` or has a field ``trigger``, an entity if it derives from `Entity` or has ``text`` or ``mention``
as its only slot, otherwise a relation.
"""

from __future__ import annotations

import dataclasses
import inspect
import types
import typing
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Literal, Union

from ..errors import SchemaError
from .types import AttributeType, Family, FrameType, SlotType

_TEXT_FIELDS = ("text", "mention")
_WANTED = "str, a schema class, a list of these, or Literal of strings, each also with | None"


@dataclass
class Entity:
    """Base of entity classes; ``text`` is the mention."""

    text: str


@dataclass
class Relation:
    """Base of relation classes; every field is a slot."""


@dataclass
class Event:
    """Base of event classes; the fields beside the ``trigger`` are slots."""

    trigger: str


@dataclass(frozen=True, slots=True)
class ClassField:
    """What a field of a user's class may hold: text, objects of ``classes``, or one of ``choices``."""

    name: str
    is_text: bool = False
    classes: tuple[type, ...] = ()
    choices: tuple[str, ...] = ()
    container: type[list[Any]] | type[tuple[Any, ...]] | None = None
    is_optional: bool = False
    has_default: bool = False
    description: str = ""


@dataclass(frozen=True, slots=True)
class ClassType:
    """A user's class, the frame type read from it, the field of its filler ('' if it has none) and the others."""

    cls: type
    frame_type: FrameType
    filler: str
    fields: tuple[ClassField, ...]


def read_class(cls: type, known: Iterable[type] = ()) -> ClassType:
    """The frame type of a dataclass or pydantic model.

    Its label and examples may stand in class variables ``label: ClassVar[str]`` and
    ``examples: ClassVar[list[str]]``. Annotations may name classes of ``known`` as strings.
    """
    if not is_schema_class(cls):
        raise SchemaError(f"wanted a dataclass or a pydantic model as schema, got {getattr(cls, '__name__', cls)!r}")
    fields = tuple(_fields(cls, known))
    family, filler = _family(cls, fields)
    rest = tuple(field for field in fields if field.name != filler)
    own = {name: value for name, value in vars(cls).items() if name not in {field.name for field in fields}}
    label, examples = own.get("label", ""), own.get("examples", ())
    frame_type = FrameType(
        cls.__name__,
        label if isinstance(label, str) else "",
        family,
        tuple(
            SlotType(field.name, types=tuple(c.__name__ for c in field.classes), description=field.description)
            for field in rest
            if not field.choices
        ),
        tuple(AttributeType(field.name, field.choices) for field in rest if field.choices),
        _description(cls),
        tuple(examples) if isinstance(examples, list | tuple) and all(isinstance(e, str) for e in examples) else (),
    )
    return ClassType(cls, frame_type, filler, rest)


def is_schema_class(cls: object) -> bool:
    """Whether ``cls`` is a dataclass or a pydantic model."""
    return isinstance(cls, type) and (dataclasses.is_dataclass(cls) or _is_pydantic(cls))


def _is_pydantic(cls: type) -> bool:
    return hasattr(cls, "model_fields") and hasattr(cls, "model_validate")


def _family(cls: type, fields: Sequence[ClassField]) -> tuple[Family, str]:
    """The family of a class, and the field that holds its filler."""
    names = [field.name for field in fields if not field.choices]
    if issubclass(cls, Event) or ("trigger" in names and not issubclass(cls, Entity | Relation)):
        family, filler = "events", "trigger"
    elif issubclass(cls, Entity) or (len(names) == 1 and names[0] in _TEXT_FIELDS and not issubclass(cls, Relation)):
        family, filler = "entities", "text" if issubclass(cls, Entity) else names[0]
    else:
        return "relations", ""
    for field in fields:
        if field.name == filler and (not field.is_text or field.container):
            raise SchemaError(f"field {filler!r} of {cls.__name__} holds the mention and needs to be a str")
    return typing.cast("Family", family), filler


def _fields(cls: type, known: Iterable[type]) -> Iterator[ClassField]:
    for name, annotation, has_default, description in _declared(cls, known):
        field = _read_annotation(annotation, f"field {name!r} of {cls.__name__}")
        description = " ".join((description or field.description).split())
        yield dataclasses.replace(field, name=name, has_default=has_default, description=description)


def _declared(cls: type, known: Iterable[type]) -> Iterator[tuple[str, Any, bool, str]]:
    """Name, annotation, whether there is a default, and description of each field."""
    if _is_pydantic(cls):
        for name, info in typing.cast("Any", cls).model_fields.items():
            yield name, info.annotation, not info.is_required(), info.description or ""
        return
    hints = _hints(cls, {**{c.__name__: c for c in known}, cls.__name__: cls})
    fields = dataclasses.fields(typing.cast("Any", cls))
    for name in hints.keys() - {field.name for field in fields}:
        if typing.get_origin(hints[name]) is not ClassVar and hints[name] not in (ClassVar, dataclasses.KW_ONLY):
            raise SchemaError(f"field {name!r} of {cls.__name__} is no dataclass field; put @dataclass on the class")
    for field in fields:
        if field.init:
            missing = dataclasses.MISSING
            has_default = field.default is not missing or field.default_factory is not missing
            yield field.name, hints[field.name], has_default, str(field.metadata.get("description", ""))


def _hints(cls: type, known: Mapping[str, type]) -> dict[str, Any]:
    try:
        return typing.get_type_hints(cls, localns=dict(known), include_extras=True)
    except NameError as error:
        name = error.name or str(error)
        message = f"an annotation of {cls.__name__} names {name!r}, which is not known; pass that class along"
        raise SchemaError(message) from error
    except (TypeError, SyntaxError) as error:
        raise SchemaError(f"the annotations of {cls.__name__} cannot be read: {error}") from error


def _read_annotation(annotation: Any, where: str) -> ClassField:
    """What an annotation allows; the field's name is filled in by the caller."""
    annotation, description = _without_extras(annotation)
    options = _options(annotation)
    is_optional = type(None) in options
    options = [option for option in options if option is not type(None)]
    container: type[list[Any]] | type[tuple[Any, ...]] | None = None
    origin = typing.get_origin(options[0]) if len(options) == 1 else None
    if origin in (list, tuple, Sequence):
        items = [item for item in typing.get_args(options[0]) if item is not ...]
        container = tuple if origin is tuple else list
        options = _options(_without_extras(items[0])[0]) if len(items) == 1 else []
    literals = [option for option in options if typing.get_origin(option) is Literal]
    choices = tuple(choice for option in literals for choice in typing.get_args(option))
    classes = tuple(option for option in options if is_schema_class(option))
    is_text = str in options
    is_wanted = len(options) == len(literals) + len(classes) + is_text and all(isinstance(c, str) for c in choices)
    if not options or not is_wanted or (choices and (classes or is_text or container)):
        raise SchemaError(f"{where} needs to be {_WANTED}; got {inspect.formatannotation(annotation)}")
    return ClassField("", is_text, classes, choices, container, is_optional, False, description)


def _without_extras(annotation: Any) -> tuple[Any, str]:
    """``Annotated[X, "what it is"]`` -> X and the string."""
    if typing.get_origin(annotation) is not Annotated:
        return annotation, ""
    inner, *extras = typing.get_args(annotation)
    return inner, next((extra for extra in extras if isinstance(extra, str)), "")


def _options(annotation: Any) -> list[Any]:
    if typing.get_origin(annotation) in (Union, types.UnionType):
        return list(typing.get_args(annotation))
    return [annotation]


def _description(cls: type) -> str:
    """The docstring on one line; the signature that `dataclass` puts where there is none does not count."""
    doc = vars(cls).get("__doc__") or ""
    return "" if doc.startswith(f"{cls.__name__}(") else " ".join(doc.split())
