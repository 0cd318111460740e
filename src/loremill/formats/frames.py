# SPDX-License-Identifier: Apache-2.0
"""``frames``: frames and slots in brackets, ``{(Speech: delivered): [(Speaker: Barack Obama)]}`` (UC-UIE, section 3.2).

The paper writes ``Null`` where a task has no filler. Decided here where it is silent: absent slots are
left out, ``{}`` says that there is nothing, delimiters of the text stand behind a backslash, frames
are divided by commas inside one pair of braces. Widened to classes, attributes and discontinuous
mentions: see `frame_writer.py`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from ..frames import Draft, Reject
from ..prompt import PLAIN, Writing
from ..schema.types import Schema
from .frame_groups import STRUCTURE
from .frame_reader import FrameReader
from .frame_rules import FrameRules
from .frame_writer import DELIMITERS, Brackets, template, write_frame
from .grammar import LIMIT_CHARS, MAX_ITEMS, begin, check_size, literal, repeated
from .instructions import Task
from .lexicon import Lexicon
from .marks import lacks_delimiters
from .prompter import Prompter

__all__ = ["ANSWERS", "DELIMITERS", "STRUCTURE", "grammar", "prompt", "read", "survives", "write"]

_NOTHING = 'If there is none, answer "{}".'
ANSWERS: Mapping[Task, str] = {
    "entities": f'Output format: "{{(type: entity), (type: entity)}}". {_NOTHING}',
    "relations": f'Output format: "{{(relation: Null): [(head: entity), (tail: entity)]}}". {_NOTHING}',
    "events": f'Output format: "{{(type: trigger): [(role: argument), (role: argument)]}}". {_NOTHING}',
    "opinions": f'Output format: "{{(polarity: Null): [(aspect: span), (opinion: span)]}}". {_NOTHING}',
    "classes": f'Output format: "{{(class: Null), (class: Null)}}". {_NOTHING}',
    "arguments": f'Output format: "{{(role: argument), (role: argument)}}". {_NOTHING}',
}
"""How the answer to each task is to be written, as a model is told."""


def survives(writing: Writing) -> str | None:
    return lacks_delimiters(writing, DELIMITERS)


def _templates(schema: Schema, writing: Writing) -> str:
    """The types as templates of their frames."""
    brackets = Brackets.of(writing)
    return ", ".join(template(t, brackets) for t in schema)


prompt = Prompter(ANSWERS, _templates)


def write(drafts: Sequence[Draft], schema: Schema, writing: Writing = PLAIN) -> str:
    """The completion wanted for ``drafts`` (see `Format.write`)."""
    brackets = Brackets.of(writing)
    return " " + brackets.answer([write_frame(draft, schema[draft.type], brackets) for draft in drafts])


def read(
    completion: str, schema: Schema, writing: Writing = PLAIN, *, finished: bool = True
) -> tuple[list[Draft], list[Reject]]:
    """Drafts and rejects of a completion (see `Format.read`).

    Read are also several pairs of braces or none, blanks anywhere, ``: []``, a missing ``Null``, and bare
    commas, colons and pairs of round brackets inside a span. A frame with a bracket too many or too few
    is rejected, and the next one that can be told is read on.
    """
    lexicon = Lexicon.of(schema, writing.spell)
    keeps_null = Brackets.of(writing).keeps_null
    reader = FrameReader(completion, lexicon, keeps_null=keeps_null, finished=finished)
    return reader.drafts, reader.rejects


def grammar(
    schema: Schema,
    text: str,
    writing: Writing = PLAIN,
    *,
    limit_chars: int = LIMIT_CHARS,
    max_items: int | None = MAX_ITEMS,
) -> str:
    """The grammar of the completions (see `Format.grammar`)."""
    brackets = Brackets.of(writing)
    check_size(text, limit_chars)
    rules = FrameRules(schema, text, brackets, max_items)
    if writing.reserved is not None:  # its brackets are tokens without a blank before them
        writing = replace(writing, lead="")
    if not rules.has_items:
        return "\n".join(begin(writing, '"{}"')) + "\n"
    lines = begin(writing, '"{}" | items')
    frames = f"item {repeated(f'{literal(brackets.divided)} item', max_items, first=1)}"
    lines += [f'items: {literal("{" + brackets.opened)} {frames} "}}"', *rules.lines]
    return "\n".join(lines) + "\n"
