# SPDX-License-Identifier: Apache-2.0
"""Generated schemas, hostile texts and gold completions, written by the rules of ``listing`` apart from its writer."""

from __future__ import annotations

import numpy as np
from hypothesis import assume
from hypothesis import strategies as st

from loremill.formats.marks import Marks
from loremill.formats.segments import segment
from loremill.models.matcher import GrammarMask
from loremill.prompt import Writing
from loremill.schema.types import AttributeType, FrameType, Schema, SlotType

from .vocabularies import Vocabulary

WORDS = [
    "Ada",
    "U.S.",
    "based",
    "北京",
    "是",
    "สวัสดี",
    "café",
    "e\u0301",
    "مرحبا",
    "שלום",
    "None",
    "person",
    "10%",
    "fox",
]
MARKS = [
    *':;,|\\"()[]{}<>/',
    "\n",
    "\r\n",
    "\t",
    "  ",
    " ; ",
    "\\n",
    "😀",
    "👩\u200d👧",
    "\u200b",
    "\u200d",
    "\u3000",
    "\xa0",
]
LABELS = [
    "person",
    "work",
    "work for",
    "None of these",
    "None",
    "a: b",
    "x; y",
    "日本",
    "U.S.",
    "café",
    "back\\slash",
    'q"',
]

texts = st.lists(
    st.sampled_from(WORDS) | st.sampled_from(MARKS) | st.sampled_from([" ", "-", ". "])
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=4),
    max_size=16,
).map("".join)  # fmt: skip


@st.composite
def frame_types(draw, label):
    family = draw(st.sampled_from(["entities", "relations", "events", "opinions", "classes"]))
    labels = draw(st.lists(st.sampled_from(LABELS), min_size=4, max_size=4, unique_by=str.casefold))
    count = draw(st.integers(0 if family == "events" else 1, 3)) if family not in ("entities", "classes") else 0
    attributes = ()
    if family != "classes" and draw(st.booleans()):
        attributes = (AttributeType(labels[3], ("yes", "yes: no", "é;")),)
    return FrameType(label, family=family, slots=tuple(SlotType(r) for r in labels[:count]), attributes=attributes)


@st.composite
def schemas(draw):
    labels = draw(st.lists(st.sampled_from(LABELS), min_size=1, max_size=4, unique_by=str.casefold))
    return Schema(tuple(draw(frame_types(label)) for label in labels))


@st.composite
def mentions(draw, pieces, marks):
    """One or two runs of segments, without a blank at their ends, as a completion writes them."""
    fragments = []
    for _ in range(draw(st.sampled_from([1, 1, 1, 2]))):
        edges = [i for i, piece in enumerate(pieces) if not piece.isspace()]
        start, end = sorted((draw(st.sampled_from(edges)), draw(st.sampled_from(edges))))
        fragments.append(marks.span("".join(pieces[start : end + 1])))
    return "| ".join(fragments)


@st.composite
def items(draw, frame_type, pieces, marks):
    word = marks.label
    if frame_type.family == "classes":
        return word(frame_type.label)
    if frame_type.is_pair:
        parts = [draw(mentions(pieces, marks)), draw(mentions(pieces, marks))]
    else:
        parts = [draw(mentions(pieces, marks))] if frame_type.has_filler else []
        least = 0 if frame_type.has_filler else 1
        roles = (
            draw(st.lists(st.sampled_from(frame_type.slots), min_size=least, max_size=3)) if frame_type.slots else []
        )
        parts += [f"{word(slot.label)}: {draw(mentions(pieces, marks))}" for slot in roles]
        if draw(st.booleans()):
            parts += [f"{word(a.label)}: {word(draw(st.sampled_from(a.choices)))}" for a in frame_type.attributes]
    return f"{word(frame_type.label)}: {', '.join(parts)}"


def completion(draw, schema: Schema, text: str, writing: Writing) -> str:
    marks = Marks.of(writing, ":;,|")
    types = [t for t in schema if text.strip() or t.family == "classes"]
    least = draw(st.sampled_from([0, 1, 1, 1]))
    chosen = draw(st.lists(st.sampled_from(types), min_size=least, max_size=3)) if types else []
    return " " + ("; ".join(draw(items(t, segment(text), marks)) for t in chosen) or marks.label("None"))


def assume_distinct(schema: Schema, view) -> None:
    for parts in (schema.types, *((*t.slots, *t.attributes) for t in schema)):
        assume(len({view(part.label) for part in parts}) == len(parts))


def drawn(data: st.DataObject, vocabulary: Vocabulary, mask: GrammarMask) -> str:
    """A completion that a mask lets through, drawn token by token."""
    taken: list[int] = []
    while not mask.is_done and len(taken) < 200:
        allowed = mask.allowed()
        if allowed[vocabulary.eos_id] and data.draw(st.booleans()):
            break
        allowed[vocabulary.eos_id] = False
        token_id = data.draw(st.sampled_from(np.flatnonzero(allowed).tolist()))
        assert mask.advance(token_id)
        taken.append(token_id)
    else:
        assume(mask.is_done)
    return vocabulary.ll.decode_bytes(taken).decode()
