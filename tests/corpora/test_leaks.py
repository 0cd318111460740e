# SPDX-License-Identifier: Apache-2.0
"""Shared sentences are found whole, inside documents and in plain texts, and nothing goes round the check."""

import json
import lzma
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loremill.corpora import (
    DATA_VARIABLE,
    LeakCheck,
    Reserved,
    Shared,
    catalogue,
    leak_key,
    leak_table,
    load,
    remove_leaks,
    reserved_keys,
    sentence_keys,
)
from loremill.corpora.leak_table import shared
from loremill.errors import InputError, UnknownNameError
from loremill.frames import Document

from .folders import write_conll2003, write_mit_movie

DATA = Path(os.environ.get(DATA_VARIABLE, Path(__file__).parents[2].parent / "shared" / "data"))
LONG = "Ada met the mayor of Coimbra on the first Monday of May ."
OTHER = "Nobody at Acme could say why the bridge was never finished ."


def needs(*names):
    missing = [n for n in names if n not in catalogue() or not (DATA / (catalogue()[n].folder_name or n)).is_dir()]
    return pytest.mark.skipif(bool(missing), reason=f"{DATA_VARIABLE} names no folder with {', '.join(missing)}")


def test_leaks_are_found_by_letters_and_digits():
    docs = [Document("The Quick brown fox, jumps!", "a"), Document("Something else entirely, really", "b")]
    kept, removed = remove_leaks(docs, {leak_key("the quick (brown) fox jumps")})
    assert ([doc.id for doc in kept], removed) == (["b"], 1)


def test_short_texts_are_no_leak():
    kept, removed = remove_leaks([Document("LONDON 1996")], {leak_key("London 1996")})
    assert (len(kept), removed) == (1, 0)


@pytest.mark.parametrize(
    "document",
    [
        f"First things first. {LONG} And so on.",
        f"A headline without a stop\n{LONG}",
        f"“So they say.” {LONG}",
        f"{LONG.upper()} {OTHER}",
    ],
)
def test_sentence_is_found_inside_a_document_and_the_other_way_round(document):
    assert sentence_keys(document) & sentence_keys(LONG)
    assert remove_leaks([Document(document)], sentence_keys(LONG))[1] == 1
    assert remove_leaks([Document(LONG)], sentence_keys(document))[1] == 1


def test_stock_phrases_inside_documents_are_no_leak():
    one, other = (f"{text} Copyright 1999 Academic Press." for text in (LONG, OTHER))
    assert not sentence_keys(one) & sentence_keys(other)


def test_scripts_without_blanks_are_cut():
    sentence = "昨日コインブラの市長は新しい橋がいつ完成するのか誰にもわからないと記者団に語ったという"
    assert leak_key(sentence) in sentence_keys(f"短い文です。{sentence}。続きがある。")


@given(st.text())
def test_any_text_has_keys_of_64_bits(text):
    keys = sentence_keys(text)
    assert 0 not in keys
    assert all(0 < key < 2**64 for key in keys)
    assert sentence_keys(text.upper().lower()) == sentence_keys(text.upper().lower().replace(" ", "  "))


@given(st.sets(st.integers(1, 2**64 - 1), max_size=20), st.integers(1, 2**64 - 1))
def test_reserved_keys_are_found_among_the_sorted(keys, other):
    reserved = Reserved(sorted(keys))
    assert all(key in reserved for key in keys)
    assert (other in reserved) == (other in keys)
    assert "text" not in reserved


def test_dev_and_test_parts_are_reserved_and_absent_sets_are_told(tmp_path):
    reserved = reserved_keys(write_conll2003(tmp_path, dev=[LONG], test=[OTHER], train=["Rain " * 12]))
    assert set(reserved.keys) == sentence_keys(LONG) | sentence_keys(OTHER)
    assert reserved.parts == ("conll2003 dev", "conll2003 test")
    assert set(reserved.absent) == set(catalogue()) - {"conll2003"}


def test_all_parts_of_a_set_that_is_held_out_are_reserved(tmp_path):
    folder = write_conll2003(tmp_path, train=[LONG], test=[OTHER])
    assert leak_key(LONG) not in reserved_keys(folder)
    reserved = reserved_keys(folder, held_out=["conll2003"])
    assert leak_key(LONG) in reserved
    assert reserved.parts == ("conll2003 dev", "conll2003 test", "conll2003 train")


def test_set_that_is_named_has_to_be_there(tmp_path):
    with pytest.raises(InputError, match="phee"):
        reserved_keys(tmp_path, names=["phee"])
    with pytest.raises(UnknownNameError, match="unknown corpus 'fee'"):
        reserved_keys(tmp_path, held_out=["fee"])


