# SPDX-License-Identifier: Apache-2.0
"""What holds of every adapter on every architecture, whatever its tensors are."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

import pytest
import torch
from peft import PeftModel, get_peft_model
from torch import Tensor
from transformers import DynamicCache

from loremill.adapters import routed
from loremill.models.prompt_mask import PADDING

from .models import (
    ADAPTERS,
    ARCHITECTURES,
    PAIRS,
    Sample,
    adapted,
    adapter_parameters,
    base,
    batch_of,
    close,
    context_of,
    dtype_of,
    inputs_of,
    logits_of,
    samples,
)

every_pair = pytest.mark.parametrize(("architecture", "adapter"), PAIRS)


@pytest.mark.parametrize("architecture", ARCHITECTURES)
@pytest.mark.parametrize("adapter", ADAPTERS)
def test_a_new_adapter_changes_nothing(architecture: str, adapter: str) -> None:
    expected = logits_of(base(architecture), samples())
    given = logits_of(get_peft_model(base(architecture), ADAPTERS[adapter]()).eval(), samples())
    for row, same in zip(given, expected, strict=True):
        assert torch.equal(row, same)


@every_pair
def test_a_random_adapter_changes_much(architecture: str, adapter: str) -> None:
    """Without this the laws below would hold of adapters that do nothing."""
    without = torch.cat(logits_of(base(architecture, dtype_of(adapter)), samples()))
    given = torch.cat(logits_of(adapted(architecture, adapter), samples()))
    assert (given - without).abs().mean() > 0.1 * without.abs().mean()


@every_pair
@pytest.mark.parametrize("side", ["left", "right"])
def test_a_batch_gives_what_its_rows_give_one_by_one(
    architecture: str, adapter: str, side: Literal["left", "right"]
) -> None:
    model, items = adapted(architecture, adapter), samples()
    together = logits_of(model, items, side)
    for item, row in zip(items, together, strict=True):
        close(row, logits_of(model, [item])[0], adapter)


@every_pair
def test_packed_rows_give_what_their_items_give_alone(architecture: str, adapter: str) -> None:
    model, items = adapted(architecture, adapter), samples()
    first, second, third, last = (item.whole for item in items)
    batch = batch_of([first + second + third, last], lengths=[[len(first), len(second), len(third)], [len(last)]])
    with routed(context_of(items, batch)):
        packed = model(**inputs_of(model, batch), use_cache=False).logits
    for number, item in enumerate(items):
        close(packed[batch["items"] == number], logits_of(model, [item])[0], adapter)


@every_pair
def test_packed_rows_tell_the_auxiliary_losses_of_their_items(architecture: str, adapter: str) -> None:
    model, items = adapted(architecture, adapter), samples()
    rows = [item.whole for item in items]
    packed = batch_of(
        [rows[0] + rows[1], rows[2] + rows[3]], lengths=[[len(r) for r in rows[i : i + 2]] for i in (0, 2)]
    )
    alone = batch_of(rows)
    for name, (_, value) in _auxiliary_losses(model, items, alone).items():
        close(_auxiliary_losses(model, items, packed)[name][1], value, adapter)


@every_pair
@pytest.mark.parametrize("held_back", [0, 1])
def test_reading_the_prompt_and_then_each_token_gives_one_full_pass(
    architecture: str, adapter: str, held_back: int
) -> None:
    """``held_back`` tokens of the prompt are read with the answer, as `LocalModel` does with the last."""
    model, items = adapted(architecture, adapter), samples()
    whole = logits_of(model, items)
    cache, prompts = _read_prompts(model, items, held_back)
    real = prompts["parts"] != PADDING
    steps = min(len(item.answer) for item in items)
    rest = [[item.whole.ids[len(item.prompt) - held_back + s] for item in items] for s in range(held_back + steps)]
    types = [item.answer.token_types[0] for item in items if item.answer.token_types is not None]
    for step, ids in enumerate(rest):
        seen = torch.cat([real[:, : real.shape[1] - held_back], torch.ones(len(items), step + 1, dtype=torch.bool)], 1)
        positions = torch.tensor([[len(item.prompt) - held_back + step] for item in items])
        extra = {"token_type_ids": torch.tensor(types)[:, None]} if model.config.model_type == "bert" else {}
        told = model(
            input_ids=torch.tensor(ids)[:, None],
            attention_mask=seen.long(),
            position_ids=positions,
            past_key_values=cache,
            use_cache=True,
            **extra,
        ).logits
        for row, item, full in zip(told, items, whole, strict=True):
            close(row[0], full[len(item.prompt) - held_back + step], adapter)


@every_pair
def test_generate_writes_what_full_passes_would(architecture: str, adapter: str) -> None:
    model, items = adapted(architecture, adapter), samples()
    cache, prompts = _read_prompts(model, items, held_back=1)
    inputs = {**inputs_of(model, prompts), "attention_mask": (prompts["parts"] != PADDING).long()}
    with routed(context_of(items, prompts)):
        written = model.generate(
            **inputs,
            past_key_values=cache,
            max_new_tokens=5,
            min_new_tokens=5,
            do_sample=False,
            output_logits=True,
            return_dict_in_generate=True,
        )
    answers = written.sequences[:, prompts["input_ids"].shape[1] :].tolist()
    told = torch.stack(written.logits, dim=1)  # (rows, steps, vocabulary)
    for item, answer, row in zip(items, answers, told, strict=True):
        again = _answered(item, answer)
        close(row, logits_of(model, [again])[0][len(item.prompt) - 1 : -1], adapter)


@every_pair
def test_checkpointing_changes_neither_gradients_nor_losses(architecture: str, adapter: str) -> None:
    plain, checkpointed = adapted(architecture, adapter), adapted(architecture, adapter)
    checkpointed.activation_checkpointing_enable(activation_checkpointing_kwargs={"use_reentrant": False})
    found = []
    for model in (plain, checkpointed):
        model.train()
        for module in model.modules():
            if isinstance(module, torch.nn.Dropout):
                module.p = 0.5  # of the bank too: a recomputation draws the same mask
        losses = _losses(model, samples())
        sum(losses.values(), torch.zeros(())).backward()
        found.append((losses, {name: p.grad for name, p in adapter_parameters(model).items()}))
    (losses, gradients), (same_losses, same_gradients) = found
    for name, loss in losses.items():
        assert torch.equal(same_losses[name], loss), name
    for name, gradient in gradients.items():
        torch.testing.assert_close(same_gradients[name], gradient, rtol=1e-12, atol=0, msg=name)


def test_each_loss_can_go_back_through_one_checkpointed_pass() -> None:
    model = adapted("llama", "soft").train()
    expected = _losses(model, samples())
    model.activation_checkpointing_enable(activation_checkpointing_kwargs={"use_reentrant": False})
    losses = _losses(model, samples())
    names, parameters = zip(*adapter_parameters(model).items(), strict=True)
    for name, loss in losses.items():
        options = {"retain_graph": True, "allow_unused": True}
        given = torch.autograd.grad(loss, parameters, **options)
        wanted = torch.autograd.grad(expected[name], parameters, **options)
        for parameter, a, b in zip(names, given, wanted, strict=True):
            assert (a is None) == (b is None), parameter
            if a is not None and b is not None:
                torch.testing.assert_close(a, b, rtol=1e-12, atol=0)


@every_pair
def test_saved_and_loaded_gives_the_same_logits(architecture: str, adapter: str, tmp_path: Path) -> None:
    model = adapted(architecture, adapter)
    model.save_pretrained(tmp_path)
    loaded = PeftModel.from_pretrained(base(architecture, dtype_of(adapter)), tmp_path).eval()
    for row, same in zip(logits_of(loaded, samples()), logits_of(model, samples()), strict=True):
        assert torch.equal(row, same)


@every_pair
def test_every_tensor_learns_from_the_task(architecture: str, adapter: str) -> None:
    model = adapted(architecture, adapter).train()
    _losses(model, samples())["task"].backward()
    for name, parameter in adapter_parameters(model).items():
        assert parameter.grad is not None, name
        rows = parameter.grad if "_bank.default.B" not in name else parameter.grad.mT
        assert (rows.reshape(rows.shape[0], -1).abs().amax(1) > 0).all(), name  # each expert, each of a gate's logits


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_the_capability_losses_teach_the_gates_they_are_meant_for(architecture: str) -> None:
    model = adapted(architecture, "soft").train()
    forced = torch.tensor([0.0, 1.0, 0.0])  # as in the first stage: the gate learns while it is not obeyed
    taught = {"bce": slice(9, 12), "entropy": slice(3, 6)}  # the capabilities' rows; those of locating's sub-experts
    for loss, rows in taught.items():
        model.zero_grad()
        _losses(model, samples(), forced=forced)[loss].backward()
        gates = {name: p.grad for name, p in adapter_parameters(model).items() if "_gate." in name}
        assert gates
        for name, gradient in gates.items():
            assert gradient is not None, (loss, name)
            assert (gradient[rows].reshape(3, -1).abs().amax(1) > 0).all(), (loss, name)


@pytest.mark.parametrize("adapter", ["soft", "hard", "unshared"])
def test_a_capability_that_is_not_needed_learns_nothing(adapter: str) -> None:
    model = adapted("llama", adapter).train()
    _losses(model, samples(), forced=torch.tensor([0.0, 1.0, 0.0]))["task"].backward()
    shared = int(adapter != "unshared")
    for name, parameter in adapter_parameters(model).items():
        if "_bank.default.A" in name:
            assert parameter.grad is not None
            learns = parameter.grad.unflatten(0, (-1, 2)).abs().amax((1, 2)) > 0  # each expert has two rows
            assert learns.tolist() == [True] * shared + [False] * 3 + [True] * 3 + [False] * 3, name


@every_pair
def test_the_batch_of_the_laws_routes_to_every_expert(architecture: str, adapter: str) -> None:
    """In every layer each expert has a twentieth of the weight of some token, so that none is idle in the laws."""
    model, items = adapted(architecture, adapter), samples()
    found: dict[str, list[Tensor]] = {}
    for name, module in model.named_modules():
        if name.endswith("_gate.default"):
            module.register_forward_hook(lambda _, __, out, name=name: found.setdefault(name, []).append(out))
    logits_of(model, items)
    batch = batch_of([item.whole for item in items])
    real = batch["parts"] != PADDING
    for name, (weights,) in found.items():
        each = weights.expand(*real.shape, -1)[real].abs()
        assert (each.amax(0) > 0.05).all(), name
    assert found


def _read_prompts(model: Any, items: list[Sample], held_back: int) -> tuple[DynamicCache, dict[str, Tensor]]:
    """A cache of the prompts but for their last tokens, and the whole prompts as a batch padded on the left."""
    prompts = batch_of([item.prompt for item in items], "left")
    read = {name: value[:, : value.shape[1] - held_back] for name, value in prompts.items()}
    cache = DynamicCache(config=model.config)
    with routed(context_of(items, read)):
        model(**inputs_of(model, read), past_key_values=cache, use_cache=True)
    return cache, prompts


def _answered(item: Sample, ids: list[int]) -> Sample:
    first = item.answer
    types = (first.token_types or (0,))[:1] * len(ids)
    answer = type(first)(tuple(ids), first.parts[:1] * len(ids), types)
    return Sample(item.prompt, answer, item.task, item.capabilities)


def _auxiliary_losses(
    model: Any, items: list[Sample], batch: dict[str, Tensor], **context: Tensor
) -> dict[str, tuple[float, Tensor]]:
    return _scoped(model, items, batch, **context)[1]


def _scoped(
    model: Any, items: list[Sample], batch: dict[str, Tensor], **context: Tensor
) -> tuple[Tensor, dict[str, tuple[float, Tensor]]]:
    """Logits and auxiliary losses of a pass."""
    with routed(context_of(items, batch), collect=True, **context) as scope:
        logits = model(**inputs_of(model, batch), use_cache=False).logits
    return logits, model.base_model.all_auxiliary_losses(scope)


def _losses(model: Any, items: list[Sample], **context: Tensor) -> dict[str, Tensor]:
    """The loss of predicting each next token and the auxiliary ones, unweighted, by name."""
    torch.manual_seed(0)
    batch = batch_of([item.whole for item in items])
    logits, auxiliary = _scoped(model, items, batch, **context)
    labels = batch["input_ids"].masked_fill(batch["parts"] == PADDING, -100)
    task = torch.nn.functional.cross_entropy(logits[:, :-1].flatten(0, 1), labels[:, 1:].flatten())
    return {"task": task, **{name: value for name, (_, value) in auxiliary.items()}}
