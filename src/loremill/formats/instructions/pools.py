# SPDX-License-Identifier: Apache-2.0
"""Pools of wordings in files, which take the place of the library's for the tasks they name.

A file is YAML (or JSON): tasks with a list of wordings each, the canonical one first::

    entities:
    - Find all names of the given kinds.
    - Which words name something of a given kind?
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from ...errors import InputError, UnknownNameError
from . import POOLS, Task

Pools = Mapping[Task, tuple[str, ...]]


def pools_of(file: str | Path) -> Pools:
    """The library's pools with those of a file in their place; ``""`` is no file.

    Raises:
        InputError: the file cannot be read, or does not hold tasks with wordings of one line each.
    """
    return POOLS if not str(file) else _pools(str(file))


def write_pools(file: Path, pools: Mapping[Task, Sequence[str]]) -> None:
    """Write a file of pools, as a whole or not at all."""
    import yaml

    part = file.with_name(f"{file.name}.part")
    held = {task: list(pool) for task, pool in pools.items()}
    part.write_text(yaml.safe_dump(held, sort_keys=False, allow_unicode=True, width=120), encoding="utf-8")
    part.replace(file)


@lru_cache(maxsize=8)
def _pools(file: str) -> Pools:
    import yaml

    try:
        given = yaml.safe_load(Path(file).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or "it is not UTF-8"
        raise InputError(f"instructions {file!r} cannot be read: {why}") from error
    except yaml.YAMLError as error:
        raise InputError(f"instructions {file!r} are no YAML: {' '.join(str(error).split())}") from error
    if not isinstance(given, dict) or not given:
        raise InputError(f"instructions {file!r} need tasks with wordings, got {type(given).__name__}")
    faults = [fault for task, pool in given.items() for fault in _faults(task, pool)]
    if faults:
        raise InputError(f"instructions {file!r}: {'; '.join(faults)}")
    return MappingProxyType({**POOLS, **{task: tuple(pool) for task, pool in given.items()}})


def _faults(task: Any, pool: Any) -> list[str]:
    if task not in POOLS:
        return [str(UnknownNameError("task", str(task), POOLS))]
    if not isinstance(pool, list) or not pool:
        return [f"{task} needs a list of wordings, got {pool!r}"]
    return [
        f"{task}[{i}] needs to be one line of text, got {wording!r}"
        for i, wording in enumerate(pool)
        if not isinstance(wording, str) or not wording.strip() or len(wording.splitlines()) > 1
    ]
