# SPDX-License-Identifier: Apache-2.0
"""The ``text`` scorer: strings instead of offsets, as generative extraction is usually scored.

Looser than `strict`: the items of a document are a set, strings are compared in lower case, where a string stands is
ignored, and rejected items count nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ..schema import Schema
from ..text import Mention
from .counts import Counts, Row, sets, totals
from .items import Part, Prediction, reader
from .scores import Score


def text_f1(predictions: Iterable[Row], schema: Schema) -> dict[Part, Score]:
    """The micro score of each part over sets of (type, lower-cased strings) per document."""
    return totals(predictions, schema, text_counts)


def text_counts(predictions: Iterable[Prediction], schema: Schema, part: Part) -> Iterator[Counts]:
    """The counts of each document, by type or ``type.role``."""
    text = ""

    def string(mention: Mention) -> str:
        return " ".join(mention.texts_in(text)).lower()

    read = reader(schema, part, string)
    for prediction in predictions:
        text = prediction.gold.text
        gold, pred = read(prediction.gold.frames), read(prediction.frames)
        yield sets({item.key: item.label for item in gold}, {item.key: item.label for item in pred})
