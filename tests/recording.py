# SPDX-License-Identifier: Apache-2.0
"""A model that records what it was shown and writes token by token what a test lays down."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice

from loremill.prompt import Ability, Completion, LogLik, Prompt, Request, Usage, Writing
from loremill.text import TextView

Token = tuple[str, float]
"""What a token writes and its masked probability."""


class RecordingModel:
    """Writes ``answer(request)``: a string, tokens with probabilities, or a completion as it is.

    A token of a prompt is a character. ``requests`` are those it was asked, in order; ``read`` counts
    them, so that a test can see how far ahead it was read.
    """

    def __init__(
        self,
        answer: Callable[[Request], str | Sequence[Token] | Completion],
        *,
        can: Iterable[Ability] = ("grammar", "logprobs"),
        max_tokens: int = 4_000,
        batch_size: int = 4,
        view: Callable[[str], TextView] = TextView.identity,
    ) -> None:
        self.answer = answer
        self.can: frozenset[Ability] = frozenset(can)
        self.max_tokens = max_tokens
        self.batch_size = batch_size
        self.view = view
        self.identity = {"model": "recording"}
        self.writing = Writing(spell=lambda label: view(label).text)
        self.requests: list[Request] = []

    @property
    def shown(self) -> list[str]:
        return [request.prompt.text for request in self.requests]

    def count_tokens(self, prompt: Prompt) -> int:
        demonstrations = sum(len(d.text) + len(d.answer) for d in prompt.demonstrations)
        return len(prompt.schema) + len(prompt.text) + demonstrations

    def complete(self, requests: Iterable[Request]) -> Iterator[Completion]:
        requests = iter(requests)
        while batch := list(islice(requests, self.batch_size)):
            for request in batch:
                assert self.count_tokens(request.prompt) < self.max_tokens
                assert request.max_new_tokens is not None or request.labels is not None
                assert request.max_new_tokens is None or request.max_new_tokens >= 1
            self.requests += batch
            yield from (self._completion(self.answer(request)) for request in batch)

    def loglik(self, pairs: Sequence[tuple[Prompt, str]]) -> list[LogLik]:
        return [LogLik((0.0,) * len(answer)) for _, answer in pairs]

    def _completion(self, answer: str | Sequence[Token] | Completion) -> Completion:
        if isinstance(answer, Completion):
            return answer
        tokens = [(c, 0.5) for c in answer] + [("", 0.5)] if isinstance(answer, str) else list(answer)
        return completion(tokens, can_score="logprobs" in self.can)


def completion(tokens: Sequence[Token], *, can_score: bool = True) -> Completion:
    """A finished completion of ``tokens``; the last, empty, is the end-of-sequence token."""
    text, offsets = "", []
    for written, _ in tokens:
        offsets.append((len(text), len(text) + len(written)))
        text += written
    masked = tuple(math.log(p) for _, p in tokens)
    raw = tuple(value - 1.0 for value in masked)
    if not can_score:
        return Completion(text, tuple(offsets), usage=Usage(10, len(tokens), 1))
    return Completion(text, tuple(offsets), raw, masked, usage=Usage(10, len(tokens), 1))
