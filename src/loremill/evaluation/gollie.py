# SPDX-License-Identifier: Apache-2.0
"""The ``gollie`` scorer: multisets of strings, without what is not in the text (Sainz et al., ICLR 2024).

Entities, triggers and arguments are compared in lower case without blanks around them, relations and opinions as
written. Of predictions, what is not in the text is removed and does not count as wrong (a relation whole, of an
event only that argument), and of one string at most as many predictions stay, over all types, as the lower-cased
text holds it. Types and roles outside the schema are ignored, and so are rejected items that could not be read.
An argument is right only if its event is, and each gold event answers for one predicted event. Attributes belong to
the item, as in `strict`.

``gollie_partial``, the default of the authors' CASIE and PHEE: an event is right on its type alone, an
argument when one of the two strings contains the other.

The authors compare triggers and arguments as written; the lower case is ours. Where their filter keeps the first
predictions of a string in the order of the answer, this one keeps them in the order of the text.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial

from ..schema import Schema
from .counts import Counter, Counts, multiset
from .items import Part, Prediction
from .written import Strings, Written, gold_of, joined, written

PARTIAL_CORPORA = ("casie", "phee")
"""Data sets for which ``gollie`` means ``gollie_partial`` unless the user says otherwise."""


def gollie(*, is_partial: bool = False, is_filtered: bool = True) -> Counter:
    """The scorer with its option; ``is_filtered=False`` keeps what is not in the text."""
    return partial(_counts, is_partial=is_partial, is_filtered=is_filtered)


def _counts(
    predictions: Iterable[Prediction], schema: Schema, part: Part, *, is_partial: bool, is_filtered: bool
) -> Iterator[Counts]:
    roles = {t.name: {slot.name for slot in t.slots} for t in schema}
    for prediction in predictions:
        gold = gold_of(prediction.gold, schema, part)
        pred = [_known(w, roles[w.type]) for w in written(prediction, schema, part) if w.type in roles]
        if is_filtered:
            pred = list(in_text(pred, prediction.gold.text, part))
        if part == "arguments":
            yield _argument_counts(gold, pred, is_partial=is_partial)
        else:
            frames = [w for w in pred if part != "triggers" or w.filler is not None]
            yield multiset(
                [(w.type, _key(w, part, is_partial=is_partial)) for w in gold],
                [(w.type, _key(w, part, is_partial=is_partial)) for w in frames],
            )


def in_text(frames: Iterable[Written], text: str, part: Part) -> Iterator[Written]:
    """Frames whose strings are in the text, no more of one filler than the text has."""
    lowered = text.lower()
    seen: dict[str, int] = {}
    for frame in frames:
        is_event = part in ("triggers", "arguments")
        if is_event:
            frame = replace(frame, slots=tuple((role, s) for role, s in frame.slots if _count(s, lowered)))
        if not all(_count(strings, lowered) for strings in frame.strings):
            continue
        if frame.filler is not None:
            filler = _folded(frame.filler)
            seen[filler] = seen.get(filler, 0) + 1
            if seen[filler] > _count(frame.filler, lowered):
                continue
        yield frame


def _count(strings: Strings, lowered: str) -> int:
    """How often the text has the string; of several fragments, the rarest."""
    folded = [s.lower().strip() for s in strings]
    return min((lowered.count(s) if s else 0 for s in folded), default=0)


def _known(frame: Written, roles: set[str]) -> Written:
    return replace(frame, slots=tuple(slot for slot in frame.slots if slot[0] in roles))


def _key(frame: Written, part: Part, *, is_partial: bool) -> Hashable:
    if part == "triggers" and is_partial:
        return frame.type
    filler = None if frame.filler is None else _folded(frame.filler)
    slots = () if part == "triggers" else tuple(sorted((role, joined(strings)) for role, strings in frame.slots))
    return (frame.type, filler, slots, frame.attributes)


def _argument_counts(gold: Sequence[Written], pred: Sequence[Written], *, is_partial: bool) -> Counts:
    counts: Counts = {}
    left: dict[Hashable, list[Written]] = {}
    for event in gold:
        left.setdefault(_key(event, "triggers", is_partial=is_partial), []).append(event)
        for role, _ in event.slots:
            counts.setdefault(f"{event.type}.{role}", [0, 0, 0])[2] += 1
    for event in pred:
        events = left.get(_key(event, "triggers", is_partial=is_partial)) if event.filler is not None else None
        wanted = [(role, _folded(s)) for role, s in events.pop(0).slots] if events else []
        for role, strings in event.slots:
            count = counts.setdefault(f"{event.type}.{role}", [0, 0, 0])
            count[1] += 1
            match = _match(role, _folded(strings), wanted, is_partial=is_partial)
            if match is not None:
                wanted.remove(match)
                count[0] += 1
    return counts


def _match(role: str, string: str, wanted: Sequence[tuple[str, str]], *, is_partial: bool) -> tuple[str, str] | None:
    for other_role, other in wanted:
        if role == other_role and (string == other or (is_partial and (string in other or other in string))):
            return (other_role, other)
    return None


def _folded(strings: Strings) -> str:
    return joined(strings).lower().strip()
