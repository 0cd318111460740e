# SPDX-License-Identifier: Apache-2.0
"""Precision, recall and F1 from three counts."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Score:
    """True positives, predicted and gold items; precision, recall and F1 follow (0.0 where undefined)."""

    tp: int = 0
    pred: int = 0
    gold: int = 0

    def __post_init__(self) -> None:
        if not 0 <= self.tp <= min(self.pred, self.gold):
            raise ValueError(f"score needs 0 <= tp <= pred and gold, got tp {self.tp}, {self.pred}, {self.gold}")

    def __add__(self, other: Score) -> Score:
        """The micro score of both together."""
        return Score(self.tp + other.tp, self.pred + other.pred, self.gold + other.gold)

    @property
    def precision(self) -> float:
        return self.tp / self.pred if self.pred else 0.0

    @property
    def recall(self) -> float:
        return self.tp / self.gold if self.gold else 0.0

    @property
    def f1(self) -> float:
        return 2 * self.tp / (self.pred + self.gold) if self.tp else 0.0

    @property
    def support(self) -> int:
        """The number of gold items."""
        return self.gold
