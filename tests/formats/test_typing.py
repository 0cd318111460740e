# SPDX-License-Identifier: Apache-2.0
"""The format whose answer is the type of given words: one label, and no word of the text."""

from __future__ import annotations

import itertools
import re

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from loremill.errors import FormatError, SchemaError
from loremill.escape import escape
from loremill.formats import FORMATS, typing
from loremill.formats.format import needs_given
from loremill.formats.instructions import instruction
from loremill.frames import Draft, Frame, FrameRef, Piece, Reject, Slot
from loremill.models.matcher import GrammarMask
from loremill.prompt import Demonstration, Writing
from loremill.schema import load_schema
from loremill.schema.types import FrameType, Schema, SlotType
from loremill.text import Mention, Span

from .drafted import spell
from .generated import LABELS, assume_distinct, schemas, texts
from .vocabularies import VOCABULARIES, Vocabulary, walk

PEOPLE = Schema(tuple(map(FrameType, ["person", "work", "work for", "U.S.", "None of these", "x; y", 'q"'])))
PAIR = (SlotType("head"), SlotType("tail"))
WORKS = Schema((FrameType("works_for", family="relations", slots=PAIR), FrameType("near", "", "relations", PAIR)))
EVENTS = load_schema("Attack!(attacker, target), Meet!")
UNCASED = Writing(no_forcing=True, reserved=":;,|()[]{}", spell=spell)
TEXT = "Ada; left the U.S. Navy"

completions = texts | st.lists(
    st.sampled_from([*LABELS, "Answer", "Type", *';:,|\\"“”‘’.*`', " ", "\n", "\\n", "é"]), max_size=12
).map("".join)


@pytest.fixture(params=VOCABULARIES, scope="module")
def vocabulary(request) -> Vocabulary:
    return VOCABULARIES[request.param]()


def mask_of(vocabulary: Vocabulary, schema: Schema, text: str = "the fox") -> GrammarMask:
    return GrammarMask(vocabulary.ll, typing.grammar(schema, vocabulary.view(text), vocabulary.writing))


def types(completion: str, schema: Schema = PEOPLE, *, finished: bool = True) -> list[str]:
    return [draft.type for draft in typing.read(completion, schema, finished=finished)[0]]


def test_it_is_in_the_table_as_a_format_of_given_mentions():
    assert [name for name, format in FORMATS.items() if needs_given(format)] == ["typing"]


@given(schemas(), st.data())
def test_what_was_written_is_read(schema, data):
    draft = Draft(data.draw(st.sampled_from(schema.types)).name)
    written = typing.write([draft], schema)
    assert written.startswith(" ")
    assert typing.read(written, schema) == ([draft], [])


@given(schemas(), st.data())
def test_what_was_written_for_an_uncased_tokenizer_is_read(schema, data):
    assume_distinct(schema, spell)
    draft = Draft(data.draw(st.sampled_from(schema.types)).name)
    written = typing.write([draft], schema, UNCASED)
    assert typing.read(written, schema, UNCASED) == ([draft], [])
    bare = re.sub(r"\\.|[:;,|]", lambda m: m[0] if m[0][0] == "\\" else f" {m[0]} ", written)
    assert typing.read(bare, schema, UNCASED) == ([draft], [])


@given(completions, schemas(), st.booleans())
@example(" person\n", PEOPLE, False)
def test_any_string_is_read_and_every_character_accounted_for(completion, schema, finished):
    for asked in (schema, PEOPLE):
        drafts, rejects = typing.read(completion, asked, finished=finished)
        assert len(drafts) <= 1
        assert all(not draft.slots and draft.filler is None for draft in drafts)
        places = sorted(item.range for item in (*drafts, *rejects))
        assert all(left[1] <= right[0] for left, right in itertools.pairwise(places))
        left = "".join(c for i, c in enumerate(completion) if not any(s <= i < e for s, e in places))
        assert not left.replace(";", "").strip()


@pytest.mark.parametrize(
    "completion",
    [
        " Work For",
        " workfor.",
        "work for;",
        "\n\nwork for\n",
        ' "work for".',
        " “work for”",
        "**work for**",
        "Answer: work for",
        'Type: "Work for."',
    ],
)
def test_case_blanks_quotes_a_full_stop_and_a_word_before_are_passed_over(completion):
    assert typing.read(completion, PEOPLE)[0] == [Draft("work for")]
    assert typing.read(completion, PEOPLE)[1] == []


