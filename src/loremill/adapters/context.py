# SPDX-License-Identifier: Apache-2.0
"""What a gate needs beside the hidden state, and how it reaches the layers: in a scope, never by unknown keywords.

A caller describes its batch in a `RoutingContext` and opens a scope with it::

    with routed(RoutingContext(instruction=mask, task=embeddings)):
        model(input_ids=...)        # or model.generate(...)

Every forward pass of a model with experts then makes a `Pass` of it (`passes.py`), which its layers read.
A value that a gate needs and was not given raises; nothing is guessed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, fields, replace
from typing import Any

import torch
from torch import Tensor

from ..errors import AdapterError

_AXES = {
    "real": "(batch, tokens)",
    "instruction": "(batch, tokens)",
    "items": "(batch, tokens)",
    "task": "(items, d_task)",
    "capabilities": "(items, 3)",
    "forced": "(3,) or (items, 3)",
}


@dataclass(frozen=True, slots=True)
class RoutingContext:
    """What is known of a batch. An *item* is a prompt with its answer; without ``items`` each row is one.

    Args:
        real: tokens that are no padding, ``(batch, tokens)``, bool.
        instruction: tokens of instruction and schema, ``(batch, tokens)``, bool.
        items: number of the item that a token belongs to, -1 of padding, ``(batch, tokens)``, long: rows that are
            packed with several items.
        task: task embeddings, ``(items, d_task)``.
        capabilities: which of judging, locating and associating an item's task needs, ``(items, 3)``, 0 or 1.
        forced: weights of the three that replace the gate's own, ``(3,)``, or ``(items, 3)`` with NaN where the
            gate's own stay.

    Raises:
        AdapterError: one has not these axes.
    """

    real: Tensor | None = None
    instruction: Tensor | None = None
    items: Tensor | None = None
    task: Tensor | None = None
    capabilities: Tensor | None = None
    forced: Tensor | None = None

    def __post_init__(self) -> None:
        for name, axes in _AXES.items():
            value: Tensor | None = getattr(self, name)
            if value is not None and value.ndim != 2 and not (name == "forced" and value.ndim == 1):
                raise AdapterError(f"{name!r} of a batch needs the axes {axes}, got {tuple(value.shape)}")

    def repeat(self, times: int) -> RoutingContext:
        """Each row ``times`` times in turn, as ``generate`` repeats them for beams and several return sequences.

        Raises:
            AdapterError: rows hold several items.
        """
        if times == 1:
            return self
        if self.items is not None:
            raise AdapterError("rows packed with several items cannot be repeated: leave out items")
        return self._on_rows(lambda value: value.repeat_interleave(times, dim=0))

    def select(self, rows: Tensor) -> RoutingContext:
        """The rows of these numbers; each is to be one item."""
        if self.items is not None:
            raise AdapterError("of rows packed with several items none can be selected: leave out items")
        return self._on_rows(lambda value: value.index_select(0, rows.to(value.device)))

    def to(self, device: torch.device) -> RoutingContext:
        return self._on_rows(lambda value: value.to(device), shared=True)

    @property
    def item_count(self) -> int | None:
        """Items it is about; None when it says nothing of items."""
        for value in (self.task, self.capabilities, self.forced if _has_rows(self.forced) else None):
            if value is not None:
                return value.shape[0]
        return None

    def _on_rows(self, change: Callable[[Tensor], Tensor], *, shared: bool = False) -> RoutingContext:
        values = {f.name: getattr(self, f.name) for f in fields(self)}
        kept = {"forced"} if not shared and not _has_rows(self.forced) else set()
        return RoutingContext(**{n: v if v is None or n in kept else change(v) for n, v in values.items()})


ROUTING_KEYS = tuple(f.name for f in fields(RoutingContext))


def _has_rows(forced: Tensor | None) -> bool:
    return forced is not None and forced.ndim == 2


@dataclass(slots=True)
class Statistics:
    """What the auxiliary losses read of one layer's gate in one pass.

    Args:
        capabilities: logits of the high-level gate, ``(items, 3)``, float32; None when the gate was hard or forced.
        active: whether a capability took part in any item, ``(3,)``, bool.
        weight_sum: the low-level gates' weights summed over tokens, ``(3, sub-experts)``, float32.
        tokens: how many tokens that were, a scalar.
    """

    capabilities: Tensor | None
    active: Tensor
    weight_sum: Tensor
    tokens: Tensor


@dataclass(slots=True)
class Scope:
    """An open scope: the context, and what the gates of the passes in it told (by layer) when ``collect`` is set.

    The passes that tell are those of one ``model``, the first that runs in the scope: a teacher's would replace them.
    """

    context: RoutingContext
    collect: bool = False
    statistics: dict[str, Statistics] = field(default_factory=dict)
    model: Any = None


_SCOPE: ContextVar[Scope | None] = ContextVar("loremill_routing_scope", default=None)


@contextmanager
def routed(context: RoutingContext | None = None, *, collect: bool = False, **values: Tensor | None) -> Iterator[Scope]:
    """A scope in which models with experts read ``context``, or one made of ``values``.

    Args:
        collect: gather what auxiliary losses need, in `Scope.statistics`.
    """
    scope = Scope(replace(context or RoutingContext(), **values), collect)
    token = _SCOPE.set(scope)
    try:
        yield scope
    finally:
        _SCOPE.reset(token)


def current_scope() -> Scope | None:
    """The innermost open scope."""
    return _SCOPE.get()
