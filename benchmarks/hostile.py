# SPDX-License-Identifier: Apache-2.0
"""Whole jobs under attack: hostile texts, a model that misbehaves, kills and a full disk. Counts, no timings.

    python benchmarks/hostile.py attack                 # 10,000 documents over all formats, 500 with nano
    python benchmarks/hostile.py attack --documents 2000 --nano 0

For each format a job over generated rows (`adversary.row`: injections, unusable rows) with a model of
random misdeeds (`adversary.BEHAVIOURS`) is run once undisturbed and once killed at random times and
resumed, and once with no room left on the disk half-way. Checked: every input row has exactly one row in
the output, in order; the disturbed runs end with the same bytes; no frame has a type, role or choice outside the
schema; every mention is where it says; memory does not grow.
"""

from __future__ import annotations

import json
import random
import re
import resource
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Annotated

import rich
import typer
from adversary import SCHEMA, Adversary, row

from loremill.evaluation.tables import Cell, Table
from loremill.extraction import Extraction
from loremill.extractor import Extractor
from loremill.formats import FORMATS
from loremill.frames import FrameRef
from loremill.jobs import extract_file
from loremill.jobs.outputs import read_output

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
_WORD = re.compile(r"'.*'|\".*\"|[0-9][0-9,.]*", re.DOTALL)
"""What differs between messages of one kind."""


@app.command()
def work(
    source: Path,
    output: Path,
    format: str,
    nano: bool = False,
    resume: bool = False,
    room_bytes: int = 0,
    memory: Path | None = None,
) -> None:
    """One job, as a process of its own."""
    if room_bytes:
        resource.setrlimit(resource.RLIMIT_FSIZE, (room_bytes, room_bytes))
    extractor = Extractor("nano" if nano else Adversary(format), SCHEMA, format=format)
    watched = _Watched(extractor, memory)
    try:
        extract_file(watched, source, output, resume=resume)
    except Exception as error:
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
        raise typer.Exit(3) from None
    watched.save()


class _Watched:
    """An extractor that notes this process's memory as it goes, in KiB."""

    def __init__(self, extractor: Extractor, path: Path | None) -> None:
        self.extractor = extractor
        self.identity = extractor.identity
        self.path = path
        self.sizes: list[int] = []

    def extract(self, docs, /):
        for number, extraction in enumerate(self.extractor.extract(docs)):
            if self.path is not None and number % 100 == 0:
                self.sizes.append(int(Path("/proc/self/statm").read_text().split()[1]) * 4)
            yield extraction

    def save(self) -> None:
        if self.path is not None:
            self.path.write_text(json.dumps(self.sizes))


def start(source: Path, output: Path, format: str, *flags: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, __file__, "work", str(source), str(output), format, *flags]
    return subprocess.Popen(command, stderr=subprocess.PIPE)  # noqa: S603 - this file, by this interpreter


def killed(source: Path, output: Path, format: str, kills: int, rng: random.Random, *flags: str) -> int:
    """Runs a job to its end with SIGKILLs at random times; how many hit it while it was writing."""
    hits = 0
    for _ in range(kills):
        process = start(source, output, format, "--resume", *flags)
        before = output.stat().st_size if output.exists() else 0
        deadline = time.monotonic() + 120
        while process.poll() is None and time.monotonic() < deadline:  # until it writes
            if output.exists() and output.stat().st_size != before:
                break
            time.sleep(0.01)
        time.sleep(rng.random() * 0.6)
        hits += process.poll() is None
        process.send_signal(signal.SIGKILL)
        process.communicate()
    process = start(source, output, format, "--resume", *flags)
    _, error = process.communicate()
    assert process.returncode == 0, error.decode()
    return hits


def check(source: Path, output: Path) -> Counter[str]:
    """Holds a job's output to the promises; what it counted."""
    ids = []
    for number, line in enumerate(source.read_bytes().splitlines()):
        try:
            ids.append(str(json.loads(line)["id"]))
        except (ValueError, KeyError, TypeError, RecursionError):
            ids.append(str(number + 1))
    counts: Counter[str] = Counter()
    found = list(read_output(output))
    assert len(found) == len(ids), f"{len(ids)} rows in, {len(found)} out"
    for number, (row_id, extraction) in enumerate(zip(ids, found, strict=True)):
        assert extraction.id == row_id, f"row {number} is {extraction.id!r}, not {row_id!r}"
        if extraction.error is not None:
            counts["rows with an error"] += 1
            counts[f"error: {_WORD.sub('…', extraction.error)}"] += 1
        counts["frames"] += len(extraction.frames)
        counts.update(f"rejected: {r.reason}" for r in extraction.rejected)
        _check_frames(extraction)
    counts["rows"] = len(found)
    return counts


