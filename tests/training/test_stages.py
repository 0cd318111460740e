# SPDX-License-Identifier: Apache-2.0
"""Warming, then all tasks: counted apart, resumed bit for bit from any place, and each with its learning rates."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from loremill.errors import InputError
from loremill.models.likelihood import Item
from loremill.training.checkpoint import Place
from loremill.training.config import Augmentation, CapabilitySettings, CorpusShare, TrainConfig
from loremill.training.loop import learning_rate
from loremill.training.run import train
from loremill.training.stages import Stage, steps_of

ADAPTER = "adapter/adapter_model.safetensors"


class StoppedError(Exception):
    """A run was cut off."""


@pytest.fixture
def config(bert, data_dir, tmp_path) -> TrainConfig:
    return TrainConfig(
        model=str(bert),
        output=str(tmp_path / "run"),
        corpora=(CorpusShare("conll2003"),),
        data_dir=str(data_dir),
        adapter="capability",
        capability=CapabilitySettings(sub_experts=2, rank=2, dropout=0.1, warming_steps=4, capability_share=0.5),
        augmentation=Augmentation(negatives=0.0),
        batch_size=4,
        lr=1e-2,
        max_steps=5,
        checkpoint_steps=2,
        threads=1,
    )


def log_of(config: TrainConfig) -> list[dict]:
    lines = [json.loads(line) for line in (Path(config.output) / "log.jsonl").read_text().splitlines()]
    return [{key: value for key, value in line.items() if key != "tokens_per_s"} for line in lines]


def tensors(config: TrainConfig) -> dict[str, torch.Tensor]:
    return load_file(Path(config.output) / ADAPTER)


def same(left: dict, right: dict) -> bool:
    return left.keys() == right.keys() and all(torch.equal(left[name], right[name]) for name in left)


def stopped_at(step: int):
    def on_step(progress) -> None:
        if progress.before + progress.step == step:
            raise StoppedError

    return on_step


def test_stages_are_named_counted_apart_and_have_learning_rates_of_their_own(config):
    seen = []
    result = train(config, on_step=seen.append)
    assert (result.warming_steps, result.steps) == (4, 5)
    lines = log_of(config)
    assert [line["step"] for line in lines] == list(range(1, 10))
    assert [line["stage"] for line in lines] == ["warming"] * 4 + ["multi-task"] * 5
    assert [line["lr"] for line in lines] == [learning_rate(s, n, config) for n in (4, 5) for s in range(n)]
    assert [(p.stage, p.step, p.total_steps, p.before) for p in seen[3:5]] == [
        ("warming", 4, 4, 0),
        ("multi-task", 1, 5, 4),
    ]
    assert all({"bce", "entropy", "task_loss"} <= line.keys() for line in lines)


@pytest.mark.parametrize("stop", [3, 4, 5, 8])
def test_a_run_stopped_in_either_stage_or_between_ends_the_same(config, tmp_path, stop):
    straight = replace(config, output=str(tmp_path / "straight"))
    train(straight)
    with pytest.raises(StoppedError):
        train(config, on_step=stopped_at(stop))
    result = train(config, resume=True)
    assert (result.warming_steps, result.steps) == (4, 5)
    assert same(tensors(straight), tensors(config))
    assert log_of(straight) == log_of(config)


def test_epochs_of_warming_are_over_all_sub_tasks(config):
    settings = replace(config.capability, warming_steps=0, warming_epochs=2)
    result = train(replace(config, capability=settings, max_steps=1))
    assert result.warming_steps == 24  # 24 sentences, all with names: judging and locating of each, four at a time


def test_warming_trains_the_shared_expert_and_those_of_the_capabilities_asked_for(config):
    train(replace(config, checkpoint_steps=4, max_steps=2))
    weights = load_file(Path(config.output) / "checkpoints" / "step-00000004" / "model.safetensors")
    banks = [tensor for name, tensor in weights.items() if ".capability_bank." in name and name.endswith(".B")]
    assert banks
    for bank in banks:  # (d_out, experts x rank): shared, then two sub-experts of each capability; it starts at zero
        shared, judging, locating, associating = bank.split([2, 4, 4, 4], dim=1)
        assert all(part.abs().sum() > 0 for part in (shared, judging, locating))
        assert not associating.any()  # a corpus of entities alone


def test_no_warming_has_one_stage_and_no_name_in_the_log(config):
    bare = replace(config, capability=replace(config.capability, warming_steps=0, warming_epochs=0))
    result = train(bare)
    assert (result.warming_steps, result.steps) == (0, 5)
    assert all("stage" not in line for line in log_of(bare))


def test_other_adapters_have_no_warming(config):
    result = train(replace(config, adapter="lora", max_steps=2))
    assert (result.warming_steps, result.steps) == (0, 2)


def test_another_length_of_warming_is_another_run(config):
    with pytest.raises(StoppedError):
        train(config, on_step=stopped_at(5))
    with pytest.raises(InputError, match="was made by another configuration"):
        train(replace(config, capability=replace(config.capability, warming_steps=3)), resume=True)


def test_other_wordings_are_another_run_wherever_the_file_lies(config, tmp_path):
    files = [tmp_path / name for name in ("a.yaml", "b.yaml", "c.yaml")]
    for file, words in zip(files, ("Find all of it.", "Find all of it.", "Find most of it."), strict=True):
        file.write_text(f"entities: [{words}]")
    same, moved, other = (
        replace(config, adapter="lora", max_steps=3, augmentation=replace(config.augmentation, instructions=str(file)))
        for file in files
    )
    train(same)
    train(moved, resume=True)
    with pytest.raises(InputError, match="was made by another configuration"):
        train(other, resume=True)


@pytest.mark.parametrize("wrong", [{"warming_steps": -1}, {"warming_epochs": -1}, {"capability_share": 1.5}])
def test_settings_that_cannot_be_are_refused(wrong):
    with pytest.raises(InputError, match="capability needs warming_epochs and warming_steps of at least 0"):
        CapabilitySettings(**wrong)


def items(count: int, epoch: int) -> list[Item]:
    from loremill.models.codec import Encoded

    return [Item(Encoded((i,) * (i + 1), (0,) * (i + 1)), Encoded((epoch,), (3,))) for i in range(count)]


def test_steps_from_any_place_are_the_rest_of_all_steps():
    config = TrainConfig("m", "o", (), batch_size=2, grad_accum_steps=2)
    stages = [Stage("first", lambda e: items(7, e), epochs=2), Stage("second", lambda e: items(5, e), steps=5)]
    whole = list(steps_of(stages, config, Place()))
    assert [(s.stage, s.step, s.total_steps) for s in whole] == [
        *(("first", i, 4) for i in range(1, 5)),
        *(("second", i, 5) for i in range(1, 6)),
    ]
    assert [s.is_last for s in whole] == [False] * 8 + [True]
    assert [s.place.before for s in whole] == [0] * 4 + [4] * 5
    for done, step in enumerate(whole, start=1):
        assert list(steps_of(stages, config, step.place)) == whole[done:]
