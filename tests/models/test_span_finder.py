# SPDX-License-Identifier: Apache-2.0
"""A span head beside a language model: found instead of written, in the text's own characters, whatever the batch."""

from __future__ import annotations

import json
import random
import shutil

import pytest
import torch
from transformers import BertConfig, BertModel

from loremill import Extractor
from loremill.errors import InputError, ModelError
from loremill.frames import Document
from loremill.models import load_model
from loremill.models.span_finder import SpanFinder, load, save
from loremill.models.span_head import SpanModel, decode
from loremill.prompt import Demonstrations

from ..tiny import byte_level, word_piece

TEXTS = [
    "Ada Lovelace lived in London.",
    "  BOB — of  Lyon!",
    "Rebels attacked the town on Monday. Ada fled, and Bob of Lyon followed her to London.",
    "nobody",
]
LABELS = ("person", "city")


def random_head(seed=0, width=4):
    torch.manual_seed(seed)
    sizes = {"hidden_size": 16, "num_attention_heads": 2, "intermediate_size": 11, "num_hidden_layers": 2}
    encoder = BertModel(BertConfig(vocab_size=len(word_piece()), **sizes), add_pooling_layer=False)
    model = SpanModel(encoder, max_width=width)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(0.4 * torch.randn_like(parameter))
    return model.eval()


@pytest.fixture(scope="module")
def folder(tiny, tmp_path_factory):
    made = tmp_path_factory.mktemp("with-spans") / "model"
    shutil.copytree(tiny("WordPiece"), made)
    save(made, random_head(), threshold=0.4, is_nested=False)
    return made


@pytest.fixture
def model(folder):
    return load_model(str(folder), device="cpu", batch_size=2)


def spans_of(extraction):
    return [(f.type, f.filler.start, f.filler.end, f.score) for f in extraction.frames if f.filler is not None]


def test_what_is_saved_is_what_is_loaded(folder, tmp_path):
    head = random_head()
    finder = load(folder, word_piece())
    assert (finder.threshold, finder.is_nested, finder.model.max_width) == (0.4, False, 4)
    for name, value in head.state_dict().items():
        torch.testing.assert_close(finder.model.state_dict()[name], value.half().float(), rtol=0, atol=0)
    assert load(tmp_path, word_piece()) is None


def test_found_is_what_the_head_proposes_and_goes_together(folder):
    finder = load(folder, word_piece())
    items = [finder.encode(LABELS, text) for text in TEXTS]
    found = finder.find(items, [None] * len(items))
    for spans, proposed in zip(found, finder.model.propose(items, threshold=0.4), strict=True):
        assert {(s.start, s.end, s.label, s.score) for s in spans} == {
            (f.start, f.end, f.type, f.score) for f in decode(proposed, 0.4)
        }
        assert list(spans) == sorted(spans, key=lambda s: s.start)
    assert any(found)


def test_each_text_has_its_own_threshold(folder):
    finder = load(folder, word_piece())
    items = [finder.encode(LABELS, TEXTS[2])] * 3
    few, usual, many = finder.find(items, [0.99, None, 0.01])
    assert len(few) <= len(usual) <= len(many)
    assert len(few) < len(many)
    assert all(s.score >= 0.4 for s in usual)


def test_extraction_takes_mentions_from_the_head_at_their_characters(model):
    extractor = Extractor(model, list(LABELS))
    assert extractor.identity["entities by"] == "span head, threshold its own"
    finder = model.spans
    for text in (TEXTS[0], TEXTS[1], TEXTS[3]):  # of one sentence, so of one window
        extraction = extractor.extract(text)
        (expected,) = finder.find([finder.encode(LABELS, text)], [None])
        assert spans_of(extraction) == [(LABELS[s.label], s.start, s.end, s.score) for s in expected]
        assert extraction.usage.completion_tokens == 0
        assert extraction.usage.prompt_tokens > 0


def test_batch_equals_one_by_one(model):
    extractor = Extractor(model, list(LABELS))
    texts = [*TEXTS, *reversed(TEXTS)]
    for together, text in zip(extractor.extract(texts), texts, strict=True):
        alone = extractor.extract(text)
        assert [s[:3] for s in spans_of(together)] == [s[:3] for s in spans_of(alone)]
        assert [s[3] for s in spans_of(together)] == pytest.approx([s[3] for s in spans_of(alone)], abs=1e-5)


def test_a_lower_threshold_finds_more(model):
    found = {t: spans_of(Extractor(model, list(LABELS), span_threshold=t).extract(TEXTS[2])) for t in (0.05, 0.9)}
    assert len(found[0.05]) > len(found[0.9])
    with pytest.raises(InputError, match="span_threshold needs to be above 0"):
        Extractor(model, list(LABELS), span_threshold=0.0)


