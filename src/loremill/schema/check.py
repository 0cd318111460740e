# SPDX-License-Identifier: Apache-2.0
"""What in a schema may mislead a model or a reader of its results."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from .types import FrameType, Schema

Level = Literal["error", "warning", "info"]
LEVELS: tuple[Level, ...] = ("error", "warning", "info")
NEAR_RATIO = 0.85
MAX_COMPARED = 2_000
DELIMITERS = ":;,|"


@dataclass(frozen=True, slots=True)
class Finding:
    """Something to look at in a schema; ``type`` is the name of the frame type, empty for the whole schema."""

    level: Level
    type: str
    message: str


def check(schema: Schema) -> list[Finding]:
    """Findings by level, errors first, then in the schema's order; empty for a faultless schema.

    Errors: labels that differ only in case or blanks, the label "None" (it says that a text has
    nothing). Warnings: labels that are nearly the same or differ in number, slot types that no type of
    the schema has. Infos: types without a description, labels with characters that formats escape.
    """
    findings = [
        *_near_types(schema),
        *(finding for frame_type in schema for finding in _check_type(frame_type)),
        *_unknown_slot_types(schema),
    ]
    return sorted(findings, key=lambda finding: LEVELS.index(finding.level))


def _check_type(frame_type: FrameType) -> Iterator[Finding]:
    parts = [("label", frame_type.label)]
    parts += [("role label", s.label) for s in frame_type.slots]
    parts += [("attribute label", a.label) for a in frame_type.attributes]
    for kind, label in parts:
        if label.strip().casefold() == "none":
            yield Finding("error", frame_type.name, f'{kind} {label!r} is the answer "nothing found"; choose another')
        if escaped := [c for c in DELIMITERS if c in label]:
            yield Finding("info", frame_type.name, f"{kind} {label!r} has {' '.join(escaped)}, which formats escape")
    if not frame_type.description:
        yield Finding("info", frame_type.name, "has no description; models that read definitions get none")
    for _, other, level, how in _near([s.label for s in frame_type.slots]):
        yield Finding(level, frame_type.name, f"role labels {how}: {other}")


def _near_types(schema: Schema) -> Iterator[Finding]:
    if len(schema) > MAX_COMPARED:
        message = f"labels are compared in schemas of up to {MAX_COMPARED:,} types, got {len(schema):,}"
        yield Finding("info", "", message)
        return
    for index, pair, level, how in _near([t.label for t in schema]):
        yield Finding(level, schema.types[index].name, f"labels {how}: {pair}")


def _near(labels: Sequence[str]) -> Iterator[tuple[int, str, Level, str]]:
    """Pairs of labels that are hard to tell apart: index of the later, both, level and how they differ."""
    plain = ["".join(c for c in label.casefold() if not c.isspace() and c not in "_-") for label in labels]
    singular = [_singular(label) for label in plain]
    matcher = difflib.SequenceMatcher(autojunk=False)
    for later, label in enumerate(plain):
        matcher.set_seq2(label)
        for earlier in range(later):
            matcher.set_seq1(plain[earlier])
            level: Level = "warning"
            if plain[earlier] == label:
                level, how = "error", "differ only in case or blanks"
            elif singular[earlier] == singular[later]:
                how = "differ only in number"
            elif _reaches(matcher, NEAR_RATIO):
                how = "are nearly the same"
            else:
                continue
            yield later, f"{labels[earlier]!r} and {labels[later]!r}", level, how


def _reaches(matcher: difflib.SequenceMatcher[str], ratio: float) -> bool:
    """Whether the ratio is reached; the cheap upper bounds come first."""
    return matcher.real_quick_ratio() >= ratio and matcher.quick_ratio() >= ratio and matcher.ratio() >= ratio


def _singular(label: str) -> str:
    """The label without an English plural ending; too short ones stay."""
    if len(label) > 4 and label.endswith("ies"):
        return label[:-3] + "y"
    if len(label) > 4 and label.endswith(("ses", "xes", "ches", "shes")):
        return label[:-2]
    return label[:-1] if len(label) > 3 and label.endswith("s") and not label.endswith("ss") else label


def _unknown_slot_types(schema: Schema) -> Iterator[Finding]:
    """Slot types without a type; a schema without entity types leaves them to the model."""
    if "entities" not in schema.families:
        return
    known = {t.name for t in schema}
    for frame_type in schema:
        for slot in frame_type.slots:
            for name in slot.types:
                if name not in known:
                    close = difflib.get_close_matches(name, sorted(known), n=1)
                    hint = f"; did you mean {close[0]!r}?" if close else ""
                    message = f"role {slot.name!r} takes {name!r}, which no type of the schema is{hint}"
                    yield Finding("warning", frame_type.name, message)
