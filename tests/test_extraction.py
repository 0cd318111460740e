# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loremill.extraction import Extraction, unread
from loremill.prompt import Usage
from loremill.text import Span
from loremill.windows import covered


@pytest.mark.parametrize(
    ("shown", "spans"),
    [
        ([], ((1, 7),)),
        ([(0, 8)], ()),
        ([(1, 3)], ((4, 7),)),
        ([(4, 5)], ((1, 3), (6, 7))),
        ([(3, 5), (1, 4)], ((6, 7),)),
    ],
)
def test_unread_is_what_no_window_shows_without_blanks_around_it(
    shown: list[tuple[int, int]], spans: tuple[tuple[int, int]]
):
    assert unread(" ab c d ", shown) == tuple(Span(start, end) for start, end in spans)


@given(st.text(alphabet="ab \n", max_size=12), st.lists(st.tuples(st.integers(0, 12), st.integers(0, 12)), max_size=4))
def test_something_is_unread_exactly_when_coverage_is_below_one(text: str, ends: list[tuple[int, int]]):
    shown = [(min(a, b, len(text)), min(max(a, b), len(text))) for a, b in ends]
    assert bool(unread(text, shown)) == (covered(text, shown) < 1.0)


def test_unread_behind_the_text_is_refused():
    with pytest.raises(ValueError, match="unread ends at 9, the text has 3 characters"):
        Extraction("1", "abc", (), (), 0.5, Usage(), unread=(Span(2, 9), Span(0, 1)))
