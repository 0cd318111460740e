# SPDX-License-Identifier: Apache-2.0
"""Reading corpus files: plain or ``.xz`` text, JSON records, and one way to treat a malformed one.

Every reader splits its file into numbered records and hands them with a ``parse`` function to
`read_records`; a ``ValueError`` of ``parse`` becomes an `InputError` that names file and line.
"""

from __future__ import annotations

import json
import logging
import lzma
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, Literal, NamedTuple, TextIO, TypeVar

from ..errors import InputError, LoremillError


class Fault(NamedTuple):
    """A malformed record that was left out."""

    path: Path
    where: str  # "line 4", "record 2", "member a.ann, line 4"
    message: str

    def __str__(self) -> str:
        return f"{self.path}, {self.where}: {self.message}"


OnError = Literal["raise", "skip"] | list[Fault]
"""What becomes of a malformed record: an `InputError`; left out and counted in the log; or left out and collected.

To collect, give a list: ``faults: list[Fault] = []; docs = list(load("btc", "dev", on_error=faults))``.
"""

NameOf = Callable[[str], str]
"""Maps a raw label of a file to the name of a type or role in the schema; raises for an unknown one."""

T = TypeVar("T")
R = TypeVar("R")
_log = logging.getLogger(__name__)


class MalformedLineError(ValueError):
    """A record is wrong at a line that is not its first."""

    def __init__(self, line: int, message: str) -> None:
        super().__init__(message)
        self.line = line


def is_there(path: Path) -> bool:
    """Whether a corpus file is there, plain or as ``.xz``."""
    return path.exists() or path.with_name(f"{path.name}.xz").exists()


def read_lines(path: Path) -> Iterator[tuple[int, str]]:
    """Number (from 1) and text of each line, without its line end; ``.xz`` is read in place."""
    line = 0
    try:
        with _open(path) as file:
            for line, text in enumerate(file, start=1):
                yield line, text.rstrip("\r\n")
    except UnicodeDecodeError as error:
        raise InputError(
            f"{path}, behind line {line}: wanted UTF-8 text, got {error.object[error.start]:#04x}"
        ) from error
    except (OSError, lzma.LZMAError, EOFError) as error:
        raise _unreadable(path, error) from error


def read_bytes(path: Path, *, size: int = 1 << 16) -> Iterator[bytes]:
    """The file's content in pieces; ``.xz`` is read in place."""
    try:
        with lzma.open(path) if path.suffix == ".xz" else path.open("rb") as file:
            while chunk := file.read(size):
                yield chunk
    except (OSError, lzma.LZMAError, EOFError) as error:
        raise _unreadable(path, error) from error


def _unreadable(path: Path, error: Exception) -> InputError:
    return InputError(f"cannot read the corpus file {path}: {getattr(error, 'strerror', None) or error}")


def _open(path: Path) -> TextIO:
    return lzma.open(path, "rt", encoding="utf-8") if path.suffix == ".xz" else path.open(encoding="utf-8")


def decode(content: bytes) -> str:
    """The UTF-8 text of a file inside an archive; ``ValueError`` if it is none."""
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        raise ValueError(f"wanted UTF-8 text, got {content[error.start]:#04x} at byte {error.start}") from error


def read_json_lines(path: Path) -> Iterator[tuple[int, str]]:
    """The lines that are not blank; `json_record` parses one."""
    return ((line, text) for line, text in read_lines(path) if text.strip())


def read_json_list(path: Path) -> Iterator[tuple[int, Any]]:
    """Number (from 1) and value of each member of the one JSON list that the file holds."""
    text = "\n".join(line for _, line in read_lines(path))
    try:
        values = json.loads(text)
    except json.JSONDecodeError as error:
        raise InputError(f"{path}, line {error.lineno}: wanted JSON, {error.msg} at column {error.colno}") from error
    except RecursionError as error:
        raise InputError(f"{path}: wanted a JSON list of records, got JSON nested too deeply") from error
    if not isinstance(values, list):
        raise InputError(f"{path}: wanted a JSON list of records, got {type(values).__name__}")
    yield from enumerate(values, start=1)


def json_record(text: str) -> Any:
    """The JSON value of a line; ``ValueError`` if it is none."""
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise ValueError(f"wanted JSON, {error.msg} at column {error.colno}") from error
    except RecursionError as error:
        raise ValueError("wanted a record, got JSON nested too deeply") from error


def member(record: object, key: str, kind: type[T]) -> T:
    """``record[key]``, checked; ``ValueError`` says what is missing or of the wrong kind."""
    if not isinstance(record, dict):
        raise ValueError(f"wanted a JSON object with {key!r}, got {type(record).__name__}")
    if key not in record:
        raise ValueError(f"wanted {key!r}, got a record with {', '.join(map(str, record)) or 'nothing'}")
    value = record[key]
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        raise ValueError(f"wanted {key!r} as {kind.__name__}, got {type(value).__name__}")
    return value


def token_list(record: object) -> list[str]:
    """The record's ``tokens``: strings, none empty."""
    tokens = member(record, "tokens", list)
    if not all(isinstance(token, str) and token.strip() for token in tokens):
        raise ValueError("wanted 'tokens' as a list of non-empty strings")
    return tokens


def read_records(
    path: Path,
    records: Iterable[tuple[int | str, T]],
    parse: Callable[[T], R],
    *,
    on_error: OnError,
    unit: str = "line",
) -> Iterator[R]:
    """``parse`` of every record, in order: its document, or the documents of its sentences.

    Args:
        path: named in messages.
        records: line (or record) number, or name inside an archive, and record.
        parse: raises ``ValueError`` (or a `LoremillError`) for a malformed record.
        on_error: ``skip`` leaves malformed records out and logs one warning with their count; a list gets them.
        unit: what the numbers (names) count.
    """
    count, skipped = 0, 0
    first: Fault | None = None
    for place, record in records:
        count += 1
        try:
            doc = parse(record)
        except (ValueError, LoremillError) as error:
            fault = Fault(path, _where(unit, place, error), str(error))
            if on_error == "raise":
                raise InputError(str(fault)) from error
            if isinstance(on_error, list):
                on_error.append(fault)
            skipped, first = skipped + 1, first or fault
            continue
        yield doc
    if skipped and on_error == "skip":
        _log.warning("skipped %d of %d records; the first: %s", skipped, count, first)


def _where(unit: str, place: int | str, error: Exception) -> str:
    if not isinstance(error, MalformedLineError):
        return f"{unit} {place}"
    return f"{unit} {place}, line {error.line}" if isinstance(place, str) else f"{unit} {error.line}"
