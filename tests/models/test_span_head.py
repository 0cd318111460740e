# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers
from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

from loremill.models.span_head import MARKER, START_BIAS, Found, SpanModel, decode, encode
from loremill.models.wordpiece import LOWER, TITLE, UPPER

VOCABULARY = [
    "[PAD]",
    "[UNK]",
    "[CLS]",
    "[SEP]",
    MARKER,
    "person",
    "place",
    "ada",
    "ly",
    "##on",
    "went",
    "to",
    ".",
    "-",
]
TEXT = "Ada WENT to Lyon."
SPELT = ["ada", "went", "to", "ly", "##on", "."]
WIDTH = 3


@pytest.fixture(scope="module")
def tokenizer() -> PreTrainedTokenizerFast:
    made = Tokenizer(models.WordPiece({t: i for i, t in enumerate(VOCABULARY)}, unk_token="[UNK]"))  # noqa: S106
    made.normalizer = normalizers.BertNormalizer(lowercase=True)
    made.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    names = {"cls_token": "[CLS]", "sep_token": "[SEP]", "pad_token": "[PAD]", "unk_token": "[UNK]"}
    return PreTrainedTokenizerFast(tokenizer_object=made, **names)


@pytest.fixture
def model() -> SpanModel:
    torch.manual_seed(0)
    sizes = {"hidden_size": 14, "num_attention_heads": 2, "intermediate_size": 11, "num_hidden_layers": 2}
    encoder = BertModel(BertConfig(vocab_size=len(VOCABULARY), **sizes), add_pooling_layer=False)
    made = SpanModel(encoder, max_width=WIDTH)
    with torch.no_grad():
        for parameter in made.parameters():
            parameter.add_(0.3 * torch.randn_like(parameter))
    return made.eval()


def items(tokenizer):
    return [
        encode(tokenizer, ["person", "place"], TEXT, [(0, 3, 0), (12, 16, 1)], max_width=WIDTH),
        encode(tokenizer, ["place"], "to Ada", [(3, 6, 0)], max_width=WIDTH),
    ]


def test_item_tells_where_types_and_words_stand(tokenizer):
    item, _ = items(tokenizer)
    tokens = tokenizer.convert_ids_to_tokens(item.input_ids)
    assert tokens == ["[CLS]", MARKER, "person", MARKER, "place", "[SEP]", *SPELT, "[SEP]"]
    assert item.markers == (1, 3)
    assert [TEXT[a:b] for a, b in item.places] == ["Ada", "WENT", "to", "Lyon", "."]
    assert item.edges == ((6, 6), (7, 7), (8, 8), (9, 10), (11, 11))
    assert [item.cases[i] for i in (6, 7, 8, 9, 10)] == [TITLE, UPPER, LOWER, TITLE, TITLE]
    assert item.gold == ((0, 0, 0), (3, 3, 1))


@pytest.mark.parametrize("span", [(0, 2), (1, 3), (0, 16)])
def test_spans_inside_words_or_too_wide_are_counted_as_out_of_reach(tokenizer, span):
    item = encode(tokenizer, ["person"], TEXT, [(*span, 0), (0, 3, 0)], max_width=WIDTH)
    assert item.gold == ((0, 0, 0),)
    assert item.unreachable == 1


def test_logits_are_those_of_a_loop_over_spans_and_types(tokenizer, model):
    batch = items(tokenizer)
    logits, exist = model(batch)
    for row, item in enumerate(batch):
        ids = torch.tensor([item.input_ids])
        hidden = model.encoder(input_ids=ids, token_type_ids=torch.tensor([item.cases])).last_hidden_state[0]
        types = model.type_head(hidden[list(item.markers)])
        seen = 0
        for i, (first, _) in enumerate(item.edges):
            for width in range(min(WIDTH, len(item.edges) - i)):
                span = torch.relu(model.first(hidden[first]) + model.last(hidden[item.edges[i + width][1]]))
                expected = types @ span / math.sqrt(14) + model.bias
                torch.testing.assert_close(logits[row, i, width, : len(types)], expected, rtol=1e-4, atol=1e-5)
                assert exist[row, i, width, : len(types)].all()
                seen += len(types)
        assert int(exist[row].sum()) == seen


