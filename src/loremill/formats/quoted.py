# SPDX-License-Identifier: Apache-2.0
"""Mentions in double quotes with JSON's escapes, which read the same as JSON and as Python.

Written are ``\\"``, ``\\\\``, ``\\n``, ``\\r``, ``\\t`` and ``\\u00XX`` for the other control characters; everything
else stands as it is. So no bare quote occurs inside a span. Reading takes whatever models write: either
quote, any escape, quotes that were not escaped or never closed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from . import grammar

QUOTES = "\"'"
_WRITTEN = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}
_TO_ESCAPE = re.compile(r'["\\\x00-\x1f]')
_PLAIN = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f"}
_ESCAPED = re.compile(
    r"\\u(?P<high>[dD][89abAB][0-9a-fA-F]{2})\\u(?P<low>[dD][c-fC-F][0-9a-fA-F]{2})"
    r"|\\(?:u(?P<u>[0-9a-fA-F]{4})|U(?P<U>[0-9a-fA-F]{8})|x(?P<x>[0-9a-fA-F]{2})|(?P<other>.))",
    re.DOTALL,
)
_SPECIAL = {quote: re.compile(rf"[{quote}\\\n]") for quote in QUOTES}
_OPENERS = "[{(,:="
_LAYOUT = " \t\r\n,:=[]{}()"

# Escapes as grammars see them: an escape is one unit, and one of a blank is no edge of a span.
_INSIDE = r"([^\\]|\\[^u]|\\u00[01][0-9a-f])"
_EDGE = r'\\["\\]|\\u00(0[0-8ef]|1[0-9ab])'


@dataclass(frozen=True, slots=True)
class Quoted:
    """A string found at ``start`` (its quote); ``end`` is behind the closing quote if there is one.

    ``is_cut`` says that none came up to the end of the text.
    """

    value: str
    start: int
    end: int
    is_closed: bool
    is_cut: bool = False


def escape(text: str) -> str:
    """``text`` as it stands between double quotes."""
    return _TO_ESCAPE.sub(lambda match: _WRITTEN.get(match[0]) or f"\\u{ord(match[0]):04x}", text)


def write(text: str) -> str:
    """``text`` escaped and in double quotes."""
    return f'"{escape(text)}"'


def unescape(text: str) -> str:
    """The inverse of `escape`, for any string: JSON's and Python's escapes, an unknown one is its character.

    Half a surrogate pair is U+FFFD; a last lone backslash stays.
    """
    return _ESCAPED.sub(_unescaped, text) if "\\" in text else text


def _unescaped(match: re.Match[str]) -> str:
    if match["high"]:
        return chr(0x10000 + (int(match["high"], 16) - 0xD800) * 0x400 + int(match["low"], 16) - 0xDC00)
    if match["other"]:
        return _PLAIN.get(match["other"], match["other"])
    code = int(match["u"] or match["U"] or match["x"], 16)
    return chr(code) if code < 0xD800 or 0xE000 <= code <= 0x10FFFF else "\ufffd"


def scan(
    text: str, start: int, stop: int | None = None, *, closes: re.Pattern[str] | None = None, one_line: bool = False
) -> Quoted:
    """The string whose quote, either kind, is ``text[start]``; takes time in proportion to what it passes.

    Args:
        stop: where the text ends for this purpose.
        closes: what follows a closing quote. A bare quote before anything else is part of the string, which
            someone forgot to escape, unless it looks like an opening one (behind a comma, a colon or a
            bracket, or first of a later line): then the string was never closed, and ends before them.
            None: the first bare quote closes.
        one_line: whether a bare line break ends a string.
    """
    stop = len(text) if stop is None else stop
    quote = text[start]
    line_end = None
    is_cut = True
    at, i = stop, start + 1
    while match := _SPECIAL[quote].search(text, i, stop):
        i = match.end()
        if match[0] == "\\":
            i += 1
        elif match[0] == "\n":
            line_end = match.start() if line_end is None else line_end
            if one_line:
                is_cut = False
                break
        elif closes is None or closes.match(text, i, stop):
            return Quoted(unescape(text[start + 1 : i - 1]), start, i, True)
        elif line_end is not None or _is_opening(text, start, match.start()):
            at, is_cut = match.start(), False
            break
    end = at if line_end is None else line_end
    while closes is not None and end > start + 1 and text[end - 1] in _LAYOUT:
        end -= 1
    return Quoted(unescape(text[start + 1 : end]), start, end, False, is_cut)


def _is_opening(text: str, start: int, at: int) -> bool:
    """Whether the quote at ``at`` stands where a string opens, and not a string that starts at ``start`` ends."""
    before = at - 1
    while before > start and text[before] == " ":
        before -= 1
    return before > start and text[before] in _OPENERS


def span(text: str, name: str = "SPAN") -> list[str]:
    """The terminal ``name`` of a grammar: a run of the text's segments, escaped, without its quotes.

    It neither starts nor ends with a blank, bare or escaped.

    Raises:
        FormatError: the text is not Unicode.
    """
    return grammar.span(text, escape, name, escaped_edge=_EDGE, inside=_INSIDE)
