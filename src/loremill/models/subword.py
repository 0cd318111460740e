# SPDX-License-Identifier: Apache-2.0
"""Byte-level BPE and SentencePiece tokenizers: any Hugging Face causal language model.

Such a tokenizer writes every character, so the view of a text is the text. Prompts are plain text
for base models and a conversation where the tokenizer has a chat template.
"""

from __future__ import annotations

import hashlib
from functools import cached_property
from typing import Any

from ..errors import ModelError
from ..prompt import Prompt, Writing
from ..text import TextView
from .codec import ANSWER, CONTEXT, SCHEMA, TEMPLATE, Encoded

_TEXT = "Text: "


class SubwordCodec:
    """Prompts are the instruction, the types, definitions, worked examples, and ``Text: … Answer:``.

    Args:
        tokenizer: a fast Hugging Face tokenizer.

    Raises:
        ModelError: the tokenizer is one of whole words (WordPiece) or has no end-of-sequence token.
    """

    def __init__(self, tokenizer: Any) -> None:
        kind = type(tokenizer.backend_tokenizer.model).__name__
        if kind not in ("BPE", "Unigram"):
            raise ModelError(
                f"formats need a BPE or SentencePiece tokenizer, got {kind}: a WordPiece model needs "
                "'delimiter_ids' in its configuration"
            )
        if tokenizer.eos_token_id is None:
            raise ModelError("the tokenizer has no end-of-sequence token")
        self.tokenizer = tokenizer
        self.eos_ids: tuple[int, ...] = (int(tokenizer.eos_token_id),)
        self.pad_id = int(tokenizer.pad_token_id if tokenizer.pad_token_id is not None else tokenizer.eos_token_id)
        self.start_id = int(tokenizer.bos_token_id if tokenizer.bos_token_id is not None else tokenizer.eos_token_id)
        self.is_chat = bool(tokenizer.chat_template)
        chat = hashlib.sha256(str(tokenizer.chat_template).encode()).hexdigest()[:16]
        self.template = f"chat {chat}" if self.is_chat else "plain"
        self.writing = Writing(lead=self._lead())

    def view(self, text: str) -> TextView:
        return TextView.identity(text)

    def encode_prompt(self, prompt: Prompt) -> Encoded:
        turn, head, body = self._rendered(prompt)
        ids, ends = self._encode(turn + head + body)
        last = len(turn) + len(head)
        parts = [TEMPLATE if 0 < end <= len(turn) else SCHEMA if end <= last else CONTEXT for end in ends]
        return Encoded(ids, (*parts[:-1], ANSWER))

    def encode_text(self, text: str) -> Encoded:
        ids = (*self._plain(text), self.eos_ids[0])
        return Encoded(ids, (CONTEXT,) * len(ids))

    def encode_pair(self, prompt: Prompt, answer: str) -> tuple[Encoded, Encoded]:
        """Prompt and answer.

        Behind a chat template's turn marker the answer is encoded by itself, as a model writes it. In plain text
        both are encoded as one; a token that spans both counts as answer (RUIE: prefix, else offsets).
        """
        first = self.encode_prompt(prompt)
        if self.is_chat:
            written = self._plain(answer.removeprefix(" "))
        else:
            rendered = self.render(prompt)
            ids, ends = self._encode(rendered + answer)
            cut = len(first)
            if ids[:cut] != first.ids:
                cut = sum(end <= len(rendered) for end in ends)
                first = Encoded(ids[:cut], (*first.parts[: cut - 1], ANSWER))
            written = ids[cut:]
        written = (*written, self.eos_ids[0])
        return first, Encoded(written, (ANSWER,) * len(written))

    def render(self, prompt: Prompt) -> str:
        """The prompt as one string, without the tokens the tokenizer adds by itself."""
        return "".join(self._rendered(prompt))

    def _rendered(self, prompt: Prompt) -> tuple[str, str, str]:
        """What a chat template writes before the prompt, the prompt up to its definitions, and the rest."""
        question = f"{_TEXT}{prompt.text}" + (f"\nGiven: {prompt.given}" if prompt.given else "")
        if not self.is_chat:
            turns = [f"{_TEXT}{d.text}\nAnswer: {d.answer.strip()}" for d in prompt.demonstrations]
            return "", _head(prompt), "".join(f"\n\n{turn}" for turn in [*turns, f"{question}\nAnswer:"])
        messages: list[dict[str, str]] = []
        for d in prompt.demonstrations:
            messages.append({"role": "user", "content": self._defused(f"{_TEXT}{d.text}")})
            messages.append({"role": "assistant", "content": self._defused(d.answer.strip())})
        messages.append({"role": "user", "content": self._defused(question)})
        head = self._defused(_head(prompt))
        messages[0]["content"] = f"{head}\n\n{messages[0]['content']}"
        text = str(self.tokenizer.apply_chat_template(messages, tokenize=False, add_generation_prompt=True))
        start = text.find(head)
        if start < 0:  # the template changes what it is given
            return "", "", text
        end = start + len(head)
        return text[:start], head, text[end:]

    def _encode(self, text: str) -> tuple[tuple[int, ...], list[int]]:
        """Ids and where each ends, without the end-of-sequence token that some tokenizers add.

        Special tokens are read as such in what a chat template wrote, never in what a user's text holds.
        """
        encoding = self.tokenizer(
            text,
            add_special_tokens=not self.is_chat,
            return_offsets_mapping=True,
            split_special_tokens=not self.is_chat,
        )
        ids, ends = list(encoding["input_ids"]), [end for _, end in encoding["offset_mapping"]]
        if ids[-1:] == [self.eos_ids[0]] and encoding["offset_mapping"][-1] == (0, 0):
            ids, ends = ids[:-1], ends[:-1]
        return tuple(ids), ends

    def _plain(self, text: str) -> tuple[int, ...]:
        """Ids of ordinary text, whatever special tokens it names."""
        return tuple(self.tokenizer(text, add_special_tokens=False, split_special_tokens=True)["input_ids"])

    def _lead(self) -> str:
        """A blank, unless a chat's answer is encoded without one (SentencePiece puts it there by itself)."""
        first = self.tokenizer.convert_ids_to_tokens(self._plain("None")[:1])
        return " " if not self.is_chat or first[0].startswith("▁") else ""

    def _defused(self, text: str) -> str:
        """A user's text for a chat template: a blank breaks what would be read as a special token."""
        for word in self._special_words:
            text = text.replace(word, f"{word[:1]} {word[1:]}")
        return text

    def token_bytes(self, token_id: int) -> bytes:
        if token_id in self._special or token_id >= len(self.tokenizer):  # a head may have more rows than tokens
            return b""
        return bytes(self._grammar_tokenizer.decode_bytes([token_id]))

    def grammar_tokenizer(self) -> Any:
        return self._grammar_tokenizer

    @cached_property
    def _grammar_tokenizer(self) -> Any:
        from llguidance import hf

        return hf.from_tokenizer(self.tokenizer, eos_token=self.eos_ids[0])

    @cached_property
    def _special(self) -> frozenset[int]:
        added = self.tokenizer.added_tokens_decoder
        return frozenset({i for i, token in added.items() if token.special} | set(self.tokenizer.all_special_ids))

    @cached_property
    def _special_words(self) -> list[str]:
        words = self.tokenizer.convert_ids_to_tokens(sorted(self._special))
        return sorted((word for word in words if len(word) > 1), key=len, reverse=True)


def _head(prompt: Prompt) -> str:
    lines = [prompt.instruction, *([f"Types: {prompt.schema}"] if prompt.schema else ())]
    if prompt.definitions:
        lines += ["Definitions:", *(f"- {line}" for line in prompt.definitions.splitlines())]
    return "\n".join(lines)
