# SPDX-License-Identifier: Apache-2.0
"""The entries of the catalogue, one module per field; each has a tuple ``CORPORA``."""

from __future__ import annotations

from collections.abc import Mapping

from ..corpus import Corpus
from . import (
    assistants,
    biomedical,
    clinical,
    events,
    joint,
    kinds,
    legal,
    molecular,
    news,
    news_events,
    opinions,
    queries,
    relations,
    web,
    wikidata,
    wikipedia,
)

_MODULES = (
    *(assistants, biomedical, clinical, events, joint, kinds, legal, molecular, news, news_events),
    *(opinions, queries, relations, web, wikidata, wikipedia),
)

ENTRIES: Mapping[str, Corpus] = {
    entry.name: entry
    for entry in sorted((entry for module in _MODULES for entry in module.CORPORA), key=lambda entry: entry.name)
}
"""The data sets by name, in alphabetical order."""
