# SPDX-License-Identifier: Apache-2.0
"""Hierarchical mixture of capability experts (UC-UIE, section 3.4).

A shared LoRA and, for each of judging, locating and associating, a mixture of ``sub_experts`` LoRAs. On the
feed-forward linears of a Llama of 7B these are 84.62M parameters, 1.24 %. The paper's B is our A.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar

import torch
from torch import Tensor, nn
from torch.nn import functional

from ..errors import AdapterError
from .bank import ExpertBank
from .context import Scope, Statistics
from .gates import CapabilityGate
from .layer import ExpertLinear
from .registration import register
from .targets import FEED_FORWARD
from .tuner import ExpertConfig, ExpertTuner, at_least, one_of

NEEDED: dict[str, tuple[int, int, int]] = {
    "entities": (1, 1, 0),
    "relations": (1, 1, 1),
    "events": (1, 1, 1),
    "arguments": (1, 1, 1),
    "triggers": (1, 1, 0),
    "opinions": (1, 1, 1),
    "classes": (1, 0, 0),
    "typing": (1, 0, 0),
}
"""The capabilities that a task needs, in the order of `gates.CAPABILITIES` (section 3.4; the last four are ours).

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
        self.peft_type = "CAPABILITY"
        at_least(self, "sub_experts", 1)
        one_of(self, "routing", ("soft", "hard"))
        for name in ("bce_weight", "entropy_weight"):
            if getattr(self, name) < 0:
                raise AdapterError(f"{name} needs to be at least 0, got {getattr(self, name)}")


class CapabilityLinear(ExpertLinear):
    adapter_layer_names = ("capability_bank", "capability_gate")


class CapabilityModel(ExpertTuner):
    """PEFT's tuner of `CapabilityConfig`."""

    prefix = "capability_"
    tuner_layer_cls = CapabilityLinear

    def experts_of(self, config: Any, d_in: int, d_out: int) -> tuple[ExpertBank, nn.Module]:
        gate = CapabilityGate(d_in, config.sub_experts, soft=config.routing == "soft", shared=config.shared_expert)
        count = gate.experts
        bank = ExpertBank(d_in, d_out, [config.r] * count, [config.alpha / config.r] * count, dropout=config.dropout)
        return bank, gate

    def auxiliary_losses(self, scope: Scope, config: Any) -> dict[str, tuple[float, Tensor]]:
        if not scope.statistics:
            return {}
        losses = {"entropy": (config.entropy_weight, entropy_loss(scope.statistics))}
        if config.routing == "soft" and scope.context.capabilities is not None:
            losses["bce"] = (config.bce_weight, bce_loss(scope.statistics, scope.context.capabilities))
        return losses


def bce_loss(statistics: dict[str, Statistics], capabilities: Tensor) -> Tensor:
    """Binary cross-entropy of the high-level gates (eq. 4), summed over capabilities, mean over items and layers.

    The paper sums over items; a mean keeps its weight independent of the batch.

    Args:
        capabilities: wanted, ``(items, 3)``.
    """
    wanted = capabilities.float()
    layers = [
        functional.binary_cross_entropy_with_logits(s.capabilities, wanted.to(s.capabilities.device), reduction="none")
        for s in statistics.values()
        if s.capabilities is not None
    ]
    return torch.stack([layer.sum(-1).mean() for layer in layers]).mean() if layers else wanted.new_zeros(())


def entropy_loss(statistics: dict[str, Statistics]) -> Tensor:
    """Minus the entropy (nats) of each active capability's mean sub-expert weights (eq. 8), mean over layers.

    Over the tokens of all ranks where there are several.
    """
    layers = []
    for s in statistics.values():
        summed = _over_ranks(torch.cat([s.weight_sum.flatten(), s.tokens.to(s.weight_sum)[None]]))
        mean = summed[:-1].view_as(s.weight_sum) / summed[-1].clamp(min=1)
        each = (mean * mean.clamp(min=1e-9).log()).sum(-1)
        layers.append((each * s.active).sum())
    return torch.stack(layers).mean()


def _over_ranks(value: Tensor) -> Tensor:
    """The sum over ranks, whose gradient is the sum of theirs; DDP then takes the mean of equal gradients."""
    from torch import distributed

    if not distributed.is_available() or not distributed.is_initialized() or distributed.get_world_size() == 1:
        return value
    from torch.distributed.nn.functional import all_reduce

    summed: Tensor = all_reduce(value)
    return summed


register("capability", CapabilityConfig, CapabilityModel)
