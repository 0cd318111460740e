# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence

from hypothesis import given
from hypothesis import strategies as st

from loremill.frames import Document, Frame, FrameRef, Slot
from loremill.overlaps import FoundFrames, united
from loremill.text import Mention

TEXT = "abcdefghijkl"
SIZE = 6
STARTS = (0, 3, 6)  # of windows that overlap by half

scores = st.none() | st.sampled_from([0.1, 0.5, 0.9])
attributes = st.sampled_from([(), (("status", "planned"),), (("status", "over"),)])


def frame(type: str, at: int, *slots: Slot, score: float | None = None, status: str = "") -> Frame:
    return Frame(type, Mention.at(at, at + 1), slots, (("status", status),) if status else (), score)


def slot(role: str, at: int, score: float | None = None) -> Slot:
    return Slot(role, Mention.at(at, at + 1), score)


@st.composite
def answers(draw: st.DrawFn, start: int, *, is_plain: bool = False) -> list[Frame]:
    """Events of a window, in the document's offsets; if plain, one of a type at each trigger."""
    places = st.integers(start, start + SIZE - 1)
    keys = draw(st.lists(st.tuples(st.sampled_from("AB"), places), max_size=4, unique=is_plain))
    frames = []
    for i, (type, at) in enumerate(keys):
        targets = [FrameRef(j) for j in range(len(keys)) if j != i]
        fillers = places.map(lambda p: Mention.at(p, p + 1)) | (st.sampled_from(targets) if targets else st.nothing())
        roles = st.sampled_from(["who", "why"])
        slots = draw(st.lists(st.builds(Slot, roles, fillers, scores), max_size=3, unique=True))
        frames.append(Frame(type, Mention.at(at, at + 1), tuple(slots), draw(attributes), draw(scores)))
    return frames


def runs(*, is_plain: bool = False) -> st.SearchStrategy[list[tuple[int, list[Frame]]]]:
    return st.tuples(*(answers(start, is_plain=is_plain) for start in STARTS)).map(lambda a: list(enumerate(a)))


def merged(run: Iterable[tuple[int, Sequence[Frame]]], *, forgets: bool = False) -> list[Frame]:
    found = FoundFrames()
    for window, frames in run:
        if forgets:
            found.forget(STARTS[window])
        found.add(frames, window=window, are_events=True)
    return found.merged()


def said(frames: Sequence[Frame]) -> set[tuple[str, Mention | None, str, Mention | None]]:
    """Each slot as its event's type and trigger, its role and the mention it leads to."""
    return {(f.type, f.filler, s.role, leads_to(s, frames)) for f in frames for s in f.slots}


def leads_to(slot: Slot, frames: Sequence[Frame]) -> Mention | None:
    return frames[slot.filler.index].filler if isinstance(slot.filler, FrameRef) else slot.filler


def forms(frames: Sequence[Frame]) -> list[str]:
    """Frames without the order of frames and slots, references by type and place."""
    result = []
    for f in frames:
        slots = []
        for s in f.slots:
            target = frames[s.filler.index] if isinstance(s.filler, FrameRef) else None
            slots.append((s.role, target and target.type, leads_to(s, frames), s.score))
        result.append(repr((f.type, f.filler, sorted(set(slots), key=repr), f.attributes, f.score)))
    return sorted(result)


@given(runs())
def test_no_event_and_no_slot_is_lost_and_none_is_made_up(run):
    frames = merged(run)
    Document(TEXT, "", tuple(frames))  # places and references are right
    assert said(frames) == set().union(*(said(answer) for _, answer in run))
    assert {(f.type, f.filler) for f in frames} == {(f.type, f.filler) for _, answer in run for f in answer}


@given(runs(is_plain=True))
def test_each_event_is_there_once_with_each_slot_once(run):
    frames = merged(run)
    assert len({(f.type, f.filler) for f in frames}) == len(frames)
    assert all(len(set(f.slots)) == len(f.slots) for f in frames)


