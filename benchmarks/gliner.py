# SPDX-License-Identifier: Apache-2.0
"""nano beside a GLiNER-small of true shape and random weights: entities, end to end, sentences per second and memory.

    python benchmarks/gliner.py --sentences 64 --rounds 3 [--json figures.json]

The shape is that of urchade/gliner_small-v2.1. Encoder: DeBERTa-v3-small, 6 layers of 768 and 128,100 tokens (card and
config.json of microsoft/deberta-v3-small on Hugging Face). Above it, by the defaults of GLiNERConfig
(gliner/config.py of github.com/urchade/GLiNER): words' first sub-tokens projected to 512, an LSTM of 256 in each
direction, the span head ``markerV0`` over spans of up to 12 words, and a score for each span and type (Zaratiana et
al., 2024, section 2, https://arxiv.org/abs/2311.08526). It reads ``<<ENT>> type ... <<SEP>> words``. Random weights
cost what trained ones do, but find nothing to choose among; quality is not compared. Token ids are drawn, one to two
for a word: the vocabulary is not there, and no tokenization in its time is in GLiNER's favour.

Each arm is a process of its own, whose peak memory is its; they take turns, a round each, on the same sentences.
"""

from __future__ import annotations

import json
import os
import random
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import rich
import torch
import typer
from extraction import SCHEMA, texts
from torch import Tensor, nn

from loremill.evaluation import Table

ARMS = ("nano float32", "nano int8", "nano bfloat16", "GLiNER-small float32")
BATCH = 16
WIDEST = 12
"""Words in the longest span, as GLiNER's ``max_width``."""


def mlp(d_in: int, d_out: int) -> nn.Sequential:
    """GLiNER's projection: through four times the width of what comes out."""
    return nn.Sequential(nn.Linear(d_in, d_out * 4), nn.ReLU(), nn.Dropout(0.4), nn.Linear(d_out * 4, d_out))


