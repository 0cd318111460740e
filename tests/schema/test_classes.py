# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass, field
from typing import Annotated, ClassVar, Literal, Optional

import pydantic
import pytest

from loremill.errors import SchemaError
from loremill.frames import Frame, FrameRef, Slot
from loremill.schema import AttributeType, Entity, Event, FrameType, Relation, SlotType, load_schema, to_objects
from loremill.text import Mention, Span

TEXT = "Ana and Rui founded Alva in May; Rui left."


@dataclass
class Person(Entity):
    """A human being,
    named.
    """

    label: ClassVar[str] = "natural person"
    examples: ClassVar[list[str]] = ["Ana"]


@dataclass
class Company(Entity):
    pass


@dataclass
class Founding(Event):
    """A company begins."""

    founders: list[Person]
    company: Company | None
    time: Annotated[str | None, "when it was"] = None
    status: Literal["planned", "done"] | None = None
    cause: Founding | None = None


@dataclass(frozen=True)
class WorksFor:
    employee: Person
    employer: Company | Person | str = field(metadata={"description": "who pays"})


class Leave(pydantic.BaseModel):
    """Someone leaves."""

    model_config = pydantic.ConfigDict(str_max_length=8)

    trigger: str
    who: str = pydantic.Field(description="the one who leaves")
    others: tuple[str, ...] = ()


def mention(text: str, after: int = 0) -> Mention:
    start = TEXT.index(text, after)
    return Mention.at(start, start + len(text))


def test_entity_classes_are_entities():
    assert load_schema(Person).types == (
        FrameType("Person", "natural person", description="A human being, named.", examples=("Ana",)),
    )


def test_event_classes_have_slots_and_attributes():
    assert load_schema(Founding)["Founding"] == FrameType(
        "Founding",
        family="events",
        slots=(
            SlotType("founders", types=("Person",)),
            SlotType("company", types=("Company",)),
            SlotType("time", description="when it was"),
            SlotType("cause", types=("Founding",)),
        ),
        attributes=(AttributeType("status", ("planned", "done")),),
        description="A company begins.",
    )


def test_other_classes_are_relations_and_the_dataclass_signature_is_no_description():
    assert load_schema(WorksFor).types == (
        FrameType(
            "WorksFor",
            family="relations",
            slots=(
                SlotType("employee", types=("Person",)),
                SlotType("employer", types=("Company", "Person"), description="who pays"),
            ),
        ),
    )


def test_pydantic_models_are_read():
    assert load_schema(Leave).types == (
        FrameType(
            "Leave",
            family="events",
            slots=(SlotType("who", description="the one who leaves"), SlotType("others")),
            description="Someone leaves.",
        ),
    )


def test_a_class_with_one_text_field_is_an_entity():
    @dataclass
    class Drug:
        mention: str
        _: KW_ONLY
        route: Literal["oral", "other"] = "other"

    drug = load_schema(Drug)["Drug"]
    assert (drug.family, drug.slots, drug.attributes) == (
        "entities",
        (),
        (AttributeType("route", ("oral", "other")),),
    )


def test_the_base_class_decides_before_the_fields():
    @dataclass
    class Quote(Relation):
        text: str

    assert load_schema(Quote)["Quote"].family == "relations"


def test_entities_need_no_decorator_of_their_own():
    class Place(Entity):
        """Somewhere."""

    assert load_schema(Place).types == (FrameType("Place", description="Somewhere."),)
    assert to_objects([Place], TEXT, [Frame("Place", mention("Alva"))]) == ([Place("Alva")], [])


def test_classes_of_a_function_may_name_each_other():
    @dataclass
    class Cause(Event):
        effect: Effect

    @dataclass
    class Effect(Event):
        causes: Sequence[Cause]
        old_style: Optional[str] = None  # noqa: UP045

    schema = load_schema([Cause, Effect])
    assert [s.types for t in schema for s in t.slots] == [("Effect",), ("Cause",), ()]
    with pytest.raises(SchemaError, match="an annotation of Cause names 'Effect', which is not known; pass that class"):
        load_schema(Cause)


@pytest.mark.parametrize("annotation", [int, list[int], dict[str, str], Literal[1], list[Literal["a"]], None, list])
def test_other_annotations_are_refused(annotation):
    cls = dataclass(type("Odd", (), {"__annotations__": {"field": annotation, "text": str}}))
    with pytest.raises(SchemaError, match="field 'field' of Odd needs to be str, a schema class, a list"):
        load_schema(cls)


