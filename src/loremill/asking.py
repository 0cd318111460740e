# SPDX-License-Identifier: Apache-2.0
"""How a schema is asked for: prompts, requests and their grammars, and what answers are read into."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import cast

from .errors import FormatError, GrammarLimit, InputError, SchemaError, UnknownNameError
from .formats import FORMATS, Format
from .formats.drafts import answer_of
from .formats.format import needs_given
from .formats.given import Told
from .formats.instructions import Task, instruction
from .formats.instructions.pools import pools_of
from .frames import Draft, Reject
from .prompt import Completion, Demonstration, Demonstrations, Habits, Model, Prompt, Repeats, Request
from .schema import Family, Schema
from .schema.split import split
from .text import TextView

ANSWER_SHARE = 4
"""One token in so many of the model's limit is kept free for the answer."""
MAX_ANSWER_RESERVE = 1024
MIN_TEXT = 8
"""Tokens of text that a window has room for at least."""


class Asker:
    """One schema, asked of one model in one format.

    Each family is asked for in a request of its own; one whose types alone fill the model's window in several, each
    about some of the types: `parts`.

    Args:
        format: a name of `FORMATS`.
        grammar: hold completions to the schema and to the words of the text, if the model can.
        demonstrations: who finds worked examples for a text.
        instruction_seed: draws wordings of instructions; None takes the canonical ones.
        instructions: file of pools that take the place of the library's.
        types_per_request: types of a family that one request asks for at most; None: as fit, and as the model is used
            to.
        span_head: let the model's span head, where it has one, find the entities instead of having them written. It
            knows nothing of demonstrations, attributes and given mentions: where there are any, and without a
            grammar, the model writes.
        span_threshold: least probability of a mention that it finds; None: the head's own.

    Raises:
        LoremillError: the model, schema and format cannot be used together.
    """

    def __init__(
        self,
        model: Model,
        schema: Schema,
        format: str = "listing",
        *,
        grammar: bool = True,
        demonstrations: Demonstrations | None = None,
        instruction_seed: int | None = None,
        instructions: str | Path = "",
        types_per_request: int | None = None,
        span_head: bool = True,
        span_threshold: float | None = None,
    ) -> None:
        if span_threshold is not None and not 0.0 < span_threshold <= 1.0:
            raise InputError(f"span_threshold needs to be above 0 and at most 1, got {span_threshold}")
        if format not in FORMATS:
            raise UnknownNameError("format", format, FORMATS)
        if types_per_request is not None and types_per_request < 1:
            raise InputError(f"types_per_request needs to be at least 1, got {types_per_request}")
        self.model = model
        self.format: Format = FORMATS[format]
        if (why := self.format.survives(model.writing)) is not None:
            able = [name for name, other in FORMATS.items() if other.survives(model.writing) is None]
            raise FormatError(f"this model cannot write the format {format!r}: {why}; it can write {', '.join(able)}")
        self.grammar = grammar and "grammar" in model.can
        self.demonstrations = demonstrations
        is_able = "spans" in model.can and self.grammar and demonstrations is None and not needs_given(self.format)
        self.span_head = span_head and is_able
        self.span_threshold = span_threshold
        self.habits: Habits = getattr(model, "habits", None) or Habits()
        self.budget = model.max_tokens - min(model.max_tokens // ANSWER_SHARE, MAX_ANSWER_RESERVE)
        self.instruction_seed = instruction_seed
        self._pools = pools_of(instructions)
        self._count_bare = lru_cache(maxsize=100)(model.count_tokens)
        self._undefined = lru_cache(maxsize=100)(Schema.without_definitions)
        self.parts: dict[Family, tuple[Schema, ...]] = {
            f: self._split(schema.family(f), types_per_request) for f in schema.families
        }
        self.instructions: dict[Family, str] = {f: self.prompt(p[0], "").instruction for f, p in self.parts.items()}
        self.identity = {f"instruction for {family}": words for family, words in self.instructions.items()}
        self.identity |= {f"requests for {f}": f"{len(p)} per window" for f, p in self.parts.items() if len(p) > 1}
        if self.habits.skips_definitions:
            self.identity["definitions"] = "not told, as in training"
        if found := [f for f, parts in self.parts.items() if any(map(self.finds, parts))]:
            self.identity |= {f"{f} by": f"span head, threshold {span_threshold or 'its own'}" for f in found}
        self.is_relating = self.habits.is_told_entities and self._finds_what_relates()
        if self.is_relating:
            self.identity["relations"] = "asked for among the entities found"
        self._measure()

    def each_part(self) -> Iterator[Schema]:
        """What each request of a window is about."""
        for parts in self.parts.values():
            yield from parts

    def fits(self, text: str) -> bool:
        """Whether the text has room in every request about it, and is not longer than the model is used to."""
        longest = self.habits.max_text_tokens
        for number, part in enumerate(self.each_part()):
            prompt = self.prompt(part, text)
            tokens = self.model.count_tokens(prompt)
            if tokens > self.budget:
                return False
            if number == 0 and longest is not None and self._tokens_of_text(prompt, tokens) > longest:
                return False
        return True

    def about(self, part: Schema, text: str, view: TextView) -> tuple[Request, list[str]]:
        """The request about a text with as many demonstrations as have room, with notes on what was left out."""
        examples, notes = self._demonstrations(text, part)
        found = len(examples)
        prompt = self.prompt(part, text, examples)
        while examples and not self.has_room(prompt):
            del examples[0]  # the best are last
            prompt = self.prompt(part, text, examples)
        if len(examples) < found:
            notes.append(f"read without {found - len(examples)} of {found} demonstrations, for there was no room")
        request, more = self.request(prompt, part, view)
        return request, notes + more

    def prompt(
        self,
        part: Schema,
        text: str,
        examples: Sequence[Demonstration] = (),
        *,
        task: Task | None = None,
        pool: Task | None = None,
        given: str = "",
    ) -> Prompt:
        """The prompt that asks for ``part`` of the schema, which is told as the model is used to.

        Args:
            task: what is asked for where it is not the part's family.
            pool: where the wording comes from, if not from that of the task.
            given: what is told beforehand.
        """
        if self.habits.skips_definitions:
            part = self._undefined(part)
        if task is None and needs_given(self.format):
            task = "typing"
        return self.format.prompt(
            part,
            text,
            self.model.writing,
            demonstrations=examples,
            given=given,
            task=task,
            wording=instruction(pool or task or part.families[0], self.instruction_seed, self._pools),
        )

    def _demonstrations(self, text: str, part: Schema) -> tuple[list[Demonstration], list[str]]:
        """Worked examples about ``part`` of the schema in this extractor's format, with notes on what cannot be one."""
        examples: list[Demonstration] = []
        notes: list[str] = []
        for doc in self.demonstrations.select(text, part) if self.demonstrations is not None else ():
            try:
                examples.append(Demonstration(doc.text, answer_of(doc, part, self.format, self.model)))
            except FormatError as error:
                notes.append(f"read without demonstration {doc.id!r}, which cannot be written: {error}")
        return examples, notes

    def request(
        self, prompt: Prompt, part: Schema, view: TextView, among: Sequence[Told] | None = None
    ) -> tuple[Request, list[str]]:
        """The request for a prompt about ``part`` of the schema, with notes on what had to be left out.

        An answer may have 64 tokens and three times those of the text, within the model's limit.

        Args:
            among: the mentions that slots may be filled with, where the format can hold an answer to them.
        """
        if self.finds(part) and not (prompt.given or prompt.task):
            return Request(prompt, labels=tuple(t.label for t in part), threshold=self.span_threshold), []
        notes = []
        grammar = repeats = None
        if self.grammar:
            try:
                grammar = self._grammar(part, view.text, among)
                repeats = self._repeats(part, view.text, among)
            except GrammarLimit as error:
                notes.append(f"generated without a grammar: {error}")
        tokens = self.model.count_tokens(prompt)
        room = min(64 + 3 * self._tokens_of_text(prompt, tokens), self.model.max_tokens - tokens)
        return Request(prompt, grammar, room, repeats), notes

    def finds(self, part: Schema) -> bool:
        """Whether the mentions of this part of the schema are found by a span head, not written."""
        return self.span_head and part.families == ("entities",) and not any(t.attributes for t in part)

    def _finds_what_relates(self) -> bool:
        """Whether all that relations of the schema take are entities that a span head finds."""
        slots = [s for part in self.parts.get("relations", ()) for t in part for s in t.slots]
        found = {t.name for part in self.parts.get("entities", ()) if self.finds(part) for t in part}
        return bool(slots) and all(s.types and found.issuperset(s.types) for s in slots)

    def read(self, completion: Completion, part: Schema) -> tuple[list[Draft], list[Reject]]:
        """Drafts and rejects of a completion about ``part`` of the schema."""
        return self.format.read(completion.text, part, self.model.writing, finished=completion.finish_reason == "stop")

    def has_room(self, prompt: Prompt) -> bool:
        """Whether the model can read the prompt and has room left for the answer."""
        return self.model.count_tokens(prompt) <= self.budget

    def _tokens_of_text(self, prompt: Prompt, tokens: int) -> int:
        """How many of a prompt's tokens are the text's."""
        return max(0, tokens - self._count_bare(replace(prompt, text="")))

    def _grammar(self, part: Schema, text: str, among: Sequence[Told] | None = None) -> str:
        made = getattr(self.format, "grammar_among", None)
        if among is not None and made is not None:
            return str(made(part, among, self.model.writing))
        return self.format.grammar(part, text, self.model.writing)

    def _repeats(self, part: Schema, text: str, among: Sequence[Told] | None = None) -> Repeats | None:
        made = getattr(self.format, "repeats_among", None)
        if among is not None and made is not None:
            return cast(Repeats, made(part, among, self.model.writing))
        made = getattr(self.format, "repeats", None)
        return made(part, text, self.model.writing) if made is not None else None

    def _split(self, schema: Schema, most: int | None) -> tuple[Schema, ...]:
        """One family's types by request. Formats about given mentions ask for all at once, for one is the answer.

        Raises:
            SchemaError: the types, or one of them alone, leave no room for a text.
        """

        def size(part: Schema) -> int:
            return self.model.count_tokens(self.prompt(part, ""))

        def fits(part: Schema) -> bool:
            if size(part) + MIN_TEXT > self.budget:
                return False
            if most is not None:
                return len(part) <= most
            is_usual = self.habits.max_types is None or len(part) <= self.habits.max_types
            return len(part) == 1 or (is_usual and (len(part) == len(schema) or 2 * size(part) <= self.budget))

        limit = (
            f"the model reads {self.model.max_tokens} and keeps {self.model.max_tokens - self.budget} for the answer"
        )
        if needs_given(self.format):
            if most is None and size(schema) + MIN_TEXT <= self.budget:
                return (schema,)
            what = f"the schema's {len(schema)} {schema.families[0]} take {size(schema)} tokens, {limit}"
            raise SchemaError(f"{what}: a format about given mentions asks for all types at once, name fewer")
        try:
            return split(schema, fits)
        except SchemaError as error:
            raise SchemaError(f"{error}; {limit}") from error

    def _measure(self) -> None:
        """Check that the schema can be written.

        Raises:
            FormatError: the format, or the model's tokenizer, cannot write the schema's labels.
        """
        for part in self.each_part():
            self.format.read("", part, self.model.writing)
            if self.grammar:
                self._grammar(part, "")
