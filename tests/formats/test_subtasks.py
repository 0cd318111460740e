# SPDX-License-Identifier: Apache-2.0
"""Sub-tasks of one capability: what they tell, what they ask, and that every format writes them."""

from __future__ import annotations

import pytest

from loremill.formats import FORMATS
from loremill.formats.drafts import to_drafts
from loremill.formats.format import needs_given
from loremill.formats.grounding import ground
from loremill.formats.instructions import POOLS, instruction
from loremill.formats.listing import ANSWERS
from loremill.formats.subtasks import Subtask, located_schema, subtask_prompt, subtasks_of
from loremill.frames import Frame, FrameRef, Slot, canonical
from loremill.prompt import CAPABILITIES
from loremill.schema import load_schema
from loremill.schema.types import FrameType, Schema, SlotType
from loremill.text import Mention, TextView

TEXT = "Rebels bombed Coimbra on Monday: the Navy of Ada Lee fled."
PEOPLE = load_schema("person, place, group")
EVENTS = load_schema("attack!(attacker, time), escape!(who, time)")
WORK = Schema(
    (
        FrameType("works_for", family="relations", slots=(SlotType("head", types=("person",)), SlotType("tail"))),
        FrameType("near", family="relations", slots=(SlotType("head"), SlotType("tail"))),
    )
)
POLARITY = Schema(
    tuple(
        FrameType(p, family="opinions", slots=(SlotType("aspect"), SlotType("opinion")))
        for p in ("positive", "negative")
    )
)
CLASSES = Schema((FrameType("war", family="classes"), FrameType("sport", family="classes")))


def at(words: str) -> Mention:
    return Mention.at(TEXT.index(words), TEXT.index(words) + len(words))


ENTITY_FRAMES = canonical((Frame("person", at("Ada Lee")), Frame("place", at("Coimbra"))))
EVENT_FRAMES = canonical(
    (
        Frame("attack", at("bombed"), (Slot("attacker", at("Rebels")), Slot("time", at("Monday")))),
        Frame("escape", at("fled"), (Slot("who", at("Navy")), Slot("time", at("Monday")))),
    )
)
WORK_FRAMES = (Frame("works_for", None, (Slot("head", at("Ada Lee")), Slot("tail", at("Navy")))),)
OPINIONS = (Frame("negative", None, (Slot("aspect", at("Navy")), Slot("opinion", at("fled")))),)
EVERYTHING = {
    "entities": (ENTITY_FRAMES, PEOPLE),
    "relations": (WORK_FRAMES, WORK),
    "events": (EVENT_FRAMES, EVENTS),
    "opinions": (OPINIONS, POLARITY),
    "classes": ((Frame("war"),), CLASSES),
}


def capabilities(subtasks: list[Subtask]) -> list[str]:
    return [subtask.capability for subtask in subtasks]


def spans(frames: tuple[Frame, ...]) -> list[tuple[str, str]]:
    return [(f.type, f.filler.texts_in(TEXT)[0]) for f in frames if f.filler is not None]


@pytest.mark.parametrize(
    ("family", "found"),
    [("entities", 2), ("relations", 3), ("events", 3), ("opinions", 3), ("classes", 1)],
)
def test_a_family_has_the_sub_tasks_that_its_frames_need(family, found):
    subtasks = subtasks_of(*EVERYTHING[family])
    assert capabilities(subtasks) == list(CAPABILITIES[:found])
    assert {subtask.family for subtask in subtasks} == {family}


def test_judging_answers_the_types_that_are_there_in_the_order_shown():
    judging = subtasks_of(ENTITY_FRAMES, load_schema("place, group, person"))[0]
    assert [frame.type for frame in judging.frames] == ["place", "person"]
    assert [t.family for t in judging.schema] == ["classes"] * 3
    assert (judging.types, judging.spans) == ((), ())


def test_judging_keeps_definitions():
    schema = Schema((FrameType("person", description="a human being"),))
    assert subtasks_of((), schema)[0].schema["person"].description == "a human being"


def test_a_text_without_frames_is_only_judged():
    assert capabilities(subtasks_of((), EVENTS)) == ["judging"]
    assert subtasks_of((), EVENTS)[0].frames == ()


def test_locating_is_shown_only_types_that_are_there_and_their_roles():
    locating = subtasks_of(EVENT_FRAMES[:1], EVENTS)[1]
    assert [t.label for t in locating.schema] == ["attack", "attacker", "time"]
    assert spans(locating.frames) == [("attacker", "Rebels"), ("attack", "bombed"), ("time", "Monday")]
    assert all(not frame.slots for frame in locating.frames)


