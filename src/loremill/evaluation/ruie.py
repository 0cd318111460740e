# SPDX-License-Identifier: Apache-2.0
"""The ``ruie`` scorer: sets of normalised strings per document (RUIE, section 4.2).

An item is the string ``type:span``, ``relation:head,tail``, ``event type:trigger``, ``role:argument`` (without the
event's type) or the class, in lower case and without blanks around ``, : ( ) . _ ; ' -``; attributes are not
compared. Of predicted entities, those not in the text are dropped. Rejected items count like others if they were
read; one that was not counts if it begins with a type's label and a colon, as in the authors' code; types outside the
schema count nothing.

`ruie_exact` follows the authors' code to the letter.
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterable, Iterator
from functools import partial

from ..schema import Schema
from .counts import Counter, Counts, sets
from .items import FAMILY, Part, Prediction
from .written import Written, gold_of, joined, unread, written

_BLANKS = re.compile(r"\s*([,:().;'_-])\s*")


def ruie(*, is_filtered: bool = True) -> Counter:
    """The scorer; ``is_filtered=False`` keeps entities that are not in the text."""
    return partial(_counts, is_filtered=is_filtered)


def normalized(string: str) -> str:
    """Lower case, one blank for several, none around ``, : ( ) . _ ; ' -``."""
    return _BLANKS.sub(r"\1", " ".join(string.split())).lower()


def strings_of(frame: Written, schema: Schema, part: Part) -> Iterator[tuple[str, str]]:
    """The label of a frame, by which tables count it, and its strings in RUIE's writing, not normalised.

    A type that is not in the schema is written by its name.
    """
    frame_type = next((t for t in schema if t.name == frame.type), None)
    label = frame_type.label if frame_type else frame.type
    labels = {slot.name: slot.label for slot in frame_type.slots} if frame_type else {}
    if part == "arguments":
        for role, strings in frame.slots:
            yield role, f"{labels.get(role, role)}: {joined(strings)}"
    elif part == "classes":
        yield frame.type, label
    elif part in ("entities", "triggers"):
        if frame.filler is not None:
            yield frame.type, f"{label}: {joined(frame.filler)}"
    else:
        order = list(labels)
        slots = sorted(frame.slots, key=lambda slot: order.index(slot[0]) if slot[0] in order else len(order))
        yield frame.type, f"{label}: {', '.join(joined(strings) for _, strings in slots)}"


def labels_of(schema: Schema, part: Part) -> dict[str, str]:
    """The labels that may stand before a colon, each with the name that tables count it under."""
    types = [t for t in schema if t.family == FAMILY[part]]
    if part == "arguments":
        return {slot.label: slot.name for t in types for slot in t.slots}
    return {t.label: t.name for t in types}


def _counts(predictions: Iterable[Prediction], schema: Schema, part: Part, *, is_filtered: bool) -> Iterator[Counts]:
    names = {normalized(label): name for label, name in labels_of(schema, part).items()}
    for prediction in predictions:
        gold: dict[Hashable, str] = {}
        for frame in gold_of(prediction.gold, schema, part):
            gold.update((normalized(string), name) for name, string in strings_of(frame, schema, part))
        pred: dict[Hashable, str] = {}
        text = normalized(prediction.gold.text)
        for string in _written(prediction, schema, part):
            label, _, span = string.partition(":")
            if label not in names or (is_filtered and part == "entities" and span not in text):
                continue
            pred[string] = names[label]
        yield sets(gold, pred)


def _written(prediction: Prediction, schema: Schema, part: Part) -> Iterator[str]:
    for frame in written(prediction, schema, part):
        yield from (normalized(string) for _, string in strings_of(frame, schema, part))
    for item in unread(prediction, schema, part):
        if ":" in item:
            yield normalized(item)
