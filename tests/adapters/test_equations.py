# SPDX-License-Identifier: Apache-2.0
"""Layers and losses against loops over tokens and experts, written from the papers' equations in float64.

The inputs are what enters each layer of a model in a pass over a padded batch; nothing of the package computes what
they are compared with.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest
import torch
from peft import PeftModel, get_peft_model
from torch import Tensor

from loremill.adapters import CapabilityConfig, MoELoraConfig, routed
from loremill.adapters import capability as capability_module
from loremill.adapters.capability import entropy_loss
from loremill.adapters.context import Statistics
from loremill.adapters.layer import ExpertLinear

from .models import D_TASK, Sample, base, batch_of, context_of, inputs_of, randomise, samples

SCALE = 3.0 / 2  # alpha / r of the configurations below
SHAPE: dict[str, Any] = {"r": 2, "alpha": 3.0}
MOELORA: dict[str, dict[str, Any]] = {
    "token": {"router": "token"},
    "schema": {"router": "schema", "d_task": D_TASK, "task_norm": "raw"},
    "task": {"router": "task", "d_task": D_TASK},
    "schema_only": {"router": "schema_only", "d_task": D_TASK},
    "top_k": {"router": "task", "d_task": D_TASK, "top_k": 2},
}
CAPABILITY: dict[str, dict[str, Any]] = {"soft": {}, "hard": {"routing": "hard"}, "unshared": {"shared_expert": False}}


def softmax(logits: list[float]) -> list[float]:
    powers = [math.exp(logit) for logit in logits]
    return [power / sum(powers) for power in powers]


def sigmoid(logit: float) -> float:
    return 1 / (1 + math.exp(-logit))


def experts_of(layer: ExpertLinear) -> list[tuple[Tensor, Tensor]]:
    """A and B of each expert: two rows of the stacked A, two columns of the stacked B."""
    bank: Any = layer.banks["default"]
    return [(bank.A[i : i + 2].double(), bank.B[:, i : i + 2].double()) for i in range(0, bank.A.shape[0], 2)]


def mixture(z: Tensor, experts: list[tuple[Tensor, Tensor]], weights: list[float]) -> Tensor:
    """TA-MoELoRA, eqs 1 and 2, without W_0 z; UC-UIE, eqs 2, 5, 7 and 9."""
    total = torch.zeros(experts[0][1].shape[0], dtype=torch.float64)
    for (a, b), weight in zip(experts, weights, strict=True):
        total = total + weight * SCALE * (b @ (a @ z))
    return total


def moelora(layer: ExpertLinear, x: Tensor, item: Sample, kind: str) -> Tensor:
    """TA-MoELoRA, eqs 1 to 6, over the tokens of an item, ``x`` ``(tokens, d_in)``."""
    gate: Any = layer.gates["default"]
    v = item.task if kind == "schema" else item.task * math.sqrt(D_TASK) / math.sqrt(float((item.task**2).sum()))
    columns = [weight.double() for weight in (gate.token, gate.task) if weight is not None]
    w_g = torch.cat(columns, dim=1)  # (experts, d_in + d_task)
    rows = []
    for z in x:
        read = {"token": [z], "schema_only": [v]}.get(kind, [z, v])
        logits = [float(row @ torch.cat(read)) for row in w_g]
        if kind == "top_k":
            kept = sorted(range(len(logits)), key=lambda i: -logits[i])[:2]
            few = dict(zip(kept, softmax([logits[i] for i in kept]), strict=True))
            weights = [few.get(i, 0.0) for i in range(len(logits))]
        else:
            weights = softmax(logits)
        rows.append(mixture(z, experts_of(layer), weights))
    return torch.stack(rows)


def high_level(layer: ExpertLinear, x: Tensor, instruction: Tensor) -> list[float]:
    """Logits of UC-UIE, eq. 3: of the mean hidden state of the instruction's tokens."""
    gate: Any = layer.gates["default"]
    h_inst = torch.stack(list(x[instruction])).sum(0) / int(instruction.sum())
    return [float(gate.weight[9 + i].double() @ h_inst + gate.bias[9 + i].double()) for i in range(3)]


def low_level(layer: ExpertLinear, h: Tensor) -> list[list[float]]:
    """UC-UIE, eq. 6, of one token: weights of the sub-experts of each capability."""
    gate: Any = layer.gates["default"]
    logits = [float(gate.weight[i].double() @ h + gate.bias[i].double()) for i in range(9)]
    return [softmax(logits[i : i + 3]) for i in (0, 3, 6)]


def capability(layer: ExpertLinear, x: Tensor, item: Sample, kind: str, instruction: Tensor) -> Tensor:
    """UC-UIE, eqs 2, 3, 5, 6, 7 and 9, over the tokens of an item."""
    if kind == "hard":
        g = [float(needed) for needed in item.capabilities]
    else:
        g = [sigmoid(logit) for logit in high_level(layer, x, instruction)]
    shared = [] if kind == "unshared" else [1.0]
    return torch.stack(
        [
            mixture(
                h, experts_of(layer), [*shared, *(g[i] * q for i, qs in enumerate(low_level(layer, h)) for q in qs)]
            )
            for h in x
        ]
    )


