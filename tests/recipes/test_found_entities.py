# SPDX-License-Identifier: Apache-2.0
"""Texts with the entities that a model found: relations stay where both of their mentions are among them."""

from __future__ import annotations

from found_entities import among
from own_corpus import write_corpus

from loremill.corpora import CorpusShare, read_mixture
from loremill.extraction import Extraction
from loremill.frames import Document, Frame, Slot
from loremill.prompt import Usage
from loremill.schema import load_schema
from loremill.text import Mention
from loremill.wire import to_dict

SCHEMA = load_schema("person, city, lives_in(person, city)")
TEXT = "Ada left Lyon for Rome."
ADA, LYON, ROME = Mention.at(0, 3), Mention.at(9, 13), Mention.at(18, 22)


def lives_in(city: Mention) -> Frame:
    return Frame("lives_in", None, (Slot("head", ADA), Slot("tail", city)))


def test_relations_stay_whose_mentions_were_found(tmp_path):
    doc = Document(TEXT, "d-1", (Frame("person", ADA), lives_in(LYON), lives_in(ROME)))
    found = (Frame("person", ADA, score=0.9), Frame("person", ROME, score=0.4))
    row = among(doc, Extraction("0", TEXT, found, (), 1.0, Usage()), SCHEMA)
    assert (row.id, row.frames) == ("d-1", (*found, lives_in(ROME)))
    folder = tmp_path / "made"
    write_corpus(folder, {"licence": "MIT"}, SCHEMA, [to_dict(row)])
    (source,) = read_mixture([CorpusShare(str(folder), families=("relations",), given=1.0)], seed=1).sources
    (read,) = source.documents
    assert (read.text, source.given, source.family) == (TEXT, 1.0, "relations")
    assert [(f.type, f.filler) for f in read.frames if not f.slots] == [("person", ADA), ("person", ROME)]
    assert [f.slots for f in read.frames if f.slots] == [lives_in(ROME).slots]