def _check_frames(extraction: Extraction) -> None:
    for frame in extraction.frames:
        frame_type = SCHEMA[frame.type]  # raises on a type of somebody else's
        assert frame_type.has_filler == (frame.filler is not None)
        for slot in frame.slots:
            frame_type.slot(slot.role)
            assert isinstance(slot.filler, FrameRef) or slot.filler.texts_in(extraction.text)
        assert not frame.attributes


def growth(memory: Path) -> float:
    """Memory at the end of a job over that after its first fifth (medians of a tenth of the samples)."""
    sizes = json.loads(memory.read_text())
    tenth = max(1, len(sizes) // 10)
    early, late = sorted(sizes[2 * tenth : 3 * tenth]), sorted(sizes[-tenth:])
    return late[len(late) // 2] / early[len(early) // 2]


@app.command()
def attack(
    documents: Annotated[int, typer.Option(help="rows of all formats together")] = 10_000,
    nano: Annotated[int, typer.Option(help="rows with the model that ships")] = 500,
    kills: Annotated[int, typer.Option(help="SIGKILLs per job")] = 5,
    seed: Annotated[int, typer.Option()] = 0,
    formats: Annotated[str, typer.Option(help="comma-separated; empty: all")] = "",
) -> None:
    """Run the jobs and print what was counted; any broken promise is an AssertionError."""
    rng = random.Random(seed)
    rows: list[tuple[Cell, ...]] = []
    reasons: Counter[str] = Counter()
    names = formats.split(",") if formats else [n for n, f in FORMATS.items() if not getattr(f, "NEEDS_GIVEN", False)]
    documents = -(-documents // len(names))
    with tempfile.TemporaryDirectory() as folder:
        for name in names if documents else ():
            source = Path(folder, "rows.jsonl")
            source.write_bytes(b"".join(row(i, seed) + b"\n" for i in range(documents)))
            whole, disturbed, full = (Path(folder, f"{name}-{kind}.jsonl") for kind in ("whole", "killed", "full"))
            memory = Path(folder, f"{name}-memory.json")
            process = start(source, whole, name, "--memory", str(memory))
            _, error = process.communicate()
            assert process.returncode == 0, error.decode()
            counts = check(source, whole)
            hits = killed(source, disturbed, name, kills, rng)
            assert disturbed.read_bytes() == whole.read_bytes(), "a killed and resumed job ends differently"
            done = _fill_disk(source, full, name, whole)
            refused = sum(n for reason, n in counts.items() if reason.startswith("rejected"))
            reasons.update({k: n for k, n in counts.items() if k.startswith("rejected")})
            rows.append(_row(name, counts, refused, hits, f"{done:,} rows", growth(memory)))
            typer.echo(f"{rows[-1]} {dict(counts)}")
            for path in (whole, disturbed, full):
                path.unlink()
        if nano:
            source = Path(folder, "rows.jsonl")
            source.write_bytes(b"".join(row(i, seed) + b"\n" for i in range(nano)))
            output = Path(folder, "nano.jsonl")
            memory = Path(folder, "memory.json")
            hits = killed(source, output, "listing", 2, rng, "--nano", "--memory", str(memory))
            counts = check(source, output)
            refused = sum(n for reason, n in counts.items() if reason.startswith("rejected"))
            reasons.update({k: n for k, n in counts.items() if k.startswith("rejected")})
            rows.append(_row("listing, nano", counts, refused, hits, None, growth(memory)))
            typer.echo(f"{rows[-1]} {dict(counts)}")
    title = "jobs under attack; memory is that at the end over that after a fifth"
    columns = ("job", "rows", "with an error", "frames", "not used", "kills", "disk full after", "memory")
    rich.print(Table(title, columns, tuple(rows), digits=2).to_rich())
    typer.echo("\n".join(f"{reason}: {n:,}" for reason, n in reasons.most_common()))


def _fill_disk(source: Path, output: Path, format: str, whole: Path) -> int:
    """A job whose file may only grow to a part of its size, then resumed with room; rows when it stopped."""
    process = start(source, output, format, "--room-bytes", str(whole.stat().st_size * 2 // 5))
    _, error = process.communicate()
    said = error.decode().strip()
    assert process.returncode == 3, said
    assert "add --resume" in said, said
    assert "\n" not in said, said
    done = output.read_bytes().count(b"\n") - 1
    process = start(source, output, format, "--resume")
    _, error = process.communicate()
    assert process.returncode == 0, error.decode()
    assert output.read_bytes() == whole.read_bytes(), "a job resumed after a full disk ends differently"
    return done


def _row(
    name: str, counts: Counter[str], refused: int, kills: int, full: str | None, memory: float
) -> tuple[Cell, ...]:
    return (name, counts["rows"], counts["rows with an error"], counts["frames"], refused, kills, full, memory)


if __name__ == "__main__":
    app()
