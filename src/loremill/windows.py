# SPDX-License-Identifier: Apache-2.0
"""The pieces of a document that a model is shown: sentences, grouped, or cut where too long; no character is lost."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from .errors import InputError

# Possessive, and never begun inside a run, so that a megabyte of dots or blanks takes linear time.
_END = re.compile(
    r"""
    (?<![.!?…؟۔।॥]) [.!?…؟۔।॥]++ ['"’”)\]]*+ \s++ (?=\S)  # a full stop and blanks before anything else
  | (?<![。！？｡]) [。！？｡]++ [」』”’）]*+                  # scripts without blanks
  | \n [^\S\n]*+ \n \s*+                                 # an empty line
    """,
    re.VERBOSE,
)
_ABBREVIATION = re.compile(
    r"(?:^|[\s(\[\"'“‘])(?:[A-Z]|(?:[A-Za-z]\.)+[A-Za-z]|Mr|Mrs|Ms|Dr|Prof|Rev|Hon|Sr|Jr|St|Gen|Col|Capt|Lt|Sgt|Gov|Sen|Rep|"
    r"vs|etc|cf|al|ca|Inc|Ltd|Co|Corp|Bros|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sep|Sept|Oct|Nov|Dec)\.$"
)
_NUMBERED = re.compile(r"\b(?:[Nn]os?|[Ff]igs?|[Ee]qs?|[Vv]ol|[Aa]rt|[Cc]h|[Ss]ec|[Pp]p?)\.$")  # before a digit

GUESS_CHARS = 4_096
"""Longest piece that is shown to a tokenizer before it is known how much of the text fits."""


@dataclass(frozen=True, slots=True)
class Window:
    """How a document is cut: ``sentences`` per window, of which ``overlap`` are repeated from the one before.

    Gold strings find their place again in 99 % of sentences but fewer documents, so one sentence is the default.
    """

    sentences: int = 1
    overlap: int = 0

    def __post_init__(self) -> None:
        if self.sentences < 1 or not 0 <= self.overlap < self.sentences:
            raise InputError(
                f"window needs sentences >= 1 and 0 <= overlap < sentences, got {self.sentences} and {self.overlap}"
            )


def sentences(text: str) -> list[tuple[int, int]]:
    """Pieces ``start, end`` that together are the whole text, blanks included."""
    cuts = [0]
    for match in _END.finditer(text):
        end = match.end()
        if text[match.start()] not in "\n。！？｡":
            before = text[max(cuts[-1], match.start() - 20) : match.start() + 1]
            if text[end].islower() or _ABBREVIATION.search(before):
                continue
            if text[end].isdigit() and _NUMBERED.search(before):
                continue
        if text[cuts[-1] : end].strip() and end < len(text):
            cuts.append(end)
    return list(zip(cuts, [*cuts[1:], len(text)], strict=True)) if text else []


def windows(text: str, settings: Window, fits: Callable[[str], bool]) -> Iterator[tuple[int, int]]:
    """Windows ``start, end`` in order, without blanks around them; every other character is in at least one.

    A group of sentences that does not fit is shown sentence by sentence, and a sentence that does not
    fit in pieces that overlap by a quarter, cut at blanks where there are any.

    Args:
        fits: whether the model can read a piece of text.

    Raises:
        InputError: not even one character fits.
    """
    pieces = sentences(text)
    step = settings.sentences - settings.overlap
    reached = 0  # everything before was shown
    for first in range(0, len(pieces), step):
        group = pieces[first : first + settings.sentences]
        start, end = _strip(text, group[0][0], group[-1][1])
        if start == end or end <= reached:
            continue
        if _fits_whole(text[start:end], fits):
            yield start, end
            reached = end
            continue
        is_last = first + settings.sentences >= len(pieces)
        for piece in group if is_last else group[:step]:  # the rest is in the next group
            start, end = _strip(text, *piece)
            if end > reached:
                yield from _cut(text, start, end, fits)
                reached = end


def covered(text: str, shown: list[tuple[int, int]]) -> float:
    """Share of the characters that are no blanks which lie in a window; 1.0 for a text of blanks."""
    total = sum(not c.isspace() for c in text)
    seen = 0
    reached = 0
    for start, end in sorted(shown):
        seen += sum(not c.isspace() for c in text[max(start, reached) : end])
        reached = max(reached, end)
    return seen / total if total else 1.0


def _strip(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end


def _fits_whole(text: str, fits: Callable[[str], bool]) -> bool:
    """Whether all of it fits; of a text far too long only the beginning is looked at."""
    size = GUESS_CHARS
    while size < len(text):
        if not fits(text[:size]):
            return False
        size *= 2
    return fits(text)


def _cut(text: str, start: int, end: int, fits: Callable[[str], bool]) -> Iterator[tuple[int, int]]:
    guess = GUESS_CHARS
    reached = start
    while start < end:
        stop = _longest(text, start, end, fits, guess)
        if stop == end:
            yield start, end
            return
        guess = 2 * (stop - start)
        blank = next((i for i in range(stop, start + (stop - start) // 2, -1) if text[i].isspace()), stop)
        if blank < stop and fits(text[slice(*_strip(text, start, blank))]):
            stop = blank
        stop = _strip(text, start, stop)[1]
        if stop > reached:  # else the overlap was all that fitted
            yield start, stop
            reached = stop
        back = stop - (stop - start) // 4
        near = itertools.chain(range(back, stop), range(back - 1, start + (stop - start) // 2, -1))
        blank = next((i + 1 for i in near if text[i].isspace()), back)
        start, end = _strip(text, max(blank, start + 1) if blank < stop else stop, end)


def _longest(text: str, start: int, end: int, fits: Callable[[str], bool], guess: int) -> int:
    """End of the longest piece from ``start`` that fits, by doubling from ``guess`` characters and bisection."""
    low, high = start, min(end, start + guess)
    while fits(text[start:high]):
        if high == end:
            return end
        low, high = high, min(end, start + 2 * (high - start))
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if fits(text[start:middle]) else (low, middle)
    if low == start:
        raise InputError(f"the model needs room for at least one character, {text[start]!r} does not fit")
    return low
