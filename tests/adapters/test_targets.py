# SPDX-License-Identifier: Apache-2.0
"""Roles of modules: on a tiny random model of every architecture in the table the right ones are found."""

from __future__ import annotations

import re

import pytest
import torch
from peft import get_peft_model
from torch import nn
from transformers import AutoConfig, AutoModelForCausalLM
from transformers.pytorch_utils import Conv1D

from loremill.adapters import CapabilityConfig, MoELoraConfig
from loremill.adapters.layer import ExpertLinear
from loremill.adapters.targets import ATTENTION, FEED_FORWARD, MODULES, ROLES, target_regex
from loremill.errors import AdapterError, UnknownNameError

LAYERS = 3
FUSED = {"phi3": 4, "gpt_neox": 4, "gpt2": 4, "opt": 6, "bert": 6}
"""Modules of a layer where they are not seven."""
SIZES = {
    "vocab_size": 29,
    "hidden_size": 16,
    "intermediate_size": 24,
    "ffn_dim": 24,
    "n_inner": 24,
    "word_embed_proj_dim": 16,
    "num_hidden_layers": LAYERS,
    "num_attention_heads": 2,
    "num_key_value_heads": 2,
    "head_dim": 8,
    "max_position_embeddings": 32,
    "pad_token_id": 0,
    "bos_token_id": 1,
    "eos_token_id": 2,
}


def _model(kind: str) -> nn.Module:
    extra = {"is_decoder": True} if kind == "bert" else {}
    config = AutoConfig.for_model(kind, **extra)
    for name, value in SIZES.items():
        if hasattr(config, name):
            setattr(config, name, value)
    if getattr(config, "layer_types", None):
        config.layer_types = config.layer_types[:LAYERS]
    if hasattr(config, "no_rope_layers"):
        config.no_rope_layers = config.no_rope_layers[:LAYERS]
    return AutoModelForCausalLM.from_config(config)


def _matched(model: nn.Module, pattern: str) -> dict[str, nn.Module]:
    return {path: module for path, module in model.named_modules() if re.fullmatch(pattern, path)}


@pytest.mark.parametrize("kind", sorted(MODULES))
def test_an_architecture_has_each_role_once_a_layer(kind):
    model = _model(kind)
    found = _matched(model, target_regex(kind))
    assert len(found) == LAYERS * FUSED.get(kind, 7), sorted(found)
    assert all(isinstance(module, (nn.Linear, Conv1D)) for module in found.values())


@pytest.mark.parametrize("kind", sorted(MODULES))
def test_attention_and_feed_forward_share_no_module_and_leave_none(kind):
    model = _model(kind)
    attention, feed_forward, both = (_matched(model, target_regex(kind, r)) for r in (ATTENTION, FEED_FORWARD, ROLES))
    assert not attention.keys() & feed_forward.keys()
    assert attention.keys() | feed_forward.keys() == both.keys()
    linears = {p for p, m in model.named_modules() if isinstance(m, (nn.Linear, Conv1D)) and re.search(r"\.\d+\.", p)}
    assert both.keys() == linears


def test_output_dense_of_bert_is_the_feed_forward_s_alone():
    found = _matched(_model("bert"), target_regex("bert", ["down"]))
    assert sorted(found) == [f"bert.encoder.layer.{n}.output.dense" for n in range(LAYERS)]


@pytest.mark.parametrize("path", ["layers.0.self_attn.q_proj", "model.layers.12.self_attn.q_proj"])
def test_a_body_without_its_head_is_targeted_alike(path):
    assert re.fullmatch(target_regex("llama", ["q"]), path)


@pytest.mark.parametrize("path", ["model.layers.0.self_attn.q_proj.base_layer", "layers.x.self_attn.q_proj", "q_proj"])
def test_only_whole_paths_match(path):
    assert not re.fullmatch(target_regex("llama", ["q"]), path)


@pytest.mark.parametrize(("kind", "role", "fused"), [
    ("gpt_neox", "q", "q, k, v"),
    ("gpt2", "v", "q, k, v"),
    ("phi3", "k", "q, k, v"),
    ("phi3", "up", "gate, up"),
])  # fmt: skip
def test_a_part_of_a_fused_module_is_refused(kind, role, fused):
    with pytest.raises(AdapterError, match=f"computes {fused} in one module, so {role} alone cannot be targeted"):
        target_regex(kind, [role])


def test_a_role_that_is_asked_for_and_missing_is_told():
    with pytest.raises(AdapterError, match="bert has no gate"):
        target_regex("bert", ["gate", "up"], needed=["gate", "up"])
    assert target_regex("bert", ["gate", "up"]) == target_regex("bert", ["up"])


def test_an_unknown_role_or_architecture_is_told_with_what_to_do():
    with pytest.raises(UnknownNameError, match=r"unknown target role 'gte'. Did you mean 'gate'"):
        target_regex("llama", ["gte"])
    with pytest.raises(AdapterError, match=r"not known of 'rwkv'.*give target_modules"):
        target_regex("rwkv")


def test_chosen_layers_have_experts_and_others_none():
    model = get_peft_model(_model("llama"), MoELoraConfig(router="token", layers_to_transform=[0, 2]))
    layers = {p.split(".")[4] for p, m in model.named_modules() if isinstance(m, ExpertLinear)}
    assert layers == {"0", "2"}


def test_a_layer_beyond_the_model_is_refused():
    with pytest.raises(AdapterError, match=r"layers_to_transform needs numbers below 3, the model's layers, got \[7\]"):
        get_peft_model(_model("gpt2"), MoELoraConfig(router="token", layers_to_transform=[0, 7]))


@pytest.mark.parametrize("kind", ["gpt2", "gpt_neox", "phi3"])
def test_fused_modules_are_adapted_whole(kind):
    torch.manual_seed(0)
    model = get_peft_model(_model(kind).eval(), MoELoraConfig(experts=2, router="token", target_roles=["q", "k", "v"]))
    layers = [m for m in model.modules() if isinstance(m, ExpertLinear)]
    assert [(layer.banks["default"].d_in, layer.banks["default"].d_out) for layer in layers] == [(16, 48)] * LAYERS
    ids = torch.tensor([[3, 4, 5]])
    with model.disable_adapter():
        before = model(input_ids=ids).logits
    for layer in layers:
        nn.init.normal_(layer.banks["default"].B)
    assert (model(input_ids=ids).logits - before).abs().max() > 1e-3


def test_a_module_that_is_not_linear_is_refused():
    with pytest.raises(AdapterError, match=r"experts stand beside linear layers, model.embed_tokens is a Embedding"):
        get_peft_model(_model("llama"), CapabilityConfig(target_modules=["embed_tokens"]))
