# SPDX-License-Identifier: Apache-2.0
"""``loremill score``: saved predictions counted again, without a model."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from ..evaluation import PartScore, Scorer, Table
    from ..evaluation.saved import SavedRun

SHAPES = ("table", "markdown", "latex", "json")


def score(
    folders: Annotated[list[Path], typer.Argument(metavar="FOLDER...", help="What evaluate --output wrote.")],
    protocol: Annotated[
        list[str] | None,
        typer.Option("--protocol", "-p", metavar="NAME", help="A scorer, strict if none is named; may be repeated."),
    ] = None,
    partial: Annotated[
        bool | None,
        typer.Option("--partial/--no-partial", help="For gollie; by default on casie and phee, as its authors do."),
    ] = None,
    by_label: Annotated[bool, typer.Option("--by-label", help="One row for each type, or type and role.")] = False,
    against: Annotated[
        Path | None,
        typer.Option("--against", metavar="FOLDER", help="Compare with another run on the same documents."),
    ] = None,
    format: Annotated[str, typer.Option("--format", metavar="NAME", help="table, markdown, latex or json.")] = "table",
) -> None:
    """\b
    Example:
      loremill score runs/conll04 --protocol strict --protocol gollie --format markdown

    Counts predictions saved by evaluate under any scorer and prints F1 with its 95 % interval over documents;
    unfiltered is the F1 without a scorer's filter of what is not in the text.
    """
    from ..errors import InputError
    from ..evaluation import SCORERS, scorer
    from ..evaluation.saved import load_run
    from ._names import checked

    checked(format, SHAPES, "format of a table")
    names = [checked(name, tuple(SCORERS), "scorer") for name in protocol or ("strict",)]
    if against is not None and by_label:
        raise InputError("--against compares whole parts: leave out --by-label")
    other = None if against is None else load_run(against)
    runs = [load_run(folder) for folder in folders]
    tables: list[Table] = []
    if other is None and not by_label:
        tables.append(_scores(runs, names, partial))
    else:
        for run in runs:
            for name in names:
                chosen = scorer(name, corpora=(run.corpus,), partial=partial)
                tables += _by_label(run, chosen) if other is None else [_compared(run, other, chosen)]
    for table in tables:
        _show(table, format)


def _scores(runs: list[SavedRun], names: list[str], partial: bool | None) -> Table:
    from ..evaluation import part_scores, part_table, scorer

    scores: dict[tuple[str, ...], PartScore] = {}
    for number, run in enumerate(runs, 1):
        is_named = len({r.corpus for r in runs}) == len(runs)
        data = () if len(runs) == 1 else (run.corpus if is_named else f"{number} {run.corpus}",)
        for name in names:
            chosen = scorer(name, corpora=(run.corpus,), partial=partial)
            found = part_scores(run.predictions, run.schema, chosen, run.parts)
            scores.update({(*data, chosen.name, part): value for part, value in found.items()})
    titles = dict.fromkeys(run.title for run in runs)
    first = ("data", "scorer", "part") if len(runs) > 1 else ("scorer", "part")
    return part_table(scores, first, title="; ".join(titles))


def _by_label(run: SavedRun, chosen: Scorer) -> list[Table]:
    from ..evaluation import label_table

    parts = [part for part in chosen.parts_of(run.schema) if run.parts is None or part in run.parts]
    return [
        label_table(chosen.tally(run.predictions, run.schema, part), title=f"{chosen.name}, {part}, {run.title}")
        for part in parts
    ]


def _compared(run: SavedRun, other: SavedRun, chosen: Scorer) -> Table:
    from ..errors import InputError
    from ..evaluation import difference_table, part_scores

    if [p.gold for p in run.predictions] != [p.gold for p in other.predictions]:
        raise InputError(f"a comparison needs the same documents and gold, got {run.title} and {other.title}")
    ours, theirs = (part_scores(r.predictions, r.schema, chosen, r.parts) for r in (run, other))
    return difference_table(ours, theirs, title=f"{chosen.name}, {run.title}; other: {other.title}")


def _show(table: Table, format: str) -> None:
    if format == "markdown":
        print(table.to_markdown())
    elif format == "latex":
        print(table.to_latex())
    elif format == "json":
        print(table.to_json())
    else:
        import rich

        rich.print(table.to_rich())
