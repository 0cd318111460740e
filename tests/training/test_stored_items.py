# SPDX-License-Identifier: Apache-2.0
"""Items in a file are the items; of another run or half of a file there are none."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loremill.models.codec import Encoded
from loremill.models.likelihood import Item
from loremill.training.examples import Counts
from loremill.training.stored_items import load_items, save_items

IDS = st.lists(st.tuples(st.integers(0, 200_000), st.sampled_from([0, 1, 2, -2]), st.integers(0, 5)), max_size=6)


def encoded(tokens: list[tuple[int, int, int]], has_types: bool) -> Encoded:
    ids, parts, types = (tuple(t[i] for t in tokens) for i in range(3))
    return Encoded(ids, parts, types if has_types else None)


@given(st.lists(st.tuples(IDS, IDS), max_size=4), st.booleans())
def test_items_are_read_as_they_were_written(tmp_path_factory, rows, has_types):
    path = tmp_path_factory.mktemp("items") / "deep" / "epoch-0.safetensors"
    items = [Item(encoded(prompt, has_types), encoded(answer, has_types)) for prompt, answer in rows]
    save_items(path, items, Counts(len(items), 3, 4), "run/0")
    if items:
        assert load_items(path, "run/0") == (items, Counts(len(items), 3, 4))
    assert [p.name for p in path.parent.iterdir()] == ["epoch-0.safetensors"]


@pytest.fixture
def stored(tmp_path: Path) -> Path:
    path = tmp_path / "epoch-0.safetensors"
    save_items(path, [Item(Encoded((1, 2), (0, 1)), Encoded((3,), (2,)))], Counts(1, 0, 0), "run/0")
    return path


def test_those_of_another_run_are_not_taken(stored):
    assert load_items(stored, "run/1") is None


def test_half_a_file_is_none(stored):
    stored.write_bytes(stored.read_bytes()[:-4])
    assert load_items(stored, "run/0") is None
    assert load_items(stored.with_name("other"), "run/0") is None
