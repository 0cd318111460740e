# SPDX-License-Identifier: Apache-2.0
"""Means over labels, data sets and rows of tables."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace

from ..errors import InputError
from .scores import Score
from .tables import Cell, Table


@dataclass(frozen=True, slots=True)
class LabelScores:
    """Scores of a group of labels: their items pooled (micro), and the unweighted mean of their F1 (macro)."""

    micro: Score
    macro_f1: float
    labels: tuple[str, ...]


def seen_and_unseen(by_label: Mapping[str, Score], seen: Collection[str]) -> dict[str, LabelScores]:
    """The scores of the labels that training had and of those that it had not.

    Labels without gold items take no part in the macro mean, since they have no F1 to speak of; rejected items, which
    have no label, take part in neither.

    Args:
        by_label: as `score_by_label` gives them; an argument ``type.role`` is seen when its type is.
    """
    groups: dict[str, dict[str, Score]] = {"seen": {}, "unseen": {}}
    for label, score in by_label.items():
        if label.startswith("("):
            continue
        is_seen = label in seen or label.partition(".")[0] in seen
        groups["seen" if is_seen else "unseen"][label] = score
    return {name: _group(group) for name, group in groups.items()}


def mean(values: Iterable[float]) -> float:
    """The unweighted mean, over the rows of a table or over data sets.

    Raises:
        InputError: there is nothing to average.
    """
    numbers = list(values)
    if not numbers:
        raise InputError("a mean needs at least one value, got none")
    return sum(numbers) / len(numbers)


def with_mean(table: Table, columns: Collection[str], *, name: str = "mean") -> Table:
    """The table with a last row: the unweighted mean of the columns over its rows, the first cell ``name``."""

    def cell(index: int, column: str) -> Cell:
        if index == 0:
            return name
        if column not in columns:
            return None
        return mean(value for row in table.rows if isinstance(value := row[index], int | float))

    row = tuple(cell(index, column) for index, column in enumerate(table.columns))
    return replace(table, rows=(*table.rows, row))


def _group(scores: Mapping[str, Score]) -> LabelScores:
    macro = [score.f1 for score in scores.values() if score.gold]
    return LabelScores(sum(scores.values(), Score()), mean(macro) if macro else 0.0, tuple(scores))
