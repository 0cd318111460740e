# SPDX-License-Identifier: Apache-2.0
"""Data sets of one's own: a folder with a schema and JSON lines is read, refused with a reason, and trained on."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loremill.corpora import CorpusShare, corpus, load, read_mixture
from loremill.corpora.extractions import read_extractions
from loremill.errors import InputError, SchemaError, UnknownNameError
from loremill.extraction import Extraction
from loremill.frames import Frame, FrameRef, Slot
from loremill.prompt import Usage
from loremill.text import Mention, Span
from loremill.wire import to_dict

SCHEMA = "person, city\nlives_in(who: person, place: city)\nmove!(who: person)"
TEXT = "Ada left Rome for Pisa."
ROW = {
    "text": TEXT,
    "frames": [
        {"type": "person", "filler": {"start": 0, "end": 3}},
        {"type": "city", "score": 0.5, "filler": {"start": 9, "end": 13, "text": "Rome"}},
        {"type": "lives_in", "slots": [{"role": "who", "frame": 0}, {"role": "place", "start": 18, "end": 22}]},
        {"type": "move", "filler": {"fragments": [[4, 8], [14, 17]]}, "slots": [{"role": "who", "start": 0, "end": 3}]},
    ],
}


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "mine"
    made.mkdir()
    (made / "schema.txt").write_text(SCHEMA)
    write(made / "train.jsonl", [ROW])
    return made


def write(path, rows):
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")


def test_places_alone_are_enough(folder):
    (doc,) = load(str(folder), "train")
    assert doc.frames == (
        Frame("person", Mention.at(0, 3)),
        Frame("city", Mention.at(9, 13)),
        Frame("lives_in", None, (Slot("who", FrameRef(0)), Slot("place", Mention.at(18, 22)))),
        Frame("move", Mention((Span(4, 8), Span(14, 17))), (Slot("who", Mention.at(0, 3)),)),
    )
    assert doc.meta["corpus"] == str(folder)


def test_what_the_folder_tells_about_itself(folder):
    about = "licence: CC0 1.0\nis_partial: true\naliases: {city: [town, place]}\nbroader: {city: [location]}\n"
    (folder / "corpus.yaml").write_text(about)
    entry = corpus(str(folder))
    assert (entry.licence, entry.is_partial, entry.aliases) == ("CC0 1.0", True, {"city": ("town", "place")})
    assert entry.broader == {"city": ("location",)}
    assert entry.families == ("entities", "relations", "events")
    assert list(entry.parts) == ["train"]
    assert corpus(entry.name) == entry


@pytest.mark.parametrize(
    ("file", "content", "error", "message"),
    [
        ("corpus.yaml", "licens: MIT", InputError, r"corpus.yaml: licens: .*it may tell licence, domain"),
        ("corpus.yaml", "is_partial: 1", InputError, "is_partial"),
        ("corpus.yaml", "[a", InputError, "corpus.yaml cannot be read"),
        ("corpus.yaml", "aliases: {town: [a]}", InputError, "aliases .* got 'town'"),
        ("corpus.yaml", "broader: {town: [a]}", InputError, "broader .* got 'town'"),
        ("schema.yaml", "[a]", InputError, "one schema .* got schema.yaml, schema.txt"),
        ("schema.txt", "person(", SchemaError, "schema.txt"),
    ],
)
def test_what_cannot_be_used_is_told(folder, file, content, error, message):
    (folder / file).write_text(content)
    with pytest.raises(error, match=message):
        corpus(str(folder))


def test_a_folder_without_parts_or_none_at_all(folder):
    (folder / "train.jsonl").unlink()
    with pytest.raises(InputError, match=r"train.jsonl or dev.jsonl or test.jsonl, got none"):
        corpus(str(folder))
    with pytest.raises(InputError, match="needs to be a folder"):
        corpus(str(folder / "other"))
    with pytest.raises(UnknownNameError, match="corpus"):
        corpus("mine")


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({"text": TEXT}, "wanted 'frames'"),
        ({"text": TEXT, "frames": [{"type": "dog", "filler": {"start": 0, "end": 3}}]}, "'dog'"),
        ({"text": TEXT, "frames": [{"type": "move", "slots": [{"role": "why", "start": 0, "end": 3}]}]}, "'move.why'"),
        (
            {"text": TEXT, "frames": [{"type": "city", "filler": {"start": 9, "end": 13, "text": "Pisa"}}]},
            "the text has",
        ),
        ({"text": TEXT, "frames": [{"type": "city", "filler": {"start": 90, "end": 93}}]}, "line 2"),
        ({"text": TEXT, "frames": [{"type": "city", "filler": {"start": "9", "end": 13}}]}, "line 2"),
        ({"text": TEXT, "frames": [3]}, "line 2"),
        ({"text": TEXT, "frames": [], "error": "timeout"}, "the error 'timeout'"),
    ],
)
def test_a_malformed_line_is_told_or_left_out(folder, row, message):
    write(folder / "dev.jsonl", [ROW, row])
    with pytest.raises(InputError, match=f"dev.jsonl, line 2: .*{message}" if message != "line 2" else message):
        list(load(str(folder), "dev"))
    faults = []
    assert len(list(load(str(folder), "dev", on_error=faults))) == 1
    assert len(faults) == 1


@given(st.lists(st.tuples(st.integers(0, 10), st.integers(1, 9), st.sampled_from(["a", "b"])), max_size=4))
def test_what_extraction_wrote_is_read_back(tmp_path_factory, places):
    text = "some words that stand here"
    frames = tuple(Frame(kind, Mention.at(start, start + size), score=0.25) for start, size, kind in places)
    path = tmp_path_factory.mktemp("own") / "train.jsonl"
    write(path, [to_dict(Extraction("7", text, frames, (), 1.0, Usage()))])
    (doc,) = read_extractions(path, name_of=str)
    assert (doc.id, doc.text) == ("7", text)
    assert [(f.type, f.filler, f.score) for f in doc.frames] == [(f.type, f.filler, None) for f in frames]


def test_a_mixture_of_it_alone_needs_no_other_data_and_heeds_its_own_test_part(folder, monkeypatch):
    monkeypatch.delenv("LOREMILL_DATA", raising=False)
    other = {"text": "Bob stayed in Siena for a very long time indeed.", "frames": []}
    write(folder / "train.jsonl", [ROW, other])
    write(folder / "test.jsonl", [other])
    mixture = read_mixture([CorpusShare(str(folder))], seed=1)
    assert {source.family for source in mixture.sources} == {"entities", "relations", "events"}
    assert [doc.text for doc in mixture.sources[0].documents] == [TEXT]
    assert dict(mixture.removed) == {str(folder): 1}
