# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loremill.frames import Document, Frame, FrameRef, Slot, canonical, renumber
from loremill.text import Mention

HEAD, TAIL = Slot("head", Mention.at(0, 3)), Slot("tail", Mention.at(4, 7))


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: Frame(""), "frame needs a type"),
        (lambda: Slot("", Mention.at(0, 1)), "slot needs a role"),
        (lambda: FrameRef(-1), "frame index needs to be >= 0, got -1"),
        (lambda: Frame("x", score=1.5), "score needs to be in 0..1, got 1.5"),
        (lambda: Slot("x", FrameRef(0), score=-0.1), "score needs to be in 0..1, got -0.1"),
        (lambda: Frame("x", attributes=(("p", "a"), ("p", "b"))), "'x' has an attribute twice: p, p"),
        (lambda: Document("four", "d", (Frame("x", Mention.at(2, 5)),)), "x points at 2:5, the text has 4 characters"),
        (lambda: Document("four", "d", (Frame("x", None, (Slot("r", FrameRef(1)),)),)), "x points at frame 1 of 1"),
    ],
)
def test_wrong_value_cannot_be_built(build, message):
    with pytest.raises(ValueError, match=message):
        build()


def test_scores_take_no_part_in_comparisons():
    assert Frame("x", Mention.at(0, 1), score=0.1) == Frame("x", Mention.at(0, 1), score=0.9)


def test_key_is_the_same_in_any_order_of_slots():
    assert Frame("r", None, (HEAD, TAIL)).key == Frame("r", None, (TAIL, HEAD)).key
    assert Frame("r", None, (HEAD, TAIL)).key != Frame("r", None, (HEAD,)).key


def test_key_of_mixed_fillers_can_be_made():
    slots = (Slot("r", FrameRef(0)), Slot("r", Mention.at(0, 1)), Slot("r", FrameRef(2)))
    assert Frame("x", None, slots).key == Frame("x", None, slots[::-1]).key


def test_shift_leaves_references():
    frame = Frame("x", Mention.at(0, 1), (HEAD, Slot("cause", FrameRef(3))))
    assert frame.shift(5) == Frame("x", Mention.at(5, 6), (Slot("head", Mention.at(5, 8)), Slot("cause", FrameRef(3))))


@given(st.lists(st.tuples(st.integers(0, 9), st.sampled_from("ab")), unique=True, max_size=6), st.randoms())
def test_canonical_order_is_that_of_places_whatever_the_input_order(places, rng: random.Random):
    frames = [Frame(type_, Mention.at(start, start + 1)) for start, type_ in places]
    shuffled = rng.sample(frames, len(frames))
    ordered = canonical(shuffled)
    assert ordered == canonical(frames)
    assert [(f.filler.start, f.type) for f in ordered] == sorted(places)


def test_canonical_order_keeps_what_references_point_at():
    late, early = Frame("late", Mention.at(8, 9)), Frame("early", Mention.at(0, 1), (Slot("cause", FrameRef(0)),))
    ordered = canonical([late, early])
    assert [f.type for f in ordered] == ["early", "late"]
    assert ordered[0].slots == (Slot("cause", FrameRef(1)),)


def test_slot_whose_frame_is_gone_is_left_out():
    frame = Frame("x", Mention.at(0, 1), (Slot("cause", FrameRef(0)), Slot("cause", FrameRef(4)), HEAD))
    assert renumber(frame, {4: 1}).slots == (Slot("cause", FrameRef(1)), HEAD)
