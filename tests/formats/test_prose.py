# SPDX-License-Identifier: Apache-2.0
"""What is prose's own; what it shares with every format is in `test_laws.py`."""

from __future__ import annotations

import time

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from loremill.errors import FormatError
from loremill.formats import prose
from loremill.formats.prose_scanning import scan
from loremill.frames import Draft, Piece
from loremill.models.matcher import GrammarMask
from loremill.prompt import Writing
from loremill.schema import load_schema
from loremill.schema.types import FrameType, Schema, SlotType

from .drafted import schemas_and_drafts
from .generated import texts
from .samples import ATTACK, CLASSES, ENTITIES, SALE, WORK_FOR, entity, slot, work
from .vocabularies import byte_level, sentence_piece, walk, word_piece

RELATIONS = WORK_FOR + SALE
EVENTS = ATTACK + Schema((FrameType("event", family="events", slots=(SlotType("its"),)),))
OPINIONS = Schema(
    (
        FrameType("positive", family="opinions", slots=(SlotType("aspect"), SlotType("opinion"))),
        FrameType("mixed", family="opinions", slots=(SlotType("aspect"),)),
    )
)

ADA, ROME = entity("person", "Ada"), entity("location", "Rome")
HIT = Draft("attack", Piece(("hit",)), (slot("attacker", "rebels"), slot("time", "Monday")))
NO_HIT = Draft("attack", Piece(("hit",)), (slot("time", "May"),), (("polarity", "negative"),))
GOOD = Draft("positive", None, (slot("aspect", "service"), slot("opinion", "friendly")))


@pytest.mark.parametrize(
    ("schema", "draft", "sentence"),
    [
        (ENTITIES, ADA, '"Ada" is a "person".'),
        (ENTITIES, entity("person", "left", "right"), '"left" plus "right" is a "person".'),
        (ENTITIES, entity("person", 'the "U.S.". \n'), '"the \\"U.S.\\". \\n" is a "person".'),
        (RELATIONS, work("Ada", "the Navy"), '"Ada" stands to "the Navy" in the relation "work for".'),
        (RELATIONS, Draft("sale", None, (slot("price", "5"), slot("buyer", "Ada"))),
         'The relation "sale" holds, with "5" as its "price" and "Ada" as its "buyer".'),
        (EVENTS, HIT, '"hit" evokes the event "attack", with "rebels" as its "attacker" and "Monday" as its "time".'),
        (EVENTS, NO_HIT, '"hit" evokes the event "attack", with "May" as its "time", where "polarity" is "negative".'),
        (EVENTS, entity("attack", "hit"), '"hit" evokes the event "attack".'),
        (OPINIONS, GOOD, 'The opinion about "service" is "friendly", which is "positive".'),
        (OPINIONS, Draft("mixed", None, (slot("aspect", "food"),)),
         'The opinion "mixed" is held, with "food" as its "aspect".'),
        (CLASSES, Draft("book_flight"), 'The text is about "book flight".'),
    ],
)  # fmt: skip
def test_a_frame_is_a_sentence(schema, draft, sentence):
    assert prose.write([draft, draft], schema) == f" {sentence} {sentence}"
    assert prose.read(f" {sentence} {sentence}", schema) == ([draft, draft], [])


@pytest.mark.parametrize(
    "completion", ["", " ", "\n", " There is nothing to report.", "there is nothing to report", " . \n", "..."]
)
def test_nothing_is_read_as_nothing(completion):
    assert prose.read(completion, ENTITIES) == ([], [])


def test_nothing_is_told_in_a_sentence():
    assert prose.write([], CLASSES) == " There is nothing to report."
    assert prose.read(" There is nothing to report.", CLASSES, finished=False) == ([], [])


