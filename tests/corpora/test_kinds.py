# SPDX-License-Identifier: Apache-2.0
"""Entities from relations: which mentions get a kind, which documents stay."""

import json
import string
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loremill.corpora import corpus, load
from loremill.corpora.entries.kind_words import KINDS
from loremill.corpora.kinds import is_cut, kinds_of
from loremill.corpora.triples import read_triples
from loremill.errors import InputError
from loremill.text import Mention, Span

from .folders import write_wiki80

KINDS_OF_RELATIONS = {
    "directed": ("film", "director"),
    "starred": ("film", "actor"),
    "born": ("person", None),
    "wrote": ("text", "person"),
}


@pytest.fixture
def found(tmp_path):
    """Reads records of (text, triples) with the table above; gives (mention, kind) of each document."""

    def read(*records, **options):
        path = tmp_path / "triples.json"
        path.write_text(json.dumps([{"text": text, "triple_list": triples} for text, triples in records]))
        docs = kinds_of(read_triples)(path, name_of=str.upper, kinds=KINDS_OF_RELATIONS, **options)
        return [[("".join(f.filler.texts_in(d.text)), f.type) for f in d.frames] for d in docs]

    return read


def test_head_and_tail_get_the_kinds_of_the_relation(found):
    assert found(("Oslo Nights is by Ida Berg .", [["Oslo Nights", "directed", "Ida Berg"]])) == [
        [("Oslo Nights", "FILM"), ("Ida Berg", "DIRECTOR")]
    ]


def test_mention_of_two_relations_has_one_frame_of_a_kind_and_both_kinds(found):
    triples = [["Rain", "directed", "Ida"], ["Rain", "starred", "Ida"]]
    assert found(("Rain is by Ida .", triples)) == [[("Rain", "FILM"), ("Ida", "ACTOR"), ("Ida", "DIRECTOR")]]


def test_general_kind_gives_way_to_another_of_the_same_mention_alone(found):
    triples = [["Rain", "directed", "Ida"], ["Ida", "born", "Bergen"], ["Bo", "born", "Bergen"]]
    assert found(("Rain is by Ida , born like Bo in Bergen .", triples), general=("person",)) == [
        [("Rain", "FILM"), ("Ida", "DIRECTOR"), ("Bo", "PERSON")]
    ]


def test_documents_that_the_table_says_nothing_of_are_left_out(found):
    assert found(("Rain in Bergen .", [["Rain", "fell", "Bergen"]]), ("Nothing here .", [])) == []


def test_mentions_of_the_pattern_of_a_kind_have_no_frame(found):
    record = ("the film is by Ida .", [["the film", "directed", "Ida"]])
    assert found(record, unless={"film": ".*film", "director": "I"}) == [[("Ida", "DIRECTOR")]]
    assert found(record, unless={"film": ".*film", "director": "Ida"}) == []


def test_documents_with_a_cut_name_are_left_out_on_demand(found):
    record = ("Oslo Nights is by Ida Berg .", [["Oslo", "directed", "Ida Berg"]])
    assert found(record) == [[("Oslo", "FILM"), ("Ida Berg", "DIRECTOR")]]
    assert found(record, whole=True) == []


def test_mention_without_a_kind_has_the_only_kind_of_its_words_elsewhere_on_demand(found):
    records = [
        ("Rain is by Ida .", [["Rain", "directed", "Ida"]]),
        ("Ida saw Rain .", [["Ida", "saw", "Rain"]]),
        ("Ida starred in Snow .", [["Snow", "starred", "Ida"]]),
    ]
    first, last = [("Rain", "FILM"), ("Ida", "DIRECTOR")], [("Ida", "ACTOR"), ("Snow", "FILM")]
    assert found(*records) == [first, last]
    assert found(*records, repeated=True) == [first, [("Rain", "FILM")], last]


def test_numbers_do_not_take_the_kind_of_the_same_digits_elsewhere(found):
    records = [("1902 is by Ida .", [["1902", "directed", "Ida"]]), ("Ida sold 1902 .", [["Ida", "sold", "1902"]])]
    assert found(*records, repeated=True)[1] == [("Ida", "DIRECTOR")]


