# SPDX-License-Identifier: Apache-2.0
"""How sure a difference of scores is: bootstrap over documents, and the paired t-test.

Both start from counts by document, ``(documents, 3)``: right, predicted and gold items (`Tally.documents`).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError

CHUNK = 1_000_000
"""Most documents drawn at once."""


@dataclass(frozen=True, slots=True)
class Interval:
    """Where a score lies with the stated confidence: percentiles of the bootstrap."""

    low: float
    high: float
    confidence: float = 0.95


@dataclass(frozen=True, slots=True)
class Difference:
    """F1 of one system minus that of another on the same documents; ``p_value`` is two-sided."""

    value: float
    low: float
    high: float
    p_value: float


def f1_interval(
    counts: NDArray[np.int64], *, resamples: int = 1_000, confidence: float = 0.95, seed: int = 0
) -> Interval:
    """The interval of the micro-F1 over resampled documents; (0, 0) without documents."""
    if not len(counts):
        return Interval(0.0, 0.0, confidence)
    low, high = _percentiles(_f1(_resampled(counts, resamples, seed)), confidence)
    return Interval(low, high, confidence)


def paired_bootstrap(
    ours: NDArray[np.int64],
    theirs: NDArray[np.int64],
    *,
    resamples: int = 10_000,
    confidence: float = 0.95,
    seed: int = 0,
) -> Difference:
    """The difference of two systems' micro-F1, both resampled with the same documents.

    Efron & Tibshirani (1993), chapter 16. The p-value is twice the smaller share of resamples at or beyond zero,
    ``2 min(#(d <= 0) + 1, #(d >= 0) + 1) / (resamples + 1)``, at most 1.

    Args:
        ours, theirs: counts of the same documents in the same order, ``(documents, 3)``.

    Raises:
        InputError: the documents differ in number or in their gold items, or there are none.
    """
    _check_pairs(ours, theirs)
    sums = _resampled(np.concatenate([ours, theirs], axis=1), resamples, seed)
    differences = _f1(sums[:, :3]) - _f1(sums[:, 3:])
    low, high = _percentiles(differences, confidence)
    tail = min(int((differences <= 0).sum()), int((differences >= 0).sum())) + 1
    value = float(_f1(ours.sum(0, keepdims=True))[0] - _f1(theirs.sum(0, keepdims=True))[0])
    return Difference(value, low, high, min(1.0, 2 * tail / (resamples + 1)))


def paired_t_test(ours: NDArray[np.int64], theirs: NDArray[np.int64]) -> tuple[float, float]:
    """t and two-sided p-value of the difference of F1 per document (TA-MoELoRA).

    ``t = mean(d) / (std(d) / sqrt(n))`` with n - 1 degrees of freedom. The F1 of a document without gold and
    without predicted items is 1. Equal systems have t = 0 and p = 1.

    Raises:
        InputError: the documents differ, or there are fewer than two.
    """
    _check_pairs(ours, theirs)
    if len(ours) < 2:
        raise InputError(f"a t-test needs at least 2 documents, got {len(ours)}")
    d = document_f1(ours) - document_f1(theirs)
    spread = float(d.std(ddof=1))
    if spread == 0.0:
        mean = float(d.mean())
        return (math.copysign(math.inf, mean), 0.0) if mean else (0.0, 1.0)
    t = float(d.mean()) / (spread / math.sqrt(len(d)))
    dof = len(d) - 1
    return t, _incomplete_beta(dof / 2, 0.5, dof / (dof + t * t))


def document_f1(counts: NDArray[np.int64]) -> NDArray[np.float64]:
    """The F1 of each document; 1 where there is nothing to find and nothing was found."""
    return np.where(counts[:, 1] + counts[:, 2] == 0, 1.0, _f1(counts))


def _resampled(counts: NDArray[np.int64], resamples: int, seed: int) -> NDArray[np.float64]:
    """Sums over as many documents drawn with replacement, ``(resamples, columns)``.

    How often each document was drawn, times its counts, is one matrix product; sums below 2^53 are exact.
    """
    n = len(counts)
    rng = np.random.default_rng(seed)
    values = counts.astype(np.float64)
    step = max(1, CHUNK // n)
    sums = []
    for start in range(0, resamples, step):
        rows = min(step, resamples - start)
        drawn = rng.integers(0, n, size=(rows, n), dtype=np.int32) + np.arange(rows, dtype=np.int32)[:, None] * n
        times = np.bincount(drawn.ravel(), minlength=rows * n).reshape(rows, n)
        sums.append(times.astype(np.float64) @ values)
    return np.concatenate(sums)


def _f1(counts: NDArray[Any]) -> NDArray[np.float64]:
    total = counts[:, 1] + counts[:, 2]
    return np.where(total > 0, 2 * counts[:, 0] / np.maximum(total, 1), 0.0)


def _percentiles(values: NDArray[np.float64], confidence: float) -> tuple[float, float]:
    tail = 50 * (1 - confidence)
    low, high = np.percentile(values, [tail, 100 - tail])
    return float(low), float(high)


def _check_pairs(ours: NDArray[np.int64], theirs: NDArray[np.int64]) -> None:
    if not len(ours) or len(ours) != len(theirs):
        raise InputError(f"a paired test needs the same documents, got {len(ours)} and {len(theirs)}")
    if not np.array_equal(ours[:, 2], theirs[:, 2]):
        at = int(np.flatnonzero(ours[:, 2] != theirs[:, 2])[0])
        raise InputError(
            f"a paired test needs the same gold items, document {at} has {ours[at, 2]} and {theirs[at, 2]}"
        )


def _incomplete_beta(a: float, b: float, x: float) -> float:
    """The regularised incomplete beta function, by its continued fraction (Press et al., 2007, section 6.4)."""
    if x <= 0.0 or x >= 1.0:
        return float(x >= 1.0)
    if x > (a + 1) / (a + b + 2):
        return 1.0 - _incomplete_beta(b, a, 1.0 - x)
    front = math.exp(math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x) + b * math.log1p(-x)) / a
    tiny = 1e-300
    c, d = 1.0, 1.0 / _away_from_zero(1.0 - (a + b) * x / (a + 1), tiny)
    fraction = d
    for m in range(1, 300):
        for numerator in (
            m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)),
            -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1)),
        ):
            d = 1.0 / _away_from_zero(1.0 + numerator * d, tiny)
            c = _away_from_zero(1.0 + numerator / c, tiny)
            fraction *= c * d
        if abs(c * d - 1.0) < 1e-15:
            break
    return front * fraction


def _away_from_zero(value: float, tiny: float) -> float:
    return value if abs(value) > tiny else tiny
