# SPDX-License-Identifier: Apache-2.0
"""Schemas and drafts that the tests of several formats share."""

from __future__ import annotations

from loremill.frames import Draft, DraftSlot, Piece
from loremill.schema import load_schema
from loremill.schema.types import AttributeType, FrameType, Schema, SlotType

PAIR = (SlotType("head"), SlotType("tail"))
POLARITY = AttributeType("polarity", ("positive", "negative"))

ENTITIES = load_schema(["person", "location"])
WORK_FOR = Schema((FrameType("work_for", family="relations", slots=PAIR),))
SALE = Schema((FrameType("sale", family="relations", slots=tuple(SlotType(r) for r in ("buyer", "seller", "price"))),))
ATTACK = Schema(
    (FrameType("attack", family="events", slots=(SlotType("attacker"), SlotType("time")), attributes=(POLARITY,)),)
)
CLASSES = Schema((FrameType("book_flight", family="classes"), FrameType("refund", family="classes")))
PLACES = Schema((FrameType("person"), FrameType("place", attributes=(AttributeType("size", ("big", "small")),))))
SCHEMA = PLACES + WORK_FOR + ATTACK + SALE + CLASSES.only(["book_flight"])
"""A type of every kind: without and with attributes, a pair, events, a relation of other roles, a class."""


def entity(type_: str, *fragments: str) -> Draft:
    return Draft(type_, Piece(fragments))


def slot(role: str, *fragments: str) -> DraftSlot:
    return DraftSlot(role, Piece(fragments))


def pair(type_: str, head: str, tail: str) -> Draft:
    return Draft(type_, None, (slot("head", head), slot("tail", tail)))


def work(head: str, tail: str) -> Draft:
    return pair("work_for", head, tail)


PEOPLE = [entity("person", "Ada"), entity("person", "Bob")]
CALM = Draft("attack", Piece(("hit",)), (slot("attacker", "rebels"),))
BOMBED = Draft(
    "attack",
    Piece(("bombed",)),
    (slot("attacker", "rebels"), slot("attacker", "the", "army"), slot("time", "Monday")),
    (("polarity", "negative"),),
)
