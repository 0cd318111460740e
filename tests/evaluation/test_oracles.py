# SPDX-License-Identifier: Apache-2.0
"""Flat entities under ``strict`` against seqeval and nervaluate."""

from __future__ import annotations

import os
import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from seqeval.metrics import f1_score
from seqeval.metrics.sequence_labeling import get_entities

from loremill.corpora import corpus, load
from loremill.evaluation import Prediction, Score, score_by_label, strict
from loremill.frames import Document, Frame
from loremill.schema import FrameType, Schema
from loremill.text import Mention

SCHEMA = Schema((FrameType("person"), FrameType("place")))
DATA = os.environ.get("LOREMILL_DATA", "")
needs_data = pytest.mark.skipif(not DATA or not (Path(DATA) / "conll2003").is_dir(), reason="needs LOREMILL_DATA")
places = st.tuples(st.sampled_from(["person", "place"]), st.integers(0, 10), st.integers(1, 4))
documents = st.lists(st.tuples(st.sets(places, max_size=5), st.sets(places, max_size=5)), min_size=1, max_size=4)


def frames(spans) -> tuple[Frame, ...]:
    """Those that do not overlap: nervaluate gives a gold span to the first prediction that overlaps it."""
    kept: list[Frame] = []
    for type_, start, length in sorted(spans, key=lambda span: span[1]):
        if not kept or kept[-1].filler.end <= start:
            kept.append(Frame(type_, Mention.at(start, start + length)))
    return tuple(kept)


def nervaluate_counts(gold, pred, types) -> dict[str, Score]:
    """What nervaluate counts as strict, in all and by type; its ends are inclusive."""
    nervaluate = pytest.importorskip("nervaluate")

    def dicts(docs):
        return [
            [{"label": f.type, "start": f.filler.start, "end": f.filler.end - 1} for f in doc_frames]
            for doc_frames in docs
        ]

    found = nervaluate.Evaluator(dicts(gold), dicts(pred), tags=list(types), loader="dict").evaluate()
    results = {"": found["overall"]["strict"], **{t: r["strict"] for t, r in found["entities"].items()}}
    return {name: Score(r.correct, r.actual, r.possible) for name, r in results.items()}


@given(documents)
@settings(max_examples=60, deadline=None)
def test_spans_score_as_nervaluate(docs):
    gold, pred = [frames(g) for g, _ in docs], [frames(p) for _, p in docs]
    rows = [Prediction(Document("x" * 20, frames=g), p) for g, p in zip(gold, pred, strict=True)]
    assert strict(rows, SCHEMA)["entities"] == nervaluate_counts(gold, pred, ["person", "place"])[""]


def tags_of(frames_, offsets) -> list[str]:
    tags = ["O"] * len(offsets)
    for frame in frames_:
        inside = [
            i for i, (start, end) in enumerate(offsets) if frame.filler.start <= start and end <= frame.filler.end
        ]
        for i in inside:
            tags[i] = f"{'B' if i == inside[0] else 'I'}-{frame.type}"
    return tags


def offsets_of(text: str) -> list[tuple[int, int]]:
    """One token per character: any span is a run of them."""
    return [(i, i + 1) for i in range(len(text))]


@needs_data
def test_real_entities_score_as_seqeval_and_nervaluate():
    schema = corpus("conll2003").schema_for()
    types = [t.name for t in schema]
    rng = random.Random(0)
    docs = [doc for doc, _ in zip(load("conll2003", "dev"), range(400), strict=False)]
    preds = []
    for doc in docs:
        kept = [f for f in doc.frames if rng.random() < 0.8]
        preds.append(tuple(Frame(rng.choice(types), f.filler) if rng.random() < 0.2 else f for f in kept))
    rows = [Prediction(doc, pred) for doc, pred in zip(docs, preds, strict=True)]
    ours = strict(rows, schema)["entities"]
    assert 0.3 < ours.f1 < 0.9
    gold_tags = [tags_of(doc.frames, offsets_of(doc.text)) for doc in docs]
    pred_tags = [tags_of(pred, offsets_of(doc.text)) for doc, pred in zip(docs, preds, strict=True)]
    assert len(get_entities(gold_tags)) == ours.gold
    assert f1_score(gold_tags, pred_tags, average="micro") == pytest.approx(ours.f1, abs=1e-12)
    theirs = nervaluate_counts([d.frames for d in docs], preds, types)
    assert theirs.pop("") == ours
    assert theirs == score_by_label(rows, schema, "entities")
