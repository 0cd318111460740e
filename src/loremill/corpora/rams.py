# SPDX-License-Identifier: Apache-2.0
"""RAMS: JSON lines of windows of up to five sentences, one event each, arguments anywhere in the window.

Ebner et al. (2020), https://aclanthology.org/2020.acl-main.718. Sample (shortened; indices count the tokens of
the window, ends are inclusive)::

    {"doc_key": "w1", "sentences": [["Ada", "was", "there", "."], ["She", "died", "."]],
     "evt_triggers": [[5, 5, [["life.die.n/a", 1.0]]]],
     "gold_evt_links": [[[5, 5], [4, 4], "evt087arg01victim"]]}
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from ..frames import Document, Frame
from ..text import Mention
from .detokenize import detokenize
from .gold import Offsets, document, event, token_range
from .lines import NameOf, OnError, json_record, member, read_json_lines, read_records

_ROLE = re.compile(r"evt\d+arg\d+(\w+)")


def read_rams(path: Path, *, name_of: NameOf, on_error: OnError = "raise", join: str = "") -> Iterator[Document]:
    """The windows, with their events as frames; the id is ``doc_key``. Sentences are divided by a blank."""

    def parse(line: str) -> Document:
        record = json_record(line)
        text, offsets = _window(member(record, "sentences", list), join)
        links = [_link(link) for link in member(record, "gold_evt_links", list)]
        events = [_event(t, links, offsets, name_of) for t in member(record, "evt_triggers", list)]
        return document(text, events, id=member(record, "doc_key", str))

    return read_records(path, read_json_lines(path), parse, on_error=on_error)


def role_of(label: str) -> str:
    """``evt043arg01communicator`` -> ``communicator``; ``ValueError`` for another form."""
    match = _ROLE.fullmatch(label)
    if match is None:
        raise ValueError(f"wanted a role like evt043arg01communicator, got {label!r}")
    return match[1]


def _window(sentences: list[object], join: str) -> tuple[str, Offsets]:
    parts: list[str] = []
    offsets: list[tuple[int, int]] = []
    length = 0
    for tokens in sentences:
        if not isinstance(tokens, list) or not all(isinstance(token, str) and token.strip() for token in tokens):
            raise ValueError("wanted 'sentences' as lists of non-empty strings")
        if not tokens:
            continue
        text, places = detokenize(tokens, join=join)
        offsets += [(start + length, end + length) for start, end in places]
        length += len(text) + 1
        parts.append(text)
    return " ".join(parts), offsets


_Link = tuple[tuple[int, int], tuple[int, int], str]


def _link(value: object) -> _Link:
    match value:
        case [[int(a), int(b)], [int(c), int(d)], str(label)]:
            return (a, b), (c, d), role_of(label)
    raise ValueError(f"wanted a link [trigger, argument, role], got {value!r}")


def _event(value: object, links: list[_Link], offsets: Offsets, name_of: NameOf) -> Frame:
    match value:
        case [int(start), int(end), [[str(label), _], *_]]:
            arguments = [
                (name_of(role), _mention(*place, offsets)) for trigger, place, role in links if trigger == (start, end)
            ]
            return event(name_of(label), _mention(start, end, offsets), arguments)
    raise ValueError(f"wanted a trigger [start, end, [[type, score]]], got {value!r}")


def _mention(start: int, end: int, offsets: Offsets) -> Mention:
    return token_range(start, end + 1, offsets)
