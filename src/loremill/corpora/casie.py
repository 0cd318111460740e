# SPDX-License-Identifier: Apache-2.0
"""CASIE: an archive of one JSON record per document, events by character offset.

Satyapanich, Ferraro and Finin (2020), https://ojs.aaai.org/index.php/AAAI/article/view/6401. Sample (shortened)::

    {"content": "Hackers hit the bank.", "cyberevent": {"hopper": [{"events": [
        {"type": "Attack", "subtype": "Databreach", "nugget": {"startOffset": 8, "endOffset": 11, "text": "hit"},
         "argument": [{"startOffset": 0, "endOffset": 7, "text": "Hackers", "role": {"type": "Attacker"}}]}]}]}}

A hopper holds events that are one and the same; they are read as events of their own. Some offsets are wrong
(mostly by one, behind a character that counted twice): the string's nearest occurrence is taken instead.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from ..frames import Document, Frame
from ..text import Mention
from .archive import read_members
from .gold import document, event
from .lines import NameOf, OnError, member, read_records
from .selection import Wanted


def read_casie(
    path: Path, *, name_of: NameOf, on_error: OnError = "raise", wanted: Wanted = lambda id: True
) -> Iterator[Document]:
    """The documents, with events as frames; the id is the file's name without folder and ending.

    ``meta`` counts the mentions that were moved (``moved``) and the events and arguments left out because
    their string is not in the text (``ungrounded``), where there are any.

    Args:
        path: the archive, or a folder.
        name_of: raw event type (``Attack.Databreach``) or role -> name.
        on_error: what becomes of a malformed document.
        wanted: says of an id whether it is read.
    """

    def parse(content: tuple[str, bytes]) -> Document:
        id, data = content
        try:
            record = json.loads(data)
        except (ValueError, RecursionError) as error:
            raise ValueError(f"wanted a JSON object in UTF-8, {error}") from error
        places = _Places(member(record, "content", str))
        frames = [
            frame
            for hopper in member(member(record, "cyberevent", dict), "hopper", list)
            for given in member(hopper, "events", list)
            if (frame := _event(given, places, name_of)) is not None
        ]
        doc = document(places.text, frames, id=id)
        counts = {**doc.meta, "moved": places.moved, "ungrounded": places.ungrounded}
        return Document(doc.text, doc.id, doc.frames, {name: count for name, count in counts.items() if count})

    members = ((name, (Path(name).stem, data)) for name, data in read_members(path) if name.endswith(".json"))
    return read_records(path, (m for m in members if wanted(m[1][0])), parse, on_error=on_error, unit="member")


class _Places:
    """Mentions of a text by string and offset, the offset mended; counts what was."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.moved = 0
        self.ungrounded = 0

    def of(self, given: object) -> Mention | None:
        start, end, string = (
            member(given, "startOffset", int),
            member(given, "endOffset", int),
            member(given, "text", str),
        )
        found = start
        if start < 0 or self.text[start:end] != string:
            before = self.text.rfind(string, 0, max(0, start) + len(string))
            after = self.text.find(string, max(0, start))
            found = min((at for at in (before, after) if at >= 0), key=lambda at: abs(at - start), default=-1)
            self.moved += found >= 0
        stripped = string.strip()
        if found < 0 or not stripped:
            self.ungrounded += 1
            return None
        found += len(string) - len(string.lstrip())
        return Mention.at(found, found + len(stripped))


def _event(given: object, places: _Places, name_of: NameOf) -> Frame | None:
    type_name = name_of(f"{member(given, 'type', str)}.{member(given, 'subtype', str)}")
    trigger = places.of(member(given, "nugget", dict))
    if trigger is None:
        return None
    assert isinstance(given, dict)
    arguments = []
    for argument in member(given, "argument", list) if "argument" in given else ():
        mention = places.of(argument)
        if mention is not None:
            arguments.append((name_of(member(member(argument, "role", dict), "type", str)), mention))
    return event(type_name, trigger, arguments)
