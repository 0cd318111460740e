# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loremill import Extractor, assign_types, extract_arguments
from loremill.errors import FormatError, InputError, LoremillError, SchemaError, StrictError, UnknownNameError
from loremill.extraction import Extraction
from loremill.frames import Document, Frame, FrameRef, Slot
from loremill.prompt import Completion, Habits, Request, Usage
from loremill.schema import Schema
from loremill.schema.types import FrameType, SlotType
from loremill.text import Mention, TextView
from loremill.windows import Window

from .recording import RecordingModel, completion


def names(request: Request) -> str:
    """Every capitalised word as a person, written as the listing format does."""
    words = re.findall(r"[A-Z]\w*", request.prompt.text)
    return " " + ("; ".join(f"person: {word}" for word in words) or "None")


def nothing(request: Request) -> str:
    return " None"


def place(extraction: Extraction) -> list[tuple[int, int]]:
    return [(f.filler.start, f.filler.end) for f in extraction.frames if f.filler is not None]


@given(
    st.lists(st.sampled_from([" ", ". Ab", ".\n\n", " Cd", "! ", " x" * 9]), max_size=20),
    st.integers(20, 60),
    st.sampled_from([Window(), Window(2, 1), Window(3)]),
    st.none() | st.integers(1, 90),
)
def test_coverage_is_the_union_of_what_the_model_was_shown(joints, max_tokens, window, max_chars):
    text = "w".join(["", *joints, ""])
    text = "".join(chr(0xAC00 + i) if c.isalpha() else c for i, c in enumerate(text))  # each window is found once
    model = RecordingModel(nothing, max_tokens=max_tokens)
    extraction = Extractor(model, "person", window=window, max_chars=max_chars).extract(text)
    seen: set[int] = set()
    start = 0
    for shown in model.shown:
        start = text.index(shown, start)
        seen |= set(range(start, start + len(shown)))
    wanted = {i for i, c in enumerate(text) if not c.isspace()}
    assert extraction.coverage == pytest.approx(len(seen & wanted) / len(wanted))
    assert (extraction.coverage == 1.0) == (wanted <= seen)
    assert max_chars is not None or extraction.coverage == 1.0


@pytest.mark.parametrize("window", [Window(), Window(2), Window(2, 1), Window(3, 2)])
def test_offsets_are_those_of_the_document(window):
    text = "  Ada 👩\u200d👧 ran. e\u0301 Bob slept.\n\n北京。 Eve and Ada left. "
    extraction = Extractor(RecordingModel(names), "person", window=window).extract(text)
    assert place(extraction) == [m.span() for m in re.finditer(r"[A-Z]\w*", text)]


def test_frames_of_two_windows_are_merged_with_the_higher_score():
    probabilities = iter([0.5, 0.9, 0.2])

    def answer(request):
        p = next(probabilities)
        return [(" person: ", p), ("Ada" if "Ada" in request.prompt.text else "Eve", 1.0), ("", 1.0)]

    text = "Xy. Ada ran. Zz. Eve."
    extraction = Extractor(RecordingModel(answer), "person", window=Window(2, 1)).extract(text)
    assert [(f.filler.texts_in(text)[0], f.score) for f in extraction.frames] == [
        ("Ada", pytest.approx(0.9)),
        ("Eve", pytest.approx(0.2)),
    ]
    assert extraction.rejected == ()


def test_scores_are_products_of_masked_probabilities():
    tokens = [(" person", 0.9), (": ", 0.8), ("Ada", 0.7), (";", 0.6), (" person", 0.5), (": Bob", 0.4), ("", 0.3)]
    extraction = Extractor(RecordingModel(lambda _: tokens), "person").extract("Ada met Bob")
    assert [f.score for f in extraction.frames] == pytest.approx([0.9 * 0.8 * 0.7 * 0.6, 0.5 * 0.4 * 0.3])


