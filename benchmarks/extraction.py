# SPDX-License-Identifier: Apache-2.0
"""Sentences per second of `Extractor`, with and without span head, grammar and batching, in one run.

    python benchmarks/extraction.py --model nano --sentences 128

Arms take turns (``--rounds``) so that a machine whose speed drifts is fair to all; the table gives each
arm's median and its ratio to the last arm, one by one without a grammar. Sentences are those of
conll2003's dev part if LOREMILL_DATA is set, else those of ``examples/``.
"""

from __future__ import annotations

import os
import statistics
import time
from itertools import cycle, islice
from pathlib import Path
from typing import Annotated

import rich
import torch
import typer

from loremill.corpora import load
from loremill.evaluation import Table
from loremill.extractor import Extractor
from loremill.models import load_model
from loremill.windows import sentences as cut

SCHEMA = "person, organization, location, miscellaneous"
ARMS = [
    ("found, batch 16", True, True, 16),
    ("written, batch 16", True, False, 16),
    ("free, batch 16", False, False, 16),
    ("found, batch 1", True, True, 1),
    ("written, batch 1", True, False, 1),
    ("free, batch 1", False, False, 1),
]
"""Name, grammar, span head, rows: entities found by the span head, written under a grammar, or written freely."""


def texts(count: int) -> tuple[str, list[str]]:
    """Where the sentences are from, and ``count`` of them."""
    if os.environ.get("LOREMILL_DATA"):
        return "conll2003 dev", [doc.text for doc in islice(load("conll2003", "dev"), count)]
    folder = Path(__file__).parent.parent / "examples"
    whole = [file.read_text(encoding="utf-8") for file in sorted(folder.glob("*.txt"))]
    found = [text[start:end].strip() for text in whole for start, end in cut(text)]
    return "examples", list(islice(cycle(found), count))


def main(
    model: Annotated[str, typer.Option(help="name or folder")] = "nano",
    sentences: Annotated[int, typer.Option(help="per arm and round")] = 128,
    rounds: Annotated[int, typer.Option(help="turns of all arms")] = 3,
    threads: Annotated[int, typer.Option(help="torch threads; 0: torch's choice")] = 0,
) -> None:
    """Time the arms and print a table."""
    if threads:
        torch.set_num_threads(threads)
    source, sample = texts(sentences)
    loaded = load_model(model)
    extractors = {name: Extractor(loaded, SCHEMA, grammar=grammar, span_head=head) for name, grammar, head, _ in ARMS}
    seconds: dict[str, list[float]] = {name: [] for name, *_ in ARMS}
    for _ in range(rounds):
        for name, _, _, batch_size in ARMS:
            loaded.batch_size = batch_size
            extractors[name].extract(sample[:batch_size])
            started = time.perf_counter()
            extractors[name].extract(sample)
            seconds[name].append(time.perf_counter() - started)
    last = ARMS[-1][0]
    rows = []
    for name, *_ in ARMS:
        ratios = [other / own for own, other in zip(seconds[name], seconds[last], strict=True)]
        rows.append((name, len(sample) / statistics.median(seconds[name]), statistics.median(ratios)))
    title = f"{len(sample)} sentences of {source}, {model}, {torch.get_num_threads()} threads, median of {rounds}"
    rich.print(Table(title, ("arm", "sentences/s", f"times as fast as {last}"), tuple(rows), digits=2).to_rich())


if __name__ == "__main__":
    typer.run(main)
