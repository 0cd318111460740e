# SPDX-License-Identifier: Apache-2.0
"""One frame on one line, ``type: filler, role: span, attribute: choice``: the item of several text formats.

- entities ``person: Ada``; events ``attack: bombed, attacker: rebels, time: Monday``;
- relations and opinions by position, ``work for: Ada, the Navy``; with other than two slots, by role;
- classes ``book flight``; attributes behind the slots, ``, polarity: negative``;
- fragments of a discontinuous mention joined by ``| ``.

`item_rules.py` holds the grammar of the same items.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ..errors import FormatError
from ..escape import unescape
from ..frames import Draft, DraftSlot, Piece, Reason, Reject
from ..prompt import Writing
from ..schema.types import FrameType, Schema, SlotType
from .format import check_draft
from .lexicon import Lexicon
from .marks import Marks, split

DELIMITERS = ":;,|"
"""Of items and, with the semicolon, of what stands between them."""
NONE = "None"
"""The answer that says that there is nothing."""


def signatures(schema: Schema, writing: Writing) -> str:
    """The types as templates of their items, as prompts show them.

    Raises:
        FormatError: a class is labelled like no answer.
    """
    check_labels(schema)
    marks = Marks.of(writing, DELIMITERS)
    return "; ".join(_signature(t, marks) for t in schema)


def _signature(frame_type: FrameType, marks: Marks) -> str:
    """A type as the prompt shows it: the template of its items."""
    label = marks.span(frame_type.label)
    parts = ["trigger"] if frame_type.family == "events" else []
    parts += [marks.span(slot_word(s, frame_type)) for s in frame_type.slots]
    parts += [f"{marks.span(a.label)} ({'/'.join(marks.span(c) for c in a.choices)})" for a in frame_type.attributes]
    return f"{label}: {', '.join(parts)}" if parts else label


def slot_word(slot: SlotType, frame_type: FrameType) -> str:
    """What a slot is called in a prompt: of a pair's head and tail, by their types where the schema has them."""
    typed = frame_type.is_pair and slot.types and slot.name in ("head", "tail")
    return "/".join(t.replace("_", " ") for t in slot.types) if typed else slot.label


def check_labels(schema: Schema) -> None:
    """Refuse a class that would be read as no answer.

    Raises:
        FormatError: it is labelled "none".
    """
    for frame_type in schema:
        if frame_type.family == "classes" and is_none(frame_type.label):
            raise FormatError(
                f"class {frame_type.name!r} reads like the answer {NONE!r}: give it another label, such as 'no class'"
            )


def is_none(item: str) -> bool:
    return item.strip().rstrip(".").casefold() == NONE.casefold()


def write_item(draft: Draft, frame_type: FrameType, marks: Marks) -> str:
    """The item of a draft.

    Raises:
        FormatError: it cannot be written so that it reads the same.
    """
    check_draft(draft, frame_type)
    label = marks.label(frame_type.label)
    if frame_type.is_pair:
        pieces = {slot.role: slot.piece for slot in draft.slots}
        return f"{label}: {', '.join(_write_piece(pieces[s.name], marks) for s in frame_type.slots)}"
    parts = [_write_piece(draft.filler, marks)] if draft.filler is not None else []
    parts += [f"{marks.label(frame_type.slot(s.role).label)}: {_write_piece(s.piece, marks)}" for s in draft.slots]
    labels = {a.name: a.label for a in frame_type.attributes}
    parts += [f"{marks.label(labels[name])}: {marks.label(value)}" for name, value in draft.attributes]
    return f"{label}: {', '.join(parts)}" if parts else label


def _write_piece(piece: Piece, marks: Marks) -> str:
    return marks.pieces(piece.fragments)


def read_items(
    text: str,
    places: Sequence[tuple[int, int, int]],
    lexicon: Lexicon,
    *,
    finished: bool,
    body: Callable[[str, int, int], int] = lambda text, start, stop: start,
) -> tuple[list[Draft], list[Reject]]:
    """Drafts and rejects of the items at ``places``: their start, their stop, and the end of what closes them.

    Args:
        finished: False where the last item may be half of one, unless something closes it.
        body: where an item starts behind what stands before its label.
    """
    drafts: list[Draft] = []
    rejects: list[Reject] = []
    if finished and len(places) == 1 and is_none(text[body(text, *places[0][:2]) : places[0][1]]):
        return drafts, rejects
    for i, (start, stop, end) in enumerate(places):
        if not finished and i == len(places) - 1 and stop == end:
            rejects.append(Reject(text[start:end].strip(), "cut off", range=(start, end)))
            continue
        draft, refused = read_item(text, body(text, start, stop), stop, (start, end), lexicon)
        rejects += refused
        drafts += [draft] if draft is not None else []
    return drafts, rejects


