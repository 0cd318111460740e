# SPDX-License-Identifier: Apache-2.0
"""Public data sets as documents with gold frames: a reader per file format, one catalogue."""

from .catalogue import catalogue, corpus, load
from .corpus import DATA_VARIABLE, READERS, Corpus, Part
from .leaks import leak_key, remove_leaks, reserved_keys

__all__ = [
    "DATA_VARIABLE",
    "READERS",
    "Corpus",
    "Part",
    "catalogue",
    "corpus",
    "leak_key",
    "load",
    "remove_leaks",
    "reserved_keys",
]
