# SPDX-License-Identifier: Apache-2.0
"""From the words a model wrote back to the types, roles and choices of a schema."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeVar

from ..errors import FormatError
from ..schema.types import AttributeType, FrameType, Schema, SlotType

_T = TypeVar("_T")


def fold(label: str) -> str:
    """What two spellings of one label share: no case, no blanks, compatibility forms taken apart.

    Character by character, for the library's normalisation takes quadratic time over a run of combining marks.
    """
    if not label.isascii():
        label = "".join(unicodedata.normalize("NFKD", character) for character in label)
    return "".join(label.casefold().split())


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Look-up tables of one schema under one tokenizer's spelling."""

    types: dict[str, FrameType]
    roles: dict[tuple[str, str], SlotType | AttributeType]
    choices: dict[AttributeType, dict[str, str]]

    @classmethod
    def of(cls, schema: Schema, spell: Callable[[str], str]) -> Lexicon:
        """Tables for ``schema``, where ``spell`` says how the tokenizer writes a label.

        Raises:
            FormatError: two labels, two roles of one type or two choices look the same to the tokenizer.
        """
        types = _table(((t.label, t) for t in schema), spell, "labels")
        roles: dict[tuple[str, str], SlotType | AttributeType] = {}
        for frame_type in schema:
            parts: list[tuple[str, SlotType | AttributeType]] = [(s.label, s) for s in frame_type.slots]
            parts += [(a.label, a) for a in frame_type.attributes]
            table = _table(parts, spell, f"roles of {frame_type.name!r}")
            roles.update({(frame_type.name, written): part for written, part in table.items()})
        attributes = {a for frame_type in schema for a in frame_type.attributes}
        choices = {a: _table(((c, c) for c in a.choices), spell, f"choices of {a.name!r}") for a in attributes}
        return cls(types, roles, choices)

    def type(self, written: str) -> FrameType | None:
        return self.types.get(fold(written))

    def role(self, type_name: str, written: str) -> SlotType | AttributeType | None:
        return self.roles.get((type_name, fold(written)))

    def choice(self, attribute: AttributeType, written: str) -> str | None:
        return self.choices[attribute].get(fold(written))


def _table(labelled: Iterable[tuple[str, _T]], spell: Callable[[str], str], what: str) -> dict[str, _T]:
    table: dict[str, tuple[str, _T]] = {}
    for label, value in labelled:
        for written in {fold(label), fold(spell(label))}:
            if written in table:
                raise FormatError(f"{what} {table[written][0]!r} and {label!r} look the same to this tokenizer")
            table[written] = (label, value)
    return {written: value for written, (_, value) in table.items()}
