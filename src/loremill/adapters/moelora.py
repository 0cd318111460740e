# SPDX-License-Identifier: Apache-2.0
"""Mixture of LoRA experts with a router per linear layer (Task-Aware MoELoRA, section 3.2).

Each targeted linear has ``experts`` LoRAs of rank ``r`` and a bias-free router over them that reads the token
(eq. 3), the token and an embedding of the schema, or of schema and text (eq. 5). On a Llama of 7B with 8 experts of
rank 4 on all seven linears these are 79.95M, 9.11M (routers) and 1.376M (their task columns, d_task = 768) parameters.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any, ClassVar

from peft import PeftType
from torch import nn

from ..errors import AdapterError
from .bank import ExpertBank
from .config import ExpertConfig, at_least, one_of, truth
from .gates import ConstantGate, SoftmaxGate
from .layer import ExpertLinear
from .registration import register
from .targets import ROLES
from .tuner import ExpertTuner

ROUTERS = ("token", "schema", "task", "schema_only", "constant")
"""What a router reads: the token; token and schema; token, schema and text; the schema alone; nothing."""
TASK_NORMS = ("rms", "raw")


@dataclass
class MoELoraConfig(ExpertConfig):
    """A mixture of LoRA experts.

    Args:
        experts: how many.
        router: one of `ROUTERS`.
        top_k: experts that take part in a token (eq. 6); 0: all.
        scaling: ``per_expert`` (alpha / r, as the authors' code) or ``global`` (alpha / the sum of ranks).
        ranks: of each expert, in the place of ``r``; empty: ``r`` each.
        scales: what each expert's output is multiplied with beside its weight, in the place of ``alpha`` and
            ``scaling``; empty: as they say.
        weights: of a constant router, one per expert; empty: 1 each.
        task_encoder: model that embeds tasks, by name, for the routers that read them.
        d_task: size of its embeddings.
        task_norm: ``rms`` brings embeddings to length sqrt(d_task), ``raw`` takes them as they come.
        task_sees_given: whether given mentions are embedded with the schema and text.
    """

    experts: int = field(default=8)
    router: str = field(default="task")
    top_k: int = field(default=0)
    scaling: str = field(default="per_expert")
    ranks: list[int] = field(default_factory=list)
    scales: list[float] = field(default_factory=list)
    weights: list[float] = field(default_factory=list)
    task_encoder: str | None = field(default=None)
    d_task: int = field(default=0)
    task_norm: str = field(default="rms")
    task_sees_given: bool = field(default=False)
    default_roles: ClassVar[tuple[str, ...]] = ROLES

    def __post_init__(self) -> None:
        super().__post_init__()
        self.peft_type = PeftType("MOELORA")
        at_least(self, "experts", 1)
        at_least(self, "top_k", 0)
        one_of(self, "router", ROUTERS)
        one_of(self, "scaling", ("per_expert", "global"))
        one_of(self, "task_norm", TASK_NORMS)
        at_least(self, "d_task", 0)
        truth(self, "task_sees_given")
        self._check_each()
        if self.top_k > self.experts:
            raise AdapterError(f"top_k needs to be at most experts ({self.experts}), got {self.top_k}")
        if self.reads_task != (self.d_task > 0):
            wanted = "the size of the task embeddings" if self.reads_task else "to be 0, for it reads no task"
            raise AdapterError(f"d_task of router {self.router!r} needs {wanted}, got {self.d_task}")
        if self.top_k == 1 and self.experts > 1:
            raise AdapterError(
                "top_k needs to be 0 (all) or from 2: a softmax over one expert is 1, from which no router learns"
            )
        if self.top_k and self.router == "constant":
            raise AdapterError(f"top_k of a constant router needs to be 0, for it has no logits, got {self.top_k}")
        if self.weights and (self.router != "constant" or len(self.weights) != self.experts):
            raise AdapterError(
                f"weights are one for each of {self.experts} experts of a constant router, "
                f"got {len(self.weights)} for router {self.router!r}"
            )

    @property
    def reads_task(self) -> bool:
        """Whether the router needs task embeddings."""
        return self.router in ("schema", "task", "schema_only")

    @property
    def expert_ranks(self) -> list[int]:
        """The rank of each expert."""
        return list(self.ranks) or [self.r] * self.experts

    @property
    def expert_scales(self) -> list[float]:
        """What each expert's output is multiplied with beside its weight."""
        if self.scales:
            return list(self.scales)
        ranks = self.expert_ranks
        return [self.alpha / (rank if self.scaling == "per_expert" else sum(ranks)) for rank in ranks]

    def _check_each(self) -> None:
        for name, wanted in (("ranks", "whole numbers from 1"), ("scales", "finite numbers")):
            given = getattr(self, name)
            fits = _is_rank if name == "ranks" else _is_finite
            is_list = isinstance(given, (list, tuple))
            if not is_list or (given and (len(given) != self.experts or not all(map(fits, given)))):
                raise AdapterError(f"{name} need {wanted}, one for each of {self.experts} experts, got {given!r}")


def _is_rank(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 1


def _is_finite(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


class MoELoraLinear(ExpertLinear):
    adapter_layer_names = ("moelora_bank", "moelora_gate")


class MoELoraModel(ExpertTuner):
    """PEFT's tuner of `MoELoraConfig`."""

    prefix = "moelora_"
    tuner_layer_cls = MoELoraLinear

    @staticmethod
    def experts_of(config: Any, d_in: int, d_out: int) -> tuple[ExpertBank, nn.Module]:
        count = config.experts
        bank = ExpertBank(d_in, d_out, config.expert_ranks, config.expert_scales, dropout=config.dropout)
        if config.router == "constant":
            return bank, ConstantGate(config.weights or [1.0] * count)
        gate = SoftmaxGate(
            d_in,
            count,
            d_task=config.d_task,
            reads_tokens=config.router != "schema_only",
            top_k=config.top_k,
            task_norm=config.task_norm,
        )
        return bank, gate


register("moelora", MoELoraConfig, MoELoraModel)
