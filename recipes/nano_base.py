# SPDX-License-Identifier: Apache-2.0
"""A base for fair comparisons, which has read texts but seen no extraction task: arms at equal compute, and its gate.

    python recipes/nano_base.py start minilm-prefix    # weights, runs/nano_base/minilm-prefix/start
    python recipes/nano_base.py train minilm-prefix    # recipes/nano_base.yaml; --resume goes on after a stop
    python recipes/nano_base.py gate minilm-prefix     # LoRA-32 on conll2003, dev F1; --resume too
    python recipes/nano_base.py table                  # the arms so far, in Markdown

The gate: F1 of at least 60 on conll2003, and 15 on average of data sets that were held out, after a LoRA on others:

    python recipes/nano_base.py gate minilm-prefix --name zero-shot --config recipes/nano_base_zero_shot.yaml \
        --score crossner_ai,crossner_literature,crossner_politics,mit_restaurant --split test

Arms begin from MiniLM or from scratch, under each prompt mask. Of ``causal`` all tokens of a text are predicted, of the
others what follows a random first part; ``mixed`` draws one of the three for each batch, and its gate uses ``prefix``.
``uncased`` does not see the case of words, which others read in token types (from scratch the vocabulary holds it).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer
from nano import from_minilm, scratch, training_texts
from transformers.utils import logging

from loremill.evaluation import Table
from loremill.evaluation.run import evaluate_corpus, to_dict
from loremill.models import load_model
from loremill.models.prompt_mask import PromptMask
from loremill.models.wordpiece import PROMPT_PARTS
from loremill.training.loop import Progress
from loremill.training.run import train as run_training

CONFIG = Path(__file__).with_name("nano_base.yaml")
GATE = Path(__file__).with_name("nano_base_gate.yaml")
RUNS = Path("runs/nano_base")
app = typer.Typer(add_completion=False)


@dataclass(frozen=True)
class Arm:
    """Where a base comes from, and who sees whom in it."""

    is_minilm: bool
    prompt_mask: PromptMask
    is_mixed: bool = False
    reads_case: bool = True


ARMS = {
    "minilm-causal": Arm(True, "causal"),
    "minilm-blocks": Arm(True, "blocks"),
    "minilm-prefix": Arm(True, "prefix"),
    "minilm-mixed": Arm(True, "prefix", is_mixed=True),
    "minilm-prefix-uncased": Arm(True, "prefix", reads_case=False),
    "scratch-causal": Arm(False, "causal"),
    "scratch-blocks": Arm(False, "blocks"),
    "scratch-prefix": Arm(False, "prefix"),
}
Name = Annotated[str, typer.Argument(help=f"an arm: {', '.join(ARMS)}")]
Overrides = Annotated[list[str] | None, typer.Argument(help="key=value of the configuration")]
Resume = Annotated[bool, typer.Option(help="go on from the last checkpoint")]
Runs = Annotated[Path, typer.Option(help="folder of the runs")]


@app.command()
def start(
    arm: Name,
    vocab_size: Annotated[int, typer.Option(help="tokens of a vocabulary from scratch")] = 30_000,
    positions: Annotated[int, typer.Option(help="longest sequence")] = 512,
    runs: Runs = RUNS,
) -> None:
    """The weights that an arm begins with."""
    settings = _arm(arm)
    if settings.is_minilm:
        model, tokenizer = from_minilm(PROMPT_PARTS, positions)
    else:
        model, tokenizer = scratch(training_texts(CONFIG), vocab_size, positions)
    model.config.prompt_mask = settings.prompt_mask
    if not settings.reads_case:
        model.config.reads_case = False
    folder = runs / arm / "start"
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    typer.echo(f"{folder}: {model.num_parameters():,} parameters, {len(tokenizer):,} tokens")


@app.command()
def train(arm: Name, overrides: Overrides = None, resume: Resume = False, runs: Runs = RUNS) -> None:
    """Train an arm on texts."""
    mask = "mixed" if _arm(arm).is_mixed else "model"
    folder = runs / arm
    own = [f"model={folder / 'start'}", f"output={folder / 'text'}", f"prompt_mask={mask}"]
    typer.echo(run_training(CONFIG, [*(overrides or []), *own], resume=resume, on_step=_show))


@app.command()
def gate(
    arm: Name,
    overrides: Overrides = None,
    config: Annotated[Path, typer.Option(help="what the LoRA is trained on, and how")] = GATE,
    name: Annotated[str, typer.Option(help="of the gate, among those of an arm")] = "conll2003",
    score: Annotated[str, typer.Option(help="data sets, by commas")] = "conll2003",
    split: Annotated[str, typer.Option(help="their part: dev or test")] = "dev",
    limit: Annotated[int, typer.Option(help="documents of each; 0: all")] = 0,
    is_start: Annotated[bool, typer.Option("--start", help="of the arm before it read any text")] = False,
    resume: Resume = False,
    runs: Runs = RUNS,
) -> None:
    """Fine-tune a LoRA on an arm and score it, into scores.json."""
    _arm(arm)
    base = runs / arm / ("start" if is_start else "text/model")
    output = runs / arm / f"gate-{name}{'-start' if is_start else ''}"
    own = [*(overrides or []), f"model={base}", f"output={output}"]
    result = run_training(config, own, resume=resume, on_step=_show)
    model = load_model(str(base), adapter=str(output / "adapter"))
    found = {}
    for data_set in score.split(","):
        evaluation = evaluate_corpus(data_set, split, model, limit=limit)
        found[data_set] = to_dict(evaluation)
        typer.echo(evaluation.table().to_markdown())
    scores = {"steps": result.steps, "split": split, "limit": limit, "scores": found}
    (output / "scores.json").write_text(json.dumps(scores, indent=2) + "\n", encoding="utf-8")


@app.command()
def table(runs: Runs = RUNS) -> None:
    """What was gated, a row per gate of an arm: strict F1 by data set, and their mean."""
    rows = []
    for path in sorted(runs.glob("*/gate-*/scores.json")):
        read = json.loads(path.read_text(encoding="utf-8"))
        f1 = {f"{d} {p}": part["f1"] for d, found in read["scores"].items() for p, part in found["parts"].items()}
        listed = ", ".join(f"{part} {100 * value:.1f}" for part, value in f1.items())
        texts = runs / path.parts[-3] / "text/log.jsonl"
        losses = [json.loads(line)["loss"] for line in texts.read_text().splitlines()] if texts.is_file() else []
        last = sum(losses[-50:]) / len(losses[-50:]) if losses else None
        gated, of = path.parts[-2].removeprefix("gate-"), f"{read['split']} ({read['limit'] or 'all'})"
        rows.append((path.parts[-3], len(losses), last, gated, read["steps"], of, listed, sum(f1.values()) / len(f1)))
    columns = ("arm", "text steps", "text loss", "gate", "LoRA steps", "part", "strict f1", "mean f1")
    typer.echo(Table("Bases after LoRA fine-tuning", columns, tuple(rows)).to_markdown())


def _arm(name: str) -> Arm:
    if name not in ARMS:
        raise SystemExit(f"no arm {name!r}: choose of {', '.join(ARMS)}")
    return ARMS[name]


def _show(progress: Progress) -> None:
    p = progress
    if p.step % 20 == 0:
        typer.echo(f"{p.step}/{p.total_steps} epoch {p.epoch} loss {p.loss:.3f} {p.tokens_per_s:.0f} tokens/s")


if __name__ == "__main__":
    logging.set_verbosity_error()
    app()
