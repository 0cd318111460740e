# SPDX-License-Identifier: Apache-2.0
"""Relations among entities that a span head found: what is asked, of whom, and that nothing is lost on the way."""

from __future__ import annotations

from itertools import islice
from types import SimpleNamespace

import pytest

from loremill import Extractor, extract_relations
from loremill.frames import Document
from loremill.models.habits import habits_of
from loremill.prompt import Completion, FoundSpan, Habits, Usage
from loremill.text import Mention

from .recording import RecordingModel, completion

SCHEMA = "person, organization, works_for(person, organization)"
TEXT = "Ada joined the Navy. Bob runs Acme Corp, not Ada."
NAMES = {"person": ("Ada", "Bob"), "organization": ("Navy", "Acme Corp")}


def found_in(request) -> Completion:
    """A head that knows the names above."""
    text = request.prompt.text
    spans = [
        FoundSpan(text.index(name), text.index(name) + len(name), i, 0.9)
        for i, label in enumerate(request.labels)
        for name in NAMES.get(label, ())
        if name in text
    ]
    return Completion("", usage=Usage(7, 0, 1), spans=tuple(sorted(spans, key=lambda s: s.start)))


def model_of(related, habits=None) -> RecordingModel:
    """``related(request)`` answers what is not asked of the head."""
    model = RecordingModel(
        lambda request: found_in(request) if request.labels is not None else related(request),
        can=("grammar", "logprobs", "spans"),
    )
    model.habits = Habits(is_told_entities=True) if habits is None else habits
    return model


def joined(request) -> str:
    return " works for: Ada, Navy" if "joined" in request.prompt.text else " works for: Bob, Acme Corp"


def words_of(extraction) -> list[tuple[str, ...]]:
    return [
        (f.type, *(" ".join(s.filler.texts_in(extraction.text)) for s in f.slots)) for f in extraction.frames if f.slots
    ]


def test_relations_are_asked_for_among_what_was_found():
    model = model_of(joined)
    extractor = Extractor(model, SCHEMA)
    extraction = extractor.extract(TEXT)
    asked = [r for r in model.requests if r.labels is None]
    assert [r.prompt.given for r in asked] == [
        "person: Ada; organization: Navy",
        "person: Bob; organization: Acme Corp; person: Ada",
    ]
    assert words_of(extraction) == [("works_for", "Ada", "Navy"), ("works_for", "Bob", "Acme Corp")]
    assert [f.type for f in extraction.frames if not f.slots].count("person") == 3
    assert extraction.coverage == 1.0
    assert extraction.usage.requests == len(model.requests) == 4
    assert dict(extraction.instructions)["relations"] == asked[0].prompt.instruction
    assert extractor.identity["relations"] == "asked for among the entities found"
    assert extractor.identity["instruction for relations"] == asked[0].prompt.instruction


def test_found_are_the_relations_that_are_found_of_given_entities():
    extractor = Extractor(model_of(joined), SCHEMA)
    together = extractor.extract([TEXT, "Ada slept.", TEXT])
    entities = Extractor(model_of(joined), "person, organization").extract([TEXT, "Ada slept.", TEXT])
    told = extract_relations(extractor, [Document(e.text, e.id, e.frames) for e in entities])
    assert [e.frames for e in together] == [e.frames for e in told]
    assert [e.id for e in together] == ["0", "1", "2"]


def test_grammar_lets_only_entities_through_that_the_relation_takes():
    model = model_of(joined)
    Extractor(model, SCHEMA).extract("Ada joined the Navy.")
    grammar = model.requests[-1].grammar
    assert 'FILLER_0 ", " FILLER_1' in grammar
    assert 'FILLER_0: "Ada"' in grammar
    assert 'FILLER_1: "Navy"' in grammar


@pytest.mark.parametrize(
    ("schema", "habits", "settings"),
    [
        (SCHEMA, Habits(), {}),
        (SCHEMA, None, {"span_head": False}),
        ("person, works_for(person, organization)", None, {}),
        ("works_for(person, organization)", None, {}),
        (f"{SCHEMA}, near(person, place)", None, {}),
    ],
)
def test_otherwise_relations_are_asked_for_like_all_else(schema, habits, settings):
    model = model_of(lambda request: " None", habits)
    extractor = Extractor(model, schema, **settings)
    extractor.extract(TEXT)
    assert not any(r.prompt.given for r in model.requests)
    assert any(r.labels is None and r.prompt.family == "relations" for r in model.requests)
    assert "relations" not in extractor.identity


