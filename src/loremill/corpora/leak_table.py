# SPDX-License-Identifier: Apache-2.0
"""Which training part shares sentences with which dev or test part: the table of all pairs of data sets."""

from __future__ import annotations

import time
from array import array
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .catalogue import corpus, load
from .leaks import present, sentence_keys

if TYPE_CHECKING:
    import numpy as np


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


@dataclass(frozen=True, slots=True)
class _Part:
    """The sentences of a part: a key and the number of its document for each."""

    name: str
    split: str
    keys: np.ndarray[Any, np.dtype[np.uint64]]
    docs: np.ndarray[Any, np.dtype[np.uint32]]
    documents: int  # with at least one key


def leak_table(
    names: Iterable[str] = (),
    data_dir: str | Path | None = None,
    *,
    with_train: bool = False,
    on_part: Callable[[int, int], None] = lambda done, total: None,
) -> LeakTable:
    """Training parts against dev and test parts, all of the catalogue that is there.

    Documents are read one by one and only their hashes are held.

    Args:
        names: only pairs with one of these data sets on either side.
        with_train: also against the other sets' training parts, which is what holding a set out takes away.
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
        parts.append(_read(name, split, data_dir))
    on_part(len(splits), len(splits))
    trains = [part for part in parts if part.split == "train"]
    others = [part for part in parts if part.split != "train" or with_train]
    rows = []
    for train in trains:
        near = [o for o in others if o is not train and (not wanted or {train.name, o.name} & wanted)]
        rows += _compared(train, near)
    rows.sort(key=lambda row: (-row.leaked, row.train, row.name, row.split))
    count = sum(len(part.keys) for part in others)
    return LeakTable(tuple(rows), len(trains), len(others), count, tuple(absent), time.perf_counter() - started)


def shared(texts: Iterable[str], name: str, split: str, data_dir: str | Path | None = None) -> Shared:
    """Any training texts against one part."""
    (row,) = _compared(_of("texts", "train", texts), [_read(name, split, data_dir)], is_empty_told=True)
    return row


def _read(name: str, split: str, data_dir: str | Path | None) -> _Part:
    return _of(name, split, (doc.text for doc in load(name, split, data_dir)))


def _of(name: str, split: str, texts: Iterable[str]) -> _Part:
    import numpy as np

    keys, docs = array("Q"), array("I")
    documents = 0
    for text in texts:
        found = sentence_keys(text)
        keys.extend(found)
        docs.extend([documents] * len(found))
        documents += bool(found)
    return _Part(name, split, np.array(keys, dtype=np.uint64), np.array(docs, dtype=np.uint32), documents)


def _compared(train: _Part, others: Sequence[_Part], *, is_empty_told: bool = False) -> list[Shared]:
    import numpy as np

    rows = []
    known = np.unique(train.keys)
    for other in others:
        common = other.keys[np.isin(other.keys, known)]
        if not len(common) and not is_empty_told:
            continue
        leaked = len(np.unique(other.docs[np.isin(other.keys, common)]))
        removed = len(np.unique(train.docs[np.isin(train.keys, common)]))
        rows.append(Shared(train.name, other.name, other.split, leaked, other.documents, removed))
    return rows
