# SPDX-License-Identifier: Apache-2.0
"""The page in headless Chromium; skipped where the browser or its driver is not installed."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from loremill.extraction import Extraction
from loremill.frames import Frame, Reject
from loremill.reports import write_page
from loremill.text import Mention

from .samples import at, extraction, samples

driver = pytest.importorskip("playwright.sync_api", reason="needs pip install playwright")
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="needs chromium: apt install chromium")

MANY = 5_000

# The text without what the page adds to it, and each mention's words by fragment.
READ = """() => {
  const bare = (node) => node.nodeType === 3 ? node.data
    : node.matches('.label') ? '' : [...node.childNodes].map(bare).join('');
  const found = {};
  for (const piece of document.querySelectorAll('.mention')) {
    (found[piece.dataset.mention] ??= []).push(bare(piece));
  }
  return [bare(document.getElementById('text')), Object.values(found).map((parts) => parts.join(''))];
}"""

# Contrast ratio (WCAG 2.1) of each element's text with what is painted behind it.
CONTRASTS = """(selector) => {
  const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
  const light = (paint) => {
    canvas.clearRect(0, 0, 1, 1);
    for (const colour of paint) { canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1); }
    const [r, g, b] = [...canvas.getImageData(0, 0, 1, 1).data].map((v) => v / 255)
      .map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const isSeen = (e) => e.getClientRects().length && e.textContent.trim();
  return [...document.querySelectorAll(selector)].filter(isSeen).map((e) => {
    const grounds = [];
    for (let up = e; up; up = up.parentElement) grounds.unshift(getComputedStyle(up).backgroundColor);
    const [a, b] = [light([...grounds, getComputedStyle(e).color]), light(grounds)];
    return [e.className || e.tagName, e.textContent.slice(0, 20), (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05)];
  });
}"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with driver.sync_playwright() as playwright:
        args = ["--no-sandbox"] if os.geteuid() == 0 else []
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=args)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def paths(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("pages")
    write_page(samples(), folder / "samples.html", title="samples", run={"model": "nano"})
    write_page(many(), folder / "many.html")
    return {"samples": folder / "samples.html", "many": folder / "many.html"}


def many() -> Iterator[Extraction]:
    for i in range(MANY):
        text = f"Document {i}: Ada met Bob in London."
        frames = [Frame("person", at(text, "Ada"), score=(i % 100) / 100), Frame("city", at(text, "London"))]
        rejects = [Reject("city: Rome", "ungrounded")] if i % 100 == 3 else []
        yield extraction(f"doc-{i}", text, frames, rejects)


@pytest.fixture
def opened(browser: Any, paths: dict[str, Path]) -> Iterator[Any]:
    """Opens a page; at the end nothing was asked of a network and nothing failed."""
    troubles: list[str] = []
    contexts = []

    def call(name: str = "samples", **settings: Any) -> Any:
        context = browser.new_context(
            **{"viewport": {"width": 1280, "height": 800}, "reduced_motion": "reduce", **settings}
        )
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.on("console", lambda message: troubles.append(message.text))
        page.on("request", lambda sent: None if sent.url == paths[name].as_uri() else troubles.append(sent.url))
        page.goto(paths[name].as_uri())
        return page

    yield call
    for context in contexts:
        context.close()
    assert troubles == []


def title(page: Any) -> str:
    return str(page.inner_text("#doc-id"))


def test_hostile_texts_do_not_run(opened: Any):
    page = opened()
    for _ in samples():
        page.keyboard.press("j")
    page.keyboard.press("?")
    assert page.title() == "samples · loremill"
    assert page.locator("main img").count() == 0


def test_every_mention_stands_at_its_characters(opened: Any):
    page = opened()
    for one in samples():
        wanted = {" ".join(m.texts_in(one.text)) for f in one.frames for m in f.mentions()}
        text, found = page.evaluate(READ)
        assert text == one.text.replace("\u202e", "U+202E")
        assert {words.replace(" ", "") for words in found} == {words.replace(" ", "") for words in wanted}
        page.keyboard.press("j")


def test_nested_mentions_lie_within_each_other(opened: Any):
    page = opened()
    assert page.locator('.mention:has-text("University") .mention .mention >> nth=0').inner_text().startswith("South")
    assert page.locator(".mention.goes-on").count() == page.locator(".mention.from-before").count() == 1
    assert page.locator(".mention.fragment > .label").all_inner_texts() == ["disease 1/2", "disease 2/2"]


def test_a_chosen_frame_shows_its_mentions_roles_and_links(opened: Any):
    page = opened()
    page.keyboard.press("j")
    page.click('.frame:has-text("polarity")')
    assert page.locator(".mention.lit").count() == 4
    assert page.evaluate("[...document.querySelectorAll('[data-role]')].map((e) => e.dataset.role)") == [
        "who",
        "whom",
        "whom",
    ]
    assert page.locator("#overlay path").count() == 3
    page.keyboard.press("n")  # surprise, whose cause is the meeting
    assert page.locator('#frames [aria-pressed="true"]').inner_text().startswith("surprise")
    assert page.locator("#overlay path").count() == 1
    page.keyboard.press("Escape")
    assert page.locator(".lit, #overlay path").count() == 0
    page.keyboard.press("a")
    assert page.locator("#overlay path").count() == 5


def test_a_click_on_a_mention_goes_through_its_frames(opened: Any):
    page = opened()
    page.keyboard.press("j")
    chosen = []
    for _ in range(4):
        page.click('.mention:has-text("Ada")', position={"x": 8, "y": 8})
        chosen.append(page.locator('#frames [aria-pressed="true"] .type').all_inner_texts())
    assert chosen == [["person"], ["meet"], ["knows"], []]


def test_types_and_scores_filter(opened: Any):
    page = opened()
    page.click("#types-none")
    assert page.locator(".mention").count() == 0
    assert page.inner_text("#frames-title") == "Frames 0 (5 hidden by filters)"
    page.click("#types-all")
    assert page.inner_text("#types label:first-child .number") == "3"
    page.locator("#score").fill("0.65")
    assert page.locator("#frames .type").all_inner_texts() == ["organization", "place", "crossing"]


def test_only_documents_with_trouble(opened: Any):
    page = opened()
    page.keyboard.press("e")
    assert page.inner_text("#count") == "2 of 8 documents"
    assert "4" in page.inner_text(".rejects summary")
    assert page.inner_text(".rejects h4:first-of-type") == "ungrounded 3"
    page.keyboard.press("j")
    assert page.inner_text("#problems").startswith("Error: no room")
    page.select_option("#problem", "unread")
    assert page.inner_text("#count") == "2 of 8 documents"
    page.keyboard.press("k")
    assert "30.0 % of the text was read. 17 characters in 1 place" in page.inner_text("#problems")
    assert page.locator(".unread").inner_text() == "Nobody read this.not read"


def test_search_finds_words_in_any_document(opened: Any):
    page = opened()
    page.keyboard.press("/")
    page.keyboard.type("SURPRISED")
    driver.expect(page.locator("#count")).to_have_text("1 of 8 documents")
    assert title(page) == "event"
    assert page.evaluate("[...CSS.highlights.get('found')].map(String)") == ["surprised"]
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    assert page.locator("#help").is_visible()
    assert "nano" in page.inner_text("#about-run")


def test_thousands_of_documents_are_gone_through_with_few_rows_in_the_tree(opened: Any):
    page = opened("many")
    began = time.monotonic()
    for _ in range(50):
        page.keyboard.press("j")
    assert title(page) == "doc-50"
    page.keyboard.press("G")
    assert title(page) == f"doc-{MANY - 1}"
    assert page.locator(".doc").count() < 60
    assert page.locator('.doc[aria-selected="true"]').is_visible()
    page.keyboard.press("e")
    assert page.inner_text("#count") == "50 of 5,000 documents"
    assert time.monotonic() - began < 60
    page.goto(page.url.split("#")[0] + "#1235")
    page.reload()
    assert title(page) == "doc-1234"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_is_read_on_its_ground(opened: Any, scheme: str):
    page = opened(color_scheme=scheme)
    seen = []
    for _ in samples():
        page.keyboard.press("n")
        seen += page.evaluate(CONTRASTS, ".label, .mention, .frame *, .badge, .problem, header *, aside *, #facts")
        page.keyboard.press("j")
    assert len(seen) > 100
    assert not [entry for entry in seen if entry[2] < 4.5]


def test_the_theme_is_the_systems_until_another_is_chosen(opened: Any):
    page = opened(color_scheme="dark")
    ground = "getComputedStyle(document.body).backgroundColor"
    dark = page.evaluate(ground)
    page.keyboard.press("t")
    assert page.evaluate(ground) == "rgb(255, 255, 255)"
    page.click("#theme")
    assert page.evaluate(ground) == dark


def test_a_phone_shows_the_text_and_opens_the_list(opened: Any):
    page = opened(viewport={"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert page.locator("#sidebar").is_hidden()
    page.click("#sidebar-button")
    page.click('.doc:has-text("event")')
    assert title(page) == "event"
    assert page.locator("#sidebar").is_hidden()
    page.click('.mention:has-text("met")')
    assert page.locator("#chosen .frame").is_visible()


def test_a_large_document_is_shown_in_steps(browser: Any, tmp_path: Path):
    text = "Ada and " * 12_500
    frames = [Frame("person", Mention.at(8 * i, 8 * i + 3)) for i in range(1_000)]
    write_page([extraction("large", text, frames)], tmp_path / "page.html")
    page = browser.new_page()
    page.goto((tmp_path / "page.html").as_uri())
    assert page.locator(".mention").count() == 1_000
    assert page.locator("#frames .frame").count() == 200
    page.click("#more-frames")
    assert page.locator("#frames .frame").count() == 400
    page.keyboard.press("p")
    assert page.locator("#frames .frame").count() == 1_000
    page.close()
