# SPDX-License-Identifier: Apache-2.0
"""The stages of a run, each with items, a length and learning rates of its own (UC-UIE, section 3.4).

Capability warming comes first: sub-tasks, of which each is done by the experts of its capability and the shared one
alone. Then comes what every run has. Adam's moments go on from one to the next.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from ..models.likelihood import Item
from .checkpoint import Place
from .config import TrainConfig
from .examples import batches

EpochItems = Callable[[int], list[Item]]
WARMING = "warming"
MULTI_TASK = "multi-task"


@dataclass(frozen=True, slots=True)
class Stage:
    """Items by epoch, and how long: ``steps``, or where these are 0 ``epochs``."""

    name: str
    items_of: EpochItems
    steps: int = 0
    epochs: int = 1


@dataclass(frozen=True, slots=True)
class StageStep:
    """One optimizer step to be done.

    Args:
        place: where the run stands after it.
        stage: its name.
        step: its number in the stage, from 1.
        total_steps: of the stage.
        is_last: of the run.
        micros: its micro-batches.
    """

    place: Place
    stage: str
    step: int
    total_steps: int
    is_last: bool
    micros: list[list[Item]]


def steps_of(stages: Sequence[Stage], config: TrainConfig, place: Place) -> Iterator[StageStep]:
    """The steps still to do from ``place`` on; the items of a stage are made when it begins.

    Raises:
        ValueError: an epoch has no items.
    """
    for number in range(place.stage, len(stages)):
        if number > place.stage:
            place = Place(place.step, stage=number, before=place.step)
        for done in _steps(stages[number], config, place):
            place = done.place
            yield replace(done, is_last=done.is_last and number == len(stages) - 1)


def _steps(stage: Stage, config: TrainConfig, place: Place) -> Iterator[StageStep]:
    first = stage.items_of(0)
    per_epoch = math.ceil(len(_cut(first, config, 0)) / config.grad_accum_steps)
    total = stage.steps or per_epoch * stage.epochs
    step, epoch, done = place.step - place.before, place.epoch, place.batch
    while step < total:
        items = first if epoch == 0 else stage.items_of(epoch)
        cut = _cut(items, config, epoch)
        if not cut:
            raise ValueError("an epoch without items cannot be trained on")
        for start in range(done, len(cut), config.grad_accum_steps):
            micros = [[items[i] for i in batch] for batch in cut[start : start + config.grad_accum_steps]]
            step += 1
            after = replace(place, step=place.before + step, epoch=epoch, batch=start + config.grad_accum_steps)
            yield StageStep(after, stage.name, step, total, step == total, micros)
            if step == total:
                return
        epoch, done = epoch + 1, 0


def _cut(items: Sequence[Item], config: TrainConfig, epoch: int) -> list[list[int]]:
    return batches(items, config.batch_size, seed=config.seed, epoch=epoch)