@pytest.mark.parametrize(
    ("completion", "drafts", "rejected"),
    [
        ('"Ada" is the "person"; "Rome" looks like a "Location"!', [ADA, ROME], []),
        ("“Ada” is a “person”. “Rome” is a “location”.", [ADA, ROME], []),
        ('"Ada" is a person. "Rome" is a location.', [ADA, ROME], []),
        ('"Ada" is a "person" "Rome" is a "location"', [ADA, ROME], []),
        ('"Ada" is a "person"\n"Rome" is a "location"\n', [ADA, ROME], []),
        ('"Ada" is a "person", and "Rome" is a "location".', [ADA, ROME], []),
        ('I see that "Ada" is a "person".', [ADA], []),
        ('" Ada " is a "person".', [ADA], []),
        ('"U.S. Navy." is a "person". "Rome" is a "location".', [entity("person", "U.S. Navy."), ROME], []),
        ('Sure! "Ada" is a "person".', [ADA], [("Sure!", "unparsable")]),
        ('"Ada" is a "persn". "Rome" is a "location".', [ROME], [('"Ada" is a "persn".', "unknown type")]),
        ('"Ada" is a "person", and "Rome" is a "city".', [ADA], [(', and "Rome" is a "city"', "unknown type")]),
        ('"Ada is a "person". "Rome" is a "location".', [ROME], [('"Ada is a "person".', "unparsable")]),
        ('Ada" is a "person". "Rome" is a "location".', [ROME], [('Ada" is a "person".', "unparsable")]),
        ('"Ada" is a "person. "Rome" is a "location".', [ROME], [('"Ada" is a "person.', "unparsable")]),
        ('"Ada" is a person". "Rome" is a "location".', [ROME], [('"Ada" is a person".', "unparsable")]),
        ("“Ada is a \"person\". \"Rome\" is a \"location\".", [ROME], [("“Ada is a \"person\".", "unparsable")]),
        ('"" is a "person".', [], [('"" is a "person".', "unparsable")]),
        ('"person".', [], [('"person".', "unparsable")]),
        ('Ada is a person. "Rome" is a "location".', [ROME], [("Ada is a person.", "unparsable")]),
        ('None. "Rome" is a "location".', [ROME], [("None.", "unparsable")]),
    ],
)  # fmt: skip
def test_what_is_salvaged_of_entities(completion, drafts, rejected):
    read, rejects = prose.read(completion, ENTITIES)
    assert read == drafts
    assert [(r.item, r.reason) for r in rejects] == rejected


@pytest.mark.parametrize(
    ("schema", "completion", "drafts", "rejected"),
    [
        (RELATIONS, '"Ada" is employed by "the Navy": "work for".', [work("Ada", "the Navy")], []),
        (RELATIONS, '"Ada" stands to "the Navy" in the relation work for.', [work("Ada", "the Navy")], []),
        (RELATIONS, '"Ada" and "Bob" stand in the relation "kin".', [],
         [('"Ada" and "Bob" stand in the relation "kin".', "unknown type")]),
        (RELATIONS, '"Ada" stands in the relation "work for".', [],
         [('"Ada" stands in the relation "work for".', "missing slot")]),
        (RELATIONS, '"Ada" stands to "" in the relation "work for".', [],
         [('"Ada" stands to "" in the relation "work for".', "missing slot")]),
        (RELATIONS, 'The relation "sale" holds.', [], [('The relation "sale" holds.', "missing slot")]),
        (RELATIONS, 'The relation sale holds, with "5" as its price.', [Draft("sale", None, (slot("price", "5"),))],
         []),
        (RELATIONS, '"a" stands to "b" in the relation "work for" The relation "sale" holds, with "5" as its "price"',
         [work("a", "b"), Draft("sale", None, (slot("price", "5"),))], []),
        (RELATIONS, '"a" stands to "b" in the relation "work for", with "x" as its "y".', [work("a", "b")],
         [(', with "x" as its "y"', "unknown type")]),
        (EVENTS, '"hit" evokes an "attack", with "rebels" as the attacker, and "Monday" as the "time".', [HIT], []),
        (EVENTS, '"hit" evokes the event "attack", with "Rome" as its "place" and "rebels" as its "attacker" and '
         '"Monday" as its "time".', [HIT], [(', with "Rome" as its "place"', "unknown role")]),
        (EVENTS, '"hit" evokes the event "attack", with "Rome as its "time" and "rebels" as its "attacker" and '
         '"Monday" as its "time".', [HIT], [(', with "Rome as its "time"', "unparsable")]),
        (EVENTS, '"hit" evokes the event "attack", with "" as its "time" and "x".', [entity("attack", "hit")],
         [(', with "" as its "time"', "missing slot"), ('and "x"', "unparsable")]),
        (EVENTS, '"hit" evokes the event "attack", with "May" as its "time" and "negative" as its "polarity".',
         [NO_HIT], []),
        (EVENTS, '"hit" evokes the event "attack", with "May" as its "time", its "polarity" being "negative".',
         [NO_HIT], []),
        (EVENTS, '"hit" evokes the event "attack", where "polarity" is "odd".', [entity("attack", "hit")],
         [(', where "polarity" is "odd"', "invalid value")]),
        (EVENTS, '"x" evokes the event event, with "y" as its its.',
         [Draft("event", Piece(("x",)), (slot("its", "y"),))], []),
        (OPINIONS, 'As for "service", it is "friendly", hence "positive".', [GOOD], []),
        (CLASSES, 'The text is about "refund", "book flight" and "love".', [Draft("refund"), Draft("book_flight")],
         [('and "love"', "unknown type")]),
        (CLASSES, "The text is about refund.", [Draft("refund")], []),
        (CLASSES, 'The text is about "love".', [], [('The text is about "love".', "unknown type")]),
        (CLASSES, '"refund"', [Draft("refund")], []),
    ],
)  # fmt: skip
def test_what_is_salvaged_of_other_frames(schema, completion, drafts, rejected):
    read, rejects = prose.read(completion, schema)
    assert read == drafts
    assert [(r.item, r.reason) for r in rejects] == rejected


