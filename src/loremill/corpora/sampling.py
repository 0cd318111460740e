# SPDX-License-Identifier: Apache-2.0
"""Which documents and types a mixture takes: seeded samples that are nested, and how often each data set is seen."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from hashlib import blake2b
from typing import TypeVar

from ..errors import InputError
from ..frames import Document, Frame, FrameRef, Slot
from ..schema import FAMILIES, FrameType, Schema
from ..text import Mention

T = TypeVar("T")


def sample(items: Sequence[T], count: int, *, seed: int, id_of: Callable[[T], str]) -> list[T]:
    """``count`` of the items, in their order.

    Each item's chance is a hash of the seed and its id, so a smaller sample lies in every larger one, and an item that
    is taken away changes nothing about the others.
    """
    if count >= len(items):
        return list(items)
    ranks = [blake2b(f"{seed}/{id_of(item)}".encode("utf-8", "replace"), digest_size=8).digest() for item in items]
    chosen = sorted(sorted(range(len(items)), key=ranks.__getitem__)[: max(count, 0)])
    return [items[i] for i in chosen]


def sample_documents(docs: Sequence[Document], *, fraction: float = 1.0, limit: int = 0, seed: int) -> list[Document]:
    """A fraction of the documents (at least one), and no more than ``limit`` (0: no limit)."""
    count = max(1, round(fraction * len(docs)))
    return sample(docs, min(count, limit) if limit else count, seed=seed, id_of=lambda doc: doc.id)


def repeats(
    sizes: Sequence[int], wanted: Sequence[float], *, temperature: float = 1.0, documents: int = 0, cap: int = 0
) -> list[float]:
    """How many times an epoch takes each data set, so that their documents are ``p_i ∝ n_i ** (1 / temperature)``.

    ``n_i`` is the data set's size times ``wanted[i]``, at most ``cap``. Temperature 1 is proportional, infinity
    gives every set the same (T5, Raffel et al. 2020, section 3.5.2).

    Args:
        sizes: documents of each data set; those without any get 0.
        wanted: times that each is wanted.
        documents: of an epoch in all; 0: as many as the ``n_i`` are together.
        cap: largest ``n_i``; 0: none.
    """
    amounts = [
        min(n * times, cap) if cap and n * times > cap else n * times for n, times in zip(sizes, wanted, strict=True)
    ]
    if temperature == 1.0 and not documents:
        return [
            times if amount == n * times else amount / n
            for n, times, amount in zip(sizes, wanted, amounts, strict=True)
        ]
    shares = [amount ** (1.0 / temperature) if amount else 0.0 for amount in amounts]
    total = (float(documents) or sum(amounts)) / (sum(shares) or 1.0)
    return [total * share / n if n else 0.0 for n, share in zip(sizes, shares, strict=True)]


def partition(
    schema: Schema, *, unseen: Iterable[str] = (), share: float = 0.0, seed: int = 0
) -> tuple[Schema, tuple[str, ...]]:
    """The part of a schema that training sees, and the names of the other types, in the schema's order.

    Args:
        unseen: types that are not seen.
        share: of each family's types that is not seen, drawn by ``seed``; one of a family always is. The types of a
            smaller share are among those of a larger one.

    Raises:
        UnknownNameError: the schema has no such type.
        InputError: no type would be left.
    """
    hidden = {schema[name].name for name in unseen}
    for family in FAMILIES:
        types = [t for t in schema if t.family == family]
        count = min(round(share * len(types)), len(types) - 1)
        hidden |= {t.name for t in sample(types, count, seed=seed, id_of=lambda t: t.name)} if count > 0 else set()
    seen = tuple(_without(t, hidden) for t in schema if t.name not in hidden)
    if not seen:
        raise InputError(f"all types of {schema.name or 'the schema'} are unseen: leave one to learn from")
    return Schema(seen, schema.name), tuple(t.name for t in schema if t.name in hidden)


def keep_types(doc: Document, schema: Schema) -> Document:
    """The document with the frames of the schema's types; a slot that points at another frame gets its mention."""
    names = {t.name for t in schema}
    if all(frame.type in names for frame in doc.frames):
        return doc
    kept = [i for i, frame in enumerate(doc.frames) if frame.type in names]
    new_index = {old: new for new, old in enumerate(kept)}

    def bound(slot: Slot) -> Iterable[Slot]:
        if isinstance(slot.filler, Mention):
            return [slot]
        if slot.filler.index in new_index:
            return [replace(slot, filler=FrameRef(new_index[slot.filler.index]))]
        mention = doc.frames[slot.filler.index].filler
        return [] if mention is None else [replace(slot, filler=mention)]

    def without(frame: Frame) -> Frame:
        return replace(frame, slots=tuple(found for slot in frame.slots for found in bound(slot)))

    return replace(doc, frames=tuple(without(doc.frames[i]) for i in kept))


def _without(frame_type: FrameType, hidden: set[str]) -> FrameType:
    slots = tuple(replace(s, types=tuple(name for name in s.types if name not in hidden)) for s in frame_type.slots)
    return replace(frame_type, slots=slots)
