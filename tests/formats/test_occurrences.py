# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loremill.formats.occurrences import MAX_OCCURRENCES, Occurrences
from loremill.text import TextView

from .generated import texts


def found(text: str, *fragments: str) -> list[tuple[tuple[tuple[int, int], ...], str]]:
    mentions = Occurrences(TextView.identity(text)).of(fragments)
    return [(tuple((s.start, s.end) for s in m.fragments), m.match) for m in mentions]


@pytest.mark.parametrize(
    ("text", "fragment", "places", "match"),
    [
        ("on a station, on", "on", [(0, 2), (14, 16)], "exact"),  # not inside a word
        ("a station", "on", [(7, 9)], "exact"),  # unless it is nowhere else
        ("On the station", "on", [(0, 2)], "casefold"),  # a word in another case before a part of one
        ("STRASSE und Straße", "strasse", [(0, 7), (12, 18)], "casefold"),
        ("Straße", "strasse", [(0, 6)], "casefold"),
        ("cafe\u0301!", "café", [(0, 5)], "normalized"),
        ("New\n  York", "New York", [(0, 10)], "normalized"),
        ("ﬁre, Ｆｉｒｅ", "fire", [(0, 3)], "casefold"),
        ("Ｆｉｒｅ", "fire", [(0, 4)], "normalized"),
        ("北京是首都", "北京", [(0, 2)], "exact"),
        ("👩\u200d👧 and 👧", "👧", [(8, 9)], "exact"),  # not inside an emoji
        ("the U.S.-based", "U.S.", [(4, 8)], "exact"),
        ("İstanbul", "i\u0307stanbul", [(0, 8)], "casefold"),
    ],
)
def test_kind_and_places_of_a_match(text, fragment, places, match):
    assert found(text, fragment) == [((place,), match) for place in places]


def test_string_that_is_not_there_has_no_place():
    assert found("the fox", "dog") == found("the fox", "") == found("the fox") == found("", "dog") == []


def test_fragments_follow_each_other():
    assert found("left and right hand, left hand", "left", "hand") == [
        (((0, 4), (15, 19)), "exact"),
        (((21, 25), (26, 30)), "exact"),
    ]
    assert found("hand left", "left", "hand") == []


def test_fragments_that_touch_are_one():
    assert found("a-b", "a", "-", "b") == [(((0, 3),), "exact")]


@given(texts, st.data())
def test_every_piece_of_a_text_is_found(text, data):
    if not text.strip():
        return
    start = data.draw(st.integers(0, len(text) - 1))
    piece = text[start : data.draw(st.integers(start + 1, len(text)))]
    occurrences = Occurrences(TextView.identity(text)).of((piece,))
    assert occurrences
    for mention in occurrences:
        written = mention.texts_in(text)[0]
        assert written == piece if mention.match == "exact" else written.casefold() == piece.casefold()


@given(texts, st.lists(texts | st.text(max_size=3), min_size=1, max_size=3))
def test_any_strings_can_be_looked_up(text, fragments):
    for mention in Occurrences(TextView.identity(text)).of(tuple(fragments)):
        assert all(mention.texts_in(text))


def test_places_of_fragments_are_looked_up_once():
    occurrences = Occurrences(TextView.identity("a " * 50_000))
    started = time.perf_counter()
    assert len(occurrences.of(("a", "a", "a"))) == MAX_OCCURRENCES
    assert time.perf_counter() - started < 5
