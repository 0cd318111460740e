# SPDX-License-Identifier: Apache-2.0
"""Do scores tell right from wrong items (AUROC), and are they the share of right ones (ECE)?"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError


def auroc(pairs: Iterable[tuple[float, bool]]) -> float | None:
    """The chance that a correct item scores above a wrong one; a tie counts one half.

    The Mann-Whitney statistic over ranks, ``(R - n(n + 1) / 2) / (n m)`` with R the sum of the n correct items'
    mid-ranks among all n + m. None if all items are correct or all are wrong.

    Args:
        pairs: (score, is it correct), for instance from `strict.judged`.
    """
    scores, correct = _arrays(pairs)
    positives = int(correct.sum())
    negatives = len(correct) - positives
    if not positives or not negatives:
        return None
    _, inverse, counts = np.unique(scores, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[inverse]  # from 1; equal scores share the mean of their ranks
    return float((ranks[correct].sum() - positives * (positives + 1) / 2) / (positives * negatives))


def ece(pairs: Iterable[tuple[float, bool]], *, bins: int = 10) -> float | None:
    """Expected calibration error, ``sum_b |b| / N * |mean correct in b - mean score in b|``; None without items.

    Guo et al. (2017), eq. 3, https://arxiv.org/abs/1706.04599. Bins have equal width; a score on an edge belongs to
    the upper bin, 1.0 to the last.
    """
    scores, correct = _arrays(pairs)
    if not len(scores):
        return None
    index = np.minimum((scores * bins).astype(np.int64), bins - 1)
    gap = np.bincount(index, weights=correct - scores, minlength=bins)  # |b| * (mean correct - mean score)
    return float(np.abs(gap).sum() / len(scores))


def _arrays(pairs: Iterable[tuple[float, bool]]) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    values = list(pairs)
    scores = np.array([score for score, _ in values], dtype=np.float64)
    if not np.all((scores >= 0) & (scores <= 1)):  # also refuses nan
        raise InputError(f"calibration needs scores in 0..1, got {scores[~((scores >= 0) & (scores <= 1))][0]}")
    return scores, np.array([is_correct for _, is_correct in values], dtype=np.bool_)
