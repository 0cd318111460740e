# SPDX-License-Identifier: Apache-2.0
"""What is fixed at the prompt, kept with the key-value cache.

It stands in the cache as one more layer, behind those of the model, so that whatever is done to the cache's rows
(beams reordered, rows selected or repeated) is done to it. Cropping an answer leaves it, for an answer's tokens do not
change it; a cache cropped into an instruction has lost what its gates were fixed by, and keeps them no more.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from torch import Tensor
from transformers.cache_utils import DummyLayer

from .context import RoutingContext
from .passes import Pass


class RoutingLayer(DummyLayer):
    """Task embeddings, capabilities and gates of the rows of a cache."""

    is_croppable = True

    def __init__(self, context: RoutingContext, fixed: dict[str, Tensor], instruction: Tensor | None = None) -> None:
        super().__init__()
        self.context = context
        self.fixed = fixed
        self._instruction = instruction  # of the prompts, (rows, tokens), when gates were fixed by it
        self._is_cropped = False

    def crop(self, tokens_to_remove: int) -> None:
        self._is_cropped = True

    def holds(self, tokens: int) -> bool:
        """Whether the instructions are still in a cache of so many tokens; looks only when it was cropped."""
        if not self._is_cropped or self._instruction is None:
            return True
        return not bool(self._instruction[:, tokens:].any())

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
        self._instruction = None if self._instruction is None else change(self._instruction)
        self.context = context


def kept_in(cache: Any) -> RoutingLayer | None:
    """What an earlier pass put into the cache; None of no cache, an empty one or one made without."""
    layers = _layers(cache)
    found = next((layer for layer in layers or () if isinstance(layer, RoutingLayer)), None)
    tokens = cache.get_seq_length() if found is not None else 0
    return found if found is not None and tokens and found.holds(int(tokens)) else None


def keep(cache: Any, running: Pass) -> None:
    """Put what a pass over prompts fixed into its cache, in the place of what stood there."""
    layers = _layers(cache)
    if layers is None or running.context.items is not None:
        return
    layers[:] = [layer for layer in layers if not isinstance(layer, RoutingLayer)]
    context = RoutingContext(
        task=running.context.task, capabilities=running.context.capabilities, forced=running.context.forced
    )
    fixed = {layer: value.detach() for layer, value in running.fixed.items()}
    # also where nothing was fixed: the layer tells later passes that the prompts were read
    layers.append(RoutingLayer(context, fixed, running.context.instruction if fixed else None))


def _layers(cache: Any) -> list[Any] | None:
    return getattr(getattr(cache, "self_attention_cache", cache), "layers", None)
