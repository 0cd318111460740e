# SPDX-License-Identifier: Apache-2.0
"""Runs an extractor over a source, at flat memory, one result per row in input order."""

from __future__ import annotations

import sys
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from ..errors import InputError, StrictError
from ..extraction import Extraction
from ..frames import Document
from ..prompt import Usage
from .inputs import TEXT_SUFFIXES, Source, open_source
from .outputs import Output
from .rows import Row, reading

MAX_FAULTS_AHEAD = 1_000
"""Rows with errors that are read, one after another, before they are written."""


class Extracts(Protocol):
    """What a job asks of an extractor: results lazily, in the order of the documents."""

    @property
    def identity(self) -> Mapping[str, str]: ...

    def extract(self, docs: Iterator[Document], /) -> Iterator[Extraction]: ...


@dataclass(slots=True)
class Summary:
    """What a run wrote; ``resumed`` rows were there before. ``first_error`` is that of the first such row."""

    rows: int = 0
    errors: int = 0
    frames: int = 0
    rejected: int = 0
    seconds: float = 0.0
    usage: Usage = field(default_factory=Usage)
    resumed: int = 0
    first_error: str = ""

    def add(self, extraction: Extraction) -> None:
        self.rows += 1
        self.errors += extraction.error is not None
        self.frames += len(extraction.frames)
        self.rejected += len(extraction.rejected)
        self.usage += extraction.usage
        self.first_error = self.first_error or extraction.error or ""


def extract_file(
    extractor: Extracts,
    source: str | Path | Source,
    output: str | Path,
    *,
    lines: bool = False,
    text_column: str | None = None,
    resume: bool = False,
    overwrite: bool = False,
    strict: bool = False,
    progress: bool = False,
) -> Summary:
    """Writes one JSON line per row of ``source`` to ``output``; see `jobs.inputs` and `jobs.outputs`.

    Args:
        source: a path, ``"-"`` for standard input, or an opened source.
        resume: continue ``output`` if a run of the same identity was stopped.
        strict: raise at the first row with an error; the extractor has its own ``strict``.
        progress: show a bar on standard error if it is a terminal.

    Raises:
        InputError: the source cannot be used, or ``output`` is of another run.
        OutputError: ``output`` exists already or cannot be written.
    """
    if not isinstance(source, Source):
        source = open_source(source, lines=lines, text_column=text_column)
    _check_apart(source, Path(output))
    start = time.monotonic()
    with Output(output, {**extractor.identity, **source.identity}, resume=resume, overwrite=overwrite) as out:
        out.skip(source.rows)
        summary = Summary(resumed=out.resumed)
        with _bar(source, out.resumed, progress) as advance:
            for row, extraction in extract_rows(extractor, source.rows, strict=strict):
                out.write(row, extraction)
                summary.add(extraction)
                advance()
    summary.seconds = time.monotonic() - start
    return summary


def extract_rows(extractor: Extracts, rows: Iterator[Row], *, strict: bool = False) -> Iterator[tuple[Row, Extraction]]:
    """Each row with its extraction, in order; a row with an error is passed around the extractor."""
    waiting: deque[Row] = deque()  # read and not given back: what the extractor holds, and faults among it
    is_done = False

    def documents() -> Iterator[Document]:
        nonlocal is_done
        faults = 0
        for row in rows:
            if row.error is not None and strict:
                raise StrictError(row.error)
            waiting.append(row)
            faults = 0 if row.error is None else faults + 1
            if row.error is None:
                yield Document(row.text, str(row.id))
            elif faults >= MAX_FAULTS_AHEAD:
                return
        is_done = True

    while not is_done:
        for extraction in extractor.extract(documents()):
            yield from _faults(waiting)
            yield waiting.popleft(), extraction
            yield from _faults(waiting)
        yield from _faults(waiting)
        assert not waiting, f"the extractor gave no result for {len(waiting)} documents"


def _faults(waiting: deque[Row]) -> Iterator[tuple[Row, Extraction]]:
    while waiting and waiting[0].error is not None:
        row = waiting.popleft()
        yield row, Extraction.failed(str(row.id), row.text, row.error or "")


def _check_apart(source: Source, output: Path) -> None:
    """Refuses an output that would replace what is read."""
    if source.path is None:
        return
    if output.exists() and output.samefile(source.path):
        raise InputError(f"an output beside the input is wanted, {str(output)!r} is the input itself")
    if source.path.is_dir() and output.suffix.lower() in TEXT_SUFFIXES and _is_below(output, source.path):
        raise InputError(f"the output {str(output)!r} would be read as input; name it .jsonl or put it elsewhere")


def _is_below(path: Path, folder: Path) -> bool:
    return path.resolve().is_relative_to(folder.resolve())


@contextmanager
def _bar(source: Source, done: int, is_wanted: bool) -> Iterator[Callable[[], None]]:
    """A progress bar on standard error, as a function to call after each row."""
    if not is_wanted or not sys.stderr.isatty():
        yield lambda: None
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    columns = (TextColumn("rows"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("rows", total=_count(source), completed=done)
        yield lambda: progress.advance(task)


def _count(source: Source) -> int | None:
    """How many rows there are, if that can be told without parsing."""
    if source.total is not None or source.path is None or not source.path.is_file():
        return source.total
    if source.reading not in ("lines", "jsonl"):
        return None
    lines, last = 0, b"\n"
    with reading(str(source.path)), source.path.open("rb") as file:
        while piece := file.read(1 << 20):
            lines += piece.count(b"\n")
            last = piece[-1:]
    return lines + (last != b"\n")
