# SPDX-License-Identifier: Apache-2.0
"""Rows of input, and lines of bytes read without ever holding more than a limit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from ..errors import InputError

MAX_BYTES = 10_000_000
"""A document or a line needs to be shorter than this."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the input, numbered from 0; with an ``error`` it is not given to a model.

    ``extra`` are the row's other fields, which come back beside its extraction.
    """

    index: int
    id: str | int
    text: str
    extra: Mapping[str, Any] = field(default_factory=dict)
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """A line without its end, numbered from 1; ``offset`` is where it starts in the file, in bytes.

    ``data`` is empty when the line's ``size_bytes`` reach the limit.
    """

    number: int
    offset: int
    data: bytes
    size_bytes: int
    max_bytes: int

    def decode(self) -> tuple[str, str | None]:
        """The line's text, and what is wrong with it (then the text is empty)."""
        if self.size_bytes >= self.max_bytes:
            return "", f"line {self.number}: {too_long('line', self.size_bytes, self.max_bytes)}"
        text, fault = decode(self.data, self.offset)
        return text, fault and f"line {self.number}: {fault}"


def read_lines(file: BinaryIO, max_bytes: int = MAX_BYTES) -> Iterator[Line]:
    """The file's lines, ended by LF or CRLF; what follows the last LF is a line unless it is empty."""
    offset = 0
    number = 0
    while piece := file.readline(max_bytes):
        number += 1
        size = len(piece)
        data = piece
        while not piece.endswith(b"\n") and len(piece) == max_bytes:
            data = b""
            piece = file.readline(max_bytes)
            size += len(piece)
        yield Line(number, offset, data.removesuffix(b"\n").removesuffix(b"\r"), size, max_bytes)
        offset += size


def decode(data: bytes, offset: int = 0) -> tuple[str, str | None]:
    """UTF-8 as text, or what is wrong with it; ``offset`` is where ``data`` starts in its file."""
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        at = offset + error.start
        return "", f"UTF-8 is wanted, byte 0x{data[error.start]:02x} at offset {at} is not; convert the input to UTF-8"
    return (text.removeprefix("\ufeff") if offset == 0 else text), None


def text_fault(text: str) -> str | None:
    """Why nothing can be extracted from ``text``, if so."""
    if not text.strip():
        return "empty text; some words are wanted"
    if not text.isascii():
        lone = next((i for i, c in enumerate(text) if "\ud800" <= c <= "\udfff"), None)
        if lone is not None:
            return f"Unicode text is wanted, character {lone} is half a surrogate pair (U+{ord(text[lone]):04X})"
    return None


def too_long(kind: str, size_bytes: int, max_bytes: int) -> str:
    """What to say of a line or document that reaches the limit."""
    return f"a {kind} shorter than {max_bytes:,} bytes is wanted, got {size_bytes:,}; split it"


@contextmanager
def reading(name: str) -> Iterator[None]:
    """Turns what the operating system says of reading ``name`` into an `InputError`."""
    try:
        yield
    except OSError as error:
        raise InputError(f"cannot read {name!r}: {error.strerror or error}") from error


def file_lines(path: Path, max_bytes: int) -> Iterator[Line]:
    """`read_lines` of a file."""
    with reading(str(path)), path.open("rb") as file:
        yield from read_lines(file, max_bytes)
