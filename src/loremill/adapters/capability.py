# SPDX-License-Identifier: Apache-2.0
"""Hierarchical mixture of capability experts (UC-UIE, section 3.4).

A shared LoRA and, for each of judging, locating and associating, a mixture of ``sub_experts`` LoRAs. On the
feed-forward linears of a Llama of 7B these are 84.62M parameters, 1.24 %. The paper's B is our A.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar

import torch
from peft import PeftType
from torch import Tensor, nn
from torch.nn import functional

from ..errors import AdapterError
from .bank import ExpertBank
from .config import ExpertConfig, at_least, number, one_of, truth
from .context import Scope, Statistics
from .gates import CapabilityGate
from .layer import ExpertLinear
from .precision import wide
from .registration import register
from .targets import FEED_FORWARD
from .tuner import ExpertTuner

NEEDED: dict[str, tuple[int, int, int]] = {
    "entities": (1, 1, 0),
    "relations": (1, 1, 1),
    "events": (1, 1, 1),
    "arguments": (1, 1, 1),
    "triggers": (1, 1, 0),
    "opinions": (1, 1, 1),
    "classes": (1, 0, 0),
    "typing": (1, 0, 0),
    "judging": (1, 0, 0),
    "locating": (0, 1, 0),
    "associating": (0, 0, 1),
}
"""The capabilities that a task needs, in the order of `gates.CAPABILITIES` (section 3.4; triggers, opinions, classes
and typing are ours).

Keys are families and the names of tasks in `Prompt.task`."""


@dataclass
class CapabilityConfig(ExpertConfig):
    """Capability experts.

    Args:
        sub_experts: of each capability (Q).
        routing: ``soft`` learns the capabilities' weights from the instruction (eq. 3), ``hard`` takes those that the
            task needs.
        shared_expert: whether there is one.
        bce_weight: of the loss that teaches the soft weights (gamma, eq. 4).
        entropy_weight: of the loss that balances sub-experts (beta, eq. 8).
    """

    alpha: float = field(default=8.0)
    sub_experts: int = field(default=4)
    routing: str = field(default="soft")
    shared_expert: bool = field(default=True)
    bce_weight: float = field(default=0.1)
    entropy_weight: float = field(default=0.1)
    default_roles: ClassVar[tuple[str, ...]] = FEED_FORWARD

    def __post_init__(self) -> None:
        super().__post_init__()
        self.peft_type = PeftType("CAPABILITY")
        at_least(self, "sub_experts", 1)
        one_of(self, "routing", ("soft", "hard"))
        truth(self, "shared_expert")
        number(self, "bce_weight", least=0.0)
        number(self, "entropy_weight", least=0.0)


class CapabilityLinear(ExpertLinear):
    adapter_layer_names = ("capability_bank", "capability_gate")


class CapabilityModel(ExpertTuner):
    """PEFT's tuner of `CapabilityConfig`."""

    prefix = "capability_"
    tuner_layer_cls = CapabilityLinear

    @staticmethod
    def experts_of(config: Any, d_in: int, d_out: int) -> tuple[ExpertBank, nn.Module]:
        gate = CapabilityGate(d_in, config.sub_experts, soft=config.routing == "soft", shared=config.shared_expert)
        count = gate.experts
        bank = ExpertBank(d_in, d_out, [config.r] * count, [config.alpha / config.r] * count, dropout=config.dropout)
        return bank, gate

    def auxiliary_losses(self, scope: Scope, config: Any) -> dict[str, tuple[float, Tensor]]:
        if not scope.statistics:
            return {}
        losses = {"entropy": (config.entropy_weight, entropy_loss(scope.statistics))}
        wanted = scope.context.capabilities
        if config.routing == "soft" and (wanted is not None or config.bce_weight > 0):
            if wanted is None:
                raise AdapterError(
                    "the loss of the capability gates needs 'capabilities' of the batch and was not given it: give "
                    "RoutingContext(capabilities=...), 0 or 1 for each item and capability, or set bce_weight to 0"
                )
            losses["bce"] = (config.bce_weight, bce_loss(scope.statistics, wanted))
        return losses


def bce_loss(statistics: dict[str, Statistics], capabilities: Tensor) -> Tensor:
    """Binary cross-entropy of the high-level gates (eq. 4), summed over capabilities, mean over items and layers.

    The paper sums over items; a mean keeps its weight independent of the batch.

    Args:
        capabilities: wanted, ``(items, 3)``.
    """
    wanted = wide(capabilities)
    layers = [
        functional.binary_cross_entropy_with_logits(s.capabilities, wanted.to(s.capabilities), reduction="none")
        for s in statistics.values()
        if s.capabilities is not None
    ]
    return torch.stack([layer.sum(-1).mean() for layer in layers]).mean() if layers else wanted.new_zeros(())


def entropy_loss(statistics: dict[str, Statistics]) -> Tensor:
    """Minus the entropy (nats) of each active capability's mean sub-expert weights (eq. 8), mean over layers.

    Over the tokens of all ranks where there are several, and over the capabilities that are active on any.
    """
    told = [
        torch.cat([s.weight_sum.flatten(), s.active.to(s.weight_sum), s.tokens.to(s.weight_sum)[None]])
        for s in statistics.values()
    ]
    device = told[0].device
    shape = next(iter(statistics.values())).weight_sum.shape
    summed = _over_ranks(torch.stack([layer.to(device) for layer in told]))
    weights, active, tokens = summed.split([shape.numel(), shape[0], 1], dim=1)
    mean = weights.unflatten(1, shape) / tokens[..., None].clamp(min=1)  # (layers, 3, sub-experts)
    each = (mean * mean.clamp(min=1e-9).log()).sum(-1)
    return (each * (active > 0)).sum(1).mean()


class _SumOverRanks(torch.autograd.Function):
    """The sum over ranks, whose gradient is the sum of theirs; DDP then takes the mean of equal gradients."""

    @staticmethod
    def forward(ctx: Any, value: Tensor) -> Tensor:
        summed = value.clone()
        torch.distributed.all_reduce(summed)
        return summed

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> Tensor:
        summed = gradient.contiguous().clone()
        torch.distributed.all_reduce(summed)
        return summed


def _over_ranks(value: Tensor) -> Tensor:
    distributed = torch.distributed
    if not distributed.is_available() or not distributed.is_initialized() or distributed.get_world_size() == 1:
        return value
    summed: Tensor = _SumOverRanks.apply(value)
    return summed


register("capability", CapabilityConfig, CapabilityModel)
