# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import ast
import json
import re
import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from loremill.formats import quoted
from loremill.formats.grammar import begin
from loremill.models.matcher import GrammarMask
from loremill.prompt import PLAIN

from .generated import texts
from .vocabularies import VOCABULARIES, walk

JSON_ENDS = re.compile(r"\s*(?:[,:\]}]|\Z)")
strings = texts | st.text() | st.lists(st.sampled_from(['"', "'", "\\", "\n", "\\u", "d83d", ",", "["])).map("".join)


@given(strings)
@example("\x00\x0b\x1f\x7f\u2028\u0085")
def test_a_string_is_one_literal_of_json_and_of_python(text):
    written = quoted.write(text)
    assert json.loads(written) == ast.literal_eval(written) == text


@given(strings, strings)
def test_what_was_written_is_scanned(text, behind):
    written = quoted.write(text)
    found = quoted.scan(f"x{written}{behind}", 1)
    assert (found.value, found.start, found.end, found.is_closed) == (text, 1, 1 + len(written), True)
    assert quoted.scan(f"{written},{behind}", 0, closes=JSON_ENDS).value == text
    assert quoted.scan(written, 0, closes=JSON_ENDS, one_line=True).value == text


@given(strings)
def test_no_bare_quote_or_line_character_inside(text):
    inside = quoted.escape(text)
    assert '"' not in re.sub(r"\\.", "", inside)
    assert not set("\n\r\t") & set(inside)


@given(st.sampled_from("\"'"), strings, st.booleans(), st.sampled_from([None, JSON_ENDS]))
def test_anything_is_scanned(quote, rest, one_line, closes):
    found = quoted.scan(quote + rest, 0, closes=closes, one_line=one_line)
    assert 0 < found.end <= len(rest) + 1


@pytest.mark.parametrize(
    ("literal", "value"),
    [
        (r'"a\"b\\c\/d"', 'a"b\\c/d'),
        (r'"\n\r\t\b\f"', "\n\r\t\b\f"),
        (r'"\u00e9\xe9\U0001F600\ud83d\ude00"', "éé😀😀"),
        (r'"\ud83d \ude00 \ud83dx"', "\ufffd \ufffd \ufffdx"),
        (r'"\U00110000"', "\ufffd"),
        (r'"\u12 \q\'"', "u12 q'"),
        (r"'it\'s'", "it's"),
        ("'say \"x\"'", 'say "x"'),
    ],
)
def test_escapes(literal, value):
    assert quoted.scan(literal, 0) == quoted.Quoted(value, 0, len(literal), True)


@pytest.mark.parametrize(
    ("text", "value", "end", "is_closed"),
    [
        ('"the "best" fox", "b"', 'the "best" fox', 16, True),  # not escaped
        ("'Ada's', 'b'", "Ada's", 7, True),
        ('"Ada, "Bob"', "Ada", 4, False),  # not closed
        ('"Ada], "b": ["Bob"]', "Ada", 4, False),
        ('"Ada],\n "b": ["Bob"]', "Ada", 4, False),
        ('"New\nYork"]', "New\nYork", 10, True),
        ('"Ada', "Ada", 4, False),
        ('"Ada]}', "Ada", 4, False),
        ('"Ada\\', "Ada\\", 5, False),
        ('"', "", 1, False),
    ],
)
def test_quotes_forgotten(text, value, end, is_closed):
    found = quoted.scan(text, 0, closes=JSON_ENDS)
    assert (found.value, found.end, found.is_closed) == (value, end, is_closed)
    assert found.is_cut == ('"' not in text[found.end :] and not is_closed)


def test_line_break_ends_a_string_of_one_line():
    assert quoted.scan('"Ada),\nb"', 0, one_line=True) == quoted.Quoted("Ada),", 0, 6, False)
    assert quoted.scan('"Ada),\nb"', 0, closes=JSON_ENDS, one_line=True) == quoted.Quoted("Ada", 0, 4, False)


def test_scan_stops_where_it_is_told():
    assert quoted.scan('"Ada Bob"', 0, 4) == quoted.Quoted("Ada", 0, 4, False, is_cut=True)


@pytest.mark.parametrize("unit", ['"', "'", '"a', '"\n', "\"a\n'", ',"', '" ', "\\", '\\"', "[", '"[ '])
def test_a_hundred_thousand_characters_are_scanned_at_once(unit):
    text = unit * (100_000 // len(unit))
    started = time.perf_counter()
    for one_line in (True, False):
        at = 0
        while match := re.compile("[\"']").search(text, at):
            at = quoted.scan(text, match.start(), closes=JSON_ENDS, one_line=one_line).end
    assert time.perf_counter() - started < 2


@pytest.mark.parametrize("name", ["byte-level", "SentencePiece"])
@pytest.mark.parametrize(
    ("text", "fragment", "is_span"),
    [
        ('say "a b" c:\\d', '"a b"', True),
        ('say "a b" c:\\d', '"', True),
        ('say "a b" c:\\d', "c:\\d", True),
        ('say "a b" c:\\d', " c", False),
        ("a\nb\t\x0bc\x00", "a\nb", True),
        ("a\nb\t\x0bc\x00", "c\x00", True),
        ("a\nb\t\x0bc\x00", "b\t", False),
        ("a\nb\t\x0bc\x00", "b\t\x0b", False),
        ("a\nb\t\x0bc\x00", "\x0bc", False),
        ("n \\n u", "\\n", True),
        ("北京 😀", "京 😀", True),
        ("the fox", "dog", False),
    ],
)
def test_spans_of_a_text_stand_in_the_mask(name, text, fragment, is_span):
    vocabulary = VOCABULARIES[name]()
    lark = "\n".join([*begin(PLAIN, '"\\"" SPAN "\\""'), *quoted.span(text)])
    tokens = vocabulary.encode(f" {quoted.write(fragment)}")
    refused = walk(lambda: GrammarMask(vocabulary.ll, lark), tokens, vocabulary.eos_id)
    assert (refused == "") == is_span, refused
