# SPDX-License-Identifier: Apache-2.0
"""What grammars are built from: labels of the schema and spans of the text, as rules of Lark for llguidance.

Labels, roles and choices come from the schema, spans from the text: llguidance's
``substring_chunks`` over our own segments matches any run of them. Its lexer is greedy and never
goes back, so each literal ends with the blank behind its delimiter, spans neither start nor end
with a blank, and what follows a span starts with a byte that no span holds unescaped.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable

from ..errors import FormatError, GrammarLimit
from ..prompt import Writing
from ..schema.types import FrameType, Schema
from .segments import segment

LIMIT_CHARS = 100_000
"""Longest text a grammar is made for."""
MAX_ITEMS = 200
"""Most items of a completion and slots of an item."""
MAX_FRAGMENTS = 8
"""Of one discontinuous mention."""
_BLANKS = tuple(c for c in map(chr, range(0x3001)) if c.isspace())


def begin(writing: Writing, start: str) -> list[str]:
    """The first lines of a grammar; ``start`` is what may be written behind the lead."""
    # A tokenizer that does not split text on its bytes needs a mask also where the grammar leaves one spelling.
    lines = ['%llguidance {"no_forcing": true}'] if writing.no_forcing else []
    lead = f"{literal(writing.lead)} " if writing.lead else ""
    return [*lines, f"start: {lead}({start})"]


def check_size(text: str, limit_chars: int) -> None:
    """Refuse a text that is too long for a grammar.

    Raises:
        GrammarLimit: it is longer than ``limit_chars``.
    """
    if len(text) > limit_chars:
        raise GrammarLimit(
            f"grammar takes texts of up to {limit_chars:,} characters, got {len(text):,}: use smaller windows"
        )


def literal(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def repeated(part: str, max_items: int | None, *, first: int = 0) -> str:
    """``part`` any number of times, or up to the cap less the ``first`` ones written already."""
    if max_items is None:
        return f"({part})*"
    return f"({part}){{0,{max_items - first}}}" if max_items > first else ""  # llguidance refuses {0,0}


def word(label: str, kind: str, write: Callable[[str], str]) -> str:
    """A literal of what the tokenizer writes for ``label``.

    Raises:
        FormatError: it writes nothing, or blanks around it.
    """
    written = write(label)
    if not written or written != written.strip():
        raise FormatError(f"{kind} {label!r} needs to be written without blanks around it, got {written!r}")
    return literal(written)


def any_word(labels: Iterable[str], kind: str, write: Callable[[str], str]) -> str:
    return f"({' | '.join(word(label, kind, write) for label in labels)})"


def check_distinct(labels: Iterable[str], what: str, write: Callable[[str], str]) -> None:
    """Refuse labels that no reader could tell apart.

    Raises:
        FormatError: two are written the same.
    """
    seen: dict[str, str] = {}
    for label in labels:
        written = write(label)
        if written in seen:
            raise FormatError(f"{what} {seen[written]!r} and {label!r} look the same to this tokenizer: {written!r}")
        seen[written] = label


def by_shape(
    schema: Schema, has_spans: bool, shape: Callable[[FrameType], object], write: Callable[[str], str]
) -> list[list[FrameType]]:
    """The types that can be written, those together for which ``shape`` tells the same.

    Args:
        has_spans: whether there are words that spans can be of.

    Raises:
        FormatError: the tokenizer writes two labels the same.
    """
    check_distinct((t.label for t in schema), "labels", write)
    shapes: dict[object, list[FrameType]] = {}
    for frame_type in schema:
        if has_spans or not (frame_type.has_filler or frame_type.slots):
            shapes.setdefault(shape(frame_type), []).append(frame_type)
    return list(shapes.values())


def span(
    text: str,
    write: Callable[[str], str],
    name: str = "SPAN",
    *,
    escaped_edge: str = r"\\[^nrt]",
    inside: str = r"([^\\]|\\.)",
) -> list[str]:
    """The terminal ``name``: a run of the text's segments, each as ``write`` escapes it with a backslash.

    It neither starts nor ends with a blank, a line character or an escaped line character.

    Args:
        escaped_edge: the escapes that may stand at an end, as a regular expression.
        inside: one character or escape of a span.

    Raises:
        FormatError: the text is not Unicode.
    """
    chunks = [write(piece) for piece in segment(text)]
    try:
        pieces = json.dumps(chunks, ensure_ascii=False)
        pieces.encode()
    except UnicodeEncodeError as error:
        raise FormatError(f"text needs to be Unicode, got the lone surrogate {error.object[error.start]!r}") from error
    blanks = "".join(f"\\x{{{ord(c):x}}}" for c in _BLANKS)
    edge = f"([^\\\\{blanks}]|{escaped_edge})"
    return [
        f'{name}: %regex {{"substring_chunks": {pieces}}} & {name}_EDGES',
        f"{name}_EDGES: /{edge}({inside}*{edge})?/",
    ]
