# SPDX-License-Identifier: Apache-2.0
"""The grammar of the items that `frame_writer.py` writes and `frame_reader.py` reads."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ..schema.types import FrameType, Schema
from . import grammar
from .frame_writer import NULL, Brackets
from .grammar import MAX_FRAGMENTS, by_shape, check_distinct, literal, span


class FrameRules:
    """The rules of a schema's items; types of the same shape share one.

    ``lines`` define ``item``; without ``has_items`` there is nothing that an item could be.
    """

    def __init__(self, schema: Schema, text: str, brackets: Brackets, max_items: int | None) -> None:
        self.brackets = brackets
        self.max_items = max_items
        self.lines: list[str] = []
        shapes = by_shape(schema, bool(text.strip()), _shape, brackets.marks.label)
        items = [self._item(i, types) for i, types in enumerate(shapes)]
        self.has_items = bool(items)
        self.lines.insert(0, f"item: {' | '.join(items)}")
        if items and text.strip():
            self.lines += [f'mention: SPAN ("| " SPAN){{0,{MAX_FRAGMENTS - 1}}}', *span(text, brackets.span)]

    def _item(self, i: int, types: Sequence[FrameType]) -> str:
        """The rule of types that differ only in their labels."""
        like = types[0]
        head = '": " mention ")"' if like.has_filler else literal(f": {self.brackets.marks.label(NULL)})")
        self.lines += [
            f"LABEL_{i}: {self._any((t.label for t in types), 'label')}",
            f"item_{i}: LABEL_{i} {head} {self._listed(i, like)}",
        ]
        return f"item_{i}"

    def _listed(self, i: int, like: FrameType) -> str:
        """The roles with their mentions, then the attributes with their choices."""
        roles = [s.label for s in like.slots] + [a.label for a in like.attributes]
        if not roles:
            return ""
        check_distinct(roles, f"roles of {like.name!r}", self.brackets.marks.label)
        divided = literal(self.brackets.divided)
        if like.is_pair:
            head, tail = (grammar.word(s.label, "role", self.brackets.marks.label) for s in like.slots)
            self.lines += [f'HEAD_{i}: {head} ": "', f'TAIL_{i}: {tail} ": "']
            return f'{literal(self.brackets.slots)} HEAD_{i} mention ")" {divided} TAIL_{i} mention ")" "]"'
        orders = []
        attributes = self._attributes(i, like)
        if like.slots:
            self.lines += [f'ROLE_{i}: {self._any(roles[: len(like.slots)], "role")} ": "']
            self.lines += [f'slot_{i}: ROLE_{i} mention ")"']
            more = grammar.repeated(f"{divided} slot_{i}", self.max_items, first=1)
            orders.append(f"slot_{i} {more} {self._more(i, attributes)}")
        if attributes and (like.has_filler or not like.slots):
            orders.append(f"attribute_{i} {self._more(i, attributes - 1)}")
        listed = f'{literal(self.brackets.slots)} ({" | ".join(orders)}) "]"'
        return listed if like.slots and not like.has_filler else f"({listed})?"

    def _attributes(self, i: int, like: FrameType) -> int:
        """How many attributes there are; adds their lines."""
        choices = []
        for j, attribute in enumerate(like.attributes):
            name = grammar.word(attribute.label, "attribute", self.brackets.marks.label)
            self.lines += [
                f'NAME_{i}_{j}: {name} ": "',
                f'CHOICE_{i}_{j}: {self._any(attribute.choices, "choice")} ")"',
            ]
            choices.append(f"NAME_{i}_{j} CHOICE_{i}_{j}")
        if choices:
            self.lines.append(f"attribute_{i}: {' | '.join(choices)}")
        return len(choices)

    def _more(self, i: int, count: int) -> str:
        """Up to ``count`` further attributes."""
        return f"({literal(self.brackets.divided)} attribute_{i}){{0,{count}}}" if count else ""

    def _any(self, labels: Iterable[str], kind: str) -> str:
        return grammar.any_word(labels, kind, self.brackets.marks.label)


def _shape(frame_type: FrameType) -> tuple[object, ...]:
    """What two types share when only their labels differ in a completion."""
    slots = tuple(s.label for s in frame_type.slots)
    attributes = tuple((a.label, a.choices) for a in frame_type.attributes)
    return (frame_type.has_filler, slots, attributes)
