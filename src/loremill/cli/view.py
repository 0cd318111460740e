# SPDX-License-Identifier: Apache-2.0
"""``loremill view``: a page to look at what ``loremill extract`` wrote."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from ..errors import InputError


def view(
    results: Annotated[Path, typer.Argument(metavar="FILE", help="A .jsonl file that loremill extract wrote.")],
    output: Annotated[Path, typer.Option("--output", "-o", metavar="FILE", help="The page to write, as page.html.")],
    max_documents: Annotated[
        int, typer.Option("--max-documents", min=1, help="Leave out what comes behind so many.")
    ] = 10_000,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace a page that exists.")] = False,
    progress: Annotated[bool, typer.Option("--progress/--no-progress", help="Show a bar on a terminal.")] = True,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress and no summary.")] = False,
) -> None:
    """\b
    Example:
      loremill view found.jsonl --output page.html

    Writes one HTML file that needs no network: texts with their mentions, frames, filters by type and
    score, search, and what was not used or not read. Open it in a browser; ? shows its keys.
    """
    from ..jobs import read_output
    from ..reports import write_page
    from ._progress import bar

    if output.exists() and results.exists() and output.samefile(results):
        raise InputError(f"the page needs a file of its own, {str(output)!r} holds the results")
    with bar("writing", progress and not quiet) as advance:
        built = write_page(
            read_output(results),
            output,
            title=results.name,
            run=_run(results),
            max_documents=max_documents,
            overwrite=overwrite,
            on_document=lambda done: advance(done, None),
        )
    if quiet:
        return
    parts = [f"{built.documents:,} documents", f"{built.frames:,} frames"]
    parts += [f"{built.rejected:,} items not used"] if built.rejected else []
    parts += [f"{built.errors:,} with errors"] if built.errors else []
    print(f"{', '.join(parts)} in {built.size_bytes / 1e6:,.1f} MB: {output}", file=sys.stderr)
    if built.left_out is not None:
        print(f"loremill: further documents are left out: {built.left_out}", file=sys.stderr)


def _run(path: Path) -> dict[str, str]:
    """What the first line of a file of results tells about how they were made; of other files nothing."""
    try:
        with path.open("rb") as file:
            data = json.loads(file.readline())
    except (OSError, ValueError, RecursionError):
        return {}
    run = data.get("run") if isinstance(data, dict) else None
    return {str(name): str(value) for name, value in run.items()} if isinstance(run, dict) else {}
