# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import numpy as np
import pytest

from loremill.errors import InputError
from loremill.evaluation import AccuracyMatrix

# Splits of 10, 20 and 50 instances. Accuracies by stage (rows 0 to 3), worked by hand:
#   0:  0.1  0.1   0.2
#   1:  0.8  0.3   -
#   2:  0.9  0.75  0.4
#   3:  0.6  0.5   0.7
HAND = AccuracyMatrix.of([[1, 2, 10], [8, 6, None], [9, 15, 20], [6, 10, 35]], [10, 20, 50])


def test_accuracies_are_right_answers_by_total():
    expected = [[0.1, 0.1, 0.2], [0.8, 0.3, np.nan], [0.9, 0.75, 0.4], [0.6, 0.5, 0.7]]
    np.testing.assert_allclose(HAND.to_array(), expected)
    assert HAND.accuracy(2, 3) == 0.4


def test_averages_pool_instances_or_splits():
    assert HAND.pooled(1) == HAND.average(1) == 0.8
    assert HAND.pooled(2) == pytest.approx(24 / 30)
    assert HAND.average(2) == pytest.approx((0.9 + 0.75) / 2)
    assert HAND.pooled(3) == pytest.approx(51 / 80)
    assert HAND.average(3) == pytest.approx((0.6 + 0.5 + 0.7) / 3)


def test_backward_transfer_by_hand():
    assert HAND.backward_transfer() == pytest.approx(((0.6 - 0.8) + (0.5 - 0.75)) / 2)


def test_forward_transfer_by_hand():
    assert HAND.forward_transfer() == pytest.approx(((0.3 - 0.1) + (0.4 - 0.2)) / 2)


def test_forgetting_takes_the_best_before_the_last_stage():
    assert HAND.forgetting() == pytest.approx(((0.9 - 0.6) + (0.75 - 0.5)) / 2)


def test_forgetting_is_negative_when_the_last_stage_is_the_best():
    grown = AccuracyMatrix.of([[0, 0], [4, 0], [6, 5]], [10, 10])
    assert grown.forgetting() == pytest.approx(-0.2)  # the last stage is no candidate for the best


def test_what_was_not_tested_is_refused():
    lacking = AccuracyMatrix.of([[None, None], [8, None], [6, 5]], [10, 10])
    assert lacking.backward_transfer() == pytest.approx(-0.2)
    with pytest.raises(InputError, match="split 2 was not tested after stage 1"):
        lacking.forward_transfer()


@pytest.mark.parametrize(
    ("correct", "totals", "message"),
    [
        ([[1]], [10], "1 splits need a row before training and one after each of 1 stages, got 1"),
        ([[1], [1, 2]], [10], "stage 1 needs 1 splits, got 2"),
        ([[1], [11]], [10], "stage 1, split 1: wanted 0 to 10 right answers, got 11"),
    ],
)
def test_impossible_matrix_cannot_be_built(correct, totals, message):
    with pytest.raises(InputError, match=message):
        AccuracyMatrix.of(correct, totals)


def test_one_stage_has_no_transfer():
    with pytest.raises(InputError, match="at least 2 stages, got 1"):
        AccuracyMatrix.of([[0], [1]], [2]).backward_transfer()
