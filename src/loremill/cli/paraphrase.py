# SPDX-License-Identifier: Apache-2.0
"""``loremill paraphrase``: more wordings of the instructions, from any model."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def paraphrase(
    model: Annotated[
        str, typer.Option("--model", "-m", metavar="NAME", help="Name or folder of a model that follows instructions.")
    ],
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="FILE.yaml", help="Where the pools go; the same goes on.")
    ],
    tasks: Annotated[
        list[str] | None, typer.Argument(metavar="TASK", help="entities, relations, …; all without any.")
    ] = None,
    count: Annotated[int, typer.Option("--count", min=1, help="New wordings of each task.")] = 20,
    attempts: Annotated[int, typer.Option("--attempts", min=1, help="Paraphrases asked for, of each task.")] = 200,
    seed: Annotated[int, typer.Option("--seed", help="Draws what is shown with each attempt.")] = 0,
    instructions: Annotated[
        Path | None, typer.Option("--instructions", metavar="FILE", help="Pools to start from; else the library's.")
    ] = None,
    batch_size: Annotated[int, typer.Option("--batch-size", min=1, help="Attempts the model makes at once.")] = 8,
    json: Annotated[bool, typer.Option("--json", help="Print every attempt as JSON instead of a summary.")] = False,
    progress: Annotated[bool, typer.Option("--progress/--no-progress", help="Show a bar on a terminal.")] = True,
) -> None:
    """\b
    Example:
      loremill paraphrase entities --model ./a-chat-model --output wordings.yaml

    Asks a model to reword what the library asks for, checks each answer, and writes pools that extract reads with
    --instructions and training with augmentation.instructions. What was refused stands with its reason in
    FILE.yaml.attempts.jsonl. Whether a wording means the same is for you to judge.
    """
    import json as json_module
    from collections import Counter
    from dataclasses import asdict

    from ..formats.instructions import POOLS
    from ..formats.instructions.pools import pools_of
    from ..jobs.paraphrases import extend_pools
    from ..models import load_model
    from ._names import checked
    from ._progress import bar

    wanted = [checked(task, tuple(POOLS), "task") for task in tasks or POOLS]
    pools = pools_of(instructions or "")
    with bar("paraphrasing", progress) as advance:
        made = 0

        def show(attempt: object) -> None:
            nonlocal made
            made += 1
            advance(made, None)

        found = extend_pools(
            load_model(model, batch_size=batch_size),
            wanted,
            output,
            count=count,
            attempts=attempts,
            seed=seed,
            pools=pools,
            on_attempt=show,
        )
    if json:
        print(json_module.dumps({task: [asdict(a) for a in found.attempts[task]] for task in wanted}))
        return
    for task in wanted:
        refused = Counter(a.refused.partition(":")[0] for a in found.attempts[task] if a.refused)
        why = "".join(f"; {number} refused: {reason}" for reason, number in refused.most_common())
        print(f"{task}: {len(found.accepted(task))} new wordings of {len(found.attempts[task])} attempts{why}")
    print(f"{found.output}")
