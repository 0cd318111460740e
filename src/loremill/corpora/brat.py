# SPDX-License-Identifier: Apache-2.0
"""brat standoff: a text and beside it annotations by character offset, discontinuous ones in parts.

Stenetorp et al. (2012), https://aclanthology.org/E12-2021. Sample of the two files of a document::

    Ada Lovelace and Babbage met in London.

    T1	Person 0 12	Ada Lovelace
    T2	Person 0 3;17 24	Ada Babbage
    T3	Place 32 38	London
    T4	Meet 25 28	met
    R1	In Arg1:T1 Arg2:T3
    E1	Meet:T4 Who:T1 Where:T3

Shared-task files with ``.a1`` and ``.a2`` have a reader of their own, `read_bionlp_standoff`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import groupby
from pathlib import Path, PurePosixPath

from ..frames import Document, Frame, FrameRef, Slot
from ..text import Mention
from .archive import read_members
from .gold import document, mention_of
from .lines import MalformedLineError, NameOf, OnError, decode, read_records
from .selection import Wanted

_PLACE = re.compile(r"\d{1,9} \d{1,9}(;\d{1,9} \d{1,9})*")
_NUMBER = re.compile(r"\d+$")
_Line = tuple[int, str]
_Arguments = list[tuple[str, str]]  # role, id


def read_brat(
    path: Path,
    *,
    name_of: NameOf,
    on_error: OnError = "raise",
    wanted: Wanted | None = None,
    inside: str = "",
) -> Iterator[Document]:
    """The documents with their entities, relations and events as frames; the id is the files' name without ending.

    Text-bound annotations that trigger an event are no entities. A slot whose argument is an event points at its
    frame; numbers behind a role (``Theme2``) are left out. Attributes, equivalences, notes and normalisations are
    not read. An offset that does not hold the annotation's text is an error.

    Args:
        path: an archive or a folder in which a document's ``.ann`` and ``.txt`` follow each other.
        name_of: raw label -> name of a type or role.
        on_error: what becomes of a malformed document.
        wanted: which documents, by id; None: all.
        inside: a folder in the archive.
    """

    def parse(files: Mapping[str, bytes]) -> Document:
        contents = {PurePosixPath(name).suffix: decode(data) for name, data in files.items()}
        if len(contents) < 2:
            raise ValueError(f"wanted a .txt and an .ann file of that name, got only {', '.join(contents)}")
        text, lines = contents[".txt"], _by_kind(contents[".ann"])
        return document(text, _frames(lines, text, name_of), id=PurePosixPath(next(iter(files))).stem)

    members = ((name, data) for name, data in read_members(path, inside=inside) if name.endswith((".ann", ".txt")))
    groups = ((stem, dict(files)) for stem, files in groupby(members, key=lambda member: member[0][:-4]))
    chosen = ((stem, files) for stem, files in groups if wanted is None or wanted(PurePosixPath(stem).name))
    return read_records(path, chosen, parse, on_error=on_error, unit="member")


def _by_kind(content: str) -> dict[str, list[_Line]]:
    kinds: dict[str, list[_Line]] = {}
    for line, row in enumerate(content.split("\n"), start=1):
        if row.strip():
            kinds.setdefault(row[0], []).append((line, row.rstrip("\r")))
    if unknown := kinds.keys() - set("TREAMN#*"):
        line, row = kinds[min(unknown)][0]
        raise MalformedLineError(line, f"wanted an annotation such as T1, R1 or E1, got {row[:60]!r}")
    return kinds


def _frames(lines: Mapping[str, list[_Line]], text: str, name_of: NameOf) -> list[Frame]:
    bound = dict(_bound(row, line, text) for line, row in lines.get("T", []))
    events: dict[str, tuple[int, _Arguments]] = {}
    for line, row in lines.get("E", []):
        id, parts = _arguments(row, line, events=True)
        events[id] = (line, parts)
    triggers = {parts[0][1] for _, parts in events.values()}
    frames = [Frame(name_of(label), mention) for id, (label, mention) in bound.items() if id not in triggers]
    places = {id: mention for id, (_, mention) in bound.items()}
    references = {id: FrameRef(len(frames) + i) for i, id in enumerate(events)}

    def filler(id: str, line: int) -> Mention | FrameRef:
        found = places.get(id) or references.get(id)
        if found is None:
            raise MalformedLineError(line, f"wanted an annotation {id!r}, got none of that id")
        return found

    for line, [(label, trigger), *arguments] in events.values():
        if trigger not in places:
            raise MalformedLineError(line, f"wanted a trigger {trigger!r}, got none of that id")
        slots = dict.fromkeys(Slot(name_of(_NUMBER.sub("", role)), filler(id, line)) for role, id in arguments)
        frames.append(Frame(name_of(label), places[trigger], tuple(slots)))
    for line, row in lines.get("R", []):
        _, [(label, _), *arguments] = _arguments(row, line, events=False)
        ends = tuple(Slot(name_of(role), filler(id, line)) for role, id in arguments)
        frames.append(Frame(name_of(label), None, ends))
    return frames


def _bound(row: str, line: int, text: str) -> tuple[str, tuple[str, Mention]]:
    """Id, raw label and place of a text-bound annotation."""
    columns = row.split("\t")
    label, _, place = columns[1].partition(" ") if len(columns) == 3 else ("", "", "")
    if not label or not _PLACE.fullmatch(place):
        raise MalformedLineError(line, f"wanted id, 'type start end' and text divided by tabs, got {row[:60]!r}")
    pieces = [(int(start), int(end)) for start, end in (piece.split(" ") for piece in place.split(";"))]
    found = " ".join(text[start:end] for start, end in pieces)
    if not all(start < end for start, end in pieces) or " ".join(found.split()) != " ".join(columns[2].split()):
        raise MalformedLineError(line, f"wanted {columns[2][:60]!r} at {place}, the text has {found[:60]!r}")
    return columns[0], (label, mention_of(pieces))


def _arguments(row: str, line: int, *, events: bool) -> tuple[str, _Arguments]:
    """Id and ``(label, trigger)`` (a relation's trigger is empty), then ``(role, id)`` of each argument."""
    id, _, rest = row.partition("\t")
    first, *others = rest.split() or [""]
    label, mark, trigger = first.partition(":")
    arguments = [(role, target) for role, _, target in (other.partition(":") for other in others)]
    if not label or bool(trigger) != events or bool(mark) != events or not all(map(all, arguments)):
        wanted = "'type:trigger role:id ...'" if events else "'type role:id role:id'"
        raise MalformedLineError(line, f"wanted id, tab and {wanted}, got {row[:60]!r}")
    return id, [(label, trigger), *arguments]
