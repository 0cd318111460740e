# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loremill.text import Mention, Span, TextView

TEXT = "a 👩\u200d👧 e\u0301 北京"


@pytest.mark.parametrize(("start", "end"), [(0, 0), (2, 1), (-1, 3)])
def test_span_needs_a_character(start, end):
    with pytest.raises(ValueError, match=f"span needs 0 <= start < end, got {start}:{end}"):
        Span(start, end)


def test_span_behind_the_text_is_refused():
    with pytest.raises(ValueError, match="span 3:9 ends behind a text of 4 characters"):
        Span(3, 9).text_in("four")


@pytest.mark.parametrize(("span", "text"), [(Span(2, 5), "👩\u200d👧"), (Span(6, 8), "e\u0301"), (Span(9, 11), "北京")])
def test_offsets_are_code_points(span, text):
    assert span.text_in(TEXT) == TEXT[span.start : span.end] == text


@pytest.mark.parametrize("fragments", [(Span(4, 6), Span(0, 2)), (Span(0, 2), Span(1, 3)), (Span(0, 2), Span(2, 4))])
def test_fragments_are_in_order_and_apart(fragments):
    with pytest.raises(ValueError, match="fragments need to be in order and apart, got"):
        Mention(fragments)


def test_mention_needs_a_fragment():
    with pytest.raises(ValueError, match="at least one fragment"):
        Mention(())


def test_kind_of_match_takes_no_part_in_comparisons():
    assert Mention.at(0, 2, match="casefold") == Mention.at(0, 2)
    assert len({Mention.at(0, 2, match="casefold"), Mention.at(0, 2)}) == 1


def test_shifted_mention_has_the_same_texts():
    mention = Mention((Span(0, 1), Span(6, 8)), "normalized")
    shifted = mention.shift(3)
    assert (shifted.start, shifted.end, shifted.match) == (3, 11, "normalized")
    assert shifted.texts_in("xyz" + TEXT) == mention.texts_in(TEXT) == ("a", "e\u0301")


def test_view_needs_a_place_for_every_character():
    with pytest.raises(ValueError, match="2 characters, 1 starts, 2 ends"):
        TextView("ab", (0,), (1, 2))


@given(st.text(min_size=1), st.data())
def test_identity_view_maps_every_span_to_itself(text, data):
    start = data.draw(st.integers(0, len(text) - 1))
    span = Span(start, data.draw(st.integers(start + 1, len(text))))
    view = TextView.identity(text)
    assert view.from_original(span) == (span.start, span.end)
    assert view.to_original(span.start, span.end) == span


class TestViewWithBlanksPutIn:
    """``Café-Straße`` as a tokenizer without accents may see it: ``cafe - strasse``."""

    view = TextView(
        "cafe - strasse", (0, 1, 2, 3, 4, 4, 5, 5, 6, 7, 8, 9, 9, 10), (1, 2, 3, 4, 4, 5, 5, 6, 7, 8, 9, 10, 10, 11)
    )

    @pytest.mark.parametrize(
        ("place", "span"), [((0, 4), Span(0, 4)), ((0, 6), Span(0, 5)), ((7, 14), Span(5, 11)), ((4, 6), Span(4, 5))]
    )
    def test_to_original(self, place, span):
        assert self.view.to_original(*place) == span

    def test_a_blank_put_in_stands_for_nothing(self):
        assert self.view.to_original(4, 5) is None

    @pytest.mark.parametrize(("span", "place"), [(Span(0, 4), (0, 4)), (Span(4, 5), (5, 6)), (Span(5, 11), (7, 14))])
    def test_from_original_leaves_out_blanks_put_in(self, span, place):
        assert self.view.from_original(span) == place

    def test_an_edge_inside_a_piece_widens_it(self):
        assert self.view.from_original(Span(9, 10)) == (11, 13)

    def test_what_the_view_lacks_has_no_place(self):
        assert TextView("ac", (0, 2), (1, 3)).from_original(Span(1, 2)) is None
