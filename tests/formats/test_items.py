# SPDX-License-Identifier: Apache-2.0
"""What ``listing`` and ``enumeration`` share: a frame on one line, between other delimiters."""

from __future__ import annotations

from types import ModuleType

import pytest

from loremill.errors import FormatError
from loremill.formats import enumeration, listing
from loremill.formats.items import signatures
from loremill.frames import Draft
from loremill.prompt import PLAIN
from loremill.schema import load_schema
from loremill.schema.types import FrameType, Schema

from .samples import ATTACK, CLASSES, ENTITIES, SALE


@pytest.mark.parametrize(
    ("schema", "shown"),
    [
        (ENTITIES, "person; location"),
        (ATTACK, "attack: trigger, attacker, time, polarity (positive/negative)"),
        (SALE, "sale: buyer, seller, price"),
        (CLASSES, "book flight; refund"),
        (Schema((FrameType("a: b"),)), "a\\: b"),
        (load_schema("works_for(person, company_name)").only(["works_for"]), "works for: person, company name"),
    ],
)
def test_types_are_shown_as_their_items_are_written(schema: Schema, shown: str):
    assert signatures(schema, PLAIN) == shown
    assert listing.prompt(schema, "").schema == enumeration.prompt(schema, "").schema == shown


@pytest.mark.parametrize("label", ["None", "none", "none."])
@pytest.mark.parametrize("format", [listing, enumeration], ids=["listing", "enumeration"])
def test_class_that_reads_like_no_answer_is_refused(format: ModuleType, label: str):
    schema = Schema((FrameType("nothing", label, "classes"), FrameType("other", family="classes")))
    for use in (lambda: format.prompt(schema, "text"), lambda: format.write([Draft("nothing")], schema)):
        with pytest.raises(FormatError, match="class 'nothing' reads like"):
            use()
