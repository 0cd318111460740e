# SPDX-License-Identifier: Apache-2.0
"""The ``ruie_exact`` scorer: RUIE's strings as its public code compares them, faults included.

Beside what `ruie` does: "location" becomes "located"; braces, and all but one of several ``,``, ``.`` or ``;``,
are left out; ``’`` becomes ``'``; gold answers are cut at every semicolon; predictions are what the pattern
``label:[^;\\n]+`` finds in the lower-cased answer, anywhere, with labels that are not escaped (one with
parentheses finds nothing, one that ends another finds it). An entity is dropped unless what stands between the first
two colons is in the query (the labels and the text), whose blanks stay; so is one whose label changes when it
is normalised. Rejected items are part of the answer as they were written. A class is its label.
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterable, Iterator
from functools import partial

from ..errors import InputError
from ..schema import Schema
from .counts import Counter, Counts, sets
from .items import Part, Prediction
from .ruie import labels_of, normalized, strings_of
from .written import Written, gold_of, unread, written


def ruie_exact(*, is_filtered: bool = True) -> Counter:
    """The scorer; ``is_filtered=False`` keeps entities that are not in the query."""
    return partial(_counts, is_filtered=is_filtered)


def formatted(string: str) -> str:
    """What the code compares of a string (its ``_format``)."""
    string = normalized(string).replace("{", "").replace("}", "")
    for mark in ",.;":
        string = re.sub(f"{re.escape(mark)}+", mark, string)
    return string.replace("\u2019", "'").replace("location", "located")


def _counts(predictions: Iterable[Prediction], schema: Schema, part: Part, *, is_filtered: bool) -> Iterator[Counts]:
    labels = {label.strip().lower().replace("location", "located"): n for label, n in labels_of(schema, part).items()}
    pattern = _pattern(labels)
    asked = f"[{', '.join(labels_of(schema, part))}]"
    for prediction in predictions:
        gold = _answer(gold_of(prediction.gold, schema, part), schema, part)
        pieces = [formatted(piece) for piece in formatted("; ".join(gold)).split(";")]
        wanted: dict[Hashable, str] = {
            piece: labels.get(piece.partition(":")[0], piece.partition(":")[0])
            for piece in pieces
            if piece and (":" in piece or part in ("entities", "classes"))
        }
        answer = "; ".join(_answer(written(prediction, schema, part), schema, part) + unread(prediction, schema, part))
        answer = answer.lower().replace("location", "located")
        found: dict[Hashable, str]
        if part == "classes":
            found = {p: labels[p] for piece in answer.split(";") if (p := formatted(piece)) in labels}
        else:
            pieces = [formatted(match.group()) for match in pattern.finditer(answer)]
            if part == "entities":
                query = f"{asked}\n{prediction.gold.text}".lower()
                pieces = [p for p in pieces if _is_kept(p, labels, query, is_filtered=is_filtered)]
            found = {p: labels.get(p.partition(":")[0], p.partition(":")[0]) for p in pieces}
        yield sets(wanted, found)


def _answer(frames: Iterable[Written], schema: Schema, part: Part) -> list[str]:
    return [string for frame in frames for _, string in strings_of(frame, schema, part)]


def _is_kept(item: str, labels: Iterable[str], query: str, *, is_filtered: bool) -> bool:
    label, span, *_ = [*item.split(":"), ""]
    return label in labels and (not is_filtered or span in query)


def _pattern(labels: Iterable[str]) -> re.Pattern[str]:
    ordered = sorted(labels, key=lambda label: (-len(label), label))
    try:
        return re.compile("|".join(f"{label}:[^;\n]+" for label in ordered))
    except re.error as error:
        raise InputError(
            f"ruie_exact puts labels into a pattern as they are, which fails for {', '.join(ordered)[:80]!r} "
            f"({error}): use ruie"
        ) from error
