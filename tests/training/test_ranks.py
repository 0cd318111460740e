# SPDX-License-Identifier: Apache-2.0
"""Adapters of experts trained by two processes on a CPU: the same losses as by one with the whole batches."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from loremill.training.config import load_config
from loremill.training.run import train

RUNS = {
    "moelora": "adapter=moelora batch_size=5",  # ranks have three items and two
    "moelora, packed": "adapter=moelora batch_size=5 packing=true",
    # a step has two micro-batches; the entropy is of a micro-batch, so its weight is 0
    "capability, accumulated": "adapter=capability batch_size=3 grad_accum_steps=2 capability.entropy_weight=0.0",
    "capability": "adapter=capability batch_size=5 capability.entropy_weight=0.5 capability.bce_weight=0.5",
    "capability, idle": "adapter=capability batch_size=1 capability.entropy_weight=0.5",  # a rank has no item
    "capability, hard": "adapter=capability batch_size=5 capability.routing=hard capability.entropy_weight=0.5",
    "capability, warmed": "adapter=capability batch_size=5 capability.warming_steps=2 capability.capability_share=0.5",
    "capability, recomputed": "adapter=capability batch_size=5 gradient_checkpointing=true",
}
_RANK = """
import json, sys, warnings
from loremill.training.config import load_config
from loremill.training.run import train

warnings.filterwarnings("error", message=".*torch.distributed.*", category=FutureWarning)
for path, overrides in json.loads(sys.argv[1]):
    train(load_config(path, overrides))
"""


def configuration(folder: Path, model: Path, data_dir: Path) -> Path:
    path = folder / "config.yaml"
    settings = {
        "model": str(model),
        "output": str(folder),
        "data_dir": str(data_dir),
        "corpora": [{"name": "conll2003"}],
        "augmentation": {"negatives": 0.0},
        "moelora": {"experts": 3, "rank": 2, "dropout": 0.0, "task_encoder": str(model)},
        "capability": {"sub_experts": 2, "rank": 2, "warming_epochs": 0, "capability_share": 0.0},
        "max_steps": 4,
        "lr": 0.01,
        "threads": 1,
    }
    path.write_text(json.dumps(settings), encoding="utf-8")  # which is YAML
    return path


@pytest.fixture(scope="module")
def outputs(steady_bert, data_dir, tmp_path_factory) -> tuple[Path, Path]:
    """Folders of the runs by one process and by two."""
    alone, both = (tmp_path_factory.mktemp(name) for name in ("alone", "both"))
    path = configuration(alone, steady_bert, data_dir)
    for name, overrides in RUNS.items():
        train(load_config(path, [*overrides.split(), f"output={alone / name}"]))
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = str(found.getsockname()[1])
    work = [(str(path), [*overrides.split(), f"output={both / name}"]) for name, overrides in RUNS.items()]
    shared = {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": port, "WORLD_SIZE": "2"}
    environment = {**os.environ, "HF_HUB_OFFLINE": "1", "OMP_NUM_THREADS": "1", **shared}
    ranks = [
        subprocess.Popen(  # noqa: S603
            [sys.executable, "-c", _RANK, json.dumps(work)],
            env={**environment, "RANK": str(i), "LOCAL_RANK": str(i)},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
        for i in range(2)
    ]
    complaints = [process.communicate(timeout=300)[1].decode() for process in ranks]
    assert [process.returncode for process in ranks] == [0, 0], complaints
    return alone, both


def log_of(output: Path) -> list[dict[str, float]]:
    """Numbers of the log, but for those of the clock."""
    lines = [json.loads(line) for line in (output / "log.jsonl").read_text().splitlines()]
    return [{key: value for key, value in line.items() if key not in ("stage", "tokens_per_s")} for line in lines]


@pytest.mark.parametrize("name", RUNS)
def test_two_processes_have_the_losses_of_one(outputs, name):
    alone, both = (log_of(folder / name) for folder in outputs)
    assert len(both) == len(alone) >= 4
    for left, right in zip(alone, both, strict=True):
        # sums of some 100 terms in another order, 6e-8 each, grown by Adam over four steps
        assert right == pytest.approx(left, rel=1e-4)


@pytest.mark.parametrize("name", RUNS)
def test_two_processes_make_the_adapter_of_one(outputs, name):
    alone, both = (load_file(folder / name / "adapter" / "adapter_model.safetensors") for folder in outputs)
    assert both.keys() == alone.keys()
    for tensor, wanted in ((both[key], alone[key]) for key in alone):
        # four steps of 0.01 at most; where a gradient is but rounding, Adam takes steps of another sign
        assert (tensor - wanted).abs().median() < 1e-5
        torch.testing.assert_close(tensor, wanted, atol=0.04, rtol=0.0)
