# SPDX-License-Identifier: Apache-2.0
"""Items that tell what is known: entities, and their relations are asked for; a trigger, and its arguments are.

The prompts are those of `extract_relations` and `extract_arguments`.
"""

from __future__ import annotations

from collections.abc import Sequence

from ..corpora import Source
from ..errors import FormatError
from ..formats.format import told as told_trigger
from ..formats.given import given_entities
from ..formats.given import told as told_entities
from ..frames import Document, Frame, Slot, canonical
from ..given.arguments import roles_of
from ..text import Mention
from .augmentation import augment
from .config import Augmentation
from .making import Maker, Pair


def given_share(source: Source, settings: Augmentation) -> float:
    """How many of a source's items tell what is known, as far as there is something to tell."""
    return settings.given if source.given is None else source.given


def tells_entities(sources: Sequence[Source], settings: Augmentation) -> bool:
    """Whether most items of a data set's relations tell the entities: how such a model is best asked for them."""
    shares = (given_share(source, settings) for source in sources if source.family == "relations")
    return max(shares, default=0.0) > 0.5


def given_pairs(doc: Document, frames: Sequence[Frame], maker: Maker) -> list[Pair | None]:
    """The items that tell what is known of a document; none where there is nothing to tell.

    One for all relations of the document's entities, or one for each of up to ``max_given`` events that have
    roles; None where the answer cannot be written.

    Args:
        frames: of the document, those of the source's schema.
    """
    source = maker.source
    if source.family == "relations":
        entities = given_entities(doc, source.schema)
        if len({entity.mention for entity in entities}) < 2:
            return []
        given = told_entities(entities, doc.text, maker.codec.writing)
        return [_relations(doc, frames, given, maker)]
    events = [frame for frame in frames if frame.filler is not None and source.schema[frame.type].slots]
    some = sorted(maker.rng.sample(range(len(events)), min(maker.settings.max_given, len(events))))
    return [_arguments(doc, events[i], frames, maker) for i in some]


def _relations(doc: Document, frames: Sequence[Frame], given: str, maker: Maker) -> Pair | None:
    asked, answer = maker.variant(frames)
    try:
        text = maker.answer(answer, doc.text, asked)
    except FormatError:
        return None
    words = maker.wording("given_relations")
    return maker.format.prompt(asked, doc.text, maker.codec.writing, given=given, wording=words), text


def _arguments(doc: Document, event: Frame, frames: Sequence[Frame], maker: Maker) -> Pair | None:
    writing = maker.codec.writing
    event_type = maker.source.schema[event.type]
    fillers = ((slot.role, _mention(slot, frames)) for slot in event.slots)
    arguments = canonical(Frame(role, filler) for role, filler in fillers if filler is not None)
    asked, answer = augment(
        roles_of(event_type), arguments, aliases={}, negatives=(), rng=maker.rng, settings=maker.settings
    )
    try:
        text = maker.answer(answer, doc.text, asked)
    except FormatError:
        return None
    trigger = event.filler.texts_in(doc.text) if event.filler is not None else ()
    given = told_trigger(event_type.label, trigger, writing)
    words = maker.wording("arguments")
    return maker.format.prompt(asked, doc.text, writing, given=given, task="arguments", wording=words), text


def _mention(slot: Slot, frames: Sequence[Frame]) -> Mention | None:
    return slot.filler if isinstance(slot.filler, Mention) else frames[slot.filler.index].filler
