# SPDX-License-Identifier: Apache-2.0
"""Relations of given entities: what is told, what is asked, and that answers keep to the mentions told."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loremill import extract_relations
from loremill.errors import FormatError, SchemaError, StrictError
from loremill.extractor import Extractor
from loremill.formats import FORMATS
from loremill.formats.drafts import to_drafts
from loremill.formats.format import needs_given
from loremill.formats.instructions import instruction
from loremill.formats.listing import ANSWERS
from loremill.frames import Document, Frame, Slot
from loremill.schema import load_schema
from loremill.schema.types import FrameType, Schema
from loremill.text import Mention, TextView
from loremill.windows import Window

from ..recording import RecordingModel

RELATIONS = "works_for(person, organization), near(place, place)"
SCHEMA = f"person, organization, {RELATIONS}"
TEXT = "Ada Lee joined the Navy in Rome. Bob met Ada Lee."


def mention(words: str, nth: int = 1) -> Mention:
    start = -1
    for _ in range(nth):
        start = TEXT.index(words, start + 1)
    return Mention.at(start, start + len(words))


ADA, NAVY, ROME, BOB = (
    Frame("person", mention("Ada Lee")),
    Frame("organization", mention("Navy")),
    Frame("?", mention("Rome")),
    Frame("person", mention("Bob")),
)


def relation(type: str, head: str, tail: str) -> Frame:
    return Frame(type, None, (Slot("head", mention(head)), Slot("tail", mention(tail))))


def run(answer, *frames: Frame, schema: object = RELATIONS, text: str = TEXT, **options):
    model = RecordingModel(answer if callable(answer) else lambda request: answer)
    (extraction,) = extract_relations(Extractor(model, schema, **options), [Document(text, "d", frames)])
    return model, extraction


def slots(extraction) -> list[tuple[str, list[str]]]:
    return [
        (f.type, [" ".join(s.filler.texts_in(extraction.text)) for s in f.slots]) for f in extraction.frames if f.slots
    ]


def test_prompt_tells_the_entities_with_their_types_and_asks_for_relations():
    model, _ = run(" None", NAVY, ADA, ROME)
    (request,) = model.requests
    assert request.prompt.given == "person: Ada Lee; organization: Navy; Rome"
    assert request.prompt.schema == "works for: person, organization; near: place, place"
    assert request.prompt.instruction == f"{instruction('given_relations')} {ANSWERS['relations']}"
    assert request.prompt.text == "Ada Lee joined the Navy in Rome."


def test_labels_are_those_of_the_schema():
    schema = load_schema(RELATIONS) + Schema((FrameType("person", "human being"),))
    model, _ = run(" None", ADA, NAVY, schema=schema)
    assert model.requests[0].prompt.given == "human being: Ada Lee; organization: Navy"


def test_pairs_annotated_alone_are_told_without_a_type_and_in_the_order_of_the_text():
    model, extraction = run(" works for: Ada Lee, Navy", relation("?", "Navy", "Ada Lee"))
    assert model.requests[0].prompt.given == "Ada Lee; Navy"
    assert slots(extraction) == [("works_for", ["Ada Lee", "Navy"])]


def test_relations_that_the_document_has_are_neither_shown_nor_kept():
    model, extraction = run(" None", ADA, NAVY, ROME, relation("near", "Ada Lee", "Rome"))
    assert extraction.frames == ()
    assert model.requests[0].prompt.given == "person: Ada Lee; organization: Navy; Rome"


def test_entities_of_the_schema_stay_beside_the_relations_found():
    _, extraction = run(" works for: Ada Lee, Navy", ADA, NAVY, schema=SCHEMA)
    assert [frame.type for frame in extraction.frames] == ["person", "works_for", "organization"]
    assert extraction.frames[1].score == pytest.approx(0.5 ** (len(" works for: Ada Lee, Navy") + 1))


@pytest.mark.parametrize(
    "answer", ["works for: Lee, Navy", "works for: Ada Lee, joined", "near: Ada Lee, Navy in Rome"]
)
def test_what_is_said_about_anything_but_a_given_mention_is_on_the_ledger(answer):
    _, extraction = run(f" {answer}; near: Ada Lee, Rome", ADA, NAVY, ROME, grammar=False)
    assert slots(extraction) == [("near", ["Ada Lee", "Rome"])]
    assert [(r.item, r.reason, r.family) for r in extraction.rejected] == [(answer, "ungrounded", "relations")]


def test_same_words_are_told_once_and_bind_to_the_closest_pair():
    frames = (ADA, Frame("person", mention("Ada Lee", 2)), NAVY, BOB)
    model, extraction = run(" near: Bob, Ada Lee", *frames, window=Window(unit="document"))
    assert model.requests[0].prompt.given == "person: Ada Lee; organization: Navy; person: Bob"
    assert [s.filler for s in extraction.frames[0].slots] == [BOB.filler, mention("Ada Lee", 2)]


def test_answer_without_case_finds_the_given_mention():
    _, extraction = run(" works for: ada  lee, NAVY", ADA, NAVY, grammar=False)
    assert slots(extraction) == [("works_for", ["Ada Lee", "Navy"])]


def test_discontinuous_and_partial_words_are_found_in_their_own_mention():
    text = "pain in arm and leg"
    leg = Frame("part", Mention((*Mention.at(0, 7).fragments, *Mention.at(16, 19).fragments)))
    inside_a_word = Frame("part", Mention.at(8, 10))
    model, extraction = run(" near: pain in| leg, ar", leg, inside_a_word, text=text)
    assert model.requests[0].prompt.given == "part: pain in| leg; part: ar"
    assert [s.filler for s in extraction.frames[0].slots] == [leg.filler, inside_a_word.filler]


def test_windows_are_asked_with_their_own_mentions_and_those_with_fewer_than_two_are_not():
    text = "Ada saw Bob. Eve sang. Bob met Eve."
    people = [Frame("person", Mention.at(i, i + 3)) for i in (0, 8, 13, 23, 31)]
    model, extraction = run(" None", *people, text=text)
    assert [(r.prompt.text, r.prompt.given) for r in model.requests] == [
        ("Ada saw Bob.", "person: Ada; person: Bob"),
        ("Bob met Eve.", "person: Bob; person: Eve"),
    ]
    assert extraction.coverage == pytest.approx(20 / 28)
    assert extraction.instructions == (("relations", model.requests[0].prompt.instruction),)


def test_overlapping_windows_give_a_relation_once():
    people = [Frame("person", Mention.at(i, i + 3)) for i in (4, 12, 17)]
    model, extraction = run(" near: Ada, Bob", *people, text="So. Ada met Bob. Eve sang. Hm.", window=Window(2, 1))
    assert model.shown == ["So. Ada met Bob.", "Ada met Bob. Eve sang."]
    assert slots(extraction) == [("near", ["Ada", "Bob"])]


def test_mention_that_no_window_holds_is_noted():
    across = Frame("person", Mention.at(TEXT.index("Rome"), TEXT.index("Bob") + 3))
    _, extraction = run(" None", ADA, NAVY, across)
    assert extraction.notes == ("1 of 3 given mentions lie in no window and were not told",)


@pytest.mark.parametrize("frames", [(), (ADA,), (ADA, Frame("navy", mention("Ada Lee")))])
def test_document_without_two_mentions_is_not_asked_about(frames):
    model, extraction = run(" None", *frames)
    assert (model.requests, extraction.error, extraction.coverage) == ([], None, 0.0)


def test_long_lists_of_entities_take_smaller_windows():
    text = "Ada met Bob. Ada met Eve. Ada met Max."
    people = [Frame("person", Mention.at(i, i + 3)) for i in range(0, 38) if text[i : i + 3].istitle()]
    model = RecordingModel(lambda request: " None", max_tokens=110)
    model.count_tokens = lambda prompt: len(prompt.schema) + len(prompt.text) + len(prompt.given)  # type: ignore[method-assign]
    extractor = Extractor(model, "near(place, place)", window=Window(unit="document"))
    (extraction,) = extract_relations(extractor, [Document(text, "d", tuple(people))])
    assert [r.prompt.text for r in model.requests] == ["Ada met Bob.", "Ada met Eve.", "Ada met Max."]
    assert extraction.notes[0].startswith("the model has no room for the whole document")


@pytest.mark.parametrize("name", [name for name in FORMATS if not needs_given(FORMATS[name])])
def test_every_format_that_writes_relations_writes_those_of_given_entities(name):
    format, schema = FORMATS[name], load_schema(RELATIONS)
    answer = format.write(
        to_drafts([relation("works_for", "Ada Lee", "Navy")], TextView.identity(TEXT), schema), schema
    )
    extractor = Extractor(RecordingModel(lambda request: answer), schema, format=name)
    (extraction,) = extract_relations(extractor, [Document(TEXT, "d", (ADA, NAVY))])
    assert slots(extraction) == [("works_for", ["Ada Lee", "Navy"])]
    assert extraction.rejected == ()


def test_schema_without_relations_and_format_of_types_are_refused():
    model = RecordingModel(lambda request: " None")
    with pytest.raises(SchemaError, match="needs a schema with relations, got only entities"):
        extract_relations(Extractor(model, "person"), [])
    with pytest.raises(FormatError, match="needs a format that writes relations, got 'typing': assign_types"):
        extract_relations(Extractor(model, RELATIONS, format="typing"), [])


def test_strict_extractor_raises_at_what_is_lost():
    with pytest.raises(StrictError, match="document 'd': ungrounded: 'near: Bob, Rome'"):
        run(" near: Bob, Rome", ADA, NAVY, ROME, strict=True)


def test_relation_below_the_least_score_is_on_the_ledger_and_entities_are_not():
    _, extraction = run(" near: Ada Lee, Rome", replace(ADA, score=0.1), ROME, schema=SCHEMA, min_score=0.9)
    assert [(r.reason, r.family) for r in extraction.rejected] == [("low score", "relations")]
    assert [frame.type for frame in extraction.frames] == ["person"]


@given(st.text(alphabet=" :;,|\\AdaNvyeL", max_size=40))
@settings(max_examples=60)
def test_no_answer_binds_a_slot_to_anything_but_a_given_mention(answer):
    _, extraction = run(f" works for: {answer}", ADA, NAVY, grammar=False)
    assert {s.filler for f in extraction.frames for s in f.slots} <= {ADA.filler, NAVY.filler}
