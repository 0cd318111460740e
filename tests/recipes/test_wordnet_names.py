# SPDX-License-Identifier: Apache-2.0
"""Annotated names with narrower kinds: only where all names of a type have one, and told to be kinds of it."""

from __future__ import annotations

import pytest
from wordnet_names import chosen, kind_of, narrowed, write

from loremill.corpora import corpus, load
from loremill.frames import Document, Frame
from loremill.text import Mention

from .wordnet_files import wordnet_of

# "georgia" is a country and a state, "london" a city and a writer
SYNSETS = [
    ("00000001", ["location"], [], "a place"),
    ("00000002", ["country"], ["00000001"], "a state"),
    ("00000003", ["state"], ["00000001"], "a part of a country"),
    ("00000004", ["national_capital"], ["00000001"], "seat of a government"),
    ("00000005", ["France"], ["00000002"], "in Europe"),
    ("00000006", ["Georgia"], ["00000002"], "in the Caucasus"),
    ("00000007", ["Georgia"], ["00000003"], "in America"),
    ("00000008", ["London"], ["00000004"], "on the Thames"),
    ("00000010", ["person"], [], "somebody"),
    ("00000011", ["writer"], ["00000010"], "writes"),
    ("00000012", ["London", "Jack_London"], ["00000011"], "wrote novels"),
]


@pytest.fixture
def nouns(tmp_path):
    return wordnet_of(tmp_path, SYNSETS)


def document(text, **named):
    frames = (
        Frame(name, Mention.at(text.index(word), text.index(word) + len(word)))
        for name, words in named.items()
        for word in words
    )
    return Document(text, "d", tuple(frames))


def kinds(doc, nouns):
    return [(doc.text[i:j], kind) for i, j, kind in narrowed(doc, nouns)]


def test_a_name_is_what_all_its_senses_of_the_annotated_type_are(nouns):
    assert kind_of("France", "location", nouns) == "country"
    assert kind_of("London", "location", nouns) == "city"
    assert kind_of("LONDON", "person", nouns) == "writer"
    assert kind_of("Jack  London", "person", nouns) == "writer"
    assert kind_of("Georgia", "location", nouns) is None
    assert kind_of("France", "person", nouns) is None
    assert kind_of("Ruritania", "location", nouns) is None


def test_names_of_a_type_are_narrowed_all_or_none(nouns):
    met = document("Ada met Bob in France and London.", person=["Ada", "Bob"], location=["France", "London"])
    assert kinds(met, nouns) == [("Ada", "person"), ("Bob", "person"), ("France", "country"), ("London", "city")]
    assert kinds(document("From France to Ruritania.", location=["France", "Ruritania"]), nouns) == []
    assert kinds(document("Ada saw Ruritania.", person=["Ada"], location=["Ruritania"]), nouns) == []
    assert kinds(document("Jack London left.", person=["Jack London"]), nouns) == [("Jack London", "writer")]


def test_sentences_with_rare_kinds_are_left_out():
    marked = [("a", [(0, 1, "country")])] * 9 + [("b", [(0, 1, "country"), (1, 2, "ruler")])]
    rows, used = chosen(marked)
    assert used == {"country": 10}
    assert {text for text, _ in rows} == {"a"}


def test_what_is_written_tells_what_its_types_are_kinds_of(nouns, tmp_path):
    doc = document("Ada met Bob in France.", person=["Ada", "Bob"], location=["France"])
    write(tmp_path / "names", [(doc.text, list(narrowed(doc, nouns)))], ["country", "person", "body of water"])
    entry = corpus(str(tmp_path / "names"))
    assert entry.broader == {"country": ("location",), "body_of_water": ("location",)}
    assert entry.is_partial
    (found,) = load(entry.name, "train")
    assert [f.type for f in found.frames] == ["person", "person", "country"]
