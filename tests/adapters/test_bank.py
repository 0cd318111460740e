# SPDX-License-Identifier: Apache-2.0
"""One bank is the sum of its experts, of any ranks and scales."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from loremill.adapters import Expert, ExpertBank
from loremill.errors import AdapterError

D_IN, D_OUT = 7, 5


def rng(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def experts(*ranks_and_scales: tuple[int, float], dtype: torch.dtype = torch.float64) -> list[Expert]:
    g = rng()
    return [
        Expert(
            torch.randn(rank, D_IN, generator=g, dtype=torch.float64).to(dtype),
            torch.randn(D_OUT, rank, generator=g, dtype=torch.float64).to(dtype),
            scale,
        )
        for rank, scale in ranks_and_scales
    ]


def one_by_one(x: Tensor, given: list[Expert], weights: Tensor) -> Tensor:
    """The sum over experts of weight · scale · B A x."""
    each = [weights[..., i, None] * e.scale * (x @ e.down.T @ e.up.T) for i, e in enumerate(given)]
    return torch.stack(each).sum(0)


@pytest.mark.parametrize(
    "kinds",
    [
        [(3, 2.0)],
        [(2, 0.5), (2, 0.5), (2, 0.5)],
        [(2, 0.5), (2, 4.0)],  # ranks alike, scales not
        [(3, 1.5), (1, 1.5)],  # scales alike, ranks not
        [(1, 8.0), (4, 0.25), (2, -1.0)],
        [(1, 1.0), (1, 1.0)],
    ],
)
@pytest.mark.parametrize("shape", [(2, 3), (2, 1), (1, 3), ()])  # of the weights: per token, per row, of all
def test_a_bank_of_loras_adds_what_they_add(kinds: list[tuple[int, float]], shape: tuple[int, ...]) -> None:
    given = experts(*kinds)
    x = torch.randn(2, 3, D_IN, generator=rng(1), dtype=torch.float64)
    weights = torch.rand(*shape, len(given), generator=rng(2), dtype=torch.float64)
    torch.testing.assert_close(ExpertBank.from_loras(given)(x, weights), one_by_one(x, given, weights))


def test_the_weights_of_experts_of_unlike_ranks_have_the_gradient_of_their_outputs() -> None:
    given = experts((1, 8.0), (4, 0.25))
    x = torch.randn(2, 3, D_IN, generator=rng(1), dtype=torch.float64)
    weights = torch.rand(2, 3, 2, generator=rng(2), dtype=torch.float64).requires_grad_()
    upstream = torch.randn(2, 3, D_OUT, generator=rng(3), dtype=torch.float64)
    ExpertBank.from_loras(given)(x, weights).backward(upstream)
    each = [e.scale * (x @ e.down.T @ e.up.T * upstream).sum(-1) for e in given]
    torch.testing.assert_close(weights.grad, torch.stack(each, -1))


def test_experts_of_a_bank_are_those_it_was_made_of() -> None:
    given = experts((1, 8.0), (4, 0.25))
    for expert, same in zip(ExpertBank.from_loras(given).experts(), given, strict=True):
        assert torch.equal(expert.down, same.down)
        assert torch.equal(expert.up, same.up)
        assert expert.scale == same.scale


def test_a_bank_holds_experts_of_several_precisions_exactly() -> None:
    half, full = experts((2, 1.0), dtype=torch.bfloat16), experts((3, 1.0), dtype=torch.float32)
    bank = ExpertBank.from_loras([*half, *full])
    assert bank.A.dtype == torch.float32
    assert torch.equal(bank.experts()[0].down, half[0].down.float())
    assert torch.equal(bank.experts()[1].up, full[0].up)


def test_a_grown_bank_adds_what_it_added() -> None:
    bank = ExpertBank.from_loras(experts((1, 8.0), (4, 0.25)), dropout=0.5).eval()
    grown = bank.grow([2, 3], [1.0, 2.0])
    x = torch.randn(2, 3, D_IN, generator=rng(1), dtype=torch.float64)
    weights = torch.rand(2, 3, 4, generator=rng(2), dtype=torch.float64)
    assert grown.ranks == (1, 4, 2, 3)
    assert grown.scales == (8.0, 0.25, 1.0, 2.0)
    assert grown.A.dtype == torch.float64
    torch.testing.assert_close(grown(x, weights), bank(x, weights[..., :2]))
    assert not torch.equal(grown.train()(x, weights), grown.eval()(x, weights))  # the dropout came along


def test_new_experts_of_a_grown_bank_can_learn() -> None:
    grown = ExpertBank.from_loras(experts((2, 1.0))).grow([2], [1.0])
    grown(
        torch.randn(1, 3, D_IN, generator=rng(1), dtype=torch.float64), torch.ones(2, dtype=torch.float64)
    ).sum().backward()
    assert grown.B.grad is not None
    assert (grown.B.grad[:, 2:] != 0).all()


def test_a_new_bank_adds_nothing_and_draws_each_expert_as_a_layer_of_its_own() -> None:
    torch.manual_seed(0)
    bank = ExpertBank(400, D_OUT, [4] * 8, [8.0] * 8)
    assert not bank(torch.ones(1, 400), torch.ones(8)).any()
    bound = (
        1 / 400**0.5
    )  # Kaiming uniform over d_in, as of one LoRA; over the stack it would be as small as the stack is high
    assert bank.A.abs().max() <= bound
    for expert in bank.experts():
        assert float(expert.down.detach().std()) == pytest.approx(bound / 3**0.5, rel=0.1)


def test_one_mask_of_dropout_serves_all_experts() -> None:
    given = experts((2, 1.0), (3, 2.0))
    bank = ExpertBank.from_loras(given, dropout=0.5).train()
    x, weights = torch.ones(1, 4, D_IN, dtype=torch.float64), torch.tensor([0.25, 2.0], dtype=torch.float64)
    torch.manual_seed(3)
    out = bank(x, weights)
    torch.manual_seed(3)
    dropped = torch.nn.functional.dropout(x, 0.5)
    torch.testing.assert_close(out, one_by_one(dropped, given, weights))


@pytest.mark.parametrize(
    ("ranks", "scales"), [([], []), ([2, 2], [1.0]), ([0], [1.0])], ids=["none", "too few scales", "rank 0"]
)
def test_a_bank_needs_a_rank_and_a_scale_of_each_expert(ranks: list[int], scales: list[float]) -> None:
    with pytest.raises(AdapterError, match="a rank from 1 and a scale each"):
        ExpertBank(D_IN, D_OUT, ranks, scales)


def test_loras_of_unlike_layers_are_refused() -> None:
    other = Expert(torch.zeros(2, D_IN + 1), torch.zeros(D_OUT, 2), 1.0)
    with pytest.raises(AdapterError, match=r"one d_in and one d_out, got \[\(7, 5\), \(8, 5\)\]"):
        ExpertBank.from_loras([*experts((2, 1.0)), other])
    with pytest.raises(AdapterError, match="got no experts"):
        ExpertBank.from_loras([])


def test_an_expert_whose_factors_do_not_fit_is_refused() -> None:
    with pytest.raises(AdapterError, match=r"got \(2, 7\) and \(5, 3\)"):
        Expert(torch.zeros(2, D_IN), torch.zeros(D_OUT, 3), 1.0)
