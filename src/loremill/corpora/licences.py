# SPDX-License-Identifier: Apache-2.0
"""What an entry's licence allows, read from its wording by one table. A reading aid, no legal advice.

Of a wording that names several terms (annotations and text, repository and origin) the narrowest counts. Terms that
bind what is made from the data (CC BY-SA, GPL) are a kind of their own and not permissive, for it is
open whether a model's weights are such a work.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Literal

Terms = Literal["permissive", "share-alike", "research", "not stated"]
Licences = Literal["permissive", "research", "all"]
"""Which data sets a mixture may hold: only permissive terms; whatever research may use; or any, unstated terms too."""

TERMS: tuple[tuple[str, Terms], ...] = (
    (r"\bnot stated\b|\bunknown\b", "not stated"),
    (r"\bresearch\b|\bnon-?commercial\b|\bNC\b|\bLDC\b|\bGENIA\b|\bMEDLINE\b", "research"),
    (r"\bSA\b|\bshare-?alike\b|\b[AL]?GPL\b", "share-alike"),
    (r"\bMIT\b|\bApache\b|\bBSD\b|\bCC[ -]?BY\b|\bCC0\b|\bpublic domain\b", "permissive"),
)
"""Wording of a licence -> its terms, the narrowest first; the first that is found counts."""

ALLOWED: Mapping[Licences, frozenset[Terms]] = {
    "permissive": frozenset({"permissive"}),
    "research": frozenset({"permissive", "share-alike", "research"}),
    "all": frozenset({"permissive", "share-alike", "research", "not stated"}),
}


def terms_of(licence: str) -> Terms:
    """The terms that a licence's wording names; ``not stated`` for one that the table does not know."""
    for pattern, terms in TERMS:
        if re.search(pattern, licence, re.IGNORECASE):
            return terms
    return "not stated"


def is_allowed(licence: str, licences: Licences) -> bool:
    """Whether a mixture of these licences may hold a data set of this one."""
    return terms_of(licence) in ALLOWED[licences]
