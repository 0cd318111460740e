# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from pathlib import Path

from peft import LoraConfig, get_peft_model

from loremill.adapters import CapabilityConfig
from loremill.adapters.folder import WEIGHTS
from loremill.adapters.summary import summarise

from .models import base
from .plain import SMALL, adapted


def test_a_summary_tells_what_a_folder_holds(tmp_path: Path):
    model = adapted("llama", CapabilityConfig(**SMALL, target_roles=["up", "down"]))
    model.save_pretrained(tmp_path)
    found = summarise(tmp_path)
    trained = sum(p.numel() for name, p in model.named_parameters() if "capability_" in name)
    assert (found.kind, found.experts, found.total_rank, found.router) == ("capability", 13, 26, "soft")
    assert found.targets == ("model.layers.*.mlp.down_proj", "model.layers.*.mlp.up_proj")
    assert (found.modules, found.parameters) == (4, trained)
    assert found.size_bytes == (tmp_path / WEIGHTS).stat().st_size


def test_a_summary_of_a_lora(tmp_path: Path):
    config = LoraConfig(r=2, rank_pattern={r"layers\.1\.mlp\.up_proj": 5}, target_modules="all-linear")
    get_peft_model(base("llama"), config).save_pretrained(tmp_path)
    found = summarise(tmp_path)
    assert (found.kind, found.ranks, found.router, found.modules) == ("lora", (5,), None, 14)
