# SPDX-License-Identifier: Apache-2.0
"""Adapters with experts written as plain LoRAs, for PEFT without loremill and for servers such as vLLM.

While the experts' weights w_e are the same for every token, a layer's experts are one LoRA of the sum of their ranks:

    Σ_e  w_e · scale_e · B_e A_e  =  [w_1 scale_1 B_1 … w_E scale_E B_E] · [A_1; …; A_E]

======================================  ==========================================================
gate                                    is fixed
======================================  ==========================================================
of one expert, or constant              always
of the schema alone (``schema_only``)   for one schema
capability with one sub-expert of each  when the capabilities are forced
of the token                            never: such an adapter is refused
======================================  ==========================================================

Factors are folded into B, so that ``lora_alpha`` equals ``r`` and the scale is 1 in every reader of the format. Experts
of weight 0 are left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from peft import LoraConfig, PeftType
from peft.mapping import PEFT_TYPE_TO_TUNER_MAPPING
from torch import Tensor, nn

from ..errors import AdapterError
from ..prompt import Prompt
from .bank import ExpertBank
from .capability import CapabilityConfig
from .config import ExpertConfig
from .context import RoutingContext
from .describe import Describer, forced_capabilities
from .encoder import TaskEncoder
from .folder import SavedAdapter, adapter_of, read_adapter, write_adapter
from .moelora import MoELoraConfig
from .passes import Pass
from .precision import wide


@dataclass(frozen=True, slots=True)
class _Layer:
    """The experts of one module, and how they are weighed."""

    path: str
    bank: ExpertBank
    gate: Any


def export_lora(
    source: nn.Module | str | Path,
    output: str | Path,
    *,
    adapter_name: str = "default",
    prompt: Prompt | None = None,
    encoder: TaskEncoder | None = None,
    capabilities: str | tuple[int, int, int] | None = None,
    overwrite: bool = False,
) -> LoraConfig:
    """Write an adapter's experts under fixed weights as a plain LoRA, ``output``; returns its configuration.

    A model with the LoRA gives the logits of one with the experts, up to rounding.

    Args:
        source: the folder of an adapter, or a model that has one.
        adapter_name: of the model's.
        prompt: any prompt with the schema that a ``schema_only`` router is to be fixed for, as its format and the
            model's tokenizer write it (`formats.Format.prompt`); its text is not read.
        encoder: takes the place of the one that the adapter names.
        capabilities: those that act, as `Extractor` takes them; for adapters of capability experts.
        overwrite: whether an adapter that stands in ``output`` is replaced.

    Raises:
        AdapterError: the weights are not the same for all tokens, or the folders cannot be read or written.
    """
    saved = adapter_of(source, adapter_name) if isinstance(source, nn.Module) else read_adapter(source)
    if not isinstance(source, nn.Module) and Path(source).resolve() == Path(output).resolve():
        raise AdapterError(f"the LoRA needs a folder of its own, {str(output)!r} holds the adapter")
    lora = as_lora(saved, prompt=prompt, encoder=encoder, capabilities=capabilities)
    write_adapter(lora, output, overwrite=overwrite)
    assert isinstance(lora.config, LoraConfig)
    return lora.config


def as_lora(
    saved: SavedAdapter,
    *,
    prompt: Prompt | None = None,
    encoder: TaskEncoder | None = None,
    capabilities: str | tuple[int, int, int] | None = None,
) -> SavedAdapter:
    """The plain LoRA of an adapter's experts under fixed weights; see `export_lora`."""
    config = saved.config
    if not isinstance(config, ExpertConfig):
        is_lora = config.peft_type == PeftType.LORA
        kind = "is a plain LoRA already" if is_lora else f"is of the kind {config.peft_type} and has no experts"
        raise AdapterError(f"an adapter with experts is wanted, this one {kind}")
    about, forced = _task(config, prompt, encoder), _forced(config, capabilities)
    tensors, ranks = dict(_others(saved)), {}
    with torch.no_grad():
        for layer in _layers(saved, config):
            down, up = _folded(layer.bank, layer.gate.fixed(about, forced))
            tensors[f"{layer.path}.lora_A.weight"], tensors[f"{layer.path}.lora_B.weight"] = down, up
            ranks[layer.path] = down.shape[0]
    return SavedAdapter(_config(config, ranks), tensors)


