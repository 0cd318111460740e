# SPDX-License-Identifier: Apache-2.0
"""One frame as one sentence with quoted mentions and labels: the item of ``prose``.

- entities ``"Ada" is a "person".``; classes ``The text is about "book flight".``;
- events ``"bombed" evokes the event "attack", with "rebels" as its "attacker" and "Monday" as its "time".``;
- relations ``"Ada" stands to "the Navy" in the relation "work for".``;
- opinions ``The opinion about "service" is "friendly", which is "positive".``;
- relations and opinions with other than two slots, by role, ``The relation "sale" holds, with "Ada" as its "buyer".``;
- attributes last, ``, where "polarity" is "negative"``; fragments of a discontinuous mention ``"left" plus "right"``.

`OPENINGS` holds the words; writer, reader, grammar and prompt take them from here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from ..frames import Draft, Piece
from ..schema.types import Family, FrameType, SlotType
from . import quoted
from .format import check_draft

NOTHING = "There is nothing to report."
"""The answer that says that there is nothing."""
WITH, AS_ITS, WHERE, IS, AND = ", with ", " as its ", ", where ", " is ", " and "
"""``WITH mention AS_ITS role AND mention AS_ITS role WHERE attribute IS choice AND attribute IS choice``."""
PLUS = " plus "
"""Between fragments."""


@dataclass(frozen=True, slots=True)
class Opening:
    """How a sentence starts: ``words[i]`` stand before hole ``i``, the last ones behind all holes.

    A hole is ``filler``, ``label``, ``first`` or ``second`` (a pair's slots).
    """

    words: tuple[str, ...]
    holes: tuple[str, ...]

    @classmethod
    def of(cls, template: str) -> Opening:
        parts = re.split(r"\{(\w+)\}", template)
        return cls(tuple(parts[::2]), tuple(parts[1::2]))

    def fill(self, values: Mapping[str, str]) -> str:
        filled = (words + values[hole] for words, hole in zip(self.words, self.holes, strict=False))
        return "".join(filled) + self.words[-1]


OPENINGS: Mapping[tuple[Family, bool], Opening] = {
    ("entities", False): Opening.of("{filler} is a {label}"),
    ("relations", True): Opening.of("{first} stands to {second} in the relation {label}"),
    ("relations", False): Opening.of("The relation {label} holds"),
    ("events", False): Opening.of("{filler} evokes the event {label}"),
    ("opinions", True): Opening.of("The opinion about {first} is {second}, which is {label}"),
    ("opinions", False): Opening.of("The opinion {label} is held"),
    ("classes", False): Opening.of("The text is about {label}"),
}
"""By family, and whether it is a pair (`FrameType.is_pair`)."""


def opening_of(frame_type: FrameType) -> Opening:
    return OPENINGS[frame_type.family, frame_type.is_pair]


def quoted_label(label: str, spell: Callable[[str], str]) -> str:
    return quoted.write(spell(label).strip())


def write_sentence(draft: Draft, frame_type: FrameType, spell: Callable[[str], str]) -> str:
    """The sentence of a draft.

    Raises:
        FormatError: it cannot be written so that it reads the same.
    """
    check_draft(draft, frame_type)
    values = {"label": quoted_label(frame_type.label, spell)}
    slots = [(quoted_label(frame_type.slot(s.role).label, spell), _mention(s.piece)) for s in draft.slots]
    if draft.filler is not None:
        values["filler"] = _mention(draft.filler)
    if frame_type.is_pair:
        pieces = {slot.role: slot.piece for slot in draft.slots}
        values["first"], values["second"] = (_mention(pieces[slot.name]) for slot in frame_type.slots)
        slots = []
    labels = {a.name: a.label for a in frame_type.attributes}
    attributes = [(quoted_label(labels[name], spell), quoted_label(value, spell)) for name, value in draft.attributes]
    return opening_of(frame_type).fill(values) + _parts(slots, attributes) + "."


def signature(frame_type: FrameType, spell: Callable[[str], str]) -> str:
    """A type as the prompt shows it: the template of its sentences."""
    values = {"label": quoted_label(frame_type.label, spell), "filler": '"..."'}
    slots = [(quoted_label(slot.label, spell), '"..."') for slot in frame_type.slots]
    if frame_type.is_pair:
        values["first"], values["second"] = (quoted_label(_slot_word(s), spell) for s in frame_type.slots)
        slots = []
    attributes = [
        (quoted_label(a.label, spell), " or ".join(quoted_label(c, spell) for c in a.choices))
        for a in frame_type.attributes
    ]
    return opening_of(frame_type).fill(values) + _parts(slots, attributes) + "."


def _slot_word(slot: SlotType) -> str:
    typed = slot.types and slot.name in ("head", "tail")
    return "/".join(name.replace("_", " ") for name in slot.types) if typed else slot.label


def _mention(piece: Piece) -> str:
    return PLUS.join(quoted.write(fragment.strip(" ")) for fragment in piece.fragments)


def _parts(slots: Iterable[tuple[str, str]], attributes: Iterable[tuple[str, str]]) -> str:
    """Slots (role, mention), then attributes (name, choice)."""
    of_roles = AND.join(f"{mention}{AS_ITS}{role}" for role, mention in slots)
    of_names = AND.join(f"{name}{IS}{choice}" for name, choice in attributes)
    return (WITH + of_roles if of_roles else "") + (WHERE + of_names if of_names else "")
