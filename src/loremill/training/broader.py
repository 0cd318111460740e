# SPDX-License-Identifier: Apache-2.0
"""What types are kinds of, in training: asked for beside or instead of them, and no negatives of each other.

A mention belongs to the narrowest of the types asked for. A model that has only seen "location" where nothing narrower
was asked says it of a country too when "country" is asked for beside it.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import replace

from ..corpora import Source
from ..formats.lexicon import fold
from ..frames import Frame
from ..schema.types import FrameType

MOST = 3
"""Broader types that are asked for at once."""
Broader = Mapping[str, Sequence[str]]
"""Name of a type -> labels of what its mentions are too, the nearest first."""


def with_broader(
    types: Sequence[FrameType], present: set[str], broader: Broader, rng: random.Random
) -> list[FrameType]:
    """The types and up to `MOST` that are broader than some of them, of which a random part then goes.

    Args:
        types: those to ask for.
        present: types that have frames; the first broader type is one of theirs, if there is any.
    """
    of_all, of_present = (
        sorted({label for t in some for label in broader.get(t.name, ())})
        for some in (types, [t for t in types if t.name in present])
    )
    first = rng.sample(of_present, min(1, len(of_present)))
    others = [label for label in rng.sample(of_all, len(of_all)) if label not in first]
    asked = list(types)
    for label in [*first, *others][: rng.randint(1, MOST)]:
        share = rng.random()
        asked = [t for t in asked if label not in broader.get(t.name, ()) or rng.random() < share]
        if not any(_means(t, label) for t in asked):
            asked.append(FrameType(label.replace(" ", "_"), label))
    return asked


def as_asked(frames: Sequence[Frame], types: Sequence[FrameType], broader: Broader) -> list[Frame]:
    """The frames of entities with the narrowest of the types that are asked for; what is of none stays as it is.

    A mention that another frame gives an asked type, or the same broader one, keeps its own and so is not asked for.
    """
    names = {t.name for t in types}
    taken = {frame.filler for frame in frames if frame.type in names}
    found = []
    for frame in frames:
        if frame.type not in names and frame.filler not in taken:
            labels = broader.get(frame.type, ())
            kind = next((t.name for label in labels for t in types if _means(t, label)), None)
            if kind is not None:
                frame = replace(frame, type=kind)
                taken.add(frame.filler)
        found.append(frame)
    return found


def kin(frame_type: FrameType, source: Source) -> frozenset[str]:
    """Words, folded, that a mention of the type may go by: its name, its label, others for it and what is broader."""
    name = frame_type.name
    words = (name, frame_type.label, *source.aliases.get(name, ()), *source.broader.get(name, ()))
    return frozenset(map(fold, words))


def _means(frame_type: FrameType, label: str) -> bool:
    return fold(label) == fold(frame_type.label) or label.replace(" ", "_") == frame_type.name
