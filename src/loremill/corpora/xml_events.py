# SPDX-License-Identifier: Apache-2.0
"""XML as a stream of events, safe for files of unknown origin.

Entities are never declared or fetched: an internal document type, a declared entity or a reference to an unknown one
is an error, so nothing can expand. A document type that only names a file (GENIA's) is allowed; the file is not read.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple
from xml.parsers import expat

MAX_DEPTH = 200
MAX_BYTES = 1 << 30


class XmlError(ValueError):
    """The XML is malformed, too deep, too large, or declares entities."""

    def __init__(self, line: int, message: str) -> None:
        super().__init__(message)
        self.line = line


class Start(NamedTuple):
    """An element begins; its name and those of its attributes are without their prefix."""

    name: str
    attributes: Mapping[str, str]
    line: int


class End(NamedTuple):
    """An element ends."""

    name: str


Event = Start | End | str
"""A start, an end, or text between them."""


def xml_events(chunks: Iterable[bytes]) -> Iterator[Event]:
    """The events of a document that comes in pieces.

    Raises:
        XmlError: see there.
    """
    events: list[Event] = []
    parser = expat.ParserCreate()
    parser.buffer_text = True
    depth = size = 0

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > MAX_DEPTH:
            raise XmlError(parser.CurrentLineNumber, f"wanted at most {MAX_DEPTH} elements inside each other, got more")
        local = {key.rpartition(":")[2]: value for key, value in attributes.items()}
        events.append(Start(name.rpartition(":")[2], local, parser.CurrentLineNumber))

    def end(name: str) -> None:
        nonlocal depth
        depth -= 1
        events.append(End(name.rpartition(":")[2]))

    def refuse(*declaration: object) -> None:
        raise XmlError(parser.CurrentLineNumber, f"wanted no entities, got {declaration[0]!r}")

    def doctype(name: str, system_id: str | None, public_id: str | None, has_internal_subset: bool) -> None:
        if has_internal_subset:
            refuse(f"a document type {name} with declarations")

    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = events.append
    parser.StartDoctypeDeclHandler = doctype
    parser.EntityDeclHandler = refuse
    parser.SkippedEntityHandler = refuse
    try:
        for chunk in chunks:
            size += len(chunk)
            if size > MAX_BYTES:
                raise XmlError(parser.CurrentLineNumber, f"wanted at most {MAX_BYTES} bytes of XML, got more")
            parser.Parse(chunk, False)
            yield from events
            events.clear()
        parser.Parse(b"", True)
        yield from events
    except expat.ExpatError as error:
        raise XmlError(error.lineno, f"wanted XML, {expat.ErrorString(error.code)}") from error
