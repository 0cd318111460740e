# SPDX-License-Identifier: Apache-2.0
"""Time and memory of `Extractor` on one document of growing length, in one run.

    python benchmarks/documents.py --megabytes 0.25 --megabytes 1 --megabytes 4
    python benchmarks/documents.py --model nano --megabytes 0.01 --megabytes 0.04

The scripted model answers at once, so that all time and memory are the library's. Arms: a model that finds
nothing (what is left is what long texts cost by themselves), one that finds a person and an event in each
sentence, the same in windows of three sentences that overlap by two, and in windows of the whole document
(which here falls back to paragraphs of ten sentences). Time is that of the processor, the least of
``--rounds``; memory is tracemalloc's peak over what was held before, in a run of its own, per character of
text. The last table is the longest document to the shortest: 1.00 is linear in time and memory.
"""

from __future__ import annotations

import gc
import re
import sys
import time
import tracemalloc
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Annotated

import rich
import typer

from loremill.evaluation import Table
from loremill.extractor import Extractor
from loremill.models import load_model
from loremill.prompt import Ability, Completion, LogLik, Model, Prompt, Request, Usage, Writing
from loremill.text import TextView
from loremill.windows import Window

SCHEMA = "person, meeting!(who, place)"
BATCH = 16
_TOKEN = re.compile(r"\w+|\W")


class Scripted:
    """A model that answers at once and keeps nothing."""

    can: frozenset[Ability] = frozenset({"grammar", "logprobs"})
    max_tokens = 512
    writing = Writing()

    def __init__(self, answer: Callable[[Prompt], str]) -> None:
        self.answer = answer
        self.identity = {"model": "scripted"}

    def view(self, text: str) -> TextView:
        return TextView.identity(text)

    def count_tokens(self, prompt: Prompt) -> int:
        return sum(1 for part in (prompt.instruction, prompt.schema, prompt.text) for _ in _TOKEN.finditer(part))

    def complete(self, requests: Iterable[Request]) -> Iterator[Completion]:
        requests = iter(requests)
        while batch := list(islice(requests, BATCH)):
            for request in batch:
                text = self.writing.lead + self.answer(request.prompt)
                offsets = (*(match.span() for match in _TOKEN.finditer(text)), (len(text), len(text)))
                logprobs = (-0.1,) * len(offsets)
                yield Completion(text, offsets, logprobs, logprobs, usage=Usage(50, len(offsets), 1))

    def loglik(self, pairs: Sequence[tuple[Prompt, str]]) -> list[LogLik]:
        return [LogLik((-0.1,) * len(answer)) for _, answer in pairs]


def find(prompt: Prompt) -> str:
    """A person and a meeting for each sentence of the text that was made for them."""
    found = re.finditer(r"(\w+) met (\w+) in (\w+)", prompt.text)
    if prompt.family == "entities":
        return "; ".join(f"person: {match[1]}" for match in found)
    return "; ".join(f"meeting: met, who: {match[2]}, place: {match[3]}" for match in found)


def nothing(prompt: Prompt) -> str:
    return "None"


@dataclass(frozen=True, slots=True)
class Arm:
    name: str
    answer: Callable[[Prompt], str]
    window: Window


ARMS = [
    Arm("nothing found", nothing, Window()),
    Arm("two frames per sentence", find, Window()),
    Arm("the same, windows 3/2", find, Window(3, 2)),
    Arm("the same, document", find, Window(unit="document")),
]


def document(size: int) -> str:
    """Sentences of about 50 characters, ``size`` characters in all, in paragraphs of ten."""
    sentences: list[str] = []
    length = 0
    while length < size:
        number = len(sentences)
        end = "\n\n" if number % 10 == 9 else " "
        sentences.append(f"Ada{number} met Bob{number} in Porto{number} on a long winter day.{end}")
        length += len(sentences[-1])
    return "".join(sentences)


@dataclass(frozen=True, slots=True)
class Figures:
    """Of one arm and one document: what it cost, per million characters and per character."""

    frames: int
    seconds_per_mb: float
    peak_per_char: float
    held_per_char: float


def measure(extractor: Extractor, text: str, rounds: int) -> Figures:
    """Time without tracing, and peak memory and that of the result with it."""
    seconds = []
    for _ in range(rounds):
        started = time.process_time()
        extractor.extract(text)
        seconds.append(time.process_time() - started)
    gc.collect()
    tracemalloc.start()
    extraction = extractor.extract(text)
    held, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert extraction.coverage == 1.0
    return Figures(len(extraction.frames), 1e6 * min(seconds) / len(text), peak / len(text), held / len(text))


def main(
    model: Annotated[str, typer.Option(help="scripted, or the name of a model")] = "scripted",
    megabytes: Annotated[list[float] | None, typer.Option(help="lengths, shortest first")] = None,
    rounds: Annotated[int, typer.Option(help="of which the fastest counts")] = 1,
) -> None:
    """Measure each arm on each length and print a table, then ratios."""
    texts = [document(int(size * 1e6)) for size in megabytes or (0.25, 1, 4)]
    loaded = None if model == "scripted" else load_model(model, batch_size=BATCH)
    arms = (
        ARMS
        if loaded is None
        else [Arm(model, nothing, Window()), Arm(f"{model}, paragraph", nothing, Window(unit="paragraph"))]
    )
    rows, ratios = [], []
    for arm in arms:
        writer: Model = Scripted(arm.answer) if loaded is None else loaded
        extractor = Extractor(writer, SCHEMA, window=arm.window)
        extractor.extract(texts[0][:1_000])
        figures = []
        for text in texts:
            figures.append(measure(extractor, text, rounds))
            rich.print(f"{arm.name}: {figures[-1]}", file=sys.stderr)
        for text, f in zip(texts, figures, strict=True):
            rows.append(
                (
                    arm.name,
                    f"{len(text) / 1e6:.2f}",
                    f"{f.frames:,}",
                    f.seconds_per_mb,
                    f.peak_per_char,
                    f.held_per_char,
                )
            )
        first, last = figures[0], figures[-1]
        ratios.append((arm.name, last.seconds_per_mb / first.seconds_per_mb, last.peak_per_char / first.peak_per_char))
    columns = ("arm", "million characters", "frames", "s per million", "peak bytes per character", "of them the result")
    rich.print(Table(f"one document, {model}", columns, tuple(rows), digits=2).to_rich())
    ratio_columns = ("arm", "time per character", "peak memory per character")
    rich.print(Table("longest document to shortest", ratio_columns, tuple(ratios), digits=2).to_rich())


if __name__ == "__main__":
    typer.run(main)