@pytest.mark.parametrize(
    ("completion", "drafts", "cut"),
    [
        (' "Ada" is a "person". "Rome" is a "loca', [ADA], ['"Rome" is a "loca']),
        (' "Ada" is a "person". "Rome" is a "location"', [ADA], ['"Rome" is a "location"']),
        (' "Ada" is a "person". "Rome" is a "location".', [ADA, ROME], []),
        (' "Ada" is a "person". "Mr. Smith! "', [ADA], ['"Mr. Smith! "']),
        (' "Ada" is a "person", and "Rome" is', [], ['"Ada" is a "person", and "Rome" is']),
        (' "Ada" is a "person", and "Rome" is a "location", and', [ADA], [', and "Rome" is a "location", and']),
        (" There is nothing to", [], ["There is nothing to"]),
    ],
)
def test_the_sentence_under_way_is_cut_off(completion, drafts, cut):
    read, rejects = prose.read(completion, ENTITIES, finished=False)
    assert read == drafts
    assert [(r.item, r.reason) for r in rejects] == [(item, "cut off") for item in cut]


def test_ranges_go_to_the_closing_quote():
    written = f' "Ada" is a "person". {prose.write([HIT], EVENTS).strip()}'
    ada, hit = prose.read(written, ENTITIES + EVENTS)[0]
    assert ada.filler is not None
    assert hit.filler is not None
    assert written[slice(*ada.range)] == ' "Ada" is a "person".'
    assert written[slice(*ada.filler.range)] == ' "Ada"'
    assert written[slice(*hit.filler.range)] == ' "hit"'
    assert [written[slice(*s.range)] for s in hit.slots] == [
        ', with "rebels" as its "attacker"',
        ' and "Monday" as its "time"',
    ]


@given(schemas_and_drafts(min_size=2), st.text() | texts, st.data())
def test_garbage_in_one_sentence_leaves_the_others(case, garbage, data):
    schema, drafts = case
    i = data.draw(st.integers(0, len(drafts) - 1))
    sentences = [prose.write([draft], schema).strip(" ") for draft in drafts]
    read, _ = prose.read(" " + " ".join([*sentences[:i], garbage + ".", *sentences[i + 1 :]]), schema)
    after = len(drafts) - i - 1
    assert read[:i] == drafts[:i]
    assert read[len(read) - after :] == drafts[i + 1 :]


@given(schemas_and_drafts(min_size=2), st.data())
def test_a_quote_or_full_stop_that_is_missing_costs_one_sentence(case, data):
    schema, drafts = case
    pieces = [p for d in drafts for p in (d.filler, *(s.piece for s in d.slots)) if p is not None]
    assume(all(f == f.strip() for p in pieces for f in p.fragments))  # behind a quote a blank says that it closes
    i = data.draw(st.integers(0, len(drafts) - 1))
    sentences = [prose.write([draft], schema).strip(" ") for draft in drafts]
    places = [p for p, c in enumerate(sentences[i]) if c == '"' or p == len(sentences[i]) - 1]
    place = data.draw(st.sampled_from(places))
    sentences[i] = sentences[i][:place] + sentences[i][place + 1 :]
    read, _ = prose.read(" " + " ".join(sentences), schema)
    after = len(drafts) - i - 1
    assert read[:i] == drafts[:i]
    assert read[len(read) - after :] == drafts[i + 1 :]


@given(texts)
def test_sentences_are_in_order_and_hold_their_strings(text):
    end = 0
    for sentence in scan(text):
        assert end <= sentence.start < sentence.end
        end = sentence.start
        for string in sentence.strings:
            assert end <= string.start < string.end <= sentence.end
            end = string.end
        end = sentence.end
    assert end <= len(text)


