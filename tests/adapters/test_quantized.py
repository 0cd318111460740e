# SPDX-License-Identifier: Apache-2.0
"""Experts beside linear layers in 8 and 4 bits, as transformers loads them with bitsandbytes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from peft import PeftModel, get_peft_model
from torch import nn
from transformers import AutoModelForCausalLM, BitsAndBytesConfig, LlamaConfig, LlamaForCausalLM

from loremill.adapters import CapabilityConfig, MoELoraConfig
from loremill.adapters.layer import ExpertLinear

from .models import randomise
from .test_peft import inputs

bitsandbytes = pytest.importorskip("bitsandbytes")

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning", "ignore::FutureWarning", "ignore::DeprecationWarning")
BITS = pytest.mark.parametrize("bits", [8, 4])


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A base model whose sizes are multiples of the blocks that 4-bit weights are made of."""
    torch.manual_seed(0)
    sizes = {"hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4}
    path = tmp_path_factory.mktemp("base")
    LlamaForCausalLM(LlamaConfig(vocab_size=61, num_key_value_heads=2, **sizes)).save_pretrained(path)
    return path


def quantized(folder: Path, bits: int) -> nn.Module:
    settings: dict[str, Any] = (
        {"load_in_8bit": True} if bits == 8 else {"load_in_4bit": True, "bnb_4bit_compute_dtype": torch.float32}
    )
    config = BitsAndBytesConfig(**settings)
    return AutoModelForCausalLM.from_pretrained(folder, quantization_config=config, device_map="cpu").eval()


def config(kind: str) -> Any:
    return MoELoraConfig(experts=3, d_task=11) if kind == "task" else CapabilityConfig(sub_experts=2)


@BITS
@pytest.mark.parametrize("kind", ["task", "soft"])
def test_experts_add_what_a_loop_over_them_adds(bits, kind, folder, tmp_path):
    model = get_peft_model(quantized(folder, bits), config(kind))
    randomise(model.eval())
    layer = next(m for m in model.modules() if isinstance(m, ExpertLinear))
    bank = layer.banks["default"]
    assert type(layer.base_layer).__name__ == ("Linear8bitLt" if bits == 8 else "Linear4bit")
    assert bank.A.dtype == torch.float32
    seen: dict[str, torch.Tensor] = {}
    layer.base_layer.register_forward_hook(lambda module, args, output: seen.update(x=args[0], base=output))
    layer.gates["default"].register_forward_hook(lambda module, args, output: seen.update(weights=output))
    layer.register_forward_hook(lambda module, args, output: seen.update(out=output))
    with torch.no_grad():
        model(**inputs())
        x = seen["x"].float()
        each = [e.scale * (x @ e.down.T @ e.up.T) for e in bank.experts()]
        delta = sum(seen["weights"][..., n, None] * out for n, out in enumerate(each))
    tolerance = 1e-5 if seen["out"].dtype == torch.float32 else 2e-2  # half precision of 8-bit layers' output
    scale = seen["out"].abs().max().item()
    torch.testing.assert_close(
        seen["out"].float(), seen["base"].float() + delta, rtol=tolerance, atol=tolerance * scale
    )


@BITS
def test_an_adapter_of_a_quantized_base_is_trained_saved_and_loaded(bits, folder, tmp_path):
    model = get_peft_model(quantized(folder, bits), config("task"))
    randomise(model)
    model.train()(**inputs(), labels=inputs()["input_ids"]).loss.backward()
    assert all(p.grad is not None and p.grad.isfinite().all() for p in model.parameters() if p.requires_grad)
    model.eval().save_pretrained(tmp_path)
    again = PeftModel.from_pretrained(quantized(folder, bits), tmp_path).eval()
    with torch.no_grad():
        torch.testing.assert_close(again(**inputs()).logits, model(**inputs()).logits)
        settings = {"max_new_tokens": 3, "do_sample": False, "pad_token_id": 0}
        torch.testing.assert_close(again.generate(**inputs(), **settings), model.generate(**inputs(), **settings))
