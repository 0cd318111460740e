# SPDX-License-Identifier: Apache-2.0
"""What the entries of the catalogue are made with: short constructors, and wordings that several sets share."""

from __future__ import annotations

from ...schema import FrameType, SlotType

PERSON_ALIASES = ("people", "human", "individual", "person name")
ORGANIZATION_ALIASES = ("company", "institution", "organisation", "group")
LOCATION_ALIASES = ("place", "geographical location", "area")
MISC_ALIASES = ("misc", "other name", "other entity")


def entities(**described: str) -> tuple[FrameType, ...]:
    """Entity types by name, each with its definition in one sentence."""
    return tuple(FrameType(name, description=text) for name, text in described.items())


def relation(name: str, head: str, tail: str, description: str, *, label: str = "") -> FrameType:
    """A relation between two types of entities."""
    slots = (SlotType("head", types=(head,)), SlotType("tail", types=(tail,)))
    return FrameType(name, label, "relations", slots, description=description)


def relations(**described: str) -> tuple[FrameType, ...]:
    """Relations between any two mentions by name, each with its definition in one sentence."""
    slots = (SlotType("head"), SlotType("tail"))
    return tuple(FrameType(name, family="relations", slots=slots, description=text) for name, text in described.items())
