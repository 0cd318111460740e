# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import io
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.text import Span as Style

from loremill.extraction import Extraction
from loremill.frames import Frame, FrameRef, Reject, Slot
from loremill.prompt import Usage
from loremill.show import marked_text, safe, show
from loremill.text import Mention, Span


def _extraction(text: str, *frames: Frame, **fields: Any) -> Extraction:
    return Extraction("", text, frames, fields.pop("rejected", ()), fields.pop("coverage", 1.0), Usage(), **fields)


def _entity(type: str, start: int, end: int) -> Frame:
    return Frame(type, Mention.at(start, end))


def _shown(extraction: Extraction) -> str:
    file = io.StringIO()
    show(extraction, file=file)
    return file.getvalue()


@pytest.mark.parametrize(
    ("frames", "marked"),
    [
        ((), "New York City Hall"),
        ((_entity("city", 0, 8),), "[New York: city] City Hall"),
        ((_entity("city", 0, 8), _entity("place", 0, 18)), "[[New York: city] City Hall: place]"),
        ((_entity("a", 14, 18), _entity("place", 0, 18)), "[New York City [Hall: a]: place]"),
        ((_entity("city", 0, 8), _entity("name", 0, 8)), "[New York: city, name] City Hall"),
        ((Frame("x", Mention((Span(0, 3), Span(9, 13)))),), "[New: x] York [City: x] Hall"),
        ((Frame("in", None, (Slot("head", Mention.at(4, 8)),)),), "New [York: head] City Hall"),
        ((_entity("city", 0, 8), Frame("in", None, (Slot("head", Mention.at(0, 8)),))), "[New York: city] City Hall"),
    ],
)
def test_mentions_stand_in_brackets_without_colours(frames: tuple[Frame, ...], marked: str) -> None:
    assert marked_text(_extraction("New York City Hall", *frames), colours=False).plain == marked


def test_the_innermost_colour_wins() -> None:
    extraction = _extraction("New York City", _entity("place", 0, 13), _entity("city", 0, 8))
    shown = marked_text(extraction, colours=True)
    assert shown.plain == "New York City"
    assert shown.spans == [Style(0, 8, "bold magenta"), Style(8, 13, "bold cyan")]


def test_the_table_has_slots_attributes_and_the_ledger() -> None:
    extraction = _extraction(
        "Rebels attacked on Monday",
        Frame(
            "attack",
            Mention.at(7, 15),
            (Slot("who", Mention.at(0, 6)), Slot("cause", FrameRef(1))),
            (("sure", "no"),),
            score=0.5,
        ),
        Frame("day", Mention.at(19, 25)),
        rejected=(Reject("day: Friday", "ungrounded"),),
        coverage=0.5,
        notes=("a limit was met",),
    )
    lines = [" ".join(line.split()) for line in _shown(extraction).splitlines()]
    assert lines == [
        "[Rebels: who] [attacked: attack] on [Monday: day]",
        "",
        "type text start end score slots attributes",
        "attack attacked 7 15 0.50 who: Rebels; cause: Monday (day) sure: no",
        "day Monday 19 25",
        "",
        "not used reason",
        "day: Friday ungrounded",
        "coverage: 50.0% of the text was read",
        "note: a limit was met",
    ]


def test_an_error_is_shown() -> None:
    assert _shown(Extraction.failed("7", "Ada", "cannot be read")).splitlines() == ["7", "Ada", "error: cannot be read"]


def test_nothing_found_is_said() -> None:
    assert _shown(_extraction("Ada")).splitlines() == ["Ada", "nothing found"]


def test_control_characters_and_markup_of_a_text_are_not_followed() -> None:
    text = "\x1b[31mred\x1b[0m [bold]x[/bold] :smile: \u202eabc\x07 \x9b2J"
    shown = _shown(_extraction(text, _entity("x", 0, 4)))
    assert "\x1b" not in shown
    assert shown.startswith("[\\x1b[31: x]mred\\x1b[0m [bold]x[/bold] :smile: \\u202eabc\\x07 \\x9b2J")


@given(st.text())
def test_safe_leaves_no_control_character(text: str) -> None:
    assert all(c.isprintable() or c in "\n\t" or not c.isascii() for c in safe(text))
    assert not any("\x7f" <= c <= "\x9f" or "\u202a" <= c <= "\u202e" for c in safe(text))


def test_safe_leaves_words_of_all_scripts_and_joined_emoji() -> None:
    text = "naïve 北京 ภาษาไทย می\u200cخواهم 👩\u200d🔬\u00a0x\n\ty"
    assert safe(text) == text


@given(st.text(min_size=1, max_size=12), st.data())
def test_any_mentions_can_be_shown(text: str, data: st.DataObject) -> None:
    starts = data.draw(st.lists(st.integers(0, len(text) - 1), max_size=4))
    frames = [_entity("x", start, data.draw(st.integers(start + 1, len(text)))) for start in starts]
    extraction = _extraction(text, *frames)
    assert marked_text(extraction, colours=True).plain == safe(text)
    assert "\x1b" not in _shown(extraction)
