# SPDX-License-Identifier: Apache-2.0
"""Experts made of trained LoRAs: the way back from `export`.

Each LoRA becomes one expert. Under the constant router, with weights of 1, a model with them gives what it gives with
all LoRAs active at once, up to rounding; other routers start at random and are to be trained.

Ranks, alphas, ``use_rslora``, ``rank_pattern`` and ``alpha_pattern`` are honoured. An expert has one rank and one scale
in all layers: where a LoRA's rank is lower, or it has nothing, the rows that it lacks start like those of a new expert
(A at random, B zero), which adds nothing until it is trained; where its scale differs, the quotient is folded into B.

What is no sum of products of two matrices cannot be an expert and is refused: DoRA and other variants, trained biases,
whole modules, embeddings, convolutions, and initialisations that change the base model's weights.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import torch
from peft import LoraConfig, PeftModel, get_peft_model
from peft.utils.other import get_pattern_key
from torch import Tensor, nn

from ..errors import AdapterError
from .folder import SavedAdapter, read_adapter
from .layer import ExpertLinear
from .moelora import MoELoraConfig
from .tuner import sizes_of

_READ = frozenset({"r", "lora_alpha", "use_rslora", "rank_pattern", "alpha_pattern", "init_lora_weights"})
"""Fields of a `LoraConfig` that decide what it computes and that we read."""
_WITHOUT_EFFECT = frozenset(
    {
        *("peft_type", "task_type", "peft_version", "auto_mapping", "base_model_name_or_path", "revision"),
        *("inference_mode", "lora_dropout", "fan_in_fan_out", "runtime_config"),
        *("target_modules", "exclude_modules", "layers_to_transform", "layers_pattern"),  # the tensors tell
        *("megatron_config", "megatron_core", "loftq_config", "eva_config", "corda_config", "lora_ga_config"),
    }
)
"""Fields that do not change what trained tensors of a LoRA compute. Any other that is set is refused."""
_HARMLESS_STARTS = (True, False, "gaussian", "orthogonal", "eva")
"""Values of ``init_lora_weights`` that leave the base model's weights alone."""


@dataclass(frozen=True, slots=True, eq=False)
class _Lora:
    """A trained LoRA: A, B and scale by the path of the module."""

    layers: Mapping[str, tuple[Tensor, Tensor, float]]
    scale: float
    """Its scale in the layers that no pattern names."""
    task_type: str | None

    @property
    def rank(self) -> int:
        return max(down.shape[0] for down, _, _ in self.layers.values())


def experts_from_loras(
    base_model: nn.Module,
    folders: Sequence[str | Path],
    *,
    adapter_name: str = "default",
    router: str = "constant",
    **settings: Any,
) -> PeftModel:
    """The model with an adapter whose experts are trained LoRAs, one per folder, in their order.

    Args:
        base_model: the model that the LoRAs were trained on, or a `PeftModel` that is given one more adapter.
        folders: as PEFT saves LoRAs, with weights in safetensors.
        router: as of `MoELoraConfig`; ``weights`` among the settings are those of the constant one.
        settings: further fields of `MoELoraConfig`: ``top_k``, ``task_encoder``, ``d_task``, ``dropout``, …

    Raises:
        AdapterError: a folder holds no LoRA that can be an expert, or one of another model.
    """
    if not folders:
        raise AdapterError("experts need a folder of a LoRA each, got none")
    loras = [_read(Path(folder).expanduser()) for folder in folders]
    base = base_model.get_base_model() if isinstance(base_model, PeftModel) else base_model
    for folder, lora in zip(folders, loras, strict=True):
        _check(lora, base, str(folder))
    paths = sorted({path for lora in loras for path in lora.layers})
    config = MoELoraConfig(
        experts=len(loras),
        ranks=[lora.rank for lora in loras],
        scales=[lora.scale for lora in loras],
        router=router,
        target_modules=paths,
        **{"task_type": loras[0].task_type, **settings},
    )
    if isinstance(base_model, PeftModel):
        model = base_model
        model.add_adapter(adapter_name, config)
        model.set_adapter(adapter_name)
    else:
        model = get_peft_model(base_model, config, adapter_name)
    _fill(model, adapter_name, loras)
    return model