class NoExamples(Demonstrations):
    def select(self, text, schema):
        return [Document("Ada left.", "e")]


@pytest.mark.parametrize(
    ("settings", "schema"),
    [
        ({"span_head": False}, list(LABELS)),
        ({"grammar": False}, list(LABELS)),
        ({"demonstrations": NoExamples()}, list(LABELS)),
        ({}, "lives_in(person, city)"),
    ],
)
def test_the_model_writes_what_the_head_is_not_asked_for(model, settings, schema):
    extractor = Extractor(model, schema, **settings)
    assert "entities by" not in extractor.identity or "lives_in" in schema
    wanted = [request for request in asked(extractor) if request.prompt.family != "entities" or settings]
    assert wanted
    assert all(request.labels is None for request in wanted)


def asked(extractor):
    return [
        extractor.asker.about(part, TEXTS[0], extractor.model.view(TEXTS[0]))[0] for part in extractor.asker.each_part()
    ]


def test_a_model_without_a_head_writes(tiny):
    plain = load_model(str(tiny("WordPiece")), device="cpu")
    assert "spans" not in plain.can
    assert all(request.labels is None for request in asked(Extractor(plain, list(LABELS))))
    assert "spans" not in plain.identity


def test_the_head_is_part_of_the_models_identity(folder, model, tmp_path):
    other = tmp_path / "other"
    shutil.copytree(folder, other)
    save(other, random_head(seed=1), threshold=0.4, is_nested=False)
    assert load_model(str(other)).identity["spans"] != model.identity["spans"]


def test_int8_finds_nearly_the_same(folder):
    exact, rounded = (load_model(str(folder), device="cpu", dtype=dtype).spans for dtype in ("float32", "int8"))
    items = [exact.encode(LABELS, text) for text in TEXTS]
    a, b = (torch.sigmoid(finder.model(items)[0]) for finder in (exact, rounded))
    assert (a - b).abs().mean() < 0.1  # of random weights, far from trained ones; 8 bits of each row
    assert not torch.equal(a, b)


def test_a_batch_that_does_not_fit_is_read_row_by_row(model, monkeypatch):
    texts = [TEXTS[3], TEXTS[0], TEXTS[1]]
    wanted = Extractor(model, LABELS).extract(texts)
    longest = model.spans.encode(LABELS, texts[1]).tokens
    find = SpanFinder.find

    def full(self, items, thresholds):
        if len(items) > 1 or items[0].tokens == longest:
            raise RuntimeError("can't allocate memory\nbacktrace")
        return find(self, items, thresholds)

    monkeypatch.setattr(SpanFinder, "find", full)
    found = Extractor(model, LABELS).extract(texts)
    assert found[1].error == "can't allocate memory"
    assert [found[i].frames for i in (0, 2)] == [wanted[i].frames for i in (0, 2)]
    assert wanted[2].frames


def test_a_text_that_is_too_long_costs_its_own_document(model):
    rng = random.Random(0)
    long = " ".join("".join(rng.choices("abcdefgh", k=8)) for _ in range(700))
    with pytest.raises(ModelError, match="the span head takes 512"):
        model.spans.encode(LABELS, long)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"threshold": 0}, "above 0 and at most 1, got 0"),
        ({"max_width": "x"}, "cannot be loaded"),
        ({"encoder": {"hidden_size": 18, "num_attention_heads": 2}}, "cannot be loaded"),
        ({"threshold": None}, "cannot be loaded"),
    ],
)
def test_a_head_that_cannot_be_used_is_told(folder, tmp_path, change, message):
    shutil.copytree(folder / "spans", tmp_path / "spans")
    config = json.loads((tmp_path / "spans" / "config.json").read_text())
    (tmp_path / "spans" / "config.json").write_text(json.dumps({**config, **change}))
    with pytest.raises(ModelError, match=message):
        load(tmp_path, word_piece())


@pytest.mark.parametrize("kind", ["byte-level", "none"])
def test_a_head_needs_its_own_tokenizer(folder, tmp_path, kind):
    other = byte_level() if kind == "byte-level" else None
    with pytest.raises(ModelError, match="needs its own tokenizer"):
        load(folder, other)
    shutil.copytree(folder / "spans", tmp_path / "spans")
    word_piece().save_pretrained(tmp_path / "spans")
    brought = load(tmp_path, other)
    assert brought.encode(LABELS, TEXTS[0]) == load(folder, word_piece()).encode(LABELS, TEXTS[0])


def test_a_threshold_is_a_probability():
    with pytest.raises(ModelError, match="threshold of a span head"):
        SpanFinder(random_head(), word_piece(), threshold=1.5)
