# SPDX-License-Identifier: Apache-2.0
"""BioNLP standoff: ``.txt``, given entities in ``.a1``, triggers and events in ``.a2``; events may be arguments.

Kim et al. (2011), https://aclanthology.org/W11-1802. Sample of the three files of a document::

    TRAF2 binds and activates JNK.

    T1	Protein 0 5	TRAF2
    T2	Protein 26 29	JNK

    T3	Binding 6 11	binds
    T4	Positive_regulation 16 25	activates
    E1	Binding:T3 Theme:T1 Theme2:T2
    E2	Positive_regulation:T4 Theme:E1 Cause:T1
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path, PurePosixPath

from ..frames import Document, Frame, FrameRef, Slot
from ..text import Mention
from .archive import read_members
from .gold import document, mention_of
from .lines import MalformedLineError, NameOf, OnError, read_records

_ENDINGS = (".a1", ".a2", ".txt")
_NUMBER = re.compile(r"\d+$")
_Bound = tuple[str, Mention]  # raw label, place


def read_bionlp_standoff(
    path: Path, *, name_of: NameOf, on_error: OnError = "raise", inside: str = ""
) -> Iterator[Document]:
    """The documents, with the given entities and the events as frames; the id is the files' name without ending.

    A slot whose argument is an event points at its frame. Numbers behind a role (``Theme2``) are left out, so a
    role may occur several times. Modifications and equivalences are not read, nor are entities of ``.a2``
    other than as arguments.

    Args:
        path: an archive or a folder in which the files of a document follow each other.
        name_of: raw label -> name of a type or role.
        on_error: what becomes of a malformed document.
        inside: a folder in the archive.
    """

    def parse(files: dict[str, bytes]) -> Document:
        id = PurePosixPath(next(iter(files))).stem
        contents = {PurePosixPath(name).suffix: _decoded(name, data) for name, data in files.items()}
        if ".txt" not in contents:
            raise ValueError(f"wanted a text beside {next(iter(files))}, got none")
        text = contents[".txt"].rstrip()
        given = _bound(contents.get(".a1", ""), text)
        bound = {**given, **_bound(contents.get(".a2", ""), text)}
        events = dict(_event_lines(contents.get(".a2", "")))
        frames = [Frame(name_of(label), mention) for label, mention in given.values()]
        index = {event_id: len(frames) + i for i, event_id in enumerate(events)}
        frames += [_event(parts, bound, events, index, name_of) for parts in events.values()]
        return document(text, frames, id=id)

    members = ((name, data) for name, data in read_members(path, inside=inside) if name.endswith(_ENDINGS))
    groups = ((stem, dict(files)) for stem, files in groupby(members, key=lambda m: m[0].rpartition(".")[0]))
    return read_records(path, groups, parse, on_error=on_error, unit="member")


def _decoded(name: str, data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        raise ValueError(f"wanted UTF-8 text in {name}, got {data[error.start]:#04x}") from error


def _bound(content: str, text: str) -> dict[str, _Bound]:
    """The text-bound annotations (``T`` lines) by id."""
    bound = {}
    for line, row in enumerate(content.split("\n"), start=1):
        if not row.startswith("T"):
            continue
        columns = row.rstrip("\r").split("\t")
        label, _, place = columns[1].partition(" ") if len(columns) == 3 else ("", "", "")
        numbers = re.fullmatch(r"(\d{1,9}) (\d{1,9})", place)
        if not label or numbers is None:
            raise MalformedLineError(line, f"wanted id, 'type start end' and text divided by tabs, got {row[:60]!r}")
        start, end = int(numbers[1]), int(numbers[2])
        if not start < end or text[start:end] != columns[2]:
            raise MalformedLineError(line, f"wanted {columns[2]!r} at {start}:{end}, the text has {text[start:end]!r}")
        bound[columns[0]] = (label, mention_of([(start, end)]))
    return bound


_Parts = list[tuple[str, str]]  # (type, id of the trigger), then (role, id of the argument)


def _event_lines(content: str) -> Iterator[tuple[str, _Parts]]:
    for line, row in enumerate(content.split("\n"), start=1):
        if not row.startswith("E"):
            continue
        id, tab, rest = row.rstrip("\r").partition("\t")
        parts = [tuple(part.split(":")) for part in rest.split()]
        if not tab or not parts or not all(len(part) == 2 and all(part) for part in parts):
            raise MalformedLineError(line, f"wanted id, tab and 'type:trigger role:argument ...', got {row[:60]!r}")
        yield id, [(part[0], part[1]) for part in parts]


def _event(
    parts: _Parts, bound: dict[str, _Bound], events: dict[str, _Parts], index: dict[str, int], name_of: NameOf
) -> Frame:
    (type_label, trigger), *arguments = parts
    slots: list[tuple[Mention, Slot]] = []
    for role, id in arguments:
        name = name_of(_NUMBER.sub("", role))
        place = _place(events[id][0][1] if id in events else id, bound)
        slots.append((place, Slot(name, FrameRef(index[id]) if id in events else place)))
    slots.sort(key=lambda slot: (slot[0], slot[1].role))
    return Frame(name_of(type_label), _place(trigger, bound), tuple(dict.fromkeys(slot for _, slot in slots)))


def _place(id: str, bound: dict[str, _Bound]) -> Mention:
    if id not in bound:
        raise ValueError(f"wanted an annotation {id!r}, got none of that id")
    return bound[id][1]
