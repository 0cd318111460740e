# SPDX-License-Identifier: Apache-2.0
"""Entities that are given: what a prompt tells of them, and where an answer may find their words again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ..frames import Document, Frame
from ..prompt import PLAIN, Writing
from ..schema.types import Schema, SlotType, label_of
from ..text import Mention, TextView
from .items import DELIMITERS
from .marks import Marks

UNKNOWN_TYPE = "?"
"""The type of an entity of which only the mention is known."""
_BETWEEN = "\0"


@dataclass(frozen=True, slots=True)
class GivenEntity:
    """A mention, the label of its type, and the type's name; ``""`` where none is known, to the schema for the name."""

    label: str
    mention: Mention
    type: str = ""


def given_entities(doc: Document, schema: Schema) -> list[GivenEntity]:
    """The entities of a document, each once, by place.

    They are its frames of a filler alone, whose label is that of the schema, else the name of their type. A document
    without them has those in the slots of its relations, without a label: of a pair that was annotated alone
    only the words are told.
    """
    known = {t.name for t in schema} | {name for t in schema for slot in t.slots for name in slot.types}
    found = [
        GivenEntity(_label(frame, schema), frame.filler, frame.type if frame.type in known else "")
        for frame in doc.frames
        if frame.filler is not None and is_entity(frame, schema)
    ]
    if not found:
        found = [GivenEntity("", mention) for mention in _paired(doc, schema)]
    return sorted(dict.fromkeys(found), key=lambda e: (e.mention.start, e.mention.end, e.mention.fragments, e.label))


def is_entity(frame: Frame, schema: Schema) -> bool:
    """Whether a frame is an entity: a filler alone, and of no event type of the schema."""
    is_other = frame.type in schema and schema[frame.type].family != "entities"
    return frame.filler is not None and not frame.slots and not is_other


def told(entities: Sequence[GivenEntity], text: str, writing: Writing = PLAIN) -> str:
    """Given entities as the prompt tells them: ``person: Ada; organization: the Navy``, or the words alone.

    The same words are told once, for no answer could tell which of their places it means.
    """
    marks = Marks.of(writing, DELIMITERS)
    items = []
    for entity in entities:
        words = marks.pieces(entity.mention.texts_in(text))
        items.append(f"{marks.span(entity.label)}: {words}" if entity.label else words)
    return "; ".join(dict.fromkeys(items))


def view_of(mentions: Sequence[Mention], view: TextView) -> TextView:
    """The part of a view that mentions lie in, one after the other with a mark between that no word has.

    What is looked up there is found in a mention or not at all.
    """
    text: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    for mention in mentions:
        for span in mention.fragments:
            place = view.from_original(span)
            if place is None:
                continue
            first, last = place
            text += [*view.text[first:last], _BETWEEN]
            # A token that reaches beyond the mention stands for what lies in it.
            starts += [*(min(max(view.starts[i], span.start), span.end) for i in range(first, last)), span.end]
            ends += [*(max(min(view.ends[i], span.end), span.start) for i in range(first, last)), span.end]
    return TextView("".join(text), starts, ends)


@dataclass(frozen=True, slots=True)
class Told:
    """A given mention as completions write it: the name of its type, ``""`` if unknown, and its pieces' words."""

    type: str
    words: tuple[str, ...]


def tellable(entities: Sequence[GivenEntity], view: TextView) -> list[Told]:
    """The entities, in offsets of the view's text, that the tokenizer can write; the same words may be there twice."""
    found = []
    for entity in entities:
        places = [view.from_original(span) for span in entity.mention.fragments]
        words = tuple(view.text[slice(*place)] for place in places if place is not None)
        if len(words) == len(places) and all(piece and piece == piece.strip() for piece in words):
            found.append(Told(entity.type, words))
    return found


def fitting(mentions: Sequence[Told], slot: SlotType) -> list[Told]:
    """Those that a slot may be filled with: of the types that it names, of an unknown one, all if it names none."""
    return [told for told in mentions if not slot.types or not told.type or told.type in slot.types]


def _paired(doc: Document, schema: Schema) -> Iterator[Mention]:
    """The mentions in the slots of relations, which may be of a type that is not in the schema."""
    for frame in doc.frames:
        if frame.filler is not None or (frame.type in schema and schema[frame.type].family != "relations"):
            continue
        for slot in frame.slots:
            filler = slot.filler if isinstance(slot.filler, Mention) else doc.frames[slot.filler.index].filler
            if filler is not None:
                yield filler


def _label(frame: Frame, schema: Schema) -> str:
    if frame.type == UNKNOWN_TYPE:
        return ""
    return schema[frame.type].label if frame.type in schema else label_of(frame.type)
