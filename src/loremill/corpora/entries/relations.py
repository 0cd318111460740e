# SPDX-License-Identifier: Apache-2.0
"""How two things are related: facts of encyclopaedias and news, and relations between marked words."""

from __future__ import annotations

from pathlib import Path

from ...errors import InputError
from ...schema import FrameType, Schema, SlotType
from ..corpus import Corpus, Part
from ..geneva import snake_case
from ..lines import json_record, read_lines
from .wording import relations

_FREEBASE = {
    "/location/location/contains": "location_contains",
    "/location/administrative_division/country": "administrative_division_of_country",
    "/location/country/administrative_divisions": "country_of_administrative_divisions",
    "/business/person/company": "company",
    "/people/person/place_lived": "place_lived",
    "/people/person/nationality": "nationality",
    "/location/neighborhood/neighborhood_of": "neighborhood_of",
    "/people/deceased_person/place_of_death": "place_of_death",
    "/location/country/capital": "country_capital",
    "/people/person/place_of_birth": "place_of_birth",
    "/business/company/founders": "company_founders",
    "/people/person/children": "children",
    "/business/company/advisors": "company_advisors",
    "/business/company/industry": "company_industry",
    "/business/company/major_shareholders": "company_major_shareholders",
    "/business/company/place_founded": "company_place_founded",
    "/business/company_shareholder/major_shareholder_of": "major_shareholder_of",
    "/people/ethnicity/geographic_distribution": "ethnicity_geographic_distribution",
    "/people/ethnicity/people": "ethnicity_people",
    "/people/person/ethnicity": "ethnicity",
    "/people/person/profession": "profession",
    "/people/person/religion": "religion",
    "/sports/sports_team/location": "sports_team_location",
    "/sports/sports_team_location/teams": "sports_teams_of_location",
}
_NYT_TYPES = relations(
    location_contains="The second place lies inside the first.",
    administrative_division_of_country="The first is a state, province or district of the second, a country.",
    country_of_administrative_divisions="The second is a state, province or district of the first, a country.",
    company="The person works for, leads or owns the company.",
    place_lived="The person lives or has lived at the place.",
    nationality="The person is a citizen of the country.",
    neighborhood_of="The first is a quarter of the second, a city or town.",
    place_of_death="The person died at the place.",
    country_capital="The second is the capital of the first, a country.",
    place_of_birth="The person was born at the place.",
    company_founders="The second is somebody who founded the first, a company.",
    children="The second is a son or daughter of the first.",
    company_advisors="The second advises the first, a company.",
    company_industry="The second is the line of business of the first, a company.",
    company_major_shareholders="The second holds a large share of the first, a company.",
    company_place_founded="The company was founded at the place.",
    major_shareholder_of="The first holds a large share of the second, a company.",
    ethnicity_geographic_distribution="People of the ethnic group live in the place.",
    ethnicity_people="The first is the ethnic group of the second, a person.",
    ethnicity="The second is the ethnic group of the first, a person.",
    profession="The person does the work that is named.",
    religion="The person is of the faith that is named.",
    sports_team_location="The first is a sports team that is at home in the second.",
    sports_teams_of_location="The second is a sports team that is at home in the first.",
)

_NYT = Corpus(
    name="nyt",
    parts={split: Part((f"{split}_triples.json",)) for split in ("dev", "test")},
    reader="triples",
    schema=Schema(_NYT_TYPES, "nyt"),
    names=_FREEBASE,
    families=("relations",),
    domain="news",
    licence="not stated (text of the New York Times Annotated Corpus)",
    citation="Riedel, Yao and McCallum, ECML-PKDD 2010; version of Zeng et al. (CopyRE), ACL 2018",
    note="no train part; labelled by distant supervision; triples are strings, whose places are found (meta counts "
    "ambiguous and ungrounded ones); 35 sentences are in both dev and test",
    overlaps=("nyt11_hrl",),
    definitions_from="Freebase's names of the relations and the triples of dev",
)

