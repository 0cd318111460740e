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
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Any

import rich
import torch
import typer

from loremill.corpora import corpus
from loremill.errors import InputError, LoremillError, UnknownNameError
from loremill.evaluation import Table
from loremill.evaluation.averages import mean
from loremill.evaluation.run import evaluate_corpus
from loremill.evaluation.saved import GOLD
from loremill.models import load_model
from loremill.models.loading import NANO, resolve
from loremill.models.span_finder import FOLDER as SPANS
from loremill.schema import Family
from loremill.windows import sentences

SCORES, RECORD = "scores.json", "run.json"
DECODINGS = {"grounded": True, "free": False}


@dataclass(frozen=True, slots=True)
class Group:
    """Sets shown together: what is asked for (empty: all of the schema) and the parts that are shown."""

    name: str
    sets: tuple[str, ...]
    parts: tuple[str, ...]
    families: tuple[Family, ...] = ()


GROUPS = (
    Group("entities", ("conll2003", "wnut17", "btc", "bc5cdr", "ncbi_disease", "jnlpba", "mit_movie"), ("entities",)),
    Group("slots", ("snips", "atis"), ("entities",), ("entities",)),
    Group("relations", ("conll04", "ade", "scierc", "nyt11_hrl"), ("relations", "typed_relations")),
    Group("events", ("phee", "casie", "geneva"), ("triggers", "arguments")),
    Group("opinions", ("aste_14res", "aste_14lap"), ("opinions",)),
    Group("zero-shot", ("crossner_ai", "crossner_literature", "crossner_politics", "mit_restaurant"), ("entities",)),
)
ZERO_SHOT = "zero-shot"
AIMS: Mapping[tuple[str, str], tuple[float, float | None]] = {
    ("conll2003", "entities"): (88, 80),
    ("bc5cdr", "entities"): (78, None),
    ("mit_movie", "entities"): (84, 75),
    ("snips", "entities"): (92, None),
    ("atis", "entities"): (92, None),
    ("ade", "relations"): (68, 50),
    ("conll04", "relations"): (55, None),
    ("phee", "triggers"): (68, 55),
    ("phee", "arguments"): (52, None),
    ("aste_14res", "opinions"): (58, None),
    ("mean zero-shot", "entities"): (35, 20),
}
"""Of a set's or a mean's part, in points of ``strict`` F1, grounded: what is wanted, and what is the least."""
SCORE_COLUMNS = ("group", "data", "part", "seen", "f1", "95 %", "text", "ece")
FREE_COLUMNS = ("free f1", "free 95 %", "free text", "free ece")
COST_COLUMNS = (
    "data",
    "documents",
    "sentences",
    "s/100 sentences",
    "free s/100",
    "not used",
    "free not used",
    "failed",
)


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


def is_seen(name: str, seen: frozenset[str] | None) -> str:
    """Whether training saw the set (``yes``) or others that have its sentences (their names); ``no``, or ``?``."""
    if seen is None:
        return "?"
    return "yes" if name in seen else ", ".join(n for n in corpus(name).overlaps if n in seen) or "no"


def make_tables(
    output: Path, wanted: Sequence[tuple[Group, str]], seen: frozenset[str] | None, title: str
) -> tuple[Table, Table]:
    """The scores, in points, with means and marks, and what they cost, of what is done so far."""
    done = {name: {way: read_scores(output, name, way) for way in DECODINGS} for _, name in wanted}
    rows: list[tuple[Any, ...]] = []
    for group in GROUPS:
        names = [name for g, name in wanted if g is group and done[name]["grounded"]]
        for name in names:
            parts = [part for part in group.parts if part in done[name]["grounded"]["parts"]]
            rows += [_row(group, name, part, is_seen(name, seen), done[name]) for part in parts]
        rows += list(_means(group, rows, is_partial=len(names) < len(group.sets)))
    scores = Table(title, (*SCORE_COLUMNS, *FREE_COLUMNS, "aim", "floor", "result"), tuple(rows), digits=1)
    costs = tuple(_cost(output, name, ways) for name, ways in done.items() if ways["grounded"])
    return scores, Table(f"use, {title}", COST_COLUMNS, costs, digits=1)


def read_scores(output: Path, name: str, decoding: str) -> dict[str, Any]:
    """The scores saved of a set; empty if there are none."""
    path = output / f"{name}-test-{decoding}" / SCORES
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}


def judge(name: str, part: str, f1: float) -> tuple[float | None, float | None, str]:
    """Aim, floor and what became of them."""
    aim, floor = AIMS.get((name, part), (None, None))
    if aim is None:
        return None, None, ""
    result = "met" if f1 >= aim else "below floor" if floor is not None and f1 < floor else "missed"
    return aim, floor, result


def _row(group: Group, name: str, part: str, seen: str, ways: Mapping[str, Mapping[str, Any]]) -> tuple[Any, ...]:
    cells: list[Any] = []
    for way in DECODINGS:
        found = ways[way].get("parts", {}).get(part)
        if found is None:
            cells += [None] * 4
            continue
        low, high = (100 * bound for bound in found["f1_interval"])
        cells += [
            100 * found["f1"],
            f"{low:.1f}-{high:.1f}",
            100 * found["text_f1"],
            found["ece"] and 100 * found["ece"],
        ]
    return (group.name, name, part, seen, *cells, *judge(name, part, cells[0]))


def _means(group: Group, rows: Sequence[tuple[Any, ...]], *, is_partial: bool) -> Iterator[tuple[Any, ...]]:
    """A row per part: the unweighted mean over the sets, of zero-shot ones over those that training did not see."""
    for part in group.parts:
        of_part = [row for row in rows if (row[0], row[2]) == (group.name, part)]
        used = [row for row in of_part if group.name != ZERO_SHOT or row[3] in ("no", "?")]
        if len(of_part) < 2 or not used:
            continue
        cells: list[Any] = [
            mean(row[i] for row in used) if all(isinstance(row[i], float) for row in used) else None
            for i in range(4, 12)
        ]
        left_out = len(of_part) - len(used)
        told = f"{len(used)} sets{f', {left_out} seen' if left_out else ''}{', not all' if is_partial else ''}"
        yield (group.name, "mean", part, told, *cells, *judge(f"mean {group.name}", part, cells[0] or 0.0))


def _cost(output: Path, name: str, ways: Mapping[str, Mapping[str, Any]]) -> tuple[Any, ...]:
    lines = (output / f"{name}-test-grounded" / GOLD).read_text(encoding="utf-8").splitlines()
    count = sum(1 for line in lines for _ in sentences(json.loads(line)["text"]))
    grounded, free = ways["grounded"], ways["free"]
    per_sentence = grounded["documents"] / max(count, 1)
    speed = [way["seconds_per_100"] * per_sentence if way else None for way in (grounded, free)]
    lost = ["; ".join(f"{n} {why}" for why, n in way.get("rejected", {}).items()) for way in (grounded, free)]
    return (name, grounded["documents"], count, *speed, *lost, sum(way.get("errors", 0) for way in (grounded, free)))


def save(output: Path, tables: Sequence[Table]) -> None:
    """``table.md`` and ``table.json``."""
    (output / "table.md").write_text("\n".join(table.to_markdown() for table in tables), encoding="utf-8")
    values = [json.loads(table.to_json()) for table in tables]
    (output / "table.json").write_text(json.dumps(values, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    typer.run(main)
