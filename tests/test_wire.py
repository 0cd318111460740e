# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import json
from dataclasses import replace
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loremill.errors import InputError
from loremill.extraction import Extraction
from loremill.frames import Draft, DraftSlot, Frame, FrameRef, Piece, Reason, Reject, Slot
from loremill.prompt import Usage
from loremill.text import Match, Mention, Span
from loremill.wire import from_dict, to_dict

names = st.text(min_size=1, max_size=8)
scores = st.none() | st.floats(0, 1)


@st.composite
def mentions(draw: st.DrawFn, text: str) -> Mention:
    edges = draw(st.lists(st.integers(0, len(text)), min_size=2, max_size=6, unique=True).map(sorted))
    spans = [Span(start, end) for start, end in zip(edges[::2], edges[1::2], strict=False)]
    return Mention(tuple(spans), draw(st.sampled_from(get_args(Match))))


@st.composite
def frames(draw: st.DrawFn, text: str, count: int) -> Frame:
    fillers = mentions(text) | st.integers(0, count - 1).map(FrameRef)
    return Frame(
        type=draw(names),
        filler=draw(st.none() | mentions(text)),
        slots=tuple(draw(st.lists(st.builds(Slot, names, fillers, scores), max_size=3))),
        attributes=tuple(draw(st.dictionaries(names, names, max_size=2)).items()),
        score=draw(scores),
    )


@st.composite
def extractions(draw: st.DrawFn) -> Extraction:
    text = draw(st.text(min_size=2, max_size=30))
    count = draw(st.integers(0, 3))
    rejects = st.builds(Reject, st.text(max_size=9), st.sampled_from(get_args(Reason)), st.integers(0, 9))
    return Extraction(
        id=draw(st.text(max_size=5)),
        text=text,
        frames=tuple(draw(frames(text, count)) for _ in range(count)),
        rejected=tuple(draw(st.lists(rejects, max_size=2))),
        coverage=draw(st.floats(0, 1)),
        usage=draw(st.builds(Usage, *[st.integers(0, 10**6)] * 3)),
        error=draw(st.none() | st.text(max_size=9)),
        notes=tuple(draw(st.lists(st.text(max_size=9), max_size=2))),
        unread=draw(st.just(()) | mentions(text).map(lambda mention: mention.fragments)),
    )


def _exact(extraction: Extraction) -> tuple[Any, ...]:
    """Scores and kinds of match too, which take no part in comparisons."""
    found = []
    for frame in extraction.frames:
        matches = [m.match for m in frame.mentions()]
        found.append((frame, frame.score, [s.score for s in frame.slots], matches))
    return (extraction, found)


@given(extractions())
def test_from_dict_reads_what_to_dict_wrote(extraction: Extraction) -> None:
    data = json.loads(json.dumps(to_dict(extraction)))
    assert _exact(from_dict(data)) == _exact(extraction)


@given(extractions(), st.data())
def test_a_changed_object_is_read_or_refused_in_one_line(extraction: Extraction, data: st.DataObject) -> None:
    wire = json.loads(json.dumps(to_dict(extraction)))
    place = wire
    while isinstance(place, dict | list) and place:
        key = data.draw(st.sampled_from(list(place) if isinstance(place, dict) else range(len(place))))
        if isinstance(place[key], dict | list) and place[key] and data.draw(st.booleans()):
            place = place[key]
            continue
        junk = st.none() | st.booleans() | st.integers(-2, 99) | st.text(max_size=3) | st.just([]) | st.just({})
        place[key] = data.draw(junk | st.just(float("nan")))
        break
    assert "\n" not in _refusal(wire)


def _refusal(data: dict[str, Any]) -> str:
    try:
        from_dict(data)
    except InputError as error:
        return str(error)
    return ""


BASE = Extraction(
    "7",
    "New and old York",
    (
        Frame("city", Mention((Span(0, 3), Span(12, 16)), "casefold"), score=0.5),
        Frame("was", None, (Slot("where", FrameRef(0)), Slot("when", Mention.at(8, 11), 0.25)), (("sure", "no"),)),
    ),
    (Reject("city: Rome", "ungrounded", 1),),
    0.5,
    Usage(3, 2, 1),
)


