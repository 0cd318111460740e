# SPDX-License-Identifier: Apache-2.0
"""Gold annotations of a record -> a `Document`: mentions from pieces, frames in canonical order, once each."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ..frames import Document, Frame, Slot, canonical, renumber
from ..text import Mention, Span

Offsets = Sequence[tuple[int, int]]
"""Start and end in the text of each token."""


def mention_of(pieces: Iterable[tuple[int, int]]) -> Mention:
    """The mention of the pieces, put in order; pieces that touch or overlap become one fragment."""
    merged: list[tuple[int, int]] = []
    for start, end in sorted(pieces):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return Mention(tuple(Span(start, end) for start, end in merged))


def mention_of_tokens(indices: Iterable[int], offsets: Offsets) -> Mention:
    """The mention of the tokens: a run of neighbouring tokens is one fragment.

    Raises:
        ValueError: an index is outside the tokens, or there is none.
    """
    pieces: list[tuple[int, int]] = []
    previous = None
    for i in sorted(set(indices)):
        if not 0 <= i < len(offsets):
            raise ValueError(f"wanted token indices from 0 to {len(offsets) - 1}, got {i}")
        start, end = offsets[i]
        if previous == i - 1:
            start = pieces.pop()[0]
        pieces.append((start, end))
        previous = i
    return mention_of(pieces)


def token_range(start: int, end: int, offsets: Offsets) -> Mention:
    """The mention of the tokens ``start`` to ``end`` (exclusive)."""
    if not 0 <= start < end <= len(offsets):
        raise ValueError(f"wanted token indices 0 <= start < end <= {len(offsets)}, got {start}:{end}")
    return mention_of_tokens(range(start, end), offsets)


def event(type: str, trigger: Mention, arguments: Iterable[tuple[str, Mention]]) -> Frame:
    """The event's frame; arguments by place, then role, each once."""
    slots = sorted(set(arguments), key=lambda argument: (argument[1], argument[0]))
    return Frame(type, trigger, tuple(Slot(role, mention) for role, mention in slots))


def relation(type: str, head: Mention, tail: Mention) -> Frame:
    """The relation's frame, with slots ``head`` and ``tail``."""
    return Frame(type, None, (Slot("head", head), Slot("tail", tail)))


def document(text: str, frames: Iterable[Frame], *, id: str = "") -> Document:
    """The document with its frames in canonical order.

    A frame that occurs twice is kept once; ``meta["duplicates"]`` counts what was dropped, if anything was.
    """
    frames = tuple(frames)
    kept: list[Frame] = []
    place: dict[object, int] = {}
    new_index: dict[int, int] = {}
    for old, frame in enumerate(frames):
        if frame.key not in place:
            place[frame.key] = len(kept)
            kept.append(frame)
        new_index[old] = place[frame.key]
    kept = [renumber(frame, new_index) for frame in kept]
    dropped = len(frames) - len(kept)
    return Document(text, id, canonical(kept), {"duplicates": dropped} if dropped else {})
