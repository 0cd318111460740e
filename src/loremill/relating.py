# SPDX-License-Identifier: Apache-2.0
"""Relations among mentions that are told: what is asked of each window of a document, and what answers are read into.

The answer is written as one of relations always is. A grammar lets only words of the told mentions
through, and what an answer says about anything else goes to the ledger.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter, deque
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from .asking import Asker
from .assembly import Assembly, assembled, assembly_of
from .extraction import Extraction
from .formats.given import GivenEntity, given_entities, tellable, told, view_of
from .formats.grounding import Grounded, ground
from .frames import Document, Reject, canonical
from .prompt import Completion, Prompt, Request
from .schema import Schema
from .text import Mention, TextView
from .windows import Part, Window, told_smaller, windows

_BLANKS = re.compile(r"\s*")


@dataclass(frozen=True, slots=True)
class _Ask:
    """A request under way: the relations it asks for, its window, and the mentions told, in the window's offsets."""

    part: Schema
    window: int
    start: int
    view: TextView
    mentions: frozenset[Mention]


class Relating:
    """The relations of an `Asker`'s schema, asked for among the entities that documents bring.

    Args:
        window: how documents are cut; a window with fewer than two of the entities is not read.
    """

    def __init__(self, asker: Asker, schema: Schema, window: Window) -> None:
        self.asker, self.schema, self.window = asker, schema, window
        self.bare: list[tuple[Schema, Prompt]] = [
            (part, asker.prompt(part, "", pool="given_relations")) for part in asker.parts["relations"]
        ]

    @property
    def instruction(self) -> str:
        """What is asked, in words."""
        return self.bare[0][1].instruction

    def related(self, extractions: Iterable[Extraction], *, min_score: float = 0.0) -> Iterator[Extraction]:
        """Extractions in their order, each with the relations that are found among its entities, at flat memory."""
        known: deque[Extraction] = deque()

        def assemblies() -> Iterator[Assembly]:
            for extraction in extractions:
                known.append(extraction)
                assembly = assembly_of(Document(extraction.text, extraction.id, extraction.frames), extraction.id)
                assembly.error = assembly.error or extraction.error
                yield assembly

        for assembly in self.assembled(assemblies()):
            first, found = known.popleft(), assembly.result(self.schema, min_score=min_score)
            usage, notes = first.usage + found.usage, first.notes + found.notes
            if first.error is not None:
                yield first
            elif found.error is not None:
                yield replace(Extraction.failed(first.id, first.text, found.error), usage=usage, notes=notes)
            else:
                frames, rejected = canonical((*first.frames, *found.frames)), first.rejected + found.rejected
                yield replace(first, frames=frames, rejected=rejected, usage=usage, notes=notes)

    def assembled(self, assemblies: Iterable[Assembly]) -> Iterator[Assembly]:
        """Assemblies in their order, with what was found among the entities of their documents."""

        def requests(assembly: Assembly) -> Iterator[tuple[_Ask, Request]]:
            if assembly.error is None:
                yield from self._requests(assembly)

        return assembled(self.asker.model, assemblies, requests, self._take)

    def _requests(self, assembly: Assembly) -> Iterator[tuple[_Ask, Request]]:
        """One for each window that holds two given mentions or more, and each part of the schema."""
        text, writing = assembly.doc.text, self.asker.model.writing
        entities = given_entities(assembly.doc, self.schema)
        places = {entity.mention for entity in entities}
        if len(places) < 2:
            return
        starts = [entity.mention.start for entity in entities]
        last = max(mention.end for mention in places)
        reached = (0, _after_blanks(text, 0))  # what is tried next begins in there

        def prompts_of(piece: str, inside: Sequence[GivenEntity]) -> list[tuple[Schema, Prompt]]:
            given = told(inside, text, writing)
            return [(part, replace(prompt, text=piece, given=given)) for part, prompt in self.bare]

        def fits(piece: str) -> bool:
            # With every entity near by whose words it has, for all that lie in it are among them.
            near = slice(bisect_left(starts, reached[0]), bisect_left(starts, reached[1] + len(piece)))
            inside = [e for e in entities[near] if all(fragment in piece for fragment in e.mention.texts_in(text))]
            return all(self.asker.has_room(prompt) for _, prompt in prompts_of(piece, inside))

        whole: set[Mention] = set()  # in a window
        smaller: Counter[Part] = Counter()
        for number, (start, end) in enumerate(windows(text, self.window, fits, smaller=smaller)):
            reached = (start, _after_blanks(text, end))
            begun = entities[bisect_left(starts, start) : bisect_left(starts, end)]
            inside = [e for e in begun if e.mention.end <= end]
            mentions = list(dict.fromkeys(e.mention for e in inside))
            whole.update(mentions)
            if len(mentions) > 1:
                assembly.show(start, end)
                shifted = [mention.shift(-start) for mention in mentions]
                shown = self.asker.model.view(text[start:end])
                view = view_of(shifted, shown)
                among = tellable([replace(e, mention=e.mention.shift(-start)) for e in inside], shown)
                for part, prompt in prompts_of(text[start:end], inside):
                    request, notes = self.asker.request(prompt, part, view, among)
                    for note in notes:
                        assembly.notes.add(note, window=number)
                    yield _Ask(part, number, start, view, frozenset(shifted)), request
            if end >= last:
                break
        if smaller:
            assembly.notes.add(told_smaller(self.window, smaller))
        if cut := len(places - whole):
            assembly.notes.add(f"{cut:,} of {len(places):,} given mentions lie in no window and were not told")

    def _take(self, assembly: Assembly, asked: _Ask, completion: Completion) -> None:
        drafts, rejects = self.asker.read(completion, asked.part)
        found = ground(asked.view, drafts, completion.text, asked.part, known=asked.mentions)
        grounded = _among(asked.mentions, found, completion)
        grounded.rejects[:0] = rejects
        assembly.add(grounded, completion, window=asked.window, start=asked.start, family="relations")


def _after_blanks(text: str, start: int) -> int:
    found = _BLANKS.match(text, start)
    return found.end() if found else start


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
