# SPDX-License-Identifier: Apache-2.0
"""Names in biomedical texts."""

from __future__ import annotations

from ...schema import Schema
from ..corpus import Corpus, Part
from .wording import entities

_BC5CDR = Corpus(
    name="bc5cdr",
    parts={"train": Part(("train.tsv",)), "dev": Part(("devel.tsv",)), "test": Part(("test.tsv",))},
    reader="columns",
    options={"join": "-/."},
    schema=Schema(
        entities(
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

CORPORA = (_BC5CDR,)