def test_the_json_is_the_one_settled() -> None:
    assert to_dict(BASE) == {
        "id": "7",
        "text": "New and old York",
        "frames": [
            {
                "type": "city",
                "score": 0.5,
                "filler": {
                    "start": 0,
                    "end": 16,
                    "text": "New York",
                    "fragments": [[0, 3], [12, 16]],
                    "match": "casefold",
                },
                "slots": [],
                "attributes": {},
            },
            {
                "type": "was",
                "score": None,
                "filler": None,
                "slots": [
                    {"role": "where", "score": None, "frame": 0},
                    {"role": "when", "score": 0.25, "start": 8, "end": 11, "text": "old"},
                ],
                "attributes": {"sure": "no"},
            },
        ],
        "rejected": [{"item": "city: Rome", "reason": "ungrounded", "window": 1}],
        "coverage": 0.5,
        "usage": {"prompt_tokens": 3, "completion_tokens": 2, "requests": 1},
        "error": None,
    }


def test_notes_are_written_when_there_are_any() -> None:
    assert to_dict(replace(BASE, notes=("grammar too large",)))["notes"] == ["grammar too large"]


def test_other_fields_of_a_row_are_passed_over() -> None:
    assert from_dict({**to_dict(BASE), "author": [1, 2]}) == BASE


def test_a_number_as_id_is_read_as_text() -> None:
    assert from_dict({**to_dict(BASE), "id": 7}) == BASE


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        (("text",), None, "text: should be a valid string, got None"),
        (("coverage",), 2, "coverage: should be less than or equal to 1, got 2"),
        (("frames", 0, "score"), -1, "frames.0.score: should be greater than or equal to 0, got -1"),
        (("frames", 0, "filler", "text"), "Rome", "frames.0: mention 0:16 says 'Rome', the text has 'New York'"),
        (("frames", 0, "filler", "fragments"), [[0, 3], [2, 16]], "fragments need to be in order and apart"),
        (("frames", 0, "filler", "end"), 99, "frames.0: mention 0:99 has fragments from 0 to 16"),
        (("frames", 1, "slots", 0, "frame"), 5, "points at frame 5 of 2"),
        (("frames", 1, "slots", 0, "start"), 1, "slot needs either start, end and text, or frame"),
        (("frames", 1, "colour"), "red", "frames.1.colour: extra inputs are not permitted, got 'red'"),
        (("rejected", 0, "reason"), "bored", "rejected.0.reason: should be 'ungrounded'"),
        (("usage",), {}, "usage.prompt_tokens: field required (2 more)"),
    ],
)
def test_a_fault_is_named_by_its_path(path: tuple[Any, ...], value: object, message: str) -> None:
    data = to_dict(BASE)
    place: Any = data
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    with pytest.raises(InputError) as caught:
        from_dict(data)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_an_extraction_cannot_point_outside_its_text() -> None:
    with pytest.raises(ValueError, match="city points at 0:9, the text has 2 characters"):
        Extraction("", "ab", (Frame("city", Mention.at(0, 9)),), (), 1.0, Usage())


def test_row_with_half_a_surrogate_pair_is_read_with_a_replacement_character():
    failed = Extraction.failed("a\ud800", "half \ud800 pair", "Unicode text is wanted")
    data = json.loads(json.dumps(to_dict(failed)))
    assert (from_dict(data).id, from_dict(data).text) == ("a\ufffd", "half \ufffd pair")


def test_reject_keeps_how_it_was_read():
    draft = Draft("was", Piece(("is", "not")), (DraftSlot("where", Piece(("Rome",))),), (("sure", "no"),))
    reject = Reject("where: Rome", "ungrounded", 1, family="events", draft=draft, role="where")
    data = to_dict(replace(BASE, rejected=(reject,)))["rejected"][0]
    assert data["draft"] == {
        "type": "was",
        "filler": ["is", "not"],
        "slots": [["where", "Rome"]],
        "attributes": {"sure": "no"},
    }
    (again,) = from_dict(json.loads(json.dumps({**to_dict(BASE), "rejected": [data]}))).rejected
    assert (again, again.family, again.draft, again.role) == (reject, "events", draft, "where")


def test_role_of_a_reject_needs_its_slot():
    data = {**to_dict(BASE), "rejected": [{"item": "x", "reason": "ungrounded", "window": 0, "role": "where"}]}
    with pytest.raises(InputError, match="reject of the slot 'where' needs a draft with that slot alone"):
        from_dict(data)
