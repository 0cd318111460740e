# SPDX-License-Identifier: Apache-2.0
"""The grammar of the items that `items.py` writes and reads."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ..schema.types import FrameType, Schema, SlotType
from . import grammar
from .given import Told, fitting
from .grammar import MAX_FRAGMENTS, by_shape, check_distinct, span
from .marks import Marks


class ItemRules:
    """The rules of a schema's items; types of the same shape share one.

    ``lines`` define ``item``; without ``has_items`` there is nothing that an item could be.

    Args:
        among: the mentions that slots may be filled with, each whole and where its type is one that the slot takes;
            None: any words of the text.
    """

    def __init__(
        self,
        schema: Schema,
        text: str,
        marks: Marks,
        max_items: int | None,
        among: Sequence[Told] | None = None,
    ) -> None:
        self.marks = marks
        self.max_items = max_items
        self.among = among
        self.lines: list[str] = []
        self._fillers: dict[tuple[str, ...], str] = {}
        self._words_of: dict[tuple[str, ...], tuple[str, ...]] = {}
        shapes = by_shape(schema, bool(text.strip()) or bool(among), self._shape, marks.label)
        items = [self._item(i, types) for i, types in enumerate(shapes) if self._can_be_filled(types[0])]
        self.has_items = bool(items)
        self.lines.insert(0, f"item: {' | '.join(items)}")
        if items and text.strip():
            self.lines += [f'mention: SPAN ("| " SPAN){{0,{MAX_FRAGMENTS - 1}}}', *span(text, marks.span)]
        self.lines += [f"{name}: {' | '.join(words)}" for words, name in self._fillers.items()]

    def _item(self, i: int, types: Sequence[FrameType]) -> str:
        """The rule of types that differ only in their labels."""
        like = types[0]
        parts: list[str] = []
        if like.is_pair:
            parts = [f'{self._mention(like.slots[0])} ", " {self._mention(like.slots[1])}']
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
            self.lines += self._slots(i, like)
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

    def _slots(self, i: int, like: FrameType) -> list[str]:
        """The rule of one slot: its role and a mention that may fill it."""
        if self.among is None:
            return [
                f'ROLE_{i}: {self._any((s.label for s in like.slots), "role")} ": "',
                f"slot_{i}: ROLE_{i} mention",
            ]
        able = [(f"ROLE_{i}_{j}", s) for j, s in enumerate(like.slots) if self._words(s)]
        lines = [f'{name}: {grammar.word(s.label, "role", self.marks.label)} ": "' for name, s in able]
        return [*lines, f"slot_{i}: {' | '.join(f'{name} {self._mention(s)}' for name, s in able)}"]

    def _mention(self, slot: SlotType) -> str:
        """The name of what may fill a slot."""
        if self.among is None:
            return "mention"
        return self._fillers.setdefault(self._words(slot), f"FILLER_{len(self._fillers)}")

    def _words(self, slot: SlotType) -> tuple[str, ...]:
        """Literals of the mentions that a slot may be filled with."""
        if slot.types not in self._words_of:
            written = (self.marks.pieces(told.words) for told in fitting(self.among or (), slot))
            self._words_of[slot.types] = tuple(dict.fromkeys(map(grammar.literal, written)))
        return self._words_of[slot.types]

    def _can_be_filled(self, frame_type: FrameType) -> bool:
        """Whether an item of the type can be written: both sides of a pair, one slot of others."""
        if self.among is None or not frame_type.slots:
            return True
        return (all if frame_type.is_pair else any)(map(self._words, frame_type.slots))

    def _shape(self, frame_type: FrameType) -> tuple[object, ...]:
        """What two types share when only their labels differ in a completion."""
        fillers = tuple(map(self._words, frame_type.slots)) if self.among is not None else ()
        return (*_shape(frame_type), fillers)

    def _any(self, labels: Iterable[str], kind: str) -> str:
        return grammar.any_word(labels, kind, self.marks.label)


def _shape(frame_type: FrameType) -> tuple[object, ...]:
    """What two types share when only their labels differ in a completion."""
    if frame_type.is_pair:
        return ("pair",)
    slots = tuple(s.label for s in frame_type.slots)
    attributes = tuple((a.label, a.choices) for a in frame_type.attributes)
    return (frame_type.has_filler, slots, attributes)
