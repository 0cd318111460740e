# SPDX-License-Identifier: Apache-2.0
"""``listing``: items on one line, ``location: Coimbra; location: Portugal`` (RUIE, tables 12 and 13).

RUIE's samples cover entities (``type: span``), relations (``type: head, tail``), triggers
(``type: trigger``) and arguments; ``None`` says that there is nothing. Widened here to opinions,
whole events, classes, attributes and discontinuous mentions: see `items.py`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ..frames import Draft, Reject
from ..prompt import PLAIN, Writing
from ..schema.types import Schema
from .given import Told
from .grammar import LIMIT_CHARS, MAX_ITEMS, begin, check_size, repeated, word
from .instructions import Task
from .item_rules import ItemRules
from .items import DELIMITERS, NONE, check_labels, read_items, signatures, write_item
from .lexicon import Lexicon
from .marks import Marks, lacks_delimiters, split
from .pair_repeats import PairRepeats
from .prompter import Prompter
from .repeats import ItemRepeats

_NOTHING = 'If there is none, answer "None".'
ANSWERS: Mapping[Task, str] = {
    "entities": f'Output format: "type: entity; type: entity". {_NOTHING}',
    "relations": f'Output format: "relation: head, tail; relation: head, tail". {_NOTHING}',
    "events": f'Output format: "type: trigger, role: argument, role: argument; type: trigger". {_NOTHING}',
    "opinions": f'Output format: "polarity: aspect, opinion; polarity: aspect, opinion". {_NOTHING}',
    "classes": f'Output format: "class; class". {_NOTHING}',
    "arguments": f'Output format: "role: argument; role: argument". {_NOTHING}',
}
"""How the answer to each task is to be written, as a model is told."""


def survives(writing: Writing) -> str | None:
    return lacks_delimiters(writing, DELIMITERS)


prompt = Prompter(ANSWERS, signatures)


def write(drafts: Sequence[Draft], schema: Schema, writing: Writing = PLAIN) -> str:
    """The completion wanted for ``drafts`` (see `Format.write`)."""
    check_labels(schema)
    marks = Marks.of(writing, DELIMITERS)
    return " " + ("; ".join(write_item(draft, schema[draft.type], marks) for draft in drafts) or marks.label(NONE))


def read(
    completion: str, schema: Schema, writing: Writing = PLAIN, *, finished: bool = True
) -> tuple[list[Draft], list[Reject]]:
    """Drafts and rejects of a completion (see `Format.read`); a line break divides items like a semicolon."""
    items = [item for item in split(completion, ";\n", 0, len(completion)) if completion[item[0] : item[1]].strip()]
    return read_items(completion, items, Lexicon.of(schema, writing.spell), finished=finished)


def repeats(schema: Schema, text: str, writing: Writing = PLAIN) -> ItemRepeats:
    """What a completion may not say again (see `Format`)."""
    return ItemRepeats.of(schema, text, writing)


def repeats_among(schema: Schema, mentions: Sequence[Told], writing: Writing = PLAIN) -> PairRepeats:
    """What a completion about given mentions may not say again (see `Format`)."""
    return PairRepeats.of(schema, mentions, writing)


def grammar(
    schema: Schema,
    text: str,
    writing: Writing = PLAIN,
    *,
    limit_chars: int = LIMIT_CHARS,
    max_items: int | None = MAX_ITEMS,
) -> str:
    """The grammar of the completions (see `Format.grammar`)."""
    marks = Marks.of(writing, DELIMITERS)
    check_size(text, limit_chars)
    return _grammar(ItemRules(schema, text, marks, max_items), marks, writing, max_items)


def grammar_among(
    schema: Schema, mentions: Sequence[Told], writing: Writing = PLAIN, *, max_items: int | None = MAX_ITEMS
) -> str:
    """The grammar of the relations among given mentions (see `Format`)."""
    marks = Marks.of(writing, DELIMITERS)
    return _grammar(ItemRules(schema, "", marks, max_items, mentions), marks, writing, max_items)


def _grammar(rules: ItemRules, marks: Marks, writing: Writing, max_items: int | None) -> str:
    lines = begin(writing, "NONE | items" if rules.has_items else "NONE")
    lines.append(f"NONE: {word(NONE, 'answer', marks.label)}")
    if rules.has_items:
        lines += ["items: item " + repeated('"; " item', max_items, first=1), *rules.lines]
    return "\n".join(lines) + "\n"
