# SPDX-License-Identifier: Apache-2.0
"""Types of given mentions: what is asked, and how the documents' frames come back."""

from __future__ import annotations

import pytest

from loremill import assign_types
from loremill.errors import FormatError, SchemaError, StrictError
from loremill.extractor import Extractor
from loremill.formats.instructions import POOLS, instruction
from loremill.formats.typing import ANSWERS
from loremill.frames import Document, Frame, FrameRef, Slot
from loremill.schema import Schema
from loremill.schema.types import FrameType, SlotType
from loremill.text import Mention
from loremill.windows import Window

from ..recording import RecordingModel

TEXT = "Ada joined the Navy. Bob; bombed Paris."
PAIR = (SlotType("head"), SlotType("tail"))
WORKS = Schema((FrameType("works_for", "", "relations", PAIR), FrameType("near", "", "relations", PAIR)))
EVENTS = "Attack!(attacker, target), Meet!"


def mention(words: str) -> Mention:
    start = TEXT.index(words)
    return Mention.at(start, start + len(words))


def pair(head: str, tail: str, type: str = "?") -> Frame:
    return Frame(type, None, (Slot("head", mention(head)), Slot("tail", mention(tail))))


def run(answer, *frames: Frame, schema: object = "person, city", **settings):
    model = RecordingModel(answer if callable(answer) else lambda request: answer)
    extractor = Extractor(model, schema, format="typing", **settings)
    (extraction,) = assign_types(extractor, [Document(TEXT, "d", frames)])
    return model, extraction


def test_prompt_tells_the_words_and_asks_for_one_of_the_labels():
    model, _ = run(" person", Frame("?", mention("Bob;")))
    (request,) = model.requests
    assert (request.prompt.given, request.prompt.schema) == ("Bob\\;", "person; city")
    assert request.prompt.text == "Bob; bombed Paris."
    assert request.prompt.instruction == f"{instruction('typing')} {ANSWERS['typing']}"
    assert request.grammar == 'start: " " (LABEL)\nLABEL: ("person" | "city")\n'


def test_frame_gets_its_type_and_the_probability_of_the_answer():
    tokens = [(" per", 0.9), ("son", 0.8), ("", 0.5)]
    _, extraction = run(lambda _: tokens, Frame("?", mention("Ada"), score=0.1))
    assert extraction.frames == (Frame("person", mention("Ada")),)
    assert extraction.frames[0].score == pytest.approx(0.9 * 0.8 * 0.5)


def test_type_that_it_had_is_neither_shown_nor_kept_but_all_else_is():
    given = Frame("animal", mention("Ada"), (), (("size", "big"),))
    model, extraction = run(" city", given, schema="person, city")
    assert "animal" not in str(model.requests)
    assert extraction.frames == (Frame("city", mention("Ada"), (), (("size", "big"),)),)


def test_relation_is_given_by_its_pair_in_the_order_of_the_roles():
    backwards = Frame("?", None, (Slot("tail", mention("the Navy")), Slot("head", mention("Ada"))))
    model, extraction = run(" works for", backwards, schema=WORKS)
    assert [request.prompt.given for request in model.requests] == ["Ada; the Navy"]
    assert extraction.frames == (Frame("works_for", None, backwards.slots),)


def test_event_is_given_by_its_trigger_and_keeps_its_arguments():
    event = Frame("?", mention("bombed"), (Slot("attacker", mention("Bob"), 0.7),))
    model, extraction = run(" Attack", event, schema=EVENTS)
    assert [request.prompt.given for request in model.requests] == ["bombed"]
    assert extraction.frames == (Frame("Attack", mention("bombed"), event.slots),)
    assert extraction.frames[0].slots[0].score == 0.7


def test_frames_of_another_shape_are_passed_over():
    frames = (Frame("person", mention("Ada")), pair("Ada", "Navy"))
    model, extraction = run(" near", *frames, schema=WORKS)
    assert len(model.requests) == len(extraction.frames) == 1
    assert run(" city", *frames)[1].frames == (Frame("city", mention("Ada")),)


def test_slot_that_points_at_a_frame_follows_it_or_becomes_its_mention():
    frames = (
        Frame("?", mention("Paris")),
        Frame("?", mention("bombed"), (Slot("target", FrameRef(0)), Slot("attacker", FrameRef(2)))),
        Frame("?", mention("Bob")),
    )
    answers = {"Paris": " Meet", "bombed": " Attack", "Bob": " alien"}
    _, extraction = run(lambda r: answers[r.prompt.given], *frames, schema=EVENTS, grammar=False)
    slots = (Slot("target", FrameRef(1)), Slot("attacker", mention("Bob")))
    assert extraction.frames == (Frame("Attack", mention("bombed"), slots), Frame("Meet", mention("Paris")))


