# SPDX-License-Identifier: Apache-2.0
"""News and encyclopaedias: names and how they are related."""

from __future__ import annotations

from ...schema import Schema
from ..corpus import Corpus, Part
from .wording import LOCATION_ALIASES, MISC_ALIASES, ORGANIZATION_ALIASES, PERSON_ALIASES, entities, relation

_CONLL2003 = Corpus(
    name="conll2003",
    parts={"train": Part(("train.txt",)), "dev": Part(("dev.txt",)), "test": Part(("conll03_4col/test.txt",))},
    reader="columns",
    schema=Schema(
        entities(
            person="The name of a human being, real or fictional, without titles such as Mr.",
            organization="The name of a company, public body, political party, sports team or other organised group.",
            location="The name of a place: a country, city, region, building, mountain or body of water.",
            miscellaneous="A name that is none of the others: a nationality, language, religion, event, prize or work.",
        ),
        "conll2003",
    ),
    names={
        **{"person": "person", "organisation": "organization", "location": "location", "misc": "miscellaneous"},
        **{"PER": "person", "ORG": "organization", "LOC": "location", "MISC": "miscellaneous"},
    },
    families=("entities",),
    domain="news",
    licence="research only (Reuters Corpus RCV1)",
    citation="Tjong Kim Sang and De Meulder, CoNLL 2003 (W03-0419)",
    note="train and dev are CrossNER's copy, which merges touching entities of one type; test has the original labels",
    aliases={
        "person": PERSON_ALIASES,
        "organization": ORGANIZATION_ALIASES,
        "location": LOCATION_ALIASES,
        "miscellaneous": MISC_ALIASES,
    },
    overlaps=("conllpp", "crossre_news"),
    definitions_from="the names of the types and examples of the training part",
)

_CONLLPP = Corpus(
    name="conllpp",
    parts={split: Part((f"conllpp_{split}.txt",)) for split in ("train", "dev", "test")},
    reader="columns",
    options={"separator": " "},
    schema=Schema(_CONLL2003.schema_for().types, "conllpp"),
    names={"PER": "person", "ORG": "organization", "LOC": "location", "MISC": "miscellaneous"},
    families=("entities",),
    domain="news",
    licence="research only (Reuters Corpus RCV1)",
    citation="Wang et al., CrossWeigh, EMNLP 2019; Tjong Kim Sang and De Meulder, CoNLL 2003 (W03-0419)",
    note="conll2003's sentences: train and dev as they were released, 186 test sentences with corrected labels",
    aliases=_CONLL2003.aliases,
    overlaps=("conll2003", "crossre_news"),
    definitions_from="the entry conll2003",
)


_CONLL04 = Corpus(
    name="conll04",
    parts={split: Part((f"{split}_triples.json",)) for split in ("train", "dev", "test")},
    reader="token_spans",
    schema=Schema(
        (
            *entities(
                person="The name of a human being.",
                organization="The name of a company, agency, institution, party or other organised group.",
                location="The name of a country, city, region, building or other place.",
                other="A name, date, number or expression of interest that is no person, organization or location.",
            ),
            relation(
                "works_for", "person", "organization", "The person is employed by, leads or serves the organization."
            ),
            relation("kills", "person", "person", "The first person kills, or tries to kill, the second."),
            relation(
                "organization_based_in",
                "organization",
                "location",
                "The organization has its seat or acts at the place.",
            ),
            relation("lives_in", "person", "location", "The person lives in, comes from or represents the place."),
            relation("located_in", "location", "location", "The first place lies inside the second."),
        ),
        "conll04",
    ),
    names={
        **{"Peop": "person", "Org": "organization", "Loc": "location", "Other": "other"},
        **{"Work_For": "works_for", "Kill": "kills", "OrgBased_In": "organization_based_in"},
        **{"Live_In": "lives_in", "Located_In": "located_in"},
    },
    families=("entities", "relations"),
    domain="news",
    licence="not stated",
    citation="Roth and Yih, CoNLL 2004; split of Eberts and Ulges (SpERT), ECAI 2020",
    note="every sentence has a relation; some sentences of train also stand in dev and test",
    aliases={
        "person": PERSON_ALIASES,
        "organization": ORGANIZATION_ALIASES,
        "location": LOCATION_ALIASES,
        "other": MISC_ALIASES,
        "works_for": ("employed by", "employer", "work for"),
        "kills": ("kill", "killed", "murdered"),
        "organization_based_in": ("based in", "headquartered in", "headquarters"),
        "lives_in": ("resides in", "residence", "live in"),
        "located_in": ("part of", "lies in", "location of"),
    },
)

CORPORA = (_CONLL2003, _CONLLPP, _CONLL04)
