# SPDX-License-Identifier: Apache-2.0
"""``loremill evaluate``: a model's scores on a public data set."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from ..errors import InputError
from ..prompt import Model
from .extract import CAPABILITIES, DTYPE, SPAN_HEAD, SPAN_THRESHOLD


def evaluate(
    corpus: Annotated[
        str, typer.Option("--corpus", "-c", metavar="NAMES", help="Data sets of the catalogue, with commas.")
    ],
    split: Annotated[str, typer.Option("--split", help="train, dev or test.")] = "test",
    model: Annotated[str, typer.Option("--model", "-m", metavar="NAME", help="Name or folder of a model.")] = "nano",
    adapter: Annotated[
        str | None, typer.Option("--adapter", metavar="FOLDER", help="Folder of a trained adapter.")
    ] = None,
    capabilities: Annotated[str | None, CAPABILITIES] = None,
    dtype: Annotated[str, DTYPE] = "auto",
    format: Annotated[
        str,
        typer.Option("--format", metavar="NAME", help="How frames are written; typing: the gold mentions are told."),
    ] = "listing",
    family: Annotated[
        list[str] | None, typer.Option("--family", metavar="NAME", help="Only entities, relations, events …")
    ] = None,
    limit: Annotated[int, typer.Option("--limit", min=0, help="Only the first documents; 0: all.")] = 0,
    data_dir: Annotated[
        Path | None, typer.Option("--data-dir", metavar="FOLDER", help="Folder of corpora; else LOREMILL_DATA.")
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="FOLDER", help="Save predictions and scores there, for score."),
    ] = None,
    batch_size: Annotated[int, typer.Option("--batch-size", min=1, help="Texts the model reads at once.")] = 16,
    grammar: Annotated[
        bool, typer.Option("--grammar/--no-grammar", help="Hold the model to the schema and the text.")
    ] = True,
    span_head: Annotated[bool, SPAN_HEAD] = True,
    span_threshold: Annotated[float | None, SPAN_THRESHOLD] = None,
    given: Annotated[
        bool, typer.Option("--given", help="Tell gold triggers or entities, ask for arguments or relations.")
    ] = False,
    subtasks: Annotated[
        bool, typer.Option("--subtasks", help="Ask for judging, locating and associating, one at a time.")
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")] = False,
    progress: Annotated[bool, typer.Option("--progress/--no-progress", help="Show a bar on a terminal.")] = True,
) -> None:
    """\b
    Example:
      loremill evaluate --corpus conll04 --split test --limit 100

    Extracts a split of a data set under its own schema and prints precision, recall and F1 with its 95 % interval
    (strict: offsets and type; every rejected item counts as wrong). Of several data sets, each is saved in a folder
    of its name in --output, and --family and --given must suit all. With --given a schema of events is asked for the
    arguments of the gold triggers, one of relations for those among the gold entities. With --subtasks each text is
    asked which types it has, then where, then what belongs together; each question tells what the one before it
    should have found.
    """
    import json as json_module

    from ..corpora import corpus as entry_of
    from ..evaluation.run import evaluate_corpus, evaluation_table, to_dict
    from ..models import load_model
    from ..schema import FAMILIES
    from ._names import checked
    from ._progress import bar

    families = [checked(name, FAMILIES, "family") for name in family or ()]
    names = [entry_of(name.strip()).name for name in corpus.split(",")]
    loaded: Model | str = model
    if len(names) > 1 or dtype != "auto":
        loaded = load_model(model, adapter=adapter, dtype=dtype, batch_size=batch_size, capabilities=capabilities)
    settings: dict[str, Any] = {
        "adapter": adapter if loaded is model else None,
        "capabilities": capabilities if loaded is model else None,
        "format": format,
        "families": families,
        "limit": limit,
        "grammar": grammar,
        "batch_size": batch_size,
        "data_dir": data_dir,
    }
    if subtasks:
        if given or output is not None:
            raise InputError("--subtasks tells what it has to and saves no predictions: leave out --given and --output")
        _subtasks(names, split, loaded, settings, as_json=json, progress=progress)
        return
    evaluations = []
    for name in names:
        with bar(f"evaluating {name}", progress) as advance:
            evaluations.append(
                evaluate_corpus(
                    name,
                    split,
                    loaded,
                    **settings,
                    span_head=span_head,
                    span_threshold=span_threshold,
                    given=given,
                    output=output / name if output is not None and len(names) > 1 else output,
                    on_document=_counter(advance),
                )
            )
    if json:
        values = [to_dict(evaluation) for evaluation in evaluations]
        print(json_module.dumps(values if len(values) > 1 else values[0]))
        return
    import rich

    rich.print(evaluation_table(evaluations).to_rich())
    for evaluation in evaluations:
        lost = ", ".join(f"{count} {reason}" for reason, count in evaluation.rejected.items()) or "none"
        which = f"{evaluation.corpus}: " if len(names) > 1 else ""
        print(f"{which}{evaluation.seconds_per_100:.1f} s per 100 documents; items not used: {lost}")
        if evaluation.errors:
            print(f"{which}{evaluation.errors} documents failed", file=sys.stderr)


def _subtasks(
    names: Sequence[str], split: str, model: Model | str, settings: dict[str, Any], *, as_json: bool, progress: bool
) -> None:
    import json

    from ..evaluation.subtasks import evaluate_subtasks
    from ._progress import bar

    found = []
    for name in names:
        with bar(f"evaluating {name}", progress) as advance:
            found.append(evaluate_subtasks(name, split, model, **settings, on_question=_counter(advance)))
    if as_json:
        values = [evaluation.to_dict() for evaluation in found]
        print(json.dumps(values if len(values) > 1 else values[0]))
        return
    import rich

    for evaluation in found:
        rich.print(evaluation.table().to_rich())
        if evaluation.errors:
            print(f"{evaluation.corpus}: {evaluation.errors} questions failed", file=sys.stderr)


def _counter(advance: Callable[[int, int | None], None]) -> Callable[[int], None]:
    return lambda done: advance(done, None)