def test_malformed_records_are_told_by_the_reader_of_the_relations(found):
    record = ("Rain is by Ida .", [["Rain", "directed"]])
    with pytest.raises(InputError, match="record 1: wanted a triple"):
        found(record)
    assert found(record, on_error="skip") == []


@pytest.mark.parametrize(
    ("text", "name", "cut"),
    [
        ("Ida Berg came.", "Ida Berg", False),
        ("Ida Berg came.", "Ida", True),
        ("University of Oslo is old.", "University of", True),
        ("Bergen, Norway is wet.", "Bergen,", True),
        ("Bergen, Norway is wet.", "Bergen", False),
        ("Rain (film) ran.", "Rain (film)", False),
        ("Rain (film) ran.", "Rain (film", True),
        ('She said "Rain" twice.', '"', True),
        ("Norwegian food.", "Norwegia", True),
        ("Ida-Marie came.", "Ida", True),
        ("born in 1902.", "1902", False),
        ("A.C. Oslo Ltd. won.", "A.C. Oslo Ltd.", False),
    ],
)
def test_cut_names_are_told_from_whole_ones(text, name, cut):
    start = text.index(name)
    assert is_cut(text, Mention((Span(start, start + len(name)),))) == cut


@given(st.text(string.printable, min_size=1), st.data())
def test_any_mention_of_any_text_is_cut_or_not(text, data):
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    assert is_cut(text, Mention((Span(start, end),))) in (True, False)


@pytest.mark.parametrize(("name", "original"), [("wiki80_kinds", "wiki80"), ("webnlg_kinds", "webnlg")])
def test_entries_are_for_training_and_name_the_set_they_come_from(name, original):
    entry = corpus(name)
    assert set(entry.parts) == {"train"}
    assert entry.parts["train"] == corpus(original).parts["train"]
    assert original in entry.overlaps
    assert entry.families == ("entities",)


def test_relations_of_wiki80s_table_are_those_of_the_data():
    assert set(corpus("wiki80_kinds").options["kinds"]) < set(corpus("wiki80").names)


@pytest.mark.parametrize("name", ["wiki80_kinds", "webnlg_kinds"])
def test_options_name_kinds_of_the_schema(name):
    entry = corpus(name)
    kinds = {kind for pair in entry.options["kinds"].values() for kind in pair if kind}
    assert kinds == {t.name for t in entry.schema_for()}
    assert {*entry.options.get("unless", {}), *entry.options.get("general", ())} <= kinds


def test_wiki80s_table_is_without_fewrels_relations_whose_sentences_the_leak_check_takes():
    fewrel = set(corpus("fewrel").names.values())
    names = corpus("wiki80").names
    assert [label for label in corpus("wiki80_kinds").options["kinds"] if names[label] in fewrel] == []


def test_every_kind_is_used_and_no_wording_is_two_kinds():
    used = {t.name for name in ("wiki80_kinds", "webnlg_kinds") for t in corpus(name).schema_for()}
    assert used == set(KINDS)
    wordings = Counter(w for kind, (_, aliases) in KINDS.items() for w in (kind.replace("_", " "), *aliases))
    assert [w for w, count in wordings.items() if count > 1] == []


def test_wiki80s_sentences_are_read_as_entities(tmp_path):
    folder = write_wiki80(
        tmp_path,
        ("mouth of the watercourse", "Sorraia joins Tejo"),
        ("spouse", "Ida met Bo"),
        ("instrument", "Ida was harpist"),
    )
    doc, other = load("wiki80_kinds", "train", folder)
    assert [(f.type, *f.filler.texts_in(doc.text)) for f in doc.frames] == [
        ("river", "Sorraia"),
        ("body_of_water", "Tejo"),
    ]
    assert doc.id == "wiki80_kinds-train-0"
    assert [f.type for f in other.frames] == ["musician"]
