# SPDX-License-Identifier: Apache-2.0
"""Routing weights are recorded where it is asked for: real tokens, once each."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor

from loremill.adapters import record_routing, routed
from loremill.adapters.recording import RoutingRecord, current_record
from loremill.models.prompt_mask import PADDING

from .models import adapted, batch_of, context_of, inputs_of, logits_of, samples


def weights_of(model: Any) -> dict[str, list[Tensor]]:
    """Fills with what each gate gives, by the name of its layer."""
    found: dict[str, list[Tensor]] = {}
    for module in model.modules():
        if hasattr(module, "gates"):
            keep = found.setdefault(f"{module.path}.default", [])
            module.gates["default"].register_forward_hook(lambda _, __, out, keep=keep: keep.append(out.detach()))
    return found


@pytest.mark.parametrize("adapter", ["task", "schema_only", "constant", "top_k", "soft"])
@pytest.mark.parametrize("architecture", ["llama", "nano"])
def test_a_record_holds_means_over_real_tokens(architecture: str, adapter: str) -> None:
    model, items = adapted(architecture, adapter), samples()
    seen = weights_of(model)
    with record_routing() as record, torch.no_grad():
        logits_of(model, items)
    real = batch_of([item.whole for item in items])["parts"] != PADDING
    assert record.layers == list(seen)
    for layer, (weights,) in seen.items():
        each = weights.expand(*real.shape, -1)
        torch.testing.assert_close(record.mean(layer), each[real].mean(0))
        rows = torch.stack([row[there].mean(0) for row, there in zip(each, real, strict=True)])
        torch.testing.assert_close(record.items[layer][0], rows)
    experts = next(iter(seen.values()))[0].shape[-1]
    assert record.by_item().shape == (len(items), len(seen) * experts)


def test_several_batches_add_up() -> None:
    model, items = adapted("llama", "soft"), samples()
    with record_routing() as apart, torch.no_grad():
        logits_of(model, items[:1])
        logits_of(model, items[1:], "left")
    with record_routing() as together, torch.no_grad():
        logits_of(model, items)
    for layer in together.layers:
        torch.testing.assert_close(apart.mean(layer), together.mean(layer), rtol=1e-6, atol=1e-6)
    torch.testing.assert_close(apart.by_item(), together.by_item(), rtol=1e-6, atol=1e-6)


def test_packed_rows_are_recorded_without_their_padding() -> None:
    model, items = adapted("llama", "task"), samples()
    rows = [item.whole for item in items]
    batch = batch_of(
        [rows[0] + rows[1], rows[2] + rows[3]], lengths=[[len(r) for r in rows[i : i + 2]] for i in (0, 2)]
    )
    with record_routing() as packed, routed(context_of(items, batch)), torch.no_grad():
        model(**inputs_of(model, batch), use_cache=False)
    with record_routing() as alone, torch.no_grad():
        logits_of(model, items)
    for layer in alone.layers:
        torch.testing.assert_close(packed.mean(layer), alone.mean(layer), rtol=1e-6, atol=1e-6)


def test_recomputation_is_not_recorded() -> None:
    records = []
    for checkpointing in (False, True):
        model = adapted("llama", "soft").train()
        if checkpointing:
            model.activation_checkpointing_enable(activation_checkpointing_kwargs={"use_reentrant": False})
        with record_routing() as record:
            sum(row.sum() for row in logits_of(model, samples())).backward()
        records.append(record)
    plain, checkpointed = records
    for layer in plain.layers:
        assert torch.equal(checkpointed.counts[layer], plain.counts[layer])
        assert torch.equal(checkpointed.sums[layer], plain.sums[layer])


def test_nothing_is_recorded_outside() -> None:
    model = adapted("llama", "token")
    with record_routing() as record:
        pass
    logits_of(model, samples())
    assert record == RoutingRecord()
    assert current_record() is None


def test_a_record_within_a_record_is_its_own() -> None:
    model = adapted("llama", "token")
    with record_routing() as outer:
        with record_routing() as inner:
            logits_of(model, samples())
        assert current_record() is outer
    assert inner.layers
    assert not outer.layers


def test_a_record_keeps_no_graph() -> None:
    with record_routing() as record:
        logits_of(adapted("llama", "soft").train(), samples())
    assert not any(value.requires_grad for value in (*record.sums.values(), record.by_item()))


@pytest.mark.parametrize("adapter", ["token", "task", "soft"])
def test_tokens_written_count_and_an_item_is_its_prompt(adapter: str) -> None:
    model, items = adapted("llama", adapter), samples()
    prompts = batch_of([item.prompt for item in items], "left")
    real = prompts["parts"] != PADDING
    with record_routing() as record, routed(context_of(items, prompts)), torch.no_grad():
        inputs = {**inputs_of(model, prompts), "attention_mask": real.long()}
        model.generate(**inputs, max_new_tokens=4, min_new_tokens=4, do_sample=False)
    with record_routing() as read, routed(context_of(items, prompts)), torch.no_grad():
        model(**inputs_of(model, prompts))
    torch.testing.assert_close(record.by_item(), read.by_item(), rtol=1e-6, atol=1e-6)
    for layer in record.layers:
        assert int(record.counts[layer]) == int(real.sum()) + 3 * len(items)  # the last is written, not read


@pytest.mark.parametrize("adapter", ["token", "constant"])
def test_an_item_is_its_prompt_of_gates_that_fix_nothing_too(adapter: str) -> None:
    model = adapted("llama", adapter)
    prompts = batch_of([item.prompt for item in samples()], "left")
    mask = (prompts["parts"] != PADDING).long()
    with record_routing() as record, torch.no_grad():
        model.generate(prompts["input_ids"], attention_mask=mask, max_new_tokens=4, min_new_tokens=4, do_sample=False)
    assert record.by_item().shape[0] == mask.shape[0]
    assert int(record.counts[record.layers[0]]) == int(mask.sum()) + 3 * mask.shape[0]
