# SPDX-License-Identifier: Apache-2.0
"""Byte-level BPE and SentencePiece tokenizers: any Hugging Face causal language model.

Such a tokenizer writes every character, so the view of a text is the text. Prompts are plain text
for base models and a conversation where the tokenizer has a chat template.
"""

from __future__ import annotations

from functools import cached_property
from typing import Any

from ..errors import ModelError
from ..prompt import Prompt
from ..text import TextView
from .codec import ANSWER, CONTEXT, SCHEMA, Encoded

_TEXT = "Text: "


class SubwordCodec:
    """Prompts are the instruction, the types, definitions, worked examples, and ``Text: … Answer:``.

    Args:
        tokenizer: a fast Hugging Face tokenizer.

    Raises:
        ModelError: the tokenizer is one of whole words (WordPiece) or has no end-of-sequence token.
    """

    no_forcing = False

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
        self.is_chat = bool(tokenizer.chat_template)
        self.lead = "" if self.is_chat else " "

    def view(self, text: str) -> TextView:
        return TextView.identity(text)

    def encode_prompt(self, prompt: Prompt) -> Encoded:
        rendered = self.render(prompt)
        encoding = self.tokenizer(rendered, add_special_tokens=not self.is_chat, return_offsets_mapping=True)
        context = max(0, rendered.find(_head(prompt)) + len(_head(prompt)))
        parts = [SCHEMA if end <= context else CONTEXT for _, end in encoding["offset_mapping"]]
        parts[-1] = ANSWER
        return Encoded(tuple(encoding["input_ids"]), tuple(parts))

    def encode_pair(self, prompt: Prompt, answer: str) -> tuple[Encoded, Encoded]:
        rendered = self.render(prompt)
        first = self.encode_prompt(prompt)
        answer = answer.removeprefix(" ") if self.is_chat else answer
        encoding = self.tokenizer(rendered + answer, add_special_tokens=not self.is_chat, return_offsets_mapping=True)
        ids = list(encoding["input_ids"])
        if ids[-1:] == [self.eos_ids[0]] and encoding["offset_mapping"][-1][0] == encoding["offset_mapping"][-1][1]:
            ids.pop()  # the tokenizer adds one by itself
        cut = len(first)
        if tuple(ids[:cut]) != first.ids:  # a token spans prompt and answer: it counts as answer
            cut = sum(1 for _, end in encoding["offset_mapping"] if end <= len(rendered))
            first = Encoded(tuple(ids[:cut]), (*first.parts[: cut - 1], ANSWER))
        answer_ids = (*ids[cut:], self.eos_ids[0])
        return first, Encoded(answer_ids, (ANSWER,) * len(answer_ids))

    def render(self, prompt: Prompt) -> str:
        """The prompt as one string, without the tokens the tokenizer adds by itself."""
        question = f"{_TEXT}{prompt.text}" + (f"\nGiven: {prompt.given}" if prompt.given else "")
        if not self.is_chat:
            turns = [f"{_TEXT}{d.text}\nAnswer:{_after_blank(d.answer)}" for d in prompt.demonstrations]
            return "\n\n".join([_head(prompt), *turns, f"{question}\nAnswer:"])
        messages: list[dict[str, str]] = []
        for d in prompt.demonstrations:
            messages.append({"role": "user", "content": f"{_TEXT}{d.text}"})
            messages.append({"role": "assistant", "content": d.answer.strip()})
        messages.append({"role": "user", "content": question})
        messages[0]["content"] = f"{_head(prompt)}\n\n{messages[0]['content']}"
        return str(self.tokenizer.apply_chat_template(messages, tokenize=False, add_generation_prompt=True))

    def token_bytes(self, token_id: int) -> bytes:
        if token_id in self._special:
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


def _head(prompt: Prompt) -> str:
    lines = [prompt.instruction, f"Types: {prompt.schema}"]
    if prompt.definitions:
        lines += ["Definitions:", *(f"- {line}" for line in prompt.definitions.splitlines())]
    return "\n".join(lines)


def _after_blank(answer: str) -> str:
    return answer if answer.startswith(" ") else f" {answer}"
