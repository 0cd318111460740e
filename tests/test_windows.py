# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import itertools
import time
from collections import Counter

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from loremill.errors import InputError, UnknownNameError
from loremill.windows import Window, covered, paragraphs, sentences, told_smaller, windows

from .formats.generated import texts

LONG = st.lists(
    texts
    | st.sampled_from(["Mr. Fox ran. ", "Dr. No!  ", "北京。", "\n\n", "e.g. 3.5 ", "x" * 40, "?! ", "' ", " \n \n"]),
    max_size=12,
).map("".join)  # fmt: skip
SIZES = st.tuples(st.integers(1, 4), st.integers(0, 3)).filter(lambda s: s[1] < s[0])
BY_SENTENCE = SIZES.map(lambda s: Window(*s))
SETTINGS = BY_SENTENCE | SIZES.map(lambda s: Window(*s, unit="paragraph")) | st.just(Window(unit="document"))
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
    pieces = list(sentences(text))
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
        ("Made in the U.S.\n\nby hand", ["Made in the U.S.\n\n", "by hand"]),
    ],
)
def test_sentences_end_where_readers_see_them_end(text, pieces):
    assert cut(text) == pieces


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("", []),
        ("\n\n", ["\n\n"]),
        ("One. Two\nthree.\n\nFour", ["One. Two\nthree.\n\n", "Four"]),
        ("\n \n One\r\n\r\nTwo \n\t\n\n Three\n\n", ["\n \n One\r\n\r\n", "Two \n\t\n\n ", "Three\n\n"]),
    ],
)
def test_paragraphs_end_at_empty_lines(text, pieces):
    assert [text[start:end] for start, end in paragraphs(text)] == pieces


@given(LONG)
def test_paragraphs_are_the_whole_text_and_runs_of_sentences(text):
    places = list(paragraphs(text))
    assert "".join(text[start:end] for start, end in places) == text
    whole = {text[start:end].strip() for start, end in sentences(text)} - {""}
    assert whole == {text[s:e].strip() for place in places for s, e in sentences(text, *place)} - {""}


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


@given(LONG, BY_SENTENCE)
def test_where_all_fits_windows_are_runs_of_sentences(text, settings):
    assume(text.strip())
    pieces = [(text[:start] + text[start:end].rstrip(), start) for start, end in sentences(text)]
    ends = {len(before) for before, _ in pieces}
    starts = {start + len(text[start:]) - len(text[start:].lstrip()) for _, start in pieces}
    for start, end in windows(text, settings, lambda _: True):
        assert start in starts
        assert end in ends
        assert len([e for e in ends if start < e <= end]) <= settings.size


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


STORY = "Ada ran. Bob sat.\n\nEve read a long book about a long war. It rained.\n\nAll slept."


@pytest.mark.parametrize(
    ("window", "size", "shown", "note"),
    [
        (Window(unit="document"), 100, [STORY], ""),
        (
            Window(unit="document"),
            30,
            ["Ada ran. Bob sat.", "Eve read a long book about a", "a long war.", "It rained.", "All slept."],
            "the model has no room for the whole document; windows by paragraph: 2, by sentence: 1, by piece: 2",
        ),
        (Window(unit="paragraph"), 60, STORY.split("\n\n"), ""),
        (
            Window(unit="paragraph"),
            40,
            ["Ada ran. Bob sat.", "Eve read a long book about a long war.", "It rained.", "All slept."],
            "the model has no room for every paragraph; windows by sentence: 2",
        ),
        (
            Window(2, 1, unit="paragraph"),
            60,
            STORY.split("\n\n"),
            "the model has no room for 2 paragraphs at a time; windows by paragraph: 3",
        ),
        (
            Window(3),
            40,
            ["Ada ran.", "Bob sat.", "Eve read a long book about a long war.", "It rained.\n\nAll slept."],
            "the model has no room for 3 sentences at a time; windows by sentence: 3",
        ),
    ],
)
def test_what_does_not_fit_is_shown_by_the_next_smaller_unit_and_counted(window, size, shown, note):
    smaller = Counter()
    found = [STORY[s:e] for s, e in windows(STORY, window, lambda t: len(t) <= size, smaller=smaller)]
    assert found == shown
    assert told_smaller(window, smaller) == note


