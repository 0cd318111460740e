# SPDX-License-Identifier: Apache-2.0
"""Attention in training on a CPU: by rows, as ``loremill train`` has it, against torch and transformers.

    python benchmarks/attention.py --lengths 100,190,350

Forward and backward of one layer of nano's width (12 heads of 32) in bfloat16, right-padded batches under a prefix
mask. Figures are medians of rounds taken in turn, in processor time of one thread; ratios are to ours.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from statistics import median
from types import SimpleNamespace
from typing import Annotated

import torch
import typer
from torch import Tensor
from torch.nn.attention import SDPBackend, sdpa_kernel
from transformers.integrations.sdpa_attention import sdpa_attention_forward
from transformers.models.bert.modeling_bert import eager_attention_forward

from loremill.evaluation import Table
from loremill.training.attention import rows_attention

HEADS, WIDTH = 12, 32
MODULE = SimpleNamespace(training=True, is_causal=False, layer_idx=0)
Arm = tuple[Callable[..., tuple[Tensor, object]], Callable[[], AbstractContextManager[object]], bool]
ARMS: dict[str, Arm] = {
    "by rows": (rows_attention, nullcontext, False),
    "torch, plain": (sdpa_attention_forward, lambda: sdpa_kernel(SDPBackend.MATH), False),
    "torch, fused": (sdpa_attention_forward, lambda: sdpa_kernel(SDPBackend.FLASH_ATTENTION), False),
    "transformers, eager": (eager_attention_forward, nullcontext, True),
}
"""Function, what it runs in, and whether its mask is added."""


def main(
    lengths: Annotated[str, typer.Option(help="tokens of the longest row")] = "100,190,350",
    batch: Annotated[int, typer.Option(min=1, help="rows")] = 32,
    rounds: Annotated[int, typer.Option(min=1, help="of which the median is taken")] = 7,
) -> None:
    """Measure and print."""
    torch.set_num_threads(1)
    rows = []
    for tokens in map(int, lengths.split(",")):
        torch.manual_seed(0)
        inputs = [torch.randn(batch, HEADS, tokens, WIDTH).bfloat16().requires_grad_() for _ in range(3)]
        mask = _mask(batch, tokens)
        seconds: dict[str, list[float]] = {name: [] for name in ARMS}
        for _ in range(rounds + 1):
            for name, arm in ARMS.items():
                seconds[name].append(_seconds(arm, inputs, mask))
        medians = {name: median(taken[1:]) for name, taken in seconds.items()}
        rows += [
            (tokens, name, round(1000 * taken), round(taken / medians["by rows"], 2)) for name, taken in medians.items()
        ]
    title = f"one layer, {batch} rows, forward and backward"
    print(Table(title, ("tokens", "attention", "ms", "ratio"), tuple(rows)).to_markdown())


def _mask(batch: int, tokens: int) -> Tensor:
    """Nine tenths of each row are its prompt; rows get shorter by up to a fifth, and padding sees itself."""
    mask = torch.ones(batch, 1, tokens, tokens, dtype=torch.bool).tril()
    mask[..., : tokens * 9 // 10] = True
    for row in range(batch):
        end = tokens - row * tokens // (5 * batch)
        mask[row, :, :, end:] = mask[row, :, end:] = False
    return mask | torch.eye(tokens, dtype=torch.bool)


def _seconds(arm: Arm, inputs: list[Tensor], mask: Tensor) -> float:
    attend, scope, is_added = arm
    if is_added:
        mask = torch.zeros_like(mask, dtype=torch.bfloat16).masked_fill_(~mask, torch.finfo(torch.bfloat16).min)
    started = time.process_time()
    with scope():
        mixed, _ = attend(MODULE, *inputs, mask, scaling=WIDTH**-0.5)
    mixed.sum().backward()
    taken = time.process_time() - started
    for tensor in inputs:
        tensor.grad = None
    return taken


if __name__ == "__main__":
    typer.run(main)
