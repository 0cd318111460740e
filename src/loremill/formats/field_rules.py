# SPDX-License-Identifier: Apache-2.0
"""The grammar of the fields that `fields.py` writes."""

from __future__ import annotations

from collections.abc import Iterable

from ..prompt import Writing
from ..schema.types import FrameType, Schema
from . import grammar, quoted
from .fields import Dialect
from .grammar import MAX_FRAGMENTS, by_shape, check_distinct, literal


class FieldRules:
    """Rules for the fields of a schema's types; ``lines`` gathers them."""

    def __init__(self, dialect: Dialect, text: str, writing: Writing, max_items: int | None) -> None:
        self.dialect = dialect
        self.spell = writing.spell
        self.max_items = max_items
        self.lines: list[str] = []
        self.text = text
        more = f'(", " string){{1,{MAX_FRAGMENTS - 1}}}'
        self.mention_lines = [
            f"mention: string | {_literals(dialect.left)} string {more} {_literals(dialect.right)}",
            'string: "\\"" SPAN "\\""',
            *quoted.span(text),
        ]

    @property
    def all_lines(self) -> list[str]:
        """The rules, with that of mentions where any are due."""
        return self.lines + (self.mention_lines if self.text.strip() else [])

    def shapes(self, schema: Schema) -> list[list[FrameType]]:
        """Types that can be written of this text, together where only their labels differ.

        Raises:
            FormatError: the tokenizer writes two labels the same.
        """
        return by_shape(schema, bool(self.text.strip()), self._shape, self.spell)

    def _shape(self, frame_type: FrameType) -> tuple[object, ...]:
        keys = self.dialect.keys(frame_type)
        choices = tuple(a.choices for a in frame_type.attributes)
        return (frame_type.family, keys.filler, tuple(keys.parts.values()), len(frame_type.slots), choices)

    def fields(self, i: int, like: FrameType, *, least_attributes: int = 0) -> str:
        """The rule of the fields of types like ``like``; its lines are added as those of shape ``i``."""
        keys = self.dialect.keys(like)
        labels = [s.label for s in like.slots] + [a.label for a in like.attributes]
        check_distinct(labels, f"roles of {like.name!r}", self.spell)
        key = {name: literal(self.dialect.assign(written)) for name, written in keys.parts.items()}
        if like.is_pair:
            return ' ", " '.join(f"{key[slot.name]} mention" for slot in like.slots)
        slots, attributes = "", ""
        if like.slots:
            more = grammar.repeated('", " mention', self.max_items, first=1)
            self.lines.append(f'slot_{i}: ({" | ".join(key[s.name] for s in like.slots)}) "[" mention {more} "]"')
            slots = f"slot_{i}"
        if like.attributes:
            choices = (f"{key[a.name]} {self._any(a.choices)}" for a in like.attributes)
            self.lines.append(f"attribute_{i}: {' | '.join(choices)}")
            attributes = f"attribute_{i}"
        roles, kinds = len(like.slots), len(like.attributes)
        if like.has_filler:
            first = f"{literal(self.dialect.assign(keys.filler))} mention"
            return " ".join([first, _more(slots, roles), _more(attributes, kinds, least_attributes)])
        starts = [f"{slots} {_more(slots, roles - 1)} {_more(attributes, kinds)}"] if slots else []
        starts += [f"{attributes} {_more(attributes, kinds - 1)}"] if attributes else []
        return f"({' | '.join(starts)})" if starts else ""

    def _any(self, choices: Iterable[str]) -> str:
        return f"({' | '.join(literal(quoted.write(self.spell(choice))) for choice in choices)})"


def _more(rule: str, count: int, least: int = 0) -> str:
    """Up to ``count`` more of a rule, each behind a comma."""
    return f'(", " {rule}){{{least},{count}}}' if rule and count > 0 else ""


def _literals(pieces: Iterable[str]) -> str:
    return " ".join(literal(piece) for piece in pieces)
