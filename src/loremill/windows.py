# SPDX-License-Identifier: Apache-2.0
"""The pieces of a document that a model is shown: sentences, paragraphs or all of it; no character is lost."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

from .errors import InputError, UnknownNameError

Unit = Literal["document", "paragraph", "sentence"]
Part = Literal["paragraph", "sentence", "piece"]
"""What a window is that is smaller than was wanted, for the model had no room."""

# Possessive, and never begun inside a run, so that a megabyte of dots or blanks takes linear time.
_END = re.compile(
    r"""
    (?<![.!?…؟۔।॥]) [.!?…؟۔।॥]++ ['"’”)\]]*+ \s++ (?=\S)  # a full stop and blanks before anything else
  | (?<![。！？｡]) [。！？｡]++ [」』”’）]*+                  # scripts without blanks
  | \n [^\S\n]*+ \n \s*+                                 # an empty line
    """,
    re.VERBOSE,
)
_EMPTY_LINE = re.compile(r"\n[^\S\n]*+\n\s*+")
_WORD = re.compile(r"\S+")
_ABBREVIATION = re.compile(
    r"(?:^|[\s(\[\"'“‘])(?:[A-Z]|(?:[A-Za-z]\.)+[A-Za-z]|Mr|Mrs|Ms|Dr|Prof|Rev|Hon|Sr|Jr|St|Gen|Col|Capt|Lt|Sgt|Gov|Sen|Rep|"
    r"vs|etc|cf|al|ca|Inc|Ltd|Co|Corp|Bros|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sep|Sept|Oct|Nov|Dec)\.$"
)
_NUMBERED = re.compile(r"\b(?:[Nn]os?|[Ff]igs?|[Ee]qs?|[Vv]ol|[Aa]rt|[Cc]h|[Ss]ec|[Pp]p?)\.$")  # before a digit

GUESS_CHARS = 4_096
"""Longest piece that is shown to a tokenizer before it is known how much of the text fits."""


@dataclass(frozen=True, slots=True)
class Window:
    """How a document is cut: ``size`` units per window, of which ``overlap`` are repeated from the one before.

    Relations and the arguments of events are found inside a window only. Gold strings find their place
    again in 99 % of sentences but fewer documents, so one sentence is the default.
    """

    size: int = 1
    overlap: int = 0
    unit: Unit = "sentence"

    def __post_init__(self) -> None:
        if self.unit not in UNITS:
            raise UnknownNameError("window", self.unit, UNITS)
        if self.size < 1 or not 0 <= self.overlap < self.size:
            raise InputError(f"window needs size >= 1 and 0 <= overlap < size, got {self.size} and {self.overlap}")
        if self.unit == "document" and self.size > 1:
            raise InputError(f"window of a whole document has size 1, got {self.size}")

    @property
    def identity(self) -> str:
        """As in the identity of a run: ``sentence 3/1``."""
        return f"{self.unit} {self.size}/{self.overlap}"


def paragraphs(text: str, start: int = 0, end: int | None = None) -> Iterator[tuple[int, int]]:
    """Pieces ``start, end`` that together are ``text[start:end]``; an empty line, or one of blanks, ends a paragraph.

    A single line break does not, for lines are often broken at a width.
    """
    end = len(text) if end is None else end
    for match in _EMPTY_LINE.finditer(text, start, end):
        if match.end() < end and text[start : match.start()].strip():
            yield start, match.end()
            start = match.end()
    if start < end:
        yield start, end


def sentences(text: str, start: int = 0, end: int | None = None) -> Iterator[tuple[int, int]]:
    """Pieces ``start, end`` that together are ``text[start:end]``, blanks included; none goes over an empty line."""
    end = len(text) if end is None else end
    for match in _END.finditer(text, start, end):
        if match.end() < end and _is_end(text, start, match) and text[start : match.end()].strip():
            yield start, match.end()
            start = match.end()
    if start < end:
        yield start, end


def _is_end(text: str, start: int, match: re.Match[str]) -> bool:
    """Whether the sentence from ``start`` ends with what looks like a full stop."""
    if text[match.start()] in "\n。！？｡":
        return True
    before = text[max(start, match.start() - 20) : match.start() + 1]
    behind = text[match.end()]
    goes_on = behind.islower() or _ABBREVIATION.search(before) or (behind.isdigit() and _NUMBERED.search(before))
    return not goes_on or _EMPTY_LINE.search(text, match.start(), match.end()) is not None


def _whole(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    if start < end:
        yield start, end


_SPLIT: dict[Unit, Callable[[str, int, int], Iterator[tuple[int, int]]]] = {
    "document": _whole,
    "paragraph": paragraphs,
    "sentence": sentences,
}
_SMALLER: dict[Unit, Literal["paragraph", "sentence"] | None] = {
    "document": "paragraph",
    "paragraph": "sentence",
    "sentence": None,
}

UNITS: tuple[Unit, ...] = tuple(_SPLIT)
"""What a document can be cut into, largest first."""
PARTS: tuple[Part, ...] = ("paragraph", "sentence", "piece")


def windows(
    text: str, settings: Window, fits: Callable[[str], bool], *, smaller: Counter[Part] | None = None
) -> Iterator[tuple[int, int]]:
    """Windows ``start, end`` in order, without blanks around them; every other character is in at least one.

    Several units that do not fit together are shown one by one, and one that does not fit by the next
    smaller unit: the document by paragraph, a paragraph by sentence, a sentence in pieces that overlap by a
    quarter, cut at blanks where there are any. The text is cut as it is read, and none of it is kept.

    Args:
        fits: whether the model can read a piece of text.
        smaller: counts the windows that are smaller than was wanted, by what they are; see `told_smaller`.

    Raises:
        InputError: not even one character fits.
    """
    step = settings.size - settings.overlap
    reached = 0  # everything before was shown
    for group, is_last in _groups(_SPLIT[settings.unit](text, 0, len(text)), settings.size, step):
        start, end = _strip(text, group[0][0], group[-1][1])
        if start == end or end <= reached:
            continue
        if _fits_whole(text, start, end, fits):
            yield start, end
            reached = end
            continue
        for piece in group if is_last else group[:step]:  # the rest is in the next group
            start, end = _strip(text, *piece)
            if end > reached:
                for part, place in _parts(text, start, end, settings.unit, fits, is_tried=len(group) == 1):
                    if smaller is not None:
                        smaller[part] += 1
                    yield place
                reached = end


def told_smaller(settings: Window, smaller: Counter[Part]) -> str:
    """A note on the windows that `windows` counted; empty if there are none."""
    if not smaller.total():
        return ""
    wanted = f"every {settings.unit}" if settings.size == 1 else f"{settings.size:,} {settings.unit}s at a time"
    wanted = "the whole document" if settings.unit == "document" else wanted
    counts = (f"by {part}: {smaller[part]:,}" for part in PARTS if smaller[part])
    return f"the model has no room for {wanted}; windows {', '.join(counts)}"


def covered(text: str, shown: list[tuple[int, int]]) -> float:
    """Share of the characters that are no blanks which lie in a window; 1.0 for a text of blanks."""
    total = _count(text, 0, len(text))
    seen = 0
    reached = 0
    for start, end in sorted(shown):
        seen += _count(text, max(start, reached), end)
        reached = max(reached, end)
    return seen / total if total else 1.0


def _count(text: str, start: int, end: int) -> int:
    """Characters of ``text[start:end]`` that are no blanks."""
    return sum(match.end() - match.start() for match in _WORD.finditer(text, start, end))


def _groups(units: Iterator[tuple[int, int]], size: int, step: int) -> Iterator[tuple[list[tuple[int, int]], bool]]:
    """Runs of up to ``size`` units that begin ``step`` apart, and whether each is the last."""
    group = list(itertools.islice(units, size + 1))  # one ahead, to know whether more follow
    while group:
        is_last = len(group) <= size
        yield group[:size], is_last
        if is_last:
            return
        group = group[step:]
        group += itertools.islice(units, size + 1 - len(group))


def _parts(
    text: str, start: int, end: int, unit: Unit, fits: Callable[[str], bool], *, is_tried: bool
) -> Iterator[tuple[Part, tuple[int, int]]]:
    """What is shown of one unit without blanks around it, each with what it is; ``is_tried``: it does not fit."""
    below = _SMALLER[unit]
    if not is_tried and unit != "document" and _fits_whole(text, start, end, fits):
        yield unit, (start, end)
    elif below is None:
        yield from (("piece", place) for place in _cut(text, start, end, fits))
    else:
        for piece in _SPLIT[below](text, start, end):
            place = _strip(text, *piece)
            if place[0] < place[1]:
                yield from _parts(text, *place, below, fits, is_tried=place == (start, end))


def _strip(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end


def _fits_whole(text: str, start: int, end: int, fits: Callable[[str], bool]) -> bool:
    """Whether all of it fits; of a text far too long only the beginning is looked at."""
    size = GUESS_CHARS
    while size < end - start:
        if not fits(text[start : start + size]):
            return False
        size *= 2
    return fits(text[start:end])


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
