# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from dataclasses import replace

import pytest

from loremill.assembly import MAX_NOTES, Assembly, Notes, describe, without
from loremill.formats.grounding import Grounded
from loremill.frames import Document, Draft, DraftSlot, Frame, FrameRef, Piece, Reject, Slot
from loremill.prompt import Completion
from loremill.schema.types import FrameType, Schema, SlotType
from loremill.text import Mention

SCHEMA = Schema((FrameType("War", family="events"), FrameType("Fire", family="events", slots=(SlotType("cause"),))))
TEXT = "the war caused the fire"
WAR, FIRE = Mention.at(4, 7), Mention.at(19, 23)


def given(*frames: Frame, rejects: tuple[Reject, ...] = ()) -> Grounded:
    drafts = [Draft(f.type, None, tuple(DraftSlot(s.role, Piece(("x",))) for s in f.slots)) for f in frames]
    return Grounded(list(frames), drafts, list(rejects))


def together(*windows: tuple[int, Grounded], score: float = 1.0) -> Assembly:
    assembly = Assembly(Document(TEXT, "d"), shown=[(0, len(TEXT))])
    for i, (start, grounded) in enumerate(windows):
        assembly.add(grounded, Completion(""), window=i, start=start, family="events")
    return assembly


def linked(fire: Mention, war: Mention) -> Grounded:
    """A fire caused by a war, the reference pointing forwards."""
    return given(Frame("Fire", fire, (Slot("cause", FrameRef(1)),)), Frame("War", war))


def test_frames_are_shifted_to_their_window():
    result = together((4, given(Frame("War", Mention.at(0, 3))))).result(SCHEMA)
    assert result.frames == (Frame("War", WAR),)


def test_frame_of_two_windows_is_one():
    result = together((0, given(Frame("War", WAR))), (4, given(Frame("War", Mention.at(0, 3))))).result(SCHEMA)
    assert result.frames == (Frame("War", WAR),)


def test_linked_frames_of_two_windows_are_one_each():
    result = together((0, linked(FIRE, WAR)), (4, linked(Mention.at(15, 19), Mention.at(0, 3)))).result(SCHEMA)
    assert result.frames == (Frame("War", WAR), Frame("Fire", FIRE, (Slot("cause", FrameRef(0)),)))


def test_ring_of_references_stays():
    ring = given(Frame("A", WAR, (Slot("r", FrameRef(1)),)), Frame("B", FIRE, (Slot("r", FrameRef(0)),)))
    result = together((0, ring), (0, ring)).result(SCHEMA)
    assert result.frames == (Frame("A", WAR, (Slot("r", FrameRef(1)),)), Frame("B", FIRE, (Slot("r", FrameRef(0)),)))


def test_references_of_a_later_window_do_not_touch_those_of_an_earlier_one():
    other = given(Frame("War", Mention.at(0, 2)), Frame("Fire", Mention.at(8, 10), (Slot("cause", FrameRef(0)),)))
    frames = together((0, linked(FIRE, WAR)), (0, other), (0, linked(FIRE, WAR))).result(SCHEMA).frames
    pairs = {
        (f.filler, frames[s.filler.index].filler) for f in frames for s in f.slots if isinstance(s.filler, FrameRef)
    }
    assert pairs == {(FIRE, WAR), (Mention.at(8, 10), Mention.at(0, 2))}
    assert len(frames) == 4


def test_event_of_two_windows_has_the_slots_of_both():
    with_slot = given(Frame("War", WAR, (Slot("place", FIRE),)))
    result = together((0, given(Frame("War", WAR))), (0, with_slot)).result(SCHEMA)
    assert result.frames == (Frame("War", WAR, (Slot("place", FIRE),)),)


def test_relations_that_differ_stay_apart():
    one, other = (given(Frame("near", None, (Slot(r, WAR), Slot("tail", FIRE)))) for r in ("head", "side"))
    assert len(together((0, one), (0, other)).result(SCHEMA).frames) == 2


