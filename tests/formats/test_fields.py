# SPDX-License-Identifier: Apache-2.0
"""What ``code`` and ``json`` share: frames as fields with keys."""

from __future__ import annotations

from types import ModuleType

import pytest

from loremill.formats import code, json
from loremill.frames import Draft, Piece
from loremill.models.matcher import GrammarMask

from .samples import BOMBED, PEOPLE, SCHEMA, entity, slot, work
from .vocabularies import VOCABULARIES, walk

DRAFTS = [
    *PEOPLE,
    Draft("place", Piece(("the", "army")), (), (("size", "small"),)),
    entity("place", "the", "army"),
    work("Ada", "Bob"),
    BOMBED,
    Draft("sale", None, (slot("price", "Bob"), slot("buyer", "Ada"))),
    Draft("book_flight"),
]


@pytest.mark.parametrize("name", ["byte-level", "SentencePiece"])
@pytest.mark.parametrize("format", [code, json], ids=["code", "json"])
def test_every_kind_of_frame_stands_in_the_mask(format: ModuleType, name: str):
    vocabulary = VOCABULARIES[name]()
    lark = format.grammar(SCHEMA, "On Monday rebels of the army bombed Ada, Bob")
    ids = vocabulary.encode(format.write(DRAFTS, SCHEMA))
    assert walk(lambda: GrammarMask(vocabulary.ll, lark), ids, vocabulary.eos_id) == ""


@pytest.mark.parametrize("format", [code, json], ids=["code", "json"])
def test_slots_of_one_role_stand_together(format: ModuleType):
    event = Draft("attack", Piece(("t",)), (slot("time", "1"), slot("attacker", "2"), slot("time", "3")))
    assert [s.piece.fragments[0] for s in format.arranged([event])[0].slots] == ["1", "3", "2"]
