# SPDX-License-Identifier: Apache-2.0
"""What gates weigh, and what they refuse to guess."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from loremill.adapters import MoELoraConfig, RoutingContext, routed
from loremill.adapters.gates import CapabilityGate, ConstantGate, SoftmaxGate
from loremill.adapters.passes import Pass
from loremill.errors import AdapterError, LoremillError

from .models import adapted, base, batch_of, context_of, dtype_of, inputs_of, samples

D_IN = 7
NOTHING = Pass(RoutingContext(), 2)


def x_of(*, dtype: torch.dtype = torch.float64) -> torch.Tensor:
    return torch.randn(2, 3, D_IN, generator=torch.Generator().manual_seed(0), dtype=torch.float64).to(dtype)


def about(**context: Any) -> Pass:
    return Pass(RoutingContext(**context), 2)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32, torch.float64])
@pytest.mark.parametrize("gate", [SoftmaxGate(D_IN, 4), CapabilityGate(D_IN, 2), ConstantGate([0.1, 0.2])])
def test_weights_are_float32_whatever_the_precision_of_the_layer(gate: torch.nn.Module, dtype: torch.dtype) -> None:
    weights = gate.to(dtype)(x_of(dtype=dtype), about(instruction=torch.ones(2, 3)), "layer")
    assert weights.dtype == (torch.float64 if dtype == torch.float64 else torch.float32)
    if isinstance(gate, ConstantGate):
        assert torch.equal(weights, torch.tensor([0.1, 0.2], dtype=weights.dtype))  # not rounded to the layer's


def test_a_softmax_gate_weighs_one_in_all() -> None:
    weights = SoftmaxGate(D_IN, 4)(x_of(dtype=torch.float32), NOTHING, "layer")
    torch.testing.assert_close(weights.sum(-1), torch.ones(2, 3))


@pytest.mark.parametrize("k", [1, 2, 3, 4])
def test_exactly_k_experts_take_part(k: int) -> None:
    weights = SoftmaxGate(D_IN, 4, top_k=k)(x_of(dtype=torch.float32), NOTHING, "layer")
    assert ((weights > 0).sum(-1) == k).all()
    torch.testing.assert_close(weights.sum(-1), torch.ones(2, 3))


def test_exactly_k_experts_take_part_though_their_logits_are_equal() -> None:
    gate = SoftmaxGate(D_IN, 5, top_k=2)
    torch.nn.init.ones_(gate.token)
    whole = x_of(dtype=torch.float32).round()  # sums of whole numbers are equal in whatever order a processor adds
    weights = gate(whole, NOTHING, "layer")
    assert torch.equal(weights, torch.tensor([0.5, 0.5, 0, 0, 0]).expand(2, 3, 5))


def test_the_largest_logits_are_those_kept() -> None:
    gate = SoftmaxGate(D_IN, 5, top_k=2).double()
    x = x_of()
    logits = x @ gate.token.T
    weights = gate(x, NOTHING, "layer")
    assert ((weights > 0) == (logits >= logits.sort(-1).values[..., -2:-1])).all()
    kept = logits.masked_fill(weights == 0, float("-inf"))
    torch.testing.assert_close(weights, kept.softmax(-1))


def test_a_gate_without_tokens_weighs_all_tokens_of_an_item_alike() -> None:
    gate = SoftmaxGate(D_IN, 4, d_task=3, reads_tokens=False)
    weights = gate(x_of(dtype=torch.float32), about(task=torch.randn(2, 3)), "layer")
    assert weights.shape == (2, 1, 4)
    assert not torch.equal(weights[0], weights[1])


def test_the_length_of_a_task_embedding_is_nothing_unless_it_is_raw() -> None:
    task = torch.randn(2, 3, generator=torch.Generator().manual_seed(1))
    for norm, alike in (("rms", True), ("raw", False)):
        gate = SoftmaxGate(D_IN, 4, d_task=3, task_norm=norm)
        x = x_of(dtype=torch.float32)
        same = torch.allclose(gate(x, about(task=task), "layer"), gate(x, about(task=9 * task), "layer"), atol=1e-6)
        assert same == alike


def test_the_gate_of_capabilities_is_of_the_instruction_alone() -> None:
    gate = CapabilityGate(D_IN, 2).double()
    x = x_of()
    marked = torch.tensor([[1, 1, 0], [0, 1, 0]]).bool()
    x[~marked] = float("nan")  # whatever the others hold
    routing = about(instruction=marked)
    weights = gate(x, routing, "layer")
    assert weights[marked].isfinite().all()
    assert routing.fixed["layer"].isfinite().all()


def test_a_forced_gate_reads_no_instruction() -> None:
    weights = CapabilityGate(D_IN, 2).double()(x_of(), about(forced=torch.tensor([1.0, 0.0, 0.5])), "layer")
    assert torch.equal(weights[..., 0], torch.ones(2, 3, dtype=torch.float64))
    each = weights[..., 1:].unflatten(-1, (3, 2)).sum(-1)
    torch.testing.assert_close(each, torch.tensor([1.0, 0.0, 0.5], dtype=torch.float64).expand(2, 3, 3))


@pytest.mark.parametrize(
    ("adapter", "missing"),
    [
        ("schema", "task"),
        ("task", "task"),
        ("schema_only", "task"),
        ("top_k", "task"),
        ("soft", "instruction"),
        ("unshared", "instruction"),
        ("hard", "capabilities"),
    ],
)
@pytest.mark.parametrize("architecture", ["llama", "nano"])
def test_a_gate_that_is_not_given_what_it_needs_names_it(architecture: str, adapter: str, missing: str) -> None:
    model, items = adapted(architecture, adapter), samples()
    batch = batch_of([item.whole for item in items])
    given = {name: getattr(context_of(items, batch), name) for name in RoutingContext.__slots__}
    with routed(RoutingContext(**{**given, missing: None})), pytest.raises(AdapterError, match=f"needs '{missing}'"):
        model(**inputs_of(model, batch), use_cache=False)
    with pytest.raises(LoremillError, match=f"needs '{missing}'"):
        model(**inputs_of(model, batch), use_cache=False)


@pytest.mark.parametrize("adapter", ["token", "constant"])
def test_a_gate_that_reads_tokens_needs_no_context(adapter: str) -> None:
    model = adapted("llama", adapter)
    batch = batch_of([item.whole for item in samples()])
    changed = (
        model(**inputs_of(model, batch)).logits - base("llama", dtype_of(adapter))(**inputs_of(model, batch)).logits
    )
    assert changed.abs().max() > 0.1


def test_an_item_without_instruction_is_named() -> None:
    with pytest.raises(AdapterError, match=r"items \[1\] have no token marked"):
        CapabilityGate(D_IN, 2).double()(x_of(), about(instruction=torch.tensor([[1, 1, 0], [0, 0, 0]])), "layer")


@pytest.mark.parametrize(
    ("soft", "context", "message"),
    [
        (True, {"instruction": torch.ones(2, 4)}, r"instruction of \(2, 4\) tokens for an input of \(2, 3\)"),
        (False, {"capabilities": torch.ones(2, 2)}, r"'capabilities' of judging, locating, associating"),
        (True, {"forced": torch.ones(2)}, r"'forced' of judging, locating, associating per item, got \(2,\)"),
        (False, {"capabilities": torch.ones(5, 3)}, "values of 5 items were given for 2 rows"),
    ],
)
def test_values_that_do_not_fit_are_refused(soft: bool, context: dict[str, torch.Tensor], message: str) -> None:
    with pytest.raises(AdapterError, match=message):
        CapabilityGate(D_IN, 2, soft=soft).double()(x_of(), about(**context), "layer")


def test_task_embeddings_of_another_encoder_are_refused() -> None:
    with pytest.raises(AdapterError, match=r"of 3 numbers, got \(2, 4\)"):
        SoftmaxGate(D_IN, 4, d_task=3).double()(x_of(), about(task=torch.ones(2, 4)), "layer")


def test_weights_that_are_the_same_for_all_tokens_are_told() -> None:
    assert torch.equal(ConstantGate([1.0, 0.5]).fixed(None), torch.tensor([1.0, 0.5]))
    assert torch.equal(SoftmaxGate(D_IN, 1).fixed(None), torch.ones(1))
    assert torch.equal(CapabilityGate(D_IN, 1).fixed(None, (1, 0, 1)), torch.tensor([1.0, 1, 0, 1]))
    gate = SoftmaxGate(D_IN, 4, d_task=3, reads_tokens=False)
    one = Pass(RoutingContext(task=torch.ones(1, 3)), 1)
    torch.testing.assert_close(gate.fixed(one), gate(torch.ones(1, 1, D_IN), one, "layer")[0, 0])


@pytest.mark.parametrize(
    ("gate", "message"),
    [
        (SoftmaxGate(D_IN, 4), "token by token"),
        (SoftmaxGate(D_IN, 4, d_task=3, reads_tokens=False), "say for which schema"),
        (CapabilityGate(D_IN, 2), "2 sub-experts token by token"),
        (CapabilityGate(D_IN, 1), "say which"),
    ],
)
def test_weights_that_are_not_the_same_for_all_tokens_are_refused(gate: Any, message: str) -> None:
    with pytest.raises(AdapterError, match=message):
        gate.fixed(None)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"router": "token", "top_k": 1}, "from which no router learns"),
        ({"router": "constant", "top_k": 2}, "constant router needs to be 0"),
    ],
)
def test_a_top_k_of_which_nothing_is_learnt_is_refused(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(AdapterError, match=message):
        MoELoraConfig(**settings)
