# SPDX-License-Identifier: Apache-2.0
"""Samples are seeded and nested, data sets are weighed by the formula, and types are parted."""

import math
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loremill.corpora import partition, sample_documents
from loremill.corpora.sampling import keep_types, repeats, sample
from loremill.errors import InputError, UnknownNameError
from loremill.frames import Document, Frame, FrameRef, Slot
from loremill.schema import FrameType, Schema, SlotType
from loremill.text import Mention

DOCS = [Document(f"text {i}", f"d{i}") for i in range(400)]
SCHEMA = Schema(
    (
        *(FrameType(name) for name in ("person", "city", "river", "firm", "film")),
        FrameType("lives_in", family="relations", slots=(SlotType("head", types=("person",)), SlotType("tail"))),
        FrameType("owns", family="relations", slots=(SlotType("head", types=("person", "firm")), SlotType("tail"))),
    )
)


@pytest.mark.parametrize(("fraction", "count"), [(0.01, 4), (0.05, 20), (0.1, 40), (1.0, 400), (0.0001, 1)])
def test_fraction_is_of_the_documents_and_at_least_one(fraction, count):
    docs = sample_documents(DOCS, fraction=fraction, seed=1)
    assert len(docs) == count
    assert docs == [doc for doc in DOCS if doc in docs]


def test_smaller_fractions_lie_in_larger_ones():
    one, five, ten = ({d.id for d in sample_documents(DOCS, fraction=f, seed=3)} for f in (0.01, 0.05, 0.1))
    assert one < five < ten
    assert {d.id for d in sample_documents(DOCS, fraction=0.05, seed=4)} != five


def test_limit_is_a_sample_too():
    limited = sample_documents(DOCS, limit=20, seed=3)
    assert limited == sample_documents(DOCS, fraction=0.05, seed=3)
    assert limited != DOCS[:20]
    assert sample_documents(DOCS, limit=1000, seed=3) == DOCS


@given(st.lists(st.text(), unique=True, min_size=1, max_size=30), st.integers(0, 30), st.integers(0, 9), st.data())
def test_an_item_that_is_taken_away_changes_nothing_about_the_others(items, count, seed, data):
    kept = sample(items, count, seed=seed, id_of=str)
    assert len(kept) == min(count, len(items))
    gone = data.draw(st.sampled_from(items))
    left = sample([item for item in items if item != gone], count, seed=seed, id_of=str)
    assert set(kept) - {gone} <= set(left)


def test_without_settings_repeats_are_those_wanted():
    wanted = [1.0, 0.1, 3.7, 1 / 3]
    assert repeats([3, 7, 11, 13], wanted) == wanted


@pytest.mark.parametrize("temperature", [0.5, 1.0, 2.0, 5.0, math.inf])
def test_shares_follow_the_temperature(temperature):
    sizes = [10_000, 1_000, 100]
    times = repeats(sizes, [1.0, 1.0, 2.0], temperature=temperature, documents=6_000)
    seen = [n * t for n, t in zip(sizes, times, strict=True)]
    assert sum(seen) == pytest.approx(6_000)
    assert seen[1] / seen[0] == pytest.approx((1_000 / 10_000) ** (1 / temperature))
    assert seen[2] / seen[1] == pytest.approx((200 / 1_000) ** (1 / temperature))


def test_cap_limits_what_counts():
    assert repeats([100, 10], [1.0, 1.0], cap=50) == [0.5, 1.0]
    assert repeats([100, 10], [1.0, 1.0], cap=20, documents=60) == pytest.approx([0.4, 2.0])


def test_without_a_number_an_epoch_stays_as_long():
    sizes = [900, 100]
    times = repeats(sizes, [1.0, 1.0], temperature=math.inf)
    assert times == pytest.approx([500 / 900, 5.0])


def test_set_without_documents_is_not_seen():
    assert repeats([0, 10], [1.0, 1.0], temperature=2.0) == [0.0, 1.0]


def test_named_types_are_unseen():
    seen, unseen = partition(SCHEMA, unseen=["river", "person"])
    assert unseen == ("person", "river")
    assert [t.name for t in seen] == ["city", "firm", "film", "lives_in", "owns"]
    assert seen["owns"].slot("head").types == ("firm",)


@given(st.floats(0, 0.99), st.integers(0, 5))
def test_share_is_of_each_family_and_nested(share, seed):
    seen, unseen = partition(SCHEMA, share=share, seed=seed)
    assert {t.name for t in seen} | set(unseen) == {t.name for t in SCHEMA}
    assert not {t.name for t in seen} & set(unseen)
    assert seen.families == SCHEMA.families
    counts = Counter(SCHEMA[name].family for name in unseen)
    assert counts["entities"] == min(round(share * 5), 4)
    assert set(unseen) <= set(partition(SCHEMA, share=0.99, seed=seed)[1])


def test_no_type_or_an_unknown_one_is_refused():
    with pytest.raises(InputError, match="all types of the schema are unseen"):
        partition(Schema((FrameType("person"),)), unseen=["person"])
    with pytest.raises(UnknownNameError, match=r"unknown type 'persons'\. Did you mean 'person'"):
        partition(SCHEMA, unseen=["persons"])


def test_frames_of_other_types_go_and_what_pointed_at_them_gets_their_mention():
    head, tail = Mention.at(0, 3), Mention.at(8, 12)
    doc = Document(
        "Ada has Acme",
        frames=(
            Frame("person", head),
            Frame("firm", tail),
            Frame("owns", None, (Slot("head", FrameRef(0)), Slot("tail", FrameRef(1)))),
        ),
    )
    kept = keep_types(doc, SCHEMA.only(["firm", "owns"]))
    assert kept.frames == (
        Frame("firm", tail),
        Frame("owns", None, (Slot("head", head), Slot("tail", FrameRef(0)))),
    )
    assert keep_types(doc, SCHEMA) is doc
