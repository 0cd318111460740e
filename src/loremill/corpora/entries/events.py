# SPDX-License-Identifier: Apache-2.0
"""Events with their triggers and arguments."""

from __future__ import annotations

from ...schema import FrameType, Schema, SlotType
from ..corpus import Corpus, Part
from ..geneva import geneva_schema, snake_case

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

CORPORA = (_PHEE, _GENEVA)