_NYT11_HRL = Corpus(
    name="nyt11_hrl",
    parts={"dev": Part(("new_valid.json",)), "test": Part(("new_test.json",), options={"first": 369})},
    reader="relation_mentions",
    schema=Schema(_NYT_TYPES[:12], "nyt11_hrl"),
    names={
        **dict(list(_FREEBASE.items())[:12]),
        **{name.replace("_", " "): name for name in list(_FREEBASE.values())[:12]},
    },
    families=("relations",),
    domain="news",
    licence="not stated (text of the New York Times)",
    citation="Takanobu et al., HRL-RE, AAAI 2019; Hoffmann et al., ACL 2011",
    note="no train part; test is the 369 official sentences, labelled by hand: the file's further 976 are distantly "
    "labelled and left out; triples are strings, whose places are found",
    overlaps=("nyt",),
    definitions_from="the names of the relations and the triples of dev",
)


def _webnlg_name(raw: str) -> str:
    """``birthPlace`` -> ``birth_place``; ``fullname`` is another spelling of ``fullName``."""
    return "full_name" if raw == "fullname" else snake_case(raw)


def _webnlg_schema(folder: Path) -> Schema:
    """The properties of ``rel2id.json``; a description is made of the property's words."""
    path = folder / "rel2id.json"
    slots = (SlotType("head"), SlotType("tail"))
    try:
        match json_record("\n".join(line for _, line in read_lines(path))):
            case [_, dict(numbers)]:
                names = list(dict.fromkeys(_webnlg_name(str(raw)) for raw in numbers))
            case _:
                raise ValueError("wanted a list of two objects, names by number and numbers by name")
    except ValueError as error:
        raise InputError(f"{path}: {error}") from error
    return Schema(tuple(_property(name, slots) for name in names), "webnlg")


def _property(name: str, slots: tuple[SlotType, ...]) -> FrameType:
    words = name.replace("_", " ")
    description = f'The second is what the first, the subject, has as its "{words}".'
    return FrameType(name, family="relations", slots=slots, description=description)


_WEBNLG = Corpus(
    name="webnlg",
    parts={split: Part((f"{split}_triples.json",)) for split in ("train", "dev", "test")},
    reader="triples",
    schema=_webnlg_schema,
    names=_webnlg_name,
    families=("relations",),
    domain="encyclopaedia (texts written from DBpedia triples)",
    licence="CC BY-NC-SA 4.0 (WebNLG; this version states none)",
    citation="Gardent et al., ACL 2017; joint-extraction version of Zeng et al. (CopyRE), ACL 2018",
    note="216 DBpedia properties from the data's rel2id.json (two spellings of full name are one type), descriptions "
    "made of their words; sentences may state more than their triples; triples are strings, whose places are found",
    definitions_from="the words of the properties' names, by rule",
)

_SEMEVAL2010_8 = Corpus(
    name="semeval2010_8",
    parts={"train": Part(("TRAIN_FILE.TXT",)), "test": Part(("TEST_FILE_FULL.TXT",))},
    reader="semeval2010",
    schema=Schema(
        relations(
            cause_effect="The first brings about the second.",
            component_whole="The first is a working part of the second.",
            content_container="The first is stored or carried inside the second.",
            entity_destination="The first moves, or is moved, towards the second.",
            entity_origin="The first comes, or is made, from the second.",
            instrument_agency="The first is a tool that the second, an agent, uses.",
            member_collection="The first is one of those that form the second, a group.",
            message_topic="The first, a message or document, is about the second.",
            product_producer="The first is made by the second.",
            other="The two marked words are related in another way or not at all.",
        ),
        "semeval2010_8",
    ),
    names={
        raw: raw.replace("-", "_").lower()
        for raw in (
            *("Cause-Effect", "Component-Whole", "Content-Container", "Entity-Destination", "Entity-Origin"),
            *("Instrument-Agency", "Member-Collection", "Message-Topic", "Product-Producer", "Other"),
        )
    },
    families=("relations",),
    domain="web",
    licence="CC BY 3.0",
    citation="Hendrickx et al., SemEval-2010 task 8",
    note="one relation a sentence between marked nominals; the direction is in head and tail; other is kept because "
    "the task's scorer counts it among the answers, though its macro average leaves it out; no dev part; "
    "16 sentences are in both train and test",
    definitions_from="the names of the types and what is commonly known of the task",
    aliases={
        "cause_effect": ("cause and effect", "causes"),
        "component_whole": ("component and whole", "component of"),
        "content_container": ("content and container", "contained in"),
        "entity_destination": ("entity and destination", "moves to"),
        "entity_origin": ("entity and origin", "comes from"),
        "instrument_agency": ("instrument and agency", "instrument of"),
        "member_collection": ("member and collection", "member of"),
        "message_topic": ("message and topic", "about"),
        "product_producer": ("product and producer", "produced by"),
        "other": ("another relation",),
    },
)

