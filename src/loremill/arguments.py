# SPDX-License-Identifier: Apache-2.0
"""Arguments of given events: the trigger is told, the roles are asked for (RUIE, tables 12 and 13, EAE).

The roles of an event type become the types of a schema, so that the answer is a plain list,
``attacker: rebels; time: Monday``, written, held to a grammar and read like one of entities.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from .assembly import Assembly, assembled
from .errors import InputError
from .extraction import Extraction
from .extractor import Extractor, assembly_of
from .formats.format import told
from .formats.grounding import ground
from .frames import Document, Draft, DraftSlot, Frame, Piece
from .prompt import Completion, Prompt, Request
from .schema import FrameType, Schema
from .text import Mention, TextView
from .windows import windows


@dataclass(frozen=True, slots=True)
class _Ask:
    """One event under way: its place in the document and the window it is shown in."""

    frame: Frame
    trigger: Mention
    view: TextView
    window: int
    start: int


def extract_arguments(extractor: Extractor, docs: Iterable[Document]) -> Iterator[Extraction]:
    """The documents' own events, each with the arguments found for its trigger.

    Slots that an event has already are not shown to the model and are replaced. Frames without a
    trigger, without roles or of a type outside the extractor's schema are passed over. Each event is
    asked for in the first window that holds its trigger; a trigger that lies in none is an error of
    its document. `Extraction.coverage` is the share of the text that lies in such windows.

    Raises:
        StrictError: under the extractor's ``strict``, at the first document that failed or lost an item.
    """

    def requests(assembly: Assembly) -> Iterator[tuple[_Ask, Request]]:
        return _requests(extractor, assembly)

    def take(assembly: Assembly, ask: _Ask, completion: Completion) -> None:
        _take(extractor, assembly, ask, completion)

    assemblies = (assembly_of(doc, str(number)) for number, doc in enumerate(docs))
    for assembly in assembled(extractor.model, assemblies, requests, take):
        yield extractor.checked(assembly.result(min_score=extractor.min_score), is_whole=False)


def roles_of(event_type: FrameType) -> Schema:
    """A schema whose types are the roles of an event type."""
    return Schema(tuple(FrameType(s.name, s.label, "entities", description=s.description) for s in event_type.slots))


def _requests(extractor: Extractor, assembly: Assembly) -> Iterator[tuple[_Ask, Request]]:
    if assembly.error is not None:
        return
    text = assembly.doc.text
    for frame in assembly.doc.frames:
        if frame.filler is None or frame.type not in extractor.schema or not extractor.schema[frame.type].slots:
            continue
        number, (start, end) = _window(extractor, frame, frame.filler, text)
        assembly.show(start, end)
        view = extractor.model.view(text[start:end])
        prompt = _prompt(extractor, frame, frame.filler, text, text[start:end])
        request, notes = extractor.request(prompt, roles_of(extractor.schema[frame.type]), view)
        for note in notes:
            assembly.notes.add(note, window=number)
        yield _Ask(frame, frame.filler, view, number, start), request


def _window(extractor: Extractor, frame: Frame, trigger: Mention, text: str) -> tuple[int, tuple[int, int]]:
    """The first window that holds the trigger, and its number."""

    def fits(piece: str) -> bool:
        return extractor.has_room(_prompt(extractor, frame, trigger, text, piece))

    for number, (start, end) in enumerate(windows(text, extractor.window, fits)):
        if start <= trigger.start and trigger.end <= end:
            return number, (start, end)
    raise InputError(f"the trigger at {trigger.start}:{trigger.end} lies in no window: use wider ones")


def _prompt(extractor: Extractor, frame: Frame, trigger: Mention, text: str, shown: str) -> Prompt:
    event_type = extractor.schema[frame.type]
    return extractor.format.prompt(
        roles_of(event_type),
        shown,
        extractor.model.writing,
        given=told(event_type.label, trigger.texts_in(text), extractor.model.writing),
        task="arguments",
        wording=extractor.wording("arguments"),
    )


def _take(extractor: Extractor, assembly: Assembly, ask: _Ask, completion: Completion) -> None:
    event_type = extractor.schema[ask.frame.type]
    drafts, rejects = extractor.read(completion, roles_of(event_type))
    slots = tuple(DraftSlot(d.type, d.filler, d.range) for d in drafts if d.filler is not None)
    whole = Draft(ask.frame.type, Piece(("",)), slots, range=(0, len(completion.text)))
    trigger = ask.trigger.shift(-ask.start)
    grounded = ground(ask.view, [whole], completion.text, Schema((event_type,)), fillers=[trigger])
    grounded.rejects[:0] = rejects
    grounded.frames = [replace(f, attributes=ask.frame.attributes) for f in grounded.frames]
    assembly.add(grounded, completion, window=ask.window, start=ask.start, family="events")
