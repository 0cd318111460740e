# SPDX-License-Identifier: Apache-2.0
"""What a part of a data set holds, counted as it is read."""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from ..frames import Document


@dataclass(frozen=True, slots=True)
class PartStats:
    """Counts of one part: ``empty`` documents have no frame; ``frames`` and ``slots`` are by type and role."""

    name: str
    split: str
    documents: int
    empty: int
    characters: int
    frames: Mapping[str, int]
    slots: Mapping[str, int]
    duplicates: int  # gold frames dropped because they occurred twice
    seconds: float = field(compare=False)


def part_stats(docs: Iterable[Document], name: str, split: str) -> PartStats:
    """The counts of the documents of a part; the time is that of reading them."""
    started = time.perf_counter()
    documents = empty = characters = duplicates = 0
    frames: Counter[str] = Counter()
    slots: Counter[str] = Counter()
    for doc in docs:
        documents += 1
        empty += not doc.frames
        characters += len(doc.text)
        duplicates += int(doc.meta.get("duplicates", 0))
        frames.update(frame.type for frame in doc.frames)
        slots.update(slot.role for frame in doc.frames for slot in frame.slots)
    seconds = time.perf_counter() - started
    by_type, by_role = dict(frames.most_common()), dict(slots.most_common())
    return PartStats(name, split, documents, empty, characters, by_type, by_role, duplicates, seconds)


def drawn(docs: Iterable[Document], count: int, *, seed: int) -> list[Document]:
    """``count`` documents, each as likely as any other, in the order in which they stand; only these are held.

    Vitter (1985), algorithm R.
    """
    rng = random.Random(seed)
    kept: list[tuple[int, Document]] = []
    for i, doc in enumerate(docs):
        if len(kept) < count:
            kept.append((i, doc))
        elif (place := rng.randint(0, i)) < count:
            kept[place] = (i, doc)
    return [doc for _, doc in sorted(kept, key=lambda item: item[0])]
