# SPDX-License-Identifier: Apache-2.0
"""A linear layer with experts, as PEFT sees it."""

from __future__ import annotations

from typing import Any, ClassVar

import torch
from peft.tuners.tuners_utils import BaseTunerLayer
from torch import Tensor, nn
from torch.nn import functional

from ..errors import AdapterError
from .bank import ExpertBank
from .passes import current_pass
from .recording import current_record


class ExpertLinear(nn.Module, BaseTunerLayer):
    """The output of a frozen linear layer plus what the experts of each active adapter add.

    Any layer with ``in_features`` and ``out_features`` can be the base, quantized ones too: its weight is not touched.
    """

    adapter_layer_names: ClassVar[tuple[str, ...]] = ()
    """``<prefix>bank`` and ``<prefix>gate``, each an ``nn.ModuleDict`` by the name of the adapter."""
    other_param_names: ClassVar[tuple[str, ...]] = ()

    def __init__(self, base_layer: nn.Module, path: str) -> None:
        super().__init__()
        self.base_layer = base_layer
        self.path = path
        for name in self.adapter_layer_names:
            setattr(self, name, nn.ModuleDict())
        self.merged_adapters: list[str] = []
        self._disable_adapters = False

    @property
    def banks(self) -> nn.ModuleDict:
        found: nn.ModuleDict = getattr(self, self.adapter_layer_names[0])
        return found

    @property
    def gates(self) -> nn.ModuleDict:
        found: nn.ModuleDict = getattr(self, self.adapter_layer_names[1])
        return found

    def add(self, adapter_name: str, bank: ExpertBank, gate: nn.Module) -> None:
        """Give an adapter of this name its experts and gate."""
        self.banks[adapter_name] = bank
        self.gates[adapter_name] = gate
        self._move_adapter_to_device_of_base_layer(adapter_name)
        self.set_adapter(self.active_adapters)

    def forward(self, x: Tensor, *args: Any, **kwargs: Any) -> Tensor:
        out: Tensor = self.base_layer(x, *args, **kwargs)
        if self.disable_adapters:
            return out
        for name in self.active_adapters:
            if name in self.banks:
                out = self._added(name, x, out)
        return out

    def _added(self, name: str, x: Tensor, out: Tensor) -> Tensor:
        """``out`` plus what the experts of an adapter add."""
        layer = f"{self.path}.{name}"
        running = current_pass(layer)
        bank: ExpertBank = self.banks[name]
        x = self._cast_input_dtype(x, bank.A.dtype)
        flat = x.ndim == 2
        if flat and x.shape[0] != running.rows:
            raise AdapterError(f"{layer} needs (batch, tokens, features), got {tuple(x.shape)}")
        if flat:
            x, out = x[:, None], out[:, None]
        gate = self.gates[name]
        low, logits = _in_one_product(bank, gate, x)
        weights = gate(x, running, layer, logits)
        if (record := current_record()) is not None and not running.is_replay:
            shape = (*x.shape[:2], len(bank))
            real = running.real_or_all(shape[:2], x.device)
            record.add(layer, weights.detach().expand(shape), real, is_prompt=running.is_first)
        out = bank(x, weights, out, low=low)
        return out[:, 0] if flat else out

    def merge(self, safe_merge: bool = False, adapter_names: list[str] | None = None) -> None:
        raise AdapterError(NO_MERGE)

    def unmerge(self) -> None:
        raise AdapterError(NO_MERGE)

    def supports_lora_conversion(self, adapter_name: str = "default") -> bool:
        return False


_MANY = 32
"""Tokens from which two products with the same input cost more than a copy of their weights side by side."""


def _in_one_product(bank: ExpertBank, gate: Any, x: Tensor) -> tuple[Tensor | None, Tensor | None]:
    """``A x`` and what the gate's router makes of ``x``, or None and None where each is better made alone.

    The input is read once, and its gradient is one product, not a sum of two as large as itself.
    """
    router: Tensor | None = gate.router
    if router is None or bank.drops or router.dtype != bank.A.dtype or x.shape[:-1].numel() < _MANY:
        return None, None
    low, logits = functional.linear(x, torch.cat((bank.A, router))).split((bank.A.shape[0], router.shape[0]), dim=-1)
    return low, logits


NO_MERGE = (
    "experts cannot be merged into the weights, for their gate weighs them token by token: keep the adapter, or make "
    "a plain LoRA of a fixed gate with loremill.adapters.export_lora"
)