def _task(config: ExpertConfig, prompt: Prompt | None, encoder: TaskEncoder | None) -> Pass | None:
    """A pass about the one item that a prompt's schema makes; None when no gate reads one."""
    if not isinstance(config, MoELoraConfig) or config.router != "schema_only":
        if prompt is not None:
            other = f"router {config.router!r}" if isinstance(config, MoELoraConfig) else "capability experts"
            raise AdapterError(f"a schema fixes the weights of the router 'schema_only' alone, not of {other}")
        return None
    if prompt is None:
        return None
    if encoder is None:
        if config.task_encoder is None:
            raise AdapterError("the adapter names no task_encoder: give the encoder that it was trained with")
        encoder = TaskEncoder(config.task_encoder)
    text = Describer(encoder, sees_given=config.task_sees_given).task_text(prompt)
    return Pass(RoutingContext(task=encoder([text])), rows=1)


def _forced(config: ExpertConfig, capabilities: str | tuple[int, int, int] | None) -> tuple[int, int, int] | None:
    if capabilities is None:
        return None
    if not isinstance(config, CapabilityConfig):
        raise AdapterError("capabilities can be forced on an adapter of capability experts only: leave them out")
    return forced_capabilities(capabilities)


def _layers(saved: SavedAdapter, config: ExpertConfig) -> Iterator[_Layer]:
    """The modules with experts, made of the tensors alone."""
    parts: dict[str, dict[str, dict[str, Tensor]]] = {}
    pattern = _part(config)
    for name, tensor in saved.tensors.items():
        if (match := pattern.fullmatch(name)) is not None:
            parts.setdefault(match["path"], {}).setdefault(match["part"], {})[match["name"]] = tensor
    if not parts:
        raise AdapterError("the adapter has no experts: none of its tensors belongs to one")
    tuner: Any = PEFT_TYPE_TO_TUNER_MAPPING[config.peft_type]
    for path, tensors in parts.items():
        bank = tensors.get("bank", {})
        if bank.keys() != {"A", "B"} or bank["A"].ndim != 2 or bank["B"].ndim != 2:
            raise AdapterError(f"experts need the matrices A and B, those of {path!r} have {sorted(bank) or 'none'}")
        with torch.device("meta"):
            made, gate = tuner.experts_of(config, bank["A"].shape[1], bank["B"].shape[0])
        try:
            made.load_state_dict(bank, assign=True)
            gate.load_state_dict(tensors.get("gate", {}), assign=True)
        except RuntimeError as error:
            raise AdapterError(
                f"the tensors of {path!r} are not those that the adapter's configuration says"
            ) from error
        yield _Layer(path, made, gate)


def _others(saved: SavedAdapter) -> Iterator[tuple[str, Tensor]]:
    """Tensors beside the experts': of whole modules that were trained with them."""
    assert isinstance(saved.config, ExpertConfig)
    pattern = _part(saved.config)
    yield from ((name, tensor) for name, tensor in saved.tensors.items() if pattern.fullmatch(name) is None)


def _part(config: ExpertConfig) -> re.Pattern[str]:
    kind = re.escape(PeftType(config.peft_type).value.lower())
    return re.compile(rf"(?P<path>.+)\.{kind}_(?P<part>bank|gate)\.(?P<name>\w+)")


def _folded(bank: ExpertBank, weights: Tensor) -> tuple[Tensor, Tensor]:
    """The A and B of the LoRA, float32 or wider."""
    each = zip(bank.experts(), weights.tolist(), strict=True)
    used = [(expert, weight * expert.scale) for expert, weight in each if weight * expert.scale]
    if not used:
        raise AdapterError("nothing is left to export: under these weights every expert's is 0")
    down = torch.cat([wide(expert.down) for expert, _ in used])
    return down, torch.cat([wide(expert.up) * factor for expert, factor in used], dim=1)


def _config(config: ExpertConfig, ranks: Mapping[str, int]) -> LoraConfig:
    """That of the LoRA; it finds its modules as the adapter did."""
    r = max(ranks.values())
    others = {re.escape(path): rank for path, rank in ranks.items() if rank != r}
    return LoraConfig(
        task_type=config.task_type,
        base_model_name_or_path=config.base_model_name_or_path,
        revision=config.revision,
        inference_mode=True,
        r=r,
        lora_alpha=r,
        rank_pattern=dict(others),
        alpha_pattern=dict(others),
        lora_dropout=config.dropout,
        target_modules=config.target_modules if config.target_modules is not None else sorted(ranks),
        exclude_modules=config.exclude_modules,
        modules_to_save=config.modules_to_save,
        layers_to_transform=config.layers_to_transform,
        layers_pattern=config.layers_pattern,
    )
