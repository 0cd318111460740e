# SPDX-License-Identifier: Apache-2.0
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loremill.errors import InputError
from loremill.evaluation import auroc, ece

pairs = st.lists(st.tuples(st.sampled_from([0.0, 0.1, 0.25, 0.5, 0.5000001, 0.99, 1.0]), st.booleans()), max_size=25)


@given(pairs)
@settings(deadline=None)
def test_auroc_is_the_share_of_rightly_ordered_pairs(values):
    right = [score for score, is_correct in values if is_correct]
    wrong = [score for score, is_correct in values if not is_correct]
    if not right or not wrong:
        assert auroc(values) is None
        return
    wins = sum((r > w) + 0.5 * (r == w) for r in right for w in wrong)
    assert auroc(values) == pytest.approx(wins / (len(right) * len(wrong)), abs=1e-12)  # sums of halves


@given(pairs)
@settings(deadline=None)
def test_ece_equals_a_loop_over_bins(values):
    if not values:
        assert ece(values) is None
        return
    expected = 0.0
    for low in range(10):
        members = [(s, c) for s, c in values if min(int(s * 10), 9) == low]
        if members:
            accuracy = sum(c for _, c in members) / len(members)
            confidence = sum(s for s, _ in members) / len(members)
            expected += len(members) / len(values) * abs(accuracy - confidence)
    assert ece(values) == pytest.approx(expected, abs=1e-12)  # float64, at most 25 summands


def test_certain_and_right_is_perfectly_calibrated():
    assert ece([(1.0, True), (0.0, False)]) == 0.0
    assert ece([(1.0, False)]) == 1.0


@pytest.mark.parametrize("score", [1.5, -0.1, math.nan])
def test_scores_outside_their_range_are_refused(score):
    with pytest.raises(InputError, match=r"scores in 0\.\.1"):
        auroc([(0.5, True), (score, False)])
