# SPDX-License-Identifier: Apache-2.0
"""What an adapter's folder holds, told without loading a model."""

from __future__ import annotations

import re
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import Any

from peft import LoraConfig, PeftConfig

from ..prompt import CAPABILITIES
from .capability import CapabilityConfig
from .folder import WEIGHTS, read_config, read_shapes
from .moelora import MoELoraConfig

_ADAPTED = re.compile(r"(?P<path>.+)\.(?:(?:moelora|capability)_bank\.A|lora_A\.weight)")


@dataclass(frozen=True, slots=True)
class AdapterSummary:
    """An adapter in figures.

    Args:
        kind: PEFT's name of it, in lower case.
        base_model: what it was trained on, by name; None where it does not say.
        ranks: of each expert; a LoRA is one, of its largest rank. Empty of kinds without.
        router: of `MoELoraConfig`, or the routing of `CapabilityConfig`.
        task_encoder: what embeds the tasks that the router reads.
        targets: adapted modules, ``*`` for the numbers of layers.
        modules: how many they are.
        parameters: numbers in the weights' file.
        size_bytes: of that file.
    """

    kind: str
    base_model: str | None
    ranks: tuple[int, ...]
    router: str | None
    task_encoder: str | None
    targets: tuple[str, ...]
    modules: int
    parameters: int
    size_bytes: int

    @property
    def experts(self) -> int:
        return len(self.ranks)

    @property
    def total_rank(self) -> int:
        return sum(self.ranks)


def summarise(folder: str | Path) -> AdapterSummary:
    """The summary of any PEFT adapter with weights in safetensors.

    Raises:
        AdapterError: the folder has none, or it cannot be read.
    """
    path = Path(folder).expanduser()
    config, shapes = read_config(path), read_shapes(path)
    adapted = {match["path"]: shape[0] for name, shape in shapes.items() if (match := _ADAPTED.fullmatch(name))}
    kind: Any = config.peft_type
    return AdapterSummary(
        kind=str(getattr(kind, "value", kind)).lower(),
        base_model=config.base_model_name_or_path or None,
        ranks=_ranks(config, max(adapted.values(), default=0)),
        router=getattr(config, "router", None) or getattr(config, "routing", None),
        task_encoder=getattr(config, "task_encoder", None),
        targets=tuple(sorted({re.sub(r"(?<=\.)\d+(?=\.)", "*", name) for name in adapted})),
        modules=len(adapted),
        parameters=sum(map(prod, shapes.values())),
        size_bytes=(path / WEIGHTS).stat().st_size,
    )


def _ranks(config: PeftConfig, largest: int) -> tuple[int, ...]:
    if isinstance(config, MoELoraConfig):
        return tuple(config.expert_ranks)
    if isinstance(config, CapabilityConfig):
        return (config.r,) * (len(CAPABILITIES) * config.sub_experts + int(config.shared_expert))
    return (largest,) if isinstance(config, LoraConfig) and largest else ()
