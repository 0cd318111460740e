# SPDX-License-Identifier: Apache-2.0
"""Names in what people write on the web."""

from __future__ import annotations

from .wording import LOCATION_ALIASES, PERSON_ALIASES, entities, entity_columns

_BTC = entity_columns(
    "btc",
    entities(
        person="The name or user name of a human being.",
        organization="The name or user name of a company, newspaper, party, team or other organised group.",
        location="The name of a country, city, region, building or other place, as hashtag too.",
    ),
    {"PER": "person", "ORG": "organization", "LOC": "location"},
    files={split: f"btc.{split}" for split in ("train", "dev", "test")},
    options={"separator": "\t", "attach": ("@", "#"), "drop_empty": True},
    domain="tweets",
    licence="CC BY 4.0",
    citation="Derczynski et al., Broad Twitter Corpus, COLING 2016",
    note="of a user name, @ and the word are often two mentions; seven rows with an empty token are left out",
    aliases={
        "person": PERSON_ALIASES,
        "organization": ("company", "institution", "organisation"),
        "location": LOCATION_ALIASES,
    },
    definitions_from="the names of the types and examples of the training part",
)

_WNUT17 = entity_columns(
    "wnut17",
    entities(
        person="The name of a human being, god or character in a story.",
        location="The name of a country, city, region, building, park or other place.",
        corporation="The name of a company or of a business, media or government body.",
        group="The name of a band, team or other group of people that is no company.",
        creative_work="The title of a film, series, song, book, game or other work.",
        product="The name of a thing that one can buy or use, such as a phone, food or drink.",
    ),
    {
        **{raw: raw for raw in ("person", "location", "corporation", "group", "product")},
        "creative-work": "creative_work",
    },
    files={"train": "wnut17train.conll", "dev": "emerging.dev.conll", "test": "emerging.test.annotated"},
    options={"separator": "\t"},
    domain="social media",
    licence="CC BY 4.0",
    citation="Derczynski et al., WNUT 2017 shared task on emerging entities (W17-4418)",
    note="rare and new names; train is tweets, dev and test also come from YouTube, Reddit and StackExchange",
    aliases={
        "person": PERSON_ALIASES,
        "location": LOCATION_ALIASES,
        "corporation": ("company", "business"),
        "group": ("band", "sports team"),
        "creative_work": ("work of art", "title of a work"),
        "product": ("goods", "brand"),
    },
    definitions_from="the names of the types and examples of the training and dev parts",
)

CORPORA = (_BTC, _WNUT17)
