# SPDX-License-Identifier: Apache-2.0
"""Saved runs: predictions with their ledger, gold and schema in one folder, counted again under any scorer.

``predictions.jsonl`` has the run in its first line (``{"run": {...}}``), then one extraction per document;
``gold.jsonl`` has the same documents with gold frames, ``schema.json`` the schema. All three are plain JSON.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..errors import InputError, UnknownNameError
from ..extraction import Extraction
from ..frames import Document
from ..prompt import Usage
from ..schema import Schema, load_schema
from ..schema import to_dict as schema_dict
from ..wire import from_dict, to_dict
from .items import PARTS, Part, Prediction

PREDICTIONS, GOLD, SCHEMA = "predictions.jsonl", "gold.jsonl", "schema.json"


@dataclass(frozen=True, slots=True)
class SavedRun:
    """What was predicted for the documents of a data set; ``run`` says of which, by what and how."""

    run: Mapping[str, Any]
    schema: Schema
    predictions: tuple[Prediction, ...]

    @property
    def corpus(self) -> str:
        return str(self.run.get("corpus", "?"))

    @property
    def parts(self) -> tuple[Part, ...] | None:
        """The parts that the model was asked for; None: all of the schema."""
        return tuple(self.run["parts"]) if "parts" in self.run else None

    @property
    def title(self) -> str:
        """Data, model and decoding."""
        return describe_run(self.run, len(self.predictions))


def describe_run(run: Mapping[str, Any], documents: int) -> str:
    """Data, model and decoding of a run on one line."""
    told = f"{'triggers' if 'arguments' in run.get('parts', ()) else 'mentions'} given, " if run.get("given") else ""
    decoding = f"{told}{run.get('format', '?')}, {'grounded' if run.get('grammar') else 'free'} decoding"
    data = f"{run.get('corpus', '?')} {run.get('split', '')}".strip()
    return f"{data} ({documents:,} documents), {run.get('model', '?')}, {decoding}"


def save_run(
    folder: Path, run: Mapping[str, Any], schema: Schema, gold: Sequence[Document], extractions: Iterable[Extraction]
) -> None:
    """Write the run into ``folder``, which is made."""
    folder.mkdir(parents=True, exist_ok=True)
    _write(folder / PREDICTIONS, [{"run": dict(run)}, *map(to_dict, extractions)])
    _write(folder / GOLD, (to_dict(Extraction(d.id, d.text, d.frames, (), 1.0, Usage())) for d in gold))
    text = json.dumps(schema_dict(schema), ensure_ascii=False, indent=1)
    (folder / SCHEMA).write_text(text + "\n", encoding="utf-8")


def load_run(folder: Path) -> SavedRun:
    """The run saved in ``folder``.

    Raises:
        InputError: a file is missing or broken, or predictions and gold are not of the same documents.
        SchemaError: so is the schema.
    """
    lines = _lines(folder / PREDICTIONS)
    run = next(lines, {}).get("run")
    if not isinstance(run, dict):
        raise InputError(f"{folder / PREDICTIONS} needs its run in the first line, {{'run': {{...}}}}, got none")
    for part in run.get("parts", ()):
        if part not in PARTS:
            raise UnknownNameError("part", str(part), PARTS)
    extractions = [_extraction(folder / PREDICTIONS, n, line) for n, line in enumerate(lines, 2)]
    gold = [_extraction(folder / GOLD, n, line) for n, line in enumerate(_lines(folder / GOLD), 1)]
    schema = _schema(folder / SCHEMA)
    if [e.id for e in extractions] != [g.id for g in gold] or any(
        e.text != g.text for e, g in zip(extractions, gold, strict=True)
    ):
        raise InputError(
            f"{folder} needs predictions for the same documents as gold in the same order, "
            f"got {len(extractions)} and {len(gold)}: evaluate again"
        )
    predictions = (
        Prediction(Document(g.text, g.id, g.frames), e.frames, e.rejected)
        for g, e in zip(gold, extractions, strict=True)
    )
    return SavedRun(run, schema, tuple(predictions))


def _write(path: Path, rows: Iterable[Mapping[str, Any]]) -> None:
    with open(path, "w", encoding="utf-8") as file:
        file.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise InputError(
            f"cannot read {str(path)!r} ({error.strerror}): wanted a folder that evaluate --output wrote"
        ) from error


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    for number, line in enumerate(_text(path).split("\n"), 1):
        if not line:
            continue
        try:
            value = json.loads(line)
        except ValueError as error:
            raise InputError(f"{path}, line {number}: broken JSON, {error}") from error
        if not isinstance(value, dict):
            raise InputError(f"{path}, line {number}: wanted an object, got {type(value).__name__}")
        yield value


def _schema(path: Path) -> Schema:
    try:
        value = json.loads(_text(path))
    except ValueError as error:
        raise InputError(f"{path}: broken JSON, {error}") from error
    return load_schema(value)


def _extraction(path: Path, number: int, line: Mapping[str, Any]) -> Extraction:
    try:
        return from_dict(line)
    except InputError as error:
        raise InputError(f"{path}, line {number}: {error}") from error
