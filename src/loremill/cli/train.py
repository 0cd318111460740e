# SPDX-License-Identifier: Apache-2.0
"""``loremill train``: a model or an adapter from a configuration file."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ..errors import ModelError

if TYPE_CHECKING:
    from ..training.loop import Progress


def train(
    config: Annotated[Path, typer.Argument(metavar="CONFIG.yaml", help="What to train on what; see docs/training.md.")],
    overrides: Annotated[
        list[str] | None, typer.Argument(metavar="KEY=VALUE", help="Values that replace the file's.")
    ] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on from the last checkpoint.")] = False,
    progress: Annotated[bool, typer.Option("--progress/--no-progress", help="Show a bar on a terminal.")] = True,
) -> None:
    """\b
    Example:
      loremill train config.yaml lr=3e-4 adapter=lora

    Saves the result, its resolved configuration and a log under the configuration's output folder. A run that was
    stopped goes on with --resume and ends with the same weights.
    """
    try:
        from ..training.run import train as run
    except ImportError as error:
        raise ModelError(f'training needs {error.name}: pip install "loremill[local]"') from error
    from ._progress import bar

    with bar("training", progress) as advance:

        def show(step: Progress) -> None:
            advance(step.step, step.total_steps)
            if not sys.stderr.isatty() and step.step % 100 == 0:
                terms = "".join(f" {name} {value:.3f}" for name, value in step.terms.items())
                print(f"step {step.step}/{step.total_steps} loss {step.loss:.3f}{terms}", file=sys.stderr)

        try:
            result = run(config, overrides or [], resume=resume, on_step=show)
        except KeyboardInterrupt:
            print("loremill: interrupted; the same command with --resume goes on", file=sys.stderr)
            raise typer.Exit(130) from None
    if os.environ.get("RANK", "0") != "0":  # one of several processes tells
        return
    left_out = f", {result.too_long} too long, {result.unwritable} unwritable" if result.too_long else ""
    if result.removed:
        left_out += f", {result.removed:,} documents left out that share sentences with dev or test parts"
    print(f"{result.steps:,} steps, {result.items:,} items an epoch{left_out}: {result.output}")
