# SPDX-License-Identifier: Apache-2.0
"""Rows of results as JSON lines, in a file that a killed run can continue.

The first line is the run's identity, ``{"run": {"model": …, "schema": …, "input": …}}``; after it each
input row has one line, in input order: the extraction (`loremill.wire`) with the row's other fields
beside it. A field of the input that has the name of one of the extraction's stands under ``"input"``.
Each line is handed to the operating system as it is made, so that a kill costs no row but the last.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Self

from ..errors import InputError, LoremillError
from ..extraction import Extraction
from ..wire import FIELDS, from_dict, to_dict
from .rows import Row, reading

RESERVED = frozenset((*FIELDS, "input"))


class OutputError(LoremillError):
    """Results cannot be written."""


@contextmanager
def writing(what: str, hint: str = "") -> Iterator[None]:
    """Turns what the operating system says of writing ``what`` into an `OutputError`."""
    try:
        yield
    except OSError as error:
        raise OutputError(f"cannot write {what}: {error.strerror or error}{hint}") from error


def row_dict(row: Row, extraction: Extraction) -> dict[str, Any]:
    """The extraction's JSON values with the row's own id and its other fields."""
    data = to_dict(extraction) | {"id": row.id}
    hidden = {name: value for name, value in row.extra.items() if name in RESERVED}
    data |= {name: value for name, value in row.extra.items() if name not in RESERVED}
    return data | {"input": hidden} if hidden else data


def encode(data: Mapping[str, Any]) -> bytes:
    """One line of UTF-8 JSON; a half surrogate pair, which UTF-8 cannot hold, is escaped."""
    try:
        return json.dumps(data, ensure_ascii=False, allow_nan=False).encode() + b"\n"
    except UnicodeEncodeError:
        return json.dumps(data, allow_nan=False).encode() + b"\n"


class Output:
    """An output file, new or continued; a context manager.

    ``resumed`` is the number of rows that it held already; `skip` passes over as many of the input.
    """

    def __init__(
        self, path: str | Path, identity: Mapping[str, str], *, resume: bool = False, overwrite: bool = False
    ) -> None:
        self.path = Path(path)
        self.rows = 0
        self.resumed = 0
        self._digest = hashlib.sha256()
        if resume and overwrite:
            raise InputError("--resume continues a file and --overwrite replaces it; give one of them")
        exists = self.path.exists()
        if exists and not self.path.is_file():
            raise OutputError(f"a file to write to is wanted, {str(path)!r} is none")
        if exists and not resume and not overwrite:
            raise OutputError(f"{str(path)!r} exists; add --resume to continue it or --overwrite to replace it")
        keep = self._read_back(dict(identity)) if exists and resume else 0
        with self._writing():
            self._file: BinaryIO = self.path.open("r+b" if exists and resume else "wb", buffering=0)
            self._file.truncate(keep)
            self._file.seek(keep)
        if keep == 0:
            self._write(encode({"run": dict(identity)}))

    def skip(self, rows: Iterator[Row]) -> None:
        """Passes over the rows that the file holds already.

        Raises:
            InputError: they are other rows, or fewer.
        """
        digest = hashlib.sha256()
        for done in range(self.resumed):
            row = next(rows, None)
            if row is None:
                raise InputError(
                    f"{str(self.path)!r} has {self.resumed} rows, the input has only {done}; cannot resume"
                )
            _add(digest, row.id, row.text)
        if digest.digest() != self._digest.digest():
            raise InputError(
                f"the input does not begin with the {self.resumed} rows that {str(self.path)!r} was made from; "
                "cannot resume, add --overwrite to start again"
            )

    def write(self, row: Row, extraction: Extraction) -> None:
        self._write(encode(row_dict(row, extraction)))
        self.rows += 1

    def close(self) -> None:
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _write(self, data: bytes) -> None:
        left = memoryview(data)
        with self._writing():
            while left:
                left = left[self._file.write(left) :]

    def _writing(self) -> AbstractContextManager[None]:
        done = self.resumed + self.rows
        return writing(repr(str(self.path)), f" after {done} rows; mend that and add --resume" if done else "")

    def _read_back(self, identity: dict[str, str]) -> int:
        """Counts the rows of an interrupted run; returns the length of the file up to the last whole one."""
        with reading(str(self.path)), self.path.open("rb") as file:
            head = file.readline()
            if not head.endswith(b"\n") and b'{"run": '.startswith(head[:8]):
                return 0  # killed before the first line was whole
            _check_identity(_header(head, self.path), identity, self.path)
            end = file.tell()
            for number, line in enumerate(file, start=2):
                if not line.endswith(b"\n"):
                    break
                data = _load(line)
                if not isinstance(data.get("id"), str | int) or not isinstance(data.get("text"), str):
                    raise InputError(f"line {number} of {str(self.path)!r} is no result; cannot resume")
                _add(self._digest, data["id"], data["text"])
                self.resumed += 1
                end += len(line)
        return end


def read_output(path: str | Path) -> Iterator[Extraction]:
    """The extractions of an output file, in order."""
    with reading(str(path)), Path(path).open("rb") as file:
        for number, line in enumerate(file, start=1):
            data = _load(line)
            if number == 1 and set(data) == {"run"}:
                continue
            if not data:
                raise InputError(
                    f"line {number} of {str(path)!r} is no JSON object; a file of results has one per line"
                )
            try:
                yield from_dict(data)
            except InputError as error:
                raise InputError(f"line {number} of {str(path)!r}: {error}") from error


def _header(line: bytes, path: Path) -> dict[str, Any]:
    run = _load(line).get("run")
    if not isinstance(run, dict):
        raise InputError(f"{str(path)!r} does not begin with a run's identity, so it cannot be resumed")
    return run


def _check_identity(old: dict[str, Any], new: dict[str, str], path: Path) -> None:
    changed = [name for name in {**old, **new} if old.get(name) != new.get(name)]
    if changed:
        differs = "; ".join(f"{name} was {old.get(name, 'absent')}, is {new.get(name, 'absent')}" for name in changed)
        raise InputError(f"{str(path)!r} is of another run ({differs}); use the same settings or another output")


def _load(line: bytes) -> dict[str, Any]:
    try:
        data = json.loads(line)
    except (ValueError, RecursionError):
        return {}
    return data if isinstance(data, dict) else {}


def _add(digest: Any, row_id: str | int, text: str) -> None:
    digest.update(json.dumps([row_id, text]).encode())
