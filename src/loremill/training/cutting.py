# SPDX-License-Identifier: Apache-2.0
"""Documents of a training part in better lengths: long ones cut as extraction cuts them, short ones joined."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from ..corpora import Mixture, Source
from ..frames import Document, Frame, FrameRef, renumber
from ..models.codec import Codec
from ..text import Mention
from ..windows import Window, windows

WHOLE = Window(unit="document")
"""A document stays whole where it fits; else it is cut by paragraphs, those by sentences."""


def cut_mixture(mixture: Mixture, codec: Codec, max_text_tokens: int) -> Mixture:
    """The mixture with its longer documents cut; 0 tokens: as it is. See `cut_source`."""
    if not max_text_tokens:
        return mixture

    def fits(text: str) -> bool:
        return len(codec.encode_text(text)) <= max_text_tokens

    return replace(mixture, sources=tuple(cut_source(source, fits) for source in mixture.sources))


def cut_source(source: Source, fits: Callable[[str], bool]) -> Source:
    """The source with its longer documents cut into windows that fit.

    One of classes stays as it is, for they are of a text as a whole.
    """
    if source.family == "classes":
        return source
    return replace(source, documents=[window for doc in source.documents for window in cut(doc, fits)])


def cut(doc: Document, fits: Callable[[str], bool]) -> Iterator[Document]:
    """The document, or its windows with the frames that lie in them.

    What no window holds is left out: a relation between two, an argument in another than its trigger. Ids are those of
    the document with the window's place, ``id[start:end]``.
    """
    if fits(doc.text):
        yield doc
        return
    for start, end in windows(doc.text, WHOLE, fits):
        frames = _inside(doc.frames, start, end)
        yield Document(doc.text[start:end], f"{doc.id}[{start}:{end}]", frames, doc.meta)


def _inside(frames: tuple[Frame, ...], start: int, end: int) -> tuple[Frame, ...]:
    """The frames of ``start:end``, in its offsets."""

    def holds(mention: Mention) -> bool:
        return start <= mention.start and mention.end <= end

    held = {i for i, frame in enumerate(frames) if frame.filler is None or holds(frame.filler)}
    slots = {
        i: [
            slot
            for slot in frames[i].slots
            if (slot.filler.index in held if isinstance(slot.filler, FrameRef) else holds(slot.filler))
        ]
        for i in held
    }
    # a relation is nothing without both of its mentions; an event is there without an argument
    kept = [i for i in sorted(held) if frames[i].filler is not None or len(slots[i]) == len(frames[i].slots)]
    new_index = {old: new for new, old in enumerate(kept)}
    return tuple(renumber(_shifted(replace(frames[i], slots=tuple(slots[i])), -start), new_index) for i in kept)


def _shifted(frame: Frame, by: int) -> Frame:
    slots = tuple(
        replace(slot, filler=slot.filler.shift(by)) if isinstance(slot.filler, Mention) else slot
        for slot in frame.slots
    )
    return replace(frame, filler=frame.filler.shift(by) if frame.filler is not None else None, slots=slots)


def joined(
    drawn: Iterable[tuple[str, Document]], most: int, fits: Callable[[str], bool], rng: random.Random
) -> Iterator[tuple[str, Document]]:
    """Neighbours as one document: each time a number from 1 to ``most``, fewer where the text would not fit.

    A prompt's types and definitions are then read for several sentences at once. The number is the first one's.
    """
    group: list[Document] = []
    first, size = "", rng.randint(1, most)
    for number, doc in drawn:
        if group and (len(group) == size or not fits(" ".join(d.text for d in [*group, doc]))):
            yield first, _as_one(group)
            group, size = [], rng.randint(1, most)
        first = first if group else number
        group.append(doc)
    if group:
        yield first, _as_one(group)


def _as_one(docs: list[Document]) -> Document:
    if len(docs) == 1:
        return docs[0]
    frames: list[Frame] = []
    start = 0
    for doc in docs:
        new_index = {i: len(frames) + i for i in range(len(doc.frames))}
        frames += [renumber(_shifted(frame, start), new_index) for frame in doc.frames]
        start += len(doc.text) + 1
    return Document(" ".join(doc.text for doc in docs), "+".join(doc.id for doc in docs), tuple(frames))
