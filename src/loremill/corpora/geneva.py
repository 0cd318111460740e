# SPDX-License-Identifier: Apache-2.0
"""GENEVA's schema, from the ontology that comes with the data: event types and roles with FrameNet's descriptions.

Parekh et al. (2023), https://aclanthology.org/2023.acl-long.203. The file describes more types than the
115 that are annotated; those are listed here. Sample (shortened)::

    {"Know": {"frames": {"Becoming_aware": {"description": "..."}}, "arguments": {"Cognizer": {"arg_desc": "..."}}}}
"""

from __future__ import annotations

import re
from pathlib import Path

from ..errors import InputError
from ..schema import FrameType, Schema, SlotType
from .lines import json_record, member, read_lines

# fmt: off
_TYPES = (
    "Achieve", "Action", "Adducing", "Agree_or_refuse_to_act", "Arranging", "Arrest", "Arriving", "Assistance",
    "Attack", "Bearing_arms", "Becoming", "Becoming_a_member", "Bodily_harm", "Bringing", "Building", "Catastrophe",
    "Causation", "Cause_change_of_position_on_a_scale", "Cause_to_amalgamate", "Cause_to_make_progress", "Change",
    "Change_of_leadership", "Check", "Choosing", "Collaboration", "Come_together", "Coming_to_be",
    "Coming_to_believe", "Commerce_buy", "Commerce_pay", "Commerce_sell", "Commitment", "Committing_crime",
    "Communication", "Competition", "Confronting_problem", "Connect", "Conquering", "Containing", "Control",
    "Convincing", "Cost", "Create_artwork", "Creating", "Criminal_investigation", "Cure", "Damaging", "Death",
    "Deciding", "Defending", "Departing", "Destroying", "Dispersal", "Earnings_and_losses", "Education_teaching",
    "Emergency", "Employment", "Emptying", "Exchange", "Expansion", "Filling", "GetReady", "Getting", "Giving",
    "Hindering", "Hold", "Hostile_encounter", "Influence", "Ingestion", "Judgment_communication", "Killing", "Know",
    "Labeling", "Legality", "Manufacturing", "Motion", "Motion_directional", "Openness", "Participation",
    "Perception_active", "Placing", "Practice", "Presence", "Preventing_or_letting", "Process_end", "Process_start",
    "Protest", "Quarreling", "Ratification", "Receiving", "Recovering", "Removing", "Request", "Research",
    "Resolve_problem", "Response", "Reveal_secret", "Revenge", "Rite", "Scrutiny", "Self_motion", "Sending",
    "Sign_agreement", "Social_event", "Statement", "Supply", "Supporting", "Telling", "Terrorism", "Testing", "Theft",
    "Traveling", "Using", "Wearing", "Writing",
)
# fmt: on
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_SENTENCE = re.compile(r"(?<=[.!?])\s")


def snake_case(label: str) -> str:
    """``GetReady`` -> ``get_ready``, ``Commerce_buy`` -> ``commerce_buy``, ``Cause-effect`` -> ``cause_effect``."""
    return re.sub(r"\W+", "_", _CAMEL.sub("_", label)).strip("_").lower()


def geneva_schema(folder: Path) -> Schema:
    """The 115 event types, with every role the ontology has for them.

    A description is the first sentence of the description of the frame with the type's name, else of its first frame.
    """
    path = folder / "event_ontology.json"
    text = "\n".join(line for _, line in read_lines(path))
    try:
        ontology = json_record(text)
        return Schema(tuple(_frame_type(raw, member(ontology, raw, dict)) for raw in _TYPES), "geneva")
    except ValueError as error:
        raise InputError(f"{path}: wanted GENEVA's event ontology, {error}") from error


def _frame_type(raw: str, entry: object) -> FrameType:
    frames = member(entry, "frames", dict)
    chosen = raw if raw in frames else next(iter(frames), "")
    description = member(frames[chosen], "description", str) if chosen else ""
    slots = tuple(
        SlotType(snake_case(role), description=_first_sentence(member(argument, "arg_desc", str)))
        for role, argument in member(entry, "arguments", dict).items()
    )
    return FrameType(snake_case(raw), family="events", slots=slots, description=_first_sentence(description))


def _first_sentence(text: str) -> str:
    return _SENTENCE.split(" ".join(text.split()), maxsplit=1)[0]
