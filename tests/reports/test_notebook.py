# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import re

import pytest
from hypothesis import given

from loremill.extraction import Extraction
from loremill.frames import Frame, Reject
from loremill.reports import to_html
from loremill.reports.notebook import MAX_CHARS, MAX_ROWS, TINTS
from loremill.text import Mention

from ..test_wire import extractions
from .samples import Page, extraction, samples


def words(markup: str) -> str:
    return " ".join(re.sub(r"<[^>]*>", " ", markup).split())


def test_the_text_its_labels_frames_and_ledger_are_shown():
    shown = words(samples()[0]._repr_html_())
    assert "The University of New South direction Wales" in shown
    assert "left … ventricular hypertrophy" in shown
    assert "place: Atlantis ungrounded (×3)" in shown
    assert "note: generated freely" in shown


def test_slots_and_references_are_told_in_words():
    shown = words(to_html(samples()[1]))
    assert "who: Ada; whom: Bob; whom: Eve; polarity: positive" in shown
    assert "cause: met (meet)" in shown


@given(extractions())
def test_any_extraction_is_elements_without_script_and_closed(given: Extraction):
    page = Page(to_html(given))
    assert {tag for tag, _ in page.tags} <= {"div", "span", "b", "i", "table", "tr", "th", "td"}
    assert {name for _, attributes in page.tags for name in attributes} <= {"style", "dir"}
    assert page.source.count("<div") == page.source.count("</div>")
    assert page.source.count("<span") == page.source.count("</span>")


@pytest.mark.parametrize("one", samples(), ids=lambda e: e.id[:8])
def test_hostile_texts_stay_text(one: Extraction):
    assert not re.search(r"<(script|img|!--)", to_html(one))
    assert "\u202e" not in to_html(one)


def test_what_is_long_is_cut_and_told():
    text = "Ada " * 100_000
    frames = [Frame("person", Mention.at(4 * i, 4 * i + 3)) for i in range(5_000)]
    shown = to_html(extraction("x", text, frames, [Reject(f"person: {i}", "ungrounded") for i in range(500)]))
    assert len(shown) < 500_000
    assert f"({len(text) - MAX_CHARS:,} more characters)" in shown
    assert f"… and {5_000 - MAX_ROWS:,} more" in shown
    assert f"… and {500 - MAX_ROWS:,} more" in shown


def test_errors_and_unread_text_are_told():
    assert "error: no room" in words(to_html(samples()[6]))
    shown = to_html(samples()[5])
    assert "30.0% of the text was read" in shown
    assert re.search(r"line-through[^>]*>Nobody read this\.<", shown)


def contrast(one: tuple[float, ...], other: tuple[float, ...]) -> float:
    """WCAG 2.1, contrast ratio of two sRGB colours."""

    def luminance(colour: tuple[float, ...]) -> float:
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in (v / 255 for v in colour)]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


GROUNDS = {"light": ((255, 255, 255), (33, 33, 33)), "dark": ((17, 17, 17), (224, 224, 224))}
"""The colours of notebooks and of the text on them."""


@pytest.mark.parametrize("tint", TINTS)
@pytest.mark.parametrize(("ground", "ink"), GROUNDS.values(), ids=GROUNDS)
def test_text_is_read_on_every_tint(tint: str, ground: tuple[float, ...], ink: tuple[float, ...]):
    tinted = tuple(0.2 * int(c) + 0.8 * g for c, g in zip(tint.split(","), ground, strict=True))
    label = tuple(0.85 * i + 0.15 * t for i, t in zip(ink, tinted, strict=True))
    assert contrast(ink, tinted) >= 7
    assert contrast(label, tinted) >= 4.5
