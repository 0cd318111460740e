# SPDX-License-Identifier: Apache-2.0
"""Pools of wordings grown through a model into a file, attempt by attempt, so that a run that was stopped goes on."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TextIO

from ..errors import InputError, UnknownNameError
from ..formats.instructions import POOLS, Task
from ..formats.instructions.paraphrase import Attempt, paraphrase
from ..formats.instructions.pools import Pools, write_pools
from ..prompt import Model


@dataclass(frozen=True, slots=True)
class Paraphrased:
    """Where the pools and the attempts at them are, and all attempts, task after task."""

    output: Path
    attempts_file: Path
    attempts: Mapping[Task, tuple[Attempt, ...]]

    def accepted(self, task: Task) -> tuple[str, ...]:
        """The wordings that joined the pool of a task."""
        return tuple(a.wording for a in self.attempts[task] if not a.refused)


def extend_pools(
    model: Model,
    tasks: Sequence[Task],
    output: str | Path,
    *,
    count: int = 20,
    attempts: int = 200,
    seed: int = 0,
    pools: Pools = POOLS,
    on_attempt: Callable[[Attempt], None] = lambda attempt: None,
) -> Paraphrased:
    """Write the pools of ``tasks`` with up to ``count`` new wordings each to ``output`` (see `pools`).

    Each attempt goes to ``output.attempts.jsonl`` at once, those refused with the reason; a run with the same output
    goes on behind the last of them, and the end is the same as without a stop.

    Raises:
        UnknownNameError: no such task.
        InputError: the output is of another model, seed or pools, or cannot be written.
        ModelError: the model cannot paraphrase.
    """
    for task in tasks:
        if task not in POOLS:
            raise UnknownNameError("task", task, POOLS)
    if min(count, attempts) < 1:
        raise InputError(f"paraphrases need count and attempts of at least 1, got {count} and {attempts}")
    output = Path(output)
    file = output.with_name(f"{output.name}.attempts.jsonl")
    head = {"model": dict(model.identity), "seed": seed, "pools": {task: list(pools[task]) for task in sorted(pools)}}
    try:
        done = _resumed(file, head)
        if output.exists() and not file.exists():
            raise InputError(f"{str(output)!r} is there already, without {file.name}: choose another output")
        output.parent.mkdir(parents=True, exist_ok=True)
        with _opened(file, head, done) as log:
            for task in dict.fromkeys(tasks):
                own = done.setdefault(task, [])
                for made in paraphrase(model, task, count, attempts=attempts, pools=pools, seed=seed, done=tuple(own)):
                    own.append(made)
                    log.write(json.dumps(asdict(made), ensure_ascii=False) + "\n")
                    log.flush()
                    on_attempt(made)
        found = Paraphrased(output, file, {task: tuple(made) for task, made in done.items()})
        write_pools(output, {task: (*pools[task], *found.accepted(task)) for task in found.attempts})
    except OSError as error:
        raise InputError(f"paraphrases cannot be written to {str(output)!r}: {error.strerror}") from error
    return found


def _resumed(file: Path, head: Mapping[str, object]) -> dict[Task, list[Attempt]]:
    """The attempts of an earlier run; what a killed run was writing is left out."""
    done: dict[Task, list[Attempt]] = {}
    if not file.exists():
        return done
    first, *lines = file.read_text(encoding="utf-8").splitlines() or [""]
    try:
        is_ours = json.loads(first) == head
    except json.JSONDecodeError:
        is_ours = False
    if not is_ours and lines:
        raise InputError(f"{str(file)!r} is of another model, seed or pools: use those, or another output")
    for line in lines:
        try:
            made = Attempt(**json.loads(line))
        except (json.JSONDecodeError, TypeError):
            break
        done.setdefault(made.task, []).append(made)
    return done


def _opened(file: Path, head: Mapping[str, object], done: Mapping[Task, Sequence[Attempt]]) -> TextIO:
    """The file of attempts with what is kept of it, open for more."""
    kept = [json.dumps(head, ensure_ascii=False)]
    kept += [json.dumps(asdict(made), ensure_ascii=False) for several in done.values() for made in several]
    part = file.with_name(f"{file.name}.part")
    part.write_text("".join(f"{line}\n" for line in kept), encoding="utf-8")
    part.replace(file)
    return open(file, "a", encoding="utf-8")
