# SPDX-License-Identifier: Apache-2.0
"""Augmented items: frames of asked types only, references that hold, labels apart, and chance from the seed alone."""

from __future__ import annotations

import os
import random
import subprocess
import sys

from hypothesis import given
from hypothesis import strategies as st

from loremill.formats.lexicon import fold
from loremill.frames import Frame, FrameRef, Slot
from loremill.schema.types import FrameType, Schema, SlotType
from loremill.text import Mention
from loremill.training.augmentation import VAGUE, augment
from loremill.training.config import Augmentation

EVENTS = Schema(
    tuple(
        FrameType(name, label, family="events", slots=(SlotType("who"), SlotType("when"), SlotType("cause")))
        for name, label in [("attack", ""), ("sale", ""), ("strike", ""), ("meet_up", "meeting"), ("trial", "")]
    )
)
ALIASES = {"attack": ("assault", "strike"), "sale": ("deal",), "trial": ("Meeting", "court case")}
NEGATIVES = [
    *(FrameType(name, family="events") for name in ("birth", "deal", "other", "Attack", "fire", "flood")),
    FrameType("birth2", "Birth", family="events"),
    FrameType("assault", "beating", family="events"),
]
probability = st.sampled_from([0.0, 0.3, 1.0])
settings_of = st.builds(
    Augmentation,
    shuffle=st.booleans(),
    drop=probability,
    negatives=probability,
    alias=probability,
    drop_roles=probability,
    max_types=st.integers(1, 6),
    max_type_words=st.sampled_from([0, 1, 8, 30]),
    parts=probability,
    mask=probability,
    definitions=probability,
)


@st.composite
def frame_lists(draw):
    count = draw(st.integers(0, 6))
    made = []
    for i in range(count):
        fillers = st.builds(Mention.at, st.just(3 * i), st.integers(3 * i + 1, 3 * i + 2))
        if count > 1:
            fillers |= st.sampled_from([FrameRef(j) for j in range(count) if j != i])
        slots = st.lists(st.builds(Slot, st.sampled_from(["who", "when", "cause"]), fillers), max_size=3)
        name = draw(st.sampled_from([t.name for t in EVENTS]))
        made.append(Frame(name, Mention.at(3 * i, 3 * i + 1), tuple(draw(slots))))
    return made


def variant(frames, settings, seed, *, aliases=ALIASES, negatives=NEGATIVES):
    return augment(EVENTS, frames, aliases=aliases, negatives=negatives, rng=random.Random(seed), settings=settings)


@given(frames=frame_lists(), settings=settings_of, seed=st.integers(0, 10**6))
def test_frames_are_those_of_the_asked_types_in_their_order(frames, settings, seed):
    asked, answer = variant(frames, settings, seed)
    kept = [f for f in frames if f.type in asked]
    assert [(f.type, f.filler) for f in answer] == [(f.type, f.filler) for f in kept]
    own = {t.name for t in EVENTS}
    assert all(f.type in own for f in answer)


@given(frames=frame_lists(), settings=settings_of, seed=st.integers(0, 10**6))
def test_slots_are_those_of_asked_roles_and_point_at_the_frames_they_pointed_at(frames, settings, seed):
    asked, answer = variant(frames, settings, seed)
    kept = [f for f in frames if f.type in asked]
    for frame, before in zip(answer, kept, strict=True):
        expected = []
        for slot in before.slots:
            target = frames[slot.filler.index] if isinstance(slot.filler, FrameRef) else None
            if slot.role not in {s.name for s in asked[before.type].slots} or (target and target.type not in asked):
                continue
            expected.append((slot.role, target.filler if target else slot.filler))
        found = [
            (s.role, answer[s.filler.index].filler if isinstance(s.filler, FrameRef) else s.filler) for s in frame.slots
        ]
        assert found == expected


@given(frames=frame_lists(), settings=settings_of, seed=st.integers(0, 10**6))
def test_no_two_types_are_worded_alike(frames, settings, seed):
    asked, _ = variant(frames, settings, seed)
    labels = [fold(t.label) for t in asked]
    assert len(set(labels)) == len(labels)
    assert len(asked) <= settings.max_types + 3  # negatives come on top


@given(frames=frame_lists(), settings=settings_of, seed=st.integers(0, 10**6))
def test_added_types_could_not_be_meant_by_the_data_set(frames, settings, seed):
    asked, _ = variant(frames, settings, seed)
    own = {t.name for t in EVENTS}
    meant = {fold(w) for t in EVENTS for w in (t.name, t.label, *ALIASES.get(t.name, ()))} | VAGUE
    for t in asked:
        if t.name not in own:
            assert fold(t.name) not in meant
            assert fold(t.label) not in meant


