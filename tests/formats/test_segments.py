# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from loremill.formats.segments import segment


@given(st.text())
@example("a\ud800b")
@example("\u200d\u200d;\u0301 \u0301")
def test_segments_join_to_the_text(text):
    pieces = segment(text)
    assert "".join(pieces) == text
    assert all(pieces)


@pytest.mark.parametrize("character", [chr(i) for i in (*range(0x20, 0x100), 0x3042, 0x4E2D, 0x1F600, 0x10FFFF)])
def test_one_character_is_one_segment(character):
    assert segment(character) == [character]


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("", []),
        ("U.S.-based", ["U", ".", "S", ".", "-", "based"]),
        ("snake_case 42nd", ["snake_case", " ", "42nd"]),
        ("a  b\t\n", ["a", " ", " ", "b", "\t", "\n"]),
        ("北京是 the", ["北", "京", "是", " ", "the"]),
        ("東京タワーが", ["東", "京", "タ", "ワ", "ー", "が"]),
        ("서울에서", ["서", "울", "에", "서"]),
        ("\u1112\u1161\u11ab\u1100\u1173\u11af", ["\u1112\u1161\u11ab", "\u1100\u1173\u11af"]),  # decomposed Hangul
        ("สวัสดี", ["ส", "วั", "ส", "ดี"]),
        ("नमस्ते दुनिया", ["नमस्ते", " ", "दुनिया"]),
        ("e\u0301te\u0301!", ["e\u0301te\u0301", "!"]),
        ("می\u200cخواهم", ["می\u200cخواهم"]),  # zero-width non-joiner inside a Persian word
        ("ab\u200bcd", ["ab", "\u200b", "cd"]),  # zero-width space
        ("👍🏽👩\u200d👧!", ["👍🏽", "👩\u200d👧", "!"]),
        ("🇩🇪🇫🇷", ["🇩🇪", "🇫🇷"]),
        ("❤\ufe0f1\ufe0f\u20e3", ["❤\ufe0f", "1\ufe0f\u20e3"]),
    ],
)
def test_segments_are_words_marks_and_blanks(text, pieces):
    assert segment(text) == pieces


@given(st.text(st.characters(categories=["Zs", "Zl", "Zp"]) | st.sampled_from("\t\n\r ab"), min_size=1))
def test_every_blank_stands_alone(text):
    assert all(len(piece) == 1 or not any(c.isspace() for c in piece) for piece in segment(text))
