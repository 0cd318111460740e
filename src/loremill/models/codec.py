# SPDX-License-Identifier: Apache-2.0
"""From prompts and answers to token ids and back: what differs between kinds of tokenizers.

A codec owns everything tokenizer-specific; `local.py` and training only see ids. Two kinds exist:
`wordpiece.py` (uncased BERT vocabularies, the model that ships) and `subword.py` (byte-level BPE,
SentencePiece: any Hugging Face causal LM).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from ..prompt import Prompt, Writing
from ..text import TextView

SCHEMA, CONTEXT, ANSWER = 0, 1, 2
"""Parts of a sequence, per token: instruction and schema; demonstrations and text; answer."""
TEMPLATE = -2
"""What a chat template writes before the instruction. It is masked as SCHEMA, and no gate reads it."""


@dataclass(frozen=True, slots=True)
class Encoded:
    """Token ids of a prompt or of a prompt with its answer, of one length.

    ``parts`` holds SCHEMA, CONTEXT, ANSWER or TEMPLATE per token. The last token of a prompt, from which the
    answer's first token is predicted, counts as ANSWER. ``token_types`` are the model's
    ``token_type_ids`` where it has them.
    """

    ids: tuple[int, ...]
    parts: tuple[int, ...]
    token_types: tuple[int, ...] | None = None

    def __post_init__(self) -> None:
        if len(self.ids) != len(self.parts) or (
            self.token_types is not None and len(self.token_types) != len(self.ids)
        ):
            raise ValueError(f"ids, parts and token types differ in length: {len(self.ids)}, {len(self.parts)}")

    def __len__(self) -> int:
        return len(self.ids)

    def __add__(self, other: Encoded) -> Encoded:
        types = None
        if self.token_types is not None and other.token_types is not None:
            types = self.token_types + other.token_types
        return Encoded(self.ids + other.ids, self.parts + other.parts, types)


class Codec(Protocol):
    """How one tokenizer reads prompts and writes answers."""

    tokenizer: Any
    """The Hugging Face tokenizer, to be saved beside a trained model."""
    eos_ids: tuple[int, ...]
    """Tokens that end a completion; the first is the one used in training."""
    pad_id: int
    start_id: int
    """Token before a text that is read by itself, in training on texts alone."""
    writing: Writing
    template: str
    """What decides a prompt's layout: ``plain``, or the hash of a chat template; recorded with every run."""

    def view(self, text: str) -> TextView:
        """The text as the tokenizer can express it."""
        ...

    def encode_prompt(self, prompt: Prompt) -> Encoded:
        """The rendered prompt."""
        ...

    def encode_pair(self, prompt: Prompt, answer: str) -> tuple[Encoded, Encoded]:
        """Prompt and answer; the answer ends with the end-of-sequence token."""
        ...

    def encode_text(self, text: str) -> Encoded:
        """A text by itself, without a prompt; it ends with the end-of-sequence token."""
        ...

    def token_bytes(self, token_id: int) -> bytes:
        """The bytes a token writes in a completion; empty for special tokens."""
        ...

    def grammar_tokenizer(self) -> Any:
        """The tokenizer as an ``llguidance.LLTokenizer``."""
        ...


def decode(codec: Codec, token_ids: Sequence[int]) -> tuple[str, tuple[tuple[int, int], ...]]:
    """Text of a completion and, per token, the characters ``start, end`` it wrote.

    A character whose bytes are spread over several tokens belongs to the token that begins it;
    bytes that are no UTF-8 become U+FFFD.
    """
    pieces = [codec.token_bytes(i) for i in token_ids]
    text = b"".join(pieces).decode("utf-8", errors="replace")
    starts: list[int] = []
    written = 0
    for piece in pieces:
        starts.append(written)
        written += len(piece)
    place = _characters_at(b"".join(pieces), {*starts, written})
    ends = [*starts[1:], written]
    return text, tuple((place[s], place[e]) for s, e in zip(starts, ends, strict=True))


def _characters_at(data: bytes, offsets: set[int]) -> dict[int, int]:
    """Characters begun before each byte offset."""
    return {offset: len(data[:offset].decode("utf-8", errors="replace")) for offset in offsets}
