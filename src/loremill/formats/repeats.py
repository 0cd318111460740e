# SPDX-License-Identifier: Apache-2.0
"""What an answer of items (`items.py`) has said already, so that decoding does not say it again.

An occurrence of a word in the text begins at most one mention of a type, or one tail of a relation's head. So a word
that stands there once may begin one; what begins with it a second time repeats an item, as small models do for want
of another. Two mentions of one type that begin at the same word are thereby found once: of the longer and the shorter
what comes first.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ..escape import unescape
from ..prompt import Writing
from ..schema.types import Schema
from .items import DELIMITERS
from .lexicon import Lexicon
from .marks import Marks, split


@dataclass(frozen=True, slots=True)
class ItemRepeats:
    """`prompt.Repeats` of items with a semicolon between them.

    Args:
        text: as completions write it.
    """

    text: str
    lexicon: Lexicon

    @classmethod
    def of(cls, schema: Schema, text: str, writing: Writing) -> ItemRepeats:
        """For a schema and the text as the tokenizer can express it."""
        return cls(Marks.of(writing, DELIMITERS).span(text), Lexicon.of(schema, writing.spell))

    def said(self, completion: str) -> tuple[str, ...]:
        """What earlier items write where the completion is about to write a mention; nothing elsewhere."""
        begun = completion.rstrip()
        if not begun.endswith((":", ",")):
            return ()
        *items, current = (
            completion[start:stop].strip() for start, stop, _ in split(completion, ";\n", 0, len(completion))
        )
        if not items or not self._is_counted(current):
            return ()
        rest = (item[len(current) :] for item in items if item.startswith(current))
        return tuple(part[slice(*split(part, ",|", 0, len(part))[0][:2])].strip() for part in rest)

    def is_spent(self, begin: str, said: Sequence[str]) -> bool:
        """Whether as many mentions as there are occurrences begin so."""
        begin = begin.strip()
        if not begin or not (times := sum(mention.startswith(begin) for mention in said)):
            return False
        return times >= len(re.findall(rf"(?<![^\W_]){re.escape(begin)}", self.text))

    def _is_counted(self, current: str) -> bool:
        """Whether the item is at its first mention, or, of a pair, at its second: a head has several tails."""
        marks = [current[stop] for _, stop, end in split(current, ":,", 0, len(current)) if stop < end]
        label = current[slice(*split(current, ":", 0, len(current))[0][:2])].strip()
        frame_type = self.lexicon.type(unescape(label))
        if frame_type is None:
            return False
        return marks == [":", ","] if frame_type.is_pair else frame_type.has_filler and marks == [":"]
