# SPDX-License-Identifier: Apache-2.0
"""Whole documents through the extractor: flat memory, linear work, windows that do not touch each other."""

from __future__ import annotations

import re
import tracemalloc

import pytest

from loremill.errors import GrammarLimit
from loremill.extractor import Extractor
from loremill.prompt import Completion, Prompt
from loremill.windows import Window
from loremill.wire import from_dict, to_dict

from .recording import RecordingModel
from .scripted import ScriptedModel


def book(sentences: int) -> str:
    ends = ["\n\n" if i % 10 == 9 else " " for i in range(sentences)]
    return "".join(f"Ada met Bob in Porto on day {i}.{end}" for i, end in enumerate(ends))


def people(prompt: Prompt) -> str:
    return "; ".join(f"person: {name}" for name in re.findall(r"Ada|Bob", prompt.text)) or "None"


class Forgetful(ScriptedModel):
    """Keeps no requests; ``most`` is how many it was given before it was asked for their answers."""

    def complete(self, requests):
        for completion in super().complete(requests):
            yield completion
            self.requests.clear()


def peak(extractor: Extractor, text: str) -> tuple[int, int]:
    """Bytes held at most while a text is extracted from, and bytes of the result."""
    tracemalloc.start()
    extraction = extractor.extract(text)
    held, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert extraction.coverage == 1.0
    return most, held


@pytest.mark.parametrize("window", [Window(), Window(3, 2), Window(unit="document")])
def test_where_nothing_is_found_memory_does_not_grow_with_the_text(window):
    extractor = Extractor(Forgetful(lambda _: "None"), "person", window=window)
    extractor.extract(book(20))
    short, long = book(200), book(2_000)
    small, _ = peak(extractor, short)
    large, _ = peak(extractor, long)
    assert large < 2 * small + len(long)  # coverage and the document's own checks may hold a byte per character


def test_memory_is_a_small_multiple_of_the_frames():
    extractor = Extractor(Forgetful(people), "person", window=Window(3, 2))
    extractor.extract(book(20))
    most, held = peak(extractor, book(2_000))
    assert most < 3 * held


def test_a_document_is_cut_no_further_than_the_model_reads():
    cut: set[str] = set()
    ahead = []

    class Counting(RecordingModel):
        def count_tokens(self, prompt):
            cut.add(prompt.text)
            return super().count_tokens(prompt)

    def answer(request):
        ahead.append(len(cut) - len(ahead))
        return "None"

    Extractor(Counting(answer, batch_size=4), "person").extract(book(200))
    assert len(ahead) == 200
    assert max(ahead) <= 4 + 2  # a batch, the bare prompt and one of no text


def test_one_window_without_a_grammar_does_not_touch_the_others(monkeypatch):
    model = RecordingModel(lambda request: people(request.prompt), max_tokens=100_000)
    extractor = Extractor(model, "person")
    make = extractor.asker._grammar

    def limited(part, text, *among):
        if "x" in text:
            raise GrammarLimit(f"grammar takes no x, got {len(text)} characters")
        return make(part, text)

    monkeypatch.setattr(extractor.asker, "_grammar", limited)
    texts = ["Ada met Bob.", "Ada met xx.", "Bob ran.", "Bob met xxx and xxx.", "Bob sat."]
    extraction = extractor.extract(" ".join(texts))
    assert [(r.prompt.text, r.grammar is None) for r in model.requests] == [(t, "x" in t) for t in texts]
    assert extraction.notes == ("2 windows generated without a grammar: grammar takes no x, got 11 characters",)
    assert len(extraction.frames) == 6


def test_thousands_of_fallbacks_are_one_note_in_the_result_and_in_its_row():
    def answer(request):
        return Completion("None", notes=(f"generated without a grammar: at {request.prompt.text}",))

    extraction = Extractor(RecordingModel(answer), "person, meeting!(who)").extract(book(3_000))
    assert extraction.notes == ("3,000 windows generated without a grammar: at Ada met Bob in Porto on day 0.",)
    assert from_dict(to_dict(extraction)).notes == extraction.notes


def test_document_without_room_is_read_by_paragraph_and_sentence_and_noted_once():
    text = "Ada ran. Bob sat.\n\n" + "Ada met Bob in the long hall. " * 8
    model = RecordingModel(lambda request: people(request.prompt), max_tokens=160)
    extraction = Extractor(model, "person", window=Window(unit="document")).extract(text)
    assert model.shown[:2] == ["Ada ran. Bob sat.", "Ada met Bob in the long hall."]
    assert extraction.notes == (
        "the model has no room for the whole document; windows by paragraph: 1, by sentence: 8",
    )
    assert extraction.coverage == 1.0


def test_event_that_two_windows_saw_has_the_arguments_of_both():
    text = "Ada came. They met. Bob left."

    def answer(request):
        who = [name for name in ("Ada", "Bob") if name in request.prompt.text]
        return "; ".join(f"meeting: met, who: {name}" for name in who)

    model = RecordingModel(answer)
    (frame,) = Extractor(model, "meeting!(who)", window=Window(2, 1)).extract(text).frames
    assert model.shown == ["Ada came. They met.", "They met. Bob left."]
    assert [slot.filler.texts_in(text) for slot in frame.slots] == [("Ada",), ("Bob",)]


def test_windows_are_named_in_the_identity():
    names = {
        Extractor(RecordingModel(lambda _: "None"), "person", window=w).identity["window"] for w in (None, Window(2))
    }
    assert names == {"sentence 1/0", "sentence 2/0"}
