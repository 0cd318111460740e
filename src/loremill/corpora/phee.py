# SPDX-License-Identifier: Apache-2.0
"""PHEE's JSON lines: events with triggers and arguments by character offset, discontinuous ones in parts.

Sun et al. (2022), https://aclanthology.org/2022.emnlp-main.376. Sample (shortened; each inner list is one
mention, its members are the parts)::

    {"id": "1_2", "context": "Rash after aspirin.", "annotations": [{"events": [{"event_type": "Adverse_event",
     "Trigger": {"text": [["after"]], "start": [[5]]}, "Effect": {"text": [["Rash"]], "start": [[0]]}}]}]}
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from ..frames import Document, Frame
from ..text import Mention
from .gold import document, event, mention_of
from .lines import NameOf, OnError, json_record, member, read_json_lines, read_records


def read_phee(path: Path, *, name_of: NameOf, on_error: OnError = "raise", roles: Sequence[str]) -> Iterator[Document]:
    """The sentences, with events as frames; of the arguments those whose role is in ``roles``.

    A role may have several mentions; each is a slot. Sub-roles and attributes are not read.
    """

    def parse(line: str) -> Document:
        record = json_record(line)
        text = member(record, "context", str)
        groups = member(record, "annotations", list)
        events = [_event(e, text, roles, name_of) for group in groups for e in member(group, "events", list)]
        return document(text, events, id=member(record, "id", str))

    return read_records(path, read_json_lines(path), parse, on_error=on_error)


def _event(record: object, text: str, roles: Sequence[str], name_of: NameOf) -> Frame:
    type_name = name_of(member(record, "event_type", str))
    triggers = _mentions(member(record, "Trigger", dict), text)
    if len(triggers) != 1:
        raise ValueError(f"wanted one trigger, got {len(triggers)}")
    assert isinstance(record, dict)
    present = [role for role in roles if role in record]
    arguments = [(name_of(role), m) for role in present for m in _mentions(member(record, role, dict), text)]
    return event(type_name, triggers[0], arguments)


def _mentions(record: object, text: str) -> list[Mention]:
    texts, starts = member(record, "text", list), member(record, "start", list)
    if [_size(parts) for parts in texts] != [_size(parts) for parts in starts]:
        raise ValueError(f"wanted one start per text, got {texts} at {starts}")
    return [mention_of(_piece(*p, text) for p in zip(*pair, strict=True)) for pair in zip(texts, starts, strict=True)]


def _piece(part: object, start: object, text: str) -> tuple[int, int]:
    if not isinstance(part, str) or not isinstance(start, int):
        raise ValueError(f"wanted a string and its start, got {part!r} at {start!r}")
    if not part or start < 0 or text[start : start + len(part)] != part:
        raise ValueError(f"wanted {part!r} at {start}, the text has {text[max(0, start) : start + len(part)]!r}")
    return start, start + len(part)


def _size(parts: object) -> int:
    if not isinstance(parts, list):
        raise ValueError(f"wanted a list of parts, got {parts!r}")
    return len(parts)
