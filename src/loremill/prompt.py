# SPDX-License-Identifier: Apache-2.0
"""What is asked of a model and what comes back, as values, not strings."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol, get_args, runtime_checkable

from .frames import Document
from .schema.types import Family, Schema
from .text import TextView, whole_characters

Ability = Literal["grammar", "logprobs", "loglik", "adapters", "spans"]
Capability = Literal["judging", "locating", "associating"]
"""The universal capabilities of UC-UIE, each with a sub-task of its own (`formats.subtasks`)."""
CAPABILITIES: tuple[Capability, ...] = get_args(Capability)
"""In the order of the paper's equations (J, L, A)."""
FinishReason = Literal["stop", "length", "error"]


@dataclass(frozen=True, slots=True)
class Demonstration:
    """A worked example inside a prompt: a text and the completion wanted for it."""

    text: str
    answer: str


@dataclass(frozen=True, slots=True)
class Prompt:
    """The parts of a prompt, worded by a format; a model renders them its own way (roles, template, masks).

    The parts stay apart so that adapters can read the schema, the instruction or the text alone.
    ``given`` words what is told beforehand (a trigger, a pair of mentions). ``task`` names what is asked where it is
    not the whole of the family (``arguments``, ``triggers``, ``typing``, a `Capability`): adapters read it, and models
    whose prompts show no instruction. ``wording`` is the task in other words than the canonical ones, for models
    that are trained on tasks and formats and need not be told either.
    """

    family: Family
    instruction: str
    schema: str
    text: str
    definitions: str = ""
    demonstrations: tuple[Demonstration, ...] = ()
    given: str = ""
    task: str = ""
    wording: str = ""


class Repeats(Protocol):
    """What a completion has said already and may not say again, see `formats.repeats`."""

    def said(self, completion: str) -> Sequence[str]:
        """What stands, in what was written before, in the place that the completion has come to; mostly nothing."""
        ...

    def is_spent(self, begin: str, said: Sequence[str]) -> bool:
        """Whether what begins so would say something again."""
        ...


@dataclass(frozen=True, slots=True)
class Request:
    """A prompt, the grammar (Lark, for llguidance) its completion must follow, and a limit on its tokens.

    ``grammar`` is None for free generation; ``max_new_tokens`` None lets the model choose. ``repeats`` is heeded under
    a grammar, by models that choose token by token. ``labels``, of the types asked for, want the mentions in the
    prompt's text found instead of written down, of a model that can (``spans``): those of at least the probability
    ``threshold``, of its own choice where that is None.
    """

    prompt: Prompt
    grammar: str | None = None
    max_new_tokens: int | None = None
    repeats: Repeats | None = None
    labels: tuple[str, ...] | None = None
    threshold: float | None = None


