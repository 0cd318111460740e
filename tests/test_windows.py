# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import itertools
import time

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from loremill.errors import InputError
from loremill.windows import Window, covered, sentences, windows

from .formats.generated import texts

LONG = st.lists(
    texts
    | st.sampled_from(["Mr. Fox ran. ", "Dr. No!  ", "北京。", "\n\n", "e.g. 3.5 ", "x" * 40, "?! ", "' ", " \n \n"]),
    max_size=12,
).map("".join)  # fmt: skip
SETTINGS = st.tuples(st.integers(1, 4), st.integers(0, 3)).filter(lambda s: s[1] < s[0]).map(lambda s: Window(*s))
FITS = {
    "characters": lambda size: lambda text: len(text) <= size,
    "words": lambda size: lambda text: len(text.split()) <= size,
    "bytes": lambda size: lambda text: len(text.encode()) <= max(size, 4),
    "odd": lambda size: lambda text: len(text) == 1 or (len(text) <= size and sum(map(ord, text)) % 3 != 0),
}


def cut(text: str) -> list[str]:
    return [text[start:end] for start, end in sentences(text)]


@given(LONG)
def test_sentences_are_the_whole_text(text):
    pieces = sentences(text)
    assert [start for start, _ in pieces] == [0, *(end for _, end in pieces[:-1])][: len(pieces)]
    assert "".join(cut(text)) == text
    assert all(text[start:end].strip() for start, end in pieces[:-1])


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("", []),
        (" ", [" "]),
        ("One. Two! Three? Four… Five", ["One. ", "Two! ", "Three? ", "Four… ", "Five"]),
        ('He said "No." She left.', ['He said "No." ', "She left."]),
        ("Mr. Fox met Dr. No. Both ran.", ["Mr. Fox met Dr. No. ", "Both ran."]),
        ("J. R. R. Tolkien wrote. He did.", ["J. R. R. Tolkien wrote. ", "He did."]),
        ("It cost 3.5 in the U.S. Navy, i.e. much. Yes.", ["It cost 3.5 in the U.S. Navy, i.e. much. ", "Yes."]),
        ("See fig. 3 and No. 5, or so. and on", ["See fig. 3 and No. 5, or so. and on"]),
        ("It was 5. 6 came. No 7 did.", ["It was 5. ", "6 came. ", "No 7 did."]),
        ("Wait... what? Yes... No", ["Wait... what? ", "Yes... ", "No"]),
        ("One\ntwo\n\nthree \n \n four", ["One\ntwo\n\n", "three \n \n ", "four"]),
        ("北京。上海！「好。」他说", ["北京。", "上海！", "「好。」", "他说"]),
        ("کیا؟ ہاں۔ جی", ["کیا؟ ", "ہاں۔ ", "جی"]),
        ("राम गया। वह आया।", ["राम गया। ", "वह आया।"]),
        ("\n\n  One. Two", ["\n\n  One. ", "Two"]),
        ("One. \n\n", ["One. \n\n"]),
        ("?!?! ...", ["?!?! ", "..."]),
    ],
)
def test_sentences_end_where_readers_see_them_end(text, pieces):
    assert cut(text) == pieces


@given(LONG, SETTINGS, st.sampled_from(sorted(FITS)), st.integers(1, 40))
def test_windows_cover_the_text_and_fit(text, settings, kind, size):
    fits = FITS[kind](size)
    shown = list(windows(text, settings, fits))
    seen = {i for start, end in shown for i in range(start, end)}
    assert all(i in seen for i, c in enumerate(text) if not c.isspace())
    assert covered(text, shown) == 1.0
    for start, end in shown:
        assert 0 <= start < end <= len(text)
        assert not text[start].isspace()
        assert kind == "odd" or (not text[end - 1].isspace() and fits(text[start:end]))
    if kind != "odd":  # in order, and none inside another
        assert all(left[0] < right[0] and left[1] < right[1] for left, right in itertools.pairwise(shown))


