# SPDX-License-Identifier: Apache-2.0
"""Kinds by WordNet: of nouns that mean one thing, none above another, marked where they stand."""

from __future__ import annotations

import pytest
from wordnet_kinds import broader_of, chosen, kinds_of, marks, schema_of, write

from loremill.corpora import corpus, load

from .wordnet_files import wordnet_of

# word -> (offset, words, above, gloss, pointer); "bank" is of two kinds, "run" mostly a verb
SYNSETS = [
    ("00000001", ["entity"], [], "all there is"),
    ("00000010", ["artifact"], ["00000001"], "a man-made object"),
    ("00000011", ["instrument", "tool"], ["00000010"], 'a thing to work with; "a fine instrument"'),
    ("00000012", ["violin", "fiddle"], ["00000011"], "has four strings"),
    ("00000013", ["grand_piano"], ["00000011"], "a large piano"),
    ("00000020", ["group"], ["00000001"], "several together"),
    ("00000021", ["party"], ["00000020"], "people with a political aim"),
    ("00000022", ["bank"], ["00000020"], "it keeps money"),
    ("00000030", ["place"], ["00000001"], "a region"),
    ("00000031", ["bank"], ["00000030"], "beside a river"),
    ("00000032", ["Lisbon"], ["00000030"], "a city"),
    ("00000040", ["run"], ["00000020"], "a score"),
]


@pytest.fixture
def nouns(tmp_path):
    return wordnet_of(tmp_path, SYNSETS)


def test_a_cut_has_no_kind_above_another(nouns):
    assert nouns.below["00000011"] == 5
    assert nouns.below["00000001"] == 13  # words, so that bank counts once
    cut = nouns.cut(6, 2)
    assert set(cut.values()) == {"00000010", "00000020", "00000030"}
    assert set(nouns.cut(5, 2).values()) == {"00000011", "00000020", "00000030"}
    assert set(nouns.cut(6, 5).values()) == {"00000010"}
    assert "00000001" not in cut


def test_a_noun_is_of_a_kind_if_nearly_all_its_uses_are(nouns):
    kinds = kinds_of(nouns, nouns.cut(6, 2))
    assert kinds["violin"] == kinds["grand_piano"] == "00000010"
    assert kinds["party"] == "00000020"
    assert "bank" not in kinds  # 7 to 5
    assert "run" not in kinds


def test_plurals_and_names_are_found_where_they_stand(nouns):
    kinds = kinds_of(nouns, nouns.cut(6, 2))
    text = "Two violins, a grand piano and the Reformed Political Party of lisbon met in Lisbon for a run."
    found = [(text[i:j], nouns.synsets[kind].words[0]) for i, j, kind in marks(text, nouns, kinds)]
    assert found == [
        ("violins", "artifact"),
        ("grand piano", "artifact"),
        ("Reformed Political Party", "group"),
        ("Lisbon", "place"),
    ]
    assert [text[i:j] for text in ["The Violin broke."] for i, j, _ in marks(text, nouns, kinds)] == []
    assert [text[i:j] for text in ["Violin lessons"] for i, j, _ in marks(text, nouns, kinds)] == ["Violin"]


def test_sentences_are_taken_for_kinds_that_are_still_rare():
    marked = [(str(i), [(0, 1, "common")]) for i in range(200)] + [("x", [(0, 1, "rare"), (2, 3, "common")])]
    rows, used = chosen(marked, 1000)
    assert len(rows) == 81
    assert rows[-1] == ("x", [(2, 3, "common")])
    assert used == {"common": 81}
    assert len(chosen(marked, 20)[0]) == 20


def test_what_is_written_is_a_data_set_of_its_own(nouns, tmp_path):
    kinds = kinds_of(nouns, nouns.cut(6, 2))
    text = "A violin and a fiddle."
    folder = tmp_path / "made"
    write(folder, [(text, list(marks(text, nouns, kinds)))], nouns, schema_of(nouns, set(kinds.values())), {})
    (doc,) = load(str(folder), "train")
    assert [(f.type, *f.filler.texts_in(text)) for f in doc.frames] == [("artifact", "violin"), ("artifact", "fiddle")]
    entry = corpus(str(folder))
    assert entry.is_partial
    assert entry.schema_for()["artifact"].description == "a man-made object"


def test_kinds_tell_which_of_the_broadest_they_are_of(nouns):
    kinds = {key for words in ("violin", "party", "lisbon") for key in nouns.senses[words]}
    assert broader_of(nouns, kinds) == {"violin": ["artifact"]}
    assert list(nouns.above("00000012")) == ["00000011", "00000010", "00000001"]
