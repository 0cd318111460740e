# SPDX-License-Identifier: Apache-2.0
"""The figures of the model card: F1 by part with grounded decoding on and off, in one run.

python recipes/figures.py --model nano --output runs/figures
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import rich
import torch
import typer

from loremill.evaluation import Table
from loremill.evaluation.run import evaluate_corpus
from loremill.models import load_model

SETS = [("conll2003", "test"), ("conll04", "test"), ("phee", "test"), ("aste_14res", "test")]
COLUMNS = ("data", "part", "decoding", "precision", "recall", "f1", "text f1", "items", "s/100", "not used")


def main(
    model: Annotated[str, typer.Option(help="name or folder")] = "nano",
    output: Annotated[Path, typer.Option(help="folder for predictions and the table")] = Path("runs/figures"),
    limit: Annotated[int, typer.Option(help="documents per set; 0: all")] = 0,
    threads: Annotated[int, typer.Option(help="torch threads; 0: torch's choice")] = 0,
) -> None:
    """Evaluate, save and print."""
    if threads:
        torch.set_num_threads(threads)
    loaded = load_model(model)
    rows: list[tuple[str | int | float | None, ...]] = []
    for name, split in SETS:
        for grammar in (True, False):
            decoding = "grounded" if grammar else "free"
            done = evaluate_corpus(
                name, split, loaded, grammar=grammar, limit=limit, output=output / f"{name}-{split}-{decoding}"
            )
            lost = ", ".join(f"{count} {reason}" for reason, count in done.rejected.items())
            for part, score in done.strict.items():
                rows.append(
                    (
                        f"{name} {split} ({done.documents:,})",
                        part,
                        decoding,
                        score.precision,
                        score.recall,
                        score.f1,
                        done.text[part].f1,
                        score.support,
                        round(done.seconds_per_100, 1),
                        lost,
                    )
                )
            typer.echo(f"{name} {decoding}: {done.seconds:.0f} s", err=True)
            table = Table(f"strict, {model}", COLUMNS, tuple(rows))
            (output / "table.md").write_text(table.to_markdown(), encoding="utf-8")
    dev = evaluate_corpus("conll2003", "dev", loaded, limit=limit, output=output / "conll2003-dev-grounded")
    calibration = {"documents": dev.documents, "auroc": dev.auroc, "ece": dev.ece, "f1": dev.strict["entities"].f1}
    (output / "calibration.json").write_text(json.dumps(calibration, indent=2) + "\n", encoding="utf-8")
    rich.print(table.to_rich())
    typer.echo(f"scores on conll2003 dev: {json.dumps(calibration)}")


if __name__ == "__main__":
    typer.run(main)
