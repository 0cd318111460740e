# SPDX-License-Identifier: Apache-2.0
r"""``enumeration``: a numbered line per item, ``1. person: Ada\n2. location: Coimbra`` (SaM, section 3.1).

One of SaM's three output styles. The paper's sample, ``Type: span1, span2, ...``, has a line per type and is
about entities; here each item has a line and a number, so that relations, events and the rest find a place
too. An item is that of `items.py`, written as in ``listing``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from ..escape import unescape
from ..frames import Draft, Reject
from ..prompt import PLAIN, Writing
from ..schema.types import Schema
from .grammar import LIMIT_CHARS, MAX_ITEMS, begin, check_size, repeated, word
from .instructions import Task
from .item_rules import ItemRules
from .items import DELIMITERS, NONE, check_labels, read_items, signatures, write_item
from .lexicon import Lexicon
from .marks import Marks, lacks_characters, split
from .prompter import Prompter

STRUCTURE = ";\n"
"""What divides items and belongs to none where it stands alone."""

_NOTHING = 'If there is none, answer "None".'
_LINES = "Output format: one numbered line each,"
ANSWERS: Mapping[Task, str] = {
    "entities": f'{_LINES} "1. type: entity". {_NOTHING}',
    "relations": f'{_LINES} "1. relation: head, tail". {_NOTHING}',
    "events": f'{_LINES} "1. type: trigger, role: argument, role: argument". {_NOTHING}',
    "opinions": f'{_LINES} "1. polarity: aspect, opinion". {_NOTHING}',
    "classes": f'{_LINES} "1. class". {_NOTHING}',
    "arguments": f'{_LINES} "1. role: argument". {_NOTHING}',
}
"""How the answer to each task is to be written, as a model is told."""

_LINE = re.compile(r"(?P<item>[^\n]*?)(?:\r?\n|\Z)")
_MOST_DIGITS = 9
_NUMBER = re.compile(rf"\s*+(?:[(\[]?\d{{1,{_MOST_DIGITS}}}[.)\]](?!\d)|[-*•–—](?=\s))\s*+(?=\S)")


def survives(writing: Writing) -> str | None:
    return lacks_characters(writing, "line breaks")


prompt = Prompter(ANSWERS, signatures)


def write(drafts: Sequence[Draft], schema: Schema, writing: Writing = PLAIN) -> str:
    """The completion wanted for ``drafts`` (see `Format.write`)."""
    check_labels(schema)
    marks = Marks.of(writing, DELIMITERS)
    items = [f"{i}. {write_item(draft, schema[draft.type], marks)}" for i, draft in enumerate(drafts, 1)]
    return " " + ("\n".join(items) or marks.label(NONE))


def read(
    completion: str, schema: Schema, writing: Writing = PLAIN, *, finished: bool = True
) -> tuple[list[Draft], list[Reject]]:
    """Drafts and rejects of a completion, line by line (see `Format.read`).

    Numbers may be wrong, missing, ``1)`` or bullets. A semicolon divides items where one of the schema follows it.
    """
    lexicon = Lexicon.of(schema, writing.spell)
    return read_items(completion, _items(completion, lexicon), lexicon, finished=finished, body=_behind_number)


def _items(text: str, lexicon: Lexicon) -> list[tuple[int, int, int]]:
    """Pieces ``start, stop, end`` that hold an item each; ``end`` is behind the line break or semicolon.

    A line break divides even behind a backslash: inside a span it is written as ``\\n``.
    """
    items: list[tuple[int, int, int]] = []
    for line in _LINE.finditer(text):
        is_first = True
        for start, stop, end in split(text, ";", line.start(), line.end("item")):
            if not text[start:stop].strip():
                continue
            if is_first or _is_item(text, start, stop, lexicon):
                items.append((start, stop, end))
            else:  # a semicolon that should have been escaped
                items[-1] = (items[-1][0], stop, end)
            is_first = False
        if not is_first and items[-1][1] == items[-1][2]:  # no semicolon closes it
            items[-1] = (*items[-1][:2], line.end())
    return items


def _is_item(text: str, start: int, stop: int, lexicon: Lexicon) -> bool:
    """Whether ``text[start:stop]`` starts with the label of a type and a colon, or is a class."""
    start = _behind_number(text, start, stop)
    _, label_stop, body = split(text, ":", start, stop)[0]
    frame_type = lexicon.type(unescape(text[start:label_stop].strip()))
    return frame_type is not None and (body > label_stop or frame_type.family == "classes")


def _behind_number(text: str, start: int, stop: int) -> int:
    """Where an item starts behind its number or bullet."""
    number = _NUMBER.match(text, start, stop)
    return number.end() if number else start


def grammar(
    schema: Schema,
    text: str,
    writing: Writing = PLAIN,
    *,
    limit_chars: int = LIMIT_CHARS,
    max_items: int | None = MAX_ITEMS,
) -> str:
    """The grammar of the completions (see `Format.grammar`); any number stands before an item."""
    marks = Marks.of(writing, DELIMITERS)
    check_size(text, limit_chars)
    rules = ItemRules(schema, text, marks, max_items)
    lines = begin(writing, "NONE | items" if rules.has_items else "NONE")
    lines.append(f"NONE: {word(NONE, 'answer', marks.label)}")
    if rules.has_items:
        digits = _MOST_DIGITS if max_items is None else len(str(max_items))
        number = f"[1-9][0-9]{{0,{digits - 1}}}\\. "
        lines += [
            f"FIRST: /{number}/",
            f"NEXT: /\\n{number}/",
            f"items: FIRST item {repeated('NEXT item', max_items, first=1)}",
            *rules.lines,
        ]
    return "\n".join(lines) + "\n"
