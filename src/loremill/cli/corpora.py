# SPDX-License-Identifier: Apache-2.0
"""``loremill corpora``: the catalogue of public data sets, what they hold, and what they share."""

from __future__ import annotations

import json as jsonlib
import sys
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from ..corpora import Corpus
    from ..corpora.stats import PartStats
    from ..schema import Schema

app = typer.Typer(rich_markup_mode=None)

DataDir = Annotated[
    Path | None, typer.Option("--data-dir", metavar="FOLDER", help="Folder of corpora; else LOREMILL_DATA.")
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Bar = Annotated[bool, typer.Option("--progress/--no-progress", help="Show a bar on a terminal.")]
Names = Annotated[list[str] | None, typer.Argument(metavar="NAME...", help="Data sets; all that are there if none.")]


@app.callback()
def root() -> None:
    """\b
    Example:
      loremill corpora list --family events

    Public data sets that the library reads. The data lies in a folder of its own, named by LOREMILL_DATA.
    """


@app.command("list", short_help="The data sets of the catalogue.")
def list_corpora(
    family: Annotated[str | None, typer.Option("--family", metavar="NAME", help="Only with entities, events …")] = None,
    licences: Annotated[
        str, typer.Option("--licences", metavar="NAME", help="Only what a mixture may hold: permissive, research, all.")
    ] = "all",
    json: Json = False,
) -> None:
    """\b
    Example:
      loremill corpora list --family events --licences permissive

    Lists the catalogue; needs no data.
    """
    from ..corpora import catalogue, is_allowed, terms_of
    from ..corpora.licences import ALLOWED
    from ..schema import FAMILIES
    from ._names import checked

    wanted = checked(licences, tuple(ALLOWED), "licences")
    only = None if family is None else checked(family, FAMILIES, "family")
    entries = [
        entry
        for entry in catalogue().values()
        if is_allowed(entry.licence, wanted) and (only is None or only in entry.families)
    ]
    if json:
        print(jsonlib.dumps([_entry(entry, terms_of(entry.licence)) for entry in entries], ensure_ascii=False))
        return
    rows = [
        (e.name, "+".join(e.families), ", ".join(e.parts), e.domain, terms_of(e.licence), e.licence) for e in entries
    ]
    _print(("name", "families", "parts", "domain", "terms", "licence"), rows)
    print(f"{len(entries)} data sets")


@app.command("show", short_help="One data set: its types, files, licence, faults.")
def show(
    name: Annotated[str, typer.Argument(metavar="NAME", help="A data set of the catalogue.")],
    data_dir: DataDir = None,
    json: Json = False,
) -> None:
    """\b
    Example:
      loremill corpora show conll04

    Shows what the library knows about a data set. Needs its folder only where the types stand in its files.
    """
    from ..corpora import corpus, terms_of
    from ..schema import to_dict

    entry = corpus(name)
    schema = entry.schema_for(data_dir)
    if json:
        known = {**_entry(entry, terms_of(entry.licence)), "schema": to_dict(schema)}
        print(jsonlib.dumps(known, ensure_ascii=False))
        return
    files = "; ".join(f"{split}: {', '.join(part.files)}" for split, part in entry.parts.items())
    facts = {
        "families": ", ".join(entry.families),
        "domain": entry.domain,
        "terms": terms_of(entry.licence),
        "licence": entry.licence,
        "citation": entry.citation,
        "folder": entry.folder_name or entry.name,
        "files": files,
        "format": entry.reader,
        "overlaps": ", ".join(entry.overlaps),
        "vocabulary": entry.vocabulary,
        "note": entry.note,
        "definitions": entry.definitions_from,
    }
    _print((entry.name, ""), [(key, value) for key, value in facts.items() if value])
    print()
    _print(("type", "family", "slots", "definition"), _types(schema))


@app.command("stats", short_help="Documents and frames of each part.")
def stats(names: Names = None, data_dir: DataDir = None, json: Json = False, progress: Bar = True) -> None:
    """\b
    Example:
      loremill corpora stats conll04 phee

    Reads every part of the data sets and counts: documents, those without frames, frames and slots, characters,
    and the time that reading took.
    """
    from ..corpora import corpus, load
    from ..corpora.leaks import present
    from ..corpora.stats import part_stats
    from ._progress import bar

    if names:
        absent: list[str] = []
        parts = [(corpus(name).name, split) for name in names for split in corpus(name).parts]
    else:
        parts, absent = present(data_dir)
    found: list[PartStats] = []
    with bar("reading", progress) as advance:
        for done, (name, split) in enumerate(parts):
            advance(done, len(parts))
            found.append(part_stats(load(name, split, data_dir), name, split))
    if json:
        print(jsonlib.dumps({"parts": [asdict(part) for part in found], "absent": absent}, ensure_ascii=False))
        return
    rows = [
        (p.name, p.split, p.documents, p.empty, sum(p.frames.values()), sum(p.slots.values()), p.characters, p.seconds)
        for p in found
    ]
    _print(("name", "part", "documents", "empty", "frames", "slots", "characters", "seconds"), rows)
    _tell_absent(absent)


@app.command("sample", short_help="Documents of a part with their frames.")
def sample(
    name: Annotated[str, typer.Argument(metavar="NAME", help="A data set of the catalogue.")],
    split: Annotated[
        str | None, typer.Option("--split", metavar="NAME", help="train, dev or test; else the last of them there is.")
    ] = None,
    count: Annotated[int, typer.Option("--count", "-n", min=1, help="How many documents.")] = 3,
    seed: Annotated[int, typer.Option("--seed", help="Draws others.")] = 0,
    data_dir: DataDir = None,
    json: Annotated[bool, typer.Option("--json", help="Print a line of JSON per document.")] = False,
) -> None:
    """\b
    Example:
      loremill corpora sample conll04 --split train --count 2

    Shows documents drawn from a part with their gold frames.
    """
    from ..corpora import corpus, load
    from ..corpora.stats import drawn
    from ..extraction import Extraction
    from ..prompt import Usage
    from ..show import show as show_extraction
    from ..wire import to_dict

    wanted = split or list(corpus(name).parts)[-1]
    for i, doc in enumerate(drawn(load(name, wanted, data_dir), count, seed=seed)):
        gold = Extraction(doc.id, doc.text, doc.frames, (), 1.0, Usage())
        if json:
            known = {key: value for key, value in to_dict(gold).items() if key in ("id", "text", "frames")}
            print(jsonlib.dumps({**known, "meta": dict(doc.meta)}, ensure_ascii=False))
        else:
            print(end="\n" if i else "")
            show_extraction(gold)


@app.command("leaks", short_help="Training parts that share sentences with dev and test parts.")
def leaks(
    names: Names = None,
    with_train: Annotated[
        bool, typer.Option("--with-train", help="Other sets' training parts too: what holding a set out takes away.")
    ] = False,
    at_least: Annotated[int, typer.Option("--at-least", min=1, help="Leave out pairs that share fewer.")] = 1,
    data_dir: DataDir = None,
    json: Json = False,
    progress: Bar = True,
) -> None:
    """\b
    Example:
      loremill corpora leaks --at-least 10

    Compares every training part with every dev and test part, by the letters and digits of sentences. leaked of the
    part's documents share a sentence with the training part; training leaves out removed documents for them.
    Training checks its mixture by itself.
    """
    from ..corpora import leak_table
    from ._progress import bar

    with bar("reading", progress) as advance:
        table = leak_table(names or (), data_dir, with_train=with_train, on_part=lambda d, t: advance(d, t))
    rows = [row for row in table.rows if row.leaked >= at_least]
    if json:
        print(jsonlib.dumps({**asdict(table), "rows": [asdict(row) for row in rows]}, ensure_ascii=False))
        return
    cells = [
        (r.train, f"{r.name} {r.split}", r.leaked, r.documents, 100 * r.leaked / r.documents, r.removed) for r in rows
    ]
    _print(("training part", "part", "leaked", "of", "%", "removed"), cells)
    print(
        f"{len(rows)} of {table.train_parts * table.other_parts:,} pairs; {table.keys:,} sentences of "
        f"{table.other_parts} parts in {table.seconds:.0f} s"
    )
    _tell_absent(table.absent)


def _entry(entry: Corpus, terms: str) -> dict[str, Any]:
    return {
        "name": entry.name,
        "families": list(entry.families),
        "parts": {split: list(part.files) for split, part in entry.parts.items()},
        "format": entry.reader,
        "domain": entry.domain,
        "licence": entry.licence,
        "terms": terms,
        "citation": entry.citation,
        "note": entry.note,
        "overlaps": list(entry.overlaps),
        "vocabulary": entry.vocabulary,
        "definitions_from": entry.definitions_from,
    }


def _types(schema: Schema) -> list[tuple[str, ...]]:
    return [
        (
            t.name if t.label == t.name.replace("_", " ") else f"{t.name} ({t.label})",
            t.family,
            ", ".join(s.name + (f": {'|'.join(s.types)}" if s.types else "") for s in t.slots),
            t.description,
        )
        for t in schema
    ]


def _tell_absent(absent: Sequence[str]) -> None:
    if absent:
        print(f"loremill: not there, so not read: {', '.join(absent)}", file=sys.stderr)


def _print(columns: Sequence[str], rows: Iterable[Sequence[str | int | float]]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from ..show import safe

    rows = list(rows)
    table = Table(box=None, pad_edge=False, header_style="bold")
    for i, name in enumerate(columns):
        is_number = bool(rows) and not any(isinstance(row[i], str) for row in rows)
        table.add_column(name, overflow="fold", justify="right" if is_number else "left")
    for row in rows:
        table.add_row(*(Text(safe(_cell(value))) for value in row))
    Console(file=sys.stdout, highlight=False, markup=False, emoji=False).print(table)


def _cell(value: str | int | float) -> str:
    if isinstance(value, str):
        return value
    return f"{value:,}" if isinstance(value, int) else f"{value:,.1f}"
