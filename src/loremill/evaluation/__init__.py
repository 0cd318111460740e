# SPDX-License-Identifier: Apache-2.0
"""Scorers with a name each, calibration of scores, and tables of results."""

from .calibration import auroc, ece
from .items import PARTS, Part, Prediction
from .scores import Score
from .strict import judged, score_by_label, strict
from .tables import Table, score_table
from .text import text_f1

__all__ = [
    "PARTS",
    "Part",
    "Prediction",
    "Score",
    "Table",
    "auroc",
    "ece",
    "judged",
    "score_by_label",
    "score_table",
    "strict",
    "text_f1",
]
