# SPDX-License-Identifier: Apache-2.0
"""Scores of a model on the sub-tasks of one capability (UC-UIE, tables 5 and 6): judging, locating, associating.

The test part of each sub-task is made of a split's gold frames (`formats.subtasks`); answers are scored as extraction
is, ``strict``: judging by types, locating by label and offsets, associating by whole relations and opinions and by
the arguments of events.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ..corpora import corpus
from ..errors import FormatError, InputError
from ..extractor import Extractor
from ..formats.drafts import frames_of
from ..formats.format import needs_given
from ..formats.given import view_of
from ..formats.grounding import Grounded, ground
from ..formats.subtasks import Subtask, judged_schema, located_schema, subtasks_of, told_beforehand
from ..frames import Document, Frame, Reject, canonical, renumber
from ..prompt import CAPABILITIES, Capability, Completion, Model, Request
from ..schema import Family, Schema
from ..text import TextView
from .items import Part, Prediction
from .report import SCORE_COLUMNS, PartScore, part_scores
from .run import WHOLE, first_documents, schema_part
from .scorers import SCORERS
from .scores import Score
from .tables import Cell, Table

SUBSETS: Mapping[str, tuple[int, int, int] | None] = {
    "J": (1, 0, 0),
    "L": (0, 1, 0),
    "A": (0, 0, 1),
    "J+L": (1, 1, 0),
    "J+A": (1, 0, 1),
    "L+A": (0, 1, 1),
    "J+L+A": (1, 1, 1),
    "soft": None,
}
"""The columns of the paper's tables: capabilities to be forced; None leaves it to the gates."""
_ASSOCIATED: Mapping[Family, Part] = {"relations": "relations", "events": "arguments", "opinions": "opinions"}


@dataclass(frozen=True, slots=True)
class SubtaskEvaluation:
    """Scores under ``strict`` of each sub-task and family.

    ``errors`` are questions that the model has no room for, or that it or its tokenizer failed on: what they should
    have found counts as missed.
    """

    corpus: str
    split: str
    model: str
    format: str
    documents: int
    scores: Mapping[Capability, Mapping[Family, PartScore]]
    errors: int

    def score(self, capability: Capability) -> Score:
        """The micro score of a sub-task over all families."""
        return sum((found.score for found in self.scores.get(capability, {}).values()), Score())

    @property
    def f1(self) -> dict[str, float]:
        """F1 of each sub-task that has a question."""
        return {capability: self.score(capability).f1 for capability in self.scores}

    def to_dict(self) -> dict[str, object]:
        """The evaluation as JSON values."""
        scores = {
            capability: {
                family: {**dict(zip(SCORE_COLUMNS, found.cells(), strict=True)), "support": found.score.support}
                for family, found in families.items()
            }
            for capability, families in self.scores.items()
        }
        about = {name: getattr(self, name) for name in ("corpus", "split", "model", "format", "documents", "errors")}
        return {"scorer": "strict", **about, "subtasks": scores, "f1": self.f1}

    def table(self) -> Table:
        """One row per sub-task and family."""
        rows = [
            (capability, family, *found.cells(), found.score.support)
            for capability, families in self.scores.items()
            for family, found in families.items()
        ]
        title = f"strict, sub-tasks of {self.corpus} {self.split} ({self.documents:,}), {self.model}, {self.format}"
        return Table(title, ("sub-task", "family", *SCORE_COLUMNS, "support"), tuple(rows))


def evaluate_subtasks(
    name: str,
    split: str = "test",
    model: Model | str = "nano",
    *,
    adapter: str | None = None,
    capabilities: str | Sequence[int] | None = None,
    format: str = "listing",
    families: Sequence[Family] = (),
    only: Sequence[Capability] = CAPABILITIES,
    limit: int = 0,
    grammar: bool = True,
    batch_size: int = 16,
    data_dir: str | Path | None = None,
    on_question: Callable[[int], None] = lambda done: None,
) -> SubtaskEvaluation:
    """Ask the sub-tasks of every document of a split, shown whole, and score the answers.

    Args:
        capabilities: those of a capability adapter that are to act, when ``model`` is a name; see `Extractor`.
        families: parts of the schema to ask about; empty: all.
        only: sub-tasks to ask.
        limit: the first so many documents; 0: all.

    Raises:
        LoremillError: unknown corpus or split, no data, or a model or format that cannot be used.
    """
    entry = corpus(name)
    schema = schema_part(entry.schema_for(data_dir), families, name)
    docs = first_documents(entry, split, limit, data_dir)
    extractor = Extractor(
        model,
        schema,
        adapter=adapter,
        capabilities=capabilities,
        format=format,
        grammar=grammar,
        batch_size=batch_size,
        window=WHOLE,
    )
    if needs_given(extractor.format):
        raise InputError(f"sub-tasks need a format that writes frames, got {format!r}")
    found: dict[tuple[Capability, Family], list[Prediction]] = {}
    errors = 0
    answers = _answers(extractor, _questions(docs, schema, only))
    for done, (subtask, prediction, is_error) in enumerate(answers, start=1):
        found.setdefault((subtask.capability, subtask.family), []).append(prediction)
        errors += is_error
        on_question(done)
    scores: dict[Capability, dict[Family, PartScore]] = {}
    for capability, family in sorted(found, key=lambda key: (CAPABILITIES.index(key[0]), key[1])):
        asked, part = _scored(capability, schema.family(family))
        scored = part_scores(found[capability, family], asked, SCORERS["strict"], [part])
        scores.setdefault(capability, {})[family] = scored[part]
    return SubtaskEvaluation(name, split, extractor.identity.get("model", "?"), format, len(docs), scores, errors)