def _read(folder: Path) -> _Lora:
    saved = read_adapter(folder)
    config = saved.config
    if not isinstance(config, LoraConfig):
        raise AdapterError(f"{str(folder)!r} needs to be a LoRA, it is an adapter of the kind {config.peft_type}")
    _refuse_variants(config, str(folder))
    pairs = _pairs(saved, str(folder))
    try:
        scale = _scale(config, config.r, config.lora_alpha)
        layers = {path: (down, up, _scale_of(config, path, down, str(folder))) for path, (down, up) in pairs.items()}
    except (TypeError, AttributeError, ZeroDivisionError, OverflowError, re.error) as error:
        raise AdapterError(f"the LoRA {str(folder)!r} has ranks or alphas that are none: {error}") from error
    return _Lora(layers, scale or 1.0, config.task_type)  # by a scale of 0 nothing could be divided


def _refuse_variants(config: LoraConfig, folder: str) -> None:
    usual = LoraConfig()
    for name in (field.name for field in fields(config)):
        value = getattr(config, name)
        if name not in _READ | _WITHOUT_EFFECT and value and value != getattr(usual, name):
            raise AdapterError(
                f"the LoRA {folder!r} has {name}={value!r} and cannot be an expert, which is a product of two matrices "
                "and nothing else: merge it into the model, or train it without"
            )
    if config.init_lora_weights not in _HARMLESS_STARTS:
        raise AdapterError(
            f"the LoRA {folder!r} has init_lora_weights={config.init_lora_weights!r}, which changes the base model's "
            "weights: save it with path_initial_model_for_weight_conversion"
        )


def _pairs(saved: SavedAdapter, folder: str) -> dict[str, tuple[Tensor, Tensor]]:
    """A and B by the path of the module."""
    halves: dict[str, dict[str, Tensor]] = {}
    for name, tensor in saved.tensors.items():
        path, _, half = name.removesuffix(".weight").rpartition(".")
        if half not in ("lora_A", "lora_B") or tensor.ndim != 2 or not name.endswith(".weight"):
            raise AdapterError(f"the LoRA {folder!r} has {name!r}, which is no matrix A or B of a linear layer")
        halves.setdefault(path, {})[half] = tensor
    for path, found in halves.items():
        if len(found) < 2 or found["lora_A"].shape[0] != found["lora_B"].shape[1]:
            raise AdapterError(f"the LoRA {folder!r} needs an A and a B of one rank for {path!r}")
    if not halves:
        raise AdapterError(f"the LoRA {folder!r} has no tensors")
    return {path: (found["lora_A"], found["lora_B"]) for path, found in halves.items()}


def _scale_of(config: LoraConfig, path: str, down: Tensor, folder: str) -> float:
    rank = config.rank_pattern.get(get_pattern_key(list(config.rank_pattern), path), config.r)
    alpha = config.alpha_pattern.get(get_pattern_key(list(config.alpha_pattern), path), config.lora_alpha)
    if rank != down.shape[0]:
        raise AdapterError(f"the LoRA {folder!r} says rank {rank} of {path!r}, whose tensors have {down.shape[0]}")
    return _scale(config, rank, alpha)


def _scale(config: LoraConfig, rank: int, alpha: float) -> float:
    return float(alpha / (math.sqrt(rank) if config.use_rslora else rank))


def _check(lora: _Lora, base: nn.Module, folder: str) -> None:
    """Raises AdapterError when a LoRA has a module that the model has not, or of another size."""
    modules = dict(base.named_modules())
    for path, (down, up, _) in lora.layers.items():
        if path not in modules:
            raise AdapterError(f"the LoRA {folder!r} is of another model: this one has no module {path!r}")
        found = modules[path]
        size = sizes_of(found.get_base_layer() if isinstance(found, ExpertLinear) else found, path)
        if size != (down.shape[1], up.shape[0]):
            raise AdapterError(
                f"the LoRA {folder!r} is of another model: {path!r} has the size {size} here and "
                f"{(down.shape[1], up.shape[0])} there"
            )


def _fill(model: PeftModel, adapter_name: str, loras: Sequence[_Lora]) -> None:
    with torch.no_grad():
        for path, layer in model.get_base_model().named_modules():
            if not isinstance(layer, ExpertLinear) or adapter_name not in layer.banks:
                continue
            for expert, lora in zip(layer.banks[adapter_name].experts(), loras, strict=True):
                if path in lora.layers:
                    down, up, scale = lora.layers[path]
                    expert.down[: down.shape[0]].copy_(down)
                    expert.up[:, : down.shape[0]].copy_(up * (scale / expert.scale) if scale != expert.scale else up)