def test_loss_is_the_cross_entropy_of_existing_spans_by_word(tokenizer, model):
    batch = items(tokenizer)
    logits, exist = model(batch)
    total = 0.0
    for b, i, width, t in exist.nonzero().tolist():
        p = 1 / (1 + math.exp(-logits[b, i, width, t].item()))
        total -= math.log(p if (i, i + width, t) in batch[b].gold else 1 - p)
    assert model.loss(batch).item() == pytest.approx(total / 7, rel=1e-4)


def test_every_parameter_learns_and_the_loss_falls(tokenizer, model):
    batch = items(tokenizer)
    optimizer = torch.optim.AdamW(model.parameters(), lr=0.005)
    losses = []
    for _ in range(400):
        loss = model.loss(batch)
        loss.backward()
        if not losses:
            idle = {n for n, p in model.named_parameters() if p.grad is None or not p.grad.abs().sum()}
            assert all(name.endswith("key.bias") for name in idle)  # to which softmax is blind
        optimizer.step()
        optimizer.zero_grad()
        losses.append(loss.item())
    assert losses[-1] < 0.2 * losses[0]
    found = [decode(spans, 0.5) for spans in model.propose(batch, threshold=0.1)]
    assert [[(f.start, f.end, f.type) for f in spans] for spans in found] == [[(0, 3, 0), (12, 16, 1)], [(3, 6, 0)]]


def test_head_starts_with_few_spans(tokenizer):
    torch.manual_seed(0)
    config = BertConfig(vocab_size=len(VOCABULARY), hidden_size=12, num_attention_heads=2, num_hidden_layers=1)
    logits, _ = SpanModel(BertModel(config, add_pooling_layer=False)).eval()(items(tokenizer))
    assert float(logits.detach().mean()) == pytest.approx(START_BIAS, abs=1.0)


def test_item_without_words_has_no_spans(tokenizer, model):
    item = encode(tokenizer, ["person"], " ", max_width=WIDTH)
    assert item.edges == ()
    assert model.propose([item, *items(tokenizer)], threshold=0.0)[0] == []


FOUND = [Found(0.9, 0, 6, 0), Found(0.8, 4, 9, 0), Found(0.7, 2, 5, 1), Found(0.6, 0, 6, 1), Found(0.4, 10, 12, 0)]


@pytest.mark.parametrize(
    ("threshold", "is_nested", "kept"),
    [(0.5, False, [0]), (0.3, False, [0, 4]), (0.5, True, [0, 2]), (0.95, True, [])],
)
def test_decoding_takes_the_best_spans_that_go_together(threshold, is_nested, kept):
    assert decode(FOUND, threshold, is_nested=is_nested) == [FOUND[i] for i in kept]


spans = st.builds(
    lambda score, start, size, kind: Found(score, start, start + size, kind),
    *(st.sampled_from([0.2, 0.5, 0.9]), st.integers(0, 12), st.integers(1, 6), st.integers(0, 2)),
)


@given(st.lists(spans, max_size=12), st.booleans(), st.randoms())
def test_decoding_crosses_nothing_and_is_the_same_in_any_order(found, is_nested, rng):
    kept = decode(found, 0.5, is_nested=is_nested)
    assert all(f.score >= 0.5 for f in kept)
    for i, a in enumerate(kept):
        for b in kept[:i]:
            shared = min(a.end, b.end) - max(a.start, b.start)
            assert shared <= 0 or (is_nested and shared == min(a.end - a.start, b.end - b.start))
            assert (a.start, a.end) != (b.start, b.end)
    mixed = list(found)
    rng.shuffle(mixed)
    assert decode(mixed, 0.5, is_nested=is_nested) == kept
