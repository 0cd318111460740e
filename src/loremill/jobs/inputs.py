# SPDX-License-Identifier: Apache-2.0
"""Rows of text to extract from, read lazily from a text, a file, a folder or standard input.

| source | one row is | id |
| --- | --- | --- |
| a string | the string | none |
| ``.txt``, ``.md``, ``-`` (standard input) | the whole file | the file's name, ``-`` |
| with ``lines=True`` any text file, ``-`` | a line, blank ones too | the line's number |
| ``.jsonl`` | a line: an object with ``text``; all other fields are kept | ``id``, else the line's number |
| ``.csv``, ``.tsv`` | a record; the other columns are kept | column ``id``, else its first line's number |
| a folder | a ``.txt`` or ``.md`` file in it or below, by sorted path, hidden ones not | the path in the folder |

What is wrong with a file as a whole raises `InputError` at once; what is wrong with a row becomes its
``error``, so that each row of the input has one row in the output.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import BinaryIO

from ..errors import InputError
from .jsonl import json_rows
from .rows import MAX_BYTES, Line, Row, decode, file_lines, read_lines, reading, text_fault, too_long
from .table import table_rows

TEXT_SUFFIXES = (".txt", ".md")
DELIMITERS = {".csv": ",", ".tsv": "\t"}
SUFFIXES = (*TEXT_SUFFIXES, ".jsonl", *DELIMITERS)


@dataclass(frozen=True, slots=True)
class Source:
    """Rows that can be read once, and what they are read from.

    ``path`` is None for a string and for standard input; ``total`` is the number of rows where it is
    known beforehand; ``passed_over`` counts the files of a folder that are of another kind.
    """

    name: str
    reading: str
    rows: Iterator[Row]
    path: Path | None = None
    total: int | None = None
    passed_over: int = 0

    @property
    def identity(self) -> dict[str, str]:
        """What a resumed run needs to have in common with the one it continues."""
        return {"input": self.name, "reading": self.reading}


def text_source(text: str) -> Source:
    """One document given as a string."""
    if fault := text_fault(text):
        raise InputError(fault)
    if len(text) >= MAX_BYTES:
        raise InputError(too_long("text", len(text), MAX_BYTES))
    return Source("text", "document", iter([Row(0, "", text)]), total=1)


def open_source(
    path: str | Path, *, lines: bool = False, text_column: str | None = None, max_bytes: int = MAX_BYTES
) -> Source:
    """The rows of a file or a folder; ``"-"`` is standard input.

    Raises:
        InputError: the file is missing, empty, of an unknown kind, or cannot be read that way.
    """
    path = Path(path)
    suffix = path.suffix.lower()
    if text_column is not None and suffix not in DELIMITERS:
        raise InputError(f"--text-column is for {' and '.join(DELIMITERS)} files, got {str(path)!r}")
    if str(path) == "-":
        return _stdin(lines, max_bytes)
    if not path.exists():
        raise InputError(f"no file or folder {str(path)!r}; give a path, or - for standard input")
    if path.is_dir():
        if lines:
            raise InputError(f"--lines reads one file, got the folder {str(path)!r}")
        return _folder(path, max_bytes)
    _check_start(path)
    if suffix == ".jsonl" or suffix in DELIMITERS:
        if lines:
            raise InputError(f"--lines reads plain text, {path.name} has rows of its own; leave it out")
        return _rows_of_file(path, suffix, text_column, max_bytes)
    if lines:
        rows = (_line_row(line) for line in file_lines(path, max_bytes))
        return Source(path.name, "lines", _some(rows, path.name), path)
    if suffix not in TEXT_SUFFIXES:
        raise InputError(
            f"a folder or a file ending in {', '.join(SUFFIXES)} is wanted, got {str(path)!r}; "
            "with --lines any text file is read line by line"
        )
    with reading(str(path)), path.open("rb") as file:
        return Source(path.name, "document", _one_document(file, path.name, max_bytes), path, total=1)


def _rows_of_file(path: Path, suffix: str, text_column: str | None, max_bytes: int) -> Source:
    if suffix == ".jsonl":
        return Source(path.name, "jsonl", _some(json_rows(path, max_bytes), path.name), path)
    column, rows = table_rows(path, DELIMITERS[suffix], text_column, max_bytes)
    return Source(path.name, f"column {column}", _some(rows, path.name), path)


def _stdin(lines: bool, max_bytes: int) -> Source:
    if lines:
        rows = (_line_row(line) for line in read_lines(sys.stdin.buffer, max_bytes))
        return Source("-", "lines", _some(rows, "standard input"))
    return Source("-", "document", _one_document(sys.stdin.buffer, "-", max_bytes), total=1)


def _folder(folder: Path, max_bytes: int) -> Source:
    names, passed_over = [], 0
    with reading(str(folder)):
        for parent, folders, files in os.walk(folder, onerror=_raise):
            folders[:] = [name for name in folders if not name.startswith(".")]
            for name in files:
                if name.startswith("."):
                    continue
                if Path(name).suffix.lower() in TEXT_SUFFIXES:
                    names.append((Path(parent) / name).relative_to(folder).as_posix())
                else:
                    passed_over += 1
    if not names:
        raise InputError(f"a folder with {' or '.join(TEXT_SUFFIXES)} files is wanted, {str(folder)!r} has none")
    names.sort()
    rows = (_file_row(index, folder / name, name, max_bytes) for index, name in enumerate(names))
    return Source(folder.name, "folder", rows, folder, total=len(names), passed_over=passed_over)


def _one_document(file: BinaryIO, name: str, max_bytes: int) -> Iterator[Row]:
    """A file that is the whole input: what is wrong with it is wrong with the input."""
    text, fault = _document(file, max_bytes)
    if fault is not None:
        raise InputError(f"{name if name != '-' else 'standard input'}: {fault}")
    return iter([Row(0, name, text)])


def _file_row(index: int, path: Path, name: str, max_bytes: int) -> Row:
    try:
        with path.open("rb") as file:
            text, fault = _document(file, max_bytes)
    except OSError as error:
        text, fault = "", f"cannot be read: {error.strerror or error}"
    return Row(index, name, text, error=fault and f"{name}: {fault}")


def _document(file: BinaryIO, max_bytes: int) -> tuple[str, str | None]:
    data = file.read(max_bytes)
    if len(data) == max_bytes:
        return (
            "",
            f"a document shorter than {max_bytes:,} bytes is wanted, this is longer; split it, or read it by lines",
        )
    text, fault = decode(data)
    return text, fault or text_fault(text)


def _line_row(line: Line) -> Row:
    text, fault = line.decode()
    if fault is None and (found := text_fault(text)):
        fault = f"line {line.number}: {found}"
    return Row(line.number - 1, str(line.number), text, error=fault)


def _check_start(path: Path) -> None:
    if not path.is_file():
        return  # a pipe: looking at its start would take it away
    with reading(str(path)), path.open("rb") as file:
        start = file.read(2)
    if not start:
        raise InputError(f"a file with text is wanted, {str(path)!r} is empty")
    if start in (b"\xff\xfe", b"\xfe\xff"):
        raise InputError(f"UTF-8 is wanted, {str(path)!r} is UTF-16; convert it to UTF-8")


def _some(rows: Iterator[Row], name: str) -> Iterator[Row]:
    """The rows, of which there is at least one; reads the first, so that a file's faults show at once."""
    first = next(rows, None)
    if first is None:
        raise InputError(f"some rows are wanted, {name} has none")
    return chain([first], rows)


def _raise(error: OSError) -> None:
    raise error