def test_a_span_of_one_label_is_located_once_and_roles_with_the_same_label_are_one():
    locating = subtasks_of(EVENT_FRAMES, EVENTS)[1]
    assert [t.label for t in locating.schema] == ["attack", "attacker", "time", "escape", "who"]
    assert spans(locating.frames).count(("time", "Monday")) == 1


def test_head_and_tail_are_located_by_their_types_where_the_schema_has_them():
    locating = subtasks_of(WORK_FRAMES, WORK)[1]
    assert spans(locating.frames) == [("tail", "Navy"), ("person", "Ada Lee")]


def test_labels_that_differ_by_case_alone_are_one():
    schema = load_schema("Attack!(Time), escape!(time)")
    assert [t.label for t in located_schema(schema)] == ["Attack", "Time", "escape"]


def test_an_argument_that_is_an_event_is_located_by_its_trigger():
    schema = load_schema("attack!(cause), escape!(cause)")
    frames = (Frame("attack", at("bombed")), Frame("escape", at("fled"), (Slot("cause", FrameRef(0)),)))
    locating = subtasks_of(frames, schema)[1]
    assert spans(locating.frames) == [("attack", "bombed"), ("cause", "bombed"), ("escape", "fled")]


def test_associating_tells_the_spans_and_answers_the_frames():
    associating = subtasks_of(EVENT_FRAMES, EVENTS)[2]
    assert associating.frames == EVENT_FRAMES
    prompt = subtask_prompt(associating, TEXT, FORMATS["listing"])
    assert prompt.given == "attacker: Rebels; attack: bombed; time: Monday; who: Navy; escape: fled"
    assert (prompt.family, prompt.task) == ("events", "associating")


def test_events_without_arguments_are_not_associated():
    frames = (Frame("attack", at("bombed")), Frame("escape", at("fled")))
    assert capabilities(subtasks_of(frames, EVENTS)) == ["judging", "locating"]


def test_a_relation_of_a_span_with_itself_is_not_associated():
    frames = (Frame("near", None, (Slot("head", at("Navy")), Slot("tail", at("Navy")))),)
    assert capabilities(subtasks_of(frames, WORK)) == ["judging", "locating"]


def test_locating_tells_types_that_no_label_names():
    prompts = [
        subtask_prompt(subtasks_of(*EVERYTHING[family])[1], TEXT, FORMATS["listing"])
        for family in ("entities", "events", "relations", "opinions")
    ]
    assert [prompt.given for prompt in prompts] == ["", "", "works for", "negative"]
    assert {(prompt.family, prompt.task) for prompt in prompts} == {("entities", "locating")}


def test_delimiters_of_told_labels_are_escaped():
    schema = Schema((FrameType("r", "r; s", family="relations", slots=(SlotType("head"), SlotType("tail"))),))
    frames = (Frame("r", None, (Slot("head", at("Ada Lee")), Slot("tail", at("Navy")))),)
    assert subtask_prompt(subtasks_of(frames, schema)[1], TEXT, FORMATS["listing"]).given == "r\\; s"


def test_instructions_are_those_of_the_capability_with_the_form_of_the_family_answered():
    for subtask, form in zip(subtasks_of(*EVERYTHING["events"]), ("classes", "entities", "events"), strict=True):
        prompt = subtask_prompt(subtask, TEXT, FORMATS["listing"])
        assert prompt.instruction == f"{instruction(subtask.capability)} {ANSWERS[form]}"
        other = POOLS[subtask.capability][3]
        worded = subtask_prompt(subtask, TEXT, FORMATS["listing"], wording=other)
        assert worded.instruction == f"{other} {ANSWERS[form]}"


@pytest.mark.parametrize("name", [name for name in FORMATS if not needs_given(FORMATS[name])])
@pytest.mark.parametrize("family", EVERYTHING)
def test_every_format_writes_and_reads_sub_tasks(name, family):
    view = TextView.identity(TEXT)
    format = FORMATS[name]
    for subtask in subtasks_of(*EVERYTHING[family]):
        answer = format.write(to_drafts(subtask.frames, view, subtask.schema), subtask.schema)
        drafts, rejects = format.read(answer, subtask.schema)
        grounded = ground(view, drafts, answer, subtask.schema)
        assert (rejects, grounded.rejects) == ([], [])
        assert canonical(grounded.frames) == canonical(subtask.frames)
        assert subtask_prompt(subtask, TEXT, format).task == subtask.capability


def test_a_located_type_is_named_the_same_whatever_types_are_there():
    schema = load_schema("Attack!(Time), escape!(time)")
    frames = (Frame("escape", at("fled"), (Slot("time", at("Monday")),)),)
    (label,) = {t.label: t.name for t in subtasks_of(frames, schema)[1].schema if t.name == "time"}
    assert label == "time"
    assert {t.name for t in subtasks_of(frames, schema)[1].schema} < {t.name for t in located_schema(schema)}