@given(LONG, SETTINGS, st.integers(1, 40))
def test_windows_that_are_counted_as_smaller_are_those_that_are_no_run_of_units(text, window, size):
    def fits(piece: str) -> bool:
        return len(piece) <= size

    smaller = Counter()
    shown = list(windows(text, window, fits, smaller=smaller))
    as_wanted = set(windows(text, window, lambda _: True))
    assert smaller.total() >= len([place for place in shown if place not in as_wanted])
    assert (smaller.total() == 0) == all(fits(text[s:e]) for s, e in as_wanted)


def test_a_text_is_cut_as_it_is_read():
    text = "One two. " * 100_000
    read = 0

    def fits(piece: str) -> bool:
        nonlocal read
        read += len(piece)
        return True

    assert list(itertools.islice(windows(text, Window(3, 1), fits), 2)) == [(0, 26), (18, 44)]
    assert read < 100


def test_no_sentence_is_asked_about_twice():
    asked = []

    def fits(piece: str) -> bool:
        asked.append(piece)
        return len(piece) <= 20

    list(windows("A long one that stands alone.\n\nShort.", Window(unit="document"), fits))
    assert asked.count("Short.") == 1
    assert asked.count("A long one that stands alone.") <= 2  # once whole, once to be cut


def test_nothing_that_fits_is_an_error():
    with pytest.raises(InputError, match="room for at least one character, 'a' does not fit"):
        list(windows("ab", Window(), lambda _: False))


@pytest.mark.parametrize(("count", "overlap"), [(0, 0), (1, 1), (2, -1)])
def test_window_that_never_moves_is_refused(count, overlap):
    with pytest.raises(InputError, match=f"0 <= overlap < size, got {count} and {overlap}"):
        Window(count, overlap)


def test_unit_that_is_none_and_many_documents_are_refused():
    with pytest.raises(UnknownNameError, match=r"unknown window 'paragraf'. Did you mean 'paragraph'\?"):
        Window(unit="paragraf")
    with pytest.raises(InputError, match="window of a whole document has size 1, got 2"):
        Window(2, unit="document")


def test_identity_tells_windows_apart():
    assert [Window().identity, Window(3, 1).identity, Window(unit="document").identity] == [
        "sentence 1/0",
        "sentence 3/1",
        "document 1/0",
    ]


@pytest.mark.parametrize(("text", "shown", "share"), [("", [], 1.0), (" \n", [], 1.0), ("a b c d", [(0, 3)], 0.5)])
def test_coverage_is_the_share_of_characters_that_are_no_blanks(text, shown, share):
    assert covered(text, shown) == share


def test_coverage_counts_a_character_once():
    assert covered("abcd", [(0, 2), (1, 3), (0, 3)]) == 0.75


HOSTILE = ["x .\n。", " \n", ". ", '."', "A. ", "Mr. ", "a. b ", "x ", "One two. ", ".\n ", "x" * 5_000 + " ", "…) "]
EMPTY_LINES = ["\n", " \n\n", "x\n\n", "x.\n", "\r\n"]


@pytest.mark.parametrize(
    ("unit", "unit_wanted"),
    [*itertools.product(HOSTILE, ["sentence"]), *itertools.product(EMPTY_LINES, ["paragraph", "document"])],
)
def test_a_megabyte_is_cut_in_linear_time(unit, unit_wanted):
    text = "a" + unit * (1_000_000 // len(unit)) + "b"
    read = 0

    def fits(piece: str) -> bool:
        nonlocal read
        read += len(piece)
        return len(piece) <= 2_000

    started = time.perf_counter()
    shown = list(windows(text, Window(unit=unit_wanted), fits))
    assert time.perf_counter() - started < 10
    assert covered(text, shown) == 1.0
    assert read < 40 * len(text)  # a tokenizer reads all that is tried
