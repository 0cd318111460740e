# SPDX-License-Identifier: Apache-2.0
"""Escapes of the text formats: no delimiter and no line break occurs bare inside a span or a label.

Each delimiter is written behind a backslash and the three line characters as ``\\n``, ``\\r``, ``\\t``,
so the first byte of whatever may follow a span never occurs unescaped inside it.
"""

from __future__ import annotations

import re

DELIMITERS = ":;,|\\"
"""Characters that are written behind a backslash inside spans and labels."""

_ESCAPES = {**{c: "\\" + c for c in DELIMITERS}, "\n": "\\n", "\r": "\\r", "\t": "\\t"}
_PLAIN = {escaped[1]: char for char, escaped in _ESCAPES.items()}
_TO_ESCAPE = re.compile(f"[{re.escape(''.join(_ESCAPES))}]")
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)


def escape(text: str) -> str:
    """``text`` as it stands inside a completion."""
    return _TO_ESCAPE.sub(lambda match: _ESCAPES[match[0]], text)


def unescape(text: str) -> str:
    """The inverse of `escape`, for any string: an unknown escape is its character, a last lone backslash stays."""
    return _ESCAPED.sub(lambda match: _PLAIN.get(match[1], match[1]), text)
