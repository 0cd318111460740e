# SPDX-License-Identifier: Apache-2.0
"""One extraction as static HTML for notebooks: no script, and colours that are read on light and on dark grounds.

Only ``style`` attributes are used, for notebooks drop style sheets; text keeps the notebook's own colour
over tints of its type's. Long texts and ledgers are cut, and the cut is told.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from html import escape

from ..extraction import Extraction
from ..frames import Frame, FrameRef, Slot
from ..show import safe
from ..text import Mention, Span
from .nesting import Close, Open, nested

MAX_CHARS = 5_000
"""Characters of the text that are shown."""
MAX_ROWS = 50
"""Frames and kinds of rejects that are shown."""
MAX_CELL = 300
"""Characters of one cell of a table that are shown."""

TINTS = ("66,133,244", "52,168,83", "234,88,62", "168,85,247", "217,160,20", "20,160,170", "225,70,140", "130,150,40")
"""Red, green and blue, told apart on white and on black; types take them in turn."""

_BOX = "font-family:system-ui,sans-serif;line-height:1.5;max-width:60em;overflow-wrap:anywhere"
_SMALL = "font-size:.75em;opacity:.85"


def to_html(extraction: Extraction) -> str:
    """The text with its mentions marked, its frames, and what was not used."""
    parts = [_line(f"<b>{_text(extraction.id)}</b>")] if extraction.id else []
    if extraction.error is not None:
        parts.append(_line(f"<b>error:</b> {_text(extraction.error)}"))
    parts.append(_marked(extraction))
    if extraction.frames:
        parts.append(_frames(extraction))
    if extraction.coverage < 1.0 and extraction.error is None:
        parts.append(_line(f"{extraction.coverage:.1%} of the text was read; unread text is struck out"))
    if extraction.rejected:
        rejects = Counter((r.item, r.reason) for r in extraction.rejected)
        rows = [(item, reason if n == 1 else f"{reason} (×{n})") for (item, reason), n in rejects.items()]
        parts.append(_table(("not used", "reason"), rows))
    parts += [_line(f"note: {_text(note)}") for note in extraction.notes[:MAX_ROWS]]
    if not extraction.frames and extraction.error is None:
        parts.append(_line("nothing found"))
    return f'<div style="{_BOX}">{"".join(parts)}</div>'


def _marked(extraction: Extraction) -> str:
    text = extraction.text[:MAX_CHARS]
    marks = [mark for mark in _marks(extraction) if mark[0].end <= len(text)]
    written: list[str] = []
    for piece in nested(len(text), marks):
        if isinstance(piece, Span):
            written.append(_text(text[piece.start : piece.end]))
        elif isinstance(piece, Open):
            written.append(f'<span style="{_style(*piece.label)}">')
        elif isinstance(piece, Close):
            name, tint = piece.label
            label = f'<span style="{_SMALL};margin-left:.35em;user-select:none">{_text(name)}</span>'
            written.append(f"{label if piece.is_end and tint else ''}</span>")
    if len(text) < len(extraction.text):
        written.append(f"… <i>({len(extraction.text) - len(text):,} more characters)</i>")
    return f'<div dir="auto" style="white-space:pre-wrap;line-height:2;text-align:start">{"".join(written)}</div>'


def _marks(extraction: Extraction) -> list[tuple[Span, tuple[str, str]]]:
    """Spans with label and tint: fillers by type, other slots by role; unread text has neither."""
    tints = _tints(frame.type for frame in extraction.frames)
    labels: dict[tuple[Span, ...], dict[str, str]] = {}
    for frame in extraction.frames:
        if frame.filler is not None:
            labels.setdefault(frame.filler.fragments, {})[frame.type] = tints[frame.type]
    fillers = set(labels)
    for frame in extraction.frames:
        for slot in frame.slots:
            if isinstance(slot.filler, Mention) and slot.filler.fragments not in fillers:
                labels.setdefault(slot.filler.fragments, {}).setdefault(slot.role, tints[frame.type])
    marks = {
        (span, (", ".join(names), next(iter(names.values())))) for spans, names in labels.items() for span in spans
    }
    return [(span, ("", "")) for span in extraction.unread] + sorted(marks)


def _tints(types: Iterable[str]) -> dict[str, str]:
    return {name: TINTS[i % len(TINTS)] for i, name in enumerate(dict.fromkeys(types))}


def _style(name: str, tint: str) -> str:
    if not tint:
        return "text-decoration:line-through;opacity:.6"
    return f"background:rgba({tint},.2);border-bottom:2px solid rgb({tint});border-radius:3px;padding:1px 3px"


def _frames(extraction: Extraction) -> str:
    rows = []
    for frame in extraction.frames[: MAX_ROWS + 1]:
        slots = "; ".join(_slot(slot, extraction) for slot in frame.slots)
        attributes = "; ".join(f"{name}: {value}" for name, value in frame.attributes)
        score = "" if frame.score is None else f"{frame.score:.2f}"
        rows.append((frame.type, _filler(frame, extraction.text), "; ".join(filter(None, (slots, attributes))), score))
    return _table(("type", "text", "slots", "score"), rows, count=len(extraction.frames))


def _slot(slot: Slot, extraction: Extraction) -> str:
    if isinstance(slot.filler, FrameRef):
        target = extraction.frames[slot.filler.index]
        return f"{slot.role}: {_filler(target, extraction.text) or f'frame {slot.filler.index}'} ({target.type})"
    return f"{slot.role}: {_words(slot.filler, extraction.text)}"


def _filler(frame: Frame, text: str) -> str:
    return _words(frame.filler, text) if frame.filler else ""


def _words(mention: Mention, text: str) -> str:
    return " … ".join(mention.texts_in(text))


def _table(columns: Sequence[str], rows: Sequence[Sequence[str]], *, count: int | None = None) -> str:
    count = len(rows) if count is None else count
    cell = 'style="text-align:left;padding:1px 8px;vertical-align:top"'
    head = "".join(f"<th {cell}>{name}</th>" for name in columns)
    body = "".join(
        "<tr>" + "".join(f'<td dir="auto" {cell}>{_text(_short(value))}</td>' for value in row) + "</tr>"
        for row in rows[:MAX_ROWS]
    )
    more = _line(f"… and {count - MAX_ROWS:,} more") if count > MAX_ROWS else ""
    return f'<table style="font-size:.9em;margin:.5em 0"><tr>{head}</tr>{body}</table>{more}'


def _short(text: str) -> str:
    words = " ".join(text[: 2 * MAX_CELL].split())
    return words if len(words) <= MAX_CELL else words[: MAX_CELL - 1] + "…"


def _line(markup: str) -> str:
    return f'<div dir="auto">{markup}</div>'


def _text(text: str) -> str:
    return escape(safe(text[: 2 * MAX_CHARS]))
