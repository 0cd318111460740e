# SPDX-License-Identifier: Apache-2.0
"""Training texts that share a sentence with a dev or test part, found by hashes of letters and digits.

A text is compared whole and sentence by sentence, so a sentence is found inside a document and the other way round.
Sentences are kept as 64-bit hashes in one sorted array: eight bytes each, whatever their length. Those of a part are
kept between runs, see `leak_cache`.
"""

from __future__ import annotations

import os
import time
from array import array
from bisect import bisect_left
from collections import Counter
from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from ..errors import InputError
from ..frames import Document
from .catalogue import catalogue, corpus
from .corpus import DATA_VARIABLE
from .leak_cache import part_keys
from .leak_keys import TextKeys, sentence_keys
from .lines import is_there

OnLeak = Literal["remove", "refuse"]
"""What becomes of a training text that shares a sentence: left out and counted, or an `InputError`."""


@dataclass(frozen=True, slots=True)
class Reserved(Container[int]):
    """The keys that no training text may have, and what they were read from."""

    keys: Sequence[int]  # sorted, each once
    parts: tuple[str, ...] = ()  # as "phee test"
    absent: tuple[str, ...] = ()  # data sets and parts that are not there, so not compared
    seconds: float = field(default=0.0, compare=False)
    cached: int = field(default=0, compare=False)  # of the parts, those whose keys were kept from an earlier run

    def __contains__(self, key: object) -> bool:
        if not isinstance(key, int):
            return False
        place = bisect_left(self.keys, key)
        return place < len(self.keys) and self.keys[place] == key

    def __len__(self) -> int:
        return len(self.keys)


def reserved_keys(
    data_dir: str | Path | None = None,
    *,
    names: Iterable[str] | None = None,
    held_out: Iterable[str] = (),
    own: Sequence[str] = (),
    cache_dir: str | Path | None = None,
) -> Reserved:
    """The keys of every dev and test part of the named corpora, and of every part of those held out.

    Args:
        data_dir: folder of corpora, by default the one that the environment variable names.
        names: None takes all of the catalogue that is there; the rest is told in ``absent``.
        held_out: corpora that must not be seen at all.
        own: data sets of one's own, besides ``names``, see `own`.
        cache_dir: where the keys are kept between runs, see `part_keys`.

    Raises:
        InputError: a named corpus is not there, or a record is malformed.
    """
    started = time.perf_counter()
    whole = [(corpus(name).name, split) for name in held_out for split in corpus(name).parts]
    if names is None:
        there, absent = present(data_dir)
    else:
        there, absent = [(name, split) for name in names for split in corpus(name).parts], []
    there += [(name, split) for name in own for split in corpus(name).parts]
    splits = [(name, split) for name, split in there if split != "train"]
    splits += [part for part in whole if part not in splits]
    found = [part_keys(name, split, data_dir, cache_dir=cache_dir) for name, split in splits]
    parts = tuple(f"{name} {split}" for name, split in splits)
    cached = sum(part.is_cached for part in found)
    return Reserved(_sorted(found), parts, tuple(absent), time.perf_counter() - started, cached)


def present(data_dir: str | Path | None = None) -> tuple[list[tuple[str, str]], list[str]]:
    """The parts of the catalogue, name and split, of which at least one file is there, and what is not.

    A data set without any part there is told by its name, a part of another as ``phee test``.

    Raises:
        InputError: no folder of corpora is given, or none of the catalogue is in it.
    """
    there: list[tuple[str, str]] = []
    absent: list[str] = []
    root = _data_folder(data_dir)
    for name, entry in catalogue().items():
        folder = root / (entry.folder_name or name)
        found = [split for split, part in entry.parts.items() if any(is_there(folder / file) for file in part.files)]
        there += [(name, split) for split in found]
        absent += [f"{name} {split}" for split in entry.parts if split not in found] if found else [name]
    if not there:
        raise InputError(
            f"a folder of corpora is needed, got {str(root)!r}, which has none of the catalogue's folders, such as "
            f"conll04/: set {DATA_VARIABLE} (or data_dir, --data-dir)"
        )
    return there, absent


def _data_folder(data_dir: str | Path | None) -> Path:
    given = data_dir if data_dir is not None else os.environ.get(DATA_VARIABLE)
    if not given or not Path(given).is_dir():
        what = f"{str(given)!r}, which is no folder" if given else "none"
        raise InputError(f"a folder of corpora is needed, got {what}: set {DATA_VARIABLE} (or data_dir, --data-dir)")
    return Path(given)


class LeakCheck:
    """Passes on the training texts that share no sentence with what is reserved, and counts the others.

    ``removed`` counts them by the name of their source, ``seen`` all that were looked at.
    """

    def __init__(self, reserved: Container[int], on_leak: OnLeak = "remove") -> None:
        self.reserved = reserved
        self.on_leak = on_leak
        self.removed: Counter[str] = Counter()
        self.seen: Counter[str] = Counter()

    def documents(self, docs: Iterable[Document], source: str) -> Iterator[Document]:
        """The documents that share no sentence.

        Raises:
            InputError: one does, and leaks are refused.
        """
        return (doc for doc in docs if self._passes(doc.text, source, doc.id))

    def texts(self, texts: Iterable[str], source: str) -> Iterator[str]:
        """The same for plain texts, for training on text alone."""
        return (text for number, text in enumerate(texts) if self._passes(text, source, f"text {number}"))

    def _passes(self, text: str, source: str, what: str) -> bool:
        self.seen[source] += 1
        if not any(key in self.reserved for key in sentence_keys(text)):
            return True
        if self.on_leak == "refuse":
            raise InputError(
                f"{what} of {source} shares a sentence with a dev or test part; on_leak: remove leaves such out, "
                "loremill corpora leaks lists them by data set"
            )
        self.removed[source] += 1
        return False


def remove_leaks(docs: Iterable[Document], reserved: Container[int]) -> tuple[list[Document], int]:
    """The documents without a reserved sentence, and how many were left out."""
    check = LeakCheck(reserved)
    kept = list(check.documents(docs, ""))
    return kept, check.removed[""]


def _sorted(parts: Sequence[TextKeys]) -> array[int]:
    import numpy as np

    unique = np.unique(np.concatenate([part.keys for part in parts])) if parts else np.empty(0, dtype=np.uint64)
    return array("Q", unique.tobytes())
