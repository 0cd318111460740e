# SPDX-License-Identifier: Apache-2.0
"""Text with inline tags, which may nest (DIANN). Sample, one sentence a line::

    Patients <scp><neg>without</neg> <dis>dementia</dis></scp> came.

Only the tags that were named are tags: any other ``<`` is text ("p<0.05"), and there are no entities such as ``&lt;``.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import replace
from pathlib import Path, PurePosixPath

from ..frames import Document, Frame
from .archive import read_members
from .gold import document, mention_of
from .lines import NameOf, OnError, decode, read_records
from .selection import Wanted
from .trim import trim


def read_inline_tags(
    path: Path,
    *,
    name_of: NameOf,
    on_error: OnError = "raise",
    tags: Collection[str],
    wanted: Wanted | None = None,
    inside: str = "",
) -> Iterator[Document]:
    """The lines that are not blank, without their tags, with entities as frames.

    Lines have no id; ``meta["document"]`` is the name of their file without its ending.

    Args:
        path: an archive or a folder of text files.
        name_of: tag -> type name.
        on_error: what becomes of a malformed line.
        tags: names of the tags.
        wanted: which files, by name without ending; None: all.
        inside: a folder in the archive.
    """
    tag = re.compile(rf"<(/?)({'|'.join(map(re.escape, tags))})>")

    def parse(record: tuple[str, bytes]) -> Document:
        name, line = record
        text, pieces = _untagged(decode(line), tag)
        doc = document(text, (Frame(name_of(label), mention_of([piece])) for label, piece in pieces))
        return replace(doc, meta={**doc.meta, "document": name})

    return read_records(path, _lines(path, inside, wanted), parse, on_error=on_error, unit="member")


def _lines(path: Path, inside: str, wanted: Wanted | None) -> Iterator[tuple[str, tuple[str, bytes]]]:
    for name, content in read_members(path, inside=inside):
        stem = PurePosixPath(name).stem
        if wanted is None or wanted(stem):
            lines = enumerate(content.split(b"\n"), start=1)
            yield from ((f"{name}, line {i}", (stem, line)) for i, line in lines if line.strip())


def _untagged(line: str, tag: re.Pattern[str]) -> tuple[str, list[tuple[str, tuple[int, int]]]]:
    """The text without tags and blanks around it, and the label and place of each tagged piece."""
    parts: list[str] = []
    pieces: list[tuple[str, int, int]] = []
    open_tags: list[tuple[str, int]] = []
    position = length = 0
    for match in tag.finditer(line):
        parts.append(line[position : match.start()])
        length += len(parts[-1])
        position = match.end()
        closes, label = match.groups()
        if not closes:
            open_tags.append((label, length))
        elif not open_tags or open_tags[-1][0] != label:
            raise ValueError(f"wanted a tag <{label}> before its end, got {line[: match.end()][-60:]!r}")
        else:
            pieces.append((label, open_tags.pop()[1], length))
    if open_tags:
        raise ValueError(f"wanted the end of <{open_tags[-1][0]}> on its line, got {line[-60:]!r}")
    text = "".join([*parts, line[position:]])
    return _stripped(text, pieces)


def _stripped(text: str, pieces: list[tuple[str, int, int]]) -> tuple[str, list[tuple[str, tuple[int, int]]]]:
    """The text without the blanks around it; each piece too."""
    left = len(text) - len(text.lstrip())
    placed = []
    for label, start, end in pieces:
        start, end = trim(text, start, end)
        placed.append((label, (start - left, end - left)))
    return text.strip(), placed
