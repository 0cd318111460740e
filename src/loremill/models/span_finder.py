# SPDX-License-Identifier: Apache-2.0
"""Mentions by a span head (`span_head.py`): what of which type with which probability, in characters of the text.

A head lies in the folder ``spans`` of the language model that it works beside: ``config.json`` with the encoder's
configuration, ``max_width``, ``threshold`` and ``is_nested``; ``model.safetensors``; and a tokenizer where it is not
the language model's.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ..errors import ModelError
from ..prompt import FoundSpan
from .span_head import MARKER, SpanItem, SpanModel, decode, encode

FOLDER, WEIGHTS, CONFIG = "spans", "model.safetensors", "config.json"


class SpanFinder:
    """A span head ready for use.

    Args:
        model: in evaluation mode.
        tokenizer: the encoder's, a fast one.
        threshold: least probability of a mention where none is asked for; what suited the dev parts.
        is_nested: whether a mention may lie inside another.

    Raises:
        ModelError: ``threshold`` is no probability, or the tokenizer is not the encoder's.
    """

    def __init__(self, model: SpanModel, tokenizer: Any, *, threshold: float = 0.5, is_nested: bool = False) -> None:
        if not 0.0 < threshold <= 1.0:
            raise ModelError(f"the threshold of a span head needs to be above 0 and at most 1, got {threshold}")
        marker = tokenizer.convert_tokens_to_ids(MARKER) if tokenizer is not None else None
        rows = int(model.encoder.config.vocab_size)
        if marker is None or marker == tokenizer.unk_token_id or len(tokenizer) > rows:
            size = "none" if tokenizer is None else f"one of {len(tokenizer):,} tokens"
            raise ModelError(
                f"a span head over {rows:,} tokens needs its own tokenizer, which has {MARKER}, got {size}: "
                f"put tokenizer.json beside its weights"
            )
        self.model = model
        self.tokenizer = tokenizer
        self.threshold = threshold
        self.is_nested = is_nested
        self.max_tokens = int(model.encoder.config.max_position_embeddings)

    def encode(self, labels: Sequence[str], text: str) -> SpanItem:
        """The item for a text and the labels of the types asked for.

        Raises:
            ModelError: it is longer than the encoder reads.
        """
        item = encode(self.tokenizer, labels, text, max_width=self.model.max_width)
        if item.tokens > self.max_tokens:
            raise ModelError(f"text and types have {item.tokens} tokens, the span head takes {self.max_tokens}")
        return item

    def find(self, items: Sequence[SpanItem], thresholds: Sequence[float | None]) -> list[tuple[FoundSpan, ...]]:
        """The mentions of each item that go together, by place; see `span_head.decode`."""
        able = [i for i, item in enumerate(items) if item.edges and item.markers]
        wanted = [self.threshold if threshold is None else threshold for threshold in thresholds]
        if not able:
            return [() for _ in items]
        proposed = self.model.propose([items[i] for i in able], threshold=min(wanted[i] for i in able))
        found: list[tuple[FoundSpan, ...]] = [() for _ in items]
        for i, spans in zip(able, proposed, strict=True):
            kept = decode(spans, wanted[i], is_nested=self.is_nested)
            found[i] = tuple(FoundSpan(s.start, s.end, s.type, s.score) for s in sorted(kept, key=lambda s: s[1:]))
        return found


def save(folder: Path, model: SpanModel, *, threshold: float, is_nested: bool) -> None:
    """Write a head into a language model's folder, in float16."""
    from safetensors.torch import save_file

    own = folder / FOLDER
    own.mkdir(parents=True, exist_ok=True)
    told = {"max_width": model.max_width, "threshold": threshold, "is_nested": is_nested}
    config = {**told, "encoder": model.encoder.config.to_diff_dict()}
    (own / CONFIG).write_text(json.dumps(config, indent=2, sort_keys=True) + "\n", encoding="utf-8")
    save_file({name: value.half().contiguous() for name, value in model.state_dict().items()}, own / WEIGHTS)


def load(folder: Path, tokenizer: Any) -> SpanFinder | None:
    """The head in a language model's folder, float32; None where there is none.

    Args:
        tokenizer: the language model's, for a head that brings none.

    Raises:
        ModelError: it cannot be loaded.
    """
    own = folder / FOLDER
    if not (own / CONFIG).is_file():
        return None
    from safetensors import SafetensorError
    from safetensors.torch import load_file
    from transformers import AutoTokenizer, BertConfig, BertModel

    try:
        config = json.loads((own / CONFIG).read_text(encoding="utf-8"))
        encoder = BertModel(BertConfig(**config["encoder"]), add_pooling_layer=False)
        model = SpanModel(encoder, max_width=int(config["max_width"]))
        weights = {name: value.float() for name, value in load_file(own / WEIGHTS).items()}
        model.load_state_dict(weights)
        if (own / "tokenizer.json").is_file():
            tokenizer = AutoTokenizer.from_pretrained(own)
        return SpanFinder(
            model.eval(), tokenizer, threshold=float(config["threshold"]), is_nested=bool(config["is_nested"])
        )
    except (OSError, ValueError, KeyError, TypeError, RuntimeError, SafetensorError) as error:
        reason = next(iter(str(error).strip().splitlines()), type(error).__name__)[:300]
        raise ModelError(f"the span head in {str(own)!r} cannot be loaded: {reason}") from error
