# SPDX-License-Identifier: Apache-2.0
"""A head limited to what the grammar allows writes the same, with the same renormalised probabilities."""

from __future__ import annotations

import threading
from unittest import mock

import pytest
import torch
from torch import nn

from loremill.formats import listing
from loremill.models import grammar_mask
from loremill.models.limited_head import limited_head
from loremill.prompt import Request
from loremill.schema.types import FrameType, Schema

SCHEMA = Schema((FrameType("person"), FrameType("location")))
TEXTS = ["Ada Lovelace was in Coimbra, Portugal", "fox", "the U.S. Navy bombed rebels on Monday", "北京是中国的首都"]


class Headed(nn.Module):
    def __init__(self, head: nn.Module) -> None:
        super().__init__()
        self.head = head

    def get_output_embeddings(self) -> nn.Module:
        return self.head

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.head(x)


def asked(model, schema=SCHEMA, tokens=20):
    for text in TEXTS:
        rules = listing.grammar(schema, model.view(text).text, model.writing, max_items=4)
        yield Request(listing.prompt(schema, text), rules, tokens)


@pytest.fixture
def seen(monkeypatch):
    """Widths of the logits that the processor was given; the head is limited whenever it can be."""
    monkeypatch.setattr(grammar_mask, "_FEW", 1)
    widths: list[int] = []
    mask = grammar_mask.GrammarProcessor.mask

    def noting(self, input_ids, scores):
        widths.append(scores.shape[-1])
        return mask(self, input_ids, scores)

    monkeypatch.setattr(grammar_mask.GrammarProcessor, "mask", noting)
    return widths


@pytest.mark.parametrize("kind", ["byte-level", "SentencePiece", "WordPiece", "chat"])
def test_limited_head_writes_what_the_whole_head_writes(tiny_model, seen, kind):
    model = tiny_model(kind)
    limited = list(model.complete(asked(model)))
    vocabulary = model.model.config.vocab_size
    assert max(seen) < vocabulary
    seen.clear()
    model.raw_logprobs = True
    whole = list(model.complete(asked(model)))
    assert set(seen) == {vocabulary}
    for one, other in zip(limited, whole, strict=True):
        assert (one.text, one.offsets, one.finish_reason) == (other.text, other.offsets, other.finish_reason)
        assert one.masked_logprobs == pytest.approx(other.masked_logprobs, abs=1e-5)  # float32, 32 to 64 terms
        assert one.logprobs is None
        assert all(raw <= masked + 1e-5 for raw, masked in zip(other.logprobs, other.masked_logprobs, strict=True))


def test_row_without_a_grammar_needs_the_whole_head(tiny_model, seen):
    model = tiny_model("WordPiece")
    held, free = next(iter(asked(model))), Request(listing.prompt(SCHEMA, "fox"), None, 4)
    first, second = model.complete([held, free])
    assert set(seen) == {model.model.config.vocab_size}
    assert first.logprobs is None  # whatever the batch, the same completion
    assert second.logprobs == second.masked_logprobs


def test_head_stays_whole_where_grammars_allow_most_of_it(tiny_model, monkeypatch, seen):
    monkeypatch.setattr(grammar_mask, "_FEW", 10**9)
    model = tiny_model("WordPiece")
    list(model.complete(asked(model)))
    assert set(seen) == {model.model.config.vocab_size}


@pytest.mark.parametrize("bias", [False, True])
def test_limited_logits_are_those_rows_of_the_whole(bias):
    model = Headed(nn.Linear(5, 11, bias=bias))
    x, tokens = torch.randn(3, 1, 5, generator=torch.Generator().manual_seed(0)), torch.tensor([1, 7, 10])
    whole = model(x)
    wanted = mock.Mock(return_value=tokens)
    with torch.no_grad(), limited_head(model, wanted):
        torch.testing.assert_close(model(x), whole[..., tokens])
        torch.testing.assert_close(limited_whole(model, x), whole)
    wanted.assert_called_with(11)
    torch.testing.assert_close(model(x), whole)
    assert set(model.state_dict()) == {"head.weight", "head.bias"} - ({"head.bias"} if not bias else set())


def limited_whole(model, x):
    with limited_head(model, lambda rows: None):
        return model(x)


def test_other_threads_see_the_whole_head():
    model, found = Headed(nn.Linear(5, 11)), []
    with limited_head(model, lambda rows: torch.tensor([2])):
        other = threading.Thread(target=lambda: found.append(model(torch.ones(1, 5)).shape))
        other.start()
        other.join()
        assert model(torch.ones(1, 5)).shape == (1, 1)
    assert found == [(1, 11)]


class Scaled(nn.Linear):
    """A head that is more than a linear layer."""


def hooked() -> nn.Linear:
    head = nn.Linear(5, 11)
    head.register_forward_hook(lambda module, inputs, logits: logits + torch.arange(11))
    return head


def replaced() -> nn.Linear:
    head = nn.Linear(5, 11)
    head.forward = lambda x: torch.zeros(*x.shape[:-1], 11)
    return head


@pytest.mark.parametrize("head", [lambda: Scaled(5, 11), hooked, replaced, lambda: nn.Linear(5, 11, device="meta")])
def test_head_that_is_not_plain_is_left_alone(head):
    wanted = mock.Mock()
    model = Headed(head())
    with limited_head(model, wanted):
        assert model(torch.ones(1, 5, device="meta" if model.head.weight.is_meta else "cpu")).shape == (1, 11)
    wanted.assert_not_called()
