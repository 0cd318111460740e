# SPDX-License-Identifier: Apache-2.0
"""From documents to token ids: every item of an epoch is a pure function of (seed, epoch, its number)."""

from __future__ import annotations

import logging
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from ..errors import FormatError
from ..formats import FORMATS
from ..formats.drafts import frames_of, to_drafts
from ..formats.instructions import instruction
from ..frames import Document, canonical
from ..models.codec import Codec
from ..models.likelihood import Item
from ..schema.types import Family, FrameType, Schema
from .augmentation import augment
from .config import Augmentation

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Source:
    """One data set's part in a mixture, for one family: documents, the schema they were annotated with."""

    name: str
    family: Family
    schema: Schema
    documents: Sequence[Document]
    aliases: Mapping[str, Sequence[str]]
    repeat: float = 1.0


@dataclass(frozen=True, slots=True)
class Counts:
    """What an epoch holds and what was left out of it."""

    items: int
    too_long: int
    unwritable: int


def epoch_items(
    sources: Sequence[Source],
    codec: Codec,
    *,
    format: str,
    settings: Augmentation,
    max_length_tokens: int,
    seed: int,
    epoch: int,
) -> tuple[list[Item], Counts]:
    """The items of one epoch, encoded, in the order of their documents; what is left out is counted."""
    items: list[Item] = []
    too_long = unwritable = 0
    negatives = _negatives(sources)
    for source in sources:
        for number, doc in _drawn(source, seed, epoch):
            rng = random.Random(f"{seed}/{epoch}/{source.name}/{source.family}/{number}")
            frames = frames_of(doc, source.schema)
            if not frames and rng.random() >= settings.keep_empty:
                continue
            asked, answer = augment(
                source.schema,
                canonical(frames),
                aliases=source.aliases,
                negatives=negatives[source.name, source.family],
                rng=rng,
                settings=settings,
            )
            writer = FORMATS[format]
            try:
                drafts = to_drafts(answer, codec.view(doc.text), asked)
                text = writer.write(drafts, asked, codec.writing)
            except FormatError:
                unwritable += 1
                continue
            wording = instruction(source.family, rng.randrange(2**32)) if rng.random() < settings.paraphrase else None
            item = codec.encode_pair(writer.prompt(asked, doc.text, codec.writing, wording=wording), text)
            if len(item[0]) + len(item[1]) > max_length_tokens:
                too_long += 1
                continue
            items.append(item)
    if too_long or unwritable:
        _LOG.info("epoch %d: %d items too long, %d cannot be written", epoch, too_long, unwritable)
    return items, Counts(len(items), too_long, unwritable)


def batches(items: Sequence[Item], batch_size: int, *, seed: int, epoch: int) -> list[list[int]]:
    """Item numbers in batches of like length, in random order.

    Items are shuffled, sorted by length within stretches of 50 batches, cut, and the batches shuffled.
    """
    rng = random.Random(f"{seed}/{epoch}/batches")
    order = list(range(len(items)))
    rng.shuffle(order)
    stretch = 50 * batch_size
    cut: list[list[int]] = []
    for start in range(0, len(order), stretch):
        part = sorted(order[start : start + stretch], key=lambda i: len(items[i][0]) + len(items[i][1]))
        cut += [part[i : i + batch_size] for i in range(0, len(part), batch_size)]
    rng.shuffle(cut)
    return cut


def _drawn(source: Source, seed: int, epoch: int) -> Iterator[tuple[str, Document]]:
    """Documents of this epoch, each with a number of its own: whole repeats, then a random part."""
    whole, part = divmod(source.repeat, 1.0)
    for turn in range(int(whole)):
        for i, doc in enumerate(source.documents):
            yield f"{turn}/{i}", doc
    if part:
        rng = random.Random(f"{seed}/{epoch}/{source.name}/{source.family}/part")
        for i in sorted(rng.sample(range(len(source.documents)), round(part * len(source.documents)))):
            yield f"part/{i}", source.documents[i]


def _negatives(sources: Sequence[Source]) -> dict[tuple[str, str], list[FrameType]]:
    """Per source, the types of the other sources of its family."""
    return {
        (source.name, source.family): [
            t for other in sources if other.name != source.name and other.family == source.family for t in other.schema
        ]
        for source in sources
    }
