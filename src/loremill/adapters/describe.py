# SPDX-License-Identifier: Apache-2.0
"""What the active adapters' gates are told about a batch of prompts: the one place where a prompt becomes a context.

======================  ============================================================
router                  text that is embedded
======================  ============================================================
``schema``,             labels and definitions, as the prompt shows them
``schema_only``
``task``                the same, and the text
``token``, ``constant`` nothing
======================  ============================================================

Instruction and demonstrations never enter a task embedding, nor do given mentions unless the adapter's
``task_sees_given`` is set (TA-MoELoRA's own code let them in).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from ..errors import AdapterError, UnknownNameError
from ..prompt import CAPABILITIES, Prompt
from .capability import NEEDED, CapabilityConfig
from .config import ExpertConfig
from .context import RoutingContext
from .encoder import TaskEncoder
from .moelora import MoELoraConfig

NO_CAPABILITY = "none"
"""How the empty set of capabilities is written."""


@dataclass(frozen=True, slots=True)
class Describer:
    """Makes a `RoutingContext` of a batch's prompts.

    Args:
        encoder: of tasks; None when no active router reads them.
        sees_text: whether the text is embedded with the schema.
        sees_given: whether given mentions are, too.
        needs_capabilities: whether an active adapter has capability experts.
        forced: which capabilities act, whatever the gates say; None leaves it to them.
    """

    encoder: TaskEncoder | None = None
    sees_text: bool = False
    sees_given: bool = False
    needs_capabilities: bool = False
    forced: tuple[int, int, int] | None = None

    def __call__(
        self, prompts: Sequence[Prompt], *, instruction: Tensor, real: Tensor, items: Tensor | None = None
    ) -> RoutingContext:
        """The context of a batch, on the device of ``real``.

        Args:
            prompts: one per item: per row, or in the order of the numbers in ``items``.
            instruction: tokens of instruction and schema, special tokens left out, ``(rows, tokens)``, bool.
            real: tokens that are no padding, ``(rows, tokens)``, bool.
            items: number of each token's item, -1 of padding, ``(rows, tokens)``; None: a row is an item.

        Raises:
            AdapterError: a prompt's capabilities are not known, or its task cannot be embedded.
        """
        device = real.device
        return RoutingContext(
            real=real,
            instruction=instruction,
            items=items,
            task=self.encoder([self.task_text(p) for p in prompts]).to(device) if self.encoder is not None else None,
            capabilities=torch.tensor([capabilities_of(p) for p in prompts], device=device).reshape(-1, 3)
            if self.needs_capabilities
            else None,
            forced=torch.tensor(self.forced, dtype=torch.float32, device=device) if self.forced is not None else None,
        )

    def task_text(self, prompt: Prompt) -> str:
        """What is embedded of a prompt."""
        parts = [prompt.schema, prompt.definitions]
        if self.sees_text:
            parts.append(prompt.text)
        if self.sees_given:
            parts.append(prompt.given)
        return "\n".join(part for part in parts if part)

    @property
    def identity(self) -> dict[str, str]:
        """What it adds to a run's identity: the encoder's name and fingerprint, and forced capabilities."""
        found = {}
        if self.encoder is not None:
            found["task_encoder"] = f"{self.encoder.name} {self.encoder.fingerprint}"
        if self.forced is not None:
            found["capabilities"] = written(self.forced)
        return found


def describer_of(
    model: Any,
    *,
    capabilities: str | Sequence[int] | None = None,
    encoder: TaskEncoder | None = None,
    cache_dir: Path | None = None,
) -> Describer | None:
    """The describer that fits a model's active adapters; None when none of them has experts.

    Args:
        model: with or without adapters, from ``get_peft_model`` or transformers' ``load_adapter``.
        capabilities: those to force (see `forced_capabilities`).
        encoder: takes the place of the one that the adapter names.
        cache_dir: folder in which task embeddings are kept between runs.

    Raises:
        AdapterError: capabilities are to be forced that no active adapter has, active adapters differ in what they
            embed, or the encoder cannot be loaded or has another size.
    """
    configs = active_configs(model)
    needs_capabilities = any(isinstance(config, CapabilityConfig) for config in configs)
    forced = forced_capabilities(capabilities) if capabilities is not None else None
    if forced is not None and not needs_capabilities:
        raise AdapterError(
            f"capabilities ({written(forced)}) can be forced on an adapter of capability experts only: "
            "give one with adapter=..., or leave capabilities out"
        )
    if not configs:
        return None
    readers = [config for config in configs if isinstance(config, MoELoraConfig) and config.reads_task]
    if not readers:
        return Describer(needs_capabilities=needs_capabilities, forced=forced)
    first = readers[0]
    if any(_reading(other) != _reading(first) for other in readers):
        raise AdapterError("active adapters differ in task_encoder, router or task_sees_given: activate one at a time")
    if encoder is None:
        if first.task_encoder is None:
            raise AdapterError(
                f"the adapter's router {first.router!r} reads tasks, but its adapter_config.json names no "
                "task_encoder: write there the encoder that it was trained with"
            )
        encoder = TaskEncoder(first.task_encoder, device=_device_of(model), cache_dir=cache_dir)
    if encoder.d_task != first.d_task:
        raise AdapterError(
            f"the adapter reads task embeddings of {first.d_task} numbers, {encoder.name!r} makes {encoder.d_task}: "
            "use the encoder that it was trained with"
        )
    return Describer(
        encoder=encoder,
        sees_text=first.router == "task",
        sees_given=first.task_sees_given,
        needs_capabilities=needs_capabilities,
        forced=forced,
    )


def active_configs(model: Any) -> list[ExpertConfig]:
    """Configurations of a model's active adapters with experts."""
    model = getattr(model, "module", model)  # what DistributedDataParallel wraps
    configs: dict[str, Any] = getattr(model, "peft_config", None) or {}
    if not configs:
        return []
    active = model.active_adapters
    names = active() if callable(active) else active
    chosen = [configs[name] for name in ([names] if isinstance(names, str) else names) if name in configs]
    return [config for config in chosen if isinstance(config, ExpertConfig)]


