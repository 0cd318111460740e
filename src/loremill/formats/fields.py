# SPDX-License-Identifier: Apache-2.0
"""A frame as fields with keys, ``key: "value"`` or ``key="value"``: what `json.py` and `code.py` share.

- the filler first, then roles in order, then attributes;
- a pair's two roles hold one mention each, other roles a list of mentions;
- a mention is a string; a discontinuous one holds its fragments as the format says.

`field_reading.py` reads them back, `field_rules.py` holds their grammar.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from ..frames import Draft, DraftSlot, Piece
from ..schema.types import FrameType
from . import quoted
from .format import check_draft


@dataclass(frozen=True, slots=True)
class Keys:
    """What the fields of a type are called in a completion: its filler, and each role and attribute by name."""

    filler: str
    parts: dict[str, str]


@dataclass(frozen=True, slots=True)
class Dialect:
    """How one format writes a field.

    Args:
        assign: a key with what stands before its value.
        left: opens the fragments of a discontinuous mention, a list of strings; in the pieces that grammars divide.
        right: closes them.
        keys: of a type.
    """

    assign: Callable[[str], str]
    left: tuple[str, ...]
    right: tuple[str, ...]
    keys: Callable[[FrameType], Keys]

    def mention(self, piece: Piece) -> str:
        if len(piece.fragments) == 1:
            return quoted.write(piece.fragments[0])
        fragments = ", ".join(quoted.write(fragment) for fragment in piece.fragments)
        return "".join((*self.left, fragments, *self.right))

    def fields(self, draft: Draft, frame_type: FrameType) -> str:
        """The fields of a draft.

        Raises:
            FormatError: it cannot be written so that it reads the same.
            UnknownNameError: it has a role that its type lacks.
        """
        check_draft(draft, frame_type)
        keys = self.keys(frame_type)
        parts = [] if draft.filler is None else [self.assign(keys.filler) + self.mention(draft.filler)]
        order = [slot.name for slot in frame_type.slots] if frame_type.is_pair else list(_roles(draft))
        for role in order:
            mentions = [self.mention(slot.piece) for slot in draft.slots if slot.role == role]
            value = mentions[0] if frame_type.is_pair else f"[{', '.join(mentions)}]"
            parts.append(self.assign(keys.parts[frame_type.slot(role).name]) + value)
        parts += [self.assign(keys.parts[name]) + quoted.write(choice) for name, choice in draft.attributes]
        return ", ".join(parts)


def by_role(draft: Draft) -> Draft:
    """The draft with the slots of one role together, as fields are written."""
    slots: list[DraftSlot] = [slot for role in _roles(draft) for slot in draft.slots if slot.role == role]
    return replace(draft, slots=tuple(slots))


def _roles(draft: Draft) -> dict[str, None]:
    return dict.fromkeys(slot.role for slot in draft.slots)


def unused(wanted: Sequence[str], taken: set[str], fold: Callable[[str], str]) -> str:
    """The first of ``wanted``, or its last with a number behind it, that folds like nothing in ``taken``."""
    options = (*wanted, *(f"{wanted[-1]}{n}" for n in range(2, len(taken) + 3)))
    return next(option for option in options if fold(option) not in taken)
