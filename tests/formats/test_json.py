# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import json as standard
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loremill.formats import json
from loremill.frames import Draft, Piece
from loremill.models.matcher import GrammarMask
from loremill.prompt import Writing
from loremill.schema.types import AttributeType, FrameType, Schema, SlotType

from .drafted import schemas_and_drafts
from .samples import BOMBED, CALM, PEOPLE, SCHEMA, entity, work
from .vocabularies import byte_level, takes, walk, word_piece


def test_written_by_type():
    drafts = [entity("person", "Ada"), work("Ada", "the Navy"), entity("person", "Bob"), BOMBED, Draft("book_flight")]
    assert json.write(drafts, SCHEMA) == (
        ' {"person": ["Ada", "Bob"], "work for": [{"head": "Ada", "tail": "the Navy"}], "attack": [{"trigger":'
        ' "bombed", "attacker": ["rebels", {"text": ["the", "army"]}], "time": ["Monday"], "polarity": "negative"}],'
        ' "book flight": true}'
    )
    big = Draft("place", Piece(("Rome",)), (), (("size", "big"),))
    assert json.write([big, entity("place", "left", "right")], SCHEMA) == (
        ' {"place": [{"text": "Rome", "size": "big"}, {"text": ["left", "right"]}]}'
    )
    assert json.write([], SCHEMA) == " {}"


def test_attribute_called_text_leaves_its_key_to_it():
    schema = Schema((FrameType("sign", attributes=(AttributeType("text", ("plain", "bold")),)),))
    drafts = [Draft("sign", Piece(("a",)), (), (("text", "bold"),)), entity("sign", "b", "c"), entity("sign", "d")]
    written = json.write(drafts, schema)
    assert written == ' {"sign": [{"mention": "a", "text": "bold"}, {"mention": {"text": ["b", "c"]}}, "d"]}'
    assert json.read(written, schema) == (drafts, [])
    mask = lambda: GrammarMask(byte_level().ll, json.grammar(schema, "a b c d"))  # noqa: E731
    assert walk(mask, byte_level().encode(written), byte_level().eos_id) == ""


@given(schemas_and_drafts())
def test_standard_library_loads_what_is_written(case):
    schema, drafts = case
    labels = {schema[draft.type].label for draft in drafts}
    assert standard.loads(json.write(drafts, schema)).keys() == labels


def test_frames_keep_their_order_inside_a_type():
    drafts = [entity("person", "b"), entity("place", "x"), entity("person", "a")]
    assert json.arranged(drafts) == [drafts[0], drafts[2], drafts[1]]


BIG = Draft("place", Piece(("Rome",)), (), (("size", "big"),))


