# SPDX-License-Identifier: Apache-2.0
"""The sentences of a completion, and the quoted strings in them.

A sentence that was spoilt costs itself alone, for quotes are told apart where they stand and not by counting
them: inside a string, one behind a blank and before anything else opens the next, and the string was never
closed. What `sentences.py` writes holds no such quote, since mentions and labels end without a blank.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from . import quoted
from .sentences import PLUS

STRUCTURE = ".!?;。"
"""What ends sentences and belongs to none where it stands alone."""

# Outside of strings: a backslash and what it escapes, a quote, or the end of a sentence.
_OUTSIDE = re.compile(r'\\[\\"]|(?P<quote>["“])|(?P<end>(?<![.!?;。])[.!?;。]++(?=[\s"“]|\Z)|\n)')
_STRAIGHT = re.compile(r'\\[\\"]|["\n]')
_CURLY = re.compile(r"[“”\n]")
_OPENS = re.compile(r"\bThe (?:text|relation|opinion)\b")


@dataclass(slots=True)
class String:
    """A quoted string, or several joined as fragments; ``before`` are the words in front of it.

    A broken one has no fragments: its other quote is missing.
    """

    fragments: list[str]
    before: str
    start: int
    end: int
    is_broken: bool = False

    @property
    def text(self) -> str:
        return " ".join(self.fragments)


@dataclass(slots=True)
class Sentence:
    """``text[start:end]`` with what ends it; ``is_closed`` where something does."""

    start: int
    end: int = 0
    is_closed: bool = False
    strings: list[String] = field(default_factory=list)


def scan(text: str) -> Iterator[Sentence]:
    """The sentences that say anything; takes time in proportion to the text."""
    sentence = Sentence(0)
    at = 0
    while match := _OUTSIDE.search(text, at):
        at = match.end()
        end = at if match["end"] else None
        string = None
        if match["quote"]:
            string = _string(text, match.start(), sentence)
            at = string.end
            end = _end_before(string, sentence)
        if end is not None:
            if _says_anything(text, sentence, end):
                sentence.end, sentence.is_closed = end, True
                yield sentence
            sentence = Sentence(end)
        if string is not None:
            _add(sentence, string, text)
    if _says_anything(text, sentence, len(text)):
        sentence.end = len(text)
        yield sentence


def _says_anything(text: str, sentence: Sentence, end: int) -> bool:
    return bool(sentence.strings or text[sentence.start : end].strip(STRUCTURE + " \n").strip())


def _string(text: str, start: int, sentence: Sentence) -> String:
    """The string whose quote is ``text[start]``."""
    before = text[sentence.strings[-1].end if sentence.strings else sentence.start : start]
    stop, end = _close(text, start)
    if stop is None:
        return String([], before, start, end, is_broken=True)
    value = text[start + 1 : stop]
    return String([(quoted.unescape(value) if text[start] == '"' else value).strip(" ")], before, start, end)


def _close(text: str, start: int) -> tuple[int | None, int]:
    """Place of the quote that closes the one at ``start``, None if there is none, and where to read on."""
    is_straight = text[start] == '"'
    at = start + 1
    while match := (_STRAIGHT if is_straight else _CURLY).search(text, at):
        at = match.end()
        if match[0][0] == "\\":
            continue
        if match[0] == "\n":
            return None, match.start()
        opens = text[at - 2] == " " and text[at : at + 1].strip() if is_straight else match[0] == "“"
        return (None, start + 1) if opens else (match.start(), at)
    return None, len(text) if is_straight else start + 1


def _end_before(string: String, sentence: Sentence) -> int | None:
    """Where a sentence ends that lacks its full stop before ``string``; None if the string is part of it."""
    if not sentence.strings:
        return None
    last = sentence.strings[-1].end
    if not string.before.strip():
        return last
    found = _OPENS.search(string.before)
    return last + found.start() if found else None


def _add(sentence: Sentence, string: String, text: str) -> None:
    """To the sentence, or as a fragment to its last string."""
    last = sentence.strings[-1] if sentence.strings else None
    if last is not None and string.before.strip() == PLUS.strip() and not (last.is_broken or string.is_broken):
        last.fragments += string.fragments
        last.end = string.end
        return
    string.before = text[last.end if last is not None else sentence.start : string.start]
    sentence.strings.append(string)
