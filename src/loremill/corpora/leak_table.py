# SPDX-License-Identifier: Apache-2.0
"""Which training part shares sentences with which dev or test part: the table of all pairs of data sets."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from .catalogue import corpus
from .leak_cache import part_keys
from .leak_keys import TextKeys, text_keys
from .leaks import present


@dataclass(frozen=True, slots=True)
class Shared:
    """One training part against another part; documents are sentences in most data sets.

    ``leaked`` of the part's ``documents`` that are long enough to tell share a sentence with ``removed`` documents
    of the training part.
    """

    train: str
    name: str
    split: str
    leaked: int
    documents: int
    removed: int


@dataclass(frozen=True, slots=True)
class LeakTable:
    """The pairs that share anything, the most first, and what was compared."""

    rows: tuple[Shared, ...]
    train_parts: int
    other_parts: int
    keys: int  # sentences of the other parts, those of several parts once for each
    absent: tuple[str, ...]
    seconds: float = field(compare=False)


class _Part(NamedTuple):
    name: str
    split: str
    found: TextKeys


def leak_table(
    names: Iterable[str] = (),
    data_dir: str | Path | None = None,
    *,
    with_train: bool = False,
    cache_dir: str | Path | None = None,
    on_part: Callable[[int, int], None] = lambda done, total: None,
) -> LeakTable:
    """Training parts against dev and test parts, all of the catalogue that is there.

    Documents are read one by one and only their hashes are held.

    Args:
        names: only pairs with one of these data sets on either side.
        with_train: also against the other sets' training parts, which is what holding a set out takes away.
        cache_dir: where the keys are kept between runs, see `part_keys`.
        on_part: told how many parts are read, and of how many.

    Raises:
        InputError: no folder of corpora is given, or a record is malformed.
    """
    started = time.perf_counter()
    wanted = {corpus(name).name for name in names}
    for name in wanted:
        corpus(name).folder(data_dir)  # raises where it is not there
    splits, absent = present(data_dir)
    parts = []
    for done, (name, split) in enumerate(splits):
        on_part(done, len(splits))
        parts.append(_Part(name, split, part_keys(name, split, data_dir, cache_dir=cache_dir)))
    on_part(len(splits), len(splits))
    trains = [part for part in parts if part.split == "train"]
    others = [part for part in parts if part.split != "train" or with_train]
    rows = []
    for train in trains:
        near = [o for o in others if o is not train and (not wanted or {train.name, o.name} & wanted)]
        rows += _compared(train, near)
    rows.sort(key=lambda row: (-row.leaked, row.train, row.name, row.split))
    count = sum(len(part.found.keys) for part in others)
    return LeakTable(tuple(rows), len(trains), len(others), count, tuple(absent), time.perf_counter() - started)


def shared(texts: Iterable[str], name: str, split: str, data_dir: str | Path | None = None) -> Shared:
    """Any training texts against one part."""
    other = _Part(name, split, part_keys(name, split, data_dir))
    (row,) = _compared(_Part("texts", "train", text_keys(texts)), [other], is_empty_told=True)
    return row


def _compared(train: _Part, others: Sequence[_Part], *, is_empty_told: bool = False) -> list[Shared]:
    import numpy as np

    rows = []
    mine = train.found
    known = np.unique(mine.keys)
    for name, split, other in others:
        is_shared = np.isin(other.keys, known)
        if not is_shared.any() and not is_empty_told:
            continue
        leaked = len(np.unique(other.owners[is_shared]))
        removed = len(np.unique(mine.owners[np.isin(mine.keys, other.keys[is_shared])]))
        rows.append(Shared(train.name, name, split, leaked, other.texts, removed))
    return rows
