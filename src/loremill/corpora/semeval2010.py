# SPDX-License-Identifier: Apache-2.0
"""SemEval-2010 task 8: a sentence with two marked nominals, the relation between them on the next line.

Hendrickx et al. (2010), https://aclanthology.org/S10-1006. Sample::

    7	"The <e1>storm</e1> flooded the <e2>cellar</e2>."
    Cause-Effect(e1,e2)
    Comment:

Blocks are divided by empty lines; a comment may be missing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from ..frames import Document
from .gold import document, relation
from .lines import MalformedLineError, NameOf, OnError, read_lines, read_records
from .markers import unmark

_RELATION = re.compile(r"([^()]+?)(?:\((e[12]),(e[12])\))?")
_Block = list[tuple[int, str]]


def read_semeval2010(path: Path, *, name_of: NameOf, on_error: OnError = "raise") -> Iterator[Document]:
    """The sentences, each with one relation; the id is the sentence's number.

    The head is the argument named first: ``Cause-Effect(e2,e1)`` has ``e2`` as head. ``Other``, which has no
    direction, has ``e1`` as head.
    """

    def parse(block: _Block) -> Document:
        line, first = block[0]
        number, tab, quoted = first.partition("\t")
        if not tab or len(block) < 2:
            raise ValueError(f"wanted a number, a tab and a sentence, then its relation, got {first[:60]!r}")
        text, mentions = unmark(_unquoted(quoted.strip()), [("<e1>", "</e1>"), ("<e2>", "</e2>")])
        label, head, tail = _direction(line + 1, block[1][1].strip())
        marked = dict(zip(("e1", "e2"), mentions, strict=True))
        return document(text, [relation(name_of(label), marked[head], marked[tail])], id=number.strip())

    return read_records(path, _blocks(path), parse, on_error=on_error)


def _direction(line: int, text: str) -> tuple[str, str, str]:
    match = _RELATION.fullmatch(text)
    if match is None or (match[2] is not None and match[2] == match[3]):
        raise MalformedLineError(line, f"wanted a relation like Cause-Effect(e1,e2) or Other, got {text[:60]!r}")
    return match[1], match[2] or "e1", match[3] or "e2"


def _unquoted(text: str) -> str:
    return text[1:-1] if len(text) > 1 and text[0] == text[-1] == '"' else text


def _blocks(path: Path) -> Iterator[tuple[int, _Block]]:
    block: _Block = []
    for line, text in read_lines(path):
        if text.strip():
            block.append((line, text))
        elif block:
            yield block[0][0], block
            block = []
    if block:
        yield block[0][0], block
