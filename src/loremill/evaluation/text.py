# SPDX-License-Identifier: Apache-2.0
"""The ``text`` scorer: strings instead of offsets, as generative extraction is usually scored.

Looser than `strict`: the items of a document are a set, strings are compared in lower case, where a string stands is
ignored, and rejected items count nothing.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence

from ..frames import Frame
from ..schema import Schema
from ..text import Mention
from .items import Part, Prediction, items, parts_of
from .scores import Score
from .strict import Row


def text_f1(predictions: Iterable[Row], schema: Schema) -> dict[Part, Score]:
    """The micro score of each part over sets of (type, lower-cased strings) per document."""
    totals = {part: Score() for part in parts_of(schema)}
    for row in predictions:
        prediction = Prediction(*row)
        for part in totals:
            gold = _keys(prediction.gold.frames, prediction.gold.text, schema, part)
            pred = _keys(prediction.frames, prediction.gold.text, schema, part)
            totals[part] += Score(len(gold & pred), len(pred), len(gold))
    return totals


def _keys(frames: Sequence[Frame], text: str, schema: Schema, part: Part) -> set[Hashable]:
    def string(mention: Mention) -> str:
        return " ".join(mention.texts_in(text)).lower()

    return {item.key for item in items(frames, schema, part, place=string)}
