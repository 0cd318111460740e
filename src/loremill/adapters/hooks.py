# SPDX-License-Identifier: Apache-2.0
"""Hooks on a base model that give each of its forward passes a `Pass`, whoever calls it.

They stand on the model itself, so that ``generate``, a Trainer and transformers' ``load_adapter`` go through them.
"""

from __future__ import annotations

import functools
from dataclasses import replace
from typing import Any

from torch import nn

from ..errors import AdapterError
from .cache import keep, kept_in
from .context import Pass, RoutingContext, current_scope, enter, leave, recomputation_contexts

_HANDLES = "_loremill_routing_hooks"


def install(model: nn.Module) -> None:
    """Put the hooks on a model, once."""
    if not hasattr(model, _HANDLES):
        before = model.register_forward_pre_hook(_begin, with_kwargs=True)
        after = model.register_forward_hook(_end, with_kwargs=True, always_call=True)
        setattr(model, _HANDLES, (before, after))


def remove(model: nn.Module) -> None:
    for handle in getattr(model, _HANDLES, ()):
        handle.remove()
    if hasattr(model, _HANDLES):
        delattr(model, _HANDLES)


def _begin(model: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
    if model.training:
        _follow_checkpointing(model)
    rows, device = _rows(args, kwargs)
    scope = current_scope()
    kept = kept_in(kwargs.get("past_key_values"))
    if kept is not None:
        running = Pass(kept.context, rows, kept=kept.fixed, scope=scope)
    else:
        context = (scope.context if scope is not None else RoutingContext()).to(device)
        if context.real is None and context.items is None:
            context = _with_padding(context, kwargs.get("attention_mask"))
        running = Pass(_for_rows(context, rows), rows, scope=scope)
    model._loremill_pass = (running, enter(running))


def _end(model: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any], output: Any) -> None:
    running, token = model.__dict__.pop("_loremill_pass", (None, None))
    if running is None:
        return
    leave(token)
    if running.is_first and output is not None:
        keep(getattr(output, "past_key_values", None) or kwargs.get("past_key_values"), running)


def _rows(args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[int, Any]:
    given = args[0] if args else kwargs.get("input_ids")
    given = given if given is not None else kwargs.get("inputs_embeds")
    if given is None:
        raise AdapterError("a model with experts needs input_ids or inputs_embeds")
    return given.shape[0], given.device


def _with_padding(context: RoutingContext, mask: Any) -> RoutingContext:
    """The context with the padding that a plain attention mask tells of."""
    if mask is None or getattr(mask, "ndim", 0) != 2:
        return context
    return replace(context, real=mask.bool())


def _for_rows(context: RoutingContext, rows: int) -> RoutingContext:
    """The context for a pass of so many rows, which ``generate`` may have repeated.

    Raises:
        AdapterError: the rows are no multiple of those that it is about.
    """
    given = {v.shape[0] for v in (context.task, context.capabilities) if v is not None and context.items is None}
    given |= {v.shape[0] for v in (context.instruction, context.items) if v is not None}
    if context.forced is not None and context.forced.ndim == 2 and context.items is None:
        given.add(context.forced.shape[0])
    if not given:
        return context
    known = min(given)
    if len(given) > 1 or rows % known:
        raise AdapterError(f"the batch has {rows} rows, but the routing context is about {sorted(given)}")
    if rows == known:
        return context
    real = context.real  # of the repeated rows already, when it came from the attention mask
    fits = real is not None and real.shape[0] == rows
    repeated = (replace(context, real=None) if fits else context).repeat(rows // known)
    return replace(repeated, real=real) if fits else repeated


def _follow_checkpointing(model: nn.Module) -> None:
    """Let gradient checkpointing recompute under the pass that it first ran in.

    Raises:
        AdapterError: the reentrant kind, which drops the gradients of routers in silence.
    """
    if not getattr(model, "is_activation_checkpointing", False):
        return
    for module in model.modules():
        run = getattr(module, "_gradient_checkpointing_func", None)
        if run is None or not getattr(module, "gradient_checkpointing", False):
            continue
        settings = getattr(run, "keywords", {})
        if settings.get("use_reentrant") is not False:
            raise AdapterError(
                "gradient checkpointing of experts needs use_reentrant=False: "
                'gradient_checkpointing_enable(gradient_checkpointing_kwargs={"use_reentrant": False})'
            )
        given = settings.get("context_fn")
        if given is recomputation_contexts:
            continue
        if given is not None:
            raise AdapterError("gradient checkpointing of experts has a context_fn of its own: leave out yours")
        module._gradient_checkpointing_func = functools.partial(run, context_fn=recomputation_contexts)
