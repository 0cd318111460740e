# SPDX-License-Identifier: Apache-2.0
"""Clinical cases and disabilities, in several languages."""

from __future__ import annotations

from ...schema import AttributeType, FrameType, Schema
from ..corpus import Corpus, Part
from ..selection import Selection
from .wording import entities

_E3C_LICENCE = "CC BY-NC"
_E3C_CITATION = "Magnini et al., E3C, CLiC-it 2020; Zanoli et al., Natural Language Engineering 2023"

_ELISIONS = tuple(f"{word}'" for word in ("d", "l", "L", "n", "s", "qu", "jusqu", "lorsqu", "C"))

_E3C = tuple(
    Corpus(
        name=f"e3c_{code}",
        folder_name="e3c",
        parts={split: Part((f"clinical_entities/layer1/{language}/{split}.txt",)) for split in ("train", "test")},
        reader="columns",
        options={
            "separator": " ",
            "join": "-/’" if code == "it" else "-/",
            "attach": _ELISIONS if code == "fr" else (),
        },
        schema=Schema(
            entities(clinical_entity="A disorder of a patient: a disease, symptom, injury or abnormal finding."),
            f"e3c_{code}",
        ),
        names={"ety": "clinical_entity"},
        families=("entities",),
        domain=f"clinical cases ({language})",
        licence=_E3C_LICENCE,
        citation=_E3C_CITATION,
        note="layer 1, labelled by hand; discontinuous and nested entities were left out upstream; no dev part",
        aliases={"clinical_entity": ("disorder", "medical condition", "disease or symptom")},
        overlaps=("e3c_en_xmi",) if code == "en" else (),
        definitions_from="the names of the types and examples of the training parts",
    )
    for code, language in (("en", "English"), ("es", "Spanish"), ("eu", "Basque"), ("fr", "French"), ("it", "Italian"))
)

_E3C_EN_TRAIN = Selection(file="train_test_split.txt", pattern=r"\bEN\d+")
_E3C_XMI_ARCHIVE = ("data_annotation_English_layer1.tar",)

_E3C_EN_XMI = Corpus(
    name="e3c_en_xmi",
    folder_name="e3c",
    parts={
        "train": Part(_E3C_XMI_ARCHIVE, select=_E3C_EN_TRAIN),
        "test": Part(
            _E3C_XMI_ARCHIVE, select=Selection(file=_E3C_EN_TRAIN.file, pattern=_E3C_EN_TRAIN.pattern, exclude=True)
        ),
    },
    reader="xmi",
    options={
        "labels": ("CLINENTITY", "BODYPART", "ACTOR", "TIMEX3", "RML", "EVENT"),
        "attributes": {
            "polarity": ("polarity", {"POS": "positive", "NEG": "negative"}),
            "modality": (
                "contextualModality",
                {
                    **{"ACTUAL": "actual", "HEDGED": "hedged", "GENERIC": "generic"},
                    **{"HYPOTHETICAL-IF": "hypothetical", "HYPOTHETICAL-OTHER": "hypothetical"},
                },
            ),
        },
    },
    schema=Schema(
        (
            *entities(
                clinical_entity="A disorder of a patient: a disease, symptom, injury or abnormal finding.",
                body_part="A part of the body: a limb, organ, tissue, cell or fluid.",
                actor="Words for a person in the case: the patient, a relative or medical staff.",
                time_expression="A date, duration, frequency or phrase of time such as two weeks later.",
                test_result="The result of a measurement or examination, such as a value with its unit or normal.",
            ),
            FrameType(
                "event",
                family="events",
                attributes=(
                    AttributeType("polarity", ("positive", "negative")),
                    AttributeType("modality", ("actual", "hedged", "hypothetical", "generic")),
                ),
                description="Something that happened or held in the course of the case: a visit, test, finding or act.",
            ),
        ),
        "e3c_en_xmi",
    ),
    names={
        **{"CLINENTITY": "clinical_entity", "BODYPART": "body_part", "ACTOR": "actor", "TIMEX3": "time_expression"},
        **{"RML": "test_result", "EVENT": "event"},
    },
    families=("entities", "events"),
    domain="clinical cases (English)",
    licence=_E3C_LICENCE,
    citation=_E3C_CITATION,
    note="layer 1 with the original text; discontinuous entities are annotated from their first word to their last; "
    "temporal links are not read; no dev part",
    aliases={
        "clinical_entity": ("disorder", "medical condition", "disease or symptom"),
        "body_part": ("anatomical part", "organ"),
        "actor": ("person", "participant"),
        "time_expression": ("date or duration", "temporal expression"),
        "test_result": ("laboratory result", "measurement"),
        "event": ("happening", "clinical event"),
    },
    overlaps=("e3c_en",),
    definitions_from="the names of the types and examples of the training part",
)

_DIANN = tuple(
    Corpus(
        name=f"diann_{code}",
        folder_name="diann",
        parts={
            split: Part((f"{language.lower()}.tar",), options={"inside": f"{language}/{language}_{folder}/Annotated/"})
            for split, folder in (("train", "Training"), ("test", "Test"))
        },
        reader="inline_tags",
        options={"tags": ("dis", "neg", "scp")},
        schema=Schema(
            entities(
                disability="A lasting impairment of body or mind, or a disorder that brings one.",
                negation="A word that denies something, such as without or no.",
                negation_scope="All the words that a negation denies, with the negation itself.",
            ),
            f"diann_{code}",
        ),
        names={"dis": "disability", "neg": "negation", "scp": "negation_scope"},
        families=("entities",),
        domain=f"biomedical abstracts ({language})",
        licence="not stated",
        citation="Fabregat, Martinez-Romo and Araujo, DIANN, IberEval 2018",
        note="nested; negation is annotated only where it bears on a disability; no dev part; "
        "the abstracts are the same in both languages",
        aliases={
            "disability": ("impairment", "handicap"),
            "negation": ("negation word", "negation trigger"),
            "negation_scope": ("negated phrase", "scope of negation"),
        },
        definitions_from="the names of the types and examples of the training part",
    )
    for code, language in (("en", "English"), ("es", "Spanish"))
)

CORPORA = (*_E3C, _E3C_EN_XMI, *_DIANN)