def test_two_frames_of_the_same_mentions_are_both_asked_for_and_both_come_back():
    model, extraction = run(" near", pair("Ada", "Navy", "near"), pair("Ada", "Navy", "works_for"), schema=WORKS)
    assert len(model.requests) == 2
    assert [frame.type for frame in extraction.frames] == ["near", "near"]


@pytest.mark.parametrize(
    ("answer", "rejected", "types"),
    [
        (" alien", [("Ada: alien", "unknown type")], []),
        (" None", [("Ada: None", "unknown type")], []),
        (" ", [("Ada", "unparsable")], []),
        (" person; city", [("Ada: city", "duplicate")], ["person"]),
    ],
)
def test_what_cannot_be_used_is_on_the_ledger(answer, rejected, types):
    _, extraction = run(answer, Frame("?", mention("Ada")))
    assert [(r.item, r.reason) for r in extraction.rejected] == rejected
    assert [frame.type for frame in extraction.frames] == types
    assert {r.family for r in extraction.rejected} == {"entities"}


def test_frames_below_the_least_score_go_to_the_ledger():
    def answer(request):
        return [(" person", 0.9 if request.prompt.given == "Ada" else 0.3), ("", 1.0)]

    _, extraction = run(answer, Frame("?", mention("Ada")), Frame("?", mention("Bob")), min_score=0.5)
    assert extraction.frames == (Frame("person", mention("Ada")),)
    assert [(r.item, r.reason, r.family) for r in extraction.rejected] == [("person: Bob", "low score", "entities")]


def test_windows_without_given_mentions_are_not_asked_about():
    model, extraction = run(" person", Frame("?", mention("Bob")), Frame("?", mention("Paris")))
    assert model.shown == ["Bob; bombed Paris."] * 2
    assert 0 < extraction.coverage < 1


def test_pair_across_windows_is_an_error_unless_these_are_wider():
    _, extraction = run(" near", pair("Ada", "Bob"), schema=WORKS)
    assert extraction.error == "what is given at 0:24 lies in no window: use wider ones"
    _, extraction = run(" near", pair("Ada", "Bob"), schema=WORKS, window=Window(unit="document"))
    assert [frame.type for frame in extraction.frames] == ["near"]


def test_documents_come_back_in_order_those_that_fail_too():
    docs = [Document("Ada ran", "a", (Frame("?", Mention.at(0, 3)),)), Document("", "b"), Document("Bob", "c")]
    extractor = Extractor(RecordingModel(lambda request: " person"), "person", format="typing")
    results = list(assign_types(extractor, docs))
    assert [(e.id, len(e.frames), e.error is None) for e in results] == [
        ("a", 1, True),
        ("b", 0, False),
        ("c", 0, True),
    ]


def test_wording_is_drawn_and_told():
    model, extraction = run(" person", Frame("?", mention("Ada")), instruction_seed=3)
    wording = instruction("typing", 3)
    assert wording in POOLS["typing"]
    assert model.requests[0].prompt.instruction.startswith(wording)
    assert extraction.instructions == (("entities", model.requests[0].prompt.instruction),)


def test_strict_extractor_raises_at_what_is_lost():
    with pytest.raises(StrictError, match="document 'd': unknown type: 'Ada: alien'"):
        run(" alien", Frame("?", mention("Ada")), strict=True)
    assert run(" person", Frame("?", mention("Ada")), strict=True)[1].coverage < 1


@pytest.mark.parametrize(
    ("schema", "format", "error", "message"),
    [
        ("person", "listing", FormatError, "assign_types needs an extractor of format 'typing', got 'listing'"),
        ("person, Meet!", "typing", FormatError, "one family at a time, got entities, events"),
        (Schema((FrameType("refund", family="classes"),)), "typing", SchemaError, "got classes, which have none"),
    ],
)
def test_what_cannot_be_typed_is_refused_before_a_document_is_read(schema, format, error, message):
    extractor = Extractor(RecordingModel(lambda request: " person"), schema, format=format)
    with pytest.raises(error, match=message):
        assign_types(extractor, [])


def test_extractor_of_the_format_refuses_to_extract():
    extractor = Extractor(RecordingModel(lambda request: " person"), "person", format="typing")
    for docs in ("Ada", ["Ada"], iter(["Ada"])):
        with pytest.raises(FormatError, match="the format 'typing' is about given mentions: use assign_types"):
            extractor.extract(docs)
