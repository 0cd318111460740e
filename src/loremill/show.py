# SPDX-License-Identifier: Apache-2.0
"""An extraction for people: the text with its mentions marked, a table of frames, and what was not used.

On a terminal mentions are coloured by type, the innermost colour winning; elsewhere they stand in
brackets, ``[Lisbon: city]``. Texts are data: control characters are shown as escapes and no markup
in them is followed.
"""

from __future__ import annotations

import sys
import unicodedata
from collections.abc import Iterable
from itertools import pairwise
from typing import TextIO

from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from .extraction import Extraction
from .frames import Frame, FrameRef, Reject, Slot
from .text import Mention, Span

COLOURS = ("cyan", "magenta", "green", "yellow", "blue", "red", "bright_cyan", "bright_magenta", "bright_green")
PLAIN_WIDTH = 100
"""Columns where there is no terminal to ask."""

_BIDI_CONTROLS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def show(extraction: Extraction, *, file: TextIO | None = None) -> None:
    """Prints the extraction to ``file`` (standard output); colours only on a terminal."""
    file = file or sys.stdout
    width = None if file.isatty() else PLAIN_WIDTH
    console = Console(file=file, width=width, highlight=False, markup=False, emoji=False)
    with console.capture() as capture:  # rich itself would end the program when a pipe is closed
        console.print(render(extraction, colours=console.is_terminal and not console.no_color))
    file.write(capture.get())


def render(extraction: Extraction, *, colours: bool) -> Group:
    """What `show` prints, for use in other rich layouts."""
    parts: list[RenderableType] = []
    if extraction.id:
        parts.append(Text(safe(extraction.id), style="bold"))
    parts.append(marked_text(extraction, colours=colours))
    if extraction.frames:
        parts += [Text(), _frames_table(extraction)]
    if extraction.rejected:
        parts += [Text(), _rejected_table(extraction.rejected)]
    if extraction.coverage < 1.0 and extraction.error is None:
        parts.append(Text(f"coverage: {extraction.coverage:.1%} of the text was read", style="yellow"))
    parts += [Text(f"note: {safe(note)}", style="dim") for note in extraction.notes]
    if extraction.error is not None:
        parts.append(Text(f"error: {safe(extraction.error)}", style="red"))
    elif not extraction.frames:
        parts.append(Text("nothing found", style="dim"))
    return Group(*parts)


def marked_text(extraction: Extraction, *, colours: bool) -> Text:
    """The text with each mention in its label's colour, or in brackets with its label."""
    marks = _marks(extraction.frames)
    palette = _palette(label for _, label in marks)
    text = extraction.text
    edges = sorted({0, len(text), *(edge for span, _ in marks for edge in (span.start, span.end))})
    shown = Text()
    waiting = list(reversed(marks))
    open_marks: list[tuple[Span, str]] = []
    for start, end in pairwise(edges):
        while waiting and waiting[-1][0].start == start:
            open_marks.append(waiting.pop())
            shown.append("" if colours else "[")
        inner = min(open_marks, key=lambda mark: mark[0].end - mark[0].start, default=None)
        shown.append(safe(text[start:end]), palette[inner[1]] if colours and inner else None)
        for _, label in reversed([mark for mark in open_marks if mark[0].end == end]):
            shown.append("" if colours else f": {safe(label)}]")
        open_marks = [mark for mark in open_marks if mark[0].end > end]
    return shown


def safe(text: str) -> str:
    """The text with control characters, half surrogate pairs and direction overrides as escapes."""
    return "".join(c if _is_harmless(c) else c.encode("unicode_escape").decode() for c in text)


def _is_harmless(c: str) -> bool:
    if c.isprintable() or c in "\n\t":
        return True
    return c not in _BIDI_CONTROLS and unicodedata.category(c) not in ("Cc", "Cs", "Zl", "Zp")


def _marks(frames: Iterable[Frame]) -> list[tuple[Span, str]]:
    """Fragments to mark with their label, outer before inner: fillers by type, other slots by role."""
    labels: dict[tuple[Span, ...], dict[str, None]] = {}
    frames = tuple(frames)
    for frame in frames:
        if frame.filler is not None:
            labels.setdefault(frame.filler.fragments, {})[frame.type] = None
    fillers = set(labels)
    for frame in frames:
        for slot in frame.slots:
            if isinstance(slot.filler, Mention) and slot.filler.fragments not in fillers:
                labels.setdefault(slot.filler.fragments, {})[slot.role] = None
    marks = {(span, ", ".join(names)) for fragments, names in labels.items() for span in fragments}
    return sorted(marks, key=lambda mark: (mark[0].start, -mark[0].end, mark[1]))


def _palette(labels: Iterable[str]) -> dict[str, str]:
    return {label: f"bold {COLOURS[i % len(COLOURS)]}" for i, label in enumerate(dict.fromkeys(labels))}


def _frames_table(extraction: Extraction) -> Table:
    has_attributes = any(frame.attributes for frame in extraction.frames)
    has_slots = any(frame.slots for frame in extraction.frames)
    table = _table("type", "text")
    for name in ("start", "end", "score"):
        table.add_column(name, justify="right")
    for name, is_there in (("slots", has_slots), ("attributes", has_attributes)):
        if is_there:
            table.add_column(name, overflow="fold")
    for frame in extraction.frames:
        filler = frame.filler
        cells = [frame.type, _words(filler, extraction.text) if filler else ""]
        cells += [str(filler.start), str(filler.end)] if filler else ["", ""]
        cells.append("" if frame.score is None else f"{frame.score:.2f}")
        if has_slots:
            cells.append("; ".join(_slot(slot, extraction) for slot in frame.slots))
        if has_attributes:
            cells.append("; ".join(f"{name}: {value}" for name, value in frame.attributes))
        table.add_row(*(_cell(cell) for cell in cells))
    return table


def _rejected_table(rejected: Iterable[Reject]) -> Table:
    table = _table("not used", "reason")
    for reject in rejected:
        table.add_row(_cell(reject.item), _cell(reject.reason))
    return table


def _table(*columns: str) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in columns:
        table.add_column(name, overflow="fold")
    return table


def _slot(slot: Slot, extraction: Extraction) -> str:
    if isinstance(slot.filler, FrameRef):
        target = extraction.frames[slot.filler.index]
        what = _words(target.filler, extraction.text) if target.filler else f"frame {slot.filler.index}"
        return f"{slot.role}: {what} ({target.type})"
    return f"{slot.role}: {_words(slot.filler, extraction.text)}"


def _words(mention: Mention, text: str) -> str:
    return " … ".join(mention.texts_in(text))


def _cell(text: str) -> Text:
    return Text(" ".join(safe(text).split()))