@pytest.mark.parametrize(
    ("completion", "drafts", "rejected"),
    [
        # as other models write it
        ('{"person": "Ada"}', PEOPLE[:1], []),
        ("{'person': ['Ada', 'Bob',],}", PEOPLE, []),
        ('```json\n{\n  "person": [\n    "Ada",\n    "Bob"\n  ]\n}\n```', PEOPLE, []),
        ('Here is the JSON:\n{"person": ["Ada", "Bob"]}\nI hope this helps.', PEOPLE, []),
        ('{"person": ["Ada"], "place": [], "person": ["Bob"]}', PEOPLE, []),
        ('{"Person": [Ada, Bob]}', PEOPLE, []),
        ('[{"type": "person", "text": "Ada"}, {"type": "person", "span": "Bob"}]', PEOPLE, []),
        ('[{"person": "Ada"}, {"person": "Bob"}]', PEOPLE, []),
        ('{"entities": {"person": ["Ada", "Bob"]}}', PEOPLE, []),
        ('{"entities": [{"label": "person", "text": "Ada"}]}', PEOPLE[:1], []),
        ('{"Ada": "person", "Bob": "person"}', PEOPLE, []),
        ('{"person": [{"text": "Ada"}, null, "", {"name": "Bob"}], "place": null}', PEOPLE, []),
        ('{"work for": {"head": "Ada", "tail": "Navy"}}', [work("Ada", "Navy")], []),
        ('{"work_for": [["Ada", "Navy"], ["Bob", "Army"]]}', [work("Ada", "Navy"), work("Bob", "Army")], []),
        ('{"work for": ["Ada", "Navy"]}', [work("Ada", "Navy")], []),
        ('{"work for": [{"head": ["Ada", "Bob"], "tail": "Navy"}]}', [work("Ada", "Navy"), work("Bob", "Navy")], []),
        ('{"attack": {"trigger": ["hit"], "attacker": "rebels", "time": null}}', [CALM], []),
        ('{"attack": ["hit"]}', [Draft("attack", Piece(("hit",)))], []),
        ('{"place": [{"text": "Rome", "size": "BIG"}]}', [BIG], []),
        ('["book flight"]', [Draft("book_flight")], []),
        ('{"class": "book flight"}', [Draft("book_flight")], []),
        ("book flight", [Draft("book_flight")], []),
        ('{"book flight": false}', [], []),
        ('Here it is:\n```json\n{"person": ["Ada", "Bob"]}\n```\nNote: two people', PEOPLE, []),
        ("Person: Ada", PEOPLE[:1], []),
        ("Entities: Ada", [], [("Entities: Ada", "unparsable")]),
        # not closed, not escaped, not divided
        ('{"person": ["Ada", "Bob"', PEOPLE, []),
        ('{"person": ["Ada"}, "place": ["Rome"]}', [*PEOPLE[:1], entity("place", "Rome")], []),
        ('{"person": ["Ada" "Bob"]}', PEOPLE, []),
        ('{"person": ["Ada], "place": ["Rome"]}', [*PEOPLE[:1], entity("place", "Rome")], []),
        ('{"person": ["the "best" fox", "Bob"]}', [entity("person", 'the "best" fox'), PEOPLE[1]], []),
        ('{"person": ["New\nYork"]}', [entity("person", "New\nYork")], []),
        ('{"person": ["\\u0041da", "\\ud83d\\ude00"]}', [PEOPLE[0], entity("person", "😀")], []),
        # rejected, alone
        ('{"person": ["Ada"], "animal": ["fox", "dog"]}', PEOPLE[:1],
         [('"animal": ["fox"', "unknown type"), ('"dog"', "unknown type")]),
        ('[{"type": "animal", "text": "fox"}]', [], [('{"type": "animal", "text": "fox"}', "unknown type")]),
        ('{"work for": [{"head": "Ada"}, {"head": "Bob", "tail": "Navy"}]}', [work("Bob", "Navy")],
         [('"work for": [{"head": "Ada"}', "missing slot")]),
        ('{"work for": ["Ada"]}', [], [('"work for": ["Ada"', "missing slot")]),
        ('{"attack": [{"trigger": "hit", "attacker": ["rebels"], "place": "Rome"}]}', [CALM],
         [('"place": "Rome"', "unknown role")]),
        ('{"attack": [{"attacker": ["rebels"]}]}', [], [('"attack": [{"attacker": ["rebels"]}', "unparsable")]),
        ('{"attack": [{"trigger": "hit", "attacker": ["rebels"], "polarity": "so-so"}]}', [CALM],
         [('"polarity": "so-so"', "invalid value")]),
        ('{"sale": [{}], "person": [7]}', [entity("person", "7")], []),
        ('{"sale": [{"seller": []}]}', [], [('"sale": [{"seller": []}', "missing slot")]),
        ('{"book flight": "Ada"}', [], [('"book flight": "Ada"', "unparsable")]),
        ('["Ada"]', [], [('"Ada"', "unparsable")]),
        ("There is nothing.", [], [("There is nothing.", "unparsable")]),
    ],
)  # fmt: skip
def test_what_is_salvaged_and_what_is_rejected(completion, drafts, rejected):
    read, rejects = json.read(completion, SCHEMA)
    assert read == drafts
    assert [(r.item, r.reason) for r in rejects] == rejected


@pytest.mark.parametrize(
    "completion",
    [
        "",
        " {}",
        "[]",
        "```json\n{}\n```",
        '{"person": []}',
        ' {"person": [], "place": null, "animal": []}',
        "[{}]",
        "[null]",
    ],
)
def test_nothing_is_read_as_nothing(completion):
    assert json.read(completion, SCHEMA) == ([], [])


