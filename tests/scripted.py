# SPDX-License-Identifier: Apache-2.0
"""Stand-ins with known behaviour: a model that writes given answers, an extractor that finds capitalised words."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice

from loremill.errors import ModelError
from loremill.extraction import Extraction
from loremill.frames import Document, Frame
from loremill.prompt import Ability, Completion, LogLik, Prompt, Request, Usage, Writing
from loremill.text import Mention, TextView


class ScriptedModel:
    """Writes ``answer(prompt)``; tokens are words and single other characters. ``requests`` records what it was asked.

    A ``ModelError`` that ``answer`` raises becomes a completion with an error.
    """

    def __init__(
        self,
        answer: Callable[[Prompt], str],
        *,
        can: Iterable[Ability] = ("grammar", "logprobs"),
        max_tokens: int = 512,
        logprob: float = -0.1,
        batch_size: int = 4,
        delay_s: float = 0.0,
    ) -> None:
        self.answer = answer
        self.can: frozenset[Ability] = frozenset(can)
        self.max_tokens = max_tokens
        self.identity = {"model": "scripted"}
        self.writing = Writing()
        self.logprob = logprob
        self.batch_size = batch_size
        self.delay_s = delay_s
        self.requests: list[Request] = []

    def view(self, text: str) -> TextView:
        return TextView.identity(text)

    def count_tokens(self, prompt: Prompt) -> int:
        parts = (prompt.instruction, prompt.schema, prompt.definitions, prompt.given, prompt.text)
        demonstrations = (part for d in prompt.demonstrations for part in (d.text, d.answer))
        return sum(len(_offsets(part)) for part in (*parts, *demonstrations))

    def complete(self, requests: Iterable[Request]) -> Iterator[Completion]:
        requests = iter(requests)
        while batch := list(islice(requests, self.batch_size)):
            self.requests += batch
            time.sleep(self.delay_s * len(batch))
            yield from map(self._completion, batch)

    def loglik(self, pairs: Sequence[tuple[Prompt, str]]) -> list[LogLik]:
        return [LogLik(tuple(self.logprob for _ in _offsets(answer))) for _, answer in pairs]

    def _completion(self, request: Request) -> Completion:
        read = self.count_tokens(request.prompt)
        try:
            text = self.writing.lead + self.answer(request.prompt)
        except ModelError as error:
            return Completion("", finish_reason="error", usage=Usage(read, 0, 1), error=str(error))
        offsets = (*_offsets(text), (len(text), len(text)))
        logprobs = (self.logprob,) * len(offsets) if "logprobs" in self.can else None
        return Completion(text, offsets, logprobs, logprobs, usage=Usage(read, len(offsets), 1))


class ScriptedExtractor:
    """Finds capitalised words as ``name``, reading ``batch_size`` documents ahead; "bad" in a text is an error."""

    def __init__(self, *, batch_size: int = 4, delay_s: float = 0.0, schema: str = "name") -> None:
        self.identity = {"model": "scripted", "schema": schema}
        self.batch_size = batch_size
        self.delay_s = delay_s
        self.read = 0

    def extract(self, docs: Iterator[Document], /) -> Iterator[Extraction]:
        while batch := list(islice(docs, self.batch_size)):
            self.read += len(batch)
            time.sleep(self.delay_s * len(batch))
            yield from map(_names, batch)


def _names(doc: Document) -> Extraction:
    if "bad" in doc.text:
        return Extraction.failed(doc.id, doc.text, "the model could not read it")
    found = re.finditer(r"\b[A-Z]\w*", doc.text)
    frames = tuple(Frame("name", Mention.at(m.start(), m.end()), score=0.9) for m in found)
    return Extraction(doc.id, doc.text, frames, (), 1.0, Usage(len(doc.text.split()), len(frames), 1))


def _offsets(text: str) -> list[tuple[int, int]]:
    return [m.span() for m in re.finditer(r"\w+|\W", text)]
