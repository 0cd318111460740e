# SPDX-License-Identifier: Apache-2.0
"""Hypothesis strategies for schemas."""

from __future__ import annotations

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

from loremill.schema import FAMILIES, AttributeType, FrameType, Schema, SlotType, label_of

TEXT = st.text(max_size=12)
LABELS = st.text(min_size=1, max_size=8)
WORDS = st.one_of(
    st.text("abcXYZ_-019", min_size=1, max_size=5),
    st.sampled_from(["of", "人物", "ผู้ป่วย", "شخص", "नाम", "é", "e\u0301", "می\u200cرود", "_"]),
)


def _is_name(name: str) -> bool:
    return name == name.strip() and not any(c in name for c in "\n\r\t")


NAMES = WORDS | st.text(min_size=1, max_size=6).filter(_is_name)


@st.composite
def named(draw: DrawFn, names: st.SearchStrategy[str]) -> tuple[str, str]:
    """A name and its label, which is most often the default."""
    name = draw(names)
    return name, draw(st.just(label_of(name)) | LABELS)


def _unique(
    pairs: st.SearchStrategy[tuple[str, str]], *, min_size: int = 0
) -> st.SearchStrategy[list[tuple[str, str]]]:
    return st.lists(pairs, min_size=min_size, max_size=4, unique_by=(lambda p: p[0], lambda p: p[1]))


@st.composite
def slots(draw: DrawFn, names: st.SearchStrategy[str], types: list[str], *, min_size: int) -> tuple[SlotType, ...]:
    pairs = draw(_unique(named(names), min_size=min_size) | st.just([("head", "head"), ("tail", "tail")]))
    return tuple(
        SlotType(name, label, tuple(draw(st.lists(st.sampled_from(types), max_size=2))), draw(st.just("") | TEXT))
        for name, label in pairs
    )


@st.composite
def schemas(draw: DrawFn, *, is_plain: bool) -> Schema:
    """Schemas; plain ones have words as names and nothing that the mini-language cannot write."""
    names = WORDS if is_plain else NAMES
    pairs = draw(_unique(named(names), min_size=1))
    type_names = [name for name, _ in pairs]
    types = []
    for name, label in pairs:
        family = draw(st.sampled_from(FAMILIES))
        has_group = family in ("opinions", "classes") or not is_plain
        takes_slots = family != "classes" and not (is_plain and family == "entities")
        least = 1 if family in ("relations", "opinions") else 0
        roles = draw(slots(names, type_names, min_size=least)) if takes_slots else ()
        taken = {s.name for s in roles} | {s.label for s in roles}
        attributes = () if is_plain else draw(st.lists(st.sampled_from(["polarity", "the status"]), unique=True))
        types.append(
            FrameType(
                name,
                label,
                family,
                roles,
                tuple(AttributeType(a, ("yes", "no"), draw(LABELS)) for a in attributes[:1] if not taken & {a})
                if not taken
                else (),
                draw(st.just("") | TEXT),
                () if is_plain else tuple(draw(st.lists(TEXT, max_size=2))),
                draw(st.sampled_from(["", "g", "h"])) if has_group else "",
            )
        )
    return Schema(tuple(types))
