# SPDX-License-Identifier: Apache-2.0
"""Arguments of given events: what is asked, and where the answers are put."""

from __future__ import annotations

import pytest

from loremill.errors import StrictError
from loremill.extractor import Extractor
from loremill.formats.instructions import instruction
from loremill.formats.listing import ANSWERS
from loremill.frames import Document, Frame, Slot
from loremill.given.arguments import extract_arguments, roles_of
from loremill.schema import load_schema
from loremill.text import Mention

from ..recording import RecordingModel

SCHEMA = "person, Attack!(attacker, target), Meet!"
TEXT = "Rebels bombed Paris. Police bombed Rome, then rebels bombed Oslo."


def event(word: str, nth: int, *slots: Slot, type: str = "Attack") -> Frame:
    start = -1
    for _ in range(nth):
        start = TEXT.index(word, start + 1)
    return Frame(type, Mention.at(start, start + len(word)), slots)


def run(answer: str, *frames: Frame, schema: str = SCHEMA, text: str = TEXT):
    model = RecordingModel(lambda request: answer)
    (extraction,) = extract_arguments(Extractor(model, schema), [Document(text, "d", frames)])
    return model, extraction


def test_prompt_tells_the_trigger_and_asks_for_the_roles():
    model, _ = run(" None", event("bombed", 1))
    (request,) = model.requests
    assert request.prompt.given == "Attack: bombed"
    assert request.prompt.schema == "attacker; target"
    assert request.prompt.instruction == f"{instruction('arguments')} {ANSWERS['arguments']}"
    assert request.prompt.text == "Rebels bombed Paris."


def test_answer_fills_the_slots_of_the_given_event():
    _, extraction = run(" attacker: Rebels; target: Paris", event("bombed", 1))
    (frame,) = extraction.frames
    assert frame.filler == Mention.at(7, 13)
    assert [(s.role, s.filler) for s in frame.slots] == [("attacker", Mention.at(0, 6)), ("target", Mention.at(14, 19))]
    assert frame.score == pytest.approx(0.5 ** (len(" attacker: Rebels; target: Paris") + 1))


def test_argument_binds_to_the_occurrence_nearest_to_the_given_trigger():
    doc = Document("rebels met rebels, bombed rebels", "d", (Frame("Attack", Mention.at(19, 25)),))
    model = RecordingModel(lambda request: " attacker: rebels")
    (extraction,) = extract_arguments(Extractor(model, SCHEMA), [doc])
    assert [s.filler for f in extraction.frames for s in f.slots] == [Mention.at(26, 32)]


def test_second_window_and_repeated_trigger_keep_their_places():
    _, extraction = run(" target: Oslo", event("bombed", 3))
    (frame,) = extraction.frames
    assert frame.filler == event("bombed", 3).filler
    assert [slot.filler for slot in frame.slots] == [Mention.at(TEXT.index("Oslo"), TEXT.index("Oslo") + 4)]


def test_slots_given_are_replaced_and_events_without_roles_are_passed_over():
    given = event("bombed", 1, Slot("target", Mention.at(0, 6)))
    model, extraction = run(" None", given, event("Police", 1, type="Meet"))
    assert len(model.requests) == 1
    assert [f.slots for f in extraction.frames] == [()]


def test_what_cannot_be_used_is_on_the_ledger():
    _, extraction = run(" attacker: Martians; owner: Rebels; target: Paris", event("bombed", 1))
    assert sorted((r.item, r.reason) for r in extraction.rejected) == [
        ("attacker: Martians", "ungrounded"),
        ("owner: Rebels", "unknown type"),
    ]


def test_trigger_across_windows_is_an_error_of_its_document():
    across = Frame("Attack", Mention.at(14, 27))  # "Paris. Police"
    _, extraction = run(" None", across)
    assert extraction.error == "what is given at 14:27 lies in no window: use wider ones"


@pytest.mark.parametrize(
    ("answer", "frame", "message"),
    [
        (" attacker: Martians", event("bombed", 1), "document 'd': ungrounded: 'attacker: Martians'"),
        (" None", Frame("Attack", Mention.at(14, 27)), "document 'd': what is given at 14:27 lies in no window"),
    ],
)
def test_strict_extractor_raises_at_what_is_lost(answer, frame, message):
    extractor = Extractor(RecordingModel(lambda request: answer), SCHEMA, strict=True)
    with pytest.raises(StrictError, match=message):
        list(extract_arguments(extractor, [Document(TEXT, "d", (frame,))]))


def test_strict_extractor_does_not_ask_for_sentences_without_events():
    extractor = Extractor(RecordingModel(lambda request: " None"), SCHEMA, strict=True)
    (extraction,) = extract_arguments(extractor, [Document(TEXT, "d", (event("bombed", 1),))])
    assert 0 < extraction.coverage < 1


def test_empty_document_is_an_error_as_everywhere():
    (extraction,) = extract_arguments(Extractor(RecordingModel(lambda request: " None"), SCHEMA), [Document("", "d")])
    assert extraction.error == "text is empty: a document needs at least one word"


def test_roles_become_types():
    roles = roles_of(load_schema(SCHEMA)["Attack"])
    assert [(t.name, t.family) for t in roles] == [("attacker", "entities"), ("target", "entities")]
