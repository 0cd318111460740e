# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from loremill.reports.nesting import Close, Open, nested
from loremill.text import Span

LENGTH = 12
spans = st.tuples(st.integers(0, LENGTH), st.integers(0, LENGTH)).filter(lambda p: p[0] < p[1]).map(lambda p: Span(*p))


def written(*marks: tuple[int, int, str]) -> str:
    text = "abcdef"
    parts = []
    for piece in nested(len(text), [(Span(start, end), name) for start, end, name in marks]):
        if isinstance(piece, Span):
            parts.append(text[piece.start : piece.end])
        elif isinstance(piece, Open):
            parts.append(f"[{piece.label}:" if piece.is_start else f"~{piece.label}:")
        else:
            parts.append("]" if piece.is_end else "~")
    return "".join(parts)


def test_longer_marks_hold_shorter_ones():
    assert written((1, 3, "x"), (1, 5, "y")) == "a[y:[x:bc]de]f"


def test_marks_that_cross_are_cut_and_go_on():
    assert written((0, 3, "x"), (2, 5, "y")) == "[x:ab[y:c~]~y:de]f"


def test_marks_side_by_side_do_not_hold_each_other():
    assert written((0, 2, "x"), (2, 6, "y")) == "[x:ab][y:cdef]"


@given(st.lists(spans, max_size=8))
def test_every_mark_covers_its_characters_and_pieces_are_well_nested(given: list[Span]):
    covered = {number: set() for number in range(len(given))}
    stack: list[int] = []
    reached = 0
    for piece in nested(LENGTH, list(zip(given, range(len(given)), strict=True))):
        if isinstance(piece, Open):
            stack.append(piece.label)
        elif isinstance(piece, Close):
            assert stack.pop() == piece.label
        else:
            assert piece.start == reached
            reached = piece.end
            for number in stack:
                covered[number].update(range(piece.start, piece.end))
    assert (stack, reached) == ([], LENGTH)
    assert covered == {number: set(range(span.start, span.end)) for number, span in enumerate(given)}
