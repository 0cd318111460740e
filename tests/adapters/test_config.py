# SPDX-License-Identifier: Apache-2.0
"""Settings: each that does not fit is told by its name; what is saved is read again."""

from __future__ import annotations

import json
from dataclasses import fields

import pytest
from peft import PeftConfig, PeftType

from loremill.adapters import CapabilityConfig, MoELoraConfig
from loremill.adapters.config import ExpertConfig
from loremill.errors import AdapterError, LoremillError, UnknownNameError

SHARED = [
    ("r", 0, "r needs to be a whole number from 1, got 0"),
    ("r", 2.0, "r needs to be a whole number from 1, got 2.0"),
    ("r", True, "r needs to be a whole number from 1, got True"),
    ("alpha", 0.0, "alpha needs to be a number above 0, got 0.0"),
    ("alpha", float("nan"), "alpha needs to be a number above 0, got nan"),
    ("alpha", "8", "alpha needs to be a number above 0, got '8'"),
    ("dropout", 1.0, "dropout needs to be a number from 0 and below 1, got 1.0"),
    ("dropout", -0.1, "dropout needs to be a number from 0 and below 1, got -0.1"),
    ("target_roles", "q", "target_roles needs to be a list of names, got 'q'"),
    ("target_roles", ["query"], "unknown target role 'query'"),
    ("target_modules", [], "target_modules needs names or a regular expression, or to be left out"),
    ("modules_to_save", "lm_head", "modules_to_save needs to be a list of names, got 'lm_head'"),
    ("layers_to_transform", [-1], r"layers_to_transform needs numbers of layers from 0, got \[-1\]"),
    ("layers_to_transform", [], r"layers_to_transform needs numbers of layers from 0, got \[\]"),
    ("layers_pattern", "layers", "layers_pattern needs layers_to_transform and names in target_modules"),
    ("bias", "all", "unknown bias 'all'. Known: none"),
]
MOELORA = [
    ("experts", 0, "experts needs to be a whole number from 1, got 0"),
    ("router", "tokens", "unknown router 'tokens'. Did you mean 'token'"),
    ("top_k", -1, "top_k needs to be a whole number from 0, got -1"),
    ("top_k", 9, r"top_k needs to be at most experts \(8\), got 9"),
    ("scaling", "both", "unknown scaling 'both'"),
    ("weights", [0.5, 0.5], "weights are one for each of 8 experts of a constant router, got 2 for router 'token'"),
    ("d_task", 5, "d_task of router 'token' needs to be 0, for it reads no task, got 5"),
    ("d_task", 5.0, "d_task needs to be a whole number from 0, got 5.0"),
    ("task_norm", "none", "unknown task_norm 'none'"),
    ("task_sees_given", 1, "task_sees_given needs to be true or false, got 1"),
]
CAPABILITY = [
    ("sub_experts", 0, "sub_experts needs to be a whole number from 1, got 0"),
    ("routing", "mixed", "unknown routing 'mixed'"),
    ("shared_expert", "yes", "shared_expert needs to be true or false, got 'yes'"),
    ("bce_weight", -1, "bce_weight needs to be a number from 0, got -1"),
    ("entropy_weight", float("inf"), "entropy_weight needs to be a number from 0, got inf"),
]


@pytest.mark.parametrize(
    ("config", "name", "value", "message"),
    [
        *((MoELoraConfig, *case) for case in (*SHARED, *MOELORA)),
        *((CapabilityConfig, *case) for case in (*SHARED, *CAPABILITY)),
    ],
)
def test_a_setting_that_does_not_fit_is_told_by_name(config, name, value, message):
    usual = {"router": "token"} if config is MoELoraConfig else {}
    with pytest.raises((AdapterError, UnknownNameError), match=message) as error:
        config(**{**usual, name: value})
    assert "\n" not in str(error.value)
    assert isinstance(error.value, LoremillError)


def test_a_router_that_reads_tasks_needs_their_size():
    with pytest.raises(AdapterError, match="d_task of router 'task' needs the size of the task embeddings, got 0"):
        MoELoraConfig()


def test_layers_are_not_named_beside_an_expression():
    with pytest.raises(AdapterError, match="does nothing beside a regular expression in target_modules"):
        MoELoraConfig(router="token", target_modules=r".*q_proj", layers_to_transform=[0])


SETTINGS = [
    MoELoraConfig(experts=3, r=2, d_task=7, task_encoder="minilm", target_roles=["q", "v"], top_k=2, dropout=0.1),
    MoELoraConfig(experts=2, router="constant", weights=[0.5, -1.0], scaling="global"),
    CapabilityConfig(sub_experts=2, routing="hard", shared_expert=False, modules_to_save=["lm_head"], bce_weight=0.0),
]


@pytest.mark.parametrize("config", SETTINGS, ids=lambda config: f"{config.peft_type.value}")
def test_saved_settings_are_read_again(config, tmp_path):
    config.save_pretrained(tmp_path)
    again = PeftConfig.from_pretrained(tmp_path)
    assert again == config
    assert isinstance(again.peft_type, PeftType)


@pytest.mark.parametrize("config", SETTINGS, ids=lambda config: f"{config.peft_type.value}")
def test_a_saved_setting_of_a_later_version_is_passed_over_with_a_warning(config, tmp_path):
    config.save_pretrained(tmp_path)
    path = tmp_path / "adapter_config.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "not_yet": 1}))
    with pytest.warns(UserWarning, match="not_yet"):
        assert PeftConfig.from_pretrained(tmp_path) == config


@pytest.mark.parametrize("config", [MoELoraConfig, CapabilityConfig])
def test_every_setting_is_described(config):
    own = {f.name for f in fields(config)} - {f.name for f in fields(PeftConfig)}
    described = f"{config.__doc__}{ExpertConfig.__doc__}"
    assert [name for name in own - {"bias"} if f"        {name}: " not in described] == []