def test_plain_texts_are_checked_and_counted():
    check = LeakCheck(sentence_keys(LONG))
    assert list(check.texts([OTHER, f"{OTHER} {LONG}"], "web")) == [OTHER]
    assert (check.removed, check.seen) == ({"web": 1}, {"web": 2})


def test_leak_is_refused_where_wanted():
    check = LeakCheck(sentence_keys(LONG), "refuse")
    assert list(check.texts([OTHER], "web")) == [OTHER]
    with pytest.raises(InputError, match=r"text 0 of web shares a sentence with a dev or test part; on_leak: remove"):
        list(check.texts([LONG], "web"))
    with pytest.raises(InputError, match="own-train-7 of own shares"):
        list(check.documents([Document(LONG, "own-train-7")], "own"))


class TestTable:
    @pytest.fixture
    def folder(self, tmp_path):
        write_conll2003(tmp_path, train=[LONG, LONG, "Ada rests ."], dev=["Ada ."], test=[OTHER, LONG])
        return write_mit_movie(
            tmp_path, train=[LONG, f"{OTHER} {LONG}"], test=["show me films with Ada Lovelace in them"]
        )

    def test_pairs_are_counted_in_documents_of_both_sides(self, folder):
        table = leak_table(data_dir=folder)
        assert table.rows == (
            Shared("mit_movie", "conll2003", "test", 2, 2, 2),
            Shared("conll2003", "conll2003", "test", 1, 2, 2),
        )
        assert "phee" in table.absent

    def test_names_choose_the_pairs(self, folder):
        assert len(leak_table(["mit_movie"], folder).rows) == 1
        with pytest.raises(InputError, match="phee"):
            leak_table(["phee"], folder)

    def test_training_parts_are_compared_on_demand(self, folder):
        rows = leak_table(data_dir=folder, with_train=True).rows
        assert Shared("conll2003", "mit_movie", "train", 2, 2, 2) in rows
        assert Shared("mit_movie", "conll2003", "train", 2, 2, 2) in rows

    def test_progress_is_told(self, folder):
        told = []
        leak_table(data_dir=folder, on_part=lambda done, total: told.append((done, total)))
        assert told[0][0] == 0
        assert told[-1] == (told[0][1], told[0][1])


# train, other, split, fewest documents of the part that are shared, by the data's own descriptions
KNOWN = [
    ("ade", "phee", "test", 699),
    ("conllpp", "conll2003", "test", 50),
    ("conll2003", "conllpp", "dev", 50),
    ("conll2003", "crossre_news", "dev", 15),
    ("bionlp13cg", "anatem", "test", 34),
    ("wiki80", "fewrel", "test", 800),
    ("genia_ge11", "genia", "test", 500),
    ("jnlpba", "genia", "dev", 1500),
]


@pytest.mark.parametrize(
    ("train", "name", "split", "fewest"), [pytest.param(*known, marks=needs(known[0], known[1])) for known in KNOWN]
)
def test_known_leak_is_found(train, name, split, fewest):
    found = shared((doc.text for doc in load(train, "train", DATA)), name, split, DATA)
    assert found.leaked >= fewest


@needs("ade", "phee")
def test_long_sentences_of_phee_in_ade_are_counted_as_published():
    train = {leak_key(doc.text, 30) for doc in load("ade", "train", DATA)}
    keys = [leak_key(doc.text, 30) for doc in load("phee", "test", DATA)]
    assert (sum(bool(key) and key in train for key in keys), sum(map(bool, keys))) == (699, 962)


@pytest.mark.parametrize(
    "domain",
    [pytest.param(d, marks=needs(f"crossre_{d}", f"crossner_{d}")) for d in ("ai", "literature", "politics")],
)
def test_crossre_is_made_of_crossner_sentences(domain):
    reserved = reserved_keys(DATA, names=[], held_out=[f"crossner_{domain}"])
    kept, removed = remove_leaks(load(f"crossre_{domain}", "train", DATA), reserved)
    assert (len(kept), removed) == (0, 101 if domain == "politics" else 100)


@needs("geneva")
@pytest.mark.parametrize(("split", "fewest"), [("dev", 450), ("test", 546)])
def test_low_resource_samples_of_geneva_hold_dev_and_test_sentences(split, fewest):
    texts = {}
    for path in sorted((DATA / "geneva" / "lr1200").glob("*.xz")):
        with lzma.open(path, "rt", encoding="utf-8") as file:
            texts.update((record["wnd_id"], record["sentence"]) for record in map(json.loads, file))
    assert shared(texts.values(), "geneva", split, DATA).leaked >= fewest


@needs("conll04")
def test_conll04_train_sentences_are_reserved_by_its_other_parts():
    reserved = reserved_keys(DATA, names=["conll04"])
    kept, removed = remove_leaks(load("conll04", "train", DATA), reserved)
    assert (len(kept), removed) == (885, 37)