@pytest.mark.parametrize(
    "unit",
    ['"', '" ', ' "', "“", "”", "“a” ", '\\"', '\\" "', '"a', '"a" plus ', '"a" is a ', '"a" is a person ', "is a ",
     "The text ", '"a" and ', ".", "!x", "as its and ", '"\n'],
)  # fmt: skip
@pytest.mark.parametrize("start", ["", '"hit" evokes the event "attack", with ', '"x', "“x"])
def test_a_hundred_thousand_characters_are_read_at_once(start, unit):
    completion = (start + unit * (100_000 // len(unit)))[:100_000]
    started = time.process_time()
    prose.read(completion, ENTITIES + EVENTS + CLASSES)
    assert time.process_time() - started < 3  # some tenths of a second; quadratic time would take minutes


TEXT = 'Ada joined the "Navy", positive.'


@pytest.mark.parametrize("vocabulary", [byte_level(), sentence_piece()], ids=["byte-level", "SentencePiece"])
@pytest.mark.parametrize(
    ("completion", "is_written"),
    [
        (" There is nothing to report.", True),
        (' "Ada" is a "person". The text is about "refund".', True),
        (' "\\"Navy\\"" plus "Ada" is a "person".', True),
        (' "Ada" stands to "Navy" in the relation "work for".', True),
        (' The relation "sale" holds, with "the" as its "price" and "Ada" as its "buyer".', True),
        (' "joined" evokes the event "attack", with "positive" as its "time" and "Ada" as its "time".', True),
        (' "joined" evokes the event "attack", where "polarity" is "positive".', True),
        (' "joined" evokes the event "attack", with "Ada" as its "time", where "polarity" is "negative".', True),
        (' The opinion about "Ada" is "positive", which is "positive".', True),
        (' The opinion "mixed" is held, with "Ada" as its "aspect".', True),
        (' "Bob" is a "person".', False),
        (' "Ada" is a "attack".', False),
        (' "Ada" is a "person"', False),
        (' "Ada" is a "person". ', False),
        (' "Ada " is a "person".', False),
        (' ""Navy"" is a "person".', False),
        (' "Ada" is a "person", with "Ada" as its "time".', False),
        (' "Ada" evokes the event "attack", with "the" as its "place".', False),
        (' "Ada" evokes the event "attack", with "the" as its "time" and "polarity" is "negative".', False),
        (' "Ada" evokes the event "attack", where "polarity" is "Ada".', False),
        (' The relation "sale" holds.', False),
        (' The opinion "positive" is held.', False),
        (" There is nothing to report. There is nothing to report.", False),
    ],
)  # fmt: skip
def test_what_the_grammar_lets_through(vocabulary, completion, is_written):
    schema = ENTITIES + RELATIONS + EVENTS + OPINIONS + CLASSES
    lark = prose.grammar(schema, TEXT, vocabulary.writing)
    refusal = walk(lambda: GrammarMask(vocabulary.ll, lark), vocabulary.encode(completion), vocabulary.eos_id)
    assert (refusal == "") == is_written


def test_slots_are_capped():
    vocabulary = byte_level()
    lark = prose.grammar(EVENTS, "a", max_items=2)
    for count in (2, 3):
        ids = vocabulary.encode(prose.write([Draft("attack", Piece(("a",)), (slot("time", "a"),) * count)], EVENTS))
        assert (walk(lambda: GrammarMask(vocabulary.ll, lark), ids, vocabulary.eos_id) == "") == (count == 2)


def test_a_tokenizer_of_words_has_no_quotes():
    assert prose.survives(byte_level().writing) is None
    assert "needs quotes" in (prose.survives(word_piece().writing) or "")


@pytest.mark.parametrize(
    ("spell", "message"), [(str.lower, "'person' and 'Person' look the same"), (lambda _: "", "needs to be written")]
)
def test_labels_that_a_tokenizer_cannot_write_are_refused(spell, message):
    types = (FrameType("person"), FrameType("Person")) if spell is str.lower else (FrameType("person"),)
    with pytest.raises(FormatError, match=message):
        prose.grammar(Schema(types), "a", Writing(spell=spell))


@pytest.mark.parametrize(
    ("schema", "shown"),
    [
        (ENTITIES, '"..." is a "person". "..." is a "location".'),
        (ATTACK, '"..." evokes the event "attack", with "..." as its "attacker" and "..." as its "time", '
         'where "polarity" is "positive" or "negative".'),
        (load_schema("works_for(person, company_name)").only(["works_for"]),
         '"person" stands to "company name" in the relation "works for".'),
        (OPINIONS.only(["positive"]), 'The opinion about "aspect" is "opinion", which is "positive".'),
        (CLASSES, 'The text is about "book flight". The text is about "refund".'),
    ],
)  # fmt: skip
def test_prompt_shows_each_type_as_its_sentences_are_written(schema, shown):
    assert prose.prompt(schema, "").schema == shown
