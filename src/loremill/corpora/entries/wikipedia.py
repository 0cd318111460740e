# SPDX-License-Identifier: Apache-2.0
"""Names in Wikipedia: by field (CrossNER, labelled by hand) and general (made automatically)."""

from __future__ import annotations

from collections.abc import Mapping

from ...schema import FrameType, Schema
from ..corpus import Corpus, Part
from .wording import LOCATION_ALIASES, MISC_ALIASES, ORGANIZATION_ALIASES, PERSON_ALIASES, entities

_COUNTRY_ALIASES = ("nation", "state")


def _crossner(
    field: str,
    domain: str,
    types: tuple[FrameType, ...],
    names: Mapping[str, str],
    aliases: Mapping[str, tuple[str, ...]],
) -> Corpus:
    name = f"crossner_{field}"
    return Corpus(
        name=name,
        parts={split: Part((f"{split}.txt",)) for split in ("train", "dev", "test")},
        reader="columns",
        options={"separator": "\t"},
        schema=Schema(types, name),
        names=names,
        families=("entities",),
        domain=f"{domain} (Wikipedia)",
        licence="MIT (annotations), CC BY-SA (Wikipedia)",
        citation="Liu et al., CrossNER, AAAI 2021",
        note="with miscellaneous, which some papers leave out",
        aliases=aliases,
        overlaps=(f"crossre_{field}",),
        definitions_from="the names of the types and examples of the training and dev parts",
    )


_AI = _crossner(
    "ai",
    "artificial intelligence",
    entities(
        field="The name of an area of research, such as machine learning or computer vision.",
        task="The name of a problem that systems are built to solve, such as speech recognition.",
        product="The name or kind of a device, robot, software system or other thing made for use.",
        algorithm="The name of a method, model or procedure of computation, such as a support vector machine.",
        researcher="The name of a person who does research.",
        metric="The name of a measure by which results or errors are judged, such as precision.",
        programming_language="The name of a language in which programs are written.",
        conference="The name of a scientific meeting or journal, or of the society that holds it.",
        university="The name of a university or one of its schools or departments.",
        country="The name of a country, existing or past.",
        person="The name of a human being or character who is no researcher.",
        organization="The name of a company, agency, society or other organised group that is no university.",
        location="The name of a place that is no country: a city, region, building or continent.",
        miscellaneous="A name that is none of the others: a nationality, prize, work, project or event.",
    ),
    {
        **{raw: raw for raw in ("field", "task", "product", "algorithm", "researcher", "conference", "university")},
        **{raw: raw for raw in ("country", "person", "location")},
        **{"metrics": "metric", "programlang": "programming_language"},
        **{"organisation": "organization", "misc": "miscellaneous"},
    },
    {
        "field": ("research field", "discipline", "area of research"),
        "task": ("problem", "application"),
        "product": ("system", "device", "tool"),
        "algorithm": ("method", "model", "technique"),
        "researcher": ("scientist", "academic"),
        "metric": ("metrics", "measure", "evaluation metric"),
        "programming_language": ("programlang", "computer language"),
        "conference": ("scientific meeting", "venue"),
        "university": ("college", "institute"),
        "country": _COUNTRY_ALIASES,
        "person": PERSON_ALIASES,
        "organization": ORGANIZATION_ALIASES,
        "location": LOCATION_ALIASES,
        "miscellaneous": MISC_ALIASES,
    },
)

_LITERATURE = _crossner(
    "literature",
    "literature",
    entities(
        book="The title of a novel, play, collection or other long written work.",
        writer="The name of an author, poet, playwright or screenwriter.",
        award="The name of a prize, medal or other honour.",
        poem="The title of a poem or poem cycle.",
        event="The name of a war, festival, period or other happening.",
        magazine="The title of a magazine, journal or newspaper.",
        person="The name of a human being or character who is no writer.",
        location="The name of a place that is no country: a city, region, theatre or continent.",
        organization="The name of a company, school, society, publisher or other organised group.",
        country="The name of a country, existing or past.",
        literary_genre="A kind of writing, such as novel, verse or science fiction.",
        miscellaneous="A name that is none of the others: a language, people, film, fictional place or idea.",
    ),
    {
        **{raw: raw for raw in ("book", "writer", "award", "poem", "event", "magazine", "person", "location")},
        **{"country": "country", "literarygenre": "literary_genre"},
        **{"organisation": "organization", "misc": "miscellaneous"},
    },
    {
        "book": ("novel", "title of a book", "written work"),
        "writer": ("author", "novelist", "poet"),
        "award": ("prize", "honour"),
        "poem": ("title of a poem", "poetry"),
        "event": ("happening", "historical event"),
        "magazine": ("journal", "periodical"),
        "person": PERSON_ALIASES,
        "location": LOCATION_ALIASES,
        "organization": ORGANIZATION_ALIASES,
        "country": _COUNTRY_ALIASES,
        "literary_genre": ("literarygenre", "kind of writing"),
        "miscellaneous": MISC_ALIASES,
    },
)

