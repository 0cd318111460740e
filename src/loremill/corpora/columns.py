# SPDX-License-Identifier: Apache-2.0
"""Column files: one token a line, a tag beside it, a blank line between sentences.

Sample (token first)::

    Ada	B-PER
    Lovelace	I-PER
    slept	O

Which tags are read, and how: `Tagging`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from ..frames import Document
from .lines import MalformedLineError, NameOf, OnError, read_lines, read_records
from .selection import Wanted
from .tags import Row, Scheme, Sentence, Tagging

_Lines = tuple[list[tuple[int, str]], str]


def read_columns(
    path: Path,
    *,
    name_of: NameOf,
    on_error: OnError = "raise",
    wanted: Wanted | None = None,
    token: int = 0,
    tag: int = -1,
    separator: str | None = None,
    join: str = "",
    attach: tuple[str, ...] = (),
    scheme: Scheme | None = None,
    drop_empty: bool = False,
    outside: tuple[str, ...] = ("O",),
) -> Iterator[Document]:
    """The sentences of a column file, with entities as frames.

    ``-DOCSTART-`` lines are left out; where there are any, ``meta["document"]`` numbers their documents from 0.
    Sentences have no id.

    Args:
        path: text, plain or ``.xz``.
        name_of: raw label (behind the tag's first ``-``) -> type name.
        on_error: what becomes of a sentence with a malformed line.
        wanted: which documents, by number; None: all.
        token: column of the token; negative counts from the end.
        tag: column of the tag.
        separator: between columns; None: any white space.
        join, attach, scheme, drop_empty, outside: see `Tagging`.
    """
    tagging = Tagging(name_of, join, attach, scheme, drop_empty, outside)

    def row(line: int, text: str) -> Row:
        columns = text.split(separator)
        try:
            word, label = columns[token], columns[tag]
        except IndexError:
            word = label = ""
        if not label or len(columns) < 2:
            raise MalformedLineError(line, f"wanted a token and a tag, got {text[:60]!r}")
        return Row(line, word.strip(), label.strip())

    return read_sentences(path, split_sentences(read_lines(path), str.strip), row, tagging, wanted, on_error)


def read_sentences(
    path: Path,
    sentences: Iterable[_Lines],
    row: Callable[[int, str], Row],
    tagging: Tagging,
    wanted: Wanted | None,
    on_error: OnError,
) -> Iterator[Document]:
    """The documents of the sentences' lines; shared by the readers of tagged tokens."""

    def parse(sentence: _Lines) -> Document:
        lines, document = sentence
        return tagging.document(Sentence([row(line, text) for line, text in lines], document))

    records = ((lines[0][0], (lines, document)) for lines, document in sentences if wanted is None or wanted(document))
    return read_records(path, records, parse, on_error=on_error)


def split_sentences(lines: Iterable[tuple[int, str]], is_inside: Callable[[str], object]) -> Iterator[_Lines]:
    """Numbered lines of each sentence and the number of its document; ``is_inside`` is false for lines between."""
    sentence: list[tuple[int, str]] = []
    document = -1
    for line, text in lines:
        starts_document = text.startswith("-DOCSTART-")
        if is_inside(text) and not starts_document:
            sentence.append((line, text))
            continue
        if sentence:
            yield sentence, str(document) if document >= 0 else ""
            sentence = []
        document += starts_document
    if sentence:
        yield sentence, str(document) if document >= 0 else ""
