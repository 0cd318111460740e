# SPDX-License-Identifier: Apache-2.0
"""Metrics of continual learning over the accuracies after each stage (MoLE-CIE, section 4.1).

With ``a[i][j]`` the accuracy on split j after stage i, i = 0 before any, K stages and splits counted from 1.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError


@dataclass(frozen=True, slots=True)
class AccuracyMatrix:
    """Right answers by stage and split.

    Row 0 is the untrained model, row i the model after stage i; column j - 1 is split j, of ``totals[j - 1]``
    instances. What was not tested is None: after stage i only the splits up to i are needed, and split i + 1 for
    `forward_transfer`, with row 0.
    """

    correct: tuple[tuple[int | None, ...], ...]
    totals: tuple[int, ...]

    def __post_init__(self) -> None:
        if not self.totals or len(self.correct) != len(self.totals) + 1:
            raise InputError(
                f"{len(self.totals)} splits need a row before training and one after each of "
                f"{len(self.totals)} stages, got {len(self.correct)}"
            )
        for stage, row in enumerate(self.correct):
            if len(row) != len(self.totals):
                raise InputError(f"stage {stage} needs {len(self.totals)} splits, got {len(row)}")
            for j, (n, total) in enumerate(zip(row, self.totals, strict=True), 1):
                if total < 1 or (n is not None and not 0 <= n <= total):
                    raise InputError(f"stage {stage}, split {j}: wanted 0 to {total} right answers, got {n}")

    @classmethod
    def of(cls, correct: Sequence[Sequence[int | None]], totals: Sequence[int]) -> AccuracyMatrix:
        """The matrix of lists."""
        return cls(tuple(tuple(row) for row in correct), tuple(totals))

    @property
    def stages(self) -> int:
        """K, the number of stages."""
        return len(self.totals)

    def accuracy(self, stage: int, split: int) -> float:
        """``a[stage][split]``.

        Raises:
            InputError: this was not tested.
        """
        n = self.correct[stage][split - 1]
        if n is None:
            raise InputError(f"split {split} was not tested after stage {stage}, which this metric needs")
        return n / self.totals[split - 1]

    def to_array(self) -> NDArray[np.float64]:
        """The accuracies, ``(K + 1, K)``; nan where nothing was tested."""
        counts = np.array([[np.nan if n is None else n for n in row] for row in self.correct], dtype=np.float64)
        return counts / np.array(self.totals)

    def pooled(self, stage: int) -> float:
        """The accuracy over all instances of the splits up to ``stage`` (table 1)."""
        right = sum(self.accuracy(stage, j) * self.totals[j - 1] for j in range(1, stage + 1))
        return right / sum(self.totals[:stage])

    def average(self, stage: int) -> float:
        """The unweighted mean of the accuracies of the splits up to ``stage`` (table 3)."""
        return sum(self.accuracy(stage, j) for j in range(1, stage + 1)) / stage

    def backward_transfer(self) -> float:
        """BWT, ``sum_{i<K} (a[K][i] - a[i][i]) / (K - 1)``: what learning did to earlier splits."""
        last = self._several()
        return sum(self.accuracy(last, i) - self.accuracy(i, i) for i in range(1, last)) / (last - 1)

    def forward_transfer(self) -> float:
        """FWT, ``sum_{i>1} (a[i-1][i] - a[0][i]) / (K - 1)``: what learning did to splits not seen yet."""
        last = self._several()
        return sum(self.accuracy(i - 1, i) - self.accuracy(0, i) for i in range(2, last + 1)) / (last - 1)

    def forgetting(self) -> float:
        """``sum_{i<K} (max_{t=i..K-1} a[t][i] - a[K][i]) / (K - 1)``: what was lost of the best (lower is better)."""
        last = self._several()
        best = (max(self.accuracy(t, i) for t in range(i, last)) for i in range(1, last))
        return sum(top - self.accuracy(last, i) for i, top in enumerate(best, 1)) / (last - 1)

    def _several(self) -> int:
        if self.stages < 2:
            raise InputError(f"transfer and forgetting need at least 2 stages, got {self.stages}")
        return self.stages
