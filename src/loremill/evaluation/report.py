# SPDX-License-Identifier: Apache-2.0
"""Scores of a run under one scorer, with their intervals, as tables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from ..schema import Schema
from .counts import Row, Tally, tally
from .items import Part
from .scorers import Scorer
from .scores import Score
from .significance import Interval, f1_interval, paired_bootstrap, paired_t_test
from .tables import Cell, Table

SCORE_COLUMNS = ("precision", "recall", "f1", "low", "high")
"""``low`` and ``high`` are the 95 % interval of F1 over documents."""


@dataclass(frozen=True, slots=True)
class PartScore:
    """The score of one part; ``unfiltered`` is what it is when nothing is dropped for not being in the text."""

    tally: Tally
    interval: Interval
    unfiltered: Score | None = None

    @property
    def score(self) -> Score:
        return self.tally.score

    def cells(self) -> tuple[Cell, ...]:
        """Under `SCORE_COLUMNS`."""
        return (self.score.precision, self.score.recall, self.score.f1, self.interval.low, self.interval.high)


def part_scores(
    predictions: Iterable[Row], schema: Schema, scorer: Scorer, parts: Sequence[Part] | None = None
) -> dict[Part, PartScore]:
    """The scores of the schema's parts, or of those of ``parts`` that the scorer knows."""
    rows = list(predictions)
    found: dict[Part, PartScore] = {}
    for part in scorer.parts_of(schema):
        if parts is not None and part not in parts:
            continue
        counts = scorer.tally(rows, schema, part)
        unfiltered = None if scorer.unfiltered is None else tally(rows, schema, part, scorer.unfiltered).score
        found[part] = PartScore(counts, f1_interval(counts.documents), unfiltered)
    return found


def part_table(scores: Mapping[tuple[str, ...], PartScore], first: Sequence[str], *, title: str) -> Table:
    """One row per score, named by the cells under ``first``.

    ``unfiltered`` is there when one of the scores has it: the F1 without the scorer's filter.
    """
    has_filter = any(score.unfiltered is not None for score in scores.values())
    columns = (*first, *SCORE_COLUMNS, *(("unfiltered",) if has_filter else ()), "tp", "pred", "support")
    rows = []
    for names, part in scores.items():
        unfiltered = (None if part.unfiltered is None else part.unfiltered.f1,) if has_filter else ()
        rows.append((*names, *part.cells(), *unfiltered, part.score.tp, part.score.pred, part.score.support))
    return Table(title, columns, tuple(rows))


def label_table(tally: Tally, *, title: str, first: str = "label") -> Table:
    """One row per label with its support, and the micro score in the last row."""
    columns = (first, "precision", "recall", "f1", "tp", "pred", "support")
    rows = [*tally.by_label.items(), ("micro", tally.score)]
    return Table(
        title, columns, tuple((name, s.precision, s.recall, s.f1, s.tp, s.pred, s.support) for name, s in rows)
    )


def difference_table(
    ours: Mapping[Part, PartScore], theirs: Mapping[Part, PartScore], *, title: str, resamples: int = 10_000
) -> Table:
    """One row per part that both have: F1 of each, the difference with its interval, and two p-values.

    Raises:
        InputError: the two are not of the same documents.
    """
    columns = ("part", "f1", "other f1", "difference", "low", "high", "p (bootstrap)", "p (t-test)", "documents")
    rows = []
    for part in (p for p in ours if p in theirs):
        a, b = ours[part].tally.documents, theirs[part].tally.documents
        found = paired_bootstrap(a, b, resamples=resamples)
        p_value = paired_t_test(a, b)[1] if len(a) > 1 else None
        f1 = (ours[part].score.f1, theirs[part].score.f1)
        rows.append((part, *f1, found.value, found.low, found.high, found.p_value, p_value, len(a)))
    return Table(title, columns, tuple(rows))
