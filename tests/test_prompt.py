# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import math

import pytest

from loremill.prompt import Completion, LogLik, Model, Usage

from .scripted import ScriptedModel

# " a: x; b: y" by hand: tokens " a", ": ", "x", ";", " b", ": y", end-of-sequence
OFFSETS = ((0, 2), (2, 4), (4, 5), (5, 6), (6, 8), (8, 11), (11, 11))
PROBABILITIES = (0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3)
COMPLETION = Completion(
    " a: x; b: y", OFFSETS, tuple(map(math.log, PROBABILITIES)), tuple(math.log(p / 2) for p in PROBABILITIES)
)


@pytest.mark.parametrize(
    ("place", "tokens"),
    [((0, 6), [0, 1, 2, 3]), ((4, 6), [2, 3]), ((6, 11), [4, 5, 6]), ((0, 11), [0, 1, 2, 3, 4, 5, 6]), ((9, 11), [6])],
)
def test_score_is_the_product_of_masked_probabilities(place, tokens):
    expected = math.prod(PROBABILITIES[i] / 2 for i in tokens)
    assert COMPLETION.score(*place) == pytest.approx(expected, rel=1e-12)  # at most 7 products


def test_score_without_log_probabilities_is_none():
    assert Completion(" None").score(0, 5) is None


def test_score_is_a_probability_though_rounding_sums_above_zero():
    assert Completion("a", ((0, 1),), (1e-9,), (1e-9,)).score(0, 1) == 1.0


@pytest.mark.parametrize("name", ["logprobs", "masked_logprobs"])
def test_every_token_needs_its_value(name):
    with pytest.raises(ValueError, match=f"{name} need one value per token: 2 values, 1 tokens"):
        Completion("a", ((0, 1),), **{name: (0.0, 0.0)})


def test_usage_adds_up():
    assert Usage(1, 2, 3) + Usage(10, 20, 30) == Usage(11, 22, 33)


@pytest.mark.parametrize(("values", "total", "mean"), [((), 0, 0.0), ((-1.0, -2.0, -6.0), -9.0, -3.0)])
def test_loglik_sums_and_averages(values, total, mean):
    assert (LogLik(values).total, LogLik(values).mean) == (total, mean)


def test_scripted_model_is_a_model():
    assert isinstance(ScriptedModel(lambda prompt: "None"), Model)


def test_half_a_surrogate_pair_in_a_completion_is_replaced():
    assert Completion(" a\ud800b").text == " a\ufffdb"


def test_empty_tokens_inside_an_item_count():
    completion = Completion("ab", ((0, 1), (1, 1), (1, 2), (2, 2)), (0.0,) * 4, (-1.0, -2.0, -4.0, -8.0))
    assert completion.score(0, 1) == pytest.approx(math.exp(-1))
    assert completion.score(1, 2) == pytest.approx(math.exp(-14))
