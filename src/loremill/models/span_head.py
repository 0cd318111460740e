# SPDX-License-Identifier: Apache-2.0
"""A span head on an encoder: every stretch of a few words against every type of the prompt.

GLiNER (Zaratiana et al., 2024, https://arxiv.org/abs/2311.08526), section 2. The input is
``[CLS] [ENT] type [ENT] type … [SEP] words [SEP]``; a type is the state of its marker, a span the states of its
first and last token, and their dot product the logit of that span being of that type (eqs 1 to 3). Departures:
the last matrix of the span's network is left to the type's (their product is one matrix), logits are scaled by
``1 / sqrt(d)`` with a learned bias, there is no recurrent layer on top, and a word's case is in the token types,
as nano's codec has it, for the encoder is uncased.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn.functional import binary_cross_entropy_with_logits, pad

from .wordpiece import LOWER, case_of

MARKER = "[unused9]"
"""Stands before each type; a token that MiniLM has and never saw."""
CASES = 4
START_BIAS = -4.0
"""Of the logits: nearly all spans are of no type."""
_WORD = re.compile(r"\w+|[^\w\s]")


@dataclass(frozen=True, slots=True)
class SpanItem:
    """One text with its types as the encoder reads them, and what is to be found.

    ``gold`` are (first word, last word, number of the type); ``places`` the words' characters ``start, end``,
    ``edges`` their first and last token, ``markers`` the tokens before the types.
    """

    input_ids: tuple[int, ...]
    cases: tuple[int, ...]
    markers: tuple[int, ...]
    edges: tuple[tuple[int, int], ...]
    places: tuple[tuple[int, int], ...]
    gold: tuple[tuple[int, int, int], ...] = ()
    unreachable: int = 0  # gold spans that do not begin and end with a word, or are too wide

    @property
    def tokens(self) -> int:
        return len(self.input_ids)


class Found(NamedTuple):
    """A span of characters with a type by its number."""

    score: float
    start: int
    end: int
    type: int


def encode(
    tokenizer: Any, labels: Sequence[str], text: str, gold: Iterable[tuple[int, int, int]] = (), *, max_width: int
) -> SpanItem:
    """The item for a text; ``gold`` are (start, end, number of the type) in characters."""
    ids, cases, markers = [tokenizer.cls_token_id], [LOWER], []
    marker_id = tokenizer.convert_tokens_to_ids(MARKER)
    for label in labels:
        markers.append(len(ids))
        ids += [marker_id, *tokenizer.encode(label, add_special_tokens=False, verbose=False)]
    ids.append(tokenizer.sep_token_id)
    cases += [LOWER] * (len(ids) - 1)
    matches = list(_WORD.finditer(text))
    written = tokenizer([m.group() for m in matches] or [""], add_special_tokens=False, verbose=False).input_ids
    places, edges = [], []
    for match, pieces in zip(matches, written, strict=False):
        if pieces:  # else the encoder cannot read it
            places.append(match.span())
            edges.append((len(ids), len(ids) + len(pieces) - 1))
            ids += pieces
            cases += [case_of(match.group())] * len(pieces)
    first = {start: i for i, (start, _) in enumerate(places)}
    last = {end: i for i, (_, end) in enumerate(places)}
    wanted = set(gold)
    spans = [(first.get(start, -1), last.get(end, -1), kind) for start, end, kind in sorted(wanted)]
    reached = tuple((i, j, kind) for i, j, kind in spans if 0 <= i <= j < i + max_width)
    ids.append(tokenizer.sep_token_id)
    cases.append(LOWER)
    return SpanItem(
        tuple(ids), tuple(cases), tuple(markers), tuple(edges), tuple(places), reached, len(wanted) - len(reached)
    )


class SpanModel(nn.Module):
    """An encoder with the span head.

    Args:
        encoder: a ``BertModel``; its token types become those of case, all starting at its first.
        max_width: words of the widest span.
    """

    def __init__(self, encoder: Any, *, max_width: int = 12, dropout: float = 0.1) -> None:
        super().__init__()
        d = encoder.config.hidden_size
        kinds = nn.Embedding(CASES, d)
        with torch.no_grad():
            kinds.weight.copy_(encoder.embeddings.token_type_embeddings.weight[:1].expand(CASES, d))
        encoder.embeddings.token_type_embeddings = kinds
        encoder.config.type_vocab_size = CASES
        self.encoder = encoder
        self.max_width = max_width
        self.first, self.last = nn.Linear(d, d), nn.Linear(d, d, bias=False)
        self.type_head = nn.Sequential(nn.Linear(d, d), nn.ReLU(), nn.Dropout(dropout), nn.Linear(d, d))
        self.dropout = nn.Dropout(dropout)
        self.bias = nn.Parameter(torch.tensor([START_BIAS]))

    def forward(self, items: Sequence[SpanItem]) -> tuple[Tensor, Tensor]:
        """Logits ``(items, words, widths, types)`` of the spans that begin at each word, and which of them exist."""
        device = self.bias.device
        ids, cases, attended = (
            _padded([row(item) for item in items], device)
            for row in (lambda i: i.input_ids, lambda i: i.cases, lambda i: [1] * i.tokens)
        )
        hidden = self.encoder(input_ids=ids, attention_mask=attended, token_type_ids=cases).last_hidden_state
        words = _padded([[1] * len(item.edges) for item in items], device).bool()
        firsts, lasts, markers = (
            _padded([row(item) for item in items], device)
            for row in (lambda i: [a for a, _ in i.edges], lambda i: [b for _, b in i.edges], lambda i: i.markers)
        )
        begins = self.first(_rows(hidden, firsts))  # (items, words, d)
        ends = pad(self.last(_rows(hidden, lasts)), (0, 0, 0, self.max_width - 1))
        ends = ends.unfold(1, self.max_width, 1).mT  # (items, words, widths, d)
        spans = self.dropout(torch.relu(begins[:, :, None] + ends))
        types = self.type_head(_rows(hidden, markers))  # (items, types, d)
        logits = torch.einsum("bwkd,btd->bwkt", spans, types) / types.shape[-1] ** 0.5 + self.bias
        inside = pad(words, (0, self.max_width - 1)).unfold(1, self.max_width, 1)
        named = _padded([[1] * len(item.markers) for item in items], device).bool()
        return logits.float(), (words[:, :, None] & inside)[..., None] & named[:, None, None]

    def loss(self, items: Sequence[SpanItem]) -> Tensor:
        """Binary cross-entropy over all spans and types, summed and divided by the number of words."""
        logits, exist = self(items)
        targets = torch.zeros_like(logits)
        for row, item in enumerate(items):
            for start, stop, kind in item.gold:
                targets[row, start, stop - start, kind] = 1.0
        losses = binary_cross_entropy_with_logits(logits, targets, reduction="none")
        return (losses * exist).sum() / max(1, sum(len(item.edges) for item in items))

    @torch.inference_mode()
    def propose(self, items: Sequence[SpanItem], *, threshold: float) -> list[list[Found]]:
        """For each item all spans with at least that probability, best first."""
        logits, exist = self(items)
        scores = (torch.sigmoid(logits) * exist).cpu()
        found: list[list[Found]] = [[] for _ in items]
        for row, start, width, kind in (scores >= max(threshold, 1e-6)).nonzero().tolist():
            places = items[row].places
            score = float(scores[row, start, width, kind])
            found[row].append(Found(score, places[start][0], places[start + width][1], kind))
        return [sorted(spans, key=lambda f: (-f.score, f.start, f.end, f.type)) for spans in found]


def decode(found: Iterable[Found], threshold: float, *, is_nested: bool = False) -> list[Found]:
    """The best spans that go together, greedily: no two overlap, or, nested, none lies across another.

    Of one stretch only the best type is taken.
    """
    taken: list[Found] = []
    for span in sorted(found, key=lambda f: (-f.score, f.start, f.end, f.type)):
        if span.score >= threshold and all(_go_together(span, other, is_nested) for other in taken):
            taken.append(span)
    return taken


def _go_together(a: Found, b: Found, is_nested: bool) -> bool:
    if a.end <= b.start or b.end <= a.start:
        return True
    inside = (a.start >= b.start and a.end <= b.end) or (b.start >= a.start and b.end <= a.end)
    return is_nested and inside and (a.start, a.end) != (b.start, b.end)


def _padded(rows: Sequence[Sequence[int]], device: torch.device) -> Tensor:
    longest = max(1, *(len(row) for row in rows)) if rows else 1
    return torch.tensor([[*row, *[0] * (longest - len(row))] for row in rows], device=device)


def _rows(hidden: Tensor, index: Tensor) -> Tensor:
    """``hidden[b, index[b, i]]``, ``(items, i, d)``."""
    return hidden.gather(1, index[..., None].expand(-1, -1, hidden.shape[-1]))
