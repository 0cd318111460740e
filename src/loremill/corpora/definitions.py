# SPDX-License-Identifier: Apache-2.0
"""Definitions and guidelines of entity types, as written for SLIMER by a language model.

Zamai et al. (2024), https://arxiv.org/abs/2407.01272. No corpus: a source of wordings for descriptions and for
training on many types. Sample entry of the file, which is a list or maps types to entries (``gpt_answer`` is JSON
inside JSON)::

    {"named_entity": "river", "real_name": "river", "sentences_as_example": [{"sentence": "...", "entities": ["Po"]}],
     "gpt_answer": "{\\"Definition\\": \\"A stream of water.\\", \\"Guidelines\\": \\"No lakes.\\"}"}
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ..errors import InputError
from .lines import json_record, member, read_lines


@dataclass(frozen=True, slots=True)
class Definition:
    """What is known of one type."""

    label: str  # its natural wording
    definition: str
    guidelines: str
    examples: tuple[tuple[str, tuple[str, ...]], ...]  # sentence, mentions in it


def read_definitions(path: Path) -> Mapping[str, Definition]:
    """The definitions of a file of ner_guidelines_slimer, by the file's name of the type.

    Guidelines that were cut off when they were written (89 of the 423 PileNER types, two of CrossNER politics) end
    with their last whole sentence.

    Raises:
        InputError: unreadable, or an entry is malformed.
    """
    text = "\n".join(line for _, line in read_lines(path))
    found: dict[str, Definition] = {}
    try:
        value = json_record(text)
        entries = list(value.values()) if isinstance(value, dict) else value
        if not isinstance(entries, list):
            raise ValueError(f"wanted a list or an object of types, got {type(value).__name__}")
    except ValueError as error:
        raise InputError(f"{path}: {error}") from error
    for number, entry in enumerate(entries, start=1):
        try:
            found[member(entry, "named_entity", str)] = _definition(entry)
        except ValueError as error:
            raise InputError(f"{path}, entry {number}: {error}") from error
    return found


def _definition(entry: object) -> Definition:
    definition, guidelines = _answer(member(entry, "gpt_answer", str))
    assert isinstance(entry, dict)
    label = member(entry, "real_name", str) if "real_name" in entry else member(entry, "named_entity", str)
    examples = (
        (member(example, "sentence", str), tuple(map(str, member(example, "entities", list))))
        for example in member(entry, "sentences_as_example", list)
    )
    return Definition(label, definition, guidelines, tuple(examples))


def _answer(text: str) -> tuple[str, str]:
    for ending in ("", "}", '"}'):
        try:
            answer = json.loads(text + ending, strict=False)
        except (ValueError, RecursionError):
            continue
        guidelines = member(answer, "Guidelines", str)
        if ending:  # the model's answer was cut off: keep whole sentences
            guidelines = guidelines[: guidelines.rfind(". ") + 1] if not guidelines.endswith(".") else guidelines
        return member(answer, "Definition", str), guidelines
    raise ValueError(f"wanted JSON with Definition and Guidelines, got {text[:60]!r}")
