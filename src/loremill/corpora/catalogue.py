# SPDX-License-Identifier: Apache-2.0
"""The public data sets that the library can read, by name. Data is never part of the package."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from ..errors import UnknownNameError
from ..frames import Document
from .corpus import Corpus
from .entries import ENTRIES
from .lines import OnError
from .own import is_own, own_corpus


def catalogue() -> Mapping[str, Corpus]:
    """The table of corpora, by name."""
    return ENTRIES


def corpus(name: str) -> Corpus:
    """The entry of that name, or of the data set in the folder that a path names, see `own`."""
    if is_own(name):
        return own_corpus(name)
    if name not in ENTRIES:
        raise UnknownNameError("corpus", name, ENTRIES)
    return ENTRIES[name]


def load(
    name: str, split: str, data_dir: str | Path | None = None, *, on_error: OnError = "raise"
) -> Iterator[Document]:
    """The documents of a corpus' split; see `Corpus.read`.

    Raises:
        UnknownNameError: no such corpus or split.
        InputError: the data is not where it should be, or (while iterating) a record is malformed.
    """
    return corpus(name).read(split, data_dir, on_error=on_error)
