# SPDX-License-Identifier: Apache-2.0
"""Tokens of a corpus -> the text a user would write, with the place of every token in it.

Token corpora do not say where their text had blanks. Models should be trained on text that looks
like the text they will be given, so all readers of token files put the blanks here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

_GLUED_LEFT = frozenset({",", ".", ";", ":", "!", "?", ")", "]", "}", "%", "...", "..", "…", "”", "’"})
_GLUED_RIGHT = frozenset({"(", "[", "{", "“", "‘", "`"})
_CLITIC = re.compile(r"(n['’]t|['’](s|t|re|ve|ll|d|m))", re.IGNORECASE)
_CLITIC_LETTERS = frozenset({"s", "t", "re", "ve", "ll", "d", "m"})
_CURRENCY = re.compile(r"#|[A-Z]{0,3}\$")
_TREEBANK = {
    "-LRB-": "(",
    "-RRB-": ")",
    "-LSB-": "[",
    "-RSB-": "]",
    "-LCB-": "{",
    "-RCB-": "}",
}


class _Word(NamedTuple):
    text: str
    first: int  # index of its first token
    last: int  # index of its last token
    quote: str  # "open" or "close" where the Treebank spelling says so


def detokenize(tokens: Sequence[str], *, join: str = "") -> tuple[str, list[tuple[int, int]]]:
    """The text and each token's ``(start, end)`` in it.

    No blank before closing punctuation and clitics (``'s``, ``n't``), none after opening brackets and
    before an amount after a currency sign; quotes alternate between opening and closing. Penn
    Treebank spellings are undone: `` `` `` and ``''`` become ``"`` (also when each mark is a token of its
    own; both tokens then have the same place), ``-LRB-`` becomes ``(``. Every other token is kept as it is.

    Args:
        tokens: none empty.
        join: characters that stick to both neighbours when they are a token. For biomedical
            corpora that were split at every punctuation mark: ``-/``. A full stop in it also joins
            the digits of a decimal number and the single letters of an abbreviation (``i . v .``).
    """
    words = list(_words(tokens))
    glue = list(_glue([w.text for w in words], [w.quote for w in words], join))
    parts: list[str] = []
    offsets = [(0, 0)] * len(tokens)
    length = 0
    for i, word in enumerate(words):
        if i and not glue[i][0] and not glue[i - 1][1]:
            parts.append(" ")
            length += 1
        parts.append(word.text)
        for token in range(word.first, word.last + 1):
            offsets[token] = (length, length + len(word.text))
        length += len(word.text)
    return "".join(parts), offsets


def _words(tokens: Sequence[str]) -> Iterator[_Word]:
    i = 0
    while i < len(tokens):
        mark = tokens[i]
        is_doubled = mark in ("`", "'") and tokens[i + 1 : i + 2] == [mark]
        last = i + 1 if is_doubled else i
        if mark == "``" or (is_doubled and mark == "`"):
            yield _Word('"', i, last, "open")
        elif mark == "''" or is_doubled:
            yield _Word('"', i, last, "close")
        else:
            yield _Word(_TREEBANK.get(mark, mark), i, last, "")
        i = last + 1


def _glue(words: list[str], quotes: list[str], join: str) -> Iterator[tuple[bool, bool]]:
    """For each word: is there no blank before it, is there none after it."""
    is_open: set[str] = set()
    for i, word in enumerate(words):
        before = words[i - 1] if i else ""
        after = words[i + 1] if i + 1 < len(words) else ""
        if word == "'" and after.lower() in _CLITIC_LETTERS and before[-1:].isalnum():
            yield True, True
        elif word in ('"', "'"):
            opens = quotes[i] == "open" if quotes[i] else _opens(word, i, words, is_open)
            (is_open.add if opens else is_open.discard)(word)
            yield not opens, opens
        elif _joins(word, before, after, join):
            yield True, True
        else:
            left = word in _GLUED_LEFT or _CLITIC.fullmatch(word) is not None
            amount = _CURRENCY.fullmatch(word) is not None and after[:1].isdecimal()
            yield left, word in _GLUED_RIGHT or amount


def _opens(mark: str, i: int, words: list[str], is_open: set[str]) -> bool:
    if mark in is_open:
        return False
    if mark == "'" and i and words[i - 1].lower().endswith("s") and words.count(mark) % 2:
        return False  # a plural's apostrophe
    return i == 0 or mark in words[i + 1 :]


def _joins(word: str, before: str, after: str, join: str) -> bool:
    numbers = before.isdecimal() and after.isdecimal()
    if word == ",":
        return numbers and len(before) <= 3 and len(after) == 3
    if not join or any(c not in join for c in word):
        return False
    letters = len(before) == len(after) == 1 and (before + after).isalpha()
    return word != "." or numbers or letters
