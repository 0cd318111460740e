# SPDX-License-Identifier: Apache-2.0
"""The prompts of the formats: the same parts in each, only the types and the answer are shown its own way."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from ..prompt import PLAIN, Demonstration, Prompt, Writing
from ..schema.types import Family, Schema
from .format import family_of
from .instructions import Task, instruction


@dataclass(frozen=True, slots=True)
class Prompter:
    """The function ``prompt`` of a format (see `Format.prompt`).

    Args:
        answers: how the answer to each task is to be written, as a model is told.
        types: a schema as the format shows it; refuses one whose labels it cannot tell apart.
        has_definitions: whether what ``types`` shows tells the definitions already.
    """

    answers: Mapping[Task, str]
    types: Callable[[Schema, Writing], str]
    has_definitions: bool = False

    def __call__(
        self,
        schema: Schema,
        text: str,
        writing: Writing = PLAIN,
        *,
        demonstrations: Sequence[Demonstration] = (),
        given: str = "",
        task: Task | None = None,
        wording: str | None = None,
    ) -> Prompt:
        family = family_of(schema)
        types = self.types(schema, writing)
        return Prompt(
            family=family,
            instruction=instructed(task or family, wording, self.answers, family),
            schema=types,
            text=text,
            definitions="" if self.has_definitions else definitions(schema),
            demonstrations=tuple(demonstrations),
            given=given,
            task=task or ("triggers" if family == "events" and not any(t.slots for t in schema) else ""),
            wording=reworded(task or family, wording),
        )


def instructed(task: Task, wording: str | None, answers: Mapping[Task, str], family: Family | None = None) -> str:
    """The task in words, and how its answer is to be written: as one of the family where the task has no form of its
    own (the sub-tasks of one capability)."""
    written = task if task in answers or family is None else family
    return f"{wording or instruction(task)} {answers[written]}"


def reworded(task: Task, wording: str | None) -> str:
    """The wording of a task where it is not the canonical one, else nothing."""
    return "" if wording is None or wording == instruction(task) else wording


def definitions(schema: Schema) -> str:
    """One line per type that has a description."""
    return "\n".join(f"{t.label}: {t.description}" for t in schema if t.description)
