# SPDX-License-Identifier: Apache-2.0
"""Relations of given entities: their mentions are told, the relations among them are asked for (TA-MoELoRA).

The answer is written as one of relations always is. A grammar lets only words of the given mentions
through, and what an answer says about anything else goes to the ledger.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from ..assembly import Assembly, assembled, assembly_of
from ..errors import FormatError, SchemaError
from ..extraction import Extraction
from ..extractor import Extractor
from ..formats.format import needs_given
from ..formats.given import GivenEntity, given_entities, is_entity, told, view_of
from ..formats.grounding import Grounded, ground
from ..frames import Document, Reject, canonical
from ..prompt import Completion, Prompt, Request
from ..schema import Schema
from ..text import Mention, TextView
from ..windows import Part, told_smaller, windows


@dataclass(frozen=True, slots=True)
class _Ask:
    """A request under way: the relations it asks for, its window, and the mentions told, in the window's offsets."""

    part: Schema
    window: int
    start: int
    view: TextView
    mentions: frozenset[Mention]


def extract_relations(extractor: Extractor, docs: Iterable[Document]) -> Iterator[Extraction]:
    """The documents' own entities of the schema, and the schema's relations that are found among them.

    A document's entities are its frames of a filler alone; their types are told too, but for ``"?"`` (they need
    not be in the schema). Where there are none they are the mentions in the slots of its relations, told without a
    type. Which relations a document has already is not shown to the model. Each window is asked about by itself: all of
    its mentions are told, and relations are found among them only. A window with fewer than two is not read,
    and `Extraction.coverage` is the share of the text that was. A slot whose words are those of several given mentions
    is bound as in extraction, to the closest pair.

    Raises:
        SchemaError: the extractor's schema has no relations.
        FormatError: its format does not write relations.
        StrictError: under the extractor's ``strict``, at the first document that failed or lost an item.
    """
    if "relations" not in extractor.schema.families:
        got = ", ".join(extractor.schema.families)
        raise SchemaError(f"extract_relations needs a schema with relations, got only {got}")
    if needs_given(extractor.format):
        raise FormatError(
            f"extract_relations needs a format that writes relations, got {extractor.identity['format']!r}: "
            "assign_types asks for the types of given pairs"
        )
    return _extracted(extractor, docs)


def _extracted(extractor: Extractor, docs: Iterable[Document]) -> Iterator[Extraction]:
    wording = extractor.asker.wording("given_relations")
    bare = [
        (part, extractor.format.prompt(part, "", extractor.model.writing, wording=wording))
        for part in extractor.parts["relations"]
    ]

    def requests(assembly: Assembly) -> Iterator[tuple[_Ask, Request]]:
        if assembly.error is None:
            yield from _requests(extractor, assembly, bare)

    def take(assembly: Assembly, asked: _Ask, completion: Completion) -> None:
        _take(extractor, assembly, asked, completion)

    assemblies = (assembly_of(doc, str(number)) for number, doc in enumerate(docs))
    for assembly in assembled(extractor.model, assemblies, requests, take):
        result = assembly.result(extractor.schema, min_score=extractor.min_score)
        if result.error is None:
            own = [f for f in assembly.doc.frames if f.type in extractor.schema and is_entity(f, extractor.schema)]
            result = replace(
                result,
                frames=canonical((*own, *result.frames)),
                instructions=(("relations", bare[0][1].instruction),),
            )
        yield extractor.checked(result, is_whole=False)


def _requests(
    extractor: Extractor, assembly: Assembly, bare: Sequence[tuple[Schema, Prompt]]
) -> Iterator[tuple[_Ask, Request]]:
    """One for each window that holds two given mentions or more, and each part of the schema."""
    text, writing = assembly.doc.text, extractor.model.writing
    entities = given_entities(assembly.doc, extractor.schema)
    places = {entity.mention for entity in entities}
    if len(places) < 2:
        return
    words = [entity.mention.texts_in(text) for entity in entities]
    last = max(mention.end for mention in places)

    def prompts_of(piece: str, inside: Sequence[GivenEntity]) -> list[tuple[Schema, Prompt]]:
        given = told(inside, text, writing)
        return [(part, replace(prompt, text=piece, given=given)) for part, prompt in bare]

    def fits(piece: str) -> bool:  # with every entity whose words it has, for all that lie in it are among them
        inside = [e for e, w in zip(entities, words, strict=True) if all(f in piece for f in w)]
        return all(extractor.asker.has_room(prompt) for _, prompt in prompts_of(piece, inside))

    whole: set[Mention] = set()  # in a window
    smaller: Counter[Part] = Counter()
    for number, (start, end) in enumerate(windows(text, extractor.window, fits, smaller=smaller)):
        inside = [e for e in entities if start <= e.mention.start and e.mention.end <= end]
        mentions = list(dict.fromkeys(e.mention for e in inside))
        whole.update(mentions)
        if len(mentions) > 1:
            assembly.show(start, end)
            shifted = [mention.shift(-start) for mention in mentions]
            view = view_of(shifted, extractor.model.view(text[start:end]))
            for part, prompt in prompts_of(text[start:end], inside):
                request, notes = extractor.asker.request(prompt, part, view)
                for note in notes:
                    assembly.notes.add(note, window=number)
                yield _Ask(part, number, start, view, frozenset(shifted)), request
        if end >= last:
            break
    if smaller:
        assembly.notes.add(told_smaller(extractor.window, smaller))
    if cut := len(places - whole):
        assembly.notes.add(f"{cut:,} of {len(places):,} given mentions lie in no window and were not told")


def _take(extractor: Extractor, assembly: Assembly, asked: _Ask, completion: Completion) -> None:
    drafts, rejects = extractor.asker.read(completion, asked.part)
    found = ground(asked.view, drafts, completion.text, asked.part, known=asked.mentions)
    grounded = _among(asked.mentions, found, completion)
    grounded.rejects[:0] = rejects
    assembly.add(grounded, completion, window=asked.window, start=asked.start, family="relations")


def _among(mentions: Collection[Mention], grounded: Grounded, completion: Completion) -> Grounded:
    """Without the frames of which a slot is only part of a given mention: these are on the ledger."""
    kept = Grounded(rejects=grounded.rejects)
    for frame, draft in zip(grounded.frames, grounded.drafts, strict=True):
        if all(slot.filler in mentions for slot in frame.slots):
            kept.frames.append(frame)
            kept.drafts.append(draft)
        else:
            item = completion.text[slice(*draft.range)].strip(" ;,")
            kept.rejects.append(Reject(item, "ungrounded", range=draft.range, draft=draft))
    return kept
