# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import pytest

from loremill.errors import FormatError
from loremill.formats.drafts import to_drafts
from loremill.frames import Draft, DraftSlot, Frame, FrameRef, Piece, Slot
from loremill.schema import load_schema
from loremill.text import Mention, Span, TextView

TEXT = "Rebels hit, and army fire caused the fire"
SCHEMA = load_schema("Attack!(attacker, cause: Attack), works_for(head, tail), person")
VIEW = TextView.identity(TEXT)


def test_mentions_become_the_strings_of_the_view():
    lower = TextView(TEXT.lower(), VIEW.starts, VIEW.ends)
    drafts = to_drafts([Frame("person", Mention((Span(0, 6), Span(16, 20))))], lower, SCHEMA)
    assert drafts == [Draft("person", Piece(("rebels", "army")))]


def test_slots_follow_the_schema_then_their_place():
    army, rebels, fire = Mention.at(16, 20), Mention.at(0, 6), Mention.at(21, 25)
    frame = Frame("Attack", Mention.at(7, 10), (Slot("cause", fire), Slot("attacker", army), Slot("attacker", rebels)))
    [draft] = to_drafts([frame], VIEW, SCHEMA)
    assert [(s.role, s.piece.fragments) for s in draft.slots] == [
        ("attacker", ("Rebels",)),
        ("attacker", ("army",)),
        ("cause", ("fire",)),
    ]


def test_reference_is_written_as_its_frames_filler():
    frames = [
        Frame("Attack", Mention.at(21, 25)),
        Frame("Attack", Mention.at(7, 10), (Slot("cause", FrameRef(0)),)),
    ]
    assert to_drafts(frames, VIEW, SCHEMA)[1].slots == (DraftSlot("cause", Piece(("fire",))),)


def test_view_without_an_edge_there_widens_the_string():
    view = TextView("ss", (0, 0), (1, 1))  # "ß"
    assert to_drafts([Frame("person", Mention.at(0, 1))], view, SCHEMA) == [Draft("person", Piece(("ss",)))]


@pytest.mark.parametrize(
    ("frames", "message"),
    [
        ([Frame("Attack", Mention.at(0, 1), (Slot("goal", Mention.at(0, 1)),))], "'Attack' has no role 'goal'"),
        (
            [Frame("Attack", Mention.at(0, 1), (Slot("cause", FrameRef(1)),)), Frame("Attack")],
            "'cause' of 'Attack' points at a frame without filler",
        ),
        ([Frame("person", Mention.at(50, 52))], "characters 50:52 cannot be written"),
    ],
)
def test_frame_that_has_no_string_is_refused(frames, message):
    with pytest.raises(FormatError, match=message):
        to_drafts(frames, VIEW, SCHEMA)
