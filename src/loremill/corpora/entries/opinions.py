# SPDX-License-Identifier: Apache-2.0
"""Opinions: aspect, opinion and polarity."""

from __future__ import annotations

from dataclasses import replace

from ...schema import FrameType, Schema, SlotType
from ..corpus import Corpus, Part


def _schema(name: str, aspect: str) -> Schema:
    slots = (SlotType("aspect", description=aspect), SlotType("opinion", description="The words that judge it."))
    return Schema(
        tuple(
            FrameType(polarity, family="opinions", slots=slots, description=description, group="sentiment")
            for polarity, description in (
                ("positive", "The opinion praises the aspect."),
                ("negative", "The opinion finds fault with the aspect."),
                ("neutral", "The opinion neither praises the aspect nor finds fault with it."),
            )
        ),
        name,
    )


_ASTE_14RES = Corpus(
    name="aste_14res",
    parts={split: Part((f"{split}_triplets.txt",)) for split in ("train", "dev", "test")},
    reader="aste",
    schema=_schema("aste_14res", "The dish, service or property that is judged."),
    names={"POS": "positive", "NEG": "negative", "NEU": "neutral"},
    families=("opinions",),
    domain="restaurant reviews",
    licence="not stated",
    citation="Xu et al., Position-Aware Tagging for ASTE, EMNLP 2020; Pontiki et al., SemEval 2014 task 4",
    definitions_from="the names of the types and examples of each",
    aliases={
        "positive": ("good", "favourable", "praise"),
        "negative": ("bad", "unfavourable", "criticism"),
        "neutral": ("mixed", "indifferent"),
    },
)

_ASTE_14LAP = replace(
    _ASTE_14RES,
    name="aste_14lap",
    schema=_schema("aste_14lap", "The part, program or property of a computer that is judged."),
    domain="laptop reviews",
    note="1 sentence is in both train and dev",
)

_ASTE_16RES = replace(
    _ASTE_14RES,
    name="aste_16res",
    parts={"test": Part(("test_triplets.txt",))},
    schema=_schema("aste_16res", "The dish, service or property that is judged."),
    citation="Xu et al., Position-Aware Tagging for ASTE, EMNLP 2020; Pontiki et al., SemEval 2016 task 5",
    note="test alone: aste_14res serves as training set, of whose train part 1 sentence is here",
    overlaps=("aste_14res",),
)

CORPORA = (_ASTE_14LAP, _ASTE_14RES, _ASTE_16RES)
