# SPDX-License-Identifier: Apache-2.0
"""The ``strict`` scorer: offsets and type, nothing filtered, everything the model wrote counts.

Items (see `items`) are compared as multisets: of two equal predictions of one gold item one is right and one
wrong. Every rejected item of a completion is one wrong prediction. For entities without rejected items it equals
the micro-F1 of seqeval and conlleval.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Iterator, Sequence

from ..frames import Document, Frame
from ..schema import Schema
from ..text import Mention
from .items import Item, Part, Prediction, items, parts_of, rejected_count
from .scores import Score

REJECTED = "(rejected)"
"""The row of `score_by_label` for rejected items, which have no label."""

Row = Prediction | tuple[Document, Sequence[Frame], dict[str, int]]
"""A `Prediction` or the plain tuple of its fields."""


def strict(predictions: Iterable[Row], schema: Schema) -> dict[Part, Score]:
    """The micro score of each part that the schema has (micro: all documents' items are pooled).

    Args:
        predictions: gold documents with what was predicted for them. All frames' types are in the schema; to score
            some types only, give the gold frames of these.
        schema: says to which family a type belongs.
    """
    totals = {part: Score() for part in parts_of(schema)}
    for row in predictions:
        prediction = Prediction(*row)
        for part in totals:
            gold, pred = _items(prediction.gold.frames, schema, part), _items(prediction.frames, schema, part)
            totals[part] += _score(gold, pred) + Score(pred=rejected_count(prediction, part))
    return totals


def score_by_label(predictions: Iterable[Row], schema: Schema, part: Part) -> dict[str, Score]:
    """The score of each type (arguments: ``type.role``) that occurs, by name; they sum up to `strict`'s.

    Rejected items stand in the last row, ``(rejected)``, if there are any.
    """
    rows: dict[str, Score] = {}
    rejected = 0
    for row in predictions:
        prediction = Prediction(*row)
        gold, pred = _items(prediction.gold.frames, schema, part), _items(prediction.frames, schema, part)
        rejected += rejected_count(prediction, part)
        for label in {item.label for item in gold + pred}:
            here = _score([i for i in gold if i.label == label], [i for i in pred if i.label == label])
            rows[label] = rows.get(label, Score()) + here
    table = dict(sorted(rows.items()))
    return {**table, REJECTED: Score(pred=rejected)} if rejected else table


def judged(predictions: Iterable[Row], schema: Schema, part: Part) -> Iterator[tuple[float, bool]]:
    """Score and correctness of each predicted item that has a score, for `calibration`."""
    for row in predictions:
        prediction = Prediction(*row)
        left = Counter(item.key for item in _items(prediction.gold.frames, schema, part))
        for item in _items(prediction.frames, schema, part):
            is_correct = left[item.key] > 0
            left[item.key] -= 1
            if item.score is not None:
                yield item.score, is_correct


def _items(frames: Sequence[Frame], schema: Schema, part: Part) -> list[Item]:
    return list(items(frames, schema, part, place=_offsets))


def _offsets(mention: Mention) -> Hashable:
    return tuple((span.start, span.end) for span in mention.fragments)


def _score(gold: Sequence[Item], pred: Sequence[Item]) -> Score:
    both = Counter(item.key for item in gold) & Counter(item.key for item in pred)
    return Score(both.total(), len(pred), len(gold))
