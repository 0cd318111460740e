# SPDX-License-Identifier: Apache-2.0
"""Python identifiers for the labels of a schema: classes ``WorkFor``, fields ``work_for``."""

from __future__ import annotations

import keyword
import unicodedata
from collections.abc import Iterable

from ..schema.types import FrameType, Schema
from .fields import Keys, unused
from .lexicon import fold

_TAKEN = ("List", "Literal", "dataclass")  # by the prompt


def class_names(schema: Schema) -> dict[str, str]:
    """A class name for each type, by its name; unique whatever the case."""
    taken = {same(name) for name in _TAKEN}
    names = {}
    for frame_type in schema:
        camel = "".join(word[0].upper() + word[1:] for word in _words(frame_type.label))
        names[frame_type.name] = _unique(camel, "Type", taken)
    return names


def field_names(frame_type: FrameType) -> Keys:
    """Names for the filler (``span``, of events ``mention``), roles and attributes of a type."""
    taken: set[str] = set()
    labels = {slot.name: slot.label for slot in frame_type.slots}
    labels |= {attribute.name: attribute.label for attribute in frame_type.attributes}
    parts = {name: _unique("_".join(_words(label)).lower(), "field", taken) for name, label in labels.items()}
    return Keys(_unique("mention" if frame_type.family == "events" else "span", "span", taken), parts)


def same(identifier: str) -> str:
    """What two spellings of one identifier share."""
    return fold(identifier.replace("_", ""))


def _words(label: str) -> list[str]:
    """The runs of characters that may stand in an identifier, which Python reads in their compatibility form."""
    normalized = unicodedata.normalize("NFKC", label)
    return "".join(c if c != "_" and f"a{c}".isidentifier() else " " for c in normalized).split()


def _unique(identifier: str, prefix: str, taken: set[str]) -> str:
    if not identifier.isidentifier():  # empty, or it starts with a digit
        identifier = prefix + identifier
    if keyword.iskeyword(identifier):
        identifier += "_"
    chosen = unused([identifier], taken, same)
    taken.add(same(chosen))
    return chosen


def has_lost(identifier: str, label: str) -> bool:
    """Whether an identifier no longer tells its label."""
    return same(identifier) != same("".join(_letters(label)))


def _letters(label: str) -> Iterable[str]:
    return (c for c in label if c.isalnum())
