# SPDX-License-Identifier: Apache-2.0
"""Gates: who decides how much each expert of a layer adds to a token.

A gate turns the layer's input, ``(rows, tokens, d_in)``, and the running `Pass` into weights of a shape that broadcasts
to ``(rows, tokens, experts)``. It sees the input before the bank's dropout. Softmax, sigmoid and the weights are
float32 whatever the layer's precision, unless that is higher.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import torch
from torch import Tensor, nn
from torch.nn import functional

from ..errors import AdapterError
from ..prompt import CAPABILITIES
from .context import Statistics
from .passes import Pass
from .precision import wide

INITIAL_STD = 0.02
"""Of a router's weights at the start: experts begin nearly alike."""


class Gate(Protocol):
    """What the layer asks of a gate, which is an ``nn.Module``."""

    @property
    def router(self) -> Tensor | None:
        """What multiplies ``x``, ``(rows, d_in)``; None of a gate that does not read it."""
        ...

    def __call__(self, x: Tensor, routing: Pass, layer: str, logits: Tensor | None = None) -> Tensor:
        """Weights for ``x``.

        Args:
            layer: names layer and adapter, for what is fixed at the prompt and for messages.
            logits: ``router x``, where the caller has it.
        """
        ...

    def fixed(self, context: Pass | None, forced: Sequence[float] | None = None) -> Tensor:
        """The weights when they are the same for every token, ``(experts,)``.

        Raises:
            AdapterError: they are not.
        """
        ...


class ConstantGate(nn.Module):
    """The same weights for every token: a LoRA with one expert of weight 1, or a fixed mixture."""

    def __init__(self, weights: Sequence[float]) -> None:
        super().__init__()
        self.weights = tuple(float(w) for w in weights)  # no buffer: one would follow the model into half precision

    router = None

    def forward(self, x: Tensor, routing: Pass, layer: str, logits: Tensor | None = None) -> Tensor:
        dtype = torch.promote_types(x.dtype, torch.float32)
        if len(set(self.weights)) == 1:  # made on the device
            return torch.full((len(self.weights),), self.weights[0], dtype=dtype, device=x.device)
        return torch.tensor(self.weights, dtype=dtype, device=x.device)

    def fixed(self, context: Pass | None, forced: Sequence[float] | None = None) -> Tensor:
        return torch.tensor(self.weights)


class SoftmaxGate(nn.Module):
    """A softmax over experts of what a token and its task say (TA-MoELoRA, eqs 3, 5 and 6).

    ``[z; v] W_g`` of the paper is the sum of two products; that of the task embedding ``v`` is made once per item.

    Args:
        d_task: size of task embeddings; 0 for a gate that reads tokens only (eq. 3).
        reads_tokens: without, the weights of an item are the same for all its tokens.
        top_k: softmax over the so many largest logits, the other experts weigh 0 (eq. 6); 0: over all. Of equal
            logits the earlier experts'.
        task_norm: ``rms`` brings ``v`` to length sqrt(d_task), so that it starts on a par with the token; ``raw``
            takes it as it comes.
    """

    def __init__(
        self,
        d_in: int,
        experts: int,
        *,
        d_task: int = 0,
        reads_tokens: bool = True,
        top_k: int = 0,
        task_norm: str = "rms",
    ) -> None:
        super().__init__()
        self.top_k = top_k
        self.task_norm = task_norm
        self.experts = experts
        self.token = nn.Parameter(torch.empty(experts, d_in)) if reads_tokens else None
        self.task = nn.Parameter(torch.empty(experts, d_task)) if d_task else None
        self.reset_parameters()

    def reset_parameters(self) -> None:
        for weight in (self.token, self.task):
            if weight is not None:
                nn.init.normal_(weight, std=INITIAL_STD)

    @property
    def router(self) -> Tensor | None:
        return self.token

    def forward(self, x: Tensor, routing: Pass, layer: str, logits: Tensor | None = None) -> Tensor:
        if self.token is not None:
            logits = wide(functional.linear(x, self.token) if logits is None else logits)
        if self.task is not None:
            about = routing.spread(self._at_prompt(routing, layer))
            logits = about if logits is None else logits + about
        assert logits is not None
        return self._weights(logits)

    def _at_prompt(self, routing: Pass, layer: str) -> Tensor:
        """As `_of_task`; made when the prompt is read, and kept for the answer's tokens."""
        if routing.is_first or layer not in routing.fixed:
            routing.fixed[layer] = self._of_task(routing.need("task", layer), layer)
        return routing.fixed[layer]

    def _of_task(self, task: Tensor, layer: str) -> Tensor:
        """Logits that items' task embeddings add, ``(items, experts)``, float32 or wider."""
        assert self.task is not None
        if task.ndim != 2 or task.shape[1] != self.task.shape[1]:
            raise AdapterError(
                f"{layer} reads task embeddings of {self.task.shape[1]} numbers, got {tuple(task.shape)}: "
                "use the encoder that the adapter was trained with"
            )
        weight = wide(self.task)
        v = wide(task).to(weight.dtype)
        if self.task_norm == "rms":
            v = v * (v.shape[1] ** 0.5 / v.norm(dim=1, keepdim=True).clamp(min=1e-6))
        return functional.linear(v, weight)

    def _weights(self, logits: Tensor) -> Tensor:
        if not self.top_k:
            return logits.softmax(-1)
        # stable, so that of equal logits the same are taken in any batch and on any device
        largest, which = (t[..., : self.top_k] for t in logits.sort(dim=-1, descending=True, stable=True))
        return torch.zeros_like(logits).scatter(-1, which, largest.softmax(-1))

    def fixed(self, context: Pass | None, forced: Sequence[float] | None = None) -> Tensor:
        weights = self.task if self.token is None else self.token
        assert weights is not None
        if self.experts == 1:
            return weights.new_ones(1, dtype=torch.float32)
        if self.token is not None:
            raise AdapterError(
                "this gate weighs experts token by token: only a gate of one expert or of the task is fixed"
            )
        if context is None:
            raise AdapterError("this gate weighs experts by the task: say for which schema, with its task embedding")
        found = self._weights(self._of_task(context.need("task", "the gate"), "the gate"))
        if found.shape[0] != 1:
            raise AdapterError(f"weights are fixed for one task at a time, got {found.shape[0]}")
        return found[0]


