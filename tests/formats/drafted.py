# SPDX-License-Identifier: Apache-2.0
"""Generated drafts of a schema, with hostile strings as mentions."""

from __future__ import annotations

import re
from collections.abc import Callable

from hypothesis import assume
from hypothesis import strategies as st

from loremill.frames import Draft, DraftSlot, Piece
from loremill.schema.types import FrameType, Schema

from .generated import LABELS, schemas, texts

STRINGS = (texts | st.sampled_from(LABELS) | st.text(max_size=5)).map(lambda s: s.strip(" ")).filter(bool)


def spell(text: str) -> str:
    """What an uncased WordPiece makes of a text: lower-case words and marks, blanks between them."""
    return " ".join(re.findall(r"\w+|[^\w\s]", text.lower()))


@st.composite
def pieces(draw: st.DrawFn, write: Callable[[str], str]) -> Piece:
    strings = draw(st.lists(STRINGS.map(write).filter(bool), min_size=1, max_size=draw(st.sampled_from([1, 1, 1, 3]))))
    return Piece(tuple(strings))


@st.composite
def drafts_of(draw: st.DrawFn, frame_type: FrameType, write: Callable[[str], str]) -> Draft:
    filler = draw(pieces(write)) if frame_type.has_filler else None
    attributes = tuple((a.name, draw(st.sampled_from(a.choices))) for a in frame_type.attributes if draw(st.booleans()))
    roles = [slot.name for slot in frame_type.slots]
    if roles and not frame_type.is_pair:
        least = 0 if frame_type.has_filler or attributes else 1
        roles = draw(st.lists(st.sampled_from(roles), min_size=least, max_size=4))
    slots = tuple(DraftSlot(role, draw(pieces(write))) for role in roles)
    return Draft(frame_type.name, filler, slots, attributes)


@st.composite
def schemas_and_drafts(
    draw: st.DrawFn, write: Callable[[str], str] = str, min_size: int = 0
) -> tuple[Schema, list[Draft]]:
    schema = draw(schemas())
    assume(not any(t.family == "classes" and t.label == "None" for t in schema))
    types = draw(st.lists(st.sampled_from(schema.types), min_size=min_size, max_size=5))
    return schema, [draw(drafts_of(t, write)) for t in types]
