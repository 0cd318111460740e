# SPDX-License-Identifier: Apache-2.0
"""The pieces of a document that a model is shown: sentences, grouped, or cut where too long; no character is lost."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

_END = re.compile(
    r"""
    (?: [.!?…]+ ['"’”)\]]* (?= \s ) \s+ (?= [^\s\W] | [^\w\s] ) )  # a full stop and blanks before anything else
  | (?: [。！？｡]+ [」』”’）]* )                                       # scripts without blanks
  | (?: [^\S\n]* \n [^\S\n]* (?: \n \s* )+ )                       # an empty line
    """,
    re.VERBOSE,
)
_ABBREVIATION = re.compile(
    r"(?:^|[\s(\[\"'“‘])(?:[A-Z]|(?:[A-Za-z]\.)+[A-Za-z]|Mr|Mrs|Ms|Dr|Prof|Rev|Hon|Sr|Jr|St|Gen|Col|Capt|Lt|Sgt|Gov|Sen|Rep|"
    r"vs|etc|cf|al|ca|No|Nos|Fig|Figs|Inc|Ltd|Co|Corp|Bros|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sep|Sept|Oct|Nov|Dec)\.$"
)


@dataclass(frozen=True, slots=True)
class Window:
    """How a document is cut: ``sentences`` per window, of which ``overlap`` are repeated from the one before.

    Gold strings find their place again in 99 % of sentences but fewer documents, so one sentence is the default.
    """

    sentences: int = 1
    overlap: int = 0

    def __post_init__(self) -> None:
        if self.sentences < 1 or not 0 <= self.overlap < self.sentences:
            raise ValueError(
                f"window needs sentences >= 1 and 0 <= overlap < sentences, got {self.sentences} and {self.overlap}"
            )


def sentences(text: str) -> list[tuple[int, int]]:
    """Pieces ``start, end`` that together are the whole text, blanks included."""
    cuts = [0]
    for match in _END.finditer(text):
        end = match.end()
        if text[match.start()] in ".!?…":
            before = text[max(cuts[-1], match.start() - 20) : match.start() + 1]
            if text[end].islower() or (text[match.start()] == "." and _ABBREVIATION.search(before)):
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
        ValueError: not even one character fits.
    """
    pieces = sentences(text)
    step = settings.sentences - settings.overlap
    for first in range(0, len(pieces), step):
        group = pieces[first : first + settings.sentences]
        if first and len(group) <= settings.overlap:
            break  # all of it was in the window before
        start, end = _strip(text, group[0][0], group[-1][1])
        if start == end:
            continue
        if fits(text[start:end]):
            yield start, end
        else:
            for piece in group:
                yield from _cut(text, *_strip(text, *piece), fits)


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


def _cut(text: str, start: int, end: int, fits: Callable[[str], bool]) -> Iterator[tuple[int, int]]:
    while start < end:
        if fits(text[start:end]):
            yield start, end
            return
        stop = _longest(text, start, end, fits)
        blank = max((i for i in range(start + 1, stop) if text[i].isspace()), default=stop)
        stop = blank if blank > start + (stop - start) // 2 else stop
        yield _strip(text, start, stop)
        back = stop - (stop - start) // 4
        blank = next((i + 1 for i in range(back, stop) if text[i].isspace()), back)
        start, end = _strip(text, max(blank, start + 1) if blank < stop else stop, end)


def _longest(text: str, start: int, end: int, fits: Callable[[str], bool]) -> int:
    """End of the longest piece from ``start`` that fits, by bisection."""
    low, high = start + 1, end
    if not fits(text[start:low]):
        raise ValueError("not even one character fits")
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if fits(text[start:middle]) else (low, middle)
    return low
