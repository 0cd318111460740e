# SPDX-License-Identifier: Apache-2.0
"""Items that tell what is known, and ask for the rest."""

from __future__ import annotations

from dataclasses import replace

import pytest

from loremill import extract_arguments, extract_relations
from loremill.errors import InputError
from loremill.extractor import Extractor
from loremill.frames import Document, Frame, FrameRef, Slot
from loremill.models.codec import decode
from loremill.models.loading import load_codec
from loremill.schema.types import FrameType, Schema, SlotType
from loremill.text import Mention
from loremill.training.config import Augmentation
from loremill.training.given_pairs import tells_entities

from ..recording import RecordingModel
from .test_examples import PEOPLE as PEOPLE_TYPES
from .test_examples import STILL, WORK, items_of, source

SETTINGS = replace(STILL, given=1.0, paraphrase=0.0)
PAIR = Frame("work_for", None, (Slot("head", Mention.at(0, 3)), Slot("tail", Mention.at(11, 18))))
PEOPLE = (Frame("person", Mention.at(0, 3)), Frame("location", Mention.at(11, 18)))
JUMP = Schema(
    (
        FrameType("jump", family="events", slots=(SlotType("cause"), SlotType("place"))),
        FrameType("be", family="events"),
    )
)
EVENTS = (
    Frame("be", Mention.at(4, 7)),
    Frame("jump", Mention.at(8, 10), (Slot("place", Mention.at(11, 18)), Slot("cause", FrameRef(0)))),
)


@pytest.fixture(scope="module")
def codec(bert):
    return load_codec(str(bert))


def prompts(codec, frames, schema, *, settings=SETTINGS, **others) -> list[tuple[str, str]]:
    """What was told, as the model reads it, and the answer."""
    items, _ = items_of(
        codec, [source([Document("Ada was in Coimbra", frames=frames)], schema=schema)], settings=settings, **others
    )
    found = []
    for item in items:
        parts: list[list[int]] = [[]]
        for i in item[0].ids:
            parts.append([]) if i in codec.eos_ids else parts[-1].append(i)
        told = decode(codec, parts[2])[0].strip() if len(parts) > 4 else ""  # family, schema, told, text, the end
        found.append((told, decode(codec, item[1].ids)[0]))
    return found


def test_entities_are_told_and_their_relations_asked_for(codec):
    frames = (PAIR, *PEOPLE)
    assert prompts(codec, frames, WORK) == [("person: ada; location: coimbra", " work for: ada, coimbra")]


def test_pair_annotated_alone_is_told_without_types(codec):
    assert prompts(codec, (PAIR,), WORK) == [("ada; coimbra", " work for: ada, coimbra")]


def test_entities_without_relations_are_asked_about_too(codec):
    assert prompts(codec, PEOPLE, WORK) == [("person: ada; location: coimbra", " none")]


def test_document_with_nothing_to_tell_is_an_item_as_always(codec):
    assert prompts(codec, PEOPLE[:1], WORK) == [("", " none")]
    assert prompts(codec, PEOPLE, PEOPLE_TYPES) == [("", " person: ada; location: coimbra")]
    assert prompts(codec, EVENTS[:1], JUMP) == [("", " be: was")]


def test_trigger_is_told_and_its_arguments_asked_for(codec):
    assert prompts(codec, EVENTS, JUMP) == [("jump: in", " cause: was; place: coimbra")]


def test_prompts_are_those_that_are_asked(codec):
    doc = Document("Ada was in Coimbra", frames=(PAIR, *PEOPLE))
    for ask, schema, frames in (
        (extract_relations, WORK, (PAIR, *PEOPLE)),
        (extract_arguments, JUMP, EVENTS),
    ):
        model = RecordingModel(lambda request: " None")
        list(ask(Extractor(model, schema), [replace(doc, frames=frames)]))
        asked = [codec.encode_prompt(request.prompt) for request in model.requests]
        items, _ = items_of(codec, [source([replace(doc, frames=frames)], schema=schema)], settings=SETTINGS)
        assert asked == [item[0] for item in items]


def test_a_share_of_the_items_is_given(codec):
    docs = [Document("Ada was in Coimbra", frames=(PAIR, *PEOPLE))] * 60
    items, _ = items_of(codec, [source(docs, schema=WORK)], settings=replace(STILL, given=0.5))
    assert 15 <= sum(len(item[0]) == len(items[0][0]) for item in items) <= 45


def test_without_it_an_epoch_is_what_it_was(codec):
    docs = [Document("Ada was in Coimbra", frames=(PAIR, *PEOPLE))] * 3
    items, _ = items_of(codec, [source(docs, schema=WORK)], settings=Augmentation(given=0.0, max_given=1))
    assert items == items_of(codec, [source(docs, schema=WORK)], settings=Augmentation())[0]


def test_typing_is_always_about_given_mentions(codec):
    with pytest.raises(InputError, match="'typing' is about given mentions in every item: set augmentation"):
        items_of(codec, [source()], settings=SETTINGS, format="typing")


@pytest.mark.parametrize(("own", "of_all", "told"), [(1.0, 0.0, 40), (0.0, 1.0, 0), (None, 1.0, 40), (None, 0.0, 0)])
def test_a_data_set_may_have_a_share_of_its_own(codec, own, of_all, told):
    docs = [Document("Ada was in Coimbra", str(i), (PAIR, *PEOPLE)) for i in range(40)]
    of_source = replace(source(docs, schema=WORK), given=own)
    items, _ = items_of(codec, [of_source], settings=replace(STILL, given=of_all))
    bare = len(items_of(codec, [source(docs[:1], schema=WORK)], settings=STILL)[0][0][0].ids)
    assert sum(len(item[0].ids) > bare for item in items) == told


@pytest.mark.parametrize(
    ("own", "of_all", "told"), [(0.6, 0.0, True), (0.5, 0.9, False), (None, 0.9, True), (None, 0.1, False)]
)
def test_who_is_mostly_told_the_entities_is_asked_so(own, of_all, told):
    relations, people = replace(source(schema=WORK), family="relations", given=own), source()
    assert tells_entities([people, relations], Augmentation(given=of_all)) is told
    assert not tells_entities([people], Augmentation(given=0.9))
