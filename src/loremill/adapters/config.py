# SPDX-License-Identifier: Apache-2.0
"""Settings that all our adapters share, and how a setting that does not fit is told: its name and what it needs."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any, ClassVar

from peft import PeftConfig

from ..errors import AdapterError, UnknownNameError
from .targets import ROLES


@dataclass
class ExpertConfig(PeftConfig):
    """Fields that all our adapters share.

    Args:
        task_type: as PEFT's; the default is for models that generate.
        r: rank of each expert.
        alpha: an expert's output is scaled by alpha / r (``scaling`` per_expert).
        dropout: of a layer's input, before the experts.
        target_roles: which modules have experts, by their role (`targets.ROLES`); none: those of the method that the
            architecture has.
        target_modules: as PEFT's; takes the place of ``target_roles``.
        exclude_modules: as PEFT's.
        layers_to_transform: numbers of the layers that have experts; none: all.
        layers_pattern: as PEFT's, beside names in ``target_modules``.
        modules_to_save: as PEFT's.

    Raises:
        AdapterError: a field does not fit; the message names it.
        UnknownNameError: a field that is one of a few names has none of them.
    """

    task_type: str | None = field(default="CAUSAL_LM")
    r: int = field(default=4)
    alpha: float = field(default=32.0)
    dropout: float = field(default=0.0)
    target_roles: list[str] = field(default_factory=list)
    target_modules: list[str] | str | None = field(default=None)
    exclude_modules: list[str] | str | None = field(default=None)
    layers_to_transform: list[int] | int | None = field(default=None)
    layers_pattern: list[str] | str | None = field(default=None)
    modules_to_save: list[str] | None = field(default=None)
    bias: str = field(default="none")
    default_roles: ClassVar[tuple[str, ...]] = ()

    def __post_init__(self) -> None:
        super().__post_init__()
        at_least(self, "r", 1)
        number(self, "alpha", above=0.0)
        number(self, "dropout", least=0.0, below=1.0)
        names(self, "target_roles")
        for role in self.target_roles:
            if role not in ROLES:
                raise UnknownNameError("target role", role, ROLES)
        if self.target_modules == [] or self.target_modules == "":
            raise AdapterError("target_modules needs names or a regular expression, or to be left out, got none")
        names(self, "modules_to_save")
        one_of(self, "bias", ("none",))  # the experts leave biases as they are
        self._check_layers()

    def _check_layers(self) -> None:
        layers = self.layers_to_transform
        given = [] if layers is None else [layers] if isinstance(layers, int) else list(layers)
        if layers == [] or any(not isinstance(n, int) or isinstance(n, bool) or n < 0 for n in given):
            raise AdapterError(f"layers_to_transform needs numbers of layers from 0, got {layers!r}")
        if self.layers_pattern is not None and (layers is None or not isinstance(self.target_modules, list)):
            raise AdapterError("layers_pattern needs layers_to_transform and names in target_modules beside it")
        if layers is not None and isinstance(self.target_modules, str):
            raise AdapterError(
                "layers_to_transform does nothing beside a regular expression in target_modules: name the layers in it"
            )


def at_least(config: Any, name: str, least: int) -> None:
    """Raises AdapterError when a field is no whole number from ``least``."""
    value = getattr(config, name)
    if not isinstance(value, int) or isinstance(value, bool) or value < least:
        raise AdapterError(f"{name} needs to be a whole number from {least}, got {value!r}")


def number(
    config: Any, name: str, *, least: float = -math.inf, above: float = -math.inf, below: float = math.inf
) -> None:
    """Raises AdapterError when a field is no finite number within bounds."""
    value = getattr(config, name)
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)
    if not is_number or value < least or value <= above or value >= below:
        limits = {"from": least, "above": above, "below": below}
        wanted = " and ".join(f"{word} {limit:g}" for word, limit in limits.items() if math.isfinite(limit))
        raise AdapterError(f"{name} needs to be a number {wanted}, got {value!r}")


def truth(config: Any, name: str) -> None:
    """Raises AdapterError when a field is neither true nor false."""
    if not isinstance(getattr(config, name), bool):
        raise AdapterError(f"{name} needs to be true or false, got {getattr(config, name)!r}")


def names(config: Any, name: str) -> None:
    """Raises AdapterError when a field is no list of names; None passes."""
    value = getattr(config, name)
    if value is not None and (not isinstance(value, (list, tuple)) or not all(isinstance(v, str) for v in value)):
        raise AdapterError(f"{name} needs to be a list of names, got {value!r}")


def one_of(config: Any, name: str, choices: tuple[str, ...]) -> None:
    """Raises UnknownNameError when a field is none of ``choices``."""
    if getattr(config, name) not in choices:
        raise UnknownNameError(name, str(getattr(config, name)), choices)
