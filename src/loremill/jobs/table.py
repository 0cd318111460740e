# SPDX-License-Identifier: Apache-2.0
"""Rows from a table (.csv, .tsv): a header with the columns' names, then one record per row.

Quoted fields may hold line ends; blank lines between records are no rows.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

from ..errors import InputError
from .rows import MAX_BYTES, Row, file_lines, reading, text_fault


def table_rows(
    path: Path, delimiter: str, text_column: str | None, max_bytes: int = MAX_BYTES
) -> tuple[str, Iterator[Row]]:
    """The column that texts are read from, and the rows.

    Args:
        text_column: ``text`` if None.

    Raises:
        InputError: the header cannot be read, or has no such column.
    """
    records = _records(path, delimiter, max_bytes)
    _, header, fault = next(records, (1, [], None))
    if fault is not None:
        raise InputError(f"cannot read the header of {path.name}: {fault}")
    if twice := sorted({name for name in header if header.count(name) > 1}):
        raise InputError(f"columns with different names are wanted, {path.name} has {twice[0]!r} twice")
    column = text_column if text_column is not None else "text"
    if column not in header:
        known = ", ".join(header) or "none"
        raise InputError(f"no column {column!r} in {path.name}; --text-column needs one of: {known}")
    return column, (
        _row(index, number, record, fault, header, column) for index, (number, record, fault) in enumerate(records)
    )


def _row(index: int, number: int, record: list[str], fault: str | None, header: list[str], column: str) -> Row:
    if fault is None and len(record) != len(header):
        fault = f"line {number}: {len(header)} fields are wanted, got {len(record)}"
    if fault is not None:
        return Row(index, str(number), "", error=fault)
    fields = dict(zip(header, record, strict=True))
    text = fields.pop(column)
    row_id = fields.pop("id", "") or str(number)
    found = text_fault(text)
    return Row(index, row_id, text, fields, found and f"line {number}: {found}")


def _records(path: Path, delimiter: str, max_bytes: int) -> Iterator[tuple[int, list[str], str | None]]:
    """Number of the first line, fields, and what is wrong with them."""
    csv.field_size_limit(max(csv.field_size_limit(), max_bytes))  # the module's only limit, for all its readers
    faults: list[str] = []
    number = 0

    def texts() -> Iterator[str]:
        nonlocal number
        for line in file_lines(path, max_bytes):
            number = line.number
            text, fault = line.decode()
            if fault is not None:
                faults.append(fault)
            yield text + "\n"

    reader = csv.reader(texts(), delimiter=delimiter, strict=True)
    with reading(str(path)):
        while True:
            first = number + 1
            faults.clear()
            try:
                record = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                yield first, [], faults[0] if faults else f"line {first}: broken record, {error}"
                continue
            if record or faults:
                yield first, record, faults[0] if faults else None
