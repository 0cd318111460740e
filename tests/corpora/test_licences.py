# SPDX-License-Identifier: Apache-2.0
"""Licences by their wording: the narrowest terms count, and every entry's wording is in the table."""

import re

import pytest

from loremill.corpora import catalogue, is_allowed, terms_of
from loremill.corpora.licences import TERMS


@pytest.mark.parametrize(
    ("licence", "terms"),
    [
        ("MIT", "permissive"),
        ("Apache-2.0", "permissive"),
        ("CC BY 4.0 (conversion)", "permissive"),
        ("CC-BY-3.0", "permissive"),
        ("CC0 1.0", "permissive"),
        ("public domain", "permissive"),
        ("CC BY-SA 3.0", "share-alike"),
        ("MIT (annotations), CC BY-SA (Wikipedia)", "share-alike"),
        ("GPL-3.0", "share-alike"),
        ("CC BY-NC 4.0", "research"),
        ("CC BY-NC-SA 4.0", "research"),
        ("MIT (repository), non-commercial text", "research"),
        ("research only (Reuters Corpus RCV1)", "research"),
        ("GENIA licence (CC BY 3.0 annotations)", "research"),
        ("not stated", "not stated"),
        ("not stated (derived from FewRel: MIT)", "not stated"),
        ("ask the authors", "not stated"),
        ("summit limited", "not stated"),
        ("", "not stated"),
    ],
)
def test_terms_are_the_narrowest_that_are_named(licence, terms):
    assert terms_of(licence) == terms


@pytest.mark.parametrize("entry", catalogue().values(), ids=lambda c: c.name)
def test_wording_of_every_entry_is_in_the_table(entry):
    assert any(re.search(pattern, entry.licence, re.IGNORECASE) for pattern, _ in TERMS)


def test_non_commercial_is_never_permissive():
    for entry in catalogue().values():
        if "NC" in entry.licence or "research" in entry.licence or "not stated" in entry.licence:
            assert not is_allowed(entry.licence, "permissive")
    assert is_allowed("CC BY-NC 4.0", "research")
    assert not is_allowed("not stated", "research")
    assert is_allowed("not stated", "all")
