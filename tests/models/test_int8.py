# SPDX-License-Identifier: Apache-2.0
"""8-bit linear layers: near the float ones, the same row by row as in a batch, and beneath adapters."""

from __future__ import annotations

import pytest
import torch
from peft import LoraConfig, get_peft_model
from torch import nn
from transformers import AutoModelForCausalLM, GPT2Config, GPT2LMHeadModel

from loremill.errors import ModelError
from loremill.models import load_model
from loremill.models.int8 import Int8Linear, quantize
from loremill.models.loading import load
from loremill.prompt import Prompt, Request

PROMPT = Prompt("entities", "Find.", "person", "Ada was in Coimbra")


def layer(d_in=37, d_out=19, *, bias=True) -> nn.Linear:
    torch.manual_seed(1)
    return nn.Linear(d_in, d_out, bias=bias)


@pytest.mark.parametrize("bias", [False, True])
def test_layer_equals_a_float64_product_of_rounded_factors(bias):
    linear = layer(bias=bias)
    x = torch.randn(2, 7, 37, generator=torch.Generator().manual_seed(2))

    def rounded(rows):
        scale = rows.double().abs().amax(-1, keepdim=True) / 127
        return (rows.double() / scale).round() * scale

    with torch.no_grad():
        expected = torch.einsum("bti,oi->bto", rounded(x), rounded(linear.weight))
        expected += linear.bias if bias else 0
        found = Int8Linear(linear)(x)
    assert found.dtype == torch.float32
    # a factor within float32's rounding of a tie may go the other way: one step of one of 37 products
    torch.testing.assert_close(found.double(), expected, atol=2e-3, rtol=1e-5)
    torch.testing.assert_close(found, linear(x), atol=0.1, rtol=0)
    assert not torch.equal(found, linear(x))


def test_row_does_not_depend_on_its_batch():
    quantized = Int8Linear(layer())
    x = torch.randn(5, 37, generator=torch.Generator().manual_seed(3)) * torch.tensor([[1e-3], [1], [10], [0], [1e4]])
    together = quantized(x)
    for i in range(5):
        torch.testing.assert_close(quantized(x[i : i + 1])[0], together[i], atol=0, rtol=1e-6)
    torch.testing.assert_close(together[3], quantized.bias)  # of a row of zeros


@pytest.mark.parametrize("shape", [(0, 37), (3, 0, 37)])
def test_no_rows_give_no_rows(shape):
    assert Int8Linear(layer())(torch.ones(shape)).shape == (*shape[:-1], 19)


def test_activations_keep_their_dtype():
    assert Int8Linear(layer())(torch.ones(2, 37, dtype=torch.bfloat16)).dtype == torch.bfloat16


@pytest.mark.parametrize("kind", ["byte-level", "WordPiece"])
def test_all_linear_layers_but_the_head_are_replaced(tiny, kind):
    model = load(str(tiny(kind)), device="cpu", dtype="int8").model
    left = [name for name, child in model.named_modules() if isinstance(child, nn.Linear)]
    assert len(left) == 1
    assert model.get_submodule(left[0]) is model.get_output_embeddings()
    assert sum(isinstance(child, Int8Linear) for child in model.modules()) >= 6


@pytest.mark.parametrize("kind", ["byte-level", "WordPiece"])
def test_model_in_int8_is_near_the_one_in_float32_and_says_so(tiny, kind):
    exact, rounded = (load_model(str(tiny(kind)), device="cpu", dtype=dtype) for dtype in ("float32", "int8"))
    pair = (PROMPT, " person: Ada")
    expected, found = exact.loglik([pair])[0], rounded.loglik([pair])[0]
    assert found.token_logprobs == pytest.approx(expected.token_logprobs, abs=0.3)
    assert found != expected
    assert {**exact.identity, "dtype": "int8"} == rounded.identity != exact.identity
    assert next(rounded.complete([Request(PROMPT, None, 3)])).usage.completion_tokens == 3


def adapted(tiny, tmp_path, **settings) -> str:
    base = AutoModelForCausalLM.from_pretrained(tiny("byte-level"))
    config = LoraConfig(r=2, target_modules=["q_proj", "down_proj"], task_type="CAUSAL_LM", **settings)
    model = get_peft_model(base, config)
    rng = torch.Generator().manual_seed(3)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if "lora_A" in name or "lora_B" in name:
                parameter.copy_(torch.randn(parameter.shape, generator=rng) * 0.3)
    model.save_pretrained(tmp_path / "adapter")
    return str(tmp_path / "adapter")


def test_adapter_stays_float_above_rounded_layers(tiny, tmp_path):
    adapter = adapted(tiny, tmp_path)
    name = str(tiny("byte-level"))
    models = {
        (dtype, held): load_model(name, adapter=held, device="cpu", dtype=dtype)
        for dtype in ("float32", "int8")
        for held in (adapter, None)
    }
    pair = (PROMPT, " person: Ada")
    total = {key: model.loglik([pair])[0].total for key, model in models.items()}
    of_adapter = total["float32", adapter] - total["float32", None]
    assert abs(of_adapter) > 0.5
    assert total["int8", adapter] - total["int8", None] == pytest.approx(of_adapter, abs=0.2)
    inner = models["int8", adapter].model
    kinds = {name.rpartition(".")[2]: type(child) for name, child in inner.named_modules()}
    assert kinds["base_layer"] is Int8Linear
    assert {name for name, child in inner.named_modules() if isinstance(child, nn.Linear) and "lora_" in name}


def test_adapter_that_reads_weights_is_refused(tiny, tmp_path):
    adapter = adapted(tiny, tmp_path, use_dora=True)
    with pytest.raises(ModelError, match=r"dtype int8 holds LoRA and experts only, got .*: merge it into its model"):
        load(str(tiny("byte-level")), adapter=adapter, device="cpu", dtype="int8")


def test_model_without_linear_layers_is_refused():
    model = GPT2LMHeadModel(GPT2Config(n_layer=1, n_head=2, n_embd=8, vocab_size=11, n_positions=8))
    with pytest.raises(ModelError, match=r"dtype int8 needs linear layers, and GPT2LMHeadModel has none"):
        quantize(model)


def test_int8_is_for_cpus(tiny):
    with pytest.raises(ModelError, match=r"dtype int8 is for CPUs, got device 'cuda': give device 'cpu' or"):
        load(str(tiny("byte-level")), device="cuda", dtype="int8")
