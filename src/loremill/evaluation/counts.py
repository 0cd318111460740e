# SPDX-License-Identifier: Apache-2.0
"""From items to counts: right, predicted and gold items by label, document by document."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..frames import Document, Frame, Reject
from ..schema import Schema
from .items import Part, Prediction, parts_of
from .scores import Score

REJECTED = "(rejected)"
"""The row of a table by label for rejected items, which have no label."""

Row = Prediction | tuple[Document, Sequence[Frame], Sequence[Reject] | Mapping[str, int]]
"""A `Prediction` or the plain tuple of its fields."""

Counts = dict[str, list[int]]
"""One document's ``[right, predicted, gold]`` by label."""

Counter = Callable[[Iterable[Prediction], Schema, Part], Iterator[Counts]]
"""A protocol: the counts of each document."""


@dataclass(frozen=True, slots=True, eq=False)
class Tally:
    """The counts of one part: by label, and right, predicted and gold by document, ``(documents, 3)``."""

    by_label: dict[str, Score]
    documents: NDArray[np.int64]

    @property
    def score(self) -> Score:
        """The micro score: all documents' items are pooled."""
        return sum(self.by_label.values(), Score())


def tally(rows: Iterable[Row], schema: Schema, part: Part, counter: Counter) -> Tally:
    """The counts of one part under a protocol."""
    by_label: Counts = {}
    documents: list[tuple[int, int, int]] = []
    for counts in counter((Prediction(*row) for row in rows), schema, part):
        tp = pred = gold = 0
        for label, (t, p, g) in counts.items():
            total = by_label.setdefault(label, [0, 0, 0])
            total[0] += t
            total[1] += p
            total[2] += g
            tp, pred, gold = tp + t, pred + p, gold + g
        documents.append((tp, pred, gold))
    labels = sorted(by_label, key=lambda label: (label == REJECTED, label))
    scores = {label: Score(*by_label[label]) for label in labels}
    return Tally(scores, np.array(documents, dtype=np.int64).reshape(-1, 3))


def totals(rows: Iterable[Row], schema: Schema, counter: Counter) -> dict[Part, Score]:
    """The micro score of each part that the schema has."""
    rows = list(rows)
    return {part: tally(rows, schema, part, counter).score for part in parts_of(schema)}


def multiset(gold: Iterable[tuple[Any, ...]], pred: Iterable[tuple[Any, ...]]) -> Counts:
    """Counts over (label, key, ...): of two equal predictions of one gold item one is right and one wrong."""
    counts: Counts = {}
    left: dict[Hashable, int] = {}
    for label, key, *_ in gold:
        left[key] = left.get(key, 0) + 1
        if label in counts:
            counts[label][2] += 1
        else:
            counts[label] = [0, 0, 1]
    for label, key, *_ in pred:
        if label in counts:
            count = counts[label]
            count[1] += 1
        else:
            count = counts[label] = [0, 1, 0]
        if left.get(key):
            left[key] -= 1
            count[0] += 1
    return counts


def sets(gold: Mapping[Hashable, str], pred: Mapping[Hashable, str]) -> Counts:
    """Counts over sets of keys, each with its label; a key in both counts under its label of gold."""
    counts: Counts = {}
    for key, label in gold.items():
        count = counts.setdefault(label, [0, 0, 0])
        count[2] += 1
        if key in pred:
            count[0] += 1
            count[1] += 1
    for key, label in pred.items():
        if key not in gold:
            counts.setdefault(label, [0, 0, 0])[1] += 1
    return counts