@dataclass(frozen=True, slots=True)
class FoundSpan:
    """A mention found, not written: characters ``start, end`` of the prompt's text, its label's number, its score."""

    start: int
    end: int
    label: int
    score: float


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens read and written, and model calls."""

    prompt_tokens: int = 0
    completion_tokens: int = 0
    requests: int = 0

    def __add__(self, other: Usage) -> Usage:
        return Usage(
            self.prompt_tokens + other.prompt_tokens,
            self.completion_tokens + other.completion_tokens,
            self.requests + other.requests,
        )


@dataclass(frozen=True, slots=True)
class Completion:
    """What a model wrote.

    ``offsets[i]`` is the piece ``start, end`` of ``text`` that token ``i`` wrote; the end-of-sequence
    token, if written, is the last and has ``start == end == len(text)``. ``logprobs`` are natural
    logarithms of the model's own probabilities, ``masked_logprobs`` of those renormalised over
    what the grammar allowed; both None from a model that cannot tell them. Half a surrogate pair in
    ``text``, which no file can hold, becomes U+FFFD. ``spans`` answer a request with ``labels`` and are None of others.
    """

    text: str
    offsets: tuple[tuple[int, int], ...] = ()
    logprobs: tuple[float, ...] | None = None
    masked_logprobs: tuple[float, ...] | None = None
    finish_reason: FinishReason = "stop"
    usage: Usage = field(default_factory=Usage)
    notes: tuple[str, ...] = ()
    error: str | None = None
    spans: tuple[FoundSpan, ...] | None = None

    def score(self, start: int, end: int) -> float | None:
        """Probability of what stands at ``text[start:end]``: the product over the tokens that begin there.

        Masked (renormalised) probabilities; the end-of-sequence token closes whatever reaches the end of
        the text. None from a model that cannot tell them.
        """
        if self.masked_logprobs is None:
            return None
        first = bisect_left(self.offsets, (start, 0))  # offsets are in order
        last = bisect_left(self.offsets, (end, 0))
        total = sum(self.masked_logprobs[first:last])
        if end >= len(self.text):
            total += sum(self.masked_logprobs[max(first, last) :])
        return min(1.0, math.exp(total))

    def __post_init__(self) -> None:
        object.__setattr__(self, "text", whole_characters(self.text))
        for name in ("logprobs", "masked_logprobs"):
            given = getattr(self, name)
            if given is not None and len(given) != len(self.offsets):
                raise ValueError(f"{name} need one value per token: {len(given)} values, {len(self.offsets)} tokens")


@dataclass(frozen=True, slots=True)
class Writing:
    """How a model's tokenizer writes completions.

    Args:
        lead: what they start with: a blank, or nothing behind a chat template's turn marker.
        no_forcing: its grammars must ask for a mask at every token (WordPiece).
        reserved: None from a tokenizer that writes every character. One of words (WordPiece) has tokens of
            their own for these delimiters, and spells the same marks of a text behind a backslash.
        spell: how it writes a label; ``spell(label) == view(label).text``.
    """

    lead: str = " "
    no_forcing: bool = False
    reserved: str | None = None
    spell: Callable[[str], str] = str


PLAIN = Writing()
"""Of a tokenizer that writes every character, after a prompt in plain text."""


@dataclass(frozen=True, slots=True)
class Habits:
    """What a small model was trained to be asked; extraction cuts larger windows and schemas. None: no limit.

    Args:
        max_text_tokens: of a window's text.
        max_types: of a family in one request.
        is_told_entities: relations are best asked for among entities that were found before.
        skips_definitions: it was shown types by their labels alone.

    Raises:
        ValueError: a limit is no positive number, or a fact neither true nor false.
    """

    max_text_tokens: int | None = None
    max_types: int | None = None
    is_told_entities: bool = False
    skips_definitions: bool = False

    def __post_init__(self) -> None:
        for name in ("is_told_entities", "skips_definitions"):
            if type(getattr(self, name)) is not bool:
                raise ValueError(f"{name} needs to be true or false, got {getattr(self, name)!r}")
        for name in ("max_text_tokens", "max_types"):
            value = getattr(self, name)
            if value is not None and (type(value) is not int or value < 1):
                raise ValueError(f"{name} needs to be a positive number, got {value!r}")


@dataclass(frozen=True, slots=True)
class LogLik:
    """Log-likelihood of an answer after a prompt: natural logarithms, one per answer token."""

    token_logprobs: tuple[float, ...]

    @property
    def total(self) -> float:
        return sum(self.token_logprobs)

    @property
    def mean(self) -> float:
        """Mean per token (RUIE, section 3.2); 0 for an empty answer."""
        return self.total / len(self.token_logprobs) if self.token_logprobs else 0.0


class Demonstrations(Protocol):
    """Whoever finds worked examples for a text (a retriever, a fixed list)."""

    def select(self, text: str, schema: Schema) -> Sequence[Document]:
        """Annotated documents for ``text`` under a schema of one family, best last; the format writes their answers."""
        ...


@runtime_checkable
class Model(Protocol):
    """Whoever writes completions. What it cannot do (``can``) raises `ModelError`.

    One that was trained on windows and schemas of some size tells them as ``habits`` (`Habits`).
    """

    can: frozenset[Ability]
    max_tokens: int
    """Longest prompt plus completion, in tokens."""
    identity: dict[str, str]
    """What decides its output, for a run's identity: name, revision or weights' hash, adapter, decoding."""

    writing: Writing

    def view(self, text: str) -> TextView:
        """The text as the tokenizer can express it."""
        ...

    def count_tokens(self, prompt: Prompt) -> int:
        """Tokens of the rendered prompt."""
        ...

    def complete(self, requests: Iterable[Request]) -> Iterator[Completion]:
        """One completion per request, in input order, reading ahead no more than a few batches."""
        ...

    def loglik(self, pairs: Sequence[tuple[Prompt, str]]) -> list[LogLik]:
        """Log-likelihood of each answer after its prompt."""
        ...
