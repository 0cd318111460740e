# SPDX-License-Identifier: Apache-2.0
"""Routing weights as they were used, for plots and analyses; nothing is kept outside `record_routing`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field

import torch
from torch import Tensor


@dataclass(slots=True)
class RoutingRecord:
    """Weights of the experts, by layer (its path in the model) in the order in which layers first ran.

    Sums stay on the device; reading a value is what synchronises with it.
    """

    items: dict[str, list[Tensor]] = field(default_factory=dict)
    """Mean over an item's real tokens, ``(items, experts)`` per pass over prompts."""
    sums: dict[str, Tensor] = field(default_factory=dict)
    counts: dict[str, Tensor] = field(default_factory=dict)

    @property
    def layers(self) -> list[str]:
        return list(self.sums)

    def mean(self, layer: str) -> Tensor:
        """Mean weight of each expert of a layer over all real tokens seen, ``(experts,)``, float32."""
        return self.sums[layer] / self.counts[layer].clamp(min=1)

    def by_item(self) -> Tensor:
        """Each item's mean weights, all layers side by side, ``(items, layers * experts)`` (TA-MoELoRA, figure 6)."""
        return torch.cat([torch.cat(weights) for weights in self.items.values()], dim=1)

    def add(self, layer: str, weights: Tensor, real: Tensor, *, is_prompt: bool) -> None:
        """Add a pass: weights ``(rows, tokens, experts)`` and which tokens are real, ``(rows, tokens)``."""
        chosen = weights.masked_fill(~real[..., None], 0.0)
        count = real.sum()
        total = chosen.sum((0, 1))
        self.sums[layer] = self.sums[layer] + total if layer in self.sums else total
        self.counts[layer] = self.counts[layer] + count if layer in self.counts else count
        if is_prompt:
            mean = chosen.sum(1) / real.sum(1).clamp(min=1)[:, None]
            self.items.setdefault(layer, []).append(mean)


_RECORD: ContextVar[RoutingRecord | None] = ContextVar("loremill_routing_record", default=None)


@contextmanager
def record_routing() -> Iterator[RoutingRecord]:
    """Record the routing weights of every pass inside.

    Items are rows: of packed rows `RoutingRecord.by_item` holds the means of rows.
    """
    record = RoutingRecord()
    token = _RECORD.set(record)
    try:
        yield record
    finally:
        _RECORD.reset(token)


def current_record() -> RoutingRecord | None:
    return _RECORD.get()
