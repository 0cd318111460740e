# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loremill.escape import escape, unescape

DELIMITERS = ":;,|"

hostile = st.text(st.sampled_from([*DELIMITERS, *"\n\r\tnrt ab", "é", "😀"]) | st.characters())


@given(hostile)
def test_unescape_inverts_escape(text):
    assert unescape(escape(text, DELIMITERS)) == text


@given(hostile)
def test_no_delimiter_or_line_character_is_bare(text):
    assert not re.search(r"[:;,|\n\r\t\\]", re.sub(r"\\.", "", escape(text, DELIMITERS)))


@given(hostile)
def test_unescape_reads_any_string(text):
    assert len(unescape(text)) <= len(text)


@pytest.mark.parametrize(
    ("written", "read"), [(r"a\;b", "a;b"), (r"\n\t", "\n\t"), (r"\\n", r"\n"), (r"\q", "q"), ("a\\", "a\\"), ("", "")]
)
def test_unknown_escape_is_its_character_and_a_last_backslash_stays(written, read):
    assert unescape(written) == read
