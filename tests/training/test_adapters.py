# SPDX-License-Identifier: Apache-2.0
"""Adapters from a configuration: their settings, the equal LoRA, and whole runs that resume and are read again."""

from __future__ import annotations

import dataclasses
import json
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file
from transformers import AutoModelForCausalLM, BertConfig, LlamaConfig

from loremill import Extractor
from loremill.adapters import CapabilityConfig, MoELoraConfig
from loremill.errors import AdapterError, InputError, UnknownNameError
from loremill.models import load_model
from loremill.training.adapters import adapter_config, equal_lora_rank, with_adapter
from loremill.training.config import (
    Augmentation,
    CapabilitySettings,
    CorpusShare,
    LoraSettings,
    MoELoraSettings,
    TrainConfig,
)
from loremill.training.run import train

ADAPTER = "adapter/adapter_model.safetensors"


@pytest.fixture
def config(bert, data_dir, tmp_path) -> TrainConfig:
    """The model, whose own encoder half embeds tasks, on the small corpus."""
    return TrainConfig(
        model=str(bert),
        output=str(tmp_path / "run"),
        corpora=(CorpusShare("conll2003"),),
        data_dir=str(data_dir),
        moelora=MoELoraSettings(experts=3, rank=2, dropout=0.1, task_encoder=str(bert)),
        capability=CapabilitySettings(sub_experts=2, rank=2, dropout=0.1, warming_epochs=0),
        augmentation=Augmentation(negatives=0.0),
        batch_size=4,
        lr=1e-2,
        max_steps=6,
        checkpoint_steps=3,
        threads=1,
    )


class StoppedError(Exception):
    """A run was cut off."""


def log_of(config: TrainConfig) -> list[dict]:
    lines = [json.loads(line) for line in (Path(config.output) / "log.jsonl").read_text().splitlines()]
    return [{key: value for key, value in line.items() if key != "tokens_per_s"} for line in lines]


def stop_at_5(progress) -> None:
    if progress.step == 5:
        raise StoppedError


def defaults(kind) -> dict[str, object]:
    return {f.name: f.default for f in dataclasses.fields(kind) if f.default is not dataclasses.MISSING}


@pytest.mark.parametrize(
    ("settings", "adapter"), [(MoELoraSettings, MoELoraConfig), (CapabilitySettings, CapabilityConfig)]
)
def test_settings_without_values_are_those_of_the_adapter(settings, adapter):
    ours, theirs = defaults(settings), defaults(adapter)
    assert ours.pop("rank") == theirs["r"]
    ours.pop("task_encoder", None)  # the adapter itself names none
    ours.pop("roles")
    ours.pop("target_modules")
    if settings is MoELoraSettings:
        assert ours.pop("dropout") == 0.05  # of the paper's training
    for name in ("warming_epochs", "warming_steps", "capability_share"):  # of training alone
        ours.pop(name, None)
    assert ours == {name: theirs[name] for name in ours}


def test_every_setting_reaches_the_adapter(bert, config):
    moelora = MoELoraSettings(3, 2, 5.0, 0.2, "schema", 2, "global", str(bert), "raw", True, ("q",))
    made = adapter_config(replace(config, adapter="moelora", moelora=moelora), "bert")
    assert (made.experts, made.r, made.alpha, made.dropout, made.router, made.top_k) == (3, 2, 5.0, 0.2, "schema", 2)
    assert (made.scaling, made.task_encoder, made.d_task, made.task_norm) == ("global", str(bert), 32, "raw")
    assert (made.task_sees_given, made.target_roles, made.target_modules) == (True, ["q"], None)
    capability = CapabilitySettings(3, 2, 5.0, 0.2, "hard", False, 0.3, 0.4, (), ("dense",))
    made = adapter_config(replace(config, adapter="capability", capability=capability), "bert")
    assert (made.sub_experts, made.r, made.alpha, made.dropout, made.routing) == (3, 2, 5.0, 0.2, "hard")
    assert (made.shared_expert, made.bce_weight, made.entropy_weight) == (False, 0.3, 0.4)
    assert list(made.target_modules) == ["dense"]


def test_router_of_tokens_needs_no_encoder(config):
    settings = MoELoraSettings(router="token", task_encoder="./nowhere")
    made = adapter_config(replace(config, adapter="moelora", moelora=settings), "llama")
    assert (made.task_encoder, made.d_task) == (None, 0)


@pytest.mark.parametrize(
    ("lora", "targets"),
    [
        (LoraSettings(), "all-linear"),
        (LoraSettings(target_modules=("query",)), {"query"}),
    ],
)
def test_lora_stands_on_all_linear_layers_or_those_named(config, lora, targets):
    assert adapter_config(replace(config, adapter="lora", lora=lora), "bert").target_modules == targets


def test_an_adapter_names_its_base_as_the_configuration_does(config, bert):
    for adapter in ("lora", "moelora"):
        moelora = MoELoraSettings(router="token")
        named = replace(config, model="nano", adapter=adapter, moelora=moelora)
        made = with_adapter(AutoModelForCausalLM.from_pretrained(bert), named)
        assert made.peft_config["default"].base_model_name_or_path == "nano"


