# SPDX-License-Identifier: Apache-2.0
"""Scorers with a name each, significance of differences, calibration of scores, continual metrics, and tables.

Runs on a corpus are in `loremill.evaluation.run`, saved ones in `loremill.evaluation.saved`.
"""

from .averages import LabelScores, mean, seen_and_unseen, with_mean
from .calibration import auroc, ece
from .continual import AccuracyMatrix
from .counts import Tally
from .items import PARTS, Part, Prediction
from .report import PartScore, difference_table, label_table, part_scores, part_table
from .scorers import SCORERS, Scorer, scorer
from .scores import Score
from .significance import Difference, Interval, document_f1, f1_interval, paired_bootstrap, paired_t_test
from .strict import judged, score_by_label, strict
from .tables import Table, score_table
from .text import text_f1

__all__ = [
    "PARTS",
    "SCORERS",
    "AccuracyMatrix",
    "Difference",
    "Interval",
    "LabelScores",
    "Part",
    "PartScore",
    "Prediction",
    "Score",
    "Scorer",
    "Table",
    "Tally",
    "auroc",
    "difference_table",
    "document_f1",
    "ece",
    "f1_interval",
    "judged",
    "label_table",
    "mean",
    "paired_bootstrap",
    "paired_t_test",
    "part_scores",
    "part_table",
    "score_by_label",
    "score_table",
    "scorer",
    "seen_and_unseen",
    "strict",
    "text_f1",
    "with_mean",
]
