# SPDX-License-Identifier: Apache-2.0
"""The public data sets that the library can read, one entry each. Data is never part of the package."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from ..errors import UnknownNameError
from ..frames import Document
from ..schema import FrameType, Schema, SlotType
from .corpus import Corpus, Part
from .geneva import geneva_schema, snake_case
from .lines import OnError

_PERSON_ALIASES = ("people", "human", "individual", "person name")
_ORGANIZATION_ALIASES = ("company", "institution", "organisation", "group")
_LOCATION_ALIASES = ("place", "geographical location", "area")
_MISC_ALIASES = ("misc", "other name", "other entity")


def _entities(**described: str) -> tuple[FrameType, ...]:
    return tuple(FrameType(name, description=text) for name, text in described.items())


def _relation(name: str, head: str, tail: str, description: str, *, label: str = "") -> FrameType:
    slots = (SlotType("head", types=(head,)), SlotType("tail", types=(tail,)))
    return FrameType(name, label, "relations", slots, description=description)


_CONLL2003 = Corpus(
    name="conll2003",
    parts={"train": Part(("train.txt",)), "dev": Part(("dev.txt",)), "test": Part(("conll03_4col/test.txt",))},
    reader="columns",
    schema=Schema(
        _entities(
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
        "person": _PERSON_ALIASES,
        "organization": _ORGANIZATION_ALIASES,
        "location": _LOCATION_ALIASES,
        "miscellaneous": _MISC_ALIASES,
    },
)

_CONLL04 = Corpus(
    name="conll04",
    parts={split: Part((f"{split}_triples.json",)) for split in ("train", "dev", "test")},
    reader="token_spans",
    schema=Schema(
        (
            *_entities(
                person="The name of a human being.",
                organization="The name of a company, agency, institution, party or other organised group.",
                location="The name of a country, city, region, building or other place.",
                other="A name, date, number or expression of interest that is no person, organization or location.",
            ),
            _relation(
                "works_for", "person", "organization", "The person is employed by, leads or serves the organization."
            ),
            _relation("kills", "person", "person", "The first person kills, or tries to kill, the second."),
            _relation(
                "organization_based_in",
                "organization",
                "location",
                "The organization has its seat or acts at the place.",
            ),
            _relation("lives_in", "person", "location", "The person lives in, comes from or represents the place."),
            _relation("located_in", "location", "location", "The first place lies inside the second."),
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
        "person": _PERSON_ALIASES,
        "organization": _ORGANIZATION_ALIASES,
        "location": _LOCATION_ALIASES,
        "other": _MISC_ALIASES,
        "works_for": ("employed by", "employer", "work for"),
        "kills": ("kill", "killed", "murdered"),
        "organization_based_in": ("based in", "headquartered in", "headquarters"),
        "lives_in": ("resides in", "residence", "live in"),
        "located_in": ("part of", "lies in", "location of"),
    },
)

_MIT_MOVIE = Corpus(
    name="mit_movie",
    parts={"train": Part(("engtrain.bio",)), "test": Part(("engtest.bio",))},
    reader="columns",
    options={"token": 1, "tag": 0},
    schema=Schema(
        _entities(
            actor="The name of somebody who plays in a film.",
            character="The name of a role that appears in a film's story.",
            director="The name of somebody who directs films.",
            genre="A kind of film, such as comedy, horror or western.",
            plot="Words that say what a film is about or what happens in it.",
            rating="The audience class of a film, such as PG-13 or rated R.",
            average_rating="How well a film is judged, as stars, a score or a word such as good.",
            review="Words that ask for what critics or viewers wrote about a film.",
            song="The title of a piece of music, or words for a film's music.",
            title="The name of a film.",
            trailer="Words for a short preview of a film.",
            year="The time a film came out: a year, a decade or a phrase such as recent.",
        ),
        "mit_movie",
    ),
    names={
        **{raw.upper(): raw for raw in ("actor", "character", "director", "genre", "plot", "rating", "review")},
        **{raw.upper(): raw for raw in ("song", "title", "trailer", "year")},
        "RATINGS_AVERAGE": "average_rating",
    },
    families=("entities",),
    domain="spoken queries about films",
    licence="not stated",
    citation="Liu et al., ASGARD, ICASSP 2013",
    note="the eng files, all lower case; no dev part",
    aliases={
        "actor": ("actress", "film star", "cast member"),
        "character": ("character name", "fictional character"),
        "director": ("film director", "filmmaker"),
        "genre": ("film genre", "kind of film"),
        "plot": ("story", "storyline", "topic"),
        "rating": ("age rating", "audience rating"),
        "average_rating": ("ratings average", "viewer score", "quality"),
        "review": ("critique", "opinion"),
        "song": ("soundtrack", "music"),
        "title": ("film title", "movie", "film"),
        "trailer": ("preview", "teaser"),
        "year": ("release year", "date", "period"),
    },
)

_BC5CDR = Corpus(
    name="bc5cdr",
    parts={"train": Part(("train.tsv",)), "dev": Part(("devel.tsv",)), "test": Part(("test.tsv",))},
    reader="columns",
    options={"join": "-/."},
    schema=Schema(
        _entities(
            chemical="The name of a drug, chemical element or compound.",
            disease="The name of an illness, symptom, injury or other abnormal condition of the body.",
        ),
        "bc5cdr",
    ),
    names={"Chemical": "chemical", "Disease": "disease"},
    families=("entities",),
    domain="biomedical abstracts",
    licence="CC BY 4.0 (conversion)",
    citation="Li et al., BioCreative V CDR task corpus, Database 2016, baw068; conversion: Crichton et al. 2017",
    aliases={
        "chemical": ("drug", "compound", "substance", "medication"),
        "disease": ("illness", "disorder", "medical condition"),
    },
)

_PHEE = Corpus(
    name="phee",
    parts={split: Part((f"{split}.json",)) for split in ("train", "dev", "test")},
    reader="phee",
    options={"roles": ("Subject", "Treatment", "Effect")},
    schema=Schema(
        tuple(
            FrameType(
                name,
                family="events",
                slots=(
                    SlotType("subject", description="The patient or patients treated."),
                    SlotType("treatment", description="The drug or therapy given, with its dose and circumstances."),
                    SlotType("effect", description=effect),
                ),
                description=description,
            )
            for name, description, effect in (
                ("adverse_event", "A treatment harms a patient.", "The harm that followed the treatment."),
                (
                    "potential_therapeutic_event",
                    "A treatment helps, or may help, a patient.",
                    "The benefit that followed the treatment.",
                ),
            )
        ),
        "phee",
    ),
    names={
        **{"Adverse_event": "adverse_event", "Potential_therapeutic_event": "potential_therapeutic_event"},
        **{"Subject": "subject", "Treatment": "treatment", "Effect": "effect"},
    },
    families=("events",),
    domain="medical case reports",
    licence="MIT",
    citation="Sun et al., PHEE, EMNLP 2022",
    note="version 1, main roles; nearly all sentences also stand in ade",
    aliases={
        "adverse_event": ("side effect", "adverse effect", "adverse drug reaction"),
        "potential_therapeutic_event": ("therapeutic effect", "therapeutic event", "beneficial effect"),
    },
)

_GENEVA = Corpus(
    name="geneva",
    parts={
        "train": Part(
            tuple(f"lr1200/train-s{seed}.json" for seed in range(160, 165)), without=("val.json", "test.json")
        ),
        "dev": Part(("val.json",)),
        "test": Part(("test.json",)),
    },
    reader="oneie",
    schema=geneva_schema,
    names=snake_case,
    families=("events",),
    domain="general (FrameNet)",
    licence="CC BY 3.0",
    citation="Parekh et al., GENEVA, ACL 2023; Baker, Fillmore and Lowe (FrameNet), COLING 1998",
    note="train is the union of the low-resource samples without every sentence of dev and test",
)

_ASTE_14RES = Corpus(
    name="aste_14res",
    parts={split: Part((f"{split}_triplets.txt",)) for split in ("train", "dev", "test")},
    reader="aste",
    schema=Schema(
        tuple(
            FrameType(
                name,
                family="opinions",
                slots=(
                    SlotType("aspect", description="The dish, service or property that is judged."),
                    SlotType("opinion", description="The words that judge it."),
                ),
                description=description,
                group="sentiment",
            )
            for name, description in (
                ("positive", "The opinion praises the aspect."),
                ("negative", "The opinion finds fault with the aspect."),
                ("neutral", "The opinion neither praises the aspect nor finds fault with it."),
            )
        ),
        "aste_14res",
    ),
    names={"POS": "positive", "NEG": "negative", "NEU": "neutral"},
    families=("opinions",),
    domain="restaurant reviews",
    licence="not stated",
    citation="Xu et al., Position-Aware Tagging for ASTE, EMNLP 2020; Pontiki et al., SemEval 2014 task 4",
    aliases={
        "positive": ("good", "favourable", "praise"),
        "negative": ("bad", "unfavourable", "criticism"),
        "neutral": ("mixed", "indifferent"),
    },
)

_CATALOGUE: Mapping[str, Corpus] = {
    corpus.name: corpus for corpus in (_ASTE_14RES, _BC5CDR, _CONLL04, _CONLL2003, _GENEVA, _MIT_MOVIE, _PHEE)
}


def catalogue() -> Mapping[str, Corpus]:
    """The table of corpora, by name."""
    return _CATALOGUE


def corpus(name: str) -> Corpus:
    """The entry of that name."""
    if name not in _CATALOGUE:
        raise UnknownNameError("corpus", name, _CATALOGUE)
    return _CATALOGUE[name]


def load(
    name: str, split: str, data_dir: str | Path | None = None, *, on_error: OnError = "raise"
) -> Iterator[Document]:
    """The documents of a corpus' split; see `Corpus.read`.

    Raises:
        UnknownNameError: no such corpus or split.
        InputError: the data is not where it should be, or (while iterating) a record is malformed.
    """
    return corpus(name).read(split, data_dir, on_error=on_error)