@given(runs(is_plain=True))
def test_the_highest_scores_are_kept(run):
    frames = merged(run)
    for f in frames:
        alike = [o for _, answer in run for o in answer if (o.type, o.filler) == (f.type, f.filler)]
        best = max((o.score for o in alike if o.score is not None), default=None)
        assert f.score == best
        assert f.attributes in [o.attributes for o in alike if o.score == best]
        for s in f.slots:
            place = (s.role, leads_to(s, frames))
            others = [
                other.score
                for _, answer in run
                for o in answer
                if (o.type, o.filler) == (f.type, f.filler)
                for other in o.slots
                if (other.role, leads_to(other, answer)) == place and other.score is not None
            ]
            assert s.score is None or s.score in others
            assert max(others, default=None) == max(
                (x.score for x in f.slots if (x.role, leads_to(x, frames)) == place and x.score is not None),
                default=None,
            )


@given(runs(), st.permutations(range(len(STARTS))))
def test_the_order_of_windows_does_not_matter(run, order):
    assert forms(merged(run[i] for i in order)) == forms(merged(run))


@given(runs())
def test_forgetting_what_no_later_window_holds_changes_nothing(run):
    assert forms(merged(run, forgets=True)) == forms(merged(run))


def test_relation_of_two_windows_is_one_though_what_is_before_them_is_forgotten():
    def relation(head: int, tail: int) -> Frame:
        return Frame("near", None, (slot("head", head), slot("tail", tail)))

    found = FoundFrames()
    found.add([relation(1, 2), relation(4, 5), Frame("a class")], window=0)
    found.forget(3)
    found.add([Frame("a class"), relation(4, 5), relation(5, 6)], window=1)
    assert found.merged() == [relation(1, 2), relation(4, 5), Frame("a class"), relation(5, 6)]


@given(runs(is_plain=True))
def test_merging_again_changes_nothing(run):
    once = merged(run)
    assert forms(merged([(0, once)])) == forms(once)
    assert forms(merged([(0, once), (1, once)])) == forms(once)


def test_references_lead_to_the_merged_event():
    first = [frame("Fire", 1, Slot("why", FrameRef(1))), frame("War", 2, slot("who", 3))]
    second = [frame("War", 2, slot("where", 5)), frame("Flood", 4, Slot("why", FrameRef(0)))]
    frames = merged([(0, first), (1, second)])
    assert frames == [
        frame("Fire", 1, Slot("why", FrameRef(1))),
        frame("War", 2, slot("who", 3), slot("where", 5)),
        frame("Flood", 4, Slot("why", FrameRef(1))),
    ]


def test_mention_that_another_window_knows_as_an_event_is_the_event():
    first = [frame("Fire", 1, slot("why", 2, 0.9), score=0.9)]
    second = [frame("Fire", 1, Slot("why", FrameRef(1), 0.5), score=0.1), frame("War", 2)]
    (fire, _) = merged([(0, first), (1, second)])
    assert fire.slots == (Slot("why", FrameRef(1)),)
    assert (fire.slots[0].score, fire.score) == (0.9, 0.9)


def test_two_events_that_one_window_gave_for_a_trigger_stay_two():
    pair = [frame("War", 2, slot("who", 1)), frame("War", 2, slot("who", 3))]
    assert merged([(0, pair)]) == pair
    assert merged([(0, pair), (1, [frame("War", 2, slot("where", 4))])]) == [
        *pair,
        frame("War", 2, slot("where", 4)),
    ]
    given_one_by_one = FoundFrames()
    for one in pair:
        given_one_by_one.add([one], window=0, are_events=True)
    assert given_one_by_one.merged() == pair


def test_frames_that_are_no_events_are_not_united():
    found = FoundFrames()
    entities = [frame("person", 1, score=0.2, status="alive"), frame("person", 1, score=0.8)]
    for window, entity in enumerate([*entities, frame("person", 1, score=0.9, status="alive")]):
        found.add([entity], window=window)
    assert [(f.attributes, f.score) for f in found.merged()] == [((("status", "alive"),), 0.9), ((), 0.8)]


def test_attributes_are_those_of_the_higher_score():
    both = [frame("War", 2, score=0.4, status="planned"), frame("War", 2, score=0.6, status="over")]
    for pair in itertools.permutations(both):
        assert united(pair).attributes == (("status", "over"),)
        assert united(pair).score == 0.6
