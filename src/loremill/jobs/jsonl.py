# SPDX-License-Identifier: Apache-2.0
"""Rows from JSON lines: one object per line, with ``text``, and if wished ``id`` and any other fields."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from .rows import MAX_BYTES, Line, Row, file_lines, text_fault


def json_rows(path: Path, max_bytes: int = MAX_BYTES) -> Iterator[Row]:
    """One row per line, also for lines that are blank or broken."""
    return (json_row(line) for line in file_lines(path, max_bytes))


def json_row(line: Line) -> Row:
    """The row that a line holds; without ``id`` it is called by the line's number."""
    index, number = line.number - 1, line.number
    source, fault = line.decode()
    if fault is not None:
        return Row(index, str(number), "", error=fault)
    try:
        data = json.loads(source, parse_constant=_refuse_constant)
    except json.JSONDecodeError as error:
        return Row(index, str(number), "", error=f"line {number}: broken JSON, {error.msg} at column {error.colno}")
    except (ValueError, RecursionError) as error:
        return Row(index, str(number), "", error=f"line {number}: broken JSON, {error}")
    if not isinstance(data, dict):
        return Row(index, str(number), "", error=f"line {number}: an object with 'text' is wanted, got {_kind(data)}")
    return _row(index, number, data)


def _row(index: int, number: int, data: dict[str, Any]) -> Row:
    row_id: Any = data.get("id")
    has_id = isinstance(row_id, str | int) and not isinstance(row_id, bool)
    text = data.get("text")
    extra = {k: v for k, v in data.items() if k not in (("id", "text") if has_id else ("text",))}
    if not isinstance(text, str):
        known = ", ".join(map(repr, list(data)[:20])) or "none"
        fault: str | None = (
            f"a field 'text' is wanted, got the fields {known}"
            if "text" not in data
            else f"'text' needs to be a string, got {_kind(text)}"
        )
        if "text" in data:
            extra["text"] = text
        text = ""
    else:
        fault = text_fault(text)
    if fault is None and not has_id and row_id is not None:
        fault = f"'id' needs to be a string or a whole number, got {_kind(row_id)}"
    error = fault and f"line {number}: {fault}"
    return Row(index, row_id if has_id else str(number), text, extra, error)


def _kind(value: object) -> str:
    names = {dict: "an object", list: "a list", str: "a string", bool: "true or false", type(None): "null"}
    return names.get(type(value), "a number")


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON value")
