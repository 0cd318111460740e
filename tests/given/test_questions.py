# SPDX-License-Identifier: Apache-2.0
"""Questions about given mentions: which window each goes to, and that a document is cut once for all of them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loremill.errors import InputError
from loremill.extractor import Extractor
from loremill.frames import Document, Frame
from loremill.given.arguments import extract_arguments
from loremill.given.questions import first_windows
from loremill.text import Mention
from loremill.windows import Window, windows

from ..recording import RecordingModel

SETTINGS = [Window(), Window(2, 1), Window(3), Window(unit="paragraph"), Window(unit="document")]


@given(
    st.lists(st.sampled_from([" ", ". Ab", ".\n\n", " Cd", "! ", " x" * 9]), max_size=20),
    st.lists(st.tuples(st.integers(0, 80), st.integers(1, 30)), max_size=8),
    st.sampled_from(SETTINGS),
    st.integers(5, 60),
)
def test_every_stretch_is_in_the_first_window_that_holds_it(joints, sizes, settings, longest):
    text = "w".join(["", *joints, ""])
    stretches = [(start, min(start + size, len(text))) for start, size in sizes if start < len(text)]
    cut = list(enumerate(windows(text, settings, lambda piece: len(piece) <= longest)))
    first = [next((w for w in cut if w[1][0] <= s and e <= w[1][1]), None) for s, e in stretches]
    expected = [(n, place, [i for i, w in enumerate(first) if w == (n, place)]) for n, place in cut]
    if None in first:
        with pytest.raises(InputError, match=r"what is given at \d+:\d+ lies in no window: use wider ones"):
            first_windows(text, stretches, settings, lambda piece: len(piece) <= longest)
    else:
        found = first_windows(text, stretches, settings, lambda piece: len(piece) <= longest)
        assert found == [window for window in expected if window[2]]


def test_text_behind_the_last_stretch_is_not_cut():
    asked: list[str] = []

    def fits(piece: str) -> bool:
        asked.append(piece)
        return True

    first_windows("One. Two. " + "Three. " * 1_000, [(5, 8)], Window(), fits)
    assert asked == ["One.", "Two."]


def test_document_is_cut_once_for_all_of_its_events():
    text = "They met. " * 200
    events = tuple(Frame("Meet", Mention.at(10 * i + 5, 10 * i + 8)) for i in range(200))
    model = RecordingModel(lambda request: " None")
    counted: list[str] = []
    count_tokens = model.count_tokens
    model.count_tokens = lambda prompt: counted.append(prompt.text) or count_tokens(prompt)  # type: ignore[method-assign]
    (extraction,) = extract_arguments(Extractor(model, "Meet!(who)"), [Document(text, "d", events)])
    assert len(extraction.frames) == len(model.requests) == 200
    assert sum(map(bool, counted)) <= 3 * 200  # once to cut, once to ask


def test_windows_leave_room_for_the_longest_prompt():
    text = "words " * 9 + "end"
    first, last = Frame("Meet", Mention.at(0, 5)), Frame("Attack", Mention.at(54, 57))
    schema = "Meet!(who), Attack!(attacker, victim, time, place)"

    def shown(*events: Frame) -> list[str]:
        model = RecordingModel(lambda request: " None", max_tokens=100)
        (extraction,) = extract_arguments(Extractor(model, schema), [Document(text, "d", events)])
        assert extraction.error is None
        return model.shown

    assert shown(first) == [text]
    together = shown(first, last)
    assert [piece in text for piece in together] == [True, True]
    assert all(len(piece) + len("attacker; victim; time; place") <= 75 for piece in together)
