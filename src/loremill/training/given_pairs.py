# SPDX-License-Identifier: Apache-2.0
"""Items that tell what is known: entities, and their relations are asked for; a trigger, and its arguments are.

The prompts are those of `extract_relations` and `extract_arguments`.
"""

from __future__ import annotations

import random
from collections.abc import Sequence

from ..corpora import Source
from ..errors import FormatError
from ..formats import Format
from ..formats.drafts import to_drafts
from ..formats.format import told as told_trigger
from ..formats.given import given_entities
from ..formats.given import told as told_entities
from ..frames import Document, Frame, Slot, canonical
from ..given.arguments import roles_of
from ..models.codec import Codec
from ..prompt import Prompt
from ..schema.types import FrameType
from ..text import Mention
from .augmentation import augment, wording
from .config import Augmentation

Pair = tuple[Prompt, str]
"""A prompt and the completion wanted."""


def given_pairs(
    doc: Document,
    frames: Sequence[Frame],
    source: Source,
    codec: Codec,
    format: Format,
    negatives: Sequence[FrameType],
    settings: Augmentation,
    rng: random.Random,
) -> list[Pair | None]:
    """The items that tell what is known of a document; none where there is nothing to tell.

    One for all relations of the document's entities, or one for each of up to ``max_given`` events that have
    roles; None where the answer cannot be written.

    Args:
        frames: of the document, those of the source's schema.
    """
    if source.family == "relations":
        entities = given_entities(doc, source.schema)
        if len({entity.mention for entity in entities}) < 2:
            return []
        given = told_entities(entities, doc.text, codec.writing)
        return [_relations(doc, frames, given, source, codec, format, negatives, settings, rng)]
    events = [frame for frame in frames if frame.filler is not None and source.schema[frame.type].slots]
    some = sorted(rng.sample(range(len(events)), min(settings.max_given, len(events))))
    return [_arguments(doc, events[i], frames, source, codec, format, settings, rng) for i in some]


def _relations(
    doc: Document,
    frames: Sequence[Frame],
    given: str,
    source: Source,
    codec: Codec,
    format: Format,
    negatives: Sequence[FrameType],
    settings: Augmentation,
    rng: random.Random,
) -> Pair | None:
    asked, answer = augment(
        source.schema, frames, aliases=source.aliases, negatives=negatives, rng=rng, settings=settings
    )
    try:
        text = format.write(to_drafts(answer, codec.view(doc.text), asked), asked, codec.writing)
    except FormatError:
        return None
    words = wording("given_relations", settings, rng)
    return format.prompt(asked, doc.text, codec.writing, given=given, wording=words), text


def _arguments(
    doc: Document,
    event: Frame,
    frames: Sequence[Frame],
    source: Source,
    codec: Codec,
    format: Format,
    settings: Augmentation,
    rng: random.Random,
) -> Pair | None:
    event_type = source.schema[event.type]
    fillers = ((slot.role, _mention(slot, frames)) for slot in event.slots)
    arguments = canonical(Frame(role, filler) for role, filler in fillers if filler is not None)
    asked, answer = augment(roles_of(event_type), arguments, aliases={}, negatives=(), rng=rng, settings=settings)
    try:
        text = format.write(to_drafts(answer, codec.view(doc.text), asked), asked, codec.writing)
    except FormatError:
        return None
    trigger = event.filler.texts_in(doc.text) if event.filler is not None else ()
    given = told_trigger(event_type.label, trigger, codec.writing)
    words = wording("arguments", settings, rng)
    return format.prompt(asked, doc.text, codec.writing, given=given, task="arguments", wording=words), text


def _mention(slot: Slot, frames: Sequence[Frame]) -> Mention | None:
    return slot.filler if isinstance(slot.filler, Mention) else frames[slot.filler.index].filler
