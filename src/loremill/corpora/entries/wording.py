# SPDX-License-Identifier: Apache-2.0
"""What the entries of the catalogue are made with: short constructors, and wordings that several sets share."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...schema import FrameType, Schema, SlotType
from ..corpus import Corpus, Part

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


def entity_columns(
    name: str,
    types: tuple[FrameType, ...],
    names: Mapping[str, str],
    *,
    files: Mapping[str, str],
    domain: str,
    licence: str,
    citation: str,
    aliases: Mapping[str, tuple[str, ...]],
    definitions_from: str,
    options: Mapping[str, Any],
    note: str = "",
    folder_name: str = "",
    overlaps: tuple[str, ...] = (),
) -> Corpus:
    """A set of entities in columns, one token per line, with one file per split (see `Corpus`)."""
    return Corpus(
        name=name,
        parts={split: Part((file,)) for split, file in files.items()},
        reader="columns",
        schema=Schema(types, name),
        names=names,
        families=("entities",),
        domain=domain,
        licence=licence,
        citation=citation,
        note=note,
        options=options,
        aliases=aliases,
        folder_name=folder_name,
        overlaps=overlaps,
        definitions_from=definitions_from,
    )
