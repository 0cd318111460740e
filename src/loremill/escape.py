# SPDX-License-Identifier: Apache-2.0
"""Escapes of the text formats: no delimiter and no line break occurs bare inside a span or a label.

Each delimiter is written behind a backslash and the three line characters as ``\\n``, ``\\r``, ``\\t``,
so the first byte of whatever may follow a span never occurs unescaped inside it.
"""

from __future__ import annotations

import functools
import re

_LINES = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}
_PLAIN = {escaped[1]: char for char, escaped in _LINES.items()}
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)


def escape(text: str, delimiters: str) -> str:
    """``text`` as it stands inside a completion: ``delimiters``, the backslash and line characters escaped."""
    return _to_escape(delimiters).sub(lambda match: _LINES.get(match[0], "\\" + match[0]), text)


def unescape(text: str) -> str:
    """The inverse of `escape`, for any string: an unknown escape is its character, a last lone backslash stays."""
    return _ESCAPED.sub(lambda match: _PLAIN.get(match[1], match[1]), text)


@functools.cache
def _to_escape(delimiters: str) -> re.Pattern[str]:
    return re.compile(f"[{re.escape(delimiters)}\\\\\n\r\t]")