def capabilities_of(prompt: Prompt) -> tuple[int, int, int]:
    """The capabilities that a prompt's task needs (`NEEDED`).

    Raises:
        AdapterError: it is not known.
    """
    task = prompt.task or prompt.family
    if task not in NEEDED:
        raise AdapterError(f"which capabilities {task!r} needs is not known, but of {', '.join(sorted(NEEDED))}")
    return NEEDED[task]


def forced_capabilities(given: str | Sequence[int]) -> tuple[int, int, int]:
    """A set of capabilities: by name, as in ``judging,locating`` or ``none``, or as 0 and 1, as in ``(1, 1, 0)``.

    Raises:
        UnknownNameError: no capability of this name.
        AdapterError: other numbers, or not three of them.
    """
    if isinstance(given, str):
        words = [word.strip() for word in given.split(",")]
        if words == [NO_CAPABILITY]:
            return (0, 0, 0)
        if NO_CAPABILITY in words:
            raise AdapterError(f"{NO_CAPABILITY} stands alone, got {given!r}")
        if not all(word in ("0", "1") for word in words):
            for word in words:
                if word not in CAPABILITIES:
                    raise UnknownNameError("capability", word, (*CAPABILITIES, NO_CAPABILITY))
            judging, locating, associating = (int(name in words) for name in CAPABILITIES)
            return (judging, locating, associating)
        given = [int(word) for word in words]
    if len(given) != len(CAPABILITIES) or any(value not in (0, 1) for value in given):
        raise AdapterError(
            f"capabilities need names, as in judging,locating, or 0 or 1 for each of {', '.join(CAPABILITIES)}, "
            f"got {given!r}"
        )
    judging, locating, associating = (int(value) for value in given)
    return (judging, locating, associating)


def written(forced: Sequence[int]) -> str:
    """Forced capabilities by name; the inverse of `forced_capabilities`."""
    return ",".join(name for name, on in zip(CAPABILITIES, forced, strict=True) if on) or NO_CAPABILITY


def _reading(config: MoELoraConfig) -> tuple[Any, ...]:
    return config.task_encoder, config.d_task, config.router == "task", config.task_sees_given


def _device_of(model: Any) -> torch.device:
    return next(getattr(model, "module", model).parameters()).device
