# SPDX-License-Identifier: Apache-2.0
"""The ``strict`` scorer: offsets and type, nothing filtered, everything the model wrote counts.

Items (see `items`) are compared as multisets: of two equal predictions of one gold item one is right and one
wrong. Every rejected item of a completion is one wrong prediction. For entities without rejected items it equals
the micro-F1 of seqeval and conlleval, and nervaluate's of its kind ``strict`` (which, where predicted spans
overlap, gives a gold span to the first of them, right or wrong).
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator

from ..schema import Schema
from ..text import Mention
from .counts import REJECTED, Counts, Row, multiset, tally, totals
from .items import Part, Prediction, reader, rejected_count
from .scores import Score


def strict(predictions: Iterable[Row], schema: Schema) -> dict[Part, Score]:
    """The micro score of each part that the schema has (micro: all documents' items are pooled).

    Args:
        predictions: gold documents with what was predicted for them. All frames' types are in the schema; to score
            some types only, give the gold frames of these.
        schema: says to which family a type belongs.
    """
    return totals(predictions, schema, strict_counts)


def score_by_label(predictions: Iterable[Row], schema: Schema, part: Part) -> dict[str, Score]:
    """The score of each type (arguments: ``type.role``) that occurs, by name; they sum up to `strict`'s.

    Rejected items stand in the last row, ``(rejected)``, if there are any.
    """
    return tally(predictions, schema, part, strict_counts).by_label


def strict_counts(predictions: Iterable[Prediction], schema: Schema, part: Part) -> Iterator[Counts]:
    """The counts of each document, by type or ``type.role``."""
    read = reader(schema, part, offsets)
    for prediction in predictions:
        counts = multiset(read(prediction.gold.frames), read(prediction.frames))
        if prediction.rejected and (rejected := rejected_count(prediction, schema, part)):
            counts[REJECTED] = [0, rejected, 0]
        yield counts


def judged(predictions: Iterable[Row], schema: Schema, part: Part) -> Iterator[tuple[float, bool]]:
    """Score and correctness of each predicted item that has a score, for `calibration`."""
    read = reader(schema, part, offsets)
    for row in predictions:
        prediction = Prediction(*row)
        left: dict[Hashable, int] = {}
        for item in read(prediction.gold.frames):
            left[item.key] = left.get(item.key, 0) + 1
        for item in read(prediction.frames):
            is_correct = left.get(item.key, 0) > 0
            if is_correct:
                left[item.key] -= 1
            if item.score is not None:
                yield item.score, is_correct


def offsets(mention: Mention) -> Hashable:
    """Start and end of each fragment."""
    fragments = mention.fragments
    if len(fragments) == 1:
        return (fragments[0].start, fragments[0].end)
    return tuple((span.start, span.end) for span in fragments)
