# SPDX-License-Identifier: Apache-2.0
"""Paraphrases of what a model is asked to do, one pool per task, drawn by seed.

UC-UIE trains and tests on at least 20 wordings per task, so that a model learns the task and not one
sentence. A wording says the task alone; how the answer is written, and what to write when there is
nothing to say, a format adds itself. All are our own.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal

from ...errors import UnknownNameError
from . import (
    arguments,
    associating,
    classes,
    entities,
    events,
    given_relations,
    judging,
    locating,
    opinions,
    relations,
    typing,
)

__all__ = ["POOLS", "Task", "instruction"]

Task = Literal[
    "entities",
    "relations",
    "events",
    "opinions",
    "classes",
    "arguments",
    "given_relations",
    "typing",
    "judging",
    "locating",
    "associating",
]
"""The five families, the arguments of a given event, the relations of given entities, the type of given words, and the
sub-tasks of one capability each (`formats.subtasks`).

Relations are written the same whether their entities are given or not: a format is asked for ``relations`` with
a wording of ``given_relations``.
"""

POOLS: Mapping[Task, tuple[str, ...]] = MappingProxyType(
    {
        "entities": entities.POOL,
        "relations": relations.POOL,
        "events": events.POOL,
        "opinions": opinions.POOL,
        "classes": classes.POOL,
        "arguments": arguments.POOL,
        "given_relations": given_relations.POOL,
        "typing": typing.POOL,
        "judging": judging.POOL,
        "locating": locating.POOL,
        "associating": associating.POOL,
    }
)
"""The wordings of each task; the first is the canonical one."""


def instruction(task: Task, seed: int | str | None = None, pools: Mapping[Task, tuple[str, ...]] | None = None) -> str:
    """A wording of ``task``: the canonical one without a seed, else one of its pool, each as likely.

    The same seed and task give the same wording in every process; ``1`` and ``"1"`` are one seed. ``pools`` (of a
    file, see `pools.pools_of`) take the place of the library's.

    Raises:
        UnknownNameError: no pool has that name.
    """
    if task not in POOLS:
        raise UnknownNameError("task", task, POOLS)
    pool = (POOLS if pools is None else pools)[task]
    return pool[0] if seed is None else random.Random(f"{seed}/{task}").choice(pool)
