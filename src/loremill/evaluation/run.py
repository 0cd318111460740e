# SPDX-License-Identifier: Apache-2.0
"""An extractor's scores on a split of a corpus.

The one file of this package that looks upwards, to the Extractor: it is what ``loremill evaluate`` and
recipes call.
"""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any

from ..corpora import Corpus, corpus
from ..errors import InputError
from ..extraction import Extraction
from ..extractor import Extractor
from ..formats.drafts import frames_of
from ..formats.format import needs_given
from ..frames import Document
from ..given.arguments import extract_arguments
from ..given.relations import extract_relations
from ..given.types import assign_types
from ..prompt import Model
from ..schema import Family, Schema
from ..windows import Window
from .calibration import auroc, ece
from .items import FAMILY, Part, Prediction, parts_of
from .report import SCORE_COLUMNS, part_scores
from .saved import describe_run, save_run
from .scorers import SCORERS
from .scores import Score
from .significance import Interval
from .strict import judged
from .tables import Table
from .text import text_f1

WHOLE = Window(unit="document")
"""A corpus' documents are what its annotators saw: shown whole where they fit."""


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Scores by part under `strict` and of text alone, calibration, and what was not used."""

    corpus: str
    split: str
    model: str
    format: str
    grammar: bool
    given: bool
    documents: int
    seconds: float
    strict: dict[Part, Score]
    intervals: dict[Part, Interval]
    text: dict[Part, Score]
    auroc: dict[Part, float | None]
    ece: dict[Part, float | None]
    rejected: dict[str, int]
    errors: int

    @property
    def seconds_per_100(self) -> float:
        """Seconds per 100 documents, model loading left out."""
        return 100 * self.seconds / self.documents if self.documents else 0.0

    @property
    def run(self) -> dict[str, Any]:
        """What was evaluated and how."""
        names = ("corpus", "split", "model", "format", "grammar", "given")
        return {**{name: getattr(self, name) for name in names}, "parts": list(self.strict)}

    def table(self) -> Table:
        """One row per part; the title names scorer, data, model and decoding."""
        return evaluation_table([self])


def evaluation_table(evaluations: Sequence[Evaluation]) -> Table:
    """One row per part of each evaluation."""
    titles = [describe_run(e.run, e.documents) for e in evaluations]
    is_one = len(evaluations) == 1
    columns = (*SCORE_COLUMNS, "text f1", "support", "auroc", "ece")
    rows = []
    for e in evaluations:
        for part, s in e.strict.items():
            names = (part,) if is_one else (f"{e.corpus} {e.split} ({e.documents:,})", part)
            f1 = (s.precision, s.recall, s.f1, e.intervals[part].low, e.intervals[part].high, e.text[part].f1)
            rows.append((*names, *f1, s.support, e.auroc[part], e.ece[part]))
    title = f"strict, {titles[0] if is_one else titles[0].partition('), ')[2]}"
    return Table(title, (("part",) if is_one else ("data", "part")) + columns, tuple(rows))


def evaluate_corpus(
    name: str,
    split: str = "test",
    model: Model | str = "nano",
    *,
    adapter: str | None = None,
    capabilities: str | Sequence[int] | None = None,
    format: str = "listing",
    families: Sequence[Family] = (),
    limit: int = 0,
    grammar: bool = True,
    given: bool = False,
    batch_size: int = 16,
    types_per_request: int | None = None,
    span_head: bool = True,
    span_threshold: float | None = None,
    data_dir: str | Path | None = None,
    output: str | Path | None = None,
    on_document: Callable[[int], None] = lambda done: None,
) -> Evaluation:
    """Extract every document of a split under the corpus' own schema, and score it.

    Documents are shown whole. With ``output`` a folder, the run is saved there (see `saved`), so that it can be counted
    again under any scorer, beside ``scores.json``.

    In the format ``typing`` the model is told the gold mentions of the one family asked for; with a grammar
    every mention gets a type, so that the F1 of its part is the accuracy of the types.

    Args:
        capabilities: of a capability adapter, see `Extractor`.
        families: parts of the schema to ask for; empty: all.
        limit: the first so many documents; 0: all.
        format: how frames are written.
        given: tell the model what is known, and ask for the rest of one family: of events the gold triggers, for
            their arguments; of relations the gold entities (of a corpus without any, the gold pairs' mentions),
            for the relations among them.
        types_per_request, span_head, span_threshold: see `Extractor`.

    Raises:
        LoremillError: unknown corpus or split, no data, or a model or format that cannot be used.
    """
    entry = corpus(name)
    schema = schema_part(entry.schema_for(data_dir), families, name)
    if given:
        schema = schema.family(_given_family(schema, name))
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
        types_per_request=types_per_request,
        span_head=span_head,
        span_threshold=span_threshold,
    )
    is_typing = needs_given(extractor.format)
    if is_typing and given:
        raise InputError(
            f"given asks for arguments or relations, which the format {format!r} does not write: leave out one"
        )
    if is_typing and len(schema.families) > 1:
        raise InputError(f"the format {format!r} types one family at a time: choose of {', '.join(schema.families)}")
    started = time.perf_counter()
    extractions = []
    for extraction in _extractions(extractor, docs, given=given):
        extractions.append(extraction)
        on_document(len(extractions))
    seconds = time.perf_counter() - started
    gold = [_gold(doc, schema) for doc in docs]
    predictions = [Prediction(g, e.frames, e.rejected) for g, e in zip(gold, extractions, strict=True)]
    scores = part_scores(predictions, schema, SCORERS["strict"], _asked(schema, given=given, is_typing=is_typing))
    evaluation = Evaluation(
        corpus=name,
        split=split,
        model=extractor.identity.get("model", "?"),
        format=format,
        grammar=extractor.grammar,
        given=given or is_typing,
        documents=len(docs),
        seconds=seconds,
        strict={part: found.score for part, found in scores.items()},
        intervals={part: found.interval for part, found in scores.items()},
        text=text_f1(predictions, schema),
        auroc={part: auroc(judged(predictions, schema, part)) for part in scores},
        ece={part: ece(judged(predictions, schema, part)) for part in scores},
        rejected=dict(Counter(r.reason for e in extractions for r in e.rejected).most_common()),
        errors=sum(e.error is not None for e in extractions),
    )
    if output is not None:
        folder = Path(output)
        save_run(folder, {**extractor.identity, **evaluation.run}, schema, gold, extractions)
        text = json.dumps(to_dict(evaluation), indent=2)
        (folder / "scores.json").write_text(text + "\n", encoding="utf-8")
    return evaluation


def to_dict(evaluation: Evaluation) -> dict[str, object]:
    """The evaluation as JSON values."""
    parts = {
        part: {
            "precision": s.precision,
            "recall": s.recall,
            "f1": s.f1,
            "f1_interval": [evaluation.intervals[part].low, evaluation.intervals[part].high],
            "text_f1": evaluation.text[part].f1,
            "pred": s.pred,
            "support": s.support,
            "auroc": evaluation.auroc[part],
            "ece": evaluation.ece[part],
        }
        for part, s in evaluation.strict.items()
    }
    return {
        "scorer": "strict",
        "corpus": evaluation.corpus,
        "split": evaluation.split,
        "model": evaluation.model,
        "format": evaluation.format,
        "grammar": evaluation.grammar,
        "given": evaluation.given,
        "documents": evaluation.documents,
        "seconds_per_100": evaluation.seconds_per_100,
        "parts": parts,
        "rejected": evaluation.rejected,
        "errors": evaluation.errors,
    }


def first_documents(entry: Corpus, split: str, limit: int, data_dir: str | Path | None) -> list[Document]:
    """The first ``limit`` documents of a split; 0: all.

    Raises:
        InputError: there are none.
    """
    docs = list(islice(entry.read(split, data_dir), limit or None))
    if not docs:
        raise InputError(f"corpus {entry.name!r} has no documents in {split!r}")
    return docs


def schema_part(schema: Schema, families: Sequence[Family], name: str) -> Schema:
    """The types of the families wanted of a corpus' schema; without any, all.

    Raises:
        InputError: the corpus has none of a family.
    """
    if unknown := [f for f in families if f not in schema.families]:
        raise InputError(f"corpus {name!r} has no {unknown[0]}, but {', '.join(schema.families)}")
    return Schema(tuple(t for t in schema if not families or t.family in families), schema.name)


def _given_family(schema: Schema, name: str) -> Family:
    """The family of which something is told and the rest is asked for."""
    parts = parts_of(schema)
    able: list[Family] = [FAMILY[part] for part in parts if part in ("relations", "arguments")]
    if not able:
        raise InputError(f"given asks for relations or arguments, corpus {name!r} has only {', '.join(parts)} here")
    if len(able) > 1:
        raise InputError(f"given asks for one family, corpus {name!r} has {' and '.join(able)}: choose one (--family)")
    return able[0]


def _extractions(extractor: Extractor, docs: Sequence[Document], *, given: bool) -> Iterator[Extraction]:
    """What the extractor makes of the documents: of their mentions, entities or events, or of their texts."""
    if needs_given(extractor.format):
        return assign_types(extractor, (_gold(doc, extractor.schema) for doc in docs))
    if not given:
        return extractor.extract(iter(docs))
    return (extract_relations if "relations" in extractor.schema.families else extract_arguments)(extractor, docs)


def _asked(schema: Schema, *, given: bool, is_typing: bool) -> list[Part]:
    """The parts that the model is asked for."""
    parts = parts_of(schema)
    if given:
        return [part for part in parts if part in ("arguments", "relations")]
    return [part for part in parts if not is_typing or part != "arguments"]


def _gold(doc: Document, schema: Schema) -> Document:
    return replace(doc, frames=tuple(frames_of(doc, schema)))
