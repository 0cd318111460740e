# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import pytest

from loremill.errors import FormatError
from loremill.formats.instructions import instruction
from loremill.formats.prompter import Prompter
from loremill.prompt import PLAIN, Demonstration, Prompt, Writing
from loremill.schema.types import FrameType, Schema

from .samples import ENTITIES, WORK_FOR

ANSWERS = {"entities": "Answer in words.", "arguments": "Answer with roles."}


def names(schema: Schema, writing: Writing) -> str:
    return writing.lead.join(t.name for t in schema)


PROMPT = Prompter(ANSWERS, names)


def test_parts_are_kept_apart():
    examples = [Demonstration("Ada left.", " person: Ada")]
    assert PROMPT(ENTITIES, "Bob stayed.", PLAIN, demonstrations=examples, given="trigger: stayed") == Prompt(
        family="entities",
        instruction=f"{instruction('entities')} Answer in words.",
        schema="person location",
        text="Bob stayed.",
        definitions="",
        demonstrations=tuple(examples),
        given="trigger: stayed",
    )


def test_types_are_shown_for_the_tokenizer():
    assert PROMPT(ENTITIES, "", Writing(lead="/")).schema == "person/location"


def test_task_and_wording_replace_those_of_the_family():
    asked = PROMPT(ENTITIES, "", task="arguments")
    assert (asked.family, asked.instruction) == ("entities", f"{instruction('arguments')} Answer with roles.")
    worded = PROMPT(ENTITIES, "", wording="Who is it?")
    assert (worded.instruction, worded.wording) == ("Who is it? Answer in words.", "Who is it?")
    assert PROMPT(ENTITIES, "", wording=instruction("entities")).wording == ""


def test_descriptions_are_definitions_unless_the_types_tell_them():
    schema = Schema((FrameType("person", "human", description="A human being."), FrameType("place")))
    assert PROMPT(schema, "").definitions == "human: A human being."
    assert Prompter(ANSWERS, names, has_definitions=True)(schema, "").definitions == ""


def test_one_family_is_asked_for():
    with pytest.raises(FormatError, match="one family at a time, got entities, relations"):
        PROMPT(ENTITIES + WORK_FOR, "text")
