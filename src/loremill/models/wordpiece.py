# SPDX-License-Identifier: Apache-2.0
"""Uncased WordPiece (BERT vocabularies) as a language model's tokenizer.

Such a tokenizer cannot write case, accents, newlines or the absence of a blank, so texts are seen
through a view: lower-case words and punctuation marks divided by blanks. Bare delimiters of the
text formats (`RESERVED`) are reserved token ids, told apart from the punctuation marks of a text,
which are expressed with a backslash before them; so one grammar over bytes serves every tokenizer.
What case a word had rides on ``token_type_ids``.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any

from ..errors import ModelError
from ..escape import escape, unescape
from ..prompt import CAPABILITIES, Prompt, Writing
from ..text import TextView
from .codec import ANSWER, CONTEXT, SCHEMA, Encoded

RESERVED = ":;,|()[]{}"
"""Delimiters of the text formats, which may be token ids of their own."""
NEEDED = ":;,|"
"""Those that every such model reserves; the others are for the format ``frames``."""
UNKNOWN = "\ufffd"
"""What a token stands for that the vocabulary cannot tell apart from others (emoji, rare characters)."""
LOWER, TITLE, UPPER, MIXED, TYPE_SCHEMA, TYPE_ANSWER = range(6)
"""Rows of the token type table."""
PROMPT_PARTS = ("instruction", "definitions")
"""What prompts hold besides task, schema, given mentions, demonstrations and text, where ``prompt_parts`` names it."""


class WordPieceCodec:
    """Two layouts of a prompt, by whether ``prompt_parts`` is given. Without it::

        [CLS] family [SEP] schema [SEP] (given [SEP]) (text [SEP] answer [SEP])* text [SEP]

    A capability's name stands in the family's place where a sub-task asks for one; other tasks, instructions and
    definitions are not read. With it, where the parts in brackets are those that are named and there::

        [CLS] family task [SEP] (instruction [SEP]) schema [SEP] (definition ; … [SEP])
        (given [SEP]) (text [SEP] answer [SEP])* text [SEP]

    The instruction is the task in other words than the canonical ones, which family and task tell in two; how answers
    are written shows in the schema. The first line is SCHEMA, the
    second CONTEXT: what gates read of an instruction holds nothing of an item's own.

    Args:
        tokenizer: a fast BERT tokenizer.
        delimiter_ids: token id per bare delimiter, at least those of `NEEDED`.
        prompt_parts: of `PROMPT_PARTS`, in any order; may be empty.
        reads_case: whether token types tell the case that a word of a text had; else all are told as lower case.

    Raises:
        ModelError: an id is missing, the vocabulary is not WordPiece, or a part of prompts is unknown.
    """

    def __init__(
        self,
        tokenizer: Any,
        delimiter_ids: dict[str, int],
        prompt_parts: Sequence[str] | None = None,
        *,
        reads_case: bool = True,
    ) -> None:
        if not set(NEEDED) <= set(delimiter_ids) <= set(RESERVED):
            raise ModelError(
                f"WordPiece needs a token id for each of {' '.join(NEEDED)} and takes some for "
                f"{' '.join(RESERVED[len(NEEDED) :])}, got {delimiter_ids}"
            )
        if tokenizer.unk_token_id is None or tokenizer.cls_token_id is None or tokenizer.sep_token_id is None:
            raise ModelError("WordPiece tokenizer needs [UNK], [CLS] and [SEP]")
        if unknown := [part for part in prompt_parts or () if part not in PROMPT_PARTS]:
            raise ModelError(f"prompt_parts of a WordPiece model are of {', '.join(PROMPT_PARTS)}, got {unknown[0]!r}")
        self.tokenizer = tokenizer
        self.delimiter_ids = delimiter_ids
        self.prompt_parts = None if prompt_parts is None else frozenset(prompt_parts)
        self.template = "plain" if prompt_parts is None else " ".join(["plain with task", *sorted(set(prompt_parts))])
        self.reads_case = reads_case
        self.start_id = int(tokenizer.cls_token_id)
        self.eos_ids: tuple[int, ...] = (int(tokenizer.sep_token_id),)
        self.pad_id = int(tokenizer.pad_token_id)
        self.reserved = "".join(mark for mark in RESERVED if mark in delimiter_ids)
        spell = functools.lru_cache(maxsize=10_000)(lambda label: self.view(label).text)
        self.writing = Writing(lead=" ", no_forcing=True, reserved=self.reserved, spell=spell)
        self._words_of = functools.lru_cache(maxsize=20_000)(self._ids_of)  # prompts repeat wordings and definitions
        marks = re.escape(self.reserved)
        self._bare_or_words = re.compile(rf"([{marks}])|((?:\\.|[^{marks}\\]|\\$)+)", re.DOTALL)
        self._words = self._spellings()

    def view(self, text: str) -> TextView:
        encoding = self._encode(text)
        view: list[str] = []
        starts: list[int] = []
        ends: list[int] = []
        for token_id, (start, end) in zip(encoding["input_ids"], encoding["offset_mapping"], strict=True):
            piece = UNKNOWN if token_id == self.tokenizer.unk_token_id else self._words[token_id]
            if piece.startswith("##") and view:
                piece = piece[2:]
            elif view:
                view.append(" ")
                starts.append(start)
                ends.append(start)
            by_character = len(piece) == end - start
            for i, character in enumerate(piece):
                view.append(character)
                starts.append(start + i if by_character else start)
                ends.append(start + i + 1 if by_character else end)
        return TextView("".join(view), tuple(starts), tuple(ends))

    def encode_prompt(self, prompt: Prompt) -> Encoded:
        sep = self.eos_ids[0]
        head = self._head(prompt)
        given = [*self._written(prompt.given), sep] if prompt.given else []
        ids = head + given
        types = [TYPE_SCHEMA] * len(ids)
        if self.prompt_parts is None:
            head = ids
        for demonstration in prompt.demonstrations:
            words, cases = self._text(demonstration.text)
            answer = [sep, *self._written(demonstration.answer), sep]
            ids = ids + words + answer
            types = types + cases + [TYPE_ANSWER] * len(answer)
        words, cases = self._text(prompt.text)
        parts = [SCHEMA] * len(head) + [CONTEXT] * (len(ids) - len(head) + len(words)) + [ANSWER]
        return Encoded((*ids, *words, sep), tuple(parts), (*types, *cases, TYPE_ANSWER))

    def _head(self, prompt: Prompt) -> list[int]:
        """Ids of what a prompt holds before given mentions, demonstrations and text."""
        sep = self.eos_ids[0]
        if self.prompt_parts is None:
            asked = prompt.task if prompt.task in CAPABILITIES else prompt.family
            return [self.start_id, *self._words_of(asked), sep, *self._written(prompt.schema), sep]
        ids = [self.start_id, *self._words_of(f"{prompt.family} {prompt.task}"), sep]
        if "instruction" in self.prompt_parts and prompt.wording:
            ids += [*self._words_of(prompt.wording), sep]
        ids += [*self._written(prompt.schema), sep]
        if "definitions" in self.prompt_parts and prompt.definitions:
            for line in prompt.definitions.splitlines():
                ids += [*self._words_of(line), self.delimiter_ids[";"]]
            ids[-1] = sep
        return ids

    def encode_text(self, text: str) -> Encoded:
        words, cases = self._text(text)
        return Encoded((*words, self.eos_ids[0]), (CONTEXT,) * (len(words) + 1), (*cases, LOWER))

    def encode_pair(self, prompt: Prompt, answer: str) -> tuple[Encoded, Encoded]:
        ids = (*self._written(answer), self.eos_ids[0])
        return self.encode_prompt(prompt), Encoded(ids, (ANSWER,) * len(ids), (TYPE_ANSWER,) * len(ids))

    def token_bytes(self, token_id: int) -> bytes:
        return self._bytes[token_id] if token_id < len(self._bytes) else b""  # a head may have more rows than tokens

    def grammar_tokenizer(self) -> Any:
        import llguidance

        return llguidance.LLTokenizer(llguidance.TokenizerWrapper(_WordBytes(self)))

    def _text(self, text: str) -> tuple[list[int], list[int]]:
        encoding = self._encode(text)
        places = encoding["offset_mapping"]
        cases = [_case(text, start, end) if self.reads_case else LOWER for start, end in places]
        return list(encoding["input_ids"]), cases

    def _written(self, text: str) -> list[int]:
        """Ids of text in a format's writing: bare delimiters become reserved tokens."""
        ids: list[int] = []
        for delimiter, words in self._bare_or_words.findall(text):
            ids += [self.delimiter_ids[delimiter]] if delimiter else self._words_of(unescape(words))
        return ids

    def _ids_of(self, text: str) -> tuple[int, ...]:
        ids: list[int] = []
        unknown = int(self.tokenizer.unk_token_id)
        for i, part in enumerate(text.split(UNKNOWN)):
            ids += [unknown] * (i > 0)
            ids += self._encode(part)["input_ids"] if part.strip() else []
        return tuple(ids)

    def _encode(self, text: str) -> Any:
        """Ids and offsets; what looks like a special token (``[SEP]``) is ordinary text."""
        return self.tokenizer(text, add_special_tokens=False, return_offsets_mapping=True, split_special_tokens=True)

    def _spellings(self) -> list[str]:
        vocabulary = self.tokenizer.get_vocab()
        words = [""] * (max(vocabulary.values()) + 1)
        for word, i in vocabulary.items():
            words[i] = word
        return words

    @cached_property
    def _bytes(self) -> list[bytes]:
        special = set(self.tokenizer.all_special_ids) - {self.tokenizer.unk_token_id}
        table = [b"" if i in special else self._spelling(word) for i, word in enumerate(self._words)]
        table[int(self.tokenizer.unk_token_id)] = self._spelling(UNKNOWN)
        for delimiter, i in self.delimiter_ids.items():
            table[i] = delimiter.encode()
        return table

    def _spelling(self, word: str) -> bytes:
        if word.startswith("##") and len(word) > 2:
            return escape(word[2:], self.reserved).encode()
        return b" " + escape(word, self.reserved).encode()


