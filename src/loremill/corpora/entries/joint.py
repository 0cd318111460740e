# SPDX-License-Identifier: Apache-2.0
"""Entities and the relations between them: scientific abstracts, case reports, the domains of CrossRE."""

from __future__ import annotations

from ...schema import Schema
from ..corpus import Corpus, Part
from .wording import entities, relation, relations

_SCIERC = Corpus(
    name="scierc",
    parts={split: Part((f"{split}.json",)) for split in ("train", "dev", "test")},
    reader="dygie",
    schema=Schema(
        (
            *entities(
                task="A problem to solve or an application, such as machine translation.",
                method="A model, system, algorithm, tool or other way to solve a problem.",
                metric="A measure by which something is evaluated.",
                material="Data that is used: a corpus, a kind of text or image, a knowledge base.",
                other_scientific_term="A term of the field that is no task, method, metric or material.",
                generic="A general word or pronoun, such as model or it, that stands for a term and is in a relation.",
            ),
            *relations(
                used_for="The first is used for the second, models it or is what the second is based on.",
                feature_of="The first is a property of the second or what the second is about.",
                hyponym_of="The first is a kind of the second.",
                part_of="The first is a part of the second.",
                evaluate_for="The first, a measure or data, is what the second is evaluated by.",
                compare="The two are compared or set against each other, in either order.",
                conjunction="The two play the same part or are used together, in either order.",
            ),
        ),
        "scierc",
    ),
    names={
        **{"Task": "task", "Method": "method", "Metric": "metric", "Material": "material", "Generic": "generic"},
        **{"OtherScientificTerm": "other_scientific_term", "USED-FOR": "used_for", "FEATURE-OF": "feature_of"},
        **{"HYPONYM-OF": "hyponym_of", "PART-OF": "part_of", "EVALUATE-FOR": "evaluate_for", "COMPARE": "compare"},
        "CONJUNCTION": "conjunction",
    },
    families=("entities", "relations"),
    domain="abstracts on artificial intelligence",
    licence="not stated",
    citation="Luan et al., SciERC, EMNLP 2018",
    note="by sentence; the id names the abstract; coreference clusters are not read; compare and conjunction have "
    "no direction",
    definitions_from="the names of the types and roles, and what is commonly known of the task",
    aliases={
        "task": ("problem", "application"),
        "method": ("approach", "technique"),
        "metric": ("measure", "evaluation measure"),
        "material": ("data", "resource"),
        "other_scientific_term": ("scientific term",),
        "generic": ("generic term",),
        "used_for": ("applied to",),
        "feature_of": ("property of",),
        "hyponym_of": ("kind of",),
        "part_of": ("component of",),
        "evaluate_for": ("evaluates",),
        "compare": ("compared with",),
        "conjunction": ("together with",),
    },
)

_ADE_SCHEMA = Schema(
    (
        *entities(
            drug="The name of a drug, substance or treatment that was given.",
            adverse_effect="A sign, symptom or disease that a treatment brought about.",
        ),
        relation("caused_by", "adverse_effect", "drug", "The adverse effect is due to the drug."),
    ),
    "ade",
)
_ADE_ALIASES = {
    "drug": ("medicine", "medication"),
    "adverse_effect": ("side effect", "harm"),
    "caused_by": ("effect of", "due to"),
}

_ADE = Corpus(
    name="ade",
    parts={"train": Part(("ade_split_0_train.json",)), "test": Part(("ade_split_0_test.json",))},
    reader="token_spans",
    options={"join": "-/", "relation_prefix": "relation:"},
    schema=_ADE_SCHEMA,
    names={"Drug": "drug", "Adverse-Effect": "adverse_effect", "relation:Adverse-Effect": "caused_by"},
    families=("entities", "relations"),
    domain="medical case reports",
    licence="not stated",
    citation="Gurulingappa et al., J. Biomedical Informatics 45(5), 2012; folds of Eberts and Ulges (SpERT), ECAI 2020",
    note="fold 0 of the ten of cross-validation: the corpus has no official split; every sentence has a relation",
    overlaps=("phee", "ade_rel"),
    definitions_from="the names of the types and what is commonly known of the task",
    aliases=_ADE_ALIASES,
)

_ADE_REL = Corpus(
    name="ade_rel",
    folder_name="ade",
    parts={"train": Part(("DRUG-AE.rel", "DRUG-DOSE.rel", "ADE-NEG.txt"))},
    reader="ade",
    schema=Schema(
        (
            *_ADE_SCHEMA,
            *entities(dose="How much of a drug was given, or how often."),
            relation("dose_of", "dose", "drug", "The dose is that in which the drug was given."),
        ),
        "ade_rel",
    ),
    names={
        **{"DRUG": "drug", "AE": "adverse_effect", "DOSE": "dose"},
        **{"DRUG-AE": "caused_by", "DRUG-DOSE": "dose_of"},
    },
    families=("entities", "relations"),
    domain="medical case reports",
    licence="not stated",
    citation="Gurulingappa et al., J. Biomedical Informatics 45(5), 2012",
    note="the corpus as published, in its original text and without a split; sentences with an adverse effect, then "
    "some with a dose (labelled with doses alone, and partly the same), then those without an adverse effect",
    overlaps=("phee", "ade"),
    definitions_from="the names of the types and what is commonly known of the task",
    aliases={**_ADE_ALIASES, "dose": ("dosage",), "dose_of": ("dosage of",)},
)