@given(LONG, SETTINGS)
def test_where_all_fits_windows_are_runs_of_sentences(text, settings):
    assume(text.strip())
    pieces = [(text[:start] + text[start:end].rstrip(), start) for start, end in sentences(text)]
    ends = {len(before) for before, _ in pieces}
    starts = {start + len(text[start:]) - len(text[start:].lstrip()) for _, start in pieces}
    for start, end in windows(text, settings, lambda _: True):
        assert start in starts
        assert end in ends
        assert len([e for e in ends if start < e <= end]) <= settings.sentences


@pytest.mark.parametrize(
    ("settings", "shown"),
    [
        (Window(), ["A b.", "C d.", "E f.", "G h."]),
        (Window(2), ["A b. C d.", "E f. G h."]),
        (Window(2, 1), ["A b. C d.", "C d. E f.", "E f. G h."]),
        (Window(3, 1), ["A b. C d. E f.", "E f. G h."]),
        (Window(9, 8), ["A b. C d. E f. G h."]),
    ],
)
def test_windows_overlap_by_sentences(settings, shown):
    text = "A b. C d. E f. G h. "
    assert [text[start:end] for start, end in windows(text, settings, lambda _: True)] == shown


def test_group_that_does_not_fit_is_shown_by_sentence_once():
    text = "A b. C d. E f. G h."
    assert [text[s:e] for s, e in windows(text, Window(3, 2), lambda t: len(t) <= 5)] == [
        "A b.",
        "C d.",
        "E f.",
        "G h.",
    ]


def test_sentence_that_does_not_fit_is_cut_at_blanks_with_overlap():
    text = "one two three four five six seven"
    shown = [text[s:e] for s, e in windows(text, Window(), lambda t: len(t) <= 15)]
    assert shown == ["one two three", "three four five", "five six seven"]


def test_long_word_is_cut_in_pieces_that_overlap_by_a_quarter():
    shown = list(windows("x" * 5_000, Window(), lambda t: len(t) <= 1_000))
    assert shown[:3] == [(0, 1000), (750, 1750), (1500, 2500)]
    assert shown[-1][1] == 5_000


def test_nothing_that_fits_is_an_error():
    with pytest.raises(InputError, match="room for at least one character, 'a' does not fit"):
        list(windows("ab", Window(), lambda _: False))


@pytest.mark.parametrize(("count", "overlap"), [(0, 0), (1, 1), (2, -1)])
def test_window_that_never_moves_is_refused(count, overlap):
    with pytest.raises(InputError, match=f"0 <= overlap < sentences, got {count} and {overlap}"):
        Window(count, overlap)


@pytest.mark.parametrize(("text", "shown", "share"), [("", [], 1.0), (" \n", [], 1.0), ("a b c d", [(0, 3)], 0.5)])
def test_coverage_is_the_share_of_characters_that_are_no_blanks(text, shown, share):
    assert covered(text, shown) == share


def test_coverage_counts_a_character_once():
    assert covered("abcd", [(0, 2), (1, 3), (0, 3)]) == 0.75


@pytest.mark.parametrize(
    "unit",
    [*"x .\n。", " \n", ". ", '."', "A. ", "Mr. ", "a. b ", "x ", "One two. ", ".\n ", "x" * 5_000 + " ", "…) "],
)
def test_a_megabyte_is_cut_in_linear_time(unit):
    text = "a" + unit * (1_000_000 // len(unit)) + "b"
    read = 0

    def fits(piece: str) -> bool:
        nonlocal read
        read += len(piece)
        return len(piece) <= 2_000

    started = time.perf_counter()
    shown = list(windows(text, Window(), fits))
    assert time.perf_counter() - started < 10
    assert covered(text, shown) == 1.0
    assert read < 40 * len(text)  # a tokenizer reads all that is tried
