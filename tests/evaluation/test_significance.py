# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loremill.errors import InputError
from loremill.evaluation import document_f1, f1_interval, paired_bootstrap, paired_t_test

counts = st.lists(
    st.tuples(st.integers(0, 3), st.integers(0, 3), st.integers(0, 3), st.integers(0, 3), st.integers(0, 3)),
    min_size=2,
    max_size=30,
)


def systems(n: int, ours: float, theirs: float, seed: int = 0):
    rng = np.random.default_rng(seed)
    gold = rng.integers(0, 4, n)

    def one(share):
        right = rng.binomial(gold, share)
        return np.stack([right, right + rng.integers(0, 2, n), gold], axis=1)

    return one(ours), one(theirs)


def micro(counts) -> float:
    tp, pred, gold = counts.sum(0)
    return 2 * tp / (pred + gold)


def test_bootstrap_agrees_with_a_loop_over_documents():
    a, b = systems(60, 0.7, 0.6)
    rng = np.random.default_rng(1)
    loop = []
    for _ in range(4_000):
        index = rng.integers(0, len(a), len(a))
        loop.append(micro(a[index]) - micro(b[index]))
    found = paired_bootstrap(a, b, resamples=20_000)
    assert found.value == pytest.approx(micro(a) - micro(b), abs=1e-12)
    # 4,000 draws: a percentile's standard error is about 0.05 standard deviations of the difference, here 0.002
    assert (found.low, found.high) == pytest.approx(tuple(np.percentile(loop, [2.5, 97.5])), abs=0.012)


def test_interval_holds_the_score_and_shrinks_with_documents():
    few, many = systems(50, 0.7, 0.6)[0], systems(5_000, 0.7, 0.6)[0]
    wide, narrow = f1_interval(few), f1_interval(many)
    assert wide.low < micro(few) < wide.high
    assert narrow.low < micro(many) < narrow.high
    assert narrow.high - narrow.low < (wide.high - wide.low) / 5


def test_equal_systems_do_not_differ():
    a, _ = systems(100, 0.7, 0.6)
    found = paired_bootstrap(a, a)
    assert (found.value, found.low, found.high, found.p_value) == (0.0, 0.0, 0.0, 1.0)
    assert paired_t_test(a, a) == (0.0, 1.0)


def test_a_clear_difference_is_significant_and_the_seed_decides():
    a, b = systems(2_000, 0.8, 0.6)
    found = paired_bootstrap(a, b, resamples=1_000)
    assert found == paired_bootstrap(a, b, resamples=1_000)
    assert found != paired_bootstrap(a, b, resamples=1_000, seed=1)
    assert found.p_value == pytest.approx(2 / 1_001)
    assert paired_t_test(a, b)[1] < 1e-10


def test_paired_noise_cancels():
    """A system right once more where the other is: the paired interval is narrower than the score's own."""
    a, _ = systems(500, 0.5, 0.5)
    b = a.copy()
    better = np.flatnonzero(a[:, 2] > a[:, 0])[:30]
    b[better, 0] += 1
    b[better, 1] += 1
    found, own = paired_bootstrap(b, a), f1_interval(a)
    assert 0 < found.low < found.high
    assert found.high - found.low < (own.high - own.low) / 2


@given(counts)
@settings(deadline=None, max_examples=60)
def test_t_test_equals_scipy(rows):
    stats = pytest.importorskip("scipy.stats")
    table = np.array(rows)
    gold = table[:, 0] + table[:, 1] + table[:, 2]
    a = np.stack([table[:, 0], table[:, 0] + table[:, 3], gold], axis=1)
    b = np.stack([table[:, 1], table[:, 1] + table[:, 4], gold], axis=1)
    difference = document_f1(a) - document_f1(b)
    if difference.std() < 1e-9:  # scipy divides by rounding noise
        return
    t, p = paired_t_test(a, b)
    expected = stats.ttest_rel(document_f1(a), document_f1(b))
    assert t == pytest.approx(expected.statistic, rel=1e-9)
    assert p == pytest.approx(expected.pvalue, rel=1e-8, abs=1e-12)  # a sum of up to 300 terms in float64


def test_document_with_nothing_to_find_and_nothing_found_has_f1_one():
    assert document_f1(np.array([[0, 0, 0], [0, 1, 0], [1, 2, 2]])).tolist() == [1.0, 0.0, 0.5]


@pytest.mark.parametrize(
    ("ours", "theirs", "message"),
    [
        ([], [], "same documents, got 0 and 0"),
        ([[0, 0, 1]], [[0, 0, 1], [0, 0, 1]], "same documents, got 1 and 2"),
        ([[0, 0, 1]], [[0, 0, 2]], "document 0 has 1 and 2"),
    ],
)
def test_only_the_same_documents_are_compared(ours, theirs, message):
    with pytest.raises(InputError, match=message):
        paired_bootstrap(np.array(ours).reshape(-1, 3), np.array(theirs).reshape(-1, 3))


def test_interval_of_nothing_is_nothing():
    found = f1_interval(np.zeros((0, 3), dtype=np.int64))
    assert (found.low, found.high) == (0.0, 0.0)


def test_ten_thousand_resamples_of_five_thousand_different_documents_end():
    rng = np.random.default_rng(0)
    gold = rng.integers(0, 400, 5_000)
    right = rng.binomial(gold, 0.5)
    a = np.stack([right, right + rng.integers(0, 400, 5_000), gold], axis=1)
    b = np.stack([right // 2, gold, gold], axis=1)
    assert paired_bootstrap(a, b).p_value < 0.01
