# SPDX-License-Identifier: Apache-2.0
"""Marks that nest or overlap, cut so that each piece lies within the pieces it is written in."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Generic, TypeVar

from ..text import Span

_Label = TypeVar("_Label")


@dataclass(frozen=True, slots=True)
class Open(Generic[_Label]):
    """A piece of a mark begins."""

    label: _Label
    is_start: bool  # of the whole mark


@dataclass(frozen=True, slots=True)
class Close(Generic[_Label]):
    """The innermost open piece ends."""

    label: _Label
    is_end: bool  # of the whole mark


def nested(length: int, marks: Sequence[tuple[Span, _Label]]) -> Iterator[Open[_Label] | Close[_Label] | Span]:
    """The text's pieces between marks, with what opens and closes around them.

    A mark that crosses the end of an earlier one is closed there and opened again, so every piece lies
    wholly within the pieces around it. Outer marks are the longer ones.
    """
    waiting = sorted(marks, key=lambda mark: (mark[0].start, -mark[0].end), reverse=True)
    edges = sorted({0, length, *(edge for span, _ in marks for edge in (span.start, span.end))})
    stack: list[tuple[Span, _Label]] = []
    for start, end in pairwise(edges):
        wanted = [mark for mark in stack if mark[0].end > start]
        while waiting and waiting[-1][0].start == start:
            wanted.append(waiting.pop())
        same = 0
        while same < min(len(stack), len(wanted)) and stack[same] is wanted[same]:
            same += 1
        for span, label in reversed(stack[same:]):
            yield Close(label, span.end == start)
        for span, label in wanted[same:]:
            yield Open(label, span.start == start)
        stack = wanted
        yield Span(start, end)
    for span, label in reversed(stack):
        yield Close(label, span.end == length)
