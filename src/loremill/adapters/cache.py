# SPDX-License-Identifier: Apache-2.0
"""What is fixed at the prompt, kept with the key-value cache.

It stands in the cache as one more layer, behind those of the model, so that whatever is done to the cache's rows
(beams reordered, rows selected or repeated) is done to it. Cropping leaves it: an answer's tokens do not change it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from torch import Tensor
from transformers.cache_utils import DummyLayer

from .context import Pass, RoutingContext


class RoutingLayer(DummyLayer):
    """Task embeddings, capabilities and gates of the rows of a cache."""

    is_croppable = True

    def __init__(self, context: RoutingContext, fixed: dict[str, Tensor]) -> None:
        super().__init__()
        self.context = context
        self.fixed = fixed

    def reorder_cache(self, beam_idx: Tensor) -> None:
        self._change(lambda value: value.index_select(0, beam_idx.to(value.device)), self.context.select(beam_idx))

    def batch_repeat_interleave(self, repeats: int) -> None:
        self._change(lambda value: value.repeat_interleave(repeats, dim=0), self.context.repeat(repeats))

    def batch_select_indices(self, indices: Tensor) -> None:
        self.reorder_cache(indices)

    def get_seq_length(self) -> int:
        return 0

    def get_max_length(self) -> int:
        return -1

    def _change(self, change: Callable[[Tensor], Tensor], context: RoutingContext) -> None:
        self.fixed = {layer: change(value) for layer, value in self.fixed.items()}
        self.context = context


def kept_in(cache: Any) -> RoutingLayer | None:
    """What an earlier pass put into the cache; None of no cache, an empty one or one made without."""
    layers = _layers(cache)
    if not layers or not cache.get_seq_length():
        return None
    return next((layer for layer in layers if isinstance(layer, RoutingLayer)), None)


def keep(cache: Any, running: Pass) -> None:
    """Put what a pass over prompts fixed into its cache, in the place of what stood there."""
    layers = _layers(cache)
    if layers is None or running.context.items is not None:
        return
    layers[:] = [layer for layer in layers if not isinstance(layer, RoutingLayer)]
    context = RoutingContext(
        task=running.context.task, capabilities=running.context.capabilities, forced=running.context.forced
    )
    if context.item_count is not None or context.forced is not None or running.fixed:
        layers.append(RoutingLayer(context, {layer: value.detach() for layer, value in running.fixed.items()}))


def _layers(cache: Any) -> list[Any] | None:
    return getattr(getattr(cache, "self_attention_cache", cache), "layers", None)
