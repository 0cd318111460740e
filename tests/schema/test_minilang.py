# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import re
import time
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loremill.errors import SchemaError
from loremill.schema import AttributeType, FrameType, Schema, SlotType, parse, unparse
from loremill.schema.minilang import MAX_CHARACTERS

from .strategies import WORDS, schemas

PLACE = re.compile(r"schema, line (\d+), column (\d+): wanted .+, got .+")
PIECES = st.one_of(
    WORDS, st.sampled_from([*'!(){}:;,|*"#\\', "\n", " ", " of ", '"a b"', "a(b, c)", "x!(y: z)", "g {a, b} of (c)"])
)


def error_of(function: Callable[[Any], object], argument: Any) -> str | None:
    """The message of the `SchemaError` that the call raises; None if it raises none."""
    try:
        function(argument)
    except SchemaError as error:
        return str(error)
    return None


def one(text: str) -> FrameType:
    (frame_type,) = parse(text)
    return frame_type


def test_bare_names_are_entity_types():
    assert parse("person, natural_person") == Schema(
        (FrameType("person", "person", "entities"), FrameType("natural_person", "natural person", "entities"))
    )


def test_positional_arguments_are_the_types_of_head_and_tail():
    slots = (SlotType("head", types=("person",)), SlotType("tail", types=("company", "agency")))
    assert one("works_for(person, company|agency)") == FrameType("works_for", family="relations", slots=slots)


def test_star_is_any_type():
    assert one("same(*, *)").slots == (SlotType("head"), SlotType("tail"))
    assert one("same(one: *, other: person)").slots == (SlotType("one"), SlotType("other", types=("person",)))


def test_relations_take_named_roles():
    slots = (SlotType("employee", types=("person",)), SlotType("employer", types=("company",)))
    assert one("works_for(employee: person, employer: company)").slots == slots


def test_relations_with_named_roles_may_have_more_than_two():
    assert [s.name for s in one("sale(buyer: a, seller: a, goods: b)").slots] == ["buyer", "seller", "goods"]


def test_exclamation_mark_makes_an_event_whose_bare_arguments_are_roles():
    slots = (SlotType("attacker", types=("person", "group")), SlotType("time"))
    assert one("Attack!(attacker: person|group, time)") == FrameType("Attack", family="events", slots=slots)


@pytest.mark.parametrize("text", ["Attack!", "Attack ! ( )"])
def test_events_may_have_a_trigger_only(text):
    assert one(text) == FrameType("Attack", family="events")


def test_polarities_are_one_opinion_type_each():
    slots = (SlotType("aspect"), SlotType("opinion"))
    assert parse("sentiment {positive, negative} of (aspect, opinion)").types == tuple(
        FrameType(polarity, family="opinions", slots=slots, group="sentiment") for polarity in ("positive", "negative")
    )


def test_a_group_without_of_is_classes():
    assert parse("intent {book, play}").types == tuple(
        FrameType(name, family="classes", group="intent") for name in ("book", "play")
    )


def test_quoted_label_and_description_follow_a_name():
    assert one('person "natural person": "a human being, named"') == FrameType(
        "person", "natural person", description="a human being, named"
    )


def test_a_quoted_label_stands_for_a_name():
    assert one('"natural person"') == FrameType("natural_person", "natural person")
    assert one('born_in("natural person", place)').slots[0].types == ("natural_person",)


def test_roles_and_choices_take_labels_and_descriptions():
    assert one('Attack!(attacker "who attacks": person: "the side that began", time: "when")').slots == (
        SlotType("attacker", "who attacks", ("person",), "the side that began"),
        SlotType("time", description="when"),
    )
    assert parse('sentiment {good "very good": "praise", bad} of (aspect)').types[0] == FrameType(
        "good", "very good", "opinions", (SlotType("aspect"),), description="praise", group="sentiment"
    )


def test_quotes_hold_delimiters_and_escapes():
    assert one(r'a: "x, y; (z) # \"q\" \\ \n"').description == 'x, y; (z) # "q" \\ \n'


@pytest.mark.parametrize(
    "text", ["a,b", "a;b", "a\nb", "\n\n a ,;\r\n b # c, d\n", "# only b\na # a\n,b,", "\ufeffa,b"]
)
def test_separators_blanks_and_comments(text):
    assert [t.name for t in parse(text)] == ["a", "b"]


def test_lines_may_break_inside_brackets_and_before_of():
    assert parse("s {a,\n b, # two\n}\n of (\n c)") == parse("s {a, b} of (c)")


@pytest.mark.parametrize("name", ["人物", "ผู้ป่วย", "می\u200cرود", "नाम", "ORG-AFF", "_", "2nd"])
def test_names_of_many_scripts(name):
    assert one(name).name == name