class Observed:
    """A pass over the samples: each layer with its input, and what it added to its base layer's output, by item."""

    def __init__(self, config: Any, **context: Tensor) -> None:
        self.items = samples()
        self.model: PeftModel = get_peft_model(base("llama"), config).eval().requires_grad_(False)
        randomise(self.model)
        batch = batch_of([item.whole for item in self.items])
        self.context = context_of(self.items, batch)
        seen: dict[str, tuple[ExpertLinear, Tensor, Tensor]] = {}

        def look(name: str) -> Callable[..., None]:
            def hook(layer: ExpertLinear, given: tuple[Tensor, ...], out: Tensor) -> None:
                seen[name] = (layer, given[0], out - layer.base_layer(given[0]))

            return hook

        for name, module in self.model.named_modules():
            if isinstance(module, ExpertLinear):
                module.register_forward_hook(look(name))
        with torch.no_grad(), routed(self.context, collect=True, **context) as scope:
            self.model(**inputs_of(self.model, batch), use_cache=False)
        self.layers = list(seen.values())
        self.losses = self.model.base_model.all_auxiliary_losses(scope)
        assert self.context.real is not None
        self.real = self.context.real

    def instruction(self, row: int) -> Tensor:
        """Which of an item's tokens are its instruction's."""
        assert self.context.instruction is not None
        return self.context.instruction[row][self.real[row]]


@pytest.mark.parametrize("kind", MOELORA)
def test_moelora_is_what_the_equations_say(kind: str) -> None:
    observed = Observed(MoELoraConfig(experts=4, **SHAPE, **MOELORA[kind]))
    assert len(observed.layers) == 14
    for layer, x, delta in observed.layers:
        for row, item in enumerate(observed.items):
            expected = moelora(layer, x[row][observed.real[row]], item, kind)
            torch.testing.assert_close(delta[row][observed.real[row]], expected, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("kind", CAPABILITY)
def test_capability_experts_are_what_the_equations_say(kind: str) -> None:
    observed = Observed(CapabilityConfig(sub_experts=3, **SHAPE, **CAPABILITY[kind]))
    assert len(observed.layers) == 6
    for layer, x, delta in observed.layers:
        for row, item in enumerate(observed.items):
            expected = capability(layer, x[row][observed.real[row]], item, kind, observed.instruction(row))
            torch.testing.assert_close(delta[row][observed.real[row]], expected, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("forced", [None, (0.0, 1.0, 0.0)])
def test_the_losses_of_capability_experts_are_what_the_equations_say(forced: tuple[float, ...] | None) -> None:
    """Eqs 4 and 8; the first as a mean over items, both as means over layers."""
    context = {} if forced is None else {"forced": torch.tensor(forced)}
    observed = Observed(CapabilityConfig(sub_experts=3, **SHAPE), **context)
    bce, entropy = [], []
    for layer, x, _ in observed.layers:
        mean = [[0.0] * 3 for _ in range(3)]
        for row, item in enumerate(observed.items):
            tokens = x[row][observed.real[row]]
            for needed, logit in zip(
                item.capabilities, high_level(layer, tokens, observed.instruction(row)), strict=True
            ):
                g = sigmoid(logit)
                bce.append(-(needed * math.log(g) + (1 - needed) * math.log(1 - g)))
            for h in tokens:
                for i, weights in enumerate(low_level(layer, h)):
                    for q, weight in enumerate(weights):
                        mean[i][q] += weight / int(observed.real.sum())
        active = range(3) if forced is None else (1,)
        entropy.append(sum(p * math.log(p) for i in active for p in mean[i]))
    layers = len(observed.layers)
    assert observed.losses["bce"][0] == observed.losses["entropy"][0] == 0.1
    assert float(observed.losses["bce"][1]) == pytest.approx(sum(bce) / layers / len(observed.items), rel=1e-9)
    assert float(observed.losses["entropy"][1]) == pytest.approx(sum(entropy) / layers, rel=1e-9)


def test_a_mixed_batch_forces_the_capabilities_of_some_items_only() -> None:
    nan = float("nan")
    forced = torch.tensor([[0.0, 1.0, 0.0], [nan, nan, nan], [1.0, nan, 0.0], [nan, nan, nan]])
    observed = Observed(CapabilityConfig(sub_experts=3, **SHAPE), forced=forced)
    for layer, x, delta in observed.layers:
        for row, wanted in enumerate(forced.tolist()):
            tokens = x[row][observed.real[row]]
            own = [sigmoid(logit) for logit in high_level(layer, tokens, observed.instruction(row))]
            g = [a if math.isnan(b) else b for a, b in zip(own, wanted, strict=True)]
            for h, added in zip(tokens, delta[row], strict=False):
                weights = [1.0, *(g[i] * q for i, qs in enumerate(low_level(layer, h)) for q in qs)]
                torch.testing.assert_close(added, mixture(h, experts_of(layer), weights), rtol=1e-9, atol=1e-9)


def test_the_entropy_over_ranks_is_that_of_their_batches_together(monkeypatch: pytest.MonkeyPatch) -> None:
    """Locating acts on the second rank alone; it counts on both."""
    rng = torch.Generator().manual_seed(0)
    first, second = (torch.rand(3, 4, generator=rng) for _ in range(2))
    acts = torch.tensor([True, False, False]), torch.tensor([True, True, False])
    one = Statistics(None, acts[0], first, torch.tensor(5))
    other = torch.cat([second.flatten(), acts[1].float(), torch.tensor([9.0])])
    together = entropy_loss({"layer": Statistics(None, acts[1], first + second, torch.tensor(14))})
    monkeypatch.setattr(capability_module, "_over_ranks", lambda value: value + other)
    torch.testing.assert_close(entropy_loss({"layer": one}), together)
