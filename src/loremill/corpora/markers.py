# SPDX-License-Identifier: Apache-2.0
"""Taking the marks of two mentions out of a text."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from ..text import Mention


def unmark(text: str, marks: Sequence[tuple[str, str]]) -> tuple[str, list[Mention]]:
    """The text without its marks, and the mention between each opening and closing mark.

    Blanks just inside a mark stay in the text and out of the mention.

    Raises:
        ValueError: an opening mark is missing, nothing closes it, or nothing is between.
    """
    cuts: list[tuple[int, int]] = []
    spans: list[tuple[int, int]] = []
    for opening, closing in marks:
        start = text.find(opening)
        end = text.find(closing, start + len(opening))
        if start < 0 or end < 0:
            raise ValueError(f"wanted a mention between {opening!r} and {closing!r}, got {text[:60]!r}")
        cuts += [(start, start + len(opening)), (end, end + len(closing))]
        spans.append((start + len(opening), end))
    cuts.sort()
    if any(left[1] > right[0] for left, right in pairwise(cuts)):
        raise ValueError(f"wanted marks apart from each other, got {text[:60]!r}")
    kept, place = [], 0
    for start, end in [*cuts, (len(text), len(text))]:
        kept.append(text[place:start])
        place = end
    clean = "".join(kept)
    return clean, [_mention(clean, *(_moved(at, cuts) for at in span)) for span in spans]


def _moved(at: int, cuts: list[tuple[int, int]]) -> int:
    return at - sum(end - start for start, end in cuts if end <= at)


def _mention(text: str, start: int, end: int) -> Mention:
    marked = text[start:end]
    if not marked.strip():
        raise ValueError(f"wanted text between the marks, got {marked!r} at {start}")
    return Mention.at(start + len(marked) - len(marked.lstrip()), start + len(marked.rstrip()))
