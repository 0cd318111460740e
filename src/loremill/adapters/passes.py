# SPDX-License-Identifier: Apache-2.0
"""A running forward pass: what the layers of a model with experts read while it lasts.

The hooks on a model (`hooks.py`) make a `Pass` of the scope's context; a recomputation of gradient checkpointing, which
runs in the backward pass when the scope is closed, reads a replay of it.
"""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from contextvars import ContextVar
from typing import Any

import torch
from torch import Tensor

from ..errors import AdapterError
from .context import RoutingContext, Scope
from .precision import wide


class Pass:
    """One forward pass: the context for its rows, and what is fixed once the prompt was read.

    Args:
        context: for exactly the rows of this pass.
        rows: of the input.
        kept: what an earlier pass over the same rows' prompts fixed, by layer; None in the first.
    """

    def __init__(
        self, context: RoutingContext, rows: int, *, kept: dict[str, Tensor] | None = None, scope: Scope | None = None
    ) -> None:
        self.context = context
        self.rows = rows
        self.kept = kept
        self.fixed: dict[str, Tensor] = {} if kept is None else kept
        self.scope = scope
        self.is_replay = False
        self._items: int | None = None
        self._has_instructions = False

    @property
    def items(self) -> int:
        """How many items the pass is about: its rows, unless these are packed with several."""
        if self._items is None:
            packed = self.context.items
            self._items = self.rows if packed is None else self.context.item_count or int(packed.max()) + 1
        return self._items

    @property
    def is_first(self) -> bool:
        """Whether nothing was fixed before: the pass reads the prompts."""
        return self.kept is None

    def replay(self) -> Pass:
        """The same pass for a recomputation: it reads alike and adds nothing to statistics, records or the cache."""
        again = Pass(self.context, self.rows, kept=self.kept)
        again.fixed = dict(self.fixed)
        again._items, again._has_instructions = self._items, self._has_instructions
        if self.scope is not None:  # what it collects is thrown away, but made of the same operations
            again.scope = Scope(self.scope.context, self.scope.collect)
        again.is_replay = True
        return again

    def need(self, name: str, who: str) -> Tensor:
        """A value of the context.

        Raises:
            AdapterError: it was not given.
        """
        value: Tensor | None = getattr(self.context, name)
        if value is None:
            raise AdapterError(
                f"{who} needs {name!r} of the batch and was not given it: call the model inside "
                f"routed(RoutingContext({name}=...)), or pass {name}=... to the model with its adapter"
            )
        return value

    def spread(self, per_item: Tensor) -> Tensor:
        """Values per item, ``(items, k)``, for every token: ``(rows, 1, k)``, or ``(rows, tokens, k)`` of packed rows.

        Raises:
            AdapterError: rows and items differ in number, and no ``items`` say which token belongs where.
        """
        if self.context.items is not None:
            return per_item[self.context.items.clamp(min=0)]
        if per_item.shape[0] != self.rows:
            raise AdapterError(f"values of {per_item.shape[0]} items were given for {self.rows} rows")
        return per_item[:, None]

    def instruction_mean(self, values: Tensor, who: str) -> Tensor:
        """The mean of ``values`` ``(rows, tokens, k)`` over each item's instruction, ``(items, k)``.

        Raises:
            AdapterError: no instruction was given, it is of other tokens, or an item has none.
        """
        chosen = self.need("instruction", who)
        if chosen.shape != values.shape[:2]:
            raise AdapterError(
                f"{who} was given the instruction of {tuple(chosen.shape)} tokens for an input of "
                f"{tuple(values.shape[:2])}: an instruction is read in one piece"
            )
        items = self.context.items
        chosen = chosen.bool() if items is None else chosen.bool() & (items >= 0)
        values = wide(values).masked_fill(~chosen[..., None], 0.0)  # what padding holds may be no number
        weight = chosen.to(values.dtype)
        if items is None:
            total, count = values.sum(1), weight.sum(1)
        else:
            where = items.clamp(min=0).flatten()
            total = values.new_zeros(self.items, values.shape[-1]).index_add(0, where, values.flatten(0, 1))
            count = weight.new_zeros(self.items).index_add(0, where, weight.flatten())
        self._refuse_empty(count, who)
        return total / count[:, None]

    def _refuse_empty(self, count: Tensor, who: str) -> None:
        """Once a pass, for looking waits for the device.

        Raises:
            AdapterError: an item has no token to take a mean of.
        """
        if self._has_instructions:
            return
        empty = (count == 0).nonzero()[:, 0].tolist()
        if empty:
            raise AdapterError(
                f"{who} takes the mean over an item's 'instruction', and items {empty} have no token marked: mark the "
                "tokens of instruction and schema"
            )
        self._has_instructions = True

    def real_tokens(self, shape: torch.Size, who: str) -> Tensor:
        """Tokens that are no padding, ``(rows, tokens)``, bool.

        Raises:
            AdapterError: it is not known, or of other tokens.
        """
        real = self._real
        if real is None or real.shape != shape:
            given = "" if real is None else f", got {tuple(real.shape)}"
            raise AdapterError(
                f"{who} needs to know which tokens are padding: give real=... of shape {tuple(shape)}{given}"
            )
        return real

    def real_or_all(self, shape: torch.Size | tuple[int, ...], device: torch.device) -> Tensor:
        """As `real_tokens`; all of them where it is not known or is about other tokens than ``shape``."""
        real = self._real
        if real is None or real.shape != torch.Size(shape):
            return torch.ones(shape, dtype=torch.bool, device=device)
        return real

    @property
    def _real(self) -> Tensor | None:
        if self.context.real is None and self.context.items is not None:
            return self.context.items >= 0
        return None if self.context.real is None else self.context.real.bool()


_PASS: ContextVar[Pass | None] = ContextVar("loremill_routing_pass", default=None)


def current_pass(who: str) -> Pass:
    """The running forward pass of the model that a layer belongs to.

    Raises:
        AdapterError: there is none: the layer was called outside its model.
    """
    running = _PASS.get()
    if running is None:
        raise AdapterError(f"{who} was called outside its model's forward pass, which tells it about the batch")
    return running


def enter(running: Pass) -> Any:
    """Make a pass the running one; returns what `leave` takes."""
    return _PASS.set(running)


def leave(token: Any) -> None:
    _PASS.reset(token)


class _Recomputation(AbstractContextManager[None]):
    """A replay of a pass each time that it is entered: once for each backward pass through the same graph."""

    def __init__(self, running: Pass) -> None:
        self._running = running
        self._tokens: list[Any] = []

    def __enter__(self) -> None:
        self._tokens.append(enter(self._running.replay()))

    def __exit__(self, *error: object) -> None:
        leave(self._tokens.pop())


def recomputation_contexts() -> tuple[AbstractContextManager[None], AbstractContextManager[None]]:
    """Contexts of a checkpointed forward and of its recomputation, for ``context_fn`` of gradient checkpointing.

    The recomputation, which runs in the backward pass when the scope is closed, reads the same pass again.
    """
    running = _PASS.get()
    return nullcontext(), nullcontext() if running is None else _Recomputation(running)