_CHEMPROT = Corpus(
    name="chemprot",
    parts={split: Part((f"{split}.txt",)) for split in ("train", "dev", "test")},
    reader="chemprot",
    schema=Schema(
        relations(
            inhibitor="The chemical blocks or slows the protein's activity.",
            substrate="The chemical is what the protein acts on, changes or carries.",
            indirect_downregulator="The chemical lowers the amount or expression of the protein without binding to it.",
            indirect_upregulator="The chemical raises the amount or expression of the protein without binding to it.",
            activator="The chemical raises the protein's activity by binding to it.",
            antagonist="The chemical binds to a receptor and keeps it from being activated.",
            product_of="The chemical is what the protein, an enzyme, makes.",
            agonist="The chemical binds to a receptor and activates it.",
            downregulator="The chemical lowers the protein's activity or amount, directly.",
            upregulator="The chemical raises the protein's activity or amount, directly.",
            substrate_product_of="The chemical is both what the protein acts on and what it makes.",
            agonist_activator="The chemical activates a receptor and raises its activity beyond that of an agonist.",
            agonist_inhibitor="The chemical binds to a receptor as an agonist and lowers its activity.",
        ),
        "chemprot",
    ),
    names={
        raw: raw.replace("-", "_").lower()
        for raw in (
            *("INHIBITOR", "SUBSTRATE", "INDIRECT-DOWNREGULATOR", "INDIRECT-UPREGULATOR", "ACTIVATOR"),
            *("ANTAGONIST", "PRODUCT-OF", "AGONIST", "DOWNREGULATOR", "UPREGULATOR"),
            *("SUBSTRATE_PRODUCT-OF", "AGONIST-ACTIVATOR", "AGONIST-INHIBITOR"),
        )
    },
    families=("relations",),
    domain="biomedical abstracts",
    licence="not stated (SciBERT's repository: Apache-2.0)",
    citation="Krallinger et al., BioCreative VI 2017; version of Beltagy, Lo and Cohan (SciBERT), EMNLP 2019",
    note="one pair an item, so sentences repeat; head is the mention that comes first, chemical or protein: the file "
    "does not say which is which",
    definitions_from="the names of the classes and what is commonly known of the task",
    aliases={
        "inhibitor": ("inhibits",),
        "substrate": ("substrate of",),
        "indirect_downregulator": ("indirectly downregulates",),
        "indirect_upregulator": ("indirectly upregulates",),
        "activator": ("activates",),
        "antagonist": ("antagonist of",),
        "product_of": ("produced by",),
        "agonist": ("agonist of",),
        "downregulator": ("downregulates",),
        "upregulator": ("upregulates",),
        "substrate_product_of": ("substrate and product of",),
        "agonist_activator": ("activating agonist",),
        "agonist_inhibitor": ("inhibiting agonist",),
    },
)

CORPORA = (_NYT, _NYT11_HRL, _WEBNLG, _SEMEVAL2010_8, _CHEMPROT)