def test_score_of_a_slot_is_its_own_though_another_of_its_role_is_not_there():
    tokens = [(" Attack: hit,", 0.9), (" attacker: Eve,", 0.1), (" attacker: Ada", 0.8), ("", 0.7)]
    extraction = Extractor(RecordingModel(lambda _: tokens), "Attack!(attacker)").extract("Ada hit Bob")
    [frame] = extraction.frames
    assert [s.score for s in frame.slots] == pytest.approx([0.8 * 0.7])
    assert frame.score == pytest.approx(0.9 * 0.1 * 0.8 * 0.7)
    assert [(r.item, r.reason) for r in extraction.rejected] == [("attacker: Eve", "ungrounded")]


def test_without_log_probabilities_scores_are_none_and_nothing_is_below_the_least():
    model = RecordingModel(names, can=["grammar"])
    extraction = Extractor(model, "person", min_score=0.9).extract("Ada")
    assert [f.score for f in extraction.frames] == [None]


def test_frames_below_the_least_score_go_to_the_ledger():
    tokens = [(" person: Ada;", 0.9), (" person: Bob", 0.4), ("", 1.0)]
    extraction = Extractor(RecordingModel(lambda _: tokens), "person", min_score=0.5).extract("Ada met Bob")
    assert place(extraction) == [(0, 3)]
    assert [(r.item, r.reason, r.family) for r in extraction.rejected] == [("person: Bob", "low score", "entities")]


def test_slot_that_pointed_at_a_frame_of_low_score_points_at_its_mention():
    tokens = [(" Attack: hit, cause: shot;", 0.9), (" Attack: shot", 0.4), ("", 1.0)]
    model = RecordingModel(lambda _: tokens)
    text = "hit after shot"
    assert Extractor(model, "Attack!(cause: Attack)").extract(text).frames[0].slots == (Slot("cause", FrameRef(1)),)
    [frame] = Extractor(model, "Attack!(cause: Attack)", min_score=0.5).extract(text).frames
    assert frame.slots == (Slot("cause", Mention.at(10, 14)),)


def test_each_family_is_asked_and_relations_bind_to_entities_found_before():
    def answer(request):
        return {"entities": " person: Ada", "relations": " near: Ada, Rome"}[request.prompt.family]

    model = RecordingModel(answer)
    text = "Ada saw the man who thinks Ada left Rome"
    extraction = Extractor(model, "near(person, place), person").extract(text)
    assert [r.prompt.family for r in model.requests] == ["entities", "relations"]
    assert extraction.frames[1].slots[0].filler == Mention.at(0, 3)


def test_ledger_tells_window_family_and_reason():
    answers = iter([" person: Eve; animal: fox", Completion(" person: Ada; person: B", finish_reason="length")])
    extraction = Extractor(RecordingModel(lambda _: next(answers)), "person").extract("Ada ran. Bob and Ada slept.")
    assert [(r.item, r.reason, r.window, r.family) for r in extraction.rejected] == [
        ("animal: fox", "unknown type", 0, "entities"),
        ("person: Eve", "ungrounded", 0, "entities"),
        ("person: B", "cut off", 1, "entities"),
    ]
    assert place(extraction) == [(17, 20)]


def test_usage_is_the_sum_over_requests():
    extraction = Extractor(RecordingModel(nothing), "person").extract("One. Two. Three.")
    assert extraction.usage == Usage(30, 18, 3)


def test_texts_are_seen_through_the_models_view():
    def view(text: str) -> TextView:
        return TextView(text.upper(), range(len(text)), range(1, len(text) + 1))

    model = RecordingModel(lambda _: " PERSON: ADA", view=view)
    [frame] = Extractor(model, "person").extract("we met ada").frames
    assert frame.filler == Mention.at(7, 10)
    assert "ADA" in (model.requests[0].grammar or "")


