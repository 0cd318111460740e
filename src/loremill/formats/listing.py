# SPDX-License-Identifier: Apache-2.0
"""``listing``: items on one line, ``location: Coimbra; location: Portugal`` (RUIE, tables 12 and 13).

RUIE's samples cover entities (``type: span``), relations (``type: head, tail``), triggers
(``type: trigger``) and arguments; ``None`` says that there is nothing. Widened here to

- opinions, written like relations: ``positive: service, friendly``;
- whole events: ``attack: bombed, attacker: rebels, time: Monday``;
- classes (``book flight``), attributes (``, polarity: negative``) and discontinuous mentions
  (fragments joined by ``| ``).

Labels and spans escape the delimiters ``: ; , |`` and the backslash, and only those.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ..errors import FormatError, UnknownNameError
from ..escape import escape, unescape
from ..frames import Draft, DraftSlot, Piece, Reason, Reject
from ..prompt import Demonstration, Prompt
from ..schema.types import Family, FrameType, Schema, SlotType
from .grammar import listing_grammar as grammar
from .lexicon import Lexicon

__all__ = ["ARGUMENTS", "INSTRUCTIONS", "NONE", "grammar", "prompt", "read", "write"]

Spell = Callable[[str], str]
NONE = "None"

INSTRUCTIONS: dict[Family, str] = {
    "entities": (
        "Named entity recognition. List every entity of the given types that occurs in the text, word for word. "
        'Output format: "type: entity; type: entity". If there is none, answer "None".'
    ),
    "relations": (
        "Relation extraction. List every pair of phrases of the text that stand in one of the given relations. "
        'Output format: "relation: head, tail; relation: head, tail". If there is none, answer "None".'
    ),
    "events": (
        "Event extraction. List every event of the given types: the word of the text that evokes it (its trigger), "
        'then its arguments with their roles. Output format: "type: trigger, role: argument, role: argument; '
        'type: trigger". If there is none, answer "None".'
    ),
    "opinions": (
        "Opinion extraction. List every pair of an aspect and the opinion about it, under its polarity. "
        'Output format: "polarity: aspect, opinion; polarity: aspect, opinion". If there is none, answer "None".'
    ),
    "classes": (
        'Classification. List the classes that the text belongs to. Output format: "class; class". '
        'If there is none, answer "None".'
    ),
}

ARGUMENTS = (
    "Event argument extraction. The type and the trigger of an event are given; list its arguments, word for word, "
    'with their roles. Output format: "role: argument; role: argument". If there is none, answer "None".'
)


def _identity(label: str) -> str:
    return label


def prompt(
    schema: Schema, text: str, *, demonstrations: Sequence[Demonstration] = (), given: str = "", instruction: str = ""
) -> Prompt:
    """The parts of the prompt for a schema of one family.

    Raises:
        FormatError: the schema mixes families (`Schema.family` takes it apart), or has a class labelled "none".
    """
    families = schema.families
    if len(families) != 1:
        raise FormatError(f"listing asks for one family at a time, got {', '.join(families)}")
    for frame_type in schema:
        _check_label(frame_type)
    return Prompt(
        family=families[0],
        instruction=instruction or INSTRUCTIONS[families[0]],
        schema="; ".join(_signature(t) for t in schema),
        text=text,
        definitions="\n".join(f"{t.label}: {t.description}" for t in schema if t.description),
        demonstrations=tuple(demonstrations),
        given=given,
    )


def write(drafts: Sequence[Draft], schema: Schema, spell: Spell = _identity) -> str:
    """The completion wanted for ``drafts``; starts with a blank, since prompts end without one.

    Raises:
        FormatError: a draft cannot be written so that it reads the same (a pair without exactly one piece per
            slot, an entity without words).
    """
    return " " + ("; ".join(_write_item(draft, schema[draft.type], spell) for draft in drafts) or NONE)


def read(
    completion: str, schema: Schema, spell: Spell = _identity, *, finished: bool = True
) -> tuple[list[Draft], list[Reject]]:
    """Drafts and rejects of a completion, item by item; never raises on what a model wrote.

    Their ranges cover every character that is no delimiter. ``finished=False`` (the model ran into
    its limit): the last item is rejected as cut off, for its span may be half of one.
    """
    lexicon = Lexicon.of(schema, spell)
    drafts: list[Draft] = []
    rejects: list[Reject] = []
    items = [item for item in _split(completion, ";\n", 0, len(completion)) if completion[item[0] : item[1]].strip()]
    if finished and len(items) == 1 and _is_none(completion[items[0][0] : items[0][1]]):
        return [], []
    for i, (start, stop, end) in enumerate(items):
        if not finished and i == len(items) - 1 and stop == end:
            rejects.append(Reject(completion[start:end].strip(), "cut off", range=(start, end)))
            continue
        draft, refused = _read_item(completion, start, stop, end, lexicon)
        rejects.extend(refused)
        if draft is not None:
            drafts.append(draft)
    return drafts, rejects


def _signature(frame_type: FrameType) -> str:
    """A type as the prompt shows it: the template of its items."""
    label = escape(frame_type.label)
    parts = ["trigger"] if frame_type.family == "events" else []
    parts += [escape(_slot_word(s, frame_type)) for s in frame_type.slots]
    parts += [f"{escape(a.label)} ({'/'.join(escape(c) for c in a.choices)})" for a in frame_type.attributes]
    return f"{label}: {', '.join(parts)}" if parts else label


def _slot_word(slot: SlotType, frame_type: FrameType) -> str:
    typed = frame_type.is_pair and slot.types and slot.name in ("head", "tail")
    return "/".join(t.replace("_", " ") for t in slot.types) if typed else slot.label


def _check_label(frame_type: FrameType) -> None:
    if frame_type.family == "classes" and _is_none(frame_type.label):
        raise FormatError(
            f"class {frame_type.name!r} reads like listing's answer {NONE!r}: give it another label, such as 'no class'"
        )


def _check(draft: Draft, frame_type: FrameType) -> None:
    """Refuse what would be read as something else.

    Raises:
        FormatError: it has no filler where one is needed, or the other way round, a mention has no words,
            or an attribute has no choice of the schema.
    """
    _check_label(frame_type)
    if frame_type.has_filler != (draft.filler is not None):
        wanted, got = ("a", "none") if frame_type.has_filler else ("no", "one")
        raise FormatError(f"listing writes {frame_type.name!r} with {wanted} filler, got {got}")
    if frame_type.slots and not (draft.filler or draft.slots or draft.attributes):
        raise FormatError(f"listing writes {frame_type.name!r} with at least one slot, got none")
    for piece in ([draft.filler] if draft.filler is not None else []) + [slot.piece for slot in draft.slots]:
        if not piece.fragments or not all(fragment.strip(" ") for fragment in piece.fragments):
            raise FormatError(f"mention of {frame_type.name!r} needs words in every fragment, got {piece.fragments}")
    choices = {attribute.name: attribute.choices for attribute in frame_type.attributes}
    for name, value in draft.attributes:
        if name not in choices:
            raise FormatError(str(UnknownNameError(f"attribute of {frame_type.name!r}", name, choices)))
        if value not in choices[name]:
            raise FormatError(str(UnknownNameError(f"choice of {name!r}", value, choices[name])))


def _write_item(draft: Draft, frame_type: FrameType, spell: Spell) -> str:
    _check(draft, frame_type)
    label = escape(spell(frame_type.label))
    if frame_type.is_pair:
        pieces = {slot.role: slot.piece for slot in draft.slots}
        if len(draft.slots) != 2 or set(pieces) != {s.name for s in frame_type.slots}:
            wanted = " and ".join(s.name for s in frame_type.slots)
            raise FormatError(
                f"listing writes {draft.type!r} with one {wanted}, got {', '.join(s.role for s in draft.slots)}"
            )
        return f"{label}: {', '.join(_write_piece(pieces[s.name]) for s in frame_type.slots)}"
    parts = [_write_piece(draft.filler)] if draft.filler is not None else []
    parts += [f"{escape(spell(frame_type.slot(s.role).label))}: {_write_piece(s.piece)}" for s in draft.slots]
    labels = {a.name: a.label for a in frame_type.attributes}
    parts += [f"{escape(spell(labels[name]))}: {escape(spell(value))}" for name, value in draft.attributes]
    return f"{label}: {', '.join(parts)}" if parts else label


def _write_piece(piece: Piece) -> str:
    return "| ".join(escape(fragment) for fragment in piece.fragments)


def _read_item(text: str, start: int, stop: int, end: int, lexicon: Lexicon) -> tuple[Draft | None, list[Reject]]:
    """Read ``text[start:stop]``; ``end`` includes the delimiter that closes the item."""
    place = (start, end)
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
    parts = _split(text, ",", body, stop)
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
    for part_start, part_stop, part_end in _split(text, ",", body, stop):
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
    fragments = tuple(unescape(text[s:e].strip(" ")) for s, e, _ in _split(text, "|", start, stop))
    return Piece(tuple(f for f in fragments if f) or ("",), place)


def _is_none(item: str) -> bool:
    return item.strip().rstrip(".").casefold() == NONE.casefold()


def _cut(text: str, start: int, stop: int) -> tuple[int, int | None]:
    """End of what stands before the first bare colon and start of what follows; None if there is no colon."""
    _, before, after = _split(text, ":", start, stop)[0]
    return before, after if after > before else None


def _split(text: str, delimiters: str, start: int, stop: int) -> list[tuple[int, int, int]]:
    """Pieces ``start, stop, end`` between bare delimiters; ``end`` includes the delimiter after the piece."""
    pieces = []
    i = piece = start
    while i < stop:
        if text[i] == "\\":
            i += 2
            continue
        if text[i] in delimiters:
            pieces.append((piece, i, i + 1))
            piece = i + 1
        i += 1
    pieces.append((piece, stop, stop))
    return pieces
