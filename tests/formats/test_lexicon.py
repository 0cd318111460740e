# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loremill.errors import FormatError
from loremill.formats.lexicon import Lexicon, fold
from loremill.schema.types import AttributeType, FrameType, Schema, SlotType

POLARITY = AttributeType("polarity", ("very good", "bad"))
SCHEMA = Schema((FrameType("Work_For", family="events", slots=(SlotType("Boss"),), attributes=(POLARITY,)),))


@given(st.text())
def test_fold_is_the_same_for_every_unicode_form_and_case(text):
    if all(unicodedata.combining(c) == 0 for c in text):  # the order of marks is kept
        assert len({fold(unicodedata.normalize(form, text)) for form in ("NFC", "NFD", "NFKC", "NFKD")}) == 1
    assert not any(c.isspace() for c in fold(text))


@pytest.mark.parametrize("written", ["work for", "WORK  FOR", "workfor", "Ｗork for", " work\nfor "])
def test_type_is_found_whatever_its_case_and_blanks(written):
    assert Lexicon.of(SCHEMA, str).type(written) is SCHEMA.types[0]


def test_run_of_combining_marks_is_folded_in_linear_time():
    started = time.perf_counter()
    fold("\u0301\u0323" * 50_000)
    assert time.perf_counter() - started < 2  # 13 s by unicodedata.normalize on the whole


def test_what_the_tokenizer_writes_is_found_beside_the_label():
    lexicon = Lexicon.of(SCHEMA, lambda label: f"<{label}>")
    for written in ("Boss", "<boss>"):
        assert lexicon.role("Work_For", written) == SlotType("Boss")
    for written in ("very good", "< VERY GOOD >"):
        assert lexicon.choice(POLARITY, written) == "very good"
    assert lexicon.role("Work_For", "polarity") is POLARITY


def test_what_is_not_of_the_schema_is_none():
    lexicon = Lexicon.of(SCHEMA, str)
    assert lexicon.type("boss") is lexicon.role("other", "Boss") is lexicon.choice(POLARITY, "good") is None


@pytest.mark.parametrize(
    ("types", "message"),
    [
        ((FrameType("person"), FrameType("Person")), "labels 'person' and 'Person' look the same"),
        ((FrameType("x", slots=(SlotType("a b"), SlotType("ab"))),), "roles of 'x' 'a b' and 'ab' look the same"),
        ((FrameType("x", attributes=(AttributeType("p", ("No", "no")),)),), "choices of 'p' 'No' and 'no' look"),
    ],
)
def test_labels_that_look_the_same_are_refused(types, message):
    with pytest.raises(FormatError, match=message):
        Lexicon.of(Schema(types), str)
