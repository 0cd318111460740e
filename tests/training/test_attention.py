# SPDX-License-Identifier: Apache-2.0
"""Attention by rows is torch's attention, forward and backward; what it cannot do goes to torch's."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
import torch
from transformers import LlamaConfig, LlamaForCausalLM

from loremill.training import attention
from loremill.training.attention import ROWS, rows_attention, trained_by_rows

MODULE = SimpleNamespace(is_causal=False, training=True)


def drawn(dtype: torch.dtype = torch.float64, *, heads: int = 4, of_keys: int = 4) -> list[torch.Tensor]:
    torch.manual_seed(0)
    shapes = ((5, heads, 7, 8), (5, of_keys, 7, 8), (5, of_keys, 7, 8))
    return [torch.randn(*shape, dtype=dtype, requires_grad=True) for shape in shapes]


def mask() -> torch.Tensor:
    torch.manual_seed(1)
    return (torch.rand(5, 1, 7, 7) > 0.5) | torch.eye(7, dtype=torch.bool)


def loop(query: torch.Tensor, key: torch.Tensor, value: torch.Tensor, seen: torch.Tensor) -> torch.Tensor:
    """The equation, one query at a time."""
    mixed = torch.zeros(5, 7, query.shape[1], 8, dtype=query.dtype)
    rows = []
    for b in range(5):
        for t in range(7):
            for h in range(query.shape[1]):
                g = h * key.shape[1] // query.shape[1]
                keys = seen[b, 0, t].nonzero().flatten().tolist()
                weights = torch.stack([query[b, h, t] @ key[b, g, k] / 8**0.5 for k in keys]).exp()
                rows.append(sum(w / weights.sum() * value[b, g, k] for w, k in zip(weights, keys, strict=True)))
    return torch.stack(rows).view_as(mixed)


@pytest.mark.parametrize("of_keys", [4, 2])
@pytest.mark.parametrize("scores", [1, 500, 10**6])
def test_values_and_gradients_are_those_of_the_equation(
    scores: int, of_keys: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attention, "SCORES", scores)
    ours, theirs = drawn(of_keys=of_keys), drawn(of_keys=of_keys)
    module = SimpleNamespace(num_key_value_groups=4 // of_keys)
    mixed, _ = rows_attention(module, *ours, mask())
    wanted = loop(*theirs, mask())
    torch.testing.assert_close(mixed, wanted, rtol=0, atol=1e-12)
    weight = torch.randn_like(wanted)
    (mixed * weight).sum().backward()
    (wanted * weight).sum().backward()
    for mine, other in zip(ours, theirs, strict=True):
        torch.testing.assert_close(mine.grad, other.grad, rtol=0, atol=1e-12)


def test_an_added_mask_is_a_bool_one() -> None:
    query, key, value = drawn()
    added = torch.zeros_like(mask(), dtype=torch.float32).masked_fill(~mask(), torch.finfo(torch.float32).min)
    torch.testing.assert_close(
        rows_attention(MODULE, query, key, value, added)[0], rows_attention(MODULE, query, key, value, mask())[0]
    )


def test_under_autocast_it_stays_in_the_precision_of_its_inputs() -> None:
    """To bfloat16's three digits (8 bits; sums of 7 terms) it is what float64 gives."""
    exact, _ = rows_attention(MODULE, *drawn(), mask())
    with torch.autocast("cpu", torch.bfloat16):
        mixed, _ = rows_attention(MODULE, *(t.bfloat16() for t in drawn()), mask())
    assert mixed.dtype == torch.bfloat16
    torch.testing.assert_close(mixed.double(), exact, rtol=0.05, atol=0.05)


def test_without_a_mask_or_with_dropout_torch_attends() -> None:
    query, key, value = drawn()
    theirs, _ = rows_attention(MODULE, query, key, value, None)
    ours, _ = rows_attention(MODULE, query, key, value, torch.ones(5, 1, 7, 7, dtype=torch.bool))
    torch.testing.assert_close(theirs, ours, rtol=0, atol=1e-12)
    torch.manual_seed(0)
    dropped, _ = rows_attention(MODULE, query, key, value, mask(), dropout=0.5)
    assert not torch.allclose(dropped, rows_attention(MODULE, query, key, value, mask())[0])


def test_a_model_uses_it_in_training_on_a_cpu_alone_and_answers_as_before() -> None:
    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=50, hidden_size=16, intermediate_size=32, num_hidden_layers=2, num_attention_heads=4,
        num_key_value_heads=2,
    )  # fmt: skip
    model = LlamaForCausalLM(config).double()
    ids = torch.arange(21).view(3, 7)
    seen = torch.ones(3, 1, 7, 7, dtype=torch.bool).tril()
    before = model(ids, attention_mask=seen).logits
    with trained_by_rows(model, torch.device("cpu")):
        assert model.config._attn_implementation == ROWS
        inside = model(ids, attention_mask=seen).logits
    assert model.config._attn_implementation == "sdpa"
    torch.testing.assert_close(inside, before, rtol=0, atol=1e-10)
    with trained_by_rows(model, torch.device("cuda")):
        assert model.config._attn_implementation == "sdpa"


def test_a_model_with_rotary_positions_is_trained_under_autocast() -> None:
    """They leave query and key in float32 beside a value in bfloat16. Tolerance: its three digits, two layers."""
    torch.manual_seed(0)
    model = LlamaForCausalLM(
        LlamaConfig(
            vocab_size=50, hidden_size=16, intermediate_size=32, num_hidden_layers=2, num_attention_heads=4,
            num_key_value_heads=2,
        )
    )  # fmt: skip
    ids, seen = torch.arange(21).view(3, 7), torch.ones(3, 1, 7, 7, dtype=torch.bool).tril()
    gradients = []
    for is_lowered in (False, True):
        model.zero_grad()
        with trained_by_rows(model, torch.device("cpu")), torch.autocast("cpu", torch.bfloat16, enabled=is_lowered):
            loss = model(ids, attention_mask=seen, labels=ids, use_cache=False).loss
        loss.backward()
        gradients.append(model.model.layers[0].self_attn.q_proj.weight.grad.clone())
    exact, lowered = gradients
    assert lowered.dtype == torch.float32
    torch.testing.assert_close(lowered, exact, rtol=0.1, atol=0.05 * exact.abs().max().item())
