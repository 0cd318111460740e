# SPDX-License-Identifier: Apache-2.0
"""How a layer with experts computes: in one product or in two."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from peft import get_peft_model
from torch import Tensor

from loremill.adapters import MoELoraConfig, routed
from loremill.adapters import layer as layer_module

from .models import adapted, base, batch_of, close, context_of, inputs_of, samples


def _gradients(adapter: str) -> dict[str, Tensor]:
    """Logits and all gradients of a batch."""
    model = adapted("llama", adapter)
    items = samples()
    batch = batch_of([item.whole for item in items])
    with routed(context_of(items, batch)):
        logits = model(**inputs_of(model, batch)).logits
    logits.square().mean().backward()
    return {"logits": logits.detach()} | {n: p.grad for n, p in model.named_parameters() if p.grad is not None}


@pytest.mark.parametrize("adapter", ["token", "task", "schema_only", "constant", "soft", "hard", "unshared"])
def test_one_product_of_many_tokens_gives_what_two_give(adapter: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(layer_module, "_MANY", 1)
    one = _gradients(adapter)
    monkeypatch.setattr(layer_module, "_MANY", 10**9)
    two = _gradients(adapter)
    assert len(one) > 1
    assert one.keys() == two.keys()
    for key in one:
        close(one[key], two[key], adapter)


@pytest.mark.parametrize("training", [True, False])
def test_one_product_is_made_only_without_dropout(training: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(layer_module, "_MANY", 1)
    made: list[bool] = []

    def watched(*given: Any) -> tuple[Tensor | None, Tensor | None]:
        low, logits = in_one_product(*given)
        made.append(low is not None)
        return low, logits

    in_one_product = layer_module._in_one_product
    monkeypatch.setattr(layer_module, "_in_one_product", watched)
    model = get_peft_model(base("llama", torch.float32), MoELoraConfig(router="token", dropout=0.5)).train(training)
    model(input_ids=torch.tensor([[3, 4, 5]]))
    assert set(made) == {not training}
