# SPDX-License-Identifier: Apache-2.0
"""The adapter that a configuration asks for, as PEFT builds it, and the LoRA of as many parameters."""

from __future__ import annotations

import warnings
from typing import Any

from .config import TrainConfig


def with_adapter(model: Any, config: TrainConfig) -> Any:
    """The model with its new adapter, which torch's random state decides; as it is for ``none``.

    Raises:
        LoremillError: the adapter's settings do not fit the model, or its task encoder is not there.
    """
    if config.adapter == "none":
        return model
    return _adapted(model, config)


def adapter_config(config: TrainConfig, model_type: str) -> Any:
    """The ``PeftConfig`` of ``config.adapter`` on an architecture.

    Raises:
        LoremillError: see `with_adapter`.
    """
    return {"lora": _lora, "moelora": _moelora, "capability": _capability}[config.adapter](config, model_type)


def equal_lora_rank(base: Any, config: TrainConfig) -> int:
    """The rank at which LoRA on the same modules comes nearest to the number of parameters of an adapter of experts.

    A baseline of TA-MoELoRA: experts have routers beside their LoRAs. No weights are read.

    Args:
        base: the base model's transformers configuration.
        config: of the adapter, ``moelora`` or ``capability``.
    """
    import torch
    from transformers import AutoModelForCausalLM

    from ..adapters.layer import ExpertLinear

    with torch.device("meta"):
        model = _adapted(AutoModelForCausalLM.from_config(base), config)
    parameters: int = sum(p.numel() for p in model.parameters() if p.requires_grad)
    banks = [bank for m in model.modules() if isinstance(m, ExpertLinear) for bank in m.banks.values()]
    per_rank: int = sum(bank.d_in + bank.d_out for bank in banks)
    return max(1, round(parameters / per_rank))


def _adapted(model: Any, config: TrainConfig) -> Any:
    from peft import get_peft_model

    settings = adapter_config(config, model.config.model_type)
    with warnings.catch_warnings():  # peft 0.21 asks transformers 5.23 for it
        warnings.filterwarnings("ignore", "`is_gradient_checkpointing` is deprecated", FutureWarning)
        adapted = get_peft_model(model, settings)
    settings.base_model_name_or_path = config.model  # what to load it with, not where the model lies here
    return adapted


def _lora(config: TrainConfig, model_type: str) -> Any:
    from peft import LoraConfig

    from ..adapters.targets import target_regex

    settings = config.lora
    roles = settings.roles
    modules = target_regex(model_type, roles, needed=roles) if roles else list(settings.target_modules)
    return LoraConfig(
        r=settings.rank,
        lora_alpha=settings.alpha,
        lora_dropout=settings.dropout,
        target_modules=modules or "all-linear",
        task_type="CAUSAL_LM",
    )


def _moelora(config: TrainConfig, model_type: str) -> Any:
    from ..adapters import MoELoraConfig
    from ..adapters.encoder import encoder_size

    settings = config.moelora
    reads_task = settings.router != "token"
    return MoELoraConfig(
        r=settings.rank,
        alpha=settings.alpha,
        dropout=settings.dropout,
        target_roles=list(settings.roles),
        target_modules=list(settings.target_modules) or None,
        experts=settings.experts,
        router=settings.router,
        top_k=settings.top_k,
        scaling=settings.scaling,
        task_encoder=settings.task_encoder if reads_task else None,
        d_task=encoder_size(settings.task_encoder) if reads_task else 0,
        task_norm=settings.task_norm,
        task_sees_given=settings.task_sees_given,
        task_type="CAUSAL_LM",
    )


def _capability(config: TrainConfig, model_type: str) -> Any:
    from ..adapters import CapabilityConfig

    settings = config.capability
    return CapabilityConfig(
        r=settings.rank,
        alpha=settings.alpha,
        dropout=settings.dropout,
        target_roles=list(settings.roles),
        target_modules=list(settings.target_modules) or None,
        sub_experts=settings.sub_experts,
        routing=settings.routing,
        shared_expert=settings.shared_expert,
        bce_weight=settings.bce_weight,
        entropy_weight=settings.entropy_weight,
        task_type="CAUSAL_LM",
    )
