# SPDX-License-Identifier: Apache-2.0
"""Events of news and encyclopaedias under large ontologies: WikiEvents, RAMS, MAVEN."""

from __future__ import annotations

import re
from pathlib import Path

from ...errors import InputError
from ...schema import FrameType, Schema, SlotType
from ..corpus import Corpus, Part
from ..geneva import snake_case
from ..lines import json_record, member, read_lines
from ..rams import role_of
from .ontology_words import KAIROS_ENTITIES, KAIROS_EVENTS, MAVEN_TYPES, RAMS_KINDS, RAMS_ROLES, RAMS_WAYS
from .wording import entities


def _read(path: Path) -> object:
    try:
        return json_record("\n".join(line for _, line in read_lines(path)))
    except ValueError as error:
        raise InputError(f"{path}: {error}") from error


def _slots(roles: list[str]) -> tuple[SlotType, ...]:
    """A slot for each role, once: an ontology lists a role twice for two participants."""
    return tuple(SlotType(name) for name in dict.fromkeys(snake_case(role) for role in roles))


def _wikievents_schema(folder: Path) -> Schema:
    """Entity types, and event types with the roles of ``event_role_KAIROS.json``.

    Four types that the documents have and the ontology lacks get the roles of their unspecified sibling.
    """
    path = folder / "event_role_KAIROS.json"
    ontology = _read(path)
    events = []
    for raw, (name, description) in KAIROS_EVENTS.items():
        known = raw if isinstance(ontology, dict) and raw in ontology else f"{raw.rpartition('.')[0]}.Unspecified"
        try:
            roles = [str(role) for role in member(member(ontology, known, dict), "roles", list)]
        except ValueError as error:
            raise InputError(f"{path}: wanted the roles of {known}, {error}") from error
        events.append(FrameType(name, family="events", slots=_slots(roles), description=description))
    return Schema((*entities(**dict(KAIROS_ENTITIES.values())), *events), "wikievents")


_KAIROS_NAMES = {raw: name for raw, (name, _) in (KAIROS_ENTITIES | KAIROS_EVENTS).items()}


def _wikievents_name(raw: str) -> str:
    return _KAIROS_NAMES.get(raw) or snake_case(raw)


_WIKIEVENTS = Corpus(
    name="wikievents",
    parts={"dev": Part(("dev.jsonl",)), "test": Part(("test.jsonl",))},
    reader="wikievents",
    schema=_wikievents_schema,
    names=_wikievents_name,
    families=("entities", "events"),
    domain="news",
    licence="MIT",
    citation="Li, Ji and Han, Document-Level Event Argument Extraction by Conditional Generation, NAACL 2021",
    note="whole documents; no train part; the arguments as annotated, not the most informative mentions of the "
    "_info files; roles from the data's ontology; 55 event types, of which 42 occur",
    definitions_from="the ontology's names and templates",
)


_RAMS_MISSING = {"government.vote.n/a": ("result",)}
"""Roles that events of a type have and ``meta.json`` does not give it."""


def _rams_schema(folder: Path) -> Schema:
    """The 139 event types of ``meta.json`` with their roles; see `_rams_words`."""
    path = folder / "meta.json"
    types = []
    try:
        for entry in _rows(_read(path)):
            match entry:
                case [str(raw), list(roles)]:
                    words = _rams_words(raw)
                    names = dict.fromkeys((*(role_of(str(role)) for role in roles), *_RAMS_MISSING.get(raw, ())))
                    slots = tuple(SlotType(role, RAMS_ROLES.get(role, "")) for role in names)
                    description = f'The text tells of an event of the kind "{words}".'
                    types.append(FrameType(_rams_name(raw), words, "events", slots, description=description))
                case _:
                    raise ValueError(f"wanted [type, [roles]], got {entry!r}")
    except ValueError as error:
        raise InputError(f"{path}: wanted RAMS' event types with their roles, {error}") from error
    return Schema(tuple(types), "rams")


def _rows(value: object) -> list[object]:
    if not isinstance(value, list):
        raise ValueError(f"got {type(value).__name__}")
    return value


def _rams_words(raw: str) -> str:
    """The label of a type: its second level in words and, where it has one, the third: ``attack by bombing``."""
    _, kind, way = raw.split(".")
    words = RAMS_KINDS.get(kind, kind)
    return words if way == "n/a" or way == kind else f"{words} by {RAMS_WAYS.get(way, way)}"


def _rams_name(raw: str) -> str:
    """``life.die.n/a`` -> ``life_die``; a role stays as it is."""
    return re.sub(r"\W+", "_", raw.removesuffix(".n/a"))


_RAMS = Corpus(
    name="rams",
    parts={"dev": Part(("dev.jsonlines",)), "test": Part(("test.jsonlines",))},
    reader="rams",
    schema=_rams_schema,
    names=_rams_name,
    families=("events",),
    domain="news",
    licence="not stated",
    citation="Ebner et al., Multi-Sentence Argument Linking, ACL 2020",
    note="windows of up to five sentences with one event each, made for arguments of a given trigger: other events "
    "in a window are not annotated; no train part; 12 sentences are in windows of both parts",
    definitions_from="the words of the types' names, by rule",
)

_MAVEN = Corpus(
    name="maven",
    parts={split: Part((f"{split}.json",)) for split in ("dev", "test")},
    reader="maven",
    options={"join": "-"},
    schema=Schema(
        tuple(
            FrameType(
                name := snake_case(raw),
                family="events",
                description=f'The text tells of an event of the kind "{name.replace("_", " ")}".',
            )
            for raw in MAVEN_TYPES
        ),
        "maven",
    ),
    names={raw: snake_case(raw) for raw in MAVEN_TYPES},
    families=("events",),
    domain="encyclopaedia",
    licence="MIT (official repository)",
    citation="Wang et al., MAVEN, EMNLP 2020",
    note="triggers alone; a mirror's split of the labelled sentences, so not comparable with published test scores; "
    "no train part",
    definitions_from="the words of the types' names, by rule",
)

CORPORA = (_WIKIEVENTS, _RAMS, _MAVEN)
