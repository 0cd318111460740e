# SPDX-License-Identifier: Apache-2.0
"""Items of one capability: all of them in warming, a share after it."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest

from loremill.errors import InputError
from loremill.formats.instructions import POOLS
from loremill.frames import Document, Frame, Slot
from loremill.models.codec import decode
from loremill.models.loading import load_codec
from loremill.prompt import CAPABILITIES
from loremill.schema import load_schema
from loremill.text import Mention
from loremill.training.config import Augmentation
from loremill.training.examples import Source, epoch_items

STILL = Augmentation(shuffle=False, drop=0.0, negatives=0.0, alias=0.0, drop_roles=0.0, paraphrase=0.0)
PEOPLE = load_schema("person, location")
WORK = load_schema("work_for(person, firm)")
ADA = "Ada was in Coimbra"
DOCS = [
    Document(ADA, frames=(Frame("person", Mention.at(0, 3)), Frame("location", Mention.at(11, 18)))),
    Document("a quick fox"),
]
WORKS = [
    Document(
        "Ada and a firm",
        frames=(Frame("work_for", None, (Slot("head", Mention.at(0, 3)), Slot("tail", Mention.at(10, 14)))),),
    ),
    Document("the dog"),
]


@pytest.fixture(scope="module")
def codec(bert):
    return load_codec(str(bert))


def source(schema=PEOPLE, documents=DOCS, *, repeat=1.0) -> Source:
    return Source("own", schema.families[0], schema, documents, {}, repeat)


def items_of(codec, sources, *, format="listing", settings=STILL, epoch=0, **more):
    return epoch_items(
        sources, codec, format=format, settings=settings, max_length_tokens=256, seed=1, epoch=epoch, **more
    )


def told(codec, items) -> list[tuple[str, str, str]]:
    return [(i.capability, i.about.given, decode(codec, i.answer.ids)[0]) for i in items]


def test_warming_asks_every_sub_task_of_every_document(codec):
    items, counts = items_of(codec, [source(), source(WORK, WORKS)], is_warming=True)
    assert told(codec, items) == [
        ("judging", "", " person; location"),
        ("locating", "", " person: ada; location: coimbra"),
        ("judging", "", " none"),
        ("judging", "", " work for"),
        ("locating", "work for", " person: ada; firm: firm"),
        ("associating", "person: Ada; firm: firm", " work for: ada, firm"),
        ("judging", "", " none"),
    ]
    assert all(item.is_forced for item in items)
    assert (counts.items, counts.too_long, counts.unwritable) == (7, 0, 0)


def test_a_model_without_instructions_reads_the_capability(codec):
    items, _ = items_of(codec, [source()], is_warming=True)
    ordinary, _ = items_of(codec, [source()])
    assert items[1].about.schema == ordinary[0].about.schema
    assert items[1].prompt != ordinary[0].prompt


def test_a_share_of_documents_is_asked_in_one_sub_task_each_and_the_gate_is_free(codec):
    sources = [source(repeat=60.0), source(WORK, WORKS, repeat=60.0)]
    items, counts = items_of(codec, sources, capability_share=0.25)
    drawn = Counter(item.capability for item in items)
    assert counts.items == len(items) == 240  # of each document one
    assert 40 <= sum(drawn[name] for name in CAPABILITIES) <= 80  # mean 60, standard deviation 6.7: three of them
    assert all(drawn[name] for name in CAPABILITIES)
    assert not any(item.is_forced for item in items)


def test_without_a_share_items_are_what_they_were(codec):
    sources = [source(repeat=5.0), source(WORK, WORKS)]
    assert items_of(codec, sources, settings=Augmentation(), capability_share=0.0) == items_of(
        codec, sources, settings=Augmentation()
    )


def test_warming_varies_from_epoch_to_epoch_and_is_a_function_of_the_seed(codec):
    settings = Augmentation()
    first = items_of(codec, [source(repeat=4.0)], settings=settings, is_warming=True)
    assert items_of(codec, [source(repeat=4.0)], settings=settings, is_warming=True) == first
    assert items_of(codec, [source(repeat=4.0)], settings=settings, is_warming=True, epoch=1) != first


def test_wordings_are_those_of_the_capability(codec):
    items, _ = items_of(codec, [source(repeat=30.0)], settings=replace(STILL, paraphrase=1.0), is_warming=True)
    for name in ("judging", "locating"):
        shown = {item.about.instruction for item in items if item.capability == name}
        assert len(shown) > 10
        assert all(any(words.startswith(wording) for wording in POOLS[name]) for words in shown)


def test_wordings_of_a_file_take_the_place_of_the_library_s(codec, tmp_path):
    file = tmp_path / "wordings.yaml"
    file.write_text("judging:\n- Which kinds are there at all?\nentities:\n- Find them all.\n")
    settings = replace(STILL, paraphrase=0.5, instructions=str(file))
    items, _ = items_of(codec, [source(repeat=9.0)], settings=settings, capability_share=0.5)
    shown = {(item.about.task, item.about.instruction.split("?")[0].split(" Output")[0]) for item in items}
    assert {words for task, words in shown if task == "judging"} == {"Which kinds are there at all"}
    assert {words for task, words in shown if not task} == {"Find them all."}


def test_documents_without_frames_are_judged_as_often_as_they_are_kept(codec):
    items, _ = items_of(codec, [source()], settings=replace(STILL, keep_empty=0.0), is_warming=True)
    assert [item.about.text for item in items] == [ADA, ADA]


def test_what_cannot_be_written_is_counted(codec):
    docs = [Document(ADA, frames=(Frame("none", Mention.at(0, 3)),))]
    items, counts = items_of(codec, [source(load_schema("none, person"), docs)], is_warming=True)
    assert [item.capability for item in items] == ["locating"]  # a class that reads like no answer is refused
    assert (counts.items, counts.unwritable) == (1, 1)


@pytest.mark.parametrize("settings", [{"is_warming": True}, {"capability_share": 0.1}])
def test_a_format_about_given_mentions_has_no_sub_tasks(codec, settings):
    with pytest.raises(InputError, match=r"format 'typing' has no sub-tasks: set capability\.warming_epochs"):
        items_of(codec, [source()], format="typing", **settings)
