# SPDX-License-Identifier: Apache-2.0
"""What all our adapters are to PEFT: injection, routing values of ``generate``, and what is refused.

A method file gives a `config.ExpertConfig` and `ExpertTuner.experts_of`, the bank and gate of a layer.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from typing import Any, ClassVar

from peft import PeftConfig
from peft.tuners.tuners_utils import BaseTuner
from torch import Tensor, nn

from ..errors import AdapterError
from . import hooks
from .bank import ExpertBank
from .context import ROUTING_KEYS, RoutingContext, Scope, Statistics, routed
from .layer import NO_MERGE, ExpertLinear
from .targets import target_regex


class ExpertTuner(BaseTuner):
    """Puts banks of experts into a model; the hooks on the model make its routing passes."""

    tuner_layer_cls: ClassVar[type[ExpertLinear]]
    target_module_mapping: ClassVar[dict[str, list[str]]] = {}

    @staticmethod
    @abstractmethod
    def experts_of(config: Any, d_in: int, d_out: int) -> tuple[ExpertBank, nn.Module]:
        """The bank and gate of one layer."""

    def auxiliary_losses(self, scope: Scope, config: Any) -> dict[str, tuple[float, Tensor]]:
        """Weight and value, by name, of the losses that training adds; read from what the scope collected."""
        return {}

    def generate(self, *args: Any, **kwargs: Any) -> Any:
        """As the model's; routing values may be given as keywords of the names in `RoutingContext`."""
        values = {name: kwargs.pop(name) for name in ROUTING_KEYS if name in kwargs}
        with routed(RoutingContext(**values)) if values else nullcontext():
            return self.model.generate(*args, **kwargs)

    def all_auxiliary_losses(self, scope: Scope) -> dict[str, tuple[float, Tensor]]:
        """Those of the adapters whose layers told the scope something; of several, names start with the adapter's."""
        told: dict[str, dict[str, Statistics]] = {}
        for layer, statistics in scope.statistics.items():
            told.setdefault(layer.rpartition(".")[2], {})[layer] = statistics
        return {
            name if len(told) == 1 else f"{adapter}.{name}": loss
            for adapter, own in told.items()
            for name, loss in self.auxiliary_losses(replace(scope, statistics=own), self.peft_config[adapter]).items()
        }

    @contextmanager
    def _enable_peft_forward_hooks(self, *args: Any, **kwargs: Any) -> Iterator[None]:
        """What PEFT calls around a pass with the keywords that it keeps from the model."""
        if kwargs.get("adapter_names") is not None:
            raise AdapterError(
                "adapter_names, an adapter for each row, is not supported by experts: "
                "choose one with set_adapter, and extract the rows of each adapter apart"
            )
        yield

    def _pre_injection_hook(self, model: nn.Module, config: PeftConfig, adapter_name: str) -> None:
        kinds = {type(module).__name__ for module in model.modules() if isinstance(module, ExpertLinear)}
        other = kinds - {self.tuner_layer_cls.__name__}
        if other:
            del self.peft_config[adapter_name]  # a dictionary that the model's adapters share
            raise AdapterError(
                f"the model has {other.pop()} layers, beside which no {self.tuner_layer_cls.__name__} can stand: "
                "unload its adapters first, or load the base model twice"
            )

    def _post_injection_hook(self, model: nn.Module, config: PeftConfig, adapter_name: str) -> None:
        hooks.install(model, self.all_auxiliary_losses)

    def _prepare_adapter_config(self, peft_config: Any, model_config: dict[str, Any]) -> Any:
        layers = peft_config.layers_to_transform
        if layers is not None:
            count = getattr(getattr(self.model, "config", None), "num_hidden_layers", None)
            _check_layers([layers] if isinstance(layers, int) else layers, count)
        if peft_config.target_modules is None:
            kind = model_config.get("model_type", "custom")
            asked = peft_config.target_roles
            roles = asked or type(peft_config).default_roles
            peft_config.target_modules = target_regex(kind, roles, needed=asked, layers=layers)
            peft_config.layers_to_transform = None  # they stand in the expression now, beside which PEFT reads none
        return peft_config

    def _create_and_replace(
        self,
        peft_config: Any,
        adapter_name: str,
        target: nn.Module,
        target_name: str,
        parent: nn.Module,
        current_key: str,
        parameter_name: str | None = None,
    ) -> None:
        if parameter_name is not None:
            raise AdapterError(f"experts stand beside modules, not in parameters as {parameter_name!r}")
        layer = target if isinstance(target, ExpertLinear) else self.tuner_layer_cls(target, current_key)
        d_in, d_out = sizes_of(layer.get_base_layer(), current_key)
        bank, gate = self.experts_of(peft_config, d_in, d_out)
        if layer is not target:
            layer._active_adapter = self.active_adapters
        layer.add(adapter_name, bank, gate)
        if layer is not target:
            if adapter_name not in self.active_adapters:
                layer.requires_grad_(False)
            setattr(parent, target_name, layer)

    def merge_adapter(self, adapter_names: list[str] | None = None, safe_merge: bool = False) -> None:
        raise AdapterError(NO_MERGE)

    def merge_and_unload(self, *args: Any, **kwargs: Any) -> nn.Module:
        raise AdapterError(NO_MERGE)

    def unload(self) -> nn.Module:
        """The base model as it was."""
        model: nn.Module = super().unload()
        hooks.remove(model)
        return model


def _check_layers(layers: list[int], count: int | None) -> None:
    beyond = [n for n in layers if count is not None and n >= count]
    if beyond:
        raise AdapterError(f"layers_to_transform needs numbers below {count}, the model's layers, got {beyond}")


def sizes_of(module: nn.Module, path: str) -> tuple[int, int]:
    """Numbers that a linear layer reads and writes per token; ``path`` names it in messages.

    Raises:
        AdapterError: it is no linear layer.
    """
    d_in, d_out = getattr(module, "in_features", None), getattr(module, "out_features", None)
    if d_in is None and type(module).__name__ == "Conv1D":  # of GPT-2: its weight is (d_in, d_out)
        d_in, d_out = module.weight.shape
    if d_in is None or d_out is None:
        raise AdapterError(
            f"experts stand beside linear layers, {path} is a {type(module).__name__}: change target_modules"
        )
    return int(d_in), int(d_out)
