# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import pytest

from loremill.errors import InputError
from loremill.evaluation import Score, Table, mean, seen_and_unseen, with_mean

BY_LABEL = {
    "attack.attacker": Score(1, 2, 2),
    "death.victim": Score(3, 3, 3),
    "death.place": Score(0, 1, 0),
    "(rejected)": Score(0, 5, 0),
}


def test_labels_are_parted_by_what_training_had():
    groups = seen_and_unseen(BY_LABEL, {"death"})
    assert groups["seen"].labels == ("death.victim", "death.place")
    assert groups["seen"].micro == Score(3, 4, 3)
    assert groups["seen"].macro_f1 == 1.0  # death.place has no gold item
    assert groups["unseen"].micro == Score(1, 2, 2)


def test_group_without_labels_is_empty():
    unseen = seen_and_unseen({"person": Score(1, 1, 1)}, {"person"})["unseen"]
    assert (unseen.micro, unseen.macro_f1, unseen.labels) == (Score(), 0.0, ())


def test_mean_over_rows_is_unweighted():
    table = Table("t", ("data", "f1", "support"), (("a", 0.5, 10), ("b", 1.0, 1000), ("c", None, 1)))
    assert with_mean(table, {"f1"}).rows[-1] == ("mean", 0.75, None)
    with pytest.raises(InputError, match="at least one value"):
        mean([])