class TestDocuments:
    def test_a_text_gives_one_extraction(self):
        extraction = Extractor(RecordingModel(names), "person").extract("Ada")
        assert isinstance(extraction, Extraction)
        assert (extraction.id, extraction.text) == ("0", "Ada")

    def test_a_document_keeps_its_id(self):
        assert Extractor(RecordingModel(names), "person").extract(Document("Ada", "x7")).id == "x7"

    def test_a_list_gives_a_list_in_order(self):
        docs = ["Ada ran. She fell.", "none", Document("Bob", "b")]
        extractions = Extractor(RecordingModel(names), "person").extract(docs)
        assert isinstance(extractions, list)
        assert [(e.id, place(e)) for e in extractions] == [("0", [(0, 3), (9, 12)]), ("1", []), ("b", [(0, 3)])]

    def test_an_iterator_gives_an_iterator_that_has_read_nothing(self):
        model = RecordingModel(names)
        stream = Extractor(model, "person").extract(iter(["Ada"]))
        assert isinstance(stream, Iterator)
        assert model.requests == []
        assert [place(e) for e in stream] == [[(0, 3)]]

    def test_no_documents_give_no_extractions(self):
        assert Extractor(RecordingModel(names), "person").extract([]) == []

    @pytest.mark.parametrize("sentences", [1, 3])
    def test_ten_thousand_documents_stream(self, sentences):
        read = 0

        def docs():
            nonlocal read
            for i in range(10_000):
                read += 1
                yield " ".join(f"Ada{i} ran." for _ in range(i % sentences + 1)) if i % 50 else ""

        ahead = 0
        emitted = -1
        stream = Extractor(RecordingModel(nothing, batch_size=8), "person", grammar=False).extract(docs())
        for emitted, extraction in enumerate(stream):
            assert extraction.id == str(emitted)
            assert (extraction.error is None) == (emitted % 50 != 0)
            ahead = max(ahead, read - emitted)
        assert emitted == 9_999
        assert ahead <= 2 * 8 + 2  # two batches and the empty documents among them

    @pytest.mark.parametrize(
        ("bad", "error"),
        [
            ("", "text is empty: a document needs at least one word"),
            (" \n", "text is empty"),
            ("a\ud800b", "character 1 is half a surrogate pair"),
            (None, "document needs to be a str or a Document, got NoneType"),
            (b"Ada", "got bytes"),
        ],
    )
    def test_a_bad_document_is_one_error_and_the_others_survive(self, bad, error):
        extractor = Extractor(RecordingModel(names, batch_size=2), "person")
        extractions = extractor.extract(["Ada", bad, "Bob", bad])
        assert [place(e) for e in extractions] == [[(0, 3)], [], [(0, 3)], []]
        assert [e.error is None for e in extractions] == [True, False, True, False]
        assert error in extractions[1].error
        assert extractions[1].coverage == 0.0

    def test_a_single_bad_text_raises(self):
        with pytest.raises(InputError, match="text is empty"):
            Extractor(RecordingModel(names), "person").extract("")

    def test_an_error_of_the_model_is_the_documents(self):
        def answer(request):
            return Completion("", error="out of luck") if "bad" in request.prompt.text else names(request)

        extractions = Extractor(RecordingModel(answer), "person").extract(["Ada ran. bad. Bob.", "Eve"])
        assert [(e.error, place(e)) for e in extractions] == [("out of luck", []), (None, [(0, 3)])]
        assert extractions[0].usage.requests > 0

    def test_a_five_thousand_letter_word_is_shown_in_pieces(self):
        model = RecordingModel(nothing, max_tokens=400)
        assert Extractor(model, "person").extract("x" * 5_000).coverage == 1.0
        assert len(model.shown) > 10


class TestStrict:
    @pytest.mark.parametrize(
        ("answer", "message"),
        [
            (" person: Eve", "document '0': ungrounded: 'person: Eve'$"),
            (" person: Eve; x: y", "document '0': unknown type: 'x: y' and 1 more$"),
            (Completion("", error="out of luck"), "document '0': out of luck$"),
            (Completion(" person: A", finish_reason="length"), "document '0': cut off: 'person: A'$"),
        ],
    )
    def test_what_is_not_used_raises(self, answer, message):
        with pytest.raises(StrictError, match=message):
            Extractor(RecordingModel(lambda _: answer), "person", strict=True).extract(["Ada"])

    def test_text_that_was_not_read_raises(self):
        with pytest.raises(StrictError, match="document '0': only 99 % of the text was read"):
            Extractor(RecordingModel(nothing), "person", strict=True, max_chars=999).extract("x" * 1_000)

    def test_an_empty_document_raises(self):
        with pytest.raises(StrictError, match="document '1': text is empty"):
            Extractor(RecordingModel(nothing), "person", strict=True).extract(["a", " "])

    def test_a_low_score_raises(self):
        with pytest.raises(StrictError, match="low score: 'person: Ada'"):
            Extractor(RecordingModel(names), "person", strict=True, min_score=0.9).extract("Ada")

    def test_a_model_without_grammar_is_refused(self):
        with pytest.raises(StrictError, match="needs a model that can follow one"):
            Extractor(RecordingModel(names, can=[]), "person", strict=True)
        Extractor(RecordingModel(names, can=[]), "person", strict=True, grammar=False).extract("Ada")

    def test_what_is_all_used_passes(self):
        assert Extractor(RecordingModel(names), "person", strict=True).extract("Ada").coverage == 1.0


