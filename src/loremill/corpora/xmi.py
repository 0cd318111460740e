# SPDX-License-Identifier: Apache-2.0
"""UIMA's XMI: a text (``sofaString``) and annotations by offset, one file a document (E3C).

https://docs.oasis-open.org/uima/v1.0/uima-v1.0.html, section 4.1. Sample (namespaces left out)::

    <xmi:XMI>
      <custom:EVENT xmi:id="3" sofa="1" begin="6" end="11" polarity="POS"/>
      <type4:Sentence xmi:id="2" sofa="1" begin="0" end="12"/>
      <cas:Sofa xmi:id="1" sofaString="Fever began."/>
    </xmi:XMI>

Offsets count UTF-16 units, as Java does: a character beyond the basic plane counts two.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath

from ..frames import Document, Frame
from .archive import read_members
from .gold import document, mention_of
from .lines import MalformedLineError, NameOf, OnError, read_records
from .selection import Wanted
from .trim import trim
from .xml_events import Start, XmlError, xml_events


@dataclass(frozen=True, slots=True)
class Annotation:
    """What one element says of a piece of text; ``begin`` and ``end`` are code points, without blanks around it."""

    label: str
    begin: int
    end: int
    attributes: Mapping[str, str] = field(default_factory=dict)


def read_xmi(
    path: Path,
    *,
    name_of: NameOf,
    on_error: OnError = "raise",
    wanted: Wanted | None = None,
    labels: Sequence[str],
    attributes: Mapping[str, tuple[str, Mapping[str, str]]] | None = None,
    unit: str = "Sentence",
    inside: str = "",
) -> Iterator[Document]:
    """The sentences, with annotations as frames; ``meta["document"]`` is the name of the file without its ending.

    Args:
        path: an archive or a folder of ``.xml`` and ``.xmi`` files.
        name_of: label -> type name.
        on_error: what becomes of a malformed file.
        wanted: which files, by name without ending; None: all.
        labels: elements, without namespace, that become frames.
        attributes: name of an attribute -> its raw name, and raw value -> value; others are not read.
        unit: the element, without namespace, whose pieces of text become documents.
        inside: a folder in the archive.
    """
    members = (
        (name, (name, content))
        for name, content in read_members(path, inside=inside)
        if name.endswith((".xml", ".xmi")) and (wanted is None or wanted(PurePosixPath(name).stem))
    )

    def parse(member: tuple[str, bytes]) -> list[Document]:
        name, content = member
        try:
            text, found = _annotations(content, {*labels, unit})
        except XmlError as error:
            raise MalformedLineError(error.line, str(error)) from error
        units = sorted((a for a in found if a.label == unit), key=lambda a: a.begin)
        frames = [(a, _frame(a, name_of, attributes or {})) for a in found if a.label != unit]
        return _documents(text, units, frames, PurePosixPath(name).stem)

    for docs in read_records(path, members, parse, on_error=on_error, unit="member"):
        yield from docs


def _documents(text: str, units: list[Annotation], frames: list[tuple[Annotation, Frame]], name: str) -> list[Document]:
    docs = []
    inside: set[int] = set()
    for unit in units:
        here = [i for i, (a, _) in enumerate(frames) if unit.begin <= a.begin and a.end <= unit.end]
        inside.update(here)
        doc = document(text[unit.begin : unit.end], [frames[i][1].shift(-unit.begin) for i in here])
        docs.append(replace(doc, meta={**doc.meta, "document": name}))
    if outside := [a for i, (a, _) in enumerate(frames) if i not in inside]:
        raise ValueError(f"wanted annotations inside a sentence, got {outside[0].label} at {outside[0].begin}")
    return docs


def _annotations(content: bytes, labels: set[str]) -> tuple[str, list[Annotation]]:
    raw: list[Start] = []
    texts: list[str] = []
    for event in xml_events([content]):
        if isinstance(event, Start) and event.name == "Sofa":
            texts.append(event.attributes.get("sofaString", ""))
        elif isinstance(event, Start) and event.name in labels:
            raw.append(event)
    if len(texts) != 1:
        raise ValueError(f"wanted one text (Sofa), got {len(texts)}")
    place = _code_points(texts[0])
    return texts[0], [_annotation(start, place, texts[0]) for start in raw]


def _annotation(element: Start, place: Sequence[int], text: str) -> Annotation:
    try:
        begin, end = (int(element.attributes[key]) for key in ("begin", "end"))
    except (KeyError, ValueError) as error:
        raise MalformedLineError(element.line, f"wanted {element.name} with begin and end as numbers") from error
    if not 0 <= begin < end < len(place) or not text[place[begin] : place[end]].strip():
        raise MalformedLineError(element.line, f"wanted {element.name} around text, got {begin}:{end}")
    return Annotation(element.name, *trim(text, place[begin], place[end]), element.attributes)


def _code_points(text: str) -> Sequence[int]:
    """The code point at each UTF-16 offset of the text, its end included."""
    if text.isascii() or max(text, default="") <= "\uffff":
        return range(len(text) + 1)
    place = [i for i, c in enumerate(text) for _ in range(1 + (c > "\uffff"))]
    return [*place, len(text)]


def _frame(annotation: Annotation, name_of: NameOf, attributes: Mapping[str, tuple[str, Mapping[str, str]]]) -> Frame:
    given = annotation.attributes
    kept = tuple((name, values[given[raw]]) for name, (raw, values) in attributes.items() if given.get(raw) in values)
    return Frame(name_of(annotation.label), mention_of([(annotation.begin, annotation.end)]), attributes=kept)