@pytest.mark.parametrize("label", ["U.S.", 'q"', "x; y", "None of these"])
def test_label_that_looks_like_its_surroundings_is_read_as_it_is(label):
    assert types(" " + escape(label, ":;,|")) == [label]


@pytest.mark.parametrize(
    ("completion", "kept", "refused"),
    [
        ("", [], []),
        (" None", [], [("None", "unknown type")]),
        (" alien", [], [("alien", "unknown type")]),
        (" person: work", [], [("person: work", "unknown type")]),  # two labels are no answer
        (" person; work", ["person"], [("work", "duplicate")]),
        (" person\nperson", ["person"], [("person", "duplicate")]),
        (" person\nfor she has a name", ["person"], [("for she has a name", "unparsable")]),
        ("Let me see.\nwork for", ["work for"], [("Let me see.", "unknown type")]),
    ],
)
def test_the_first_type_counts_and_the_rest_is_told(completion, kept, refused):
    drafts, rejects = typing.read(completion, PEOPLE)
    assert [draft.type for draft in drafts] == kept
    assert [(reject.item, reject.reason) for reject in rejects] == refused


def test_label_that_may_have_been_longer_is_cut_off():
    assert typing.read(" work", PEOPLE, finished=False) == ([], [Reject("work", "cut off")])
    assert types(" work;", finished=False) == ["work"]


@pytest.mark.parametrize(
    ("drafts", "message"),
    [
        ([], "typing writes one type for the given words, got 0"),
        ([Draft("person")] * 2, "typing writes one type for the given words, got 2"),
        ([Draft("person", Piece(("Ada",)))], "typing writes the type 'person' alone, got a filler"),
    ],
)
def test_what_is_no_type_alone_is_refused(drafts, message):
    with pytest.raises(FormatError, match=message):
        typing.write(drafts, PEOPLE)


def test_label_that_a_tokenizer_writes_as_nothing_is_refused():
    nothing = Writing(spell=lambda label: "")
    with pytest.raises(FormatError, match="label 'person' cannot be written"):
        typing.write([Draft("person")], PEOPLE, nothing)


class TestPrompt:
    def test_shows_labels_words_and_text_and_names_no_family(self):
        for schema in (PEOPLE, WORKS, EVENTS):
            prompt = typing.prompt(schema, TEXT, given="Ada")
            assert prompt.schema == "; ".join(escape(t.label, ":;,|") for t in schema)
            assert (prompt.text, prompt.given) == (TEXT, "Ada")
            assert prompt.instruction == f"{instruction('typing')} {typing.ANSWERS['typing']}"
            assert prompt.family == "classes"

    def test_takes_another_wording_definitions_and_demonstrations(self):
        schema = Schema((FrameType("person", description="Somebody."), FrameType("city")))
        shown = (Demonstration("Eve ran.", "person"),)
        prompt = typing.prompt(schema, TEXT, given="Ada", wording="What is it?", demonstrations=shown)
        assert prompt.instruction == f"What is it? {typing.ANSWERS['typing']}"
        assert prompt.definitions == "person: Somebody."
        assert prompt.demonstrations == shown

    def test_without_given_words_only_its_size_can_be_asked(self):
        with pytest.raises(FormatError, match="typing needs given mentions: use assign_types"):
            typing.prompt(PEOPLE, TEXT)
        assert typing.prompt(PEOPLE, "").given == ""

    def test_other_tasks_and_mixed_families_are_refused(self):
        with pytest.raises(FormatError, match="asks for the type of given words, not for arguments"):
            typing.prompt(PEOPLE, TEXT, given="Ada", task="arguments")
        with pytest.raises(FormatError, match="one family at a time"):
            typing.prompt(PEOPLE + WORKS, TEXT, given="Ada")


