# SPDX-License-Identifier: Apache-2.0
"""Grammars that hold a model to the schema and to the words of the text.

Labels, roles and choices come from the schema, spans from the text: llguidance's
``substring_chunks`` over our own segments matches any run of them. Its lexer is greedy and never
goes back, so each literal ends with the blank behind its delimiter, spans neither start nor end
with a blank, and what follows a span starts with a byte that no span holds unescaped.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence

from ..errors import FormatError, GrammarLimit
from ..escape import escape
from ..schema.types import FrameType, Schema
from .segments import segment

Spell = Callable[[str], str]

MAX_FRAGMENTS = 8
"""Of one discontinuous mention."""
_BLANKS = tuple(c for c in map(chr, range(0x3001)) if c.isspace())


def listing_grammar(
    schema: Schema,
    text: str,
    *,
    spell: Spell = str,
    lead: str = " ",
    limit_chars: int = 100_000,
    max_items: int | None = 200,
    no_forcing: bool = False,
) -> str:
    """The Lark grammar of the ``listing`` completions for ``schema`` whose spans stand in ``text``.

    Args:
        schema: what may be written; a text without any word leaves only what needs no span.
        text: the text as the tokenizer can express it (`TextView.text`).
        spell: how the tokenizer writes a label.
        lead: what a completion starts with; nothing behind the turn marker of a chat template.
        limit_chars: longest text a grammar is made for.
        max_items: most items and slots of an item, so that no model loops for ever; None: any number.
        no_forcing: ask for a mask at every token also where the grammar leaves one spelling; a
            tokenizer that does not split text on its bytes (WordPiece) needs it.

    Raises:
        GrammarLimit: the text is longer than ``limit_chars``.
        FormatError: the tokenizer cannot write a label, or writes two the same, or the text is not Unicode.
    """
    if len(text) > limit_chars:
        raise GrammarLimit(
            f"grammar takes texts of up to {limit_chars:,} characters, got {len(text):,}: use smaller windows"
        )
    has_spans = bool(text.strip())
    rules = _Rules(spell, max_items)
    items = rules.items(schema, has_spans=has_spans)
    lines = ['%llguidance {"no_forcing": true}'] if no_forcing else []
    start = f"{_literal(lead)} " if lead else ""
    lines += [f"start: {start}({'NONE | items' if items else 'NONE'})", f"NONE: {rules.word('None', 'answer')}"]
    if items:
        more_items = rules.repeated('"; " item', first=1)
        lines += [f"items: item {more_items}", f"item: {' | '.join(items)}", *rules.lines]
    if items and has_spans:
        lines += [
            f'mention: SPAN ("| " SPAN){{0,{MAX_FRAGMENTS - 1}}}',
            *_span([escape(piece) for piece in segment(text)]),
        ]
    return "\n".join(lines) + "\n"


class _Rules:
    """The rules of a schema's items; types of the same shape share one."""

    def __init__(self, spell: Spell, max_items: int | None) -> None:
        self.spell = spell
        self.max_items = max_items
        self.lines: list[str] = []

    def items(self, schema: Schema, *, has_spans: bool) -> list[str]:
        """One rule per shape; adds their lines."""
        shapes: dict[tuple[object, ...], list[FrameType]] = {}
        for frame_type in schema:
            if has_spans or not (frame_type.has_filler or frame_type.slots):
                shapes.setdefault(_shape(frame_type), []).append(frame_type)
        self._check_distinct((t.label for t in schema), "labels")
        return [self._item(i, types) for i, types in enumerate(shapes.values())]

    def repeated(self, part: str, *, first: int = 0) -> str:
        """``part`` any number of times, or up to the cap less the ``first`` ones written already."""
        return f"({part})*" if self.max_items is None else f"({part}){{0,{max(self.max_items - first, 0)}}}"

    def word(self, label: str, kind: str) -> str:
        """A literal of what the tokenizer writes for ``label``, escaped.

        Raises:
            FormatError: it writes nothing, or blanks around it.
        """
        written = self.spell(label)
        if not written or written != written.strip():
            raise FormatError(f"{kind} {label!r} needs to be written without blanks around it, got {written!r}")
        return _literal(escape(written))

    def _item(self, i: int, types: Sequence[FrameType]) -> str:
        """The rule of types that differ only in their labels."""
        like = types[0]
        parts: list[str] = []
        if like.is_pair:
            parts = ['mention ", " mention']
        elif like.has_filler or like.slots or like.attributes:
            parts = [self._parts(i, like)]
        words = self._any((t.label for t in types), "label")
        self.lines += [f"LABEL_{i}: {words}" + (' ": "' if parts else ""), f"item_{i}: LABEL_{i} {' '.join(parts)}"]
        return f"item_{i}"

    def _parts(self, i: int, like: FrameType) -> str:
        """Filler, then roles with their mentions, then attributes with their choices, ``, `` between them."""
        self._check_distinct(
            [s.label for s in like.slots] + [a.label for a in like.attributes], f"roles of {like.name!r}"
        )
        parts = ["mention"] if like.has_filler else []
        if like.slots:
            self.lines += [
                f'ROLE_{i}: {self._any((s.label for s in like.slots), "role")} ": "',
                f"slot_{i}: ROLE_{i} mention",
            ]
            parts += ([] if parts else [f"slot_{i}"]) + [self.repeated(f'", " slot_{i}', first=0 if parts else 1)]
        if like.attributes:
            choices = []
            for j, attribute in enumerate(like.attributes):
                name = self.word(attribute.label, "attribute")
                self.lines += [
                    f'NAME_{i}_{j}: {name} ": "',
                    f"CHOICE_{i}_{j}: {self._any(attribute.choices, 'choice')}",
                ]
                choices.append(f"NAME_{i}_{j} CHOICE_{i}_{j}")
            self.lines.append(f"attribute_{i}: {' | '.join(choices)}")
            rest = len(choices) - (not parts)
            parts += ([] if parts else [f"attribute_{i}"]) + [f'(", " attribute_{i}){{0,{rest}}}']
        return " ".join(parts)

    def _any(self, labels: Iterable[str], kind: str) -> str:
        return f"({' | '.join(self.word(label, kind) for label in labels)})"

    def _check_distinct(self, labels: Iterable[str], what: str) -> None:
        seen: dict[str, str] = {}
        for label in labels:
            written = self.spell(label)
            if written in seen:
                raise FormatError(
                    f"{what} {seen[written]!r} and {label!r} look the same to this tokenizer: {written!r}"
                )
            seen[written] = label


def _shape(frame_type: FrameType) -> tuple[object, ...]:
    """What two types share when only their labels differ in a completion."""
    if frame_type.is_pair:
        return ("pair",)
    slots = tuple(s.label for s in frame_type.slots)
    attributes = tuple((a.label, a.choices) for a in frame_type.attributes)
    return (frame_type.has_filler, slots, attributes)


def _span(chunks: Sequence[str]) -> list[str]:
    """A run of chunks that neither starts nor ends with a blank or an escaped line character."""
    try:
        pieces = json.dumps(chunks, ensure_ascii=False)
        pieces.encode()
    except UnicodeEncodeError as error:
        raise FormatError(f"text needs to be Unicode, got the lone surrogate {error.object[error.start]!r}") from error
    blanks = "".join(f"\\x{{{ord(c):x}}}" for c in _BLANKS)
    edge = f"([^\\\\{blanks}]|\\\\[^nrt])"
    inside = r"([^\\]|\\.)"
    return [f'SPAN: %regex {{"substring_chunks": {pieces}}} & EDGES', f"EDGES: /{edge}({inside}*{edge})?/"]


def _literal(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
