# SPDX-License-Identifier: Apache-2.0
"""The grammar of the items that `items.py` writes and reads."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ..schema.types import FrameType, Schema
from . import grammar
from .grammar import MAX_FRAGMENTS, by_shape, check_distinct, span
from .marks import Marks


class ItemRules:
    """The rules of a schema's items; types of the same shape share one.

    ``lines`` define ``item``; without ``has_items`` there is nothing that an item could be.
    """

    def __init__(self, schema: Schema, text: str, marks: Marks, max_items: int | None) -> None:
        self.marks = marks
        self.max_items = max_items
        self.lines: list[str] = []
        shapes = by_shape(schema, text, _shape, marks.label)
        items = [self._item(i, types) for i, types in enumerate(shapes)]
        self.has_items = bool(items)
        self.lines.insert(0, f"item: {' | '.join(items)}")
        if items and text.strip():
            self.lines += [f'mention: SPAN ("| " SPAN){{0,{MAX_FRAGMENTS - 1}}}', *span(text, marks.span)]

    def _item(self, i: int, types: Sequence[FrameType]) -> str:
        """The rule of types that differ only in their labels."""
        like = types[0]
        parts: list[str] = []
        if like.is_pair:
            parts = ['mention ", " mention']
        elif like.has_filler or like.slots or like.attributes:
            parts = [self._parts(i, like)]
        words = self._any((t.label for t in types), "label")
        self.lines += [f"LABEL_{i}: {words}" + (' ": "' if parts else ""), f"item_{i}: LABEL_{i} {' '.join(parts)}"]
        return f"item_{i}"

    def _parts(self, i: int, like: FrameType) -> str:
        """Filler, then roles with their mentions, then attributes with their choices, ``, `` between them."""
        roles = [s.label for s in like.slots] + [a.label for a in like.attributes]
        check_distinct(roles, f"roles of {like.name!r}", self.marks.label)
        parts = ["mention"] if like.has_filler else []
        if like.slots:
            self.lines += [
                f'ROLE_{i}: {self._any((s.label for s in like.slots), "role")} ": "',
                f"slot_{i}: ROLE_{i} mention",
            ]
            more = grammar.repeated(f'", " slot_{i}', self.max_items, first=0 if parts else 1)
            parts += ([] if parts else [f"slot_{i}"]) + [more]
        if like.attributes:
            choices = []
            for j, attribute in enumerate(like.attributes):
                name = grammar.word(attribute.label, "attribute", self.marks.label)
                self.lines += [
                    f'NAME_{i}_{j}: {name} ": "',
                    f"CHOICE_{i}_{j}: {self._any(attribute.choices, 'choice')}",
                ]
                choices.append(f"NAME_{i}_{j} CHOICE_{i}_{j}")
            self.lines.append(f"attribute_{i}: {' | '.join(choices)}")
            rest = len(choices) - (not parts)
            parts += [] if parts else [f"attribute_{i}"]
            parts += [f'(", " attribute_{i}){{0,{rest}}}'] if rest else []
        return " ".join(parts)

    def _any(self, labels: Iterable[str], kind: str) -> str:
        return grammar.any_word(labels, kind, self.marks.label)


def _shape(frame_type: FrameType) -> tuple[object, ...]:
    """What two types share when only their labels differ in a completion."""
    if frame_type.is_pair:
        return ("pair",)
    slots = tuple(s.label for s in frame_type.slots)
    attributes = tuple((a.label, a.choices) for a in frame_type.attributes)
    return (frame_type.has_filler, slots, attributes)
