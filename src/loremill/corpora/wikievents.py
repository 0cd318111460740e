# SPDX-License-Identifier: Apache-2.0
"""WikiEvents: JSON lines of whole documents, with entity mentions and events by token index.

Li, Ji and Han (2021), https://aclanthology.org/2021.naacl-main.69. Sample (shortened; a sentence is its tokens
with their places in the document, and its text)::

    {"doc_id": "d1", "sentences": [[[["Rebels", 0, 6], ["attacked", 7, 15], [".", 15, 16]], "Rebels attacked."]],
     "entity_mentions": [{"id": "d1-T1", "start": 0, "end": 1, "entity_type": "PER"}],
     "event_mentions": [{"event_type": "Conflict.Attack.Unspecified", "trigger": {"start": 1, "end": 2},
                         "arguments": [{"entity_id": "d1-T1", "role": "Attacker"}]}]}

The record's ``text`` has nothing between sentences; here they stand at their places, with a blank between
two that are one character apart and line ends between others.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from ..frames import Document, Frame
from .gold import Offsets, document, event, token_range
from .lines import NameOf, OnError, json_record, member, read_json_lines, read_records

MAX_GAP = 1_000
"""Characters between two sentences."""


def read_wikievents(path: Path, *, name_of: NameOf, on_error: OnError = "raise") -> Iterator[Document]:
    """The documents, with entity mentions and events as frames; the id is ``doc_id``."""

    def parse(line: str) -> Document:
        record = json_record(line)
        text, offsets = _text(member(record, "sentences", list))
        entities = {}
        for given in member(record, "entity_mentions", list):
            mention = token_range(member(given, "start", int), member(given, "end", int), offsets)
            entities[member(given, "id", str)] = Frame(name_of(member(given, "entity_type", str)), mention)
        events = [_event(e, entities, offsets, name_of) for e in member(record, "event_mentions", list)]
        return document(text, [*entities.values(), *events], id=member(record, "doc_id", str))

    return read_records(path, read_json_lines(path), parse, on_error=on_error)


def _text(sentences: list[object]) -> tuple[str, Offsets]:
    """The document's text and the place of each of its tokens."""
    parts: list[str] = []
    offsets: list[tuple[int, int]] = []
    length = 0
    for sentence in sentences:
        match sentence:
            case [[[str(), int(base), int()], *_] as tokens, str(written)]:
                pass
            case _:
                raise ValueError(f"wanted a sentence [[[token, start, end], ...], text], got {str(sentence)[:60]}")
        if not parts:
            length = base
        gap = base - length
        if not 0 <= gap <= MAX_GAP:
            raise ValueError(f"wanted a sentence within {MAX_GAP} characters behind {length}, got one at {base}")
        parts += [" " if gap == 1 else "\n" * gap, written]
        length = base + len(written)
        first = length - len(written) - (sum(map(len, parts)) - len(written))  # characters before the text's first
        for token in tokens:
            match token:
                case [str(string), int(start), int(end)] if string and written[start - base : end - base] == string:
                    offsets.append((start - first, end - first))
                case _:
                    raise ValueError(f"wanted a token [string, start, end] of {written[:40]!r}, got {token!r}")
    return "".join(parts), offsets


def _event(given: object, entities: dict[str, Frame], offsets: Offsets, name_of: NameOf) -> Frame:
    trigger = member(given, "trigger", dict)
    arguments = []
    for argument in member(given, "arguments", list):
        id = member(argument, "entity_id", str)
        if id not in entities:
            raise ValueError(f"wanted an argument among the entity mentions, got the id {id!r}")
        mention = entities[id].filler
        assert mention is not None
        arguments.append((name_of(member(argument, "role", str)), mention))
    place = token_range(member(trigger, "start", int), member(trigger, "end", int), offsets)
    return event(name_of(member(given, "event_type", str)), place, arguments)
