# SPDX-License-Identifier: Apache-2.0
"""Arguments of given events: the trigger is told, the roles are asked for (RUIE, tables 12 and 13, EAE).

The roles of an event type become the types of a schema, so that the answer is a plain list,
``attacker: rebels; time: Monday``, written, held to a grammar and read like one of entities.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from ..assembly import Assembly, assembled, assembly_of
from ..extraction import Extraction
from ..extractor import Extractor
from ..formats.format import told
from ..formats.grounding import ground
from ..frames import Document, Draft, DraftSlot, Frame, Piece
from ..prompt import Completion, Request
from ..schema import FrameType, Schema
from ..text import Mention
from .questions import Ask, Question, ask


def extract_arguments(extractor: Extractor, docs: Iterable[Document]) -> Iterator[Extraction]:
    """The documents' own events, each with the arguments found for its trigger.

    Slots that an event has already are not shown to the model and are replaced. Frames without a
    trigger, without roles or of a type outside the extractor's schema are passed over. Each event is
    asked for in the first window that holds its trigger; a trigger that lies in none is an error of
    its document. `Extraction.coverage` is the share of the text that lies in such windows.

    Raises:
        StrictError: under the extractor's ``strict``, at the first document that failed or lost an item.
    """

    def requests(assembly: Assembly) -> Iterator[tuple[Ask, Request]]:
        yield from ask(extractor, assembly, list(_questions(extractor, assembly.doc)) if assembly.error is None else ())

    def take(assembly: Assembly, asked: Ask, completion: Completion) -> None:
        _take(extractor, assembly, asked, completion)

    assemblies = (assembly_of(doc, str(number)) for number, doc in enumerate(docs))
    for assembly in assembled(extractor.model, assemblies, requests, take):
        yield extractor.checked(assembly.result(extractor.schema, min_score=extractor.min_score), is_whole=False)


def roles_of(event_type: FrameType) -> Schema:
    """A schema whose types are the roles of an event type."""
    return Schema(tuple(FrameType(s.name, s.label, "entities", description=s.description) for s in event_type.slots))


def _questions(extractor: Extractor, doc: Document) -> Iterator[Question]:
    """One for each event of the schema that has roles."""
    for i, frame in enumerate(doc.frames):
        if frame.filler is None or frame.type not in extractor.schema or not extractor.schema[frame.type].slots:
            continue
        yield _question(extractor, i, frame, frame.filler, doc.text)


def _question(extractor: Extractor, number: int, frame: Frame, trigger: Mention, text: str) -> Question:
    event_type = extractor.schema[frame.type]
    roles = roles_of(event_type)
    given = told(event_type.label, trigger.texts_in(text), extractor.model.writing)
    return Question(number, (trigger,), roles, extractor.asker.prompt(roles, "", task="arguments", given=given))


def _take(extractor: Extractor, assembly: Assembly, asked: Ask, completion: Completion) -> None:
    event = assembly.doc.frames[asked.question.frame]
    drafts, rejects = extractor.asker.read(completion, asked.question.part)
    slots = tuple(DraftSlot(d.type, d.filler, d.range) for d in drafts if d.filler is not None)
    whole = Draft(event.type, Piece(("",)), slots, range=(0, len(completion.text)))
    triggers = [mention.shift(-asked.start) for mention in asked.question.mentions]
    grounded = ground(asked.view, [whole], completion.text, Schema((extractor.schema[event.type],)), fillers=triggers)
    grounded.rejects[:0] = rejects
    grounded.frames = [replace(frame, attributes=event.attributes) for frame in grounded.frames]
    assembly.add(grounded, completion, window=asked.window, start=asked.start, family="events")