@given(frames=frame_lists(), settings=settings_of, seed=st.integers(0, 10**6))
def test_variant_is_a_function_of_the_seed(frames, settings, seed):
    assert variant(frames, settings, seed) == variant(frames, settings, seed)


@given(frames=frame_lists())
def test_nothing_changes_without_chances(frames):
    still = Augmentation(shuffle=False, drop=0.0, negatives=0.0, alias=0.0, drop_roles=0.0)
    assert variant(frames, still, 0) == (EVENTS, tuple(frames))


def test_a_large_schema_is_asked_in_parts_at_random_or_with_what_is_there_first():
    types = [FrameType(f"kind{i}") for i in range(50)]
    frames = [Frame(f"kind{i}", Mention.at(i, i + 1)) for i in range(4)]

    def found(parts):
        settings = Augmentation(drop=0.0, negatives=0.0, alias=0.0, max_types=12, parts=parts)
        for seed in range(100):
            asked, answer = augment(
                Schema(tuple(types)), frames, aliases={}, negatives=[], rng=random.Random(seed), settings=settings
            )
            assert 2 <= len(asked) <= 12
            yield len(answer)

    assert set(found(0.0)) == {2, 3, 4}
    at_random = list(found(1.0))
    assert 0 in at_random
    assert 0.3 < sum(at_random) / len(at_random) < 0.9  # 4 * 7 / 50


def test_a_part_keeps_to_a_number_of_words_but_has_a_type():
    types = [FrameType(f"kind{i}", label=f"kind number {i}", description="a kind of thing") for i in range(9)]
    for definitions, most in ((0.0, 4), (1.0, 1)):
        settings = Augmentation(drop=0.0, alias=0.0, definitions=definitions, max_type_words=12)
        sizes = {
            len(augment(Schema(tuple(types)), [], aliases={}, negatives=[], rng=random.Random(s), settings=settings)[0])
            for s in range(30)
        }
        assert max(sizes) == most


def test_every_kind_of_variation_occurs():
    chances = Augmentation(shuffle=True, drop=0.5, negatives=0.5, alias=0.5, drop_roles=0.5)
    variants = [variant([], chances, seed)[0] for seed in range(60)]
    names = {t.name for t in EVENTS}
    assert any(not names <= {t.name for t in asked} for asked in variants)
    assert any(t.name == "birth" for asked in variants for t in asked)
    assert any(t.label == "court case" for asked in variants for t in asked)
    assert any(t.name in names and len(t.slots) < 3 for asked in variants for t in asked)
    assert len({tuple(t.name for t in asked) for asked in variants}) > 30


DEFINED = Schema(
    (
        *(FrameType(n, family="events", description=f"What is meant by {n}.") for n in ("a", "b", "c", "type 2")),
        FrameType("d", family="events"),
    )
)


def masked_variant(seed, **chances):
    still = {"shuffle": False, "drop": 0.0, "negatives": 0.0, "alias": 0.0, "drop_roles": 0.0}
    settings = Augmentation(**{**still, **chances})
    return augment(DEFINED, [Frame("b")], aliases={}, negatives=[], rng=random.Random(seed), settings=settings)


def test_masked_type_keeps_its_name_and_definition():
    asked, answer = masked_variant(0, mask=1.0, definitions=0.0)
    assert [t.name for t in asked] == [t.name for t in DEFINED]
    assert all(t.label.startswith("type ") and t.label != t.name for t in asked if t.name != "d")
    assert [t.description for t in asked] == [t.description for t in DEFINED]
    assert len({t.label for t in asked}) == 5
    assert answer == (Frame("b"),)


def test_type_without_a_definition_is_never_masked():
    assert all(masked_variant(seed, mask=1.0)[0]["d"].label == "d" for seed in range(20))


def test_each_type_is_masked_by_itself():
    shares = [sum(t.label != t.name for t in masked_variant(seed, mask=0.25)[0]) for seed in range(400)]
    assert 300 < sum(shares) < 500  # 4 types x 400 x 0.25
    assert {0, 1, 2} <= set(shares)


def test_definitions_are_left_out_together():
    told = [any(t.description for t in masked_variant(seed, definitions=0.7)[0]) for seed in range(300)]
    assert 180 < sum(told) < 240


_PRINT = """
import random
from tests.training.test_augmentation import EVENTS, variant
from loremill.training.config import Augmentation
print([variant([], Augmentation(), f"7/{i}") for i in range(20)])
"""


def test_chance_does_not_depend_on_the_order_of_sets(request):
    found = {
        subprocess.run(  # noqa: S603
            [sys.executable, "-c", _PRINT],
            check=True,
            capture_output=True,
            text=True,
            cwd=request.config.rootpath,
            env={**os.environ, "PYTHONHASHSEED": seed},
        ).stdout
        for seed in ("1", "2")
    }
    assert len(found) == 1
    assert "FrameType" in found.pop()
