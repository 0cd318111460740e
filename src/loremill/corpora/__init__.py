# SPDX-License-Identifier: Apache-2.0
"""Public data sets as documents with gold frames: a reader per file format, one catalogue."""

from .catalogue import catalogue, corpus, load
from .corpus import DATA_VARIABLE, READERS, Corpus, Part
from .huggingface import SpanColumns, TokenColumns, read_dataset
from .leak_cache import CACHE_VARIABLE
from .leak_keys import leak_key, sentence_keys
from .leak_table import LeakTable, Shared, leak_table
from .leaks import LeakCheck, Reserved, remove_leaks, reserved_keys
from .licences import is_allowed, terms_of
from .mixture import CorpusShare, Mixture, MixtureSettings, Source, check_mixture, read_mixture
from .sampling import partition, sample_documents

__all__ = [
    "CACHE_VARIABLE",
    "DATA_VARIABLE",
    "READERS",
    "Corpus",
    "CorpusShare",
    "LeakCheck",
    "LeakTable",
    "Mixture",
    "MixtureSettings",
    "Part",
    "Reserved",
    "Shared",
    "Source",
    "SpanColumns",
    "TokenColumns",
    "catalogue",
    "check_mixture",
    "corpus",
    "is_allowed",
    "leak_key",
    "leak_table",
    "load",
    "partition",
    "read_dataset",
    "read_mixture",
    "remove_leaks",
    "reserved_keys",
    "sample_documents",
    "sentence_keys",
    "terms_of",
]