def test_characters_that_are_not_read_lower_the_coverage_and_are_noted():
    model = RecordingModel(names)
    extraction = Extractor(model, "person", max_chars=7).extract("Ada ran. Bob.")
    assert model.shown == ["Ada ran"]
    assert extraction.coverage == pytest.approx(6 / 11)
    assert extraction.notes == ("only the first 7 of 13 characters were read",)


def test_text_too_large_for_a_grammar_is_read_without_one_and_noted():
    model = RecordingModel(nothing, max_tokens=1_000_000)
    extraction = Extractor(model, "person").extract("x" * 100_001)
    assert model.requests[0].grammar is None
    assert len(extraction.notes) == 1
    assert extraction.notes[0].startswith("generated without a grammar: grammar takes texts of up to 100,000")


@pytest.mark.parametrize(
    ("can", "grammar", "held"), [(["grammar"], True, True), (["grammar"], False, False), ([], True, False)]
)
def test_grammar_is_asked_for_where_wanted_and_possible(can, grammar, held):
    model = RecordingModel(nothing, can=can)
    Extractor(model, "person", grammar=grammar).extract("Ada")
    assert (model.requests[0].grammar is not None) == held


def typed(request: Request) -> str:
    """Every word of the text that a type asked for is named after."""
    found = [word for word in re.findall(r"\w+", request.prompt.text) if word in asked(request)]
    return " " + ("; ".join(f"{word}: {word}" for word in found) or "None")


def asked(request: Request) -> list[str]:
    return re.findall(r"\w+", request.prompt.schema)


LARGE = [f"thing{i:02}" for i in range(40)]  # 8 to 9 tokens each


def test_type_larger_than_the_models_window_is_an_error_that_says_so():
    with pytest.raises(SchemaError, match=r"the type 'encyclopedia' is too large .* the model reads 20 and keeps 5"):
        Extractor(RecordingModel(nothing, max_tokens=20), "person, encyclopedia")


def test_schema_larger_than_the_models_window_is_asked_for_in_parts_that_leave_half_of_it_to_the_text():
    model = RecordingModel(typed, max_tokens=200)
    text = " ".join(LARGE[::7])
    extraction = Extractor(model, LARGE).extract(text)
    assert [name for request in model.requests for name in asked(request)] == LARGE
    assert all(len(request.prompt.schema) <= 75 for request in model.requests)
    assert {request.prompt.text for request in model.requests} == {text}
    assert [(f.type, f.filler.texts_in(text)[0]) for f in extraction.frames] == [(name, name) for name in LARGE[::7]]
    assert extraction.usage.requests == len(model.requests) > 1
    assert extraction.coverage == 1.0


def test_parts_of_a_schema_are_asked_window_by_window_and_their_rejects_kept():
    model = RecordingModel(lambda request: f" {asked(request)[0]}: Eve; {LARGE[0]}: ran", max_tokens=200)
    extraction = Extractor(model, LARGE, grammar=False).extract("Ada ran. Bob ran.")
    parts = len(model.requests) // 2
    assert [r.prompt.text for r in model.requests] == ["Ada ran."] * parts + ["Bob ran."] * parts
    assert [(f.type, f.filler.start) for f in extraction.frames] == [(LARGE[0], 4), (LARGE[0], 13)]
    rejects = [(r.window, r.reason, r.family) for r in extraction.rejected]
    lost = [("ungrounded",)] + [("unknown type",), ("ungrounded",)] * (parts - 1)
    expected = [(window, *reason, "entities") for window in (0, 1) for reason in lost]
    assert sorted(rejects) == sorted(expected)


