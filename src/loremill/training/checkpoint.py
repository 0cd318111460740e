# SPDX-License-Identifier: Apache-2.0
"""Checkpoints that resume bit for bit: safetensors and JSON only, never pickle.

A checkpoint holds the trainable weights, AdamW's moments, torch's random state and the place in the
data; everything else of a step is a function of the configuration and the seed.
"""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

from ..errors import InputError

_STATE = "state.json"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a run stands: ``step`` optimizer steps done, ``batch`` batches of ``epoch`` of its ``stage`` consumed.

    ``before`` steps belong to the stages before it.
    """

    step: int = 0
    epoch: int = 0
    batch: int = 0
    stage: int = 0
    before: int = 0


def save_checkpoint(folder: Path, model: Any, optimizer: Any, place: Place, identity: str) -> Path:
    """Write ``folder/step-N`` as a whole (a killed write leaves no half checkpoint) and drop all but the last two."""
    target = folder / f"step-{place.step:08d}"
    part = folder / f".part-{place.step:08d}"
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True)
    trainable = _trainable(model)
    save_file({n: p.detach().contiguous() for n, p in trainable.items()}, part / "model.safetensors")
    save_file(_moments(optimizer, trainable), part / "optimizer.safetensors")
    save_file({"torch": torch.get_rng_state()}, part / "random.safetensors")
    state = {**asdict(place), "identity": identity}
    (part / _STATE).write_text(json.dumps(state), encoding="utf-8")
    for file in part.iterdir():
        with open(file, "rb") as written:
            os.fsync(written.fileno())
    shutil.rmtree(target, ignore_errors=True)
    os.replace(part, target)
    for old in _checkpoints(folder)[:-2]:
        shutil.rmtree(old)
    return target


def check_identity(folder: Path, identity: str) -> None:
    """Check that the last checkpoint under ``folder``, if there is one, belongs to this configuration.

    Raises:
        InputError: it belongs to another.
    """
    for last in _checkpoints(folder)[-1:]:
        if _state(last)["identity"] != identity:
            raise InputError(
                f"checkpoint {last.name} in {str(folder)!r} was made by another configuration: "
                "use that configuration, or another output folder"
            )


def load_checkpoint(folder: Path, model: Any, optimizer: Any, identity: str) -> Place:
    """Restore the last checkpoint under ``folder`` in place; a fresh `Place` if there is none.

    Raises:
        InputError: the checkpoint belongs to another configuration.
    """
    check_identity(folder, identity)
    found = _checkpoints(folder)
    if not found:
        return Place()
    last = found[-1]
    state = _state(last)
    trainable = _trainable(model)
    weights = load_file(last / "model.safetensors")
    with torch.no_grad():
        for name, parameter in trainable.items():
            parameter.copy_(weights[name])
    moments = load_file(last / "optimizer.safetensors")
    for name, parameter in trainable.items():
        kept = {key.split("/")[-1]: value for key, value in moments.items() if key.rpartition("/")[0] == name}
        if kept:
            optimizer.state[parameter] = {
                key: value if key == "step" else value.to(parameter.device) for key, value in kept.items()
            }
    torch.set_rng_state(load_file(last / "random.safetensors")["torch"])
    return Place(**{field.name: state.get(field.name, 0) for field in fields(Place)})


def _checkpoints(folder: Path) -> list[Path]:
    return sorted(p for p in folder.glob("step-*") if (p / _STATE).is_file())


def _state(checkpoint: Path) -> dict[str, Any]:
    state: dict[str, Any] = json.loads((checkpoint / _STATE).read_text(encoding="utf-8"))
    return state


def _trainable(model: Any) -> dict[str, Any]:
    return {name: p for name, p in model.named_parameters() if p.requires_grad}


def _moments(optimizer: Any, trainable: dict[str, Any]) -> dict[str, Tensor]:
    return {
        f"{name}/{key}": value.detach().clone()
        for name, parameter in trainable.items()
        for key, value in optimizer.state.get(parameter, {}).items()
        if isinstance(value, Tensor)
    }