_CROSSRE_RELATIONS = relations(
    part_of="The first is a component or member of the second.",
    physical="The first is, lies or moves at, in or near the second, a place.",
    usage="The first makes use of the second, or is used by it.",
    role="The first, a person or group, has an office, part or membership in the second.",
    social="The two are people or groups with a family, personal or professional bond.",
    general_affiliation="The first belongs to the second, a nation, religion, creed, genre or field.",
    compare="The two are likened to or measured against each other.",
    temporal="The first happens, exists or takes part at the time of the second, an event or date.",
    artifact="The first is something made, and the second made, owns or uses it.",
    origin="The first comes, by birth, descent or derivation, from the second.",
    topic="The first is about the second.",
    opposite="The two are against each other or contrary to each other.",
    cause_effect="The first leads to the second.",
    win_defeat="The first won, or won against, the second.",
    type_of="The first is a kind or an instance of the second.",
    named="The two name the same thing: a name, an abbreviation, a description.",
    related_to="The two have to do with each other in a way that no other relation says.",
)
_CROSSRE_ENTITIES = {
    "person": "The name of a human being or figure for whom there is no closer type.",
    "organisation": "The name of a company, public body, club or other organised group.",
    "location": "The name of a place that is no country.",
    "country": "The name of a state.",
    "misc": "A name or term of interest that no other type covers.",
    "politician": "The name of somebody who holds or seeks a political office.",
    "politicalparty": "The name of a political party.",
    "election": "The name of a vote for an office or a parliament.",
    "event": "The name of a happening such as a war, meeting, festival or match.",
    "university": "The name of a university or college.",
    "book": "The title of a book or printed work.",
    "writer": "The name of somebody who writes books, poems or plays.",
    "poem": "The title of a poem.",
    "literarygenre": "A kind of literature, such as fantasy or satire.",
    "award": "The name of a prize.",
    "magazine": "The title of a periodical.",
    "scientist": "The name of somebody who does science.",
    "researcher": "The name of somebody who does research on computing.",
    "field": "A branch of research, such as computer vision.",
    "task": "A problem that programs are to solve, such as speech recognition.",
    "product": "The name of a system, program, device or data set.",
    "algorithm": "The name of a method of computing or learning.",
    "metrics": "A measure by which results are judged.",
    "programlang": "The name of a programming language.",
    "conference": "The name of a scientific conference.",
    "academicjournal": "The title of a scientific journal.",
    "musicalartist": "The name of somebody who makes music.",
    "musicalinstrument": "A thing to make music with.",
    "musicgenre": "A kind of music.",
    "band": "The name of a group that makes music.",
    "song": "The title of a song.",
    "album": "The title of a record.",
}
_CROSSRE_NAMES = {
    **{"politicalparty": "political_party", "literarygenre": "literary_genre", "metrics": "metric"},
    **{"programlang": "programming_language", "academicjournal": "academic_journal", "misc": "miscellaneous"},
    **{"musicalartist": "musical_artist", "musicalinstrument": "musical_instrument", "musicgenre": "music_genre"},
}
_COMMON = "person organisation location misc country "


def _crossre(domain: str, types: str, name: str) -> Corpus:
    """The entry of one domain; ``types`` are its raw entity types, ``name`` says what texts it has."""
    names = {raw: _CROSSRE_NAMES.get(raw, raw) for raw in (_COMMON + types).split()}
    kinds = entities(**{name: _CROSSRE_ENTITIES[raw] for raw, name in names.items()})
    return Corpus(
        name=f"crossre_{domain}",
        folder_name="crossre",
        parts={split: Part((f"{domain}-{split}.json",)) for split in ("train", "dev", "test")},
        reader="dygie",
        schema=Schema((*kinds, *_CROSSRE_RELATIONS), f"crossre_{domain}"),
        names={**names, **{relation.name.replace("_", "-"): relation.name for relation in _CROSSRE_RELATIONS}},
        families=("entities", "relations"),
        domain=name,
        licence="GPL-3.0",
        citation="Bassignana and Plank, CrossRE, Findings of EMNLP 2022",
        note="a pair may have several relations; built over the sentences and entities of CrossNER (news: of "
        "conll2003): not to be trained on where those are zero-shot tests",
        overlaps=("conll2003",) if domain == "news" else (f"crossner_{domain}",),
        definitions_from="the names of the types and examples of each",
    )


_CROSSRE = (
    _crossre("ai", "researcher field task product algorithm metrics programlang conference academicjournal "
             "university event", "encyclopaedia: artificial intelligence"),
    _crossre("literature", "writer book poem literarygenre award event magazine album band song university "
             "scientist musicgenre programlang", "encyclopaedia: literature"),
    _crossre("news", "", "news"),
    _crossre("politics", "politician politicalparty election event university book musicalartist "
             "musicalinstrument song album", "encyclopaedia: politics"),
)  # fmt: skip

CORPORA = (_SCIERC, _ADE, _ADE_REL, *_CROSSRE)