def subset_table(runs: Mapping[str, Sequence[Mapping[str, float]]], *, title: str) -> Table:
    """F1 by what was asked (rows) and by the capabilities that acted (columns), the unweighted mean over runs.

    Args:
        runs: column, as of `SUBSETS`, to the F1 by row of each run: `SubtaskEvaluation.f1` for table 5.
    """
    names = list(dict.fromkeys(row for several in runs.values() for run in several for row in run))
    rows: list[tuple[Cell, ...]] = []
    for name in names:
        values = [[run[name] for run in several if name in run] for several in runs.values()]
        rows.append((name, *(sum(v) / len(v) if v else None for v in values)))
    return Table(title, ("asked", *runs), tuple(rows))


def _questions(
    docs: Iterable[Document], schema: Schema, only: Sequence[Capability]
) -> Iterator[tuple[Document, Subtask]]:
    for doc in docs:
        for family in schema.families:
            part = schema.family(family)
            for subtask in subtasks_of(canonical(frames_of(doc, part)), part):
                if subtask.capability in only:
                    yield doc, subtask


@dataclass(frozen=True, slots=True)
class _Ask:
    """A question under way; without a view it could not be asked."""

    doc: Document
    subtask: Subtask
    view: TextView | None


def _answers(
    extractor: Extractor, questions: Iterable[tuple[Document, Subtask]]
) -> Iterator[tuple[Subtask, Prediction, bool]]:
    """Each sub-task with gold and answer, and whether it failed, in the order of the questions."""
    waiting: deque[_Ask] = deque()

    def requests() -> Iterator[Request]:
        for doc, subtask in questions:
            asked = _request(extractor, doc, subtask)
            waiting.append(_Ask(doc, subtask, asked[0] if asked is not None else None))
            if asked is not None:
                yield asked[1]

    def failed() -> Iterator[tuple[Subtask, Prediction, bool]]:
        while waiting and waiting[0].view is None:
            ask = waiting.popleft()
            yield ask.subtask, _prediction(ask, (), ()), True

    for completion in extractor.model.complete(requests()):
        yield from failed()
        ask = waiting.popleft()
        assert ask.view is not None
        frames, rejects = _read(extractor, ask.view, ask.subtask, completion)
        yield ask.subtask, _prediction(ask, frames, rejects), completion.error is not None
    yield from failed()


def _request(extractor: Extractor, doc: Document, subtask: Subtask) -> tuple[TextView, Request] | None:
    """The view in which an answer's words are looked up, and the request; None where it cannot be asked."""
    view = extractor.model.view(doc.text)
    if subtask.capability == "associating":
        view = view_of([span.mention for span in subtask.spans], view)
    try:
        given = told_beforehand(subtask, doc.text, extractor.model.writing)
        prompt = extractor.asker.prompt(subtask.schema, doc.text, task=subtask.capability, given=given)
        extractor.format.read("", subtask.schema, extractor.model.writing)
        return (
            (view, extractor.asker.request(prompt, subtask.schema, view)[0])
            if extractor.asker.has_room(prompt)
            else None
        )
    except FormatError:
        return None


def _read(
    extractor: Extractor, view: TextView, subtask: Subtask, completion: Completion
) -> tuple[tuple[Frame, ...], list[Reject]]:
    drafts, rejects = extractor.asker.read(completion, subtask.schema)
    known = frozenset(span.mention for span in subtask.spans)
    grounded = ground(view, drafts, completion.text, subtask.schema, known=known)
    kept = [
        i
        for i, frame in enumerate(grounded.frames)
        if subtask.capability != "associating" or known.issuperset(frame.mentions())
    ]
    new_index = {old: new for new, old in enumerate(kept)}
    lost = _strangers(grounded, set(kept), completion.text)
    return tuple(renumber(grounded.frames[i], new_index) for i in kept), [*rejects, *grounded.rejects, *lost]


def _strangers(grounded: Grounded, kept: set[int], text: str) -> Iterator[Reject]:
    """What was said about anything but the spans that were told."""
    for i, draft in enumerate(grounded.drafts):
        if i not in kept:
            yield Reject(text[slice(*draft.range)].strip(), "ungrounded", range=draft.range, draft=draft)


def _prediction(ask: _Ask, frames: Sequence[Frame], rejects: Sequence[Reject]) -> Prediction:
    return Prediction(Document(ask.doc.text, ask.doc.id, ask.subtask.frames), frames, rejects)


def _scored(capability: Capability, schema: Schema) -> tuple[Schema, Part]:
    """The schema that answers of a sub-task are of, whichever types are there, and what of them is scored."""
    if capability == "judging":
        return judged_schema(schema), "classes"
    if capability == "locating":
        return located_schema(schema), "entities"
    return schema, _ASSOCIATED[schema.families[0]]
