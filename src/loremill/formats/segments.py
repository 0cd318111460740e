# SPDX-License-Identifier: Apache-2.0
"""Cuts a text into the pieces that a mention is made of.

A mention that a grammar lets through is a run of these segments, so their edges are the places
where a mention may start and end: "U.S." stands in "U.S.-based" and "北京" in "北京是", which words
between blanks would refuse.
"""

from __future__ import annotations

import functools
import re
import unicodedata

# Scripts written without blanks between words, and Hangul, whose particles are written onto the noun.
_NO_BLANKS = (
    (0x0E00, 0x0EFF),  # Thai, Lao
    (0x0F00, 0x109F),  # Tibetan, Myanmar
    (0x1780, 0x17FF),  # Khmer
    (0x1950, 0x19FF),  # Tai Le, New Tai Lue
    (0x1A20, 0x1AAF),  # Tai Tham
    (0x1B00, 0x1B7F),  # Balinese
    (0x2E80, 0x2FDF),  # Han radicals
    (0x3005, 0x3007),  # Han iteration mark, closing mark, zero
    (0x3021, 0x31FF),  # Hangzhou numerals, Hiragana, Katakana, Bopomofo, Hangul compatibility jamo
    (0x3400, 0x4DBF),  # Han extension A
    (0x4E00, 0xA4CF),  # Han, Yi
    (0xA980, 0xA9FF),  # Javanese, Myanmar extended B
    (0xAA60, 0xAADF),  # Myanmar extended A, Tai Viet
    (0xAC00, 0xD7A3),  # Hangul syllables
    (0xF900, 0xFAFF),  # Han compatibility
    (0xFF66, 0xFFDC),  # half-width Katakana and Hangul
    (0x16FE0, 0x18DFF),  # Tangut, Nushu, Khitan
    (0x1AFF0, 0x1B2FF),  # Kana supplements, Nushu
    (0x20000, 0x323AF),  # Han extensions B to I
)
_JAMO = "[\u1100-\u115f\ua960-\ua97f]"  # leading consonants: a decomposed syllable stays whole
_JAMO_REST = "[\u1160-\u11ff\ud7b0-\ud7ff]"
_JOINERS = "\u00ad\u200c\u200d"  # soft hyphen, zero-width non-joiner and joiner
_PICTURES = "\u00a9\u00ae\u203c-\u3299\U0001f000-\U0001faff"  # what a joiner makes one emoji of
_PICTURE_MARKS = "\U0001f3fb-\U0001f3ff\U000e0020-\U000e007f"  # skin tones; the letters of regional flags
_FLAG = "[\U0001f1e6-\U0001f1ff]{2}"
_LAST_MARK = 0x1FFFF  # the only marks behind it are variation selectors
_VARIATION_SELECTORS = "\U000e0100-\U000e01ef"


def segment(text: str) -> list[str]:
    """``text`` in order, in pieces: their concatenation is the text.

    A piece is a run of letters, digits and ``_``; one character in a script without blanks; one
    blank; or one other character. Combining marks and joiners stay with what they follow, and an
    emoji sequence is one piece.
    """
    return _pattern().findall(text)


@functools.cache
def _pattern() -> re.Pattern[str]:
    mark = f"[{_marks()}{_JOINERS}]"
    single = "".join(f"{chr(first)}-{chr(last)}" for first, last in _NO_BLANKS)
    alone = f"(?:[{single}](?<=\\w)|{_JAMO}{_JAMO_REST}*|{_JAMO_REST}){mark}*"
    word = f"(?:(?![{single}\u1100-\u11ff\ua960-\ua97f\ud7b0-\ud7ff])\\w|{mark})+"
    extended = f"(?:{mark}|[{_PICTURE_MARKS}])*"
    picture = f"(?:{_FLAG}|[^\\w\\s]){extended}(?:(?<=\u200d)[{_PICTURES}]{extended})*"
    return re.compile(f"\\s|{alone}|{word}|{picture}")


def _marks() -> str:
    """The Unicode combining marks, as the inside of a character class."""
    marks = [i for i in range(0x300, _LAST_MARK) if unicodedata.category(chr(i))[0] == "M"]
    ranges: list[list[int]] = []
    for code in marks:
        if ranges and ranges[-1][1] == code - 1:
            ranges[-1][1] = code
        else:
            ranges.append([code, code])
    return "".join(f"{chr(first)}-{chr(last)}" for first, last in ranges) + _VARIATION_SELECTORS
