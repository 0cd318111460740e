# SPDX-License-Identifier: Apache-2.0
"""Opinions: aspect, opinion and polarity."""

from __future__ import annotations

from ...schema import FrameType, Schema, SlotType
from ..corpus import Corpus, Part

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

CORPORA = (_ASTE_14RES,)
