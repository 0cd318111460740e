# SPDX-License-Identifier: Apache-2.0
"""An exported LoRA gives what the experts give, read by PEFT alone."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import pytest
import torch
from peft import LoraConfig, get_peft_model
from safetensors.torch import load_file, save_file
from torch import Tensor

from loremill.adapters import CapabilityConfig, MoELoraConfig, TaskEncoder, export_lora
from loremill.adapters.folder import CONFIG, WEIGHTS, read_adapter
from loremill.errors import AdapterError, UnknownNameError
from loremill.formats import FORMATS
from loremill.prompt import Prompt
from loremill.schema import load_schema

from .models import D_TASK, base, randomise
from .plain import IDS, SMALL, adapted, close, constant, logits, with_lora

ARCHITECTURES = ("llama", "gpt_neox", "nano")


class Encoder:
    """Embeds a text by its letters."""

    name = "letters"
    d_task = D_TASK

    def __call__(self, texts: list[str]) -> Tensor:
        seeds = [sum(text.encode()) for text in texts]
        return torch.stack([torch.randn(D_TASK, generator=torch.Generator().manual_seed(seed)) for seed in seeds])


ENCODER = cast("TaskEncoder", Encoder())


def prompt(schema: str) -> Prompt:
    return FORMATS["listing"].prompt(load_schema(schema), "")


ALWAYS_FIXED: dict[str, Callable[[], MoELoraConfig]] = {
    "one expert": lambda: MoELoraConfig(**SMALL, experts=1, router="token"),
    "constant": lambda: constant(weights=[0.25, -1.5, 2.0]),
    "global": lambda: constant(scaling="global"),
    "unlike": lambda: constant(ranks=[1, 4, 2], scales=[0.5, 2.0, -0.25], weights=[1.0, 0.5, 4.0]),
}


@pytest.mark.parametrize("kind", ALWAYS_FIXED)
@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_a_lora_of_experts_with_fixed_weights_gives_the_same_logits(architecture: str, kind: str, tmp_path: Path):
    model = adapted(architecture, ALWAYS_FIXED[kind]())
    export_lora(model, tmp_path / "lora")
    expected = logits(model)
    assert (expected - logits(base(architecture))).abs().max() > 0.1
    close(logits(with_lora(architecture, tmp_path / "lora")), expected)


@pytest.mark.parametrize("top_k", [0, 2])
@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_a_router_of_schemas_is_fixed_for_one(architecture: str, top_k: int, tmp_path: Path):
    config = MoELoraConfig(**SMALL, experts=4, router="schema_only", d_task=D_TASK, top_k=top_k)
    model = adapted(architecture, config)
    asked, other = prompt("person, company"), prompt("gene, disease")
    written = export_lora(model, tmp_path / "lora", prompt=asked, encoder=ENCODER)
    assert written.r == 2 * (top_k or 4)
    found = logits(with_lora(architecture, tmp_path / "lora"))
    close(found, logits(model, task=ENCODER([asked.schema]).expand(3, -1)))
    assert (found - logits(model, task=ENCODER([other.schema]).expand(3, -1))).abs().max() > 1e-3


def test_definitions_of_a_schema_are_embedded_as_in_extraction(tmp_path: Path):
    config = MoELoraConfig(**SMALL, experts=4, router="schema_only", d_task=D_TASK)
    model = adapted("llama", config)
    defined = FORMATS["listing"].prompt(
        load_schema({"entities": {"person": "a human being"}}), "a text that is not read"
    )
    export_lora(model, tmp_path / "lora", prompt=defined, encoder=ENCODER)
    embedded = ENCODER([f"{defined.schema}\n{defined.definitions}"])
    close(logits(with_lora("llama", tmp_path / "lora")), logits(model, task=embedded.expand(3, -1)))


@pytest.mark.parametrize(("names", "forced"), [("judging,associating", (1, 0, 1)), ("none", (0, 0, 0))])
@pytest.mark.parametrize("routing", ["soft", "hard"])
def test_forced_capabilities_of_one_expert_each_are_a_lora(
    names: str, forced: tuple[int, ...], routing: str, tmp_path: Path
):
    model = adapted("llama", CapabilityConfig(**SMALL, sub_experts=1, routing=routing))
    written = export_lora(model, tmp_path / "lora", capabilities=names)
    assert written.r == 2 * (1 + sum(forced))
    expected = logits(model, forced=torch.tensor(forced, dtype=torch.float64))
    close(logits(with_lora("llama", tmp_path / "lora")), expected)


def test_unlike_ranks_of_layers_stand_in_patterns(tmp_path: Path):
    config = MoELoraConfig(
        alpha=3.0, experts=4, ranks=[1, 2, 3, 5], router="schema_only", d_task=D_TASK, top_k=2, target_roles=["q", "v"]
    )
    model = adapted("llama", config)
    asked = prompt("person, company")
    written = export_lora(model, tmp_path / "lora", prompt=asked, encoder=ENCODER)
    assert written.rank_pattern
    assert written.rank_pattern == written.alpha_pattern
    expected = logits(model, task=ENCODER([asked.schema]).expand(3, -1))
    close(logits(with_lora("llama", tmp_path / "lora")), expected)


def test_experts_of_weight_0_are_left_out(tmp_path: Path):
    model = adapted("llama", constant(ranks=[1, 4, 2], weights=[1.0, 0.0, 1.0]))
    written = export_lora(model, tmp_path / "lora")
    assert (written.r, written.lora_alpha) == (3, 3)
    close(logits(with_lora("llama", tmp_path / "lora")), logits(model))


def test_a_folder_gives_the_lora_that_its_model_gives(tmp_path: Path):
    model = adapted("nano", constant())
    model.save_pretrained(tmp_path / "experts")
    export_lora(model, tmp_path / "of_model")
    export_lora(tmp_path / "experts", tmp_path / "of_folder")
    found, expected = (load_file(tmp_path / name / WEIGHTS) for name in ("of_folder", "of_model"))
    assert found.keys() == expected.keys()
    assert all(torch.equal(found[name], expected[name]) for name in expected)
    assert (tmp_path / "of_folder" / CONFIG).read_text() == (tmp_path / "of_model" / CONFIG).read_text()


def test_an_adapter_of_transformers_load_adapter_is_exported(tmp_path: Path):
    adapted("llama", constant()).save_pretrained(tmp_path / "experts")
    model = base("llama", torch.float32)
    model.load_adapter(str(tmp_path / "experts"), adapter_name="mine")
    export_lora(model, tmp_path / "lora", adapter_name="mine")
    export_lora(tmp_path / "experts", tmp_path / "expected")
    found, expected = (load_file(tmp_path / name / WEIGHTS) for name in ("lora", "expected"))
    assert found.keys() == expected.keys()
    assert all(torch.allclose(found[name], expected[name].float()) for name in expected)


def test_whole_modules_go_with_the_lora(tmp_path: Path):
    model = adapted("llama", constant(modules_to_save=["lm_head"]))
    with torch.no_grad():
        model.base_model.model.lm_head.modules_to_save["default"].weight.mul_(2)
    export_lora(model, tmp_path / "lora")
    close(logits(with_lora("llama", tmp_path / "lora")), logits(model))


def test_half_precision_experts_lose_nothing(tmp_path: Path):
    model = get_peft_model(base("llama", torch.bfloat16), constant(scales=[0.3] * 3), autocast_adapter_dtype=False)
    randomise(model)
    export_lora(model, tmp_path / "lora")
    tensors = load_file(tmp_path / "lora" / WEIGHTS)
    assert {tensor.dtype for tensor in tensors.values()} == {torch.float32}
    path = "base_model.model.model.layers.0.mlp.up_proj"
    bank = model.get_submodule(path).banks["default"]
    torch.testing.assert_close(tensors[f"{path}.lora_B.weight"], bank.B.float() * 0.3, rtol=1e-6, atol=0)


def test_peft_reads_the_lora_without_loremill(tmp_path: Path):
    model = adapted("llama", constant(), dtype=torch.float32)
    export_lora(model, tmp_path / "lora")
    base("llama", torch.float32).save_pretrained(tmp_path / "base")
    program = (
        "import sys, torch\nfrom peft import PeftModel\nfrom safetensors.torch import save_file\n"
        "from transformers import LlamaForCausalLM\n"
        f"base = LlamaForCausalLM.from_pretrained({str(tmp_path / 'base')!r})\n"
        f"model = PeftModel.from_pretrained(base, {str(tmp_path / 'lora')!r}).merge_and_unload().eval()\n"
        f"with torch.no_grad(): logits = model(input_ids=torch.tensor({IDS.tolist()})).logits\n"
        f"save_file({{'logits': logits}}, {str(tmp_path / 'logits.safetensors')!r})\n"
        "assert 'loremill' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True, capture_output=True)  # noqa: S603
    found = load_file(tmp_path / "logits.safetensors")["logits"]
    torch.testing.assert_close(found, logits(model), rtol=1e-4, atol=1e-4)  # merged: sums in another order


@pytest.mark.parametrize(
    ("config", "asked", "said"),
    [
        (MoELoraConfig(**SMALL, experts=2, router="token"), {}, "weighs experts token by token"),
        (MoELoraConfig(**SMALL, experts=2, router="task", d_task=D_TASK), {}, "weighs experts token by token"),
        (MoELoraConfig(**SMALL, experts=2, router="schema_only", d_task=D_TASK), {}, "say for which schema"),
        (MoELoraConfig(**SMALL, experts=2, router="token"), {"prompt": prompt("a")}, "not of router 'token'"),
        (constant(), {"capabilities": "judging"}, "on an adapter of capability experts only"),
        (CapabilityConfig(**SMALL, sub_experts=1), {}, "say which"),
        (CapabilityConfig(**SMALL, sub_experts=2), {"capabilities": "judging"}, "weighs 2 sub-experts token by token"),
        (CapabilityConfig(**SMALL, sub_experts=1), {"prompt": prompt("a")}, "not of capability experts"),
        (constant(weights=[0.0] * 3), {}, "nothing is left to export"),
        (LoraConfig(target_modules=["q_proj"]), {}, "is a plain LoRA already"),
    ],
)
def test_what_is_no_lora_is_refused_with_the_reason(config: Any, asked: dict[str, Any], said: str, tmp_path: Path):
    model = adapted("llama", config)
    with pytest.raises(AdapterError, match=said):
        export_lora(model, tmp_path / "lora", encoder=ENCODER, **asked)
    assert not (tmp_path / "lora").exists()


def test_a_folder_that_holds_something_is_kept(tmp_path: Path):
    model = adapted("llama", constant(), dtype=torch.float32)
    model.save_pretrained(tmp_path / "experts")
    (tmp_path / "lora").mkdir()
    (tmp_path / "lora" / "notes.txt").write_text("mine")
    with pytest.raises(AdapterError, match="exists and is not empty"):
        export_lora(model, tmp_path / "lora")
    with pytest.raises(AdapterError, match="needs a folder of its own"):
        export_lora(tmp_path / "experts", tmp_path / "experts", overwrite=True)
    export_lora(model, tmp_path / "lora", overwrite=True)
    assert sorted(file.name for file in (tmp_path / "lora").iterdir()) == [CONFIG, WEIGHTS, "notes.txt"]


def test_an_adapter_that_the_model_has_not_is_told(tmp_path: Path):
    with pytest.raises(UnknownNameError, match="unknown adapter of the model 'othr'"):
        export_lora(adapted("llama", constant()), tmp_path / "lora", adapter_name="othr")


@pytest.mark.parametrize("text", ["", "{", "[]", '{"peft_type": "NOPE"}', '{"peft_type": 5}', '{"r": 3}', "[" * 9999])
def test_a_configuration_that_is_none_is_one_line(text: str, tmp_path: Path):
    (tmp_path / CONFIG).write_text(text)
    save_file({"a": torch.zeros(1)}, tmp_path / WEIGHTS)
    with pytest.raises(AdapterError) as caught:
        read_adapter(tmp_path)
    assert "\n" not in str(caught.value)


def test_weights_that_are_pickled_or_broken_are_refused(tmp_path: Path):
    adapted("llama", constant()).save_pretrained(tmp_path)
    (tmp_path / WEIGHTS).rename(tmp_path / "adapter_model.bin")
    with pytest.raises(AdapterError, match="needs its weights in"):
        export_lora(tmp_path, tmp_path / "lora")
    (tmp_path / WEIGHTS).write_bytes(b"\x08" + b"\0" * 20)
    with pytest.raises(AdapterError, match="cannot be read"):
        export_lora(tmp_path, tmp_path / "lora")


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [("experts", 2, "are not those that the adapter's configuration says"), ("top_k", 9, "at most experts")],
)
def test_a_configuration_of_other_experts_is_told(key: str, value: int, said: str, tmp_path: Path):
    adapted("llama", constant()).save_pretrained(tmp_path / "experts")
    file = tmp_path / "experts" / CONFIG
    file.write_text(json.dumps(json.loads(file.read_text()) | {key: value}))
    with pytest.raises(AdapterError, match=said):
        export_lora(tmp_path / "experts", tmp_path / "lora")
