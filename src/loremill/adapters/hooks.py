# SPDX-License-Identifier: Apache-2.0
"""Hooks on a base model that give each of its forward passes a `Pass`, whoever calls it.

They stand on the model itself, so that ``generate``, a Trainer, PEFT's wrappers and transformers' ``load_adapter`` all
go through them. They take routing values out of the model's keywords, refuse keywords that nothing reads, and in
training with ``labels`` add the auxiliary losses to the output's loss.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from ..errors import AdapterError, UnknownNameError
from .cache import keep, kept_in
from .context import ROUTING_KEYS, RoutingContext, Scope, current_scope
from .passes import Pass, enter, leave, recomputation_contexts

Losses = Callable[[Scope], dict[str, tuple[float, Tensor]]]
"""Weight and value, by name, of the auxiliary losses of what a scope collected."""

_HANDLES = "_loremill_routing_hooks"
_IGNORED = -100  # label of a token without loss, as in torch's cross_entropy


@dataclass(frozen=True, slots=True)
class _Running:
    """A forward pass that has begun and not ended."""

    model: nn.Module
    routing: Pass
    token: Any
    adds_losses: bool


_RUNNING: ContextVar[tuple[_Running, ...]] = ContextVar("loremill_running_passes", default=())
"""Of this thread or task, the innermost last: two of them may run the same model at once."""


def install(model: nn.Module, losses: Losses) -> None:
    """Put the hooks on a model, in the place of those that stand there."""
    remove(model)
    before = model.register_forward_pre_hook(_begin, with_kwargs=True)
    after = model.register_forward_hook(functools.partial(_end, losses), with_kwargs=True, always_call=True)
    setattr(model, _HANDLES, (before, after))


def remove(model: nn.Module) -> None:
    """Take the hooks off a model, if it has any."""
    for handle in model.__dict__.pop(_HANDLES, ()):
        handle.remove()


def _begin(model: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
    values = {name: kwargs[name] for name in ROUTING_KEYS if kwargs.get(name) is not None}
    kwargs = {name: value for name, value in kwargs.items() if name not in ROUTING_KEYS}
    given = _by_name(model, args, kwargs)
    if model.training:
        _follow_checkpointing(model)
    adds_losses = model.training and torch.is_grad_enabled() and given.get("labels") is not None
    scope = _scope(model, values, adds_losses)
    routing = _pass(given, scope, from_keywords=bool(values))
    adds_losses = adds_losses and scope is not None and scope is not current_scope() and scope.collect
    _forget(model)
    _RUNNING.set((*_RUNNING.get(), _Running(model, routing, enter(routing), adds_losses)))
    return args, kwargs


def _forget(model: nn.Module) -> None:
    """Leave a pass that was cut off by what is no error (Ctrl-C), after which torch calls no hooks."""
    stack = _RUNNING.get()
    first = next((i for i, running in enumerate(stack) if running.model is model), len(stack))
    for running in reversed(stack[first:]):
        leave(running.token)
    _RUNNING.set(stack[:first])


def _end(losses: Losses, model: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any], output: Any) -> Any:
    stack = _RUNNING.get()
    if not stack or stack[-1].model is not model:  # the pass was refused before it began
        return None
    running = stack[-1]
    _RUNNING.set(stack[:-1])
    leave(running.token)
    if output is None:  # the model raised
        return None
    given = _by_name(model, args, kwargs)
    if running.routing.is_first:
        keep(getattr(output, "past_key_values", None) or given.get("past_key_values"), running.routing)
    if not running.adds_losses or running.routing.scope is None:
        return None
    added = [weight * loss for weight, loss in losses(running.routing.scope).values() if weight > 0]
    if added and given.get("fused_lm_head"):
        raise AdapterError(
            "TRL's trainers compute the loss themselves and would drop the auxiliary losses: "
            "set bce_weight and entropy_weight to 0, or train with transformers' Trainer"
        )
    share = _share(given["labels"], given.get("num_items_in_batch"))
    return _with_losses(output, [share * loss for loss in added])


def _scope(model: nn.Module, values: dict[str, Any], adds_losses: bool) -> Scope | None:
    """The scope of a pass: one of its keywords' values, else the open one; its statistics are of one model."""
    outer = current_scope()
    if values:
        return Scope(RoutingContext(**values), collect=adds_losses)
    if outer is None or not outer.collect:
        return Scope(outer.context if outer is not None else RoutingContext(), collect=True) if adds_losses else outer
    if outer.model is None:
        outer.model = model
    return outer if outer.model is model else Scope(outer.context)  # a teacher beside its student


