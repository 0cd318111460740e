# SPDX-License-Identifier: Apache-2.0
"""Extractions that a page must bear, and the elements of a page."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

from loremill.extraction import Extraction
from loremill.frames import Frame, FrameRef, Reject, Slot
from loremill.prompt import Usage
from loremill.text import Mention, Span

ATTACK = "</script><script>document.title='run'</script><!-- <script> <img src=x onerror=\"document.title='run'\"> ]]>"


def at(text: str, words: str) -> Mention:
    """The first place of ``words``."""
    start = text.index(words)
    return Mention.at(start, start + len(words))


def extraction(
    id: str,
    text: str,
    frames: Iterable[Frame] = (),
    rejected: Iterable[Reject] = (),
    coverage: float = 1.0,
    **more: Any,
) -> Extraction:
    return Extraction(id, text, tuple(frames), tuple(rejected), coverage, Usage(), **more)


def samples() -> list[Extraction]:
    """Nested, crossing, discontinuous, right-to-left, emoji, hostile, unread and failed."""
    nested = "The University of New South Wales, left and right ventricular hypertrophy."
    arabic = "زار أحمد زويل مدينة القاهرة"
    emoji = "👩‍👩‍👧 loves 🍕 in 𝔏𝔬𝔫𝔡𝔬𝔫 and Paris"
    event = "Ada met Bob and Eve in London, which surprised Dan."
    left, ventricular = nested.index("left"), nested.index("ventricular")
    return [
        extraction(
            "nested",
            nested,
            [
                Frame("organization", at(nested, "University of New South Wales"), score=0.9),
                Frame("place", at(nested, "New South Wales"), score=0.7),
                Frame("direction", at(nested, "South"), score=0.2),
                Frame("crossing", at(nested, "Wales, left and")),
                Frame(
                    "disease",
                    Mention((Span(left, left + 4), Span(ventricular, len(nested) - 1))),
                    score=0.6,
                ),
            ],
            [Reject("place: Atlantis", "ungrounded")] * 3 + [Reject(f"planet: {ATTACK}", "unknown type")],
            notes=("generated freely",),
        ),
        extraction(
            "event",
            event,
            [
                Frame("person", at(event, "Ada"), score=0.9),
                Frame(
                    "meet",
                    at(event, "met"),
                    (
                        Slot("who", at(event, "Ada"), 0.9),
                        Slot("whom", at(event, "Bob")),
                        Slot("whom", at(event, "Eve")),
                    ),
                    (("polarity", "positive"),),
                    score=0.8,
                ),
                Frame("surprise", at(event, "surprised"), (Slot("cause", FrameRef(1)),), score=0.4),
                Frame("knows", None, (Slot("head", at(event, "Ada")), Slot("tail", at(event, "Bob"))), score=0.3),
            ],
        ),
        extraction("arabic", arabic, [Frame("person", at(arabic, "أحمد زويل")), Frame("place", at(arabic, "القاهرة"))]),
        extraction("emoji", emoji, [Frame("food", at(emoji, "🍕")), Frame("place", at(emoji, "𝔏𝔬𝔫𝔡𝔬𝔫"))]),
        extraction(ATTACK, f"{ATTACK} \u202eturned", [Frame(ATTACK, Mention.at(0, 9), attributes=((ATTACK, ATTACK),))]),
        extraction("long", "Ada. Nobody read this. Bob.", coverage=0.3, unread=(Span(5, 22),)),
        Extraction.failed("broken", "Ada met Bob.", f"no room: {ATTACK}"),
        extraction("", ""),
    ]


@dataclass
class Page(HTMLParser):
    """The elements of a page with their attributes, and the contents of scripts and styles."""

    source: str
    tags: list[tuple[str, dict[str, str | None]]] = field(default_factory=list)
    contents: list[tuple[str, dict[str, str | None], str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()
        self.feed(self.source)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        if self.tags and self.tags[-1][0] in ("script", "style") and data.strip():
            self.contents.append((*self.tags[-1], data))

    def data(self, id: str) -> Any:
        """The JSON in the script element ``id``."""
        return json.loads("".join(text for _, attributes, text in self.contents if attributes.get("id") == id))