@pytest.mark.parametrize(
    ("completion", "count", "cut"),
    [
        (' {"person": ["Ada", "Bo', 1, '"Bo'),
        (' {"person": ["Ada"', 1, None),
        (' {"person": ["Ada"], "pla', 1, '"pla'),
        (' {"person": ["Ada"], "place"', 1, '"place"'),
        (' {"person": ["Ada"], "place": [', 1, '"place": ['),
        (' {"work for": [{"head": "Ada", "tail": "Navy"}, {"head": "Bob", "tail": "Army"', 1,
         '{"head": "Bob", "tail": "Army"'),
        (' {"attack": [{"trigger": "hit", "place": "Rome", ', 0, '{"attack": [{"trigger": "hit", "place": "Rome"'),
        (' {"book flight": tr', 0, '{"book flight": tr'),
        (' {"person": ["Ada", "Bob]', 1, '"Bob'),
        (' {"person": ["Ada"]}', 1, None),
    ],
)  # fmt: skip
def test_item_under_way_is_cut_off(completion, count, cut):
    drafts, rejects = json.read(completion, SCHEMA, finished=False)
    assert len(drafts) == count
    assert [(r.item.strip(" ,]"), r.reason) for r in rejects] == ([(cut, "cut off")] if cut else [])


@given(
    schemas_and_drafts(min_size=2),
    st.text(st.characters(exclude_characters="\"'{}[],:\\\n", exclude_categories=["Cs"])),
)
def test_garbage_for_an_element_leaves_the_others(case, garbage):
    schema, drafts = case
    people = Schema((*schema.types, FrameType("someone here")))
    drafts = [entity("someone here", "a"), entity("someone here", "b"), *json.arranged(drafts)]
    written = json.write(drafts, people).replace('"b"]', f"{garbage}]", 1)
    read, _ = json.read(written, people)
    assert read[0] == drafts[0]
    assert read[len(read) - len(drafts) + 2 :] == drafts[2:]
    assert len(read) <= len(drafts)


@pytest.mark.parametrize(
    "unit", ['\\"a\n', '"a\n', "'a\n\\'", '{"person": ["', '"person": [{', '{"a": {', '"]}, ', '{"type": 1, ']
)
def test_a_hundred_thousand_characters_are_read_at_once(unit):
    completion = unit * (100_000 // len(unit))
    started = time.perf_counter()
    json.read(completion, SCHEMA)
    assert time.perf_counter() - started < 4


def test_thousands_of_brackets_are_read():
    completion = '{"person": ["Ada", ' + "[" * 5000 + '"Bob"' + "]" * 5000 + "]}"
    assert json.read(completion, SCHEMA)[0] == PEOPLE


@pytest.mark.parametrize(
    ("written", "refused"),
    [
        (' {"person": ["', "dog"),
        (' {"person": ["the ', '"'),
        (' {"', "animal"),
        (' {"person": ["the"', "}"),
        (' {"person": ["the"], "person": ["the"', "], "),  # as many keys as types
        (' {"work for": [{"', "tail"),
        (' {"attack": [{"', "attacker"),
        (' {"attack": [{"trigger": "fox", "', "size"),
        (' {"attack": [{"trigger": "fox", "polarity": "', "so-so"),
        (' {"place": [{"text": "fox"', "}"),
        (' {"place": [{"text": "fox", "size": "big"', ", "),
        (" {", " "),
        (" {}", ","),
    ],
)
def test_other_text_is_masked(written, refused):
    vocabulary = byte_level()
    schema = SCHEMA.only(["person", "place", "work_for", "attack"])
    if "], " in refused:
        schema = SCHEMA.only(["person", "place"])
    mask = GrammarMask(vocabulary.ll, json.grammar(schema, "the fox", Writing(no_forcing=True)))
    assert takes(vocabulary, mask, written)
    assert not takes(vocabulary, mask, refused)


def test_tokenizer_of_words_is_refused_with_the_reason():
    assert json.survives(byte_level().writing) is None
    assert "quotes and braces" in str(json.survives(word_piece().writing))


@pytest.mark.parametrize(
    ("schema", "shown"),
    [
        (SCHEMA.family("entities"), '{"person": [], "place": [{"text": "", "size": "big | small"}]}'),
        (SCHEMA.family("events"),
         '{"attack": [{"trigger": "", "attacker": [], "time": [], "polarity": "positive | negative"}]}'),
        (SCHEMA.family("classes"), '{"book flight": true}'),
        (Schema((FrameType("owns", family="relations",
                           slots=(SlotType("head", types=("legal_person",)), SlotType("tail"))),)),
         '{"owns": [{"head": "legal person", "tail": ""}]}'),
    ],
)  # fmt: skip
def test_prompt_shows_the_object_to_fill_in(schema, shown):
    assert json.prompt(schema, "").schema == shown