def _pass(given: dict[str, Any], scope: Scope | None, *, from_keywords: bool) -> Pass:
    tokens = given.get("input_ids")
    tokens = tokens if tokens is not None else given.get("inputs_embeds")
    if tokens is None:
        raise AdapterError("a model with experts needs input_ids or inputs_embeds")
    rows = tokens.shape[0]
    cache = given.get("past_key_values")
    kept = kept_in(cache)
    if kept is not None:
        if from_keywords:
            raise AdapterError(
                "the key-value cache keeps the routing values that its prompts were read with: "
                f"leave out {', '.join(ROUTING_KEYS)} where past_key_values is given"
            )
        return Pass(kept.context, rows, kept=kept.fixed, scope=scope)
    context = (scope.context if scope is not None else RoutingContext()).to(tokens.device)
    if context.real is None and context.items is None:
        context = _with_padding(context, given.get("attention_mask"))
    context = _for_rows(context, rows, may_repeat=not from_keywords)
    if not from_keywords and (cache is None or not cache.get_seq_length()):
        context = _with_answers(context, tokens.shape[1])
    return Pass(context, rows, scope=scope)


def _with_padding(context: RoutingContext, mask: Any) -> RoutingContext:
    """The context with the padding that a plain attention mask tells of."""
    if mask is None or getattr(mask, "ndim", 0) != 2:
        return context
    return replace(context, real=mask.bool())


def _with_answers(context: RoutingContext, tokens: int) -> RoutingContext:
    """The context for rows that ``generate`` has made longer: what is behind the prompts is no instruction.

    It reads prompts and answers at once without a cache, and when a draft comes with the prompt.
    """
    given = context.instruction
    if given is None or context.items is not None or given.shape[1] >= tokens:
        return context
    return replace(context, instruction=functional.pad(given, (0, tokens - given.shape[1])))


def _for_rows(context: RoutingContext, rows: int, *, may_repeat: bool) -> RoutingContext:
    """The context for a pass of so many rows, which ``generate`` may have repeated.

    Raises:
        AdapterError: the rows are no multiple of those that it is about.
    """
    given = {v.shape[0] for v in (context.task, context.capabilities) if v is not None and context.items is None}
    given |= {v.shape[0] for v in (context.instruction, context.items) if v is not None}
    if context.forced is not None and context.forced.ndim == 2 and context.items is None:
        given.add(context.forced.shape[0])
    if not given or given == {rows}:
        return context
    known = min(given)
    if len(given) > 1 or rows % known or not may_repeat:
        raise AdapterError(f"the batch has {rows} rows, but the routing context is about {sorted(given)}")
    real = context.real  # of the repeated rows already, when it came from the attention mask
    fits = real is not None and real.shape[0] == rows
    repeated = (replace(context, real=None) if fits else context).repeat(rows // known)
    return replace(repeated, real=real) if fits else repeated


def _share(labels: Tensor, num_items_in_batch: Any) -> Any:
    """This pass's part of the tokens that its step's loss is a mean over: 1 without gradient accumulation.

    A Trainer divides the sum of a pass's losses by the tokens of all passes of a step and adds the passes up; the
    auxiliary losses, each a mean already, are weighed so that they come out as a mean too.
    """
    if num_items_in_batch is None:
        return 1.0
    return (labels[..., 1:] != _IGNORED).sum() / num_items_in_batch


def _with_losses(output: Any, losses: list[Tensor]) -> Any:
    """The output, a tuple or a ``ModelOutput``, with the losses added to its own."""
    if not losses:
        return output
    if isinstance(output, tuple):
        return (output[0] + torch.stack(losses).sum(), *output[1:])
    output["loss"] = output["loss"] + torch.stack(losses).sum()
    return output


def _by_name(model: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any]) -> dict[str, Any]:
    """The arguments of a forward pass by their names.

    Raises:
        UnknownNameError: nothing reads a keyword, which transformers' models would pass over.
    """
    kind: Any = type(model)
    body: Any = type(getattr(model, "base_model", model))
    positional, known = _parameters(kind, body)
    unknown = [name for name in kwargs if name not in known]
    if unknown and "forward" in model.__dict__:  # another library has put its own there, as TRL does
        known = known.union(inspect.signature(model.forward, follow_wrapped=False).parameters)
    for name in unknown:
        if name not in known:
            raise UnknownNameError("keyword of the model or its routing", name, [*known, *ROUTING_KEYS])
    return {**dict(zip(positional, args, strict=False)), **kwargs}


@functools.lru_cache(maxsize=64)
def _parameters(model: type[nn.Module], body: type[nn.Module]) -> tuple[tuple[str, ...], frozenset[str]]:
    """Names of a forward's parameters in their order, and all keywords that the model reads, its attention's too."""
    from transformers.utils import TransformersKwargs

    names = tuple(inspect.signature(model.forward).parameters)[1:]
    read = {*names, *inspect.signature(body.forward).parameters, *TransformersKwargs.__annotations__, "return_dict"}
    return names, frozenset(read - {"self", "kwargs"})


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
                'activation_checkpointing_enable(activation_checkpointing_kwargs={"use_reentrant": False})'
            )
        given = settings.get("context_fn")
        if given is recomputation_contexts:
            continue
        if given is not None:
            raise AdapterError("gradient checkpointing of experts has a context_fn of its own: leave out yours")
        module._gradient_checkpointing_func = functools.partial(run, context_fn=recomputation_contexts)
