# SPDX-License-Identifier: Apache-2.0
"""What a span head (`span_head.py`) proposes for parts of data sets, and the threshold that suits them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

from loremill.corpora import corpus, load
from loremill.evaluation import Prediction, strict
from loremill.evaluation.run import WHOLE
from loremill.formats.drafts import frames_of
from loremill.frames import Document, Frame, canonical
from loremill.models.span_head import Found, SpanItem, SpanModel, decode, encode
from loremill.schema import Schema
from loremill.schema.split import split
from loremill.text import Mention
from loremill.windows import windows

THRESHOLDS = tuple(i / 20 for i in range(2, 19))
MAX_WIDTH, MAX_TOKENS, BATCH_SIZE = 12, 512, 32


@dataclass(frozen=True, slots=True)
class Part:
    """Documents of a set with all spans proposed for each, type numbers being places in the schema."""

    schema: Schema
    docs: list[Document]
    found: list[list[Found]]

    def f1(self, threshold: float, is_nested: bool) -> float:
        """Strict F1 of the spans that go together."""
        pairs = []
        for doc, found in zip(self.docs, self.found, strict=True):
            kept = decode(found, threshold, is_nested=is_nested)
            frames = (Frame(self.schema.types[f.type].name, Mention.at(f.start, f.end), score=f.score) for f in kept)
            pairs.append(Prediction(doc, canonical(frames)))
        return strict(pairs, self.schema)["entities"].f1


def choose(parts: Sequence[Part]) -> dict[str, Any]:
    """The threshold, and whether spans may be nested, of the best mean of strict F1; of equals the first."""
    ways = [(t, is_nested) for is_nested in (False, True) for t in THRESHOLDS]
    means = [sum(part.f1(*way) for part in parts) / len(parts) if parts else 0.0 for way in ways]
    best = max(range(len(ways)), key=means.__getitem__) if parts else THRESHOLDS.index(0.5)
    return {"threshold": ways[best][0], "is_nested": ways[best][1], "dev_f1": means[best]}


def no_longer(tokenizer: Any, max_text_tokens: int) -> Callable[[str], bool]:
    """Whether a text has at most so many tokens, as `loremill train` counts them; 0: any text."""
    return lambda text: not max_text_tokens or len(tokenizer(text, verbose=False).input_ids) - 1 <= max_text_tokens


def found_in(
    model: SpanModel, tokenizer: Any, is_usual: Callable[[str], bool], name: str, split_name: str, limit: int
) -> Part:
    """What the model proposes for a part of a data set, of whole documents where they fit and are as trained on."""
    schema = corpus(name).schema_for().family("entities")
    docs = [replace(d, frames=tuple(frames_of(d, schema))) for d in islice(load(name, split_name), limit or None)]

    def labels(part: Schema) -> list[str]:
        return [t.label for t in part]

    def fits(part: Schema, text: str = "", room: int = MAX_TOKENS) -> bool:
        return encode(tokenizer, labels(part), text, max_width=MAX_WIDTH).tokens <= room

    parts = split(schema, lambda part: fits(part, room=MAX_TOKENS // 2))
    rows: list[tuple[int, int, int, SpanItem]] = []  # document, its first character, the part's first type
    for number, doc in enumerate(docs):
        for begin, end in windows(doc.text, WHOLE, lambda p: is_usual(p) and all(fits(part, p) for part in parts)):
            first = 0
            for part in parts:
                rows.append(
                    (number, begin, first, encode(tokenizer, labels(part), doc.text[begin:end], max_width=MAX_WIDTH))
                )
                first += len(part)
    rows.sort(key=lambda row: row[3].tokens)
    found: list[list[Found]] = [[] for _ in docs]
    for at in range(0, len(rows), BATCH_SIZE):
        batch = [row for row in rows[at : at + BATCH_SIZE] if row[3].edges]
        for (number, begin, first, _), spans in zip(batch, _proposed(model, batch), strict=True):
            found[number] += [Found(f.score, f.start + begin, f.end + begin, f.type + first) for f in spans]
    return Part(schema, docs, found)


def _proposed(model: SpanModel, batch: Sequence[tuple[int, int, int, SpanItem]]) -> list[list[Found]]:
    return model.propose([row[3] for row in batch], threshold=THRESHOLDS[0]) if batch else []
