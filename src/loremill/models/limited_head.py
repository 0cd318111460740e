# SPDX-License-Identifier: Apache-2.0
"""A language model's head computed for some tokens only: those that a grammar allows next.

A grammar of entities allows a few hundred of 30,000 tokens, and a distribution renormalised over what it
allows needs no other logit, so the result is exact but for the rounding of a shorter matrix product. It works on
every model whose head is a plain linear layer, tied to the embedding or not; others keep their whole head.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import partial
from typing import Any

from torch import Tensor, nn
from torch.nn import functional

Wanted = Callable[[int], Tensor | None]
"""Takes the head's number of rows; gives the tokens whose logits are wanted, ``(wanted,)``, or None for all."""

_WANTED: ContextVar[Wanted | None] = ContextVar("wanted", default=None)


@contextmanager
def limited_head(model: Any, wanted: Wanted) -> Iterator[None]:
    """A scope in which the model's logits are ``(..., wanted)``, in the order of the tokens that ``wanted`` gives.

    ``wanted`` is called whenever the head is; it never is where the head cannot be limited: one that is no plain
    `torch.nn.Linear` (adapted, quantized), has hooks, or is not in memory. Other threads see the whole head.
    """
    head = model.get_output_embeddings()
    if not _is_plain(head):
        yield
        return
    if "forward" not in vars(head):
        head.forward = partial(_forward, head)
    token = _WANTED.set(wanted)
    try:
        yield
    finally:
        _WANTED.reset(token)


def _is_plain(head: Any) -> bool:
    if type(head) is not nn.Linear or head.weight.is_meta or head._forward_hooks or head._forward_pre_hooks:
        return False
    own = vars(head).get("forward")  # accelerate puts its own there
    return own is None or getattr(own, "func", None) is _forward


def _forward(head: nn.Linear, hidden_states: Tensor) -> Tensor:
    wanted = _WANTED.get()
    tokens = wanted(head.out_features) if wanted is not None else None
    if tokens is None:
        return functional.linear(hidden_states, head.weight, head.bias)
    tokens = tokens.to(head.weight.device)
    bias = head.bias[tokens] if head.bias is not None else None
    return functional.linear(hidden_states, head.weight[tokens], bias)