_POLITICS = _crossner(
    "politics",
    "politics",
    entities(
        politician="The name of somebody who holds or seeks political office.",
        person="The name of a human being who is no politician.",
        organization="The name of a company, union, public body or other organised group that is no party.",
        political_party="The name of a party or political movement that stands in elections.",
        event="The name of a war, conference, campaign or other happening that is no election.",
        election="The name of a vote for an office or parliament, often with its year.",
        country="The name of a country, existing or past.",
        location="The name of a place that is no country: a city, region, constituency or street.",
        miscellaneous="A name that is none of the others: a nationality, ideology, treaty, office or work.",
    ),
    {
        **{raw: raw for raw in ("politician", "person", "event", "election", "country", "location")},
        **{"politicalparty": "political_party", "organisation": "organization", "misc": "miscellaneous"},
    },
    {
        "politician": ("statesman", "office holder"),
        "person": PERSON_ALIASES,
        "organization": ORGANIZATION_ALIASES,
        "political_party": ("politicalparty", "party"),
        "event": ("happening", "historical event"),
        "election": ("vote", "ballot"),
        "country": _COUNTRY_ALIASES,
        "location": LOCATION_ALIASES,
        "miscellaneous": MISC_ALIASES,
    },
)

_WIKINEURAL = Corpus(
    name="wikineural",
    parts={"dev": Part(("en/val.conllu",)), "test": Part(("en/test.conllu",))},
    reader="columns",
    options={"token": 1, "separator": "\t"},
    schema=Schema(
        entities(
            person="The name of a human being, god or character in a story.",
            organization="The name of a company, institution, club, band, army unit or other organised group.",
            location="The name of a country, city, region, building, river or other place.",
            miscellaneous="A name that is none of the others: a nationality, language, work, product, war or event.",
        ),
        "wikineural",
    ),
    names={"PER": "person", "ORG": "organization", "LOC": "location", "MISC": "miscellaneous"},
    families=("entities",),
    domain="Wikipedia",
    licence="CC BY-NC-SA 4.0",
    citation="Tedeschi et al., WikiNEuRal, Findings of EMNLP 2021",
    note="English; labels made automatically; no training part in this copy; some mentions begin with I-",
    aliases={
        "person": PERSON_ALIASES,
        "organization": ORGANIZATION_ALIASES,
        "location": LOCATION_ALIASES,
        "miscellaneous": MISC_ALIASES,
    },
    definitions_from="the names of the types and examples of the dev part",
)

_WIKIANN = tuple(
    Corpus(
        name=f"wikiann_{language}",
        folder_name="wikiann",
        parts={
            "train": Part((f"{language}/train.conllu",)),
            "dev": Part((f"{language}/val.conllu",)),
            "test": Part((f"{language}/test.conllu",)),
        },
        reader="columns",
        options={"token": 1, "separator": "\t"},
        schema=Schema(
            entities(
                person="The name of a human being or character that has an article of its own.",
                organization="The name of a company, club, school, band, party or other organised group.",
                location="The name of a town, district, country, road, river or other place.",
            ),
            f"wikiann_{language}",
        ),
        names={"PER": "person", "ORG": "organization", "LOC": "location"},
        families=("entities",),
        domain=f"Wikipedia ({name})",
        licence="not stated (this copy: CC BY-NC-SA 4.0)",
        citation="Pan et al., ACL 2017; splits of Rahimi et al., ACL 2019",
        note="labels made from links; many items are titles or lists and hold traces of markup",
        aliases={
            "person": PERSON_ALIASES,
            "organization": ORGANIZATION_ALIASES,
            "location": LOCATION_ALIASES,
        },
        definitions_from="the names of the types and examples of the English training part",
    )
    for language, name in (("de", "German"), ("en", "English"), ("es", "Spanish"), ("nl", "Dutch"), ("ru", "Russian"))
)

CORPORA = (_AI, _LITERATURE, _POLITICS, _WIKINEURAL, *_WIKIANN)