def read_item(
    text: str, start: int, stop: int, place: tuple[int, int], lexicon: Lexicon
) -> tuple[Draft | None, list[Reject]]:
    """The draft of the item ``text[start:stop]``, or why there is none, and what of it was not used.

    Args:
        place: the item's range in the completion, with the delimiter that closes it.
    """
    item = text[start:stop].strip()
    label_stop, body = _cut(text, start, stop)
    frame_type = lexicon.type(unescape(text[start:label_stop].strip()))
    if frame_type is None:
        return None, [Reject(item, "unparsable" if body is None else "unknown type", range=place)]
    if frame_type.family == "classes" and body is None:
        return Draft(frame_type.name, range=place), []
    takes_body = frame_type.has_filler or frame_type.slots or frame_type.attributes
    if body is None or not takes_body:
        return None, [Reject(item, "unparsable", range=place)]
    if frame_type.is_pair:
        draft = _read_pair(text, body, stop, place, frame_type)
        return (draft, []) if isinstance(draft, Draft) else (None, [Reject(item, draft, range=place)])
    draft_or_none, rejects = _read_parts(text, body, stop, place, frame_type, lexicon)
    if draft_or_none is None:
        rejects.append(Reject(item, "missing slot" if not frame_type.has_filler else "unparsable", range=place))
    return draft_or_none, rejects


def _read_pair(text: str, body: int, stop: int, place: tuple[int, int], frame_type: FrameType) -> Draft | Reason:
    parts = split(text, ",", body, stop)
    if len(parts) != 2:
        return "missing slot" if len(parts) < 2 else "unparsable"
    pieces = [
        _piece(text, parts[0][0], parts[0][1], parts[0][::2]),
        _piece(text, *parts[1][:2], (parts[1][0], place[1])),
    ]
    if not all(any(piece.fragments) for piece in pieces):
        return "missing slot"
    slots = [DraftSlot(s.name, piece, piece.range) for s, piece in zip(frame_type.slots, pieces, strict=True)]
    return Draft(frame_type.name, None, tuple(slots), range=place)


@dataclass(slots=True)
class _Part:
    """``filler`` (role None) or ``role: value`` of an item; ``end`` includes the closing delimiter."""

    role: str | None
    start: int
    value: int
    stop: int
    end: int


def _parts(text: str, body: int, stop: int, frame_type: FrameType, lexicon: Lexicon) -> list[_Part]:
    """The parts of an item; what holds a delimiter that should have been escaped is joined to the span before."""
    parts: list[_Part] = []
    takes_roles = bool(frame_type.slots or frame_type.attributes)
    for part_start, part_stop, part_end in split(text, ",", body, stop):
        label_stop, value = _cut(text, part_start, part_stop)
        label = unescape(text[part_start:label_stop].strip())
        if parts and (value is None or not takes_roles):
            parts[-1].stop, parts[-1].end = part_stop, part_end
        elif not parts and frame_type.has_filler and (value is None or lexicon.role(frame_type.name, label) is None):
            parts.append(_Part(None, part_start, part_start, part_stop, part_end))
        else:
            at = part_start if value is None else value
            parts.append(_Part(label if value is not None else "", part_start, at, part_stop, part_end))
    return parts


def _read_parts(
    text: str, body: int, stop: int, place: tuple[int, int], frame_type: FrameType, lexicon: Lexicon
) -> tuple[Draft | None, list[Reject]]:
    """A draft of filler, slots and attributes; None when what the type cannot do without is missing."""
    filler: Piece | None = None
    slots: list[DraftSlot] = []
    attributes: dict[str, str] = {}
    rejects: list[Reject] = []
    parts = _parts(text, body, stop, frame_type, lexicon)
    for part in parts:
        where = (part.start, place[1] if part is parts[-1] else part.end)
        piece = _piece(text, part.value, part.stop, where)
        role = lexicon.role(frame_type.name, part.role) if part.role else None
        refused: Reason | None = None
        if part.role is None:
            filler = piece
        elif role is None:
            refused = "unknown role"
        elif not any(piece.fragments):
            refused = "missing slot"
        elif isinstance(role, SlotType):
            slots.append(DraftSlot(role.name, piece, where))
        else:
            choice = lexicon.choice(role, " ".join(piece.fragments))
            if choice is None or role.name in attributes:
                refused = "invalid value"
            else:
                attributes[role.name] = choice
        if refused is not None:
            rejects.append(Reject(text[part.start : part.stop].strip(), refused, range=where))
    has_filler = filler is not None and any(filler.fragments)
    if frame_type.has_filler != has_filler or not (has_filler or slots or attributes):
        return None, rejects
    return Draft(frame_type.name, filler, tuple(slots), tuple(attributes.items()), place), rejects


def _piece(text: str, start: int, stop: int, place: tuple[int, int]) -> Piece:
    """The unescaped fragments of ``text[start:stop]``; blanks around them are layout, not part of a span."""
    fragments = tuple(unescape(text[s:e].strip(" ")) for s, e, _ in split(text, "|", start, stop))
    return Piece(tuple(f for f in fragments if f) or ("",), place)


def _cut(text: str, start: int, stop: int) -> tuple[int, int | None]:
    """End of what stands before the first bare colon and start of what follows; None if there is no colon."""
    _, before, after = split(text, ":", start, stop)[0]
    return before, after if after > before else None
