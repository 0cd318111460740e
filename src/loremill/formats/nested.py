# SPDX-License-Identifier: Apache-2.0
"""Brackets, strings and words as models write JSON and Python: a tolerant parser to a tree with places.

Nothing is evaluated. Any text is read in one pass that never goes back: commas may be missing or too many,
brackets unclosed or closed by the wrong kind, strings as `quoted.scan` takes them, words without quotes;
brackets nested deeper than `MAX_DEPTH` are passed over, and what they hold belongs to the deepest group.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from .quoted import Quoted, scan, unescape

MAX_DEPTH = 8
_CLOSING = {"[": "]", "{": "}", "(": ")"}


@dataclass(frozen=True, slots=True)
class Syntax:
    """What divides a text.

    Args:
        token: matches one token anywhere, its kind as the group's name; anything else is one character of a word.
        closes: what follows a closing quote (see `quoted.scan`).
        one_line: whether a bare line break ends a string in single or double quotes.
        has_calls: whether a name directly before a bracket belongs to it.
    """

    token: re.Pattern[str]
    closes: re.Pattern[str]
    one_line: bool
    has_calls: bool


JSON = Syntax(
    re.compile(
        r"(?P<blank>\s+|```\w*)|(?P<string>[\"'])|(?P<open>[\[{])|(?P<close>[\]}])|(?P<comma>,)|(?P<assign>:)"
        r"|(?P<word>(?:\\.|[^\s\"'\[\]{},:\\])(?:\\.|[^\"\[\]{},:\\\n])*)"
    ),
    closes=re.compile(r"\s*(?:[,:\]}]|```|\Z)|\s+[\"']"),
    one_line=False,
    has_calls=False,
)
PYTHON = Syntax(
    re.compile(
        r"(?P<blank>\s+|```\w*|#[^\n]*|[rRbBfFuU]{1,2}(?=[\"']))"
        r"|(?P<triple>\"\"\"|''')|(?P<string>[\"'])|(?P<open>[\[{(])|(?P<close>[\]})])|(?P<comma>,)|(?P<assign>=)"
        r"|(?P<word>(?:\\.|[^\s\"'\[\]{}(),=#\\])(?:\\.|[^\"\[\]{}(),=#\\\n])*)"
    ),
    closes=re.compile(r"[^\S\n]*(?:[,)\]}=#\n]|```|\Z)|[^\S\n]+(?:[\"']|\w+\s*=)"),
    one_line=True,
    has_calls=True,
)


@dataclass(slots=True)
class Text:
    """A string in quotes, or with ``is_word`` what stands without. ``is_cut``: the text ended before it did."""

    value: str
    start: int
    end: int
    is_cut: bool
    is_word: bool = False


@dataclass(slots=True)
class Entry:
    """A value of a group, with its key if it has one; a key alone has no value."""

    key: Text | None
    value: Node | None

    @property
    def start(self) -> int:
        first = self.key or self.value
        return first.start if first else 0

    @property
    def end(self) -> int:
        last = self.value or self.key
        return last.end if last else 0


@dataclass(slots=True)
class Group:
    """What stands in a pair of brackets (``bracket`` is the first of them; ``""`` the whole text)."""

    bracket: str
    start: int
    end: int = 0
    name: str = ""
    entries: list[Entry] = field(default_factory=list)
    is_cut: bool = True
    takes_value: bool = False

    def add(self, node: Node) -> None:
        if self.takes_value and self.entries[-1].value is None:
            self.entries[-1].value = node
        else:
            self.entries.append(Entry(None, node))
        self.takes_value = True

    def assign(self) -> None:
        """The value before becomes the key of the next one."""
        last = self.entries[-1] if self.takes_value else None
        if last is not None and last.key is None and isinstance(last.value, Text):
            last.key, last.value = last.value, None

    def drop_name(self) -> tuple[str, int] | None:
        """Take the word that was the last entry back: the name of a call, and where it starts."""
        last = self.entries[-1].value if self.takes_value else None
        if not isinstance(last, Text) or not last.is_word:
            return None
        word = last.value
        name = re.split(r"[\s.]", word)[-1]
        if name == word:
            entry = self.entries[-1]
            entry.value = None
            if entry.key is None:
                self.entries.pop()
                self.takes_value = False
        else:
            last.value, last.end = word[: len(word) - len(name)].rstrip(), last.end - len(name)
            self.takes_value = False
        return name, last.end if name != word else last.start


Node = Text | Group


def parse(
    text: str, syntax: Syntax, is_fresh: Callable[[str], bool] = lambda name: False, *, finished: bool = True
) -> Group:
    """The tree of a text.

    Args:
        is_fresh: whether a call of this name at the start of a line begins anew, so that whatever
            was not closed before ends there.
        finished: False when the text was cut off: then a string that was never closed holds all the rest.
    """
    root = Group("", 0, len(text))
    stack = [root]
    passed = 0  # brackets open beyond the deepest group
    i = 0
    while i < len(text):
        match = syntax.token.match(text, i)
        if match is None:
            i += 1
            continue
        kind, start, i = match.lastgroup, i, match.end()
        top = stack[-1]
        if kind in ("string", "triple"):
            if kind == "triple":
                found = _triple(text, start)
            else:
                found = scan(text, start, closes=syntax.closes, one_line=syntax.one_line)
            i = len(text) if found.is_cut and not finished else found.end
            top.add(Text(found.value, start, i, found.is_cut))
        elif kind == "word":
            word = match[0].rstrip()
            top.add(Text(word.strip('\\"'), start, start + len(word), i == len(text), is_word=True))
        elif kind == "open":
            named = top.drop_name() if syntax.has_calls and _ends_name(text, start) else None
            if named is not None and is_fresh(named[0]) and _starts_line(text, named[1]):
                _end_items(stack, named[1])
                top, passed = stack[-1], 0
            if len(stack) > MAX_DEPTH:
                passed += 1
                continue
            group = Group(match[0], start)
            if named is not None:
                group.name, group.start = named
            top.add(group)
            stack.append(group)
        elif kind == "close":
            if passed:
                passed -= 1
            else:
                _close(stack, match[0], i)
        elif kind == "comma":
            top.takes_value = False
        elif kind == "assign":
            top.assign()
    for group in stack:
        group.end = len(text)
    return root


def _close(stack: list[Group], bracket: str, end: int) -> None:
    """Close the innermost group of this kind, and those inside it; a bracket that closes nothing is passed over."""
    if not any(_CLOSING.get(group.bracket) == bracket for group in stack):
        return
    while True:
        group = stack.pop()
        group.end, group.is_cut = end, False
        if _CLOSING[group.bracket] == bracket:
            return
        group.end -= 1


def _end_items(stack: list[Group], end: int) -> None:
    """End every group but the outermost list."""
    first = 2 if len(stack) > 1 and stack[1].bracket == "[" else 1
    for group in stack[first:]:
        group.end, group.is_cut = end, False
    del stack[first:]


def _ends_name(text: str, at: int) -> bool:
    return at > 0 and (text[at - 1].isalnum() or text[at - 1] == "_")


def _starts_line(text: str, at: int) -> bool:
    line = at
    while line > 0 and text[line - 1] in " \t":
        line -= 1
    return line == 0 or text[line - 1] == "\n"


_TRIPLE = {quote: re.compile(rf"\\.|{quote * 3}", re.DOTALL) for quote in "\"'"}


def _triple(text: str, start: int) -> Quoted:
    """A string in three quotes; one that is never closed ends with its line."""
    i = start + 3
    while match := _TRIPLE[text[start]].search(text, i):
        i = match.end()
        if match[0][0] != "\\":
            return Quoted(unescape(text[start + 3 : match.start()]), start, i, True)
    end = text.find("\n", start)
    end = len(text) if end < 0 else end
    return Quoted(unescape(text[start + 3 : end]), start, end, False, True)