class TestGiven:
    def test_pair_is_told_in_the_order_of_the_roles_with_its_marks_escaped(self):
        frame = Frame("?", None, (Slot("tail", Mention.at(0, 4)), Slot("head", Mention((Span(10, 13), Span(19, 23))))))
        mentions = typing.given_mentions(frame, [frame], typing.given_roles(WORKS))
        assert typing.told(mentions, TEXT) == "the| Navy; Ada\\;"

    def test_fillers_are_given_for_entities_and_events(self):
        frame = Frame("?", Mention.at(0, 3), (Slot("attacker", Mention.at(5, 9)),))
        for schema in (PEOPLE, EVENTS):
            assert typing.given_mentions(frame, [frame], typing.given_roles(schema)) == (Mention.at(0, 3),)

    def test_slot_that_points_at_a_frame_gives_its_filler(self):
        frames = [
            Frame("person", Mention.at(0, 3)),
            Frame("?", None, (Slot("head", FrameRef(0)), Slot("tail", Mention.at(14, 18)))),
        ]
        assert typing.given_mentions(frames[1], frames, ("head", "tail")) == (Mention.at(0, 3), Mention.at(14, 18))

    @pytest.mark.parametrize(
        "frame",
        [
            Frame("?", Mention.at(0, 3)),
            Frame("?", None, (Slot("head", Mention.at(0, 3)),)),
            Frame("?", None, (Slot("head", Mention.at(0, 3)), Slot("head", Mention.at(5, 9)))),
            Frame("?", None, (Slot("head", Mention.at(0, 3)), Slot("tail", FrameRef(1)))),
        ],
    )
    def test_frame_of_another_shape_gives_nothing(self, frame):
        assert typing.given_mentions(frame, [frame, Frame("near", None)], ("head", "tail")) == ()

    def test_relations_need_the_same_roles(self):
        sale = FrameType("sale", family="relations", slots=(SlotType("buyer"), SlotType("seller")))
        with pytest.raises(SchemaError, match=r"same roles, got head, tail of 'works_for' and buyer, seller of 'sale'"):
            typing.given_roles(WORKS + Schema((sale,)))

    def test_classes_have_no_mentions(self):
        with pytest.raises(SchemaError, match="typing needs types of mentions, got classes, which have none"):
            typing.given_roles(Schema((FrameType("refund", family="classes"),)))


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data(), schema=schemas(), text=texts)
def test_gold_tokens_stand_in_the_mask(vocabulary, data, schema, text):
    assume_distinct(schema, vocabulary.view)
    gold = typing.write([Draft(data.draw(st.sampled_from(schema.types)).name)], schema, vocabulary.writing)
    ids = vocabulary.encode(gold)
    assert walk(lambda: mask_of(vocabulary, schema, text), ids, vocabulary.eos_id) == "", gold


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data(), schema=schemas())
def test_whatever_a_mask_allows_is_a_label(vocabulary, data, schema):
    assume_distinct(schema, vocabulary.view)
    mask = mask_of(vocabulary, schema)
    taken: list[int] = []
    while not mask.is_done:
        allowed = mask.allowed()
        if allowed[vocabulary.eos_id] and data.draw(st.booleans()):
            break
        allowed[vocabulary.eos_id] = False
        if not allowed.any():
            break
        token_id = data.draw(st.sampled_from(np.flatnonzero(allowed).tolist()))
        assert mask.advance(token_id)
        taken.append(token_id)
    drafts, rejects = typing.read(vocabulary.ll.decode_bytes(taken).decode(), schema, vocabulary.writing)
    assert (len(drafts), rejects) == (1, [])


@pytest.mark.parametrize("gold", [" none", " the", " person; person", " fox", ""])
def test_other_words_are_masked(vocabulary, gold):
    ids = vocabulary.encode(gold)
    assert walk(lambda: mask_of(vocabulary, PEOPLE.only(["person", "work"])), ids, vocabulary.eos_id)


def test_completion_after_a_turn_marker_has_no_blank_before_it():
    vocabulary = VOCABULARIES["byte-level"]()
    lark = typing.grammar(PEOPLE, "the fox", Writing(lead=""))
    assert walk(lambda: GrammarMask(vocabulary.ll, lark), vocabulary.encode("work for"), vocabulary.eos_id) == ""


def test_text_of_any_length_will_do():
    assert typing.grammar(PEOPLE, "a" * 1_000_000) == typing.grammar(PEOPLE, "")


def test_labels_that_a_tokenizer_cannot_tell_apart_are_refused():
    schema = load_schema(["person", "Person"])
    for use in (lambda w: typing.read("", schema, w), lambda w: typing.grammar(schema, "", w)):
        with pytest.raises(FormatError, match="'person' and 'Person' look the same"):
            use(Writing(spell=str.lower))


def test_tokenizer_of_words_needs_the_delimiters():
    assert "needs tokens of their own for |" in str(typing.survives(Writing(reserved=":;,")))
    assert typing.survives(UNCASED) is None
