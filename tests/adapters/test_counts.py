# SPDX-License-Identifier: Apache-2.0
"""Parameters on the shapes of a Llama of 7B, without its weights: the figures of the papers."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from peft import get_peft_model
from transformers import LlamaConfig, LlamaForCausalLM

from loremill.adapters import CapabilityConfig, MoELoraConfig

LAYERS = 32
SAMPLED = 2  # layers that are built; each of the 32 is alike


def counts(config: Any) -> tuple[dict[str, int], int]:
    """Trainable numbers by tensor, and those of the base, of all 32 layers."""
    with torch.device("meta"):  # vocabulary 32,000, hidden 4,096, intermediate 11,008: the configuration's defaults
        model = LlamaForCausalLM(LlamaConfig(num_hidden_layers=SAMPLED))
        layer = sum(p.numel() for p in model.model.layers.parameters()) // SAMPLED
        whole = sum(p.numel() for p in model.parameters()) + (LAYERS - SAMPLED) * layer
        adapted = get_peft_model(model, config)
    found: dict[str, int] = {}
    for name, parameter in adapted.named_parameters():
        if parameter.requires_grad:
            kind = ".".join(part for part in name.split(".")[-3:] if part != "default")
            found[kind] = found.get(kind, 0) + parameter.numel() * LAYERS // SAMPLED
    return found, whole


def test_a_llama_of_7b_has_the_base_that_shares_are_given_of() -> None:
    assert counts(MoELoraConfig(router="token"))[1] == 6_738_415_616


def test_moelora_has_the_parameters_of_the_paper() -> None:
    """79.95M of experts (8 of rank 4 on seven linears), 9.11M of token routers, 1.376M of task columns."""
    found, _ = counts(MoELoraConfig(router="task", d_task=768))
    assert found == {
        "moelora_bank.A": 32 * 32 * (6 * 4096 + 11008),
        "moelora_bank.B": 32 * 32 * (5 * 4096 + 2 * 11008),
        "moelora_gate.token": 9_109_504,
        "moelora_gate.task": 1_376_256,
    }
    assert found["moelora_bank.A"] + found["moelora_bank.B"] == 79_953_920


@pytest.mark.parametrize(("settings", "missing"), [({"router": "token"}, "task"), ({"router": "constant"}, "token")])
def test_routers_that_read_less_have_fewer(settings: dict[str, Any], missing: str) -> None:
    assert f"moelora_gate.{missing}" not in counts(MoELoraConfig(**settings))[0]


def test_capability_experts_have_the_parameters_of_the_paper() -> None:
    """84.62M, 1.24 % of all: 13 experts of rank 4 and both levels of gates on the feed-forward linears."""
    found, whole = counts(CapabilityConfig())
    total = sum(found.values())
    assert total == 84_616_608
    assert round(100 * total / (whole + total), 2) == 1.24
