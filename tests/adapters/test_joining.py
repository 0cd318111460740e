# SPDX-License-Identifier: Apache-2.0
"""Experts made of LoRAs give what these give together."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st
from peft import LoraConfig, PeftModel, get_peft_model
from safetensors.torch import load_file, save_file
from torch import Tensor

from loremill.adapters import MoELoraConfig, experts_from_loras, export_lora
from loremill.adapters.folder import CONFIG, WEIGHTS, read_adapter
from loremill.errors import AdapterError, LoremillError

from .models import base
from .plain import IDS, adapted, close, constant, logits, with_lora

LORAS: tuple[dict[str, Any], ...] = (
    {"r": 3, "lora_alpha": 5, "target_modules": ["q_proj", "v_proj"]},
    {"r": 4, "lora_alpha": 6, "target_modules": ["q_proj", "up_proj"], "use_rslora": True},
    {
        "r": 2,
        "lora_alpha": 7,
        "target_modules": "all-linear",
        "rank_pattern": {"q_proj": 1, r"layers\.1\.mlp\.up_proj": 5},
        "alpha_pattern": {"v_proj": 2, "up_proj": 0},
    },
)


def saved_loras(folder: Path, *settings: dict[str, Any], architecture: str = "llama") -> list[Path]:
    """Folders of LoRAs with random tensors."""
    folders = [folder / f"lora{number}" for number in range(len(settings))]
    for number, (path, wanted) in enumerate(zip(folders, settings, strict=True)):
        model = get_peft_model(base(architecture), LoraConfig(**wanted))
        rng = torch.Generator().manual_seed(number)
        with torch.no_grad():
            for name, parameter in model.named_parameters():
                if "lora_" in name:
                    parameter.copy_(torch.randn(parameter.shape, generator=rng) * 0.3)
        model.save_pretrained(path)
    return folders


def with_all(folders: list[Path], architecture: str = "llama") -> Any:
    """A model with all the LoRAs active at once."""
    model: Any = PeftModel.from_pretrained(base(architecture), folders[0], adapter_name="0")
    for number, folder in enumerate(folders[1:], start=1):
        model.load_adapter(folder, adapter_name=str(number))
    model.base_model.set_adapter([str(number) for number in range(len(folders))])
    return model.eval()


def test_experts_of_loras_give_their_sum_and_are_saved(tmp_path: Path):
    folders = saved_loras(tmp_path, *LORAS)
    model = experts_from_loras(base("llama"), folders).eval()
    expected = logits(with_all(folders))
    close(logits(model), expected)
    model.save_pretrained(tmp_path / "experts")
    close(logits(with_lora("llama", tmp_path / "experts")), expected)
    config = read_adapter(tmp_path / "experts").config
    assert isinstance(config, MoELoraConfig)
    assert (config.ranks, config.scales) == ([3, 4, 5], [5 / 3, 3.0, 3.5])


@pytest.mark.parametrize("architecture", ["gpt_neox", "nano"])
def test_experts_of_loras_on_other_architectures(architecture: str, tmp_path: Path):
    folders = saved_loras(
        tmp_path, {"r": 3, "target_modules": "all-linear"}, {"r": 2, "target_modules": "all-linear"},
        architecture=architecture,
    )  # fmt: skip
    model = experts_from_loras(base(architecture), folders).eval()
    close(logits(model), logits(with_all(folders, architecture)))


def test_experts_of_loras_are_exported_as_one_lora(tmp_path: Path):
    folders = saved_loras(tmp_path, *LORAS)
    export_lora(experts_from_loras(base("llama"), folders), tmp_path / "joined")
    close(logits(with_lora("llama", tmp_path / "joined")), logits(with_all(folders)))


def test_weights_of_experts_of_loras(tmp_path: Path):
    folders = saved_loras(tmp_path, *LORAS[:2])
    model = experts_from_loras(base("llama"), folders, weights=[0.0, 1.0]).eval()
    close(logits(model), logits(with_lora("llama", folders[1])))


def test_rows_that_a_lora_lacks_can_be_trained(tmp_path: Path):
    folders = saved_loras(tmp_path, *LORAS)
    model = experts_from_loras(base("llama"), folders, router="token")
    model(input_ids=IDS, labels=IDS).loss.backward()
    lora = model.get_submodule("base_model.model.model.layers.0.self_attn.v_proj").banks["default"]
    assert lora.ranks == (3, 4, 5)
    assert not lora.B[:, 3:7].any()  # the second LoRA has no v_proj
    assert lora.B.grad is not None
    assert lora.B.grad[:, 3:7].abs().sum(0).gt(0).all()


def test_experts_of_loras_stand_beside_other_adapters(tmp_path: Path):
    folders = saved_loras(tmp_path, *LORAS[:2])
    model = adapted("llama", constant())
    expected = logits(model)
    experts_from_loras(model, folders, adapter_name="joined")
    close(logits(model), logits(with_all(folders)))
    model.set_adapter("default")
    close(logits(model), expected)


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"use_dora": True}, "has use_dora=True"),
        ({"bias": "lora_only"}, "has bias='lora_only'"),
        ({"trainable_token_indices": [3]}, r"has trainable_token_indices=\[3\]"),
        ({"modules_to_save": ["lm_head"]}, r"has modules_to_save=\['lm_head'\]"),
        ({"init_lora_weights": "pissa"}, "which changes the base model's weights"),
    ],
)
def test_variants_of_lora_are_no_experts(settings: dict[str, Any], said: str, tmp_path: Path):
    model = get_peft_model(base("llama", torch.float32), LoraConfig(r=2, target_modules=["q_proj"], **settings))
    model.save_pretrained(tmp_path)
    with pytest.raises(AdapterError, match=said):
        experts_from_loras(base("llama"), [tmp_path])


Tensors = dict[str, Tensor]


def other_size(tensors: Tensors) -> Tensors:
    return {name: t[:, :20].contiguous() if "lora_A" in name else t for name, t in tensors.items()}


def other_rank(tensors: Tensors) -> Tensors:
    return {name: (t[:2] if "lora_A" in name else t[:, :2]).contiguous() for name, t in tensors.items()}


def no_ups(tensors: Tensors) -> Tensors:
    return {name: t for name, t in tensors.items() if "lora_A" in name}


def of_embeddings(tensors: Tensors) -> Tensors:
    return {"base_model.model.model.embed_tokens.lora_embedding_A": torch.zeros(2, 2)}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (other_size, r"has the size \(24, 24\) here and \(20, 24\) there"),
        (other_rank, "says rank 3"),
        (no_ups, "an A and a B of one rank"),
        (of_embeddings, "is no matrix A or B of a linear layer"),
        (lambda tensors: {}, "has no tensors"),
    ],
)
def test_tensors_that_are_no_lora_of_the_model_are_told(
    change: Callable[[Tensors], Tensors], said: str, tmp_path: Path
):
    (lora,) = saved_loras(tmp_path, LORAS[0])
    save_file(change(load_file(lora / WEIGHTS)), lora / WEIGHTS)
    with pytest.raises(AdapterError, match=said):
        experts_from_loras(base("llama"), [lora])


def test_a_lora_of_another_architecture_is_told(tmp_path: Path):
    with pytest.raises(AdapterError, match=r"this one has no module 'model\.layers\.0\.self_attn\.q_proj'"):
        experts_from_loras(base("gpt_neox"), saved_loras(tmp_path, LORAS[0]))


def test_no_loras_make_no_experts():
    with pytest.raises(AdapterError, match="got none"):
        experts_from_loras(base("llama"), [])


def test_an_adapter_with_experts_is_no_lora(tmp_path: Path):
    adapted("llama", constant()).save_pretrained(tmp_path)
    with pytest.raises(AdapterError, match="needs to be a LoRA"):
        experts_from_loras(base("llama"), [tmp_path])


@pytest.mark.parametrize(
    ("key", "value"), [("r", "x"), ("r", 0), ("lora_alpha", None), ("rank_pattern", {"(": 2}), ("alpha_pattern", 3)]
)
def test_ranks_that_are_none_are_told(key: str, value: object, tmp_path: Path):
    (lora,) = saved_loras(tmp_path, LORAS[0])
    file = lora / CONFIG
    file.write_text(json.dumps(json.loads(file.read_text()) | {key: value}))
    with pytest.raises(AdapterError):
        experts_from_loras(base("llama"), [lora])


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 9) | st.floats() | st.sampled_from(["q_proj", "pissa", "all", "("]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["q_proj", "(", "r"]), inner),
    max_leaves=4,
)
FIELDS = st.sampled_from(
    [field.name for field in fields(LoraConfig)] + ["experts", "ranks", "scales", "weights", "new"]
)


@pytest.fixture(scope="module")
def one_lora(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return saved_loras(tmp_path_factory.mktemp("fuzzed"), LORAS[0])[0]


@pytest.mark.filterwarnings("ignore")  # of PEFT, about fields that it does not know or that do not fit
@examples(max_examples=100)
@given(kind=st.sampled_from(["LORA", "MOELORA", "CAPABILITY"]), values=st.dictionaries(FIELDS, VALUES, max_size=4))
def test_any_configuration_is_used_or_told_in_one_line(one_lora: Path, kind: str, values: dict[str, Any]):
    (one_lora / CONFIG).write_text(json.dumps({"r": 3, "peft_type": kind, **values}))
    try:
        model = experts_from_loras(base("llama"), [one_lora])
    except LoremillError as error:
        told = str(error)
    else:
        told = f"an expert of ranks {model.peft_config['default'].expert_ranks}"
        assert told.endswith("[3]")
    assert "\n" not in told


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"ranks": [2, 2]}, "ranks need whole numbers from 1, one for each of 3 experts"),
        ({"ranks": [2, 2, 0]}, "ranks need whole numbers"),
        ({"ranks": [2, 2, True]}, "ranks need whole numbers"),
        ({"ranks": 5}, "ranks need whole numbers"),
        ({"scales": [1.0, 2.0, float("nan")]}, "scales need finite numbers"),
        ({"scales": [1.0, 2.0, "3"]}, "scales need finite numbers"),
    ],
)
def test_ranks_and_scales_are_one_for_each_expert(settings: dict[str, Any], said: str):
    with pytest.raises(AdapterError, match=said):
        constant(**settings)


def test_global_scaling_divides_by_all_ranks():
    assert constant(scaling="global", ranks=[1, 2, 3]).expert_scales == [0.5, 0.5, 0.5]
    assert constant(ranks=[1, 2, 3]).expert_scales == [3.0, 1.5, 1.0]