@pytest.mark.parametrize(
    ("text", "line", "column", "message"),
    [
        ("", 1, 1, "wanted a type name, got the end"),
        ("# nothing\n", 2, 1, "wanted a type name, got the end"),
        ("person, (a, b)", 1, 9, "wanted a type name, got '('"),
        ("natural person", 1, 9, "quotes: \"natural person\"), got 'person'"),
        ("works_for(person)", 1, 10, "wanted two types (head, tail) or named roles, as in works_for(role: type"),
        ("sale(a, b, c)", 1, 5, "wanted two types (head, tail) or named roles"),
        ("r()", 1, 2, "wanted two types (head, tail) or named roles"),
        ("r(a, role: b)", 1, 3, "wanted a role before this type"),
        ("r(a: , b: c)", 1, 6, "wanted a type name or '*', got ','"),
        ("r(a: b|, c: d)", 1, 8, "wanted a type name or '*', got ','"),
        ("Attack!(a|b)", 1, 9, "wanted a role before its types"),
        ("Attack!(a b)", 1, 11, "wanted ',' or ')', got 'b'"),
        ("Attack!(a", 1, 10, "wanted ',' or ')', got the end"),
        ("Attack!(", 1, 9, "wanted a role or type, got the end"),
        ("person:\ncompany", 1, 8, 'wanted a description in double quotes after ":", got the end of the line'),
        ('person "natural\nx"', 1, 8, "wanted a closing double quote on this line, got none"),
        ('person: "a\\tb"', 1, 11, "got another backslash"),
        ('person ""', 1, 8, "wanted a label for 'person', got an empty string"),
        ('" "', 1, 1, "wanted a type name, got an empty string"),
        ("intent {}", 1, 8, "wanted at least one choice"),
        ("s {a} of ()", 1, 10, "wanted at least one role after 'of'"),
        ('s "label" {a}', 1, 11, "the group 's' takes no label"),
        ("a,\nb,\n  a", 3, 3, "wanted each once, got the type 'a' twice"),
        ('a_b, x "a b"', 1, 6, "wanted each once, got the label 'a b' twice"),
        ("E!(r, s, r)", 1, 10, "wanted each once, got the role 'r' twice"),
        ('E!(r, s "r")', 1, 7, "wanted each once, got the role label 'r' twice"),
        ("a, b\u201d", 1, 5, "got '”'"),
    ],
)
def test_errors_point_at_the_column(text, line, column, message):
    with pytest.raises(SchemaError, match=re.escape(message)) as caught:
        parse(text)
    assert str(caught.value).startswith(f"schema, line {line}, column {column}: ")


@given(st.lists(PIECES, max_size=30).map("".join) | st.text())
def test_any_string_parses_or_gives_a_valid_place(text):
    message = error_of(parse, text)
    if message is not None:
        found = PLACE.fullmatch(message)
        assert found, message
        line, column = map(int, found.groups())
        lines = text.split("\n")
        assert 1 <= line <= len(lines)
        assert 1 <= column <= len(lines[line - 1]) + 1


@given(schemas(is_plain=True))
def test_unparse_is_the_inverse_of_parse(schema):
    assert parse(unparse(schema)) == schema


@given(schemas(is_plain=False))
def test_unparse_gives_the_same_schema_or_refuses(schema):
    message = error_of(unparse, schema)
    if message is None:
        assert parse(unparse(schema)) == schema
    else:
        assert "mini-language cannot write" in message


@pytest.mark.parametrize(
    ("frame_type", "reason"),
    [
        (FrameType("a", examples=("x",)), "it has examples"),
        (FrameType("a", attributes=(AttributeType("p", ("x",)),)), "it has attributes"),
        (FrameType("a", slots=(SlotType("r"),)), "it is an entity with slots"),
        (FrameType("a", group="g"), "it is in the group 'g'"),
        (FrameType("a", family="classes", group="g h"), "its group 'g h' is no word"),
        (FrameType("a:b", "c"), "the name 'a:b' with the label 'c'"),
        (FrameType("a", family="events", slots=(SlotType("r", types=("x:y",)),)), "the type 'x:y' of role 'r'"),
    ],
)
def test_unparse_refuses_what_it_cannot_write(frame_type, reason):
    with pytest.raises(SchemaError, match=re.escape(reason)):
        unparse(Schema((frame_type,)))


def test_too_long_a_text_is_refused():
    with pytest.raises(SchemaError, match=r"wanted at most 100,000 characters, got 100,001"):
        parse("a" * (MAX_CHARACTERS + 1))


@pytest.mark.parametrize(
    "text",
    [
        ",".join(f"t{i}" for i in range(14_000)),
        "E!(" + ",".join(f"r{i}" for i in range(14_000)) + ")",
        "(" * MAX_CHARACTERS,
        "a(" * (MAX_CHARACTERS // 2),
        "#\n" * (MAX_CHARACTERS // 2),
        "s {" + "a" * 90_000,
        'a: "' + "\\n" * 49_000,
        "s {a} of\n" * 11_000,
    ],
)
def test_the_longest_texts_take_bounded_time(text):
    start = time.perf_counter()
    error_of(parse, text)
    assert time.perf_counter() - start < 5  # 0.3 s at most when written; quadratic time would be minutes