def test_relations_asked_for_in_parts_know_the_entities_of_their_window():
    schema = [FrameType("name")]
    schema += [FrameType(name, family="relations", slots=(SlotType("head"), SlotType("tail"))) for name in LARGE[:2]]

    def answer(request: Request) -> str:
        if "name" in request.prompt.schema:
            return [(" ", 1.0), ("name: Ada; name: Bob", 0.5), ("", 1.0)]
        return f" {asked(request)[0]}: Ada, Bob"

    model = RecordingModel(answer)
    extraction = Extractor(model, Schema(tuple(schema)), types_per_request=1).extract("Ada met Bob")
    assert len(model.requests) == 3
    relations = [f for f in extraction.frames if f.filler is None]
    assert [f.type for f in relations] == LARGE[:2]
    assert all([(s.filler.start, s.filler.end) for s in f.slots] == [(0, 3), (8, 11)] for f in relations)


@pytest.mark.parametrize(("most", "sizes"), [(None, [5]), (5, [5]), (4, [2, 3]), (2, [1, 2, 2]), (1, [1] * 5)])
def test_types_per_request_cuts_evenly(most, sizes):
    extractor = Extractor(RecordingModel(nothing), LARGE[:5], types_per_request=most)
    assert [len(part) for part in extractor.parts["entities"]] == sizes
    told = extractor.identity.get("requests for entities")
    assert told == (f"{len(sizes)} per window" if len(sizes) > 1 else None)


@given(st.lists(st.integers(1, 60), min_size=1, max_size=30), st.integers(60, 400), st.none() | st.integers(1, 9))
def test_every_type_is_asked_for_once_in_order_and_its_part_leaves_room(sizes, max_tokens, most):
    names = [f"{i:02}".ljust(size, "x") for i, size in enumerate(sizes)]
    model = RecordingModel(nothing, max_tokens=max_tokens)
    try:
        extractor = Extractor(model, names, types_per_request=most)
    except SchemaError:
        assert max(sizes) + 8 > max_tokens - max_tokens // 4 - len("types: ")
        return
    parts = extractor.parts["entities"]
    assert [t.name for part in parts for t in part] == names
    assert max(map(len, parts)) <= (most or len(names))
    extractor.extract("a b c d")
    assert all(model.count_tokens(r.prompt) <= extractor.asker.budget for r in model.requests)


def test_a_model_is_asked_as_it_was_trained_to_be():
    model = RecordingModel(nothing)
    model.habits = Habits(max_text_tokens=20, max_types=2)
    extractor = Extractor(model, LARGE[:5], window=Window(unit="document"))
    assert [len(part) for part in extractor.parts["entities"]] == [1, 2, 2]
    assert [len(p) for p in Extractor(model, LARGE[:5], types_per_request=5).parts["entities"]] == [5]
    assert len(Extractor(model, LARGE[:5], format="typing").parts["entities"]) == 1
    extractor.extract("Ada met Bob. Bob met Ada. Ada left.")
    texts = [r.prompt.text for r in model.requests]
    assert len(texts) == 9
    assert set(texts) == {"Ada met Bob.", "Bob met Ada.", "Ada left."}


@pytest.mark.parametrize("skips", [False, True])
def test_definitions_that_training_did_not_show_are_not_told(skips):
    struck = SlotType("who", description="natural person that is struck")
    hit = FrameType("hit", family="events", slots=(struck,), description="natural blow")
    person = FrameType("person", description="natural person")
    model = RecordingModel(nothing)
    model.habits = Habits(skips_definitions=skips)
    given = Document("Ada hit Bob.", frames=(Frame("person", Mention.at(0, 3)), Frame("hit", Mention.at(4, 7))))
    extractor = Extractor(model, Schema((person, hit)))
    extractor.extract(given.text)
    list(extract_arguments(extractor, [given]))
    list(assign_types(Extractor(model, Schema((person,)), format="typing"), [given]))
    assert len(model.requests) == 5
    assert ["natural" in repr(r.prompt) for r in model.requests] == [not skips] * 5
    assert ("definitions" in extractor.identity) is skips
    assert extractor.schema["person"].description  # what users said stays


