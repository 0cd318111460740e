# SPDX-License-Identifier: Apache-2.0
"""The ADE corpus as published: sentences as written, with pairs of strings and their place in the document.

Gurulingappa et al. (2012), https://doi.org/10.1016/j.jbi.2012.04.008. Sample of ``DRUG-AE.rel`` (PubMed id,
sentence, adverse effect, start, end, drug, start, end)::

    1234|Rash after aspirin.|Rash|120|124|aspirin|131|138

and of ``ADE-NEG.txt`` (sentences without an adverse effect)::

    1234 NEG The patient recovered.

Places count from the start of an abstract that is not given, so they only tell how far apart the two strings are.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

from ..frames import Document, Frame
from ..text import Mention
from .gold import document, relation
from .lines import MalformedLineError, NameOf, OnError, read_lines, read_records

_NEGATIVE = re.compile(r"(\d+) NEG (.+)")
_Row = tuple[int, list[str]]


def read_ade(path: Path, *, name_of: NameOf, on_error: OnError = "raise") -> Iterator[Document]:
    """The sentences, with a relation and two entities for each row; the id is the PubMed id.

    The file's name gives the raw labels: ``DRUG-AE.rel`` has relations ``DRUG-AE`` between an ``AE``, the
    head, and a ``DRUG``, the tail.
    """
    stem = path.name.partition(".")[0]

    def parse(rows: list[_Row]) -> Document:
        line, first = rows[0]
        if len(first) == 1:
            return _negative(first[0])
        if len(first) != 8:
            raise MalformedLineError(line, f"wanted 8 columns divided by |, got {len(first)}")
        pairs = [_pair(row, stem, name_of) for row in rows]
        entities = dict.fromkeys(entity for *both, _ in pairs for entity in both)
        return document(first[1], [*entities, *(frame for *_, frame in pairs)], id=first[0])

    lines = ((line, text.split("|")) for line, text in read_lines(path) if text.strip())
    groups = (list(rows) for _, rows in groupby(lines, key=lambda row: (row[1][:2], len(row[1]) == 1 and row[0])))
    return read_records(path, ((rows[0][0], rows) for rows in groups), parse, on_error=on_error)


def _negative(line: str) -> Document:
    match = _NEGATIVE.fullmatch(line.strip())
    if match is None:
        raise ValueError(f"wanted 8 columns divided by |, or an id, NEG and a sentence, got {line[:60]!r}")
    return document(match[2].strip(), [], id=match[1])


def _pair(row: _Row, stem: str, name_of: NameOf) -> tuple[Frame, Frame, Frame]:
    """The two entities of a row and the relation between them."""
    line, columns = row
    drug_label, dash, other_label = stem.partition("-")
    if len(columns) != 8 or not dash:
        raise MalformedLineError(line, f"wanted 8 columns of a file DRUG-….rel, got {len(columns)} of {stem!r}")
    _, sentence, other, other_start, _, drug, drug_start, _ = columns
    if not (other_start.isdecimal() and drug_start.isdecimal() and other.strip() and drug.strip()):
        raise MalformedLineError(line, f"wanted two strings and where they start, got {columns[2:]}")
    distance = int(drug_start) - int(other_start)
    head, tail = _places(line, sentence, other, drug, distance)
    return Frame(name_of(other_label), head), Frame(name_of(drug_label), tail), relation(name_of(stem), head, tail)


def _places(line: int, sentence: str, head: str, tail: str, distance: int) -> tuple[Mention, Mention]:
    """The first places of the strings that start ``distance`` characters apart."""
    for match in re.finditer(f"(?={re.escape(head)})", sentence):
        start = match.start() + distance
        if start >= 0 and sentence.startswith(tail, start):
            return _stripped(sentence, match.start(), len(head)), _stripped(sentence, start, len(tail))
    raise MalformedLineError(line, f"wanted {head!r} and {tail!r} {distance} characters apart in {sentence[:60]!r}")


def _stripped(text: str, start: int, length: int) -> Mention:
    """The mention without blanks around it, which a few strings have."""
    string = text[start : start + length]
    return Mention.at(start + length - len(string.lstrip()), start + len(string.rstrip()))
