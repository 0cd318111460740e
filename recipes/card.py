# SPDX-License-Identifier: Apache-2.0
"""Parts of the model card that follow from a training run's record and the catalogue, in Markdown.

    python recipes/card.py data --run runs/nano_full/train/run.json    # the sets, what was held out, whom to cite

``data`` tells what the run took, not what its configuration asked for: documents after the leak check, cut into
windows where the run cut them, and times an epoch under the mixture's cap and temperature. Licences are quoted from the
catalogue; which of them may stand in a mixture is a decision, and not made here.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Annotated, Any

import typer

from loremill.corpora import corpus, terms_of
from loremill.errors import InputError, LoremillError

COLUMNS = ("set", "licence as upstream states it", "family", "documents", "times an epoch")
ALIGNED = ("---", "---", "---", "---:", "---:")
app = typer.Typer(add_completion=False)


@app.callback()
def card() -> None:
    """Parts of the model card, from a run's record."""  # a callback keeps the command's name with one command


@app.command()
def data(run: Annotated[Path, typer.Option(help="run.json of a training, or its folder")]) -> None:
    """The data table, what was held out and left out, and the papers to cite."""
    try:
        typer.echo(data_section(read_run(run)))
    except LoremillError as error:
        raise SystemExit(f"card: {error}") from error


@dataclass(frozen=True, slots=True)
class Taken:
    """What a mixture took of a data set: its families have the same documents but where only some were cut."""

    name: str
    families: tuple[str, ...]
    documents: tuple[int, ...]  # of each family
    times: float  # per epoch

    def cells(self) -> tuple[str, ...]:
        """Under `COLUMNS`."""
        counts = " / ".join(f"{n:,}" for n in dict.fromkeys(self.documents))
        return (self.name, corpus(self.name).licence, ", ".join(self.families), counts, f"{self.times:.3g}")


@dataclass(frozen=True, slots=True)
class Run:
    """What a run's record tells of its data."""

    taken: tuple[Taken, ...]
    removed: Mapping[str, int]  # data set -> documents left out by the leak check
    parts: tuple[str, ...]  # that the leak check read, as "phee test"
    sentences: int  # in those parts
    absent: tuple[str, ...]  # data sets and parts that were not there to be checked
    held_out: tuple[str, ...]
    lost_types: Mapping[str, tuple[int, tuple[str, ...]]]  # data set -> how many types, of which sets held out
    unseen: Mapping[str, tuple[str, ...]]  # data set -> types left out of training
    licences: str  # permissive, research or all
    forbidden: Mapping[str, str]  # data set that its licence kept out -> the licence
    max_text_tokens: int  # of a window; 0: documents were not cut


def read_run(path: Path) -> Run:
    """The data of a run from its ``run.json``, or from the folder that holds it.

    Raises:
        InputError: there is no such record, or it does not tell its mixture, as those of early versions do not.
    """
    path = path / "run.json" if path.is_dir() else path
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
        config, mixture = record["config"], record["mixture"]
        check, settings = mixture["leak_check"], config["mixture"]
        return Run(
            taken=tuple(_taken(mixture["sources"])),
            removed={str(name): int(count) for name, count in mixture["removed"].items()},
            parts=_words(check["parts"]),
            sentences=int(check["sentences"]),
            absent=_words(check["absent"]),
            held_out=_words(settings["held_out"]),
            lost_types={
                str(name): (len(lost["types"]), _words(lost["of"])) for name, lost in mixture["held_out_types"].items()
            },
            unseen={str(name): _words(types) for name, types in mixture["unseen"].items()},
            licences=str(settings["licences"]),
            forbidden={str(name): str(licence) for name, licence in mixture["forbidden"].items()},
            max_text_tokens=int(config["max_text_tokens"]),
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError, OverflowError) as error:
        what = f"it has no {error}" if isinstance(error, KeyError) else str(error)
        raise InputError(
            f"a run.json that tells its mixture is needed, got {str(path)!r} ({what}): "
            "take the one that training of this version writes into its output"
        ) from error


def _taken(sources: Sequence[Mapping[str, Any]]) -> Iterator[Taken]:
    """Sources side by side that are families of one set, at one rate, as one."""
    for (name, times), group in groupby(sources, key=lambda s: (str(s["name"]), float(s["repeat"]))):
        found = list(group)
        yield Taken(name, tuple(str(s["family"]) for s in found), tuple(int(s["documents"]) for s in found), times)


def _words(values: Sequence[str]) -> tuple[str, ...]:
    if not isinstance(values, list):
        raise TypeError(f"a list is needed, got {values!r}")
    return tuple(str(value) for value in values)


def data_section(run: Run) -> str:
    """The table and the paragraphs below it.

    Raises:
        UnknownNameError: a set of the run is not in the catalogue.
    """
    lines = [f"| {' | '.join(cells)} |" for cells in (COLUMNS, ALIGNED, *(taken.cells() for taken in run.taken))]
    cited = dict.fromkeys(taken.name for taken in run.taken)
    references = [f"- {name}: {corpus(name).citation}" for name in cited]
    return "\n\n".join(["\n".join(lines), *_paragraphs(run), "Cite:\n\n" + "\n".join(references)])


def _paragraphs(run: Run) -> Iterator[str]:
    names = list(dict.fromkeys(taken.name for taken in run.taken))
    kinds = Counter(terms_of(corpus(name).licence) for name in names)
    told = ", ".join(f"{terms} {count}" for terms, count in kinds.most_common())
    asked = sum(count * taken.times for taken in run.taken for count in taken.documents)
    cut = f", longer ones cut into windows of at most {run.max_text_tokens} tokens" if run.max_text_tokens else ""
    yield (
        f"Training parts of {len(names)} sets (by terms: {told}). Documents are those trained on{cut}; an epoch takes "
        f"about {asked:,.0f} of them, each family of a set on its own."
    )
    if run.forbidden:
        left = ", ".join(f"{name} ({licence})" for name, licence in run.forbidden.items())
        yield f"Left out by licence (`licences: {run.licences}`): {left}."
    held = f"Held out, no sentence of any part: {', '.join(run.held_out)}." if run.held_out else "Nothing was held out."
    for name, (count, of) in run.lost_types.items():
        held += f" {name} lost the {count} types that it shares with {', '.join(of)}."
    for name, types in run.unseen.items():
        held += f" Of {name}, training did not see {', '.join(types)}."
    yield held
    by_size = sorted(run.removed.items(), key=lambda item: -item[1])
    left = ", ".join(f"{name} {count:,}" for name, count in by_size if count)
    check = (
        f"The leak check compared every training document with {run.sentences:,} sentences of {len(run.parts)} parts "
        f"(dev and test parts of the catalogue, every part of what is held out) and took "
        f"{sum(run.removed.values()):,} whole documents{' before they were cut' if cut else ''}"
        f"{f': {left}' if left else ''}."
    )
    yield check + (f" Not there, so not compared: {', '.join(run.absent)}." if run.absent else "")


if __name__ == "__main__":
    app()
