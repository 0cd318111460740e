# SPDX-License-Identifier: Apache-2.0
"""The tables of `figures`: which sets stand in them and what was aimed at, made from the scores in a folder."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from loremill.corpora import corpus
from loremill.evaluation import Table
from loremill.evaluation.averages import mean
from loremill.evaluation.saved import GOLD
from loremill.schema import Family
from loremill.windows import sentences

SCORES = "scores.json"
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
SCORE_COLUMNS = ("group", "data", "part", "seen", "f1", "p / r", "95 %", "text", "ece")
FREE_COLUMNS = ("free f1", "free p / r", "free 95 %", "free text", "free ece")
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
            cells += [None] * len(FREE_COLUMNS)
            continue
        low, high = (100 * bound for bound in found["f1_interval"])
        cells += [
            100 * found["f1"],
            f"{100 * found['precision']:.1f} / {100 * found['recall']:.1f}",
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
            for i in range(4, 4 + 2 * len(FREE_COLUMNS))
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