def test_lora_stands_on_the_modules_of_its_roles(config, bert):
    model = AutoModelForCausalLM.from_pretrained(bert)
    model = with_adapter(model, replace(config, adapter="lora", lora=LoraSettings(rank=2, roles=("q", "down"))))
    trained = {name.partition(".lora_")[0] for name, p in model.named_parameters() if p.requires_grad}
    layers = [f"base_model.model.bert.encoder.layer.{i}" for i in range(2)]
    assert trained == {f"{layer}.{end}" for layer in layers for end in ("attention.self.query", "output.dense")}


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"adapter": "lora", "lora": LoraSettings(roles=("query",))}, UnknownNameError, "unknown target role 'query'"),
        (
            {"adapter": "moelora", "moelora": MoELoraSettings(router="token", top_k=9)},
            AdapterError,
            "top_k needs to be at most",
        ),
        ({"adapter": "moelora", "moelora": MoELoraSettings(task_encoder="./nowhere")}, AdapterError, "'./nowhere'"),
        ({"adapter": "capability", "capability": CapabilitySettings(rank=0)}, AdapterError, "r needs to be"),
        (
            {"adapter": "capability", "capability": CapabilitySettings(roles=("gate",))},
            AdapterError,
            "bert has no gate",
        ),
    ],
)
def test_settings_that_do_not_fit_are_one_line(config, changes, error, message):
    with pytest.raises(error) as raised:
        train(replace(config, **changes))
    assert message in str(raised.value)
    assert "\n" not in str(raised.value)
    assert not Path(config.output).exists()


def test_roles_and_modules_together_are_refused():
    with pytest.raises(InputError, match="lora takes roles or target_modules, got both: leave one out"):
        LoraSettings(roles=("q",), target_modules=("query",))


LLAMA_7B = LlamaConfig(vocab_size=32, hidden_size=4096, intermediate_size=11008, num_hidden_layers=32)


@pytest.mark.parametrize(
    ("changes", "rank"),
    [
        # experts 79.95M of total rank 32, routers 9.11M, task columns 1.376M (TA-MoELoRA): 90.44 / 79.95 * 32 = 36.2
        ({"adapter": "moelora"}, 36),
        ({"adapter": "moelora", "moelora": MoELoraSettings(router="token")}, 36),  # 89.06 / 79.95 * 32 = 35.6
        # 84.62M (UC-UIE) over 32 layers of three linears of 4,096 + 11,008: 84.62M / (96 * 15104) = 58.4
        ({"adapter": "capability"}, 58),
    ],
)
def test_equal_lora_has_about_as_many_parameters(config, tmp_path, changes, rank):
    BertConfig(hidden_size=768).save_pretrained(tmp_path / "encoder")
    settings = {"moelora": MoELoraSettings(task_encoder=str(tmp_path / "encoder")), "capability": CapabilitySettings()}
    assert equal_lora_rank(LLAMA_7B, replace(config, **{**settings, **changes})) == rank


@pytest.mark.parametrize("adapter", ["moelora", "capability"])
def test_run_makes_an_adapter_that_extracts(config, bert, adapter):
    seen = []
    result = train(replace(config, adapter=adapter, max_steps=10), on_step=seen.append)
    tensors = load_file(result.output / ADAPTER)
    assert all(adapter in name for name in tensors)
    assert all(tensor.abs().sum() > 0 for tensor in tensors.values())  # B starts at zero
    assert not (result.output / "model").exists()
    trained = load_model(str(bert), adapter=str(result.output / "adapter"), device="cpu")
    extraction = Extractor(trained, "person, location").extract("the quick Ada and Coimbra and")
    assert {frame.type for frame in extraction.frames} <= {"person", "location"}
    losses = [line["loss"] for line in log_of(config)]
    assert sum(losses[-3:]) < sum(losses[:3])
    assert [step.loss for step in seen] == losses


def test_terms_of_the_loss_are_logged_one_by_one(config):
    seen = []
    train(replace(config, adapter="capability", max_steps=2), on_step=seen.append)
    for line, progress in zip(log_of(config), seen, strict=True):
        assert list(line) == ["step", "epoch", "loss", "task_loss", "entropy", "bce", "lr"]
        assert line["loss"] == pytest.approx(line["task_loss"] + 0.1 * line["bce"] + 0.1 * line["entropy"])
        assert progress.terms == {name: line[name] for name in ("task_loss", "entropy", "bce")}


@pytest.mark.parametrize(("adapter", "packing"), [("moelora", False), ("capability", True)])
def test_run_resumes_bit_for_bit(config, tmp_path, adapter, packing):
    config = replace(config, adapter=adapter, packing=packing)
    straight = replace(config, output=str(tmp_path / "straight"))
    train(straight)
    with pytest.raises(StoppedError):
        train(config, on_step=stop_at_5)
    train(config, resume=True)
    left, right = (load_file(Path(c.output) / ADAPTER) for c in (straight, config))
    assert left.keys() == right.keys()
    assert all(torch.equal(left[name], right[name]) for name in left)
    assert log_of(straight) == log_of(config)


@pytest.mark.parametrize("adapter", ["none", "lora", "moelora", "capability"])
def test_checkpointing_of_gradients_changes_nothing(config, tmp_path, adapter):
    config = replace(config, adapter=adapter, max_steps=3)
    train(config)
    again = replace(config, output=str(tmp_path / "again"), gradient_checkpointing=True)
    train(again)
    assert log_of(again) == log_of(config)  # the same operations in the same order, dropout drawn anew alike


def test_packing_changes_how_a_step_is_computed_not_what_it_is(config, steady_bert, tmp_path):
    steady = {"moelora": replace(config.moelora, dropout=0.0), "capability": replace(config.capability, dropout=0.0)}
    for adapter in ("moelora", "capability"):
        apart = replace(config, **steady, adapter=adapter, model=str(steady_bert), output=str(tmp_path / adapter))
        packed = replace(apart, packing=True, output=str(tmp_path / f"{adapter} packed"))
        train(apart)
        train(packed)
        for left, right in zip(log_of(apart), log_of(packed), strict=True):
            # sums of about 100 terms in another order, 6e-8 each, grown by Adam over six steps
            assert left == pytest.approx(right, rel=1e-4)