def test_formats_about_given_mentions_ask_for_all_types_at_once():
    with pytest.raises(
        SchemaError, match=r"the schema's 40 entities take \d+ tokens, the model reads 200 .* all types"
    ):
        Extractor(RecordingModel(nothing, max_tokens=200), LARGE, format="typing")


def test_prompt_and_answer_stay_inside_the_models_limit():
    model = RecordingModel(nothing, max_tokens=60)
    Extractor(model, "person").extract("some words " * 40)
    for request in model.requests:
        assert model.count_tokens(request.prompt) + request.max_new_tokens <= 60


class Examples:
    def __init__(self, size: int) -> None:
        self.size = size

    def select(self, text: str, schema: Schema) -> list[Document]:
        return [Document(f"{i}" * self.size) for i in range(3)]


@pytest.mark.parametrize(("size", "kept"), [(10, ["0", "1", "2"]), (100, ["2"]), (300, [])])
def test_demonstrations_without_room_are_left_out_and_noted(size, kept):
    model = RecordingModel(nothing, max_tokens=200)
    extraction = Extractor(model, "person", demonstrations=Examples(size)).extract("Ada")
    assert [d.text[0] for d in model.requests[0].prompt.demonstrations] == kept
    assert len(extraction.notes) == (len(kept) < 3)
    assert all(f"read without {3 - len(kept)} of 3 demonstrations" in note for note in extraction.notes)


@pytest.mark.parametrize(
    "changed",
    [
        {"schema": "place"},
        {"window": Window(2)},
        {"grammar": False},
        {"max_chars": 9},
        {"min_score": 0.5},
        {"format": "own"},
    ],
)
def test_identity_changes_with_what_decides_the_output(changed, monkeypatch):
    from loremill import asking
    from loremill.formats import listing

    monkeypatch.setattr(asking, "FORMATS", {"listing": listing, "own": listing})
    settings = {"schema": "person"}
    base = Extractor(RecordingModel(nothing), **settings)
    assert Extractor(RecordingModel(names), **settings).identity == base.identity
    assert Extractor(RecordingModel(nothing), **{**settings, **changed}).identity != base.identity


@pytest.mark.parametrize(
    ("settings", "error", "message"),
    [
        ({}, SchemaError, "extraction needs a schema, got none"),
        ({"schema": "person", "types_per_request": 0}, InputError, "types_per_request needs to be at least 1, got 0"),
        ({"schema": "person", "format": "listin"}, UnknownNameError, "Did you mean 'listing'"),
        ({"schema": "person", "min_score": 1.5}, InputError, "min_score needs to be in 0..1, got 1.5"),
        ({"schema": "person", "max_chars": 0}, InputError, "max_chars needs to be at least 1, got 0"),
        ({"schema": Schema((FrameType("Ada"), FrameType("ADA")))}, FormatError, "'Ada' and 'ADA' look the same"),
        ({"schema": Schema((FrameType("none", family="classes"),))}, FormatError, "class 'none' reads like"),
    ],
)
def test_settings_that_cannot_be_used_are_refused(settings, error, message):
    with pytest.raises(error, match=message) as caught:
        Extractor(RecordingModel(nothing), **settings)
    assert isinstance(caught.value, LoremillError)
    assert "\n" not in str(caught.value)


def test_progress_is_shown_on_standard_error_only(capsys):
    extractions = Extractor(RecordingModel(names), "person", progress=True).extract(["Ada", "Bob"])
    assert len(extractions) == 2
    assert capsys.readouterr().out == ""


def test_completion_helper_places_tokens():
    assert completion([(" a", 0.5), ("", 0.5)]).offsets == ((0, 2), (2, 2))


@pytest.mark.parametrize(("count", "is_noted"), [(199, False), (200, True)])
def test_answer_as_long_as_a_grammar_allows_is_noted(count, is_noted):
    model = RecordingModel(lambda request: " " + "; ".join(["person: Ada"] * count), max_tokens=10_000)
    notes = Extractor(model, "person").extract("Ada " * 300).notes
    assert any("as many items as a grammar allows: 200" in note for note in notes) == is_noted