class CapabilityGate(nn.Module):
    """UC-UIE's two levels (eqs 3, 6, 7 and 9): weights of a shared expert and of three times ``sub_experts`` others.

    The shared expert weighs 1. Sub-expert q of capability i weighs ``g'_i(instruction) · g_q^i(token)``: a sigmoid
    of the mean, over the item's instruction, of the layer's input, and a softmax over a capability's sub-experts.
    ``g'`` is fixed when the prompt is read and stays for the answer. The mean is taken of the logits, which is the
    same since they are linear, and one product makes the logits of both levels.

    Args:
        soft: learn ``g'``; else it is 1 for the capabilities that the task needs and 0 for others (hard routing).
        shared: whether there is a shared expert.
    """

    def __init__(self, d_in: int, sub_experts: int, *, soft: bool = True, shared: bool = True) -> None:
        super().__init__()
        self.sub_experts = sub_experts
        self.soft = soft
        self.shared = shared
        rows = len(CAPABILITIES) * (sub_experts + int(soft))
        self.weight = nn.Parameter(torch.empty(rows, d_in))
        self.bias = nn.Parameter(torch.empty(rows))
        self.reset_parameters()

    @property
    def experts(self) -> int:
        return len(CAPABILITIES) * self.sub_experts + int(self.shared)

    def reset_parameters(self) -> None:
        nn.init.normal_(self.weight, std=INITIAL_STD)
        nn.init.zeros_(self.bias)

    @property
    def router(self) -> Tensor:
        return self.weight

    def forward(self, x: Tensor, routing: Pass, layer: str, logits: Tensor | None = None) -> Tensor:
        logits = wide(functional.linear(x, self.weight, self.bias) if logits is None else logits + self.bias)
        split = len(CAPABILITIES) * self.sub_experts
        low, high = logits[..., :split], logits[..., split:]
        within = low.view(*low.shape[:-1], len(CAPABILITIES), self.sub_experts).softmax(-1)
        capability, soft_logits = self._capability(high, routing, layer)
        if routing.scope is not None and routing.scope.collect:
            routing.scope.statistics[layer] = self._statistics(within, capability, soft_logits, routing, layer)
        weights = (routing.spread(capability)[..., None] * within).flatten(-2)
        return functional.pad(weights, (1, 0), value=1.0) if self.shared else weights

    def _capability(self, high: Tensor, routing: Pass, layer: str) -> tuple[Tensor, Tensor | None]:
        """Weights of the capabilities, ``(items, 3)``, and the logits behind them while they are to be learned."""
        forced = routing.context.forced
        learns = routing.scope is not None and routing.scope.collect
        logits: Tensor | None = None
        if forced is not None and forced.ndim == 1 and not (self.soft and learns):
            return _of_three("forced", forced, layer).expand(routing.items, -1), None
        if not self.soft:
            weights = _of_three("capabilities", routing.need("capabilities", layer), layer)
        elif not routing.is_first and layer in routing.fixed:
            weights = routing.fixed[layer]
        else:
            logits = routing.instruction_mean(high, layer)
            weights = routing.fixed[layer] = logits.sigmoid()
        if forced is not None:
            forced = _of_three("forced", forced, layer).to(weights.dtype)
            weights = torch.where(forced.isnan(), weights, forced)
        return weights, logits

    def _statistics(
        self, within: Tensor, capability: Tensor, logits: Tensor | None, routing: Pass, layer: str
    ) -> Statistics:
        real = routing.real_tokens(within.shape[:2], layer)
        total = within.masked_fill(~real[..., None, None], 0.0).sum((0, 1))
        return Statistics(logits, (capability.detach() > 0).any(0), total, real.sum())

    def fixed(self, context: Pass | None, forced: Sequence[float] | None = None) -> Tensor:
        if self.sub_experts > 1:
            raise AdapterError(
                f"this gate weighs {self.sub_experts} sub-experts token by token: only with one of each is it fixed"
            )
        if forced is None:
            raise AdapterError("weights of capabilities are fixed when they are forced: say which, e.g. 1,1,0")
        weights = torch.tensor(list(forced), dtype=torch.float32, device=self.weight.device)
        return functional.pad(weights, (1, 0), value=1.0) if self.shared else weights


def _of_three(name: str, value: Tensor, layer: str) -> Tensor:
    """Values of the capabilities, float32 or wider.

    Raises:
        AdapterError: their last axis is not one of the three.
    """
    if value.shape[-1] != len(CAPABILITIES):
        raise AdapterError(f"{layer} needs {name!r} of {', '.join(CAPABILITIES)} per item, got {tuple(value.shape)}")
    return wide(value)
