# SPDX-License-Identifier: Apache-2.0
"""Events with their triggers and arguments."""

from __future__ import annotations

from ...schema import FrameType, Schema, SlotType
from ..corpus import Corpus, Part
from ..geneva import geneva_schema, snake_case
from ..selection import Selection
from .wording import entities

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
    overlaps=("ade", "ade_rel"),
    definitions_from="the names of the types and roles, and what is commonly known of the task",
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
    definitions_from="FrameNet, by the data's event_ontology.json",
)

_CASIE_ATTACK = (
    *("attack_pattern", "attacker", "compromised_data", "damage_amount", "number_of_data", "number_of_victim"),
    *("payment_method", "place", "price", "purpose", "time", "tool", "trusted_entity", "victim"),
)
_CASIE_VULNERABILITY = (
    *("cve", "capabilities", "discoverer", "issues_addressed", "patch", "patch_number", "releaser"),
    *("supported_platform", "time", "vulnerability", "vulnerable_system", "vulnerable_system_owner"),
    "vulnerable_system_version",
)
_CASIE_ROLES = {
    "attack_pattern": "How the attack is carried out.",
    "attacker": "Who attacks.",
    "cve": "The public number of the weakness, such as CVE-2018-0001.",
    "capabilities": "What an attacker can do by the weakness.",
    "compromised_data": "The data that is stolen, shown or locked.",
    "damage_amount": "How much the attack costs the victim.",
    "discoverer": "Who finds or reports the weakness.",
    "issues_addressed": "What the mending changes or settles.",
    "number_of_data": "How much data is concerned.",
    "number_of_victim": "How many victims there are.",
    "patch": "What mends the weakness.",
    "patch_number": "The number or version of what mends the weakness.",
    "payment_method": "How a ransom is to be paid.",
    "place": "Where it happens.",
    "price": "How much money is asked or paid.",
    "purpose": "What the attacker wants to reach.",
    "releaser": "Who mends the weakness or hands out what mends it.",
    "supported_platform": "The platform for which the mending is made.",
    "time": "When it happens.",
    "tool": "What the attacker uses.",
    "trusted_entity": "Whom the attacker pretends to be.",
    "victim": "Who or what is attacked.",
    "vulnerability": "The weakness itself.",
    "vulnerable_system": "The program or device that has the weakness.",
    "vulnerable_system_owner": "Who makes or owns the program or device that has the weakness.",
    "vulnerable_system_version": "The versions that have the weakness.",
}
_CASIE_TYPES = {
    "Attack.Databreach": ("data_breach", "Somebody gets at data that is not meant for them.", _CASIE_ATTACK),
    "Attack.Phishing": ("phishing", "Somebody pretends to be another so as to be given data or money.", _CASIE_ATTACK),
    "Attack.Ransom": ("ransom", "Somebody locks or takes data and asks for money for it.", _CASIE_ATTACK),
    "Vulnerability-related.DiscoverVulnerability": (
        *("discover_vulnerability", "Somebody finds or makes known a weakness of a program or device."),
        _CASIE_VULNERABILITY,
    ),
    "Vulnerability-related.PatchVulnerability": (
        *("patch_vulnerability", "Somebody mends a weakness of a program or device."),
        _CASIE_VULNERABILITY,
    ),
}

_CASIE = Corpus(
    name="casie",
    parts={
        split: Part(
            ("annotation.tar.xz",), select=Selection(file=f"textee_split1/{split}.txt", pattern=r"\d+(?=\.txt)")
        )
        for split in ("train", "dev", "test")
    },
    reader="casie",
    schema=Schema(
        tuple(
            FrameType(
                name,
                family="events",
                slots=tuple(SlotType(role, description=_CASIE_ROLES[role]) for role in roles),
                description=description,
            )
            for name, description, roles in _CASIE_TYPES.values()
        ),
        "casie",
    ),
    names={
        **{raw: name for raw, (name, _, _) in _CASIE_TYPES.items()},
        **{role.replace("_", "-").title(): role for role in _CASIE_ROLES},
        **{"CVE": "cve", "Number-of-Data": "number_of_data", "Number-of-Victim": "number_of_victim"},
        **{"Supported_Platform": "supported_platform", "Vulnerable_System": "vulnerable_system"},
        "Vulnerable_System_Owner": "vulnerable_system_owner",
        "Vulnerable_System_Version": "vulnerable_system_version",
    },
    families=("events",),
    domain="news on computer security",
    licence="not stated (split lists: Apache-2.0)",
    citation="Satyapanich, Ferraro and Finin, CASIE, AAAI 2020; split 1 of Huang et al. (TextEE), Findings of ACL 2024",
    note="whole documents; no official split; document 10002 is in none; about 1,100 wrong offsets are mended by the "
    "strings beside them (meta counts moved and ungrounded ones)",
    definitions_from="the names of the types and roles and examples of each",
    aliases={
        "data_breach": ("databreach", "data theft", "leak"),
        "phishing": ("phishing attack",),
        "ransom": ("ransom attack", "extortion"),
        "discover_vulnerability": ("vulnerability found",),
        "patch_vulnerability": ("vulnerability fixed",),
    },
)

