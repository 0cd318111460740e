# SPDX-License-Identifier: Apache-2.0
"""The figures of the model card: every set of the table, grounded decoding on and off, beside what was aimed at.

    python recipes/figures.py                                          # nano on all sets, runs/figures
    python recipes/figures.py --sets snips,ade --limit 200             # a look
    python recipes/figures.py --model runs/big/model --output runs/big/figures

Each set and decoding has a folder with predictions, ledger, gold and scores, written as a whole when it is
done: the same command goes on where a killed one stopped. ``table.md`` and ``table.json`` are written anew
after each. What the model was trained on is read from the ``run.json`` that training writes beside it.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Mapping
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Any

import rich
import torch
import typer
from figures_tables import DECODINGS, GROUPS, SCORES, Group, make_tables, save

from loremill.errors import InputError, LoremillError, UnknownNameError
from loremill.evaluation.run import evaluate_corpus
from loremill.models import load_model
from loremill.models.loading import NANO, resolve
from loremill.models.span_finder import FOLDER as SPANS

RECORD = "run.json"


def main(
    model: Annotated[str, typer.Option(help="name or folder")] = "nano",
    adapter: Annotated[str, typer.Option(help="folder of an adapter")] = "",
    output: Annotated[Path, typer.Option(help="folder for predictions and the table")] = Path("runs/figures"),
    sets: Annotated[str, typer.Option(help="data sets of the table, with commas; empty: all")] = "",
    limit: Annotated[int, typer.Option(help="documents per set; 0: all")] = 0,
    record: Annotated[str, typer.Option(help="run.json of the training; empty: the one beside the model")] = "",
    types_per_request: Annotated[int, typer.Option(help="types asked for at once at most; 0: by room")] = 0,
    span_head: Annotated[bool, typer.Option(help="let the model's span head, if it has one, find entities")] = True,
    batch_size: Annotated[int, typer.Option(help="rows generated together")] = 16,
    dtype: Annotated[str, typer.Option(help="auto, float32, bfloat16, float16 or int8")] = "auto",
    threads: Annotated[int, typer.Option(help="torch threads; 0: torch's choice")] = 0,
) -> None:
    """Evaluate what is not there yet, save and print; exit code 1 when a set could not be evaluated."""
    if threads:
        torch.set_num_threads(threads)
    try:
        wanted = wanted_sets(sets)
        loaded = load_model(model, adapter=adapter or None, batch_size=batch_size, dtype=dtype)
        setup = {**loaded.identity, "limit": limit, "types_per_request": types_per_request, "dtype": dtype}
        setup |= {} if span_head else {"span_head": False}
        claim(output, {**setup, "loremill": version("loremill")})
        seen = trained_on(model, adapter, record)
    except LoremillError as error:
        raise SystemExit(f"figures: {error}") from error
    title = f"strict, {model}{f' with {adapter}' if adapter else ''}{f', first {limit} documents' if limit else ''}"
    failed: dict[str, str] = {}
    for decoding, grammar in DECODINGS.items():
        for group, name in wanted:
            folder = output / f"{name}-test-{decoding}"
            if not (folder / SCORES).is_file() and name not in failed:
                part = output / f".part-{folder.name}"
                shutil.rmtree(part, ignore_errors=True)
                try:
                    done = evaluate_corpus(
                        name,
                        "test",
                        loaded,
                        families=group.families,
                        grammar=grammar,
                        limit=limit,
                        types_per_request=types_per_request or None,
                        span_head=span_head,
                        output=part,
                        on_document=partial(_show, folder.name),
                    )
                except LoremillError as error:
                    failed[name] = str(error)
                    typer.echo(f"{name}: {error}", err=True)
                    continue
                shutil.rmtree(folder, ignore_errors=True)
                os.replace(part, folder)
                typer.echo(f"{name} {decoding}: {done.documents} documents, {done.seconds:.0f} s", err=True)
            tables = make_tables(output, wanted, seen, title)
            save(output, tables)
    for table in make_tables(output, wanted, seen, title):
        rich.print(table.to_rich())
    for name, why in failed.items():
        typer.echo(f"not evaluated: {name}: {why}", err=True)
    sys.exit(bool(failed))


def _show(name: str, done: int) -> None:
    if done % 100 == 0:
        typer.echo(f"{name}: {done} documents so far", err=True)


def wanted_sets(sets: str) -> list[tuple[Group, str]]:
    """The sets of the table, or those named, each with its group.

    Raises:
        UnknownNameError: one is not in the table.
    """
    known = {name: (group, name) for group in GROUPS for name in group.sets}
    names = [name.strip() for name in sets.split(",") if name.strip()] or list(known)
    for name in names:
        if name not in known:
            raise UnknownNameError("set of the table", name, known)
    return [pair for name, pair in known.items() if name in names]


def claim(output: Path, setup: Mapping[str, Any]) -> None:
    """Make the folder one of figures of this model asked in this way.

    Raises:
        InputError: it holds those of another.
    """
    path = output / "setup.json"
    if path.is_file():
        held = json.loads(path.read_text(encoding="utf-8"))
        other = [key for key in {**held, **setup} if held.get(key) != setup.get(key)]
        if other:
            told = ", ".join(f"{key} {held.get(key)!r}, not {setup.get(key)!r}" for key in other)
            raise InputError(f"{str(output)!r} holds figures of another run ({told}): choose another --output")
        return
    output.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(setup, indent=2) + "\n", encoding="utf-8")


def trained_on(model: str, adapter: str = "", record: str = "") -> frozenset[str] | None:
    """The data sets that the model, its adapter and the models these started from were trained on; None: not known.

    A model without a record that another started from counts as trained on text alone, but for ``nano``.

    Raises:
        InputError: a record cannot be read.
    """
    paths = [Path(record)] if record else [_record(name) for name in (adapter, model) if name]
    if (head := _folder(model) / SPANS / RECORD).is_file() and not record:
        paths.append(head)
    names: set[str] = set()
    for path in paths:
        if path is None:
            return None
        try:
            config = json.loads(path.read_text(encoding="utf-8"))["config"]
            names |= {share["name"] for share in config["corpora"]}
            base = config["model"]
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise InputError(f"training record {str(path)!r} cannot be read: {error}") from error
        before = trained_on(base) if base == NANO or _record(base) not in (None, path) else frozenset[str]()
        if before is None:
            return None
        names |= before
    return frozenset(names)


def _record(name: str) -> Path | None:
    """The training record in a model's folder or in the one around it."""
    folder = _folder(name)
    return next((path for path in (folder / RECORD, folder.parent / RECORD) if path.is_file()), None)


def _folder(name: str) -> Path:
    return Path(resolve(name)) if name == NANO else Path(name)


if __name__ == "__main__":
    typer.run(main)
