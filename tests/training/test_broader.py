# SPDX-License-Identifier: Apache-2.0
"""Broader types beside or instead of narrower ones: the narrowest that is asked for is the answer."""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from loremill.corpora import Source
from loremill.frames import Frame
from loremill.schema.types import FrameType, Schema
from loremill.text import Mention
from loremill.training.augmentation import answering, augment
from loremill.training.broader import as_asked, with_broader
from loremill.training.config import Augmentation
from loremill.training.examples import negatives_of

TYPES = (FrameType("country"), FrameType("city"), FrameType("actor"), FrameType("year"))
BROADER = {"country": ["location"], "city": ["location"], "actor": ["person", "living being"]}


def frame(name, start=0):
    return Frame(name, Mention.at(start, start + 1))


def names(types):
    return [t.name for t in types]


def test_what_is_asked_for_beside_a_narrower_type_gets_the_rest():
    frames = [frame("country"), frame("city", 2), frame("actor", 4)]
    asked = (FrameType("country"), FrameType("location", "place"))
    assert [f.type for f in as_asked(frames, asked, BROADER)] == ["country", "location", "actor"]
    assert [f.type for f in answering(frames, Schema(asked), BROADER)] == ["country", "location"]
    by_label = (FrameType("being", "Living Being"),)
    assert [f.type for f in answering(frames, Schema(by_label), BROADER)] == ["being"]
    assert answering(frames, Schema((FrameType("year"),)), BROADER) == ()


def test_a_mention_is_of_one_type():
    both = [frame("country"), frame("city")]
    assert names_of(answering(both, Schema((FrameType("location"),)), BROADER)) == ["location"]
    assert names_of(answering(both, Schema((FrameType("location"), FrameType("city"))), BROADER)) == ["city"]


def names_of(frames):
    return [f.type for f in frames]


@given(st.integers(0, 10**6), st.sets(st.sampled_from([t.name for t in TYPES])))
def test_broader_types_are_asked_for_and_narrower_ones_may_go(seed, present):
    asked = with_broader(TYPES, present, BROADER, random.Random(seed))
    labels = {t.label for t in asked if t not in TYPES}
    assert 1 <= len(labels) <= 3
    gone = {t.name for t in TYPES} - set(names(asked))
    assert all(labels.intersection(BROADER[name]) for name in gone)
    if wanted := {label for name in present for label in BROADER.get(name, ())}:
        assert labels & wanted


def test_types_that_are_kinds_of_nothing_stay_as_they_are():
    assert with_broader(TYPES[3:], {"year"}, BROADER, random.Random(0)) == list(TYPES[3:])


def test_the_broader_type_may_be_there_already():
    types = (TYPES[0], TYPES[1], FrameType("location", "somewhere"))
    for seed in range(20):
        asked = with_broader(types, {"city"}, BROADER, random.Random(seed))
        assert names(asked).count("location") == 1
        assert set(names(asked)) <= {t.name for t in types}


def test_items_hold_the_same_mentions_whichever_of_the_types_are_asked_for():
    frames = [frame("country"), frame("city", 2)]
    settings = Augmentation(drop=0.0, negatives=0.0, alias=0.0, broader=1.0)
    seen = set()
    for seed in range(50):
        rng = random.Random(seed)
        asked, answer = augment(
            Schema(TYPES[:2]), frames, aliases={}, negatives=[], rng=rng, settings=settings, broader=BROADER
        )
        assert [f.filler for f in answer] == [f.filler for f in frames]
        assert "location" in asked
        seen.add(tuple(names_of(answer)))
    assert seen == {(a, b) for a in ("country", "location") for b in ("city", "location")}


def test_types_that_a_set_may_mean_are_no_negatives_of_it():
    def source(name, types, broader, *, is_partial=False):
        schema = Schema(tuple(FrameType(t) for t in types))
        return Source(name, "entities", schema, [], {}, is_partial=is_partial, broader=broader)

    news = source("news", ["person", "location"], {})
    films = source("films", ["actor", "year"], {"actor": ["person"]})
    trips = source("trips", ["city", "meal"], {"city": ["location"]})
    rules = source("rules", ["river"], {"river": ["location"]}, is_partial=True)
    found = {name: names(types) for (name, _), types in negatives_of([news, films, trips, rules]).items()}
    assert found == {
        "news": ["year", "meal"],
        "films": ["location", "city", "meal"],
        "trips": ["person", "actor", "year"],
        "rules": [],
    }
