# SPDX-License-Identifier: Apache-2.0
"""Training on texts alone: sequences of whole texts, of which every next token is predicted.

What a model's prompt mask lets a prompt's tokens see holds for a first part of each sequence, of which nothing is
predicted then: a prefix language model (Raffel et al. 2020, section 3.2.1, https://arxiv.org/abs/1910.10683). Their
prefix is uniform over the sequence; ours is at most half of it, so that three quarters are learnt from.

Answers are made of the text's own words, so a base has to be able to copy. Texts say little twice, and models learn to
copy from them after many millions of tokens (Olsson et al. 2022, https://arxiv.org/abs/2209.11895): a share of the
sequences can hold their texts twice, the second time in another order.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from itertools import count

from ..corpora import Source
from ..models.codec import ANSWER, CONTEXT, SCHEMA, Codec, Encoded
from ..models.likelihood import Item
from ..models.prompt_mask import PromptMask
from .examples import Counts, drawn_documents


def text_items(
    sources: Sequence[Source],
    codec: Codec,
    *,
    prompt_mask: PromptMask,
    max_length_tokens: int,
    seed: int,
    epoch: int,
    said_twice: float = 0.0,
) -> tuple[list[Item], Counts]:
    """The sequences of one epoch: each document's text once per repeat, whatever families it has, no schema, no answer.

    Texts are joined in random order up to ``max_length_tokens``, and each ends with the end-of-sequence token; only a
    longer text is cut. Under ``causal`` all of a sequence is predicted; under ``prefix`` what follows a random first
    part; under ``blocks`` the first part has two pieces, which see each other as schema and text do.

    Args:
        said_twice: share of sequences whose texts, up to half of the length, stand in them once more, in random order.
    """
    rng = random.Random(f"{seed}/{epoch}/texts")
    texts = list(_texts(sources, seed, epoch))
    rng.shuffle(texts)
    encoded = (codec.encode_text(text) for text in texts)
    items = [_item(text, codec, prompt_mask, rng) for text in _joined(encoded, max_length_tokens - 1, said_twice, rng)]
    return items, Counts(len(items), 0, 0)


def _texts(sources: Sequence[Source], seed: int, epoch: int) -> Iterator[str]:
    """The texts of each data set's documents, which all its families have."""
    first = {source.name: source for source in reversed(sources)}
    for source in first.values():
        yield from (doc.text for _, doc in drawn_documents(source, seed, epoch) if doc.text)


def _joined(texts: Iterator[Encoded], length: int, said_twice: float, rng: random.Random) -> Iterator[Encoded]:
    """Texts one after the other, as many as there is room for: half of the length where they come twice."""
    pieces: list[Encoded] = []
    rooms = (length // 2 if length > 1 and rng.random() < said_twice else length for _ in count())
    room = next(rooms)
    for text in texts:
        start = 0
        while start < len(text):
            end = min(start + room, len(text))
            if pieces and sum(map(len, pieces)) + end - start > room:
                yield _said(pieces, room < length, rng)
                pieces, room = [], next(rooms)
                continue  # what is left of the text may be cut elsewhere
            pieces.append(_part(text, start, end))
            start = end
    if pieces:
        yield _said(pieces, room < length, rng)


def _said(pieces: Sequence[Encoded], is_twice: bool, rng: random.Random) -> Encoded:
    said = [*pieces, *rng.sample(pieces, len(pieces))] if is_twice else pieces
    return sum(said[1:], said[0])


def _item(text: Encoded, codec: Codec, prompt_mask: PromptMask, rng: random.Random) -> Item:
    """The sequence behind a start token, as a prompt, which tells nothing under ``causal``, and what is predicted."""
    types = None if text.token_types is None else (0, *text.token_types)
    ids = (codec.start_id, *text.ids)
    cut = 1 if prompt_mask == "causal" else rng.randint(1, max(1, len(text) // 2))
    inner = rng.randint(0, cut - 1) if prompt_mask == "blocks" else 0
    parts = (*([SCHEMA] * inner), *([CONTEXT] * (cut - 1 - inner)), *([ANSWER] * (len(ids) - cut + 1)))
    whole = Encoded(ids, parts, types)
    return Item(_part(whole, 0, cut), _part(whole, cut, len(ids)))


def _part(encoded: Encoded, start: int, end: int) -> Encoded:
    types = None if encoded.token_types is None else encoded.token_types[start:end]
    return Encoded(encoded.ids[start:end], encoded.parts[start:end], types)