class SpanModel(nn.Module):
    """Scores of all spans of up to 12 words for each type, ``(batch, words, 12, types)``."""

    def __init__(self, size: int = 512) -> None:
        super().__init__()
        from transformers import DebertaV2Config, DebertaV2Model

        config = DebertaV2Config(
            vocab_size=128100,
            hidden_size=768,
            num_hidden_layers=6,
            num_attention_heads=12,
            intermediate_size=3072,
            max_position_embeddings=512,
            type_vocab_size=0,
            layer_norm_eps=1e-7,
            relative_attention=True,
            position_buckets=256,
            norm_rel_ebd="layer_norm",
            share_att_key=True,
            pos_att_type=["p2c", "c2p"],
            position_biased_input=False,
        )
        self.encoder = DebertaV2Model(config)
        self.projection = nn.Linear(768, size)
        self.rnn = nn.LSTM(size, size // 2, batch_first=True, bidirectional=True)
        self.start, self.end, self.out = mlp(size, size), mlp(size, size), mlp(size * 2, size)
        self.prompt = mlp(size, size)

    def forward(self, ids: Tensor, mask: Tensor, word_at: Tensor, type_at: Tensor) -> Tensor:
        hidden = self.projection(self.encoder(input_ids=ids, attention_mask=mask).last_hidden_state)
        width = hidden.shape[-1]
        words = hidden.gather(1, word_at[..., None].expand(-1, -1, width))  # (batch, words, size)
        types = self.prompt(hidden.gather(1, type_at[..., None].expand(-1, -1, width)))
        words, _ = self.rnn(words)
        starts, ends = self.start(words), self.end(words)
        count = words.shape[1]
        last = (torch.arange(count)[:, None] + torch.arange(WIDEST)).clamp(max=count - 1)
        spans = torch.cat([starts[:, :, None].expand(-1, -1, WIDEST, -1), ends[:, last]], -1).relu()
        return torch.einsum("bwks,bts->bwkt", self.out(spans), types)


def gliner() -> Callable[[list[str]], object]:
    """What finds the entities of sentences with a model of random weights."""
    torch.manual_seed(0)
    model = SpanModel().eval()
    labels = [name.strip() for name in SCHEMA.split(",")]

    def read(batch: list[str]) -> object:
        rng = random.Random(0)
        drawn = [[rng.choice((1, 1, 1, 2)) for _ in text.split()] for text in batch]
        head = 3 * len(labels)  # marker and one to two pieces of each type's name, and the separator
        width = head + 2 + max(map(sum, drawn))
        words = max(map(len, drawn))
        ids = torch.zeros(len(batch), width, dtype=torch.long)
        mask, word_at = torch.zeros_like(ids), torch.zeros(len(batch), words, dtype=torch.long)
        for row, sizes in enumerate(drawn):
            length = head + 2 + sum(sizes)
            ids[row, :length] = torch.tensor([rng.randrange(5, 128000) for _ in range(length)])
            mask[row, :length] = 1
            word_at[row, : len(sizes)] = head + 1 + torch.tensor([0, *sizes[:-1]]).cumsum(0)
        type_at = torch.arange(1, head, 3).expand(len(batch), -1)
        with torch.inference_mode():
            scores = model(ids, mask, word_at, type_at).sigmoid()
        return (scores > 1.0).nonzero().tolist()

    def find(sentences: list[str]) -> object:
        ordered = sorted(sentences, key=len)  # as nano does
        return [read(ordered[i : i + BATCH]) for i in range(0, len(ordered), BATCH)]

    return find


def nano(dtype: str) -> Callable[[list[str]], object]:
    """What finds the entities of sentences with nano, grounded."""
    from loremill.extractor import Extractor
    from loremill.models import load_model

    return Extractor(load_model("nano", device="cpu", dtype=dtype, batch_size=BATCH), SCHEMA).extract


def serve(arm: str, sentences: int, threads: int) -> None:
    """A round for each line on standard input; on standard output its wall and processor seconds, and the peak MB."""
    torch.set_num_threads(threads)
    _, sample = texts(sentences)
    find = gliner() if arm.startswith("GLiNER") else nano(arm.split()[1])
    find(sample[:BATCH])
    print("ready", flush=True)
    for _ in sys.stdin:
        wall, cpu = time.perf_counter(), time.process_time()
        find(sample)
        took = [time.perf_counter() - wall, time.process_time() - cpu]
        print(json.dumps([*took, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024]), flush=True)


def main(
    sentences: Annotated[int, typer.Option(help="per arm and round")] = 64,
    rounds: Annotated[int, typer.Option(help="turns of all arms")] = 3,
    threads: Annotated[int, typer.Option(help="torch threads of each arm")] = 2,
    output: Annotated[Path | None, typer.Option("--json", help="write the figures there")] = None,
    arm: Annotated[str, typer.Option(help="internal: be this arm's process", hidden=True)] = "",
) -> None:
    """Time the arms and print a table."""
    if arm:
        serve(arm, sentences, threads)
        return
    own = [sys.executable, __file__, "--sentences", str(sentences), "--threads", str(threads)]
    running: dict[str, Any] = {}
    for name in ARMS:
        running[name] = subprocess.Popen(  # noqa: S603 - this program
            [*own, "--arm", name],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "OMP_NUM_THREADS": str(threads)},
        )
        if running[name].stdout.readline() != "ready\n":
            raise SystemExit(f"arm {name!r} did not start")
    found: dict[str, list[list[float]]] = {name: [] for name in ARMS}
    for _ in range(rounds):
        for name, process in running.items():
            process.stdin.write("go\n")
            process.stdin.flush()
            found[name].append(json.loads(process.stdout.readline()))
    for process in running.values():
        process.stdin.close()
        process.wait()
    source, sample = texts(sentences)
    last = [cpu for _, cpu, _ in found[ARMS[-1]]]
    figures = {
        name: {
            "sentences_per_second": len(sample) / statistics.median(wall for wall, _, _ in took),
            "sentences_per_cpu_second": len(sample) / statistics.median(cpu for _, cpu, _ in took),
            "times_gliner": statistics.median(other / cpu for (_, cpu, _), other in zip(took, last, strict=True)),
            "peak_mb": took[-1][2],
        }
        for name, took in found.items()
    }
    rows = tuple((name, *figure.values()) for name, figure in figures.items())
    title = f"{len(sample)} sentences of {source}, {len(SCHEMA.split(','))} types, batch {BATCH}, {threads} threads"
    columns = ("arm", "sentences/s", "sentences/CPU-s", "times GLiNER-small (CPU)", "peak MB")
    rich.print(Table(f"{title}, median of {rounds}", columns, rows, digits=2).to_rich())
    if output is not None:
        output.write_text(json.dumps({"title": title, "rounds": rounds, "arms": figures}, indent=1), encoding="utf-8")


if __name__ == "__main__":
    typer.run(main)
