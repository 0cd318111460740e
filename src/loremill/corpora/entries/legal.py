# SPDX-License-Identifier: Apache-2.0
"""Names in legal texts."""

from __future__ import annotations

from ...schema import Schema
from ..corpus import Corpus, Part
from ..selection import Selection
from .wording import LOCATION_ALIASES, MISC_ALIASES, PERSON_ALIASES, entities

_DOCUMENTS = range(52)
_FIFTHS = {
    "train": frozenset(str(n) for n in _DOCUMENTS if n % 5 < 3),
    "dev": frozenset(str(n) for n in _DOCUMENTS if n % 5 == 3),
    "test": frozenset(str(n) for n in _DOCUMENTS if n % 5 == 4),
}

_E_NER = Corpus(
    name="e_ner",
    parts={split: Part(("all.csv",), select=Selection(ids)) for split, ids in _FIFTHS.items()},
    reader="csv_columns",
    options={"outside": ("O", "P")},
    schema=Schema(
        entities(
            business="The name of a company, fund, bank or other private firm.",
            court="The name of a court of law.",
            government="The name of a ministry, agency, commission or other public body that is no court.",
            legislation="The name of an act, code, regulation or accounting rule.",
            location="The name of a country, state, city, street or other place.",
            person="The name of a human being, or a part of it.",
            miscellaneous="A name that is none of the others: a form, plan, index, product, market or programme.",
        ),
        "e_ner",
    ),
    names={
        **{"BUSINESS": "business", "COURT": "court", "GOVERNMENT": "government", "LEGISLATION/ACT": "legislation"},
        **{"LOCATION": "location", "LOC": "location", "PERSON": "person", "MISCELLANEOUS": "miscellaneous"},
    },
    families=("entities",),
    domain="legal: company filings (SEC EDGAR)",
    licence="CC BY-NC-SA 4.0",
    citation="Au, Lampos and Cox, E-NER, NLLP 2022",
    note="no official split: of the 52 filings, counted from 0, those with n mod 5 = 3 are dev, = 4 test; "
    "four tokens tagged P are read as outside, one I-LOC as location; 35 sentences have a B- where IOB1 has I-",
    aliases={
        "business": ("company", "firm", "corporation"),
        "court": ("court of law", "tribunal"),
        "government": ("public body", "government agency"),
        "legislation": ("law", "act", "regulation"),
        "location": LOCATION_ALIASES,
        "person": PERSON_ALIASES,
        "miscellaneous": MISC_ALIASES,
    },
    definitions_from="the names of the types and examples of the data",
)

CORPORA = (_E_NER,)
