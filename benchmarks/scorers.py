# SPDX-License-Identifier: Apache-2.0
"""Documents per second of ``strict`` against seqeval on the same flat entities, and of a paired bootstrap.

    python benchmarks/scorers.py --documents 20000

Entities are drawn at random (four types, some wrong in type or boundary); each scorer starts from what it reads:
frames with offsets, and lists of BIO tags. Both must give the same micro-F1. The figure is the ratio of the two
best rounds, taken in turn; processor time is measured, so that other programs matter less.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from typing import Annotated

import numpy as np
import typer
from seqeval.metrics import f1_score

from loremill.evaluation import SCORERS, Prediction, Table, paired_bootstrap, strict
from loremill.frames import Document, Frame
from loremill.schema import FrameType, Schema
from loremill.text import Mention

TYPES = ("person", "place", "group", "other")
SCHEMA = Schema(tuple(FrameType(name) for name in TYPES))
WORD = 5
"""Characters of a word with its blank."""


def main(
    documents: Annotated[int, typer.Option(min=100, help="sentences")] = 20_000,
    rounds: Annotated[int, typer.Option(min=1, help="the best of so many counts")] = 3,
    seed: Annotated[int, typer.Option(help="of the entities")] = 0,
) -> None:
    """Measure and print."""
    rng = random.Random(seed)
    pairs = [_pair(rng) for _ in range(documents)]
    rows = [Prediction(Document("word " * len(gold), frames=_frames(gold)), _frames(pred)) for gold, pred in pairs]
    gold_tags, pred_tags = [gold for gold, _ in pairs], [pred for _, pred in pairs]
    ours = strict(rows, SCHEMA)["entities"].f1
    theirs = f1_score(gold_tags, pred_tags, average="micro")
    if abs(ours - theirs) > 1e-12:
        raise SystemExit(f"strict gives {ours}, seqeval {theirs}")
    runs: dict[str, Callable[[], object]] = {
        "strict": lambda: strict(rows, SCHEMA),
        "seqeval": lambda: f1_score(gold_tags, pred_tags, average="micro"),
    }
    best = dict.fromkeys(runs, float("inf"))
    for _ in range(rounds):
        for name, run in runs.items():
            best[name] = min(best[name], _seconds(run))
    speeds = tuple((name, ours, round(documents / seconds)) for name, seconds in best.items())
    title = f"{documents:,} sentences, {sum(len(gold) for gold in gold_tags):,} tokens"
    print(Table(title, ("scorer", "micro f1", "documents/s"), speeds).to_markdown())
    print(f"strict / seqeval: {best['seqeval'] / best['strict']:.1f}")
    counts = SCORERS["strict"].tally(rows, SCHEMA, "entities").documents[:5_000]
    worse = counts.copy()
    worse[::7, 0] = np.maximum(worse[::7, 0] - 1, 0)
    seconds = _seconds(lambda: paired_bootstrap(counts, worse))
    print(f"paired bootstrap, 10,000 resamples of {len(counts):,} documents: {seconds:.1f} s of processor time")


def _seconds(run: Callable[[], object]) -> float:
    started = time.process_time()
    run()
    return time.process_time() - started


def _pair(rng: random.Random) -> tuple[list[str], list[str]]:
    """Gold and predicted tags of one sentence."""
    length = rng.randint(5, 30)
    gold, pred = ["O"] * length, ["O"] * length
    at = rng.randint(0, 4)
    while at < length:
        end = min(length, at + rng.choice((1, 1, 2, 3)))
        _tag(gold, at, end, rng.choice(TYPES))
        if rng.random() < 0.9:
            stop = min(length, end + (rng.random() < 0.05))
            _tag(pred, at, stop, gold[at][2:] if rng.random() < 0.9 else rng.choice(TYPES))
        at = end + 1 + rng.randint(1, 8)
    return gold, pred


def _tag(tags: list[str], start: int, end: int, type_: str) -> None:
    tags[start:end] = [f"B-{type_}", *[f"I-{type_}"] * (end - start - 1)]


def _frames(tags: list[str]) -> tuple[Frame, ...]:
    frames = []
    for start, tag in enumerate(tags):
        if tag.startswith("B-"):
            end = start + 1
            while end < len(tags) and tags[end] == f"I-{tag[2:]}":
                end += 1
            frames.append(Frame(tag[2:], Mention.at(start * WORD, end * WORD - 1)))
    return tuple(frames)


if __name__ == "__main__":
    typer.run(main)
