# SPDX-License-Identifier: Apache-2.0
"""Types of given mentions: the words are told, their type is asked for (MoLE-CIE, table 7)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from ..assembly import Assembly, assembled, assembly_of, describe, without
from ..errors import FormatError
from ..extraction import Extraction
from ..extractor import Extractor
from ..formats.format import needs_given
from ..formats.typing import given_mentions, given_roles, told
from ..frames import Document, Frame, Reject, canonical
from ..prompt import Completion, Request
from .questions import Ask, Question, ask


def assign_types(extractor: Extractor, docs: Iterable[Document]) -> Iterator[Extraction]:
    """The documents' own frames, each with the type that the model gives to its mentions.

    For a schema of entities or events these are a frame's filler, for one of relations or opinions its slots';
    a frame without them is passed over. Which type it has already does not matter (``"?"`` will do), and is
    replaced; all else of it stays, and its score is the probability of the answer. Every frame is asked for by
    itself, two of the same mentions too, in the first window that holds its mentions; one that lies in none is an
    error of its document. A frame whose answer is no type is on the ledger, as ``words: answer``.
    `Extraction.coverage` is the share of the text that lies in such windows.

    Raises:
        FormatError: the extractor's format does not ask for types, or its schema has several families.
        SchemaError: the schema is one of classes, or of relations with different roles.
        StrictError: under the extractor's ``strict``, at the first document that failed or lost an item.
    """
    if not needs_given(extractor.format):
        raise FormatError(f"assign_types needs an extractor of format 'typing', got {extractor.identity['format']!r}")
    return _assigned(extractor, docs, given_roles(extractor.schema))


def _assigned(extractor: Extractor, docs: Iterable[Document], roles: Sequence[str]) -> Iterator[Extraction]:
    typed: defaultdict[int, dict[int, Frame]] = defaultdict(dict)  # by assembly under way, then by number of the frame

    def requests(assembly: Assembly) -> Iterator[tuple[Ask, Request]]:
        questions = list(_questions(extractor, assembly.doc, roles)) if assembly.error is None else ()
        yield from ask(extractor, assembly, questions)

    def take(assembly: Assembly, asked: Ask, completion: Completion) -> None:
        frame = _take(extractor, assembly, asked, completion)
        if frame is not None:
            typed[id(assembly)][asked.question.frame] = frame

    assemblies = (assembly_of(doc, str(number)) for number, doc in enumerate(docs))
    for assembly in assembled(extractor.model, assemblies, requests, take):
        yield extractor.checked(_result(extractor, assembly, typed.pop(id(assembly), {})), is_whole=False)


def _questions(extractor: Extractor, doc: Document, roles: Sequence[str]) -> Iterator[Question]:
    """One for each frame that has the mentions that are given."""
    bare = extractor.asker.prompt(extractor.schema, "", task="typing")
    for i, frame in enumerate(doc.frames):
        if mentions := given_mentions(frame, doc.frames, roles):
            prompt = replace(bare, given=told(mentions, doc.text, extractor.model.writing))
            yield Question(i, mentions, extractor.schema, prompt)


def _take(extractor: Extractor, assembly: Assembly, asked: Ask, completion: Completion) -> Frame | None:
    """The frame with its type, if the answer is one; what is not used of the answer is put on the ledger."""
    question = asked.question
    drafts, rejects = extractor.asker.read(completion, question.part)
    if not drafts and not rejects:
        rejects = [Reject("", "unparsable", range=(0, len(completion.text)))]
    for reject in rejects:
        item = ": ".join(filter(None, (question.prompt.given, reject.item)))
        family = extractor.schema.families[0]
        assembly.rejects.append(replace(reject, item=item, window=asked.window, family=family))
    if not drafts:
        return None
    score = completion.score(*drafts[0].range)
    return replace(assembly.doc.frames[question.frame], type=drafts[0].type, score=score)


def _result(extractor: Extractor, assembly: Assembly, typed: dict[int, Frame]) -> Extraction:
    """The extraction of the frames that were typed, those below the least score on the ledger."""
    result = assembly.result(extractor.schema, min_score=extractor.min_score)
    if result.error is not None:
        return result
    frames = [typed.get(i, frame) for i, frame in enumerate(assembly.doc.frames)]
    low = [i for i, f in typed.items() if f.score is not None and f.score < extractor.min_score]
    family = extractor.schema.families[0]
    rejects = [Reject(describe(typed[i], assembly.doc.text), "low score", family=family) for i in low]
    return replace(
        result,
        frames=canonical(without(frames, set(range(len(frames))) - typed.keys() | set(low))),
        rejected=(*result.rejected, *rejects),
        instructions=tuple(extractor.instructions.items()),
    )