_GENIA_EVENTS = {
    "gene_expression": "A gene is expressed: its product is made.",
    "transcription": "A gene is copied into RNA.",
    "protein_catabolism": "A protein is broken down.",
    "localization": "A protein is brought to, found at or let out of a place.",
    "binding": "Molecules bind to each other or to a site.",
    "phosphorylation": "A phosphate group is added to a protein.",
    "regulation": "Something controls another thing or process, no matter in which direction.",
    "positive_regulation": "Something starts, raises or strengthens another thing or process.",
    "negative_regulation": "Something stops, lowers or weakens another thing or process.",
}
_THEME = SlotType("theme", types=("protein",), description="What the event happens to.")
_ANYTHING = ("protein", *_GENIA_EVENTS)
_GENIA_SLOTS = {
    "localization": (
        _THEME,
        SlotType("atloc", "at location", description="The place where it is found or from which it comes."),
        SlotType("toloc", "to location", description="The place to which it is brought."),
    ),
    "binding": (_THEME, SlotType("site", description="The part of the molecule where it happens.")),
    "phosphorylation": (_THEME, SlotType("site", description="The part of the molecule where it happens.")),
}
_REGULATION_SLOTS = (
    SlotType("theme", types=_ANYTHING, description="The protein or event that is controlled."),
    SlotType("cause", types=_ANYTHING, description="The protein or event that controls it."),
    SlotType("site", description="The part of the molecule where the control acts."),
    SlotType("csite", "site of the cause", description="The part of the controlling molecule that acts."),
)

_GENIA_GE11 = Corpus(
    name="genia_ge11",
    parts={"train": Part(("train.tar.xz",)), "dev": Part(("devel.tar.xz",))},
    reader="bionlp_standoff",
    schema=Schema(
        (
            *entities(protein="The name of a protein or gene, given by the task."),
            *(
                FrameType(
                    name,
                    family="events",
                    slots=_REGULATION_SLOTS if "regulation" in name else _GENIA_SLOTS.get(name, (_THEME,)),
                    description=description,
                )
                for name, description in _GENIA_EVENTS.items()
            ),
        ),
        "genia_ge11",
    ),
    names={
        raw: raw.lower()
        for raw in (
            *("Protein", "Gene_expression", "Transcription", "Protein_catabolism", "Localization", "Binding"),
            *("Phosphorylation", "Regulation", "Positive_regulation", "Negative_regulation"),
            *("Theme", "Cause", "Site", "CSite", "AtLoc", "ToLoc"),
        )
    },
    families=("entities", "events"),
    domain="molecular biology: abstracts and sections of papers",
    licence="BioNLP-ST 2011 terms (systems for non-profit research only)",
    citation="Kim et al., Genia event task, BioNLP 2011",
    note="whole abstracts and sections; events may be arguments of regulations (slots that point at frames); the "
    "labels of the test part were never released, so it is not listed: report on dev or split train; "
    "modifications and equivalences are not read",
    overlaps=("jnlpba",),
    definitions_from="the names of the types and what is commonly known of the task",
    aliases={
        "protein": ("gene", "gene product"),
        "gene_expression": ("expression",),
        "transcription": ("gene transcription",),
        "protein_catabolism": ("protein degradation",),
        "localization": ("transport", "secretion"),
        "binding": ("interaction",),
        "phosphorylation": ("phosphate addition",),
        "regulation": ("control",),
        "positive_regulation": ("activation", "upregulation"),
        "negative_regulation": ("inhibition", "downregulation"),
    },
)

CORPORA = (_PHEE, _GENEVA, _CASIE, _GENIA_GE11)