def test_windows_that_are_done_leave_nothing_but_frames_behind():
    assembly = together()
    for window in range(5):
        assembly.add(given(Frame("War", WAR)), Completion(""), window=window, start=0, family="events")
        assembly.show(0, 7 + window)
    assert assembly.known == {4: {WAR}}
    assert assembly.shown == [(0, len(TEXT))]


@pytest.mark.parametrize(
    ("places", "shown"),
    [
        ([(0, 3), (4, 7), (8, 14)], [(0, 14)]),  # blanks between
        ([(0, 3), (8, 14)], [(0, 3), (8, 14)]),
        ([(4, 14), (8, 10), (8, 18)], [(4, 18)]),
        ([(8, 14), (0, 3)], [(8, 14), (0, 3)]),
    ],
)
def test_windows_that_touch_are_held_as_one_piece(places, shown):
    assembly = Assembly(Document(TEXT, "d"))
    for start, end in places:
        assembly.show(start, end)
    assert assembly.shown == shown


def test_mentions_of_a_window_are_known_to_its_later_requests():
    assembly = together((4, given(Frame("War", Mention.at(0, 3), (Slot("x", Mention.at(4, 5)),)))))
    assert assembly.known == {0: {Mention.at(0, 3), Mention.at(4, 5)}}


def test_rejects_get_their_window_and_family():
    assembly = together((0, given()), (0, given(rejects=(Reject("x", "ungrounded"),))))
    assert [(r.window, r.family) for r in assembly.rejects] == [(1, "events")]


def test_error_leaves_only_usage_and_notes():
    assembly = together((0, given(Frame("War", WAR))))
    assembly.error = "broken"
    assembly.notes.add("a note")
    result = assembly.result(SCHEMA)
    assert (result.error, result.frames, result.coverage, result.notes) == ("broken", (), 0.0, ("a note",))


def test_a_note_is_told_once():
    assembly = together()
    for note in ("b", "a", "b"):
        assembly.notes.add(note)
    assert assembly.result(SCHEMA).notes == ("b", "a")


def test_a_note_on_windows_is_told_with_their_number():
    notes = Notes()
    for window in range(1_500):
        notes.add(f"generated without a grammar: got {window} characters", window=window)
        notes.add(f"generated without a grammar: got {window} types", window=window)  # another family's request
    notes.add("read without 'x', which cannot be written: a reason", window=7)
    notes.add("only the first 3 characters were read: 3 of 4")
    assert notes.told() == (
        "1,500 windows generated without a grammar: got 0 characters",
        "read without 'x', which cannot be written: a reason",
        "only the first 3 characters were read: 3 of 4",
    )


def test_notes_without_end_are_counted():
    notes = Notes()
    for number in range(MAX_NOTES + 2_000):
        notes.add(f"note {number}", window=number)
    assert notes.told()[-2:] == (f"note {MAX_NOTES - 1}", "2,000 more notes of other kinds")
    assert len(notes.told()) == MAX_NOTES + 1


def test_dropped_frame_leaves_its_mention_in_slots():
    frames = [
        Frame("War", WAR),
        Frame("Fire", FIRE, (Slot("cause", FrameRef(0)), Slot("after", FrameRef(2)))),
        Frame("X", WAR),
    ]
    assert without(frames, {0}) == [
        Frame("Fire", FIRE, (Slot("cause", WAR), Slot("after", FrameRef(1)))),
        Frame("X", WAR),
    ]


@pytest.mark.parametrize(
    ("frame", "line"),
    [
        (Frame("War", WAR), "War: war"),
        (Frame("Fire", FIRE, (Slot("cause", WAR),)), "Fire: fire, cause: war"),
        (Frame("near", None, (Slot("head", WAR), Slot("tail", FIRE))), "near: head: war, tail: fire"),
        (Frame("peace"), "peace"),
        (replace(Frame("War"), filler=Mention((WAR.fragments[0], FIRE.fragments[0]))), "War: war fire"),
    ],
)
def test_description_is_one_line(frame, line):
    assert describe(frame, TEXT) == line
