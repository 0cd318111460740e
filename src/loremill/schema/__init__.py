# SPDX-License-Identifier: Apache-2.0
"""Schemas: what a user wants to know."""

from .check import Finding, check
from .classes import Entity, Event, Relation
from .minilang import parse
from .nested import to_dict
from .objects import to_objects
from .sources import fingerprint, load_schema, load_schema_file
from .types import FAMILIES, AttributeType, Family, FrameType, Schema, SlotType, label_of
from .unparse import unparse

__all__ = [
    "FAMILIES",
    "AttributeType",
    "Entity",
    "Event",
    "Family",
    "Finding",
    "FrameType",
    "Relation",
    "Schema",
    "SlotType",
    "check",
    "fingerprint",
    "label_of",
    "load_schema",
    "load_schema_file",
    "parse",
    "to_dict",
    "to_objects",
    "unparse",
]
