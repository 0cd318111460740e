# SPDX-License-Identifier: Apache-2.0
"""Column files: one token a line, a tag beside it, a blank line between sentences (IOB1, IOB2, BIOES, BILOU).

Sample (IOB2, token first)::

    Ada	B-PER
    Lovelace	I-PER
    slept	O

Sang and Buchholz (2000) for the tags; chunks are read as ``conlleval`` reads them, so no scheme needs to be named.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from ..frames import Document, Frame
from .detokenize import detokenize
from .gold import document, token_range
from .lines import MalformedLineError, NameOf, OnError, read_lines, read_records

_Sentence = list[tuple[int, str]]


def read_columns(
    path: Path,
    *,
    name_of: NameOf,
    on_error: OnError = "raise",
    token: int = 0,
    tag: int = -1,
    separator: str | None = None,
    join: str = "",
) -> Iterator[Document]:
    """The sentences of a column file, with entities as frames.

    ``-DOCSTART-`` lines are left out. Sentences have no id.

    Args:
        path: text, plain or ``.xz``.
        name_of: raw label (behind the tag's first ``-``) -> type name.
        on_error: what becomes of a sentence with a malformed line.
        token: column of the token; negative counts from the end.
        tag: column of the tag.
        separator: between columns; None: any white space.
        join: see `detokenize`.
    """

    def parse(sentence: _Sentence) -> Document:
        tokens, tags = [], []
        for line, text in sentence:
            columns = text.split(separator)
            if not -len(columns) <= token < len(columns) or not -len(columns) <= tag < len(columns) or len(columns) < 2:
                raise MalformedLineError(line, f"wanted a token and a tag, got {text[:60]!r}")
            if not columns[token].strip():
                raise MalformedLineError(line, f"wanted a token in column {token}, got {text[:60]!r}")
            tokens.append(columns[token].strip())
            try:
                tags.append(_split_tag(columns[tag].strip()))
            except ValueError as error:
                raise MalformedLineError(line, str(error)) from error
        text, offsets = detokenize(tokens, join=join)
        entities = (Frame(name_of(label), token_range(i, j, offsets)) for label, i, j in chunks(tags))
        return document(text, entities)

    return read_records(path, _sentences(path), parse, on_error=on_error)


def chunks(tags: list[tuple[str, str]]) -> Iterator[tuple[str, int, int]]:
    """Label, first token and end (exclusive) of each chunk of ``(prefix, label)`` tags.

    A chunk begins at B, S or U, and at any tag inside that does not continue the chunk before it.
    """
    start, open_label = 0, ""
    for i, (prefix, label) in enumerate([*tags, ("O", "")]):
        if open_label and (prefix in "BSUO" or label != open_label):
            yield open_label, start, i
            open_label = ""
        if prefix == "O":
            continue
        if not open_label:
            start, open_label = i, label
        if prefix in "ESLU":
            yield open_label, start, i + 1
            open_label = ""


def _split_tag(tag: str) -> tuple[str, str]:
    prefix, _, label = tag.partition("-")
    if tag == "O":
        return "O", ""
    if prefix not in tuple("BIESLU") or not label:
        raise ValueError(f"wanted a tag like O, B-label or I-label, got {tag!r}")
    return prefix, label


def _sentences(path: Path) -> Iterator[tuple[int, _Sentence]]:
    sentence: _Sentence = []
    for line, text in read_lines(path):
        if text.strip() and not text.startswith("-DOCSTART-"):
            sentence.append((line, text))
        elif sentence:
            yield sentence[0][0], sentence
            sentence = []
    if sentence:
        yield sentence[0][0], sentence
