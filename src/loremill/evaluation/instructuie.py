# SPDX-License-Identifier: Apache-2.0
"""The ``instructuie`` scorer: RUIE's strings, "None" as an answer that can be right (Wang et al., 2023).

Entities, relations, opinions, arguments and classes are sets of strings as in `ruie`, but nothing is dropped:
types outside the schema, strings outside the text and rejected items that could not be read are wrong predictions (of
relations, opinions and arguments, those with a colon). An empty answer about entities is the item ``none``, right
where gold is empty. The triggers of a document are one string, right or wrong as a whole: their F1 is the
share of documents with the exact answer. Triggers are compared in the order of the text, in which gold lists them.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Sequence

from ..schema import Schema
from .counts import REJECTED, Counts, sets
from .items import Part, Prediction
from .ruie import normalized, strings_of
from .written import Written, gold_of, unread, written

NONE = "none"
NO_ENTITIES = "(none)"
"""The row of a table by label for the answer "None"."""
ANSWERS = "(answers)"
"""The row of a table by label for triggers, which are compared as whole answers."""


def instructuie_counts(predictions: Iterable[Prediction], schema: Schema, part: Part) -> Iterator[Counts]:
    """The counts of each document, by type, or by role."""
    for prediction in predictions:
        gold = _strings(gold_of(prediction.gold, schema, part), schema, part)
        pred = _strings(written(prediction, schema, part), schema, part)
        pred += [(normalized(item), REJECTED) for item in unread(prediction, schema, part)]
        if part == "triggers":
            is_right = _answer(gold) == _answer(pred)
            yield {ANSWERS: [int(is_right), 1, 1]}
            continue
        if part in ("relations", "opinions", "arguments"):
            pred = [(string, label) for string, label in pred if ":" in string]
        yield sets(_set(gold, part), _set(pred, part))


def _strings(frames: Iterable[Written], schema: Schema, part: Part) -> list[tuple[str, str]]:
    return [(normalized(s), name) for frame in frames for name, s in strings_of(frame, schema, part)]


def _set(strings: Sequence[tuple[str, str]], part: Part) -> dict[Hashable, str]:
    if part == "entities" and not strings:
        return {NONE: NO_ENTITIES}
    return dict(strings)


def _answer(strings: Sequence[tuple[str, str]]) -> str:
    return ";".join(string for string, _ in strings) or NONE