def test_a_forgotten_decorator_is_reported():
    class Strike(Event):
        attacker: str

    with pytest.raises(SchemaError, match="field 'attacker' of Strike is no dataclass field; put @dataclass"):
        load_schema(Strike)


def test_a_trigger_that_is_no_string_is_refused():
    @dataclass
    class Odd:
        trigger: list[str]

    with pytest.raises(SchemaError, match="field 'trigger' of Odd holds the mention and needs to be a str"):
        load_schema(Odd)


def test_frames_come_back_as_objects_in_their_order():
    frames = [
        Frame(
            "Founding",
            mention("founded"),
            (
                Slot("founders", mention("Ana")),
                Slot("founders", mention("Rui")),
                Slot("company", mention("Alva")),
                Slot("time", mention("May")),
            ),
            (("status", "done"),),
        ),
        Frame("Person", mention("Ana")),
        Frame("Leave", mention("left"), (Slot("who", mention("Rui", 30)), Slot("others", mention("Ana")))),
    ]
    objects, problems = to_objects([Person, Founding, Leave], TEXT, frames)
    ana = Person("Ana")
    assert objects == [
        Founding("founded", [ana, Person("Rui")], Company("Alva"), "May", "done"),
        ana,
        Leave(trigger="left", who="Rui", others=("Ana",)),
    ]
    assert objects[0].founders[0] is objects[1]
    assert problems == []


def test_slots_that_point_at_frames_hold_their_objects():
    first = Frame("Founding", mention("left"), (Slot("cause", FrameRef(1)),))
    objects, problems = to_objects([Founding], TEXT, [first, Frame("Founding", mention("founded"))])
    assert problems == []
    assert objects[0] == Founding("left", [], None, cause=objects[1])


def test_a_string_slot_takes_the_filler_of_the_frame_it_points_at():
    frame = Frame("WorksFor", slots=(Slot("employee", mention("Rui")), Slot("employer", FrameRef(1))))
    objects, problems = to_objects([WorksFor, Leave], TEXT, [frame, Frame("Leave", mention("left"))])
    assert objects == [WorksFor(Person("Rui"), "left")]
    assert problems == ["frame 1 (Leave) is left out: 'who' is missing"]


def test_discontinuous_mentions_are_joined_by_a_blank():
    both = Mention((Span(0, 3), Span(8, 11)))
    assert to_objects([Person], TEXT, [Frame("Person", both)]) == ([Person("Ana Rui")], [])


@pytest.mark.parametrize(
    ("frame", "problem"),
    [
        (Frame("Ship", mention("Ana")), "is left out: no class has this name"),
        (Frame("Person"), "is left out: 'text' is missing"),
        (Frame("WorksFor", slots=(Slot("employer", mention("Alva")),)), "is left out: 'employee' is missing"),
        (
            Frame("Founding", mention("founded"), (Slot("place", mention("Alva")),)),
            "has the role 'place', the class has no such field",
        ),
        (
            Frame("Founding", mention("founded"), attributes=(("mood", "glad"),)),
            "has the attribute 'mood', the class has no such Literal field",
        ),
        (
            Frame("Founding", mention("founded"), attributes=(("status", "glad"),)),
            "has 'glad' as 'status', wanted one of planned, done",
        ),
        (
            Frame("Founding", mention("founded"), (Slot("time", mention("May")), Slot("time", mention("Rui")))),
            "has 'time' 2 times; the first is kept, a list would hold all",
        ),
        (
            Frame("Founding", mention("founded"), (Slot("cause", mention("May")),)),
            "has no 'cause': 'May' is no Founding among the frames",
        ),
        (
            Frame("Founding", mention("founded"), (Slot("company", FrameRef(7)),)),
            "has no 'company': frame 7 gives no object it takes",
        ),
        (Frame("Founding", mention("founded"), (Slot("cause", FrameRef(0)),)), "is left out: its slots lead back to"),
        (Frame("Leave", mention("left"), (Slot("who", mention("Ana and Rui")),)), "is no Leave: 1 validation error"),
    ],
)
def test_what_the_classes_cannot_say_is_reported(frame, problem):
    objects, problems = to_objects([Person, WorksFor, Founding, Leave], TEXT, [frame])
    assert len(problems) == 1
    assert re.match(re.escape(f"frame 0 ({frame.type}) {problem}"), problems[0])
    left_out = "is left out" in problem or "is no Leave" in problem
    assert len(objects) == (0 if left_out else 1)
