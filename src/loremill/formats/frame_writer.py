# SPDX-License-Identifier: Apache-2.0
"""One frame in brackets, ``(type: filler): [(role: span), (attribute: choice)]``: the item of the format ``frames``.

- entities ``(person: Ada)``; events ``(attack: bombed): [(attacker: rebels), (time: Monday)]``;
- relations, opinions and classes have no filler: ``(work for: Null): [(head: Ada), (tail: the Navy)]``,
  ``(book flight: Null)``;
- absent slots are left out, attributes stand behind the slots, fragments of a discontinuous mention
  are joined by ``| ``; the word Null of a text is written ``N\\ull``.

`frame_rules.py` holds the grammar of the same items, `frame_reader.py` reads them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..frames import Draft, Piece
from ..prompt import Writing
from ..schema.types import FrameType, SlotType
from .format import check_draft
from .marks import Marks
from .segments import segment

DELIMITERS = ":,()[]{}|"
NULL = "Null"
"""Filler of a type that has none."""


def is_null(text: str) -> bool:
    return text.strip().casefold() == NULL.casefold()


@dataclass(frozen=True, slots=True)
class Brackets:
    """The brackets of one tokenizer's completions, with the blanks around them.

    A tokenizer of words brings the blank before each word and has none elsewhere, so it writes
    ``{( person: ada):[( role: span)],( ...)}``; every other writes as the paper does.
    """

    marks: Marks
    opened: str
    divided: str
    slots: str
    keeps_null: bool
    """Whether a bare Null where a mention is wanted is that word (a tokenizer of words escapes marks only)."""

    @classmethod
    def of(cls, writing: Writing) -> Brackets:
        marks = Marks.of(writing, DELIMITERS)
        if writing.reserved is None:
            return cls(marks, "(", ", (", ": [(", keeps_null=False)
        return cls(marks, "( ", ",( ", ":[( ", keeps_null=True)

    def span(self, text: str) -> str:
        """A piece of the text; the word Null has a backslash inside, so that it is told from an absent filler."""
        if self.keeps_null or NULL.casefold() not in text.casefold():
            return self.marks.span(text)
        return "".join(s[0] + "\\" + s[1:] if is_null(s) else self.marks.span(s) for s in segment(text))

    def piece(self, piece: Piece) -> str:
        return "| ".join(self.span(fragment) for fragment in piece.fragments)

    def item(self, label: str, filler: str, parts: Sequence[tuple[str, str]]) -> str:
        """A frame of words that are escaped already; its opening bracket stands before it (see `answer`)."""
        listed = self.divided.join(f"{name}: {value})" for name, value in parts)
        return f"{label}: {filler})" + (f"{self.slots}{listed}]" if parts else "")

    def answer(self, items: Sequence[str]) -> str:
        return "{" + self.opened + self.divided.join(items) + "}" if items else "{}"


def write_frame(draft: Draft, frame_type: FrameType, brackets: Brackets) -> str:
    """The item of a draft.

    Raises:
        FormatError: it cannot be written so that it reads the same.
    """
    check_draft(draft, frame_type)
    word = brackets.marks.label
    slots = draft.slots
    if frame_type.is_pair:
        order = [slot.name for slot in frame_type.slots]
        slots = tuple(sorted(slots, key=lambda slot: order.index(slot.role)))
    parts = [(word(frame_type.slot(slot.role).label), brackets.piece(slot.piece)) for slot in slots]
    labels = {attribute.name: attribute.label for attribute in frame_type.attributes}
    parts += [(word(labels[name]), word(value)) for name, value in draft.attributes]
    filler = word(NULL) if draft.filler is None else brackets.piece(draft.filler)
    return brackets.item(word(frame_type.label), filler, parts)


def template(frame_type: FrameType, brackets: Brackets) -> str:
    """A type as the prompt shows it: its item with the roles, and what may fill them."""
    word = brackets.marks.span
    filler = ("trigger" if frame_type.family == "events" else "…") if frame_type.has_filler else NULL
    parts = [(word(slot.label), _slot_word(slot, brackets)) for slot in frame_type.slots]
    parts += [(word(a.label), "/".join(word(choice) for choice in a.choices)) for a in frame_type.attributes]
    return brackets.opened + brackets.item(word(frame_type.label), filler, parts)


def _slot_word(slot: SlotType, brackets: Brackets) -> str:
    return "/".join(brackets.marks.span(name.replace("_", " ")) for name in slot.types) or "…"
