# SPDX-License-Identifier: Apache-2.0
"""Contexts of batches, scopes, and passes that are run again."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from loremill.adapters import RoutingContext, routed
from loremill.adapters.context import Scope, current_scope
from loremill.adapters.passes import Pass, current_pass, enter, leave, recomputation_contexts
from loremill.errors import AdapterError

from .models import adapted, batch_of, context_of, inputs_of, logits_of, samples


def test_a_scope_ends_and_the_one_around_it_is_open_again() -> None:
    with routed(task=torch.ones(1, 2)) as outer:
        with routed(RoutingContext(), collect=True) as inner:
            assert current_scope() is inner
        assert current_scope() is outer
    assert current_scope() is None


def test_a_scope_ends_when_something_fails_in_it() -> None:
    with pytest.raises(ZeroDivisionError), routed():
        _ = 1 / 0
    assert current_scope() is None


def test_values_of_a_scope_replace_those_of_its_context() -> None:
    given = RoutingContext(task=torch.zeros(1, 2), real=torch.ones(1, 2))
    with routed(given, task=torch.ones(1, 2)) as scope:
        assert scope.context.real is given.real
        assert torch.equal(scope.context.task, torch.ones(1, 2))


def test_rows_are_repeated_and_selected_in_all_but_what_all_rows_share() -> None:
    context = RoutingContext(
        real=torch.tensor([[1, 0], [1, 1]]).bool(), task=torch.tensor([[1.0], [2.0]]), forced=torch.tensor([1.0, 0, 1])
    )
    repeated = context.repeat(2)
    assert repeated.task.flatten().tolist() == [1, 1, 2, 2]
    assert repeated.real.tolist() == [[True, False]] * 2 + [[True, True]] * 2
    assert repeated.forced is context.forced
    selected = repeated.select(torch.tensor([3, 0]))
    assert selected.task.flatten().tolist() == [2, 1]
    assert selected.real.tolist() == [[True, True], [True, False]]


def test_packed_rows_are_neither_repeated_nor_selected() -> None:
    packed = RoutingContext(items=torch.tensor([[0, 1]]))
    with pytest.raises(AdapterError, match="cannot be repeated"):
        packed.repeat(2)
    with pytest.raises(AdapterError, match="none can be selected"):
        packed.select(torch.tensor([0]))


@pytest.mark.parametrize("name", RoutingContext.__slots__)
def test_values_without_their_axes_are_refused(name: str) -> None:
    with pytest.raises(AdapterError, match=rf"'{name}' of a batch needs the axes \(.*, got \(2, 3, 4\)"):
        RoutingContext(**{name: torch.ones(2, 3, 4)})


@pytest.mark.parametrize("collect", [False, True])
def test_a_recomputation_adds_nothing_to_the_scope(collect: bool) -> None:
    scope = Scope(RoutingContext(), collect)
    running = Pass(RoutingContext(), 2, scope=scope)
    again = running.replay()
    assert again.is_replay
    assert again.is_first
    assert again.scope is not scope
    assert again.scope is not None
    assert again.scope.collect == collect
    again.fixed["layer"] = torch.ones(2)
    assert not running.fixed


def test_a_recomputation_is_of_the_pass_that_was_running_as_often_as_it_is_entered() -> None:
    running = Pass(RoutingContext(task=torch.ones(2, 1)), 2)
    token = enter(running)
    _, recomputation = recomputation_contexts()
    leave(token)
    for _ in range(2):
        with recomputation:
            assert current_pass("a layer").context is running.context
            with recomputation:
                assert current_pass("a layer").is_replay
        with pytest.raises(AdapterError, match="a layer was called outside its model"):
            current_pass("a layer")


def test_reentrant_checkpointing_is_refused() -> None:
    model = adapted("llama", "task").train()
    model.activation_checkpointing_enable(activation_checkpointing_kwargs={"use_reentrant": True})
    with pytest.raises(AdapterError, match="needs use_reentrant=False"):
        logits_of(model, samples())


def test_a_layer_outside_its_model_is_refused() -> None:
    model = adapted("llama", "token")
    with pytest.raises(AdapterError, match="outside its model's forward pass"):
        model.base_model.model.model.layers[0].mlp(torch.ones(1, 2, 24, dtype=torch.float64))


@pytest.mark.parametrize("adapter", ["task", "soft"])
def test_a_failed_pass_leaves_nothing_behind(adapter: str) -> None:
    model, items = adapted("llama", adapter), samples()
    batch = batch_of([item.whole for item in items])
    expected = logits_of(model, items)
    with pytest.raises(AdapterError):
        model(**inputs_of(model, batch))
    with pytest.raises(AdapterError, match="outside"):
        current_pass("a layer")
    for row, same in zip(logits_of(model, items), expected, strict=True):
        assert torch.equal(row, same)


@pytest.mark.parametrize("change", [{"task": 3}, {"capabilities": 3}])
def test_a_context_about_another_number_of_rows_is_refused(change: dict[str, int]) -> None:
    model, items = adapted("llama", "task"), samples()
    batch = batch_of([item.whole for item in items])
    given = context_of(items, batch)
    fewer: dict[str, Any] = {name: getattr(given, name)[:rows] for name, rows in change.items()}
    with routed(given, **fewer), pytest.raises(AdapterError, match=r"the batch has 4 rows, but .* about \[3, 4\]"):
        model(**inputs_of(model, batch))


def test_what_is_padding_is_needed_for_the_losses() -> None:
    model, items = adapted("llama", "soft"), samples()
    batch = batch_of([item.whole for item in items])
    given = context_of(items, batch)
    with routed(given, real=None, collect=True), pytest.raises(AdapterError, match=r"padding: give real=\.\.\."):
        model(**inputs_of(model, batch))
    shorter = given.real[:, 1:]
    with (
        routed(given, real=shorter, collect=True),
        pytest.raises(AdapterError, match=r"shape \(4, 18\), got \(4, 17\)"),
    ):
        model(**inputs_of(model, batch))


def test_labels_of_capabilities_are_needed_for_their_loss() -> None:
    model, items = adapted("llama", "soft"), samples()
    batch = batch_of([item.whole for item in items])
    with routed(context_of(items, batch), capabilities=None, collect=True) as scope:
        model(**inputs_of(model, batch))
    with pytest.raises(AdapterError, match="needs 'capabilities' of the batch"):
        model.base_model.all_auxiliary_losses(scope)
    model.peft_config["default"].bce_weight = 0.0
    assert set(model.base_model.all_auxiliary_losses(scope)) == {"entropy"}
