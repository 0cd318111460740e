# SPDX-License-Identifier: Apache-2.0
"""Sentences with kinds by rule, completed by what a model finds, but not where the two may contradict each other."""

from __future__ import annotations

import pytest
from wiki_kinds import completed

from loremill.frames import Document, Frame
from loremill.text import Mention

from .wordnet_files import wordnet_of

SYNSETS = [
    ("00000001", ["location"], [], "a place"),
    ("00000002", ["country"], ["00000001"], "a state"),
    ("00000005", ["France"], ["00000002"], "in Europe"),
]
TEXT = "Ada Lovelace met Bob on the Rhine in France."


@pytest.fixture
def nouns(tmp_path):
    return wordnet_of(tmp_path, SYNSETS)


def frame(name, words, score=None):
    start = TEXT.index(words)
    return Frame(name, Mention.at(start, start + len(words)), score=score)


def found(nouns, marked, *frames):
    marks = completed(Document(TEXT, "d", tuple(frame(*m) for m in marked)), frames, nouns)
    return marks and [(TEXT[i:j], kind) for i, j, kind in marks]


def test_other_names_are_added_with_the_kinds_that_wordnet_knows(nouns):
    frames = frame("person", "Bob", 0.9), frame("location", "France", 0.9)
    assert found(nouns, [("river", "Rhine")], *frames) == [("Bob", "person"), ("Rhine", "river"), ("France", "country")]
    assert found(nouns, [], frame("miscellaneous", "Bob", 0.9)) == [("Bob", "miscellaneous")]


def test_what_shares_characters_with_a_mark_is_not_another_name(nouns):
    assert found(nouns, [("river", "Rhine")], frame("location", "the Rhine", 0.1)) == [("Rhine", "river")]


def test_sentences_that_may_contradict_themselves_are_left_out(nouns):
    assert found(nouns, [("author", "Ada Lovelace")], frame("person", "Bob", 0.9)) is None  # is Bob an author?
    assert found(nouns, [], frame("location", "France", 0.9), frame("location", "Rhine", 0.9)) is None
    assert found(nouns, [("river", "Rhine")], frame("person", "Bob", 0.4)) is None
