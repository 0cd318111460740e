# SPDX-License-Identifier: Apache-2.0
"""An adapter apart from its model: configuration and tensors, as PEFT's folders hold them.

A folder has ``adapter_config.json`` and ``adapter_model.safetensors``; weights of other kinds of files are not read.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from peft import PeftConfig
from peft.utils.save_and_load import get_peft_model_state_dict
from safetensors import SafetensorError, safe_open
from safetensors.torch import load_file, save_file
from torch import Tensor

from ..errors import AdapterError, LoremillError, UnknownNameError

CONFIG = "adapter_config.json"
WEIGHTS = "adapter_model.safetensors"
_PREFIX = "base_model.model."
"""What PEFT writes before a module's path in the model."""


@dataclass(frozen=True, slots=True, eq=False)
class SavedAdapter:
    """A configuration, and tensors by their names from the module's path on, e.g. ``lm_head.lora_A.weight``."""

    config: PeftConfig
    tensors: Mapping[str, Tensor]


def read_adapter(folder: str | Path) -> SavedAdapter:
    """The adapter in a folder, on the CPU.

    Raises:
        AdapterError: there is none, it cannot be read, or its configuration does not fit.
    """
    path = Path(folder).expanduser()
    config = read_config(path)
    try:
        tensors = load_file(_weights_of(path))
    except (OSError, SafetensorError) as error:
        raise _unreadable(path, error) from error
    return SavedAdapter(config, {name.removeprefix(_PREFIX): tensor for name, tensor in tensors.items()})


def read_config(path: Path) -> PeftConfig:
    """The configuration in an adapter's folder.

    Raises:
        AdapterError: there is none, it cannot be read, or it does not fit.
    """
    if not (path / CONFIG).is_file():
        raise AdapterError(f"an adapter's folder with {CONFIG} is wanted, {str(path)!r} has none")
    try:
        return PeftConfig.from_pretrained(str(path))
    except LoremillError:  # of our own kinds' checks
        raise
    except (OSError, ValueError, LookupError, TypeError, AttributeError, ImportError, RecursionError) as error:
        raise _unreadable(path, error) from error


def read_shapes(path: Path) -> dict[str, tuple[int, ...]]:
    """Shapes of the tensors in an adapter's folder, by their names from the module's path on; reads no values.

    Raises:
        AdapterError: they cannot be read.
    """
    try:
        with safe_open(_weights_of(path), framework="pt") as file:
            return {name.removeprefix(_PREFIX): tuple(file.get_slice(name).get_shape()) for name in file.keys()}  # noqa: SIM118
    except (OSError, SafetensorError) as error:
        raise _unreadable(path, error) from error


def adapter_of(model: Any, adapter_name: str = "default") -> SavedAdapter:
    """An adapter that stands in a model, as saving it would write it.

    Raises:
        UnknownNameError: the model has none of this name.
    """
    configs: dict[str, PeftConfig] = getattr(model, "peft_config", None) or {}
    if adapter_name not in configs:
        raise UnknownNameError("adapter of the model", adapter_name, configs)
    tensors = get_peft_model_state_dict(model, adapter_name=adapter_name)
    named = {name.removeprefix(_PREFIX): tensor.detach() for name, tensor in tensors.items()}
    return SavedAdapter(configs[adapter_name], named)


def write_adapter(saved: SavedAdapter, folder: str | Path, *, overwrite: bool = False) -> None:
    """Save an adapter for PEFT.

    Raises:
        AdapterError: the folder holds something and is not to be overwritten, or it cannot be written.
    """
    path = Path(folder).expanduser()
    tensors = {f"{_PREFIX}{name}": tensor.cpu().contiguous().clone() for name, tensor in saved.tensors.items()}
    try:
        if path.exists() and not path.is_dir():
            raise AdapterError(f"a folder to write to is wanted, {str(folder)!r} is a file")
        if path.is_dir() and any(path.iterdir()) and not overwrite:
            raise AdapterError(f"{str(folder)!r} exists and is not empty; overwrite it or name another folder")
        path.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=path) as new:  # what stood there stays until all is made
            save_file(tensors, Path(new) / WEIGHTS, metadata={"format": "pt"})
            saved.config.save_pretrained(new)
            for name in (WEIGHTS, CONFIG):
                os.replace(Path(new) / name, path / name)
    except (OSError, SafetensorError) as error:
        raise AdapterError(f"cannot write the adapter to {str(folder)!r}: {error}") from error


def _weights_of(path: Path) -> Path:
    if not (path / WEIGHTS).is_file():
        raise AdapterError(
            f"the adapter in {str(path)!r} needs its weights in {WEIGHTS}, which is not there: save it with "
            "safe_serialization=True"
        )
    return path / WEIGHTS


def _unreadable(path: Path, error: Exception) -> AdapterError:
    reason = f"no such kind of adapter as {error}" if isinstance(error, KeyError) else str(error).partition("\n")[0]
    return AdapterError(f"the adapter in {str(path)!r} cannot be read: {reason[:300]}")
