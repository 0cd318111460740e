# SPDX-License-Identifier: Apache-2.0
"""Sentences of dev and test parts that also stand in training parts, found by their letters and digits."""

from __future__ import annotations

from collections.abc import Iterable, Set
from pathlib import Path

from ..frames import Document
from .catalogue import catalogue, load

MIN_LENGTH = 20
"""Shorter keys are no evidence: datelines and greetings repeat by chance."""


def leak_key(text: str) -> str:
    """The text's letters and digits, in lower case; empty if fewer than `MIN_LENGTH`."""
    key = "".join(c for c in text.lower() if c.isalnum())
    return key if len(key) >= MIN_LENGTH else ""


def reserved_keys(data_dir: str | Path | None = None, *, names: Iterable[str] | None = None) -> frozenset[str]:
    """The keys of every dev and test sentence of the named corpora (None: all of the catalogue)."""
    wanted = list(catalogue()) if names is None else list(names)
    splits = [(name, split) for name in wanted for split in catalogue()[name].parts if split != "train"]
    keys = {leak_key(doc.text) for name, split in splits for doc in load(name, split, data_dir)}
    return frozenset(keys - {""})


def remove_leaks(docs: Iterable[Document], reserved: Set[str]) -> tuple[list[Document], int]:
    """The documents whose key is not reserved, and how many were left out."""
    docs = list(docs)
    kept = [doc for doc in docs if not (key := leak_key(doc.text)) or key not in reserved]
    return kept, len(docs) - len(kept)