def test_other_families_are_asked_for_once():
    def answer(request):
        return " hire: joined, who: Ada" if request.prompt.family == "events" else joined(request)

    model = model_of(answer)
    extraction = Extractor(model, f"{SCHEMA}, hire!(who)").extract("Ada joined the Navy.")
    assert [r.prompt.family for r in model.requests] == ["entities", "events", "relations"]
    assert [f.type for f in extraction.frames] == ["person", "hire", "organization", "works_for"] or words_of(
        extraction
    )
    assert ("hire", "Ada") in words_of(extraction)
    assert ("works_for", "Ada", "Navy") in words_of(extraction)


def test_text_with_fewer_than_two_entities_is_read_all_the_same():
    model = model_of(joined)
    extraction = Extractor(model, SCHEMA).extract("Ada slept.")
    assert [f.type for f in extraction.frames] == ["person"]
    assert (extraction.coverage, extraction.unread, len(model.requests)) == (1.0, (), 1)


def test_items_that_cannot_be_used_are_on_the_ledger():
    extraction = Extractor(model_of(lambda r: " works for: Ada, the moon"), SCHEMA).extract("Ada joined the Navy.")
    assert [(r.reason, r.family) for r in extraction.rejected] == [("ungrounded", "relations")]
    assert [f.type for f in extraction.frames] == ["person", "organization"]


def test_a_document_whose_relations_fail_is_an_error_and_costs_no_other():
    def answer(request):
        if "runs" in request.prompt.text:
            return Completion("", finish_reason="error", usage=Usage(0, 0, 1), error="out of memory")
        return joined(request)

    first, second = Extractor(model_of(answer), SCHEMA).extract([TEXT, "Ada joined the Navy."])
    assert (first.error, first.frames, first.usage.requests) == ("out of memory", (), 4)
    assert words_of(second) == [("works_for", "Ada", "Navy")]
    (empty, other) = Extractor(model_of(answer), SCHEMA).extract(["  ", "Ada joined the Navy."])
    assert "empty" in empty.error
    assert words_of(other) == [("works_for", "Ada", "Navy")]


def test_documents_are_read_as_results_are_taken():
    read = []

    def documents():
        for i in range(1_000):
            read.append(i)
            yield "Ada joined the Navy."

    results = Extractor(model_of(joined), SCHEMA).extract(documents())
    assert len(list(islice(results, 3))) == 3
    assert len(read) < 30


def test_a_book_is_read_in_time_that_grows_with_its_length(monkeypatch):
    """Of each entity's words the windows near by are asked, not all: 400 sentences took 400 looks at each."""
    looks = []
    texts_in = Mention.texts_in
    monkeypatch.setattr(Mention, "texts_in", lambda self, text: (looks.append(self), texts_in(self, text))[1])
    model = model_of(lambda request: " None")
    extraction = Extractor(model, SCHEMA).extract(" ".join(f"Ada joined the Navy in {i}." for i in range(400)))
    assert len([r for r in model.requests if r.prompt.given]) == 400
    assert len(extraction.frames) == 800
    assert len(looks) < 20 * 800


def test_scores_are_those_of_head_and_answer():
    answer = completion([(" works for", 0.5), (": Ada", 0.5), (", Navy", 0.5), ("", 1.0)])
    extraction = Extractor(model_of(lambda request: answer), SCHEMA).extract("Ada joined the Navy.")
    assert [round(f.score, 3) for f in extraction.frames if not f.slots] == [0.9, 0.9]
    assert next(f.score for f in extraction.frames if f.slots) == pytest.approx(0.125)
    assert Extractor(model_of(joined), SCHEMA, min_score=0.95).extract("Ada joined the Navy.").frames == ()


def test_the_habit_is_read_from_the_models_configuration():
    assert habits_of(SimpleNamespace(habits={"is_told_entities": True})).is_told_entities
    with pytest.raises(ValueError, match="is_told_entities needs to be true or false, got 1"):
        Habits(is_told_entities=1)
