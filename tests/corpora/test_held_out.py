# SPDX-License-Identifier: Apache-2.0
"""Types that a data set shares with one held out are in no schema and no document of a mixture, and are told."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loremill.corpora import DATA_VARIABLE, CorpusShare, MixtureSettings, catalogue, corpus, held_out, read_mixture
from loremill.corpora.held_out import drop_types, shared_types
from loremill.errors import InputError
from loremill.frames import Document, Frame, FrameRef, Slot
from loremill.schema import FrameType, Schema, SlotType
from loremill.text import Mention, Span

from .folders import write_conll2003, write_fewrel, write_wiki80

DATA = Path(os.environ.get(DATA_VARIABLE, Path(__file__).parents[2].parent / "shared" / "data"))

BRIDGES = [f"Ponte{i} carries the old road from the station over the river Douro" for i in range(3)]
SINGERS = [f"Ada{i} sang in the choir of the opera as a young soprano" for i in range(2)]
PEOPLE = [f"Bea{i} has had a passport for all of her life from Portugal" for i in range(4)]


@pytest.fixture
def folder(tmp_path):
    wiki = [("crosses", s) for s in BRIDGES] + [("voice type", s) for s in SINGERS]
    write_wiki80(tmp_path, *wiki, *(("country of citizenship", s) for s in PEOPLE))
    write_fewrel(tmp_path, ("P177", "Nobody walks over this bridge , not even the mayor of Porto"))
    write_fewrel(tmp_path, ("P412", "A tenor he was , and he stayed one until the end"), name="val_nyt.json")
    return write_conll2003(tmp_path, train=["Ada went to Porto with the people of Acme"])


def mix(folder, *names, **settings):
    shares = [CorpusShare(name) if isinstance(name, str) else name for name in names]
    return read_mixture(shares, MixtureSettings(**settings), seed=1, data_dir=folder)


def frames(source):
    return [frame.type for doc in source.documents for frame in doc.frames]


def test_types_of_the_set_held_out_are_in_no_schema_and_no_document(folder):
    before, after = (mix(folder, "wiki80", held_out=held).sources[0] for held in ((), ("fewrel",)))
    assert (len(before.schema), len(after.schema)) == (80, 64)
    assert {t.name for t in after.schema}.isdisjoint(t.name for t in corpus("fewrel").schema_for())
    assert set(frames(before)) == {"crosses", "voice_type", "country_of_citizenship"}
    assert frames(after) == ["country_of_citizenship"] * 4
    assert len(after.documents) == 4


def test_what_went_is_counted_saved_and_told(folder, caplog):
    mixture = mix(folder, "wiki80", "conll2003", held_out=("fewrel_nyt", "fewrel"))
    (lost,) = mixture.held_out_types.values()
    assert (len(lost.types), lost.of, lost.frames, lost.documents) == (16, ("fewrel_nyt", "fewrel"), 5, 5)
    saved = mixture.to_dict()["held_out_types"]
    assert list(saved) == ["wiki80"]
    assert saved["wiki80"]["documents"] == 5
    assert "voice_type" in saved["wiki80"]["types"]
    assert "left out 16 types of what is held out (fewrel_nyt, fewrel), with 5 frames and 5 documents" in caplog.text
    assert mixture.unseen == {}


def test_only_the_types_that_both_have_go(folder):
    mixture = mix(folder, "wiki80", held_out=("fewrel_nyt",))
    assert len(mixture.held_out_types["wiki80"].types) == 8
    assert set(frames(mixture.sources[0])) == {"crosses", "country_of_citizenship"}
    assert "director_of_photography" not in mixture.held_out_types["wiki80"].types


@pytest.mark.parametrize("held", [(), ("conll2003",)])
def test_sets_of_other_vocabularies_take_nothing(folder, held):
    mixture = mix(folder, "wiki80", held_out=held)
    assert mixture.held_out_types == {}
    assert len(mixture.sources[0].schema) == 80


def test_equal_names_alone_are_no_shared_type():
    entry = corpus("conll2003")
    assert shared_types(entry, entry.schema_for(), ["conll04", "crossner_ai"]) == {}
    fewrel = replace(corpus("wiki80"), vocabulary="")
    assert shared_types(fewrel, fewrel.schema_for(), ["fewrel"]) == {}


def test_limit_and_fraction_are_of_what_is_left(folder):
    assert len(mix(folder, "wiki80", held_out=("fewrel",), fraction=0.5).sources[0].documents) == 2
    limited = mix(folder, CorpusShare("wiki80", limit=3), held_out=("fewrel",)).sources[0]
    assert frames(limited) == ["country_of_citizenship"] * 3


def test_unseen_types_may_be_of_the_set_held_out_too(folder):
    share = CorpusShare("wiki80", unseen=("crosses", "country_of_citizenship"))
    mixture = mix(folder, share, held_out=("fewrel",))
    (source,) = mixture.sources
    assert mixture.unseen == {"wiki80": ("crosses", "country_of_citizenship")}
    assert (len(source.schema), len(source.documents), frames(source)) == (63, 4, [])


def test_share_of_unseen_types_is_drawn_alike_whatever_is_held_out(folder):
    share = CorpusShare("wiki80", unseen_share=0.3)
    assert mix(folder, share).unseen == mix(folder, share, held_out=("fewrel",)).unseen


def test_set_without_any_document_left_is_told(folder):
    write_wiki80(folder, *(("crosses", s) for s in BRIDGES))
    with pytest.raises(InputError, match=r"0 of 3 share a sentence .* held out, 3 have types of fewrel alone"):
        mix(folder, "wiki80", held_out=("fewrel",))


def test_set_without_any_type_left_is_told(folder, monkeypatch):
    part = corpus("wiki80").parts
    twin = replace(corpus("fewrel"), name="wiki80", parts=part, reader="opennre", folder_name="wiki80")
    monkeypatch.setattr("loremill.corpora.mixture.corpus", lambda name: twin if name == "wiki80" else corpus(name))
    with pytest.raises(InputError, match="no type left to learn from: its types are those of fewrel, held out; take"):
        mix(folder, "wiki80", held_out=("fewrel",))


def test_family_without_any_type_left_is_told(folder):
    unseen = tuple(t.name for t in corpus("conll04").schema_for() if t.family == "relations")
    (folder / "conll04").mkdir()
    with pytest.raises(InputError, match="corpus 'conll04' has no type of relations left to learn from"):
        mix(folder, CorpusShare("conll04", families=("relations",), unseen=unseen))


HEAD, TAIL = Mention((Span(0, 3),)), Mention((Span(4, 8),))
FAMILY = {"person": "entities", "city": "entities", "lives": "relations", "born": "relations"}
SCHEMA = Schema(tuple(FrameType(n, family=f, slots=(SlotType("at"),)) for n, f in FAMILY.items() if n != "born"))
TYPED = st.sampled_from(sorted(FAMILY))


@given(st.lists(st.lists(TYPED, max_size=4), max_size=5))
def test_documents_with_other_frames_stay_with_these(types):
    docs = [
        Document("Ada left", str(i), tuple(Frame(t, HEAD, (Slot("at", TAIL),)) for t in ts))
        for i, ts in enumerate(types)
    ]
    left, frames, documents = drop_types(docs, SCHEMA)
    assert [[f.type for f in doc.frames] for doc in left] == [
        [t for t in ts if t != "born"] for ts in types if not ts or set(ts) != {"born"}
    ]
    assert frames == sum(ts.count("born") for ts in types)
    assert documents == len(docs) - len(left)


def test_frame_that_points_at_one_that_goes_gets_its_mention():
    doc = Document("Ada left", "", (Frame("born", HEAD), Frame("lives", TAIL, (Slot("at", FrameRef(0)),))))
    ((kept,), frames, documents) = drop_types([doc], SCHEMA)
    assert kept.frames == (Frame("lives", TAIL, (Slot("at", HEAD),)),)
    assert (frames, documents) == (1, 0)


def test_sets_of_one_vocabulary_share_types():
    by_vocabulary = {}
    for entry in catalogue().values():
        if entry.vocabulary:
            by_vocabulary.setdefault(entry.vocabulary, []).append(entry)
    assert {entry.name for entry in by_vocabulary["Wikidata's properties"]} == {"fewrel", "fewrel_nyt", "wiki80"}
    for entries in by_vocabulary.values():
        names = [{t.name for t in entry.schema_for()} for entry in entries]
        assert all(any(mine & theirs for theirs in names if theirs is not mine) for mine in names)
        words = {}
        for entry in entries:
            for frame_type in entry.schema_for():
                assert words.setdefault(frame_type.name, frame_type.description) == frame_type.description


def test_no_setting_keeps_a_shared_type():
    assert set(held_out.shared_types.__annotations__) == {"entry", "schema", "held_out", "data_dir", "return"}
    assert not [name for name in MixtureSettings.__dataclass_fields__ if "type" in name or "vocabulary" in name]


@pytest.mark.skipif(not all((DATA / n).is_dir() for n in ("wiki80", "fewrel")), reason="no wiki80 or fewrel here")
def test_instances_of_fewrels_relations_in_wiki80_go(tmp_path):
    for name in ("wiki80", "fewrel"):
        (tmp_path / name).symlink_to(DATA / name, target_is_directory=True)
    left = mix(tmp_path, "wiki80", held_out=("fewrel",))
    assert len(left.sources[0].schema) == 64
    assert set(frames(left.sources[0])).isdisjoint(t.name for t in corpus("fewrel").schema_for())
    assert len(left.held_out_types["wiki80"].types) == 16
    assert left.removed["wiki80"] + left.held_out_types["wiki80"].documents >= 16 * 49