class _WordBytes:
    """What llguidance's ``TokenizerWrapper`` asks of a tokenizer."""

    def __init__(self, codec: WordPieceCodec) -> None:
        tokenizer = codec.tokenizer
        self.eos_token_id = codec.eos_ids[0]
        self.bos_token_id = None
        self.special_token_ids = sorted(set(tokenizer.all_special_ids) - {tokenizer.unk_token_id})
        named = {i: word.encode() for i, word in enumerate(codec._words) if i in self.special_token_ids}
        self.tokens: Sequence[bytes] = [named.get(i, codec.token_bytes(i)) for i in range(len(codec._words))]
        self._encode: Callable[[str], list[int]] = codec._written

    def __call__(self, text: str | bytes) -> list[int]:
        return self._encode(text.decode("utf-8", errors="replace") if isinstance(text, bytes) else text)


def _case(text: str, start: int, end: int) -> int:
    """Case of the word that ``text[start:end]`` is a piece of."""
    if not text[start].isalnum():
        return LOWER
    while start > 0 and text[start - 1].isalnum():
        start -= 1
    while end < len(text) and text[end].isalnum():
        end += 1
    return case_of(text[start:end])


def case_of(word: str) -> int:
    """Whether a word is in lower case, begins with a capital, is in capitals, or mixes them."""
    if word == word.lower():
        return LOWER
    if word == word.upper():
        return UPPER if len(word) > 1 else TITLE
    return TITLE if word[1:] == word[1:].lower() else MIXED
