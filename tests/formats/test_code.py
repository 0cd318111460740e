# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import ast
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loremill.formats import code
from loremill.formats.identifiers import class_names, field_names
from loremill.frames import Draft
from loremill.models.matcher import GrammarMask
from loremill.prompt import Writing
from loremill.schema.types import AttributeType, FrameType, Schema, SlotType

from .drafted import schemas_and_drafts
from .generated import schemas
from .samples import BOMBED, CALM, PEOPLE, SCHEMA, entity, work
from .vocabularies import byte_level, takes, word_piece

WRITTEN = """ [
    Person(span="Ada"),
    WorkFor(head="Ada", tail="the Navy"),
    Person(span=["left", "right"]),
    Attack(mention="bombed", attacker=["rebels", ["the", "army"]], time=["Monday"], polarity="negative"),
    BookFlight(),
]"""


def test_written_as_a_list_of_calls():
    drafts = [entity("person", "Ada"), work("Ada", "the Navy"), entity("person", "left", "right"), BOMBED]
    drafts.append(Draft("book_flight"))
    assert code.write(drafts, SCHEMA) == WRITTEN
    assert code.read(WRITTEN, SCHEMA) == (drafts, [])
    assert code.write([], SCHEMA) == " []"


@given(schemas_and_drafts())
def test_answers_and_schemas_are_python(case):
    schema, drafts = case
    answer = ast.parse(code.write(drafts, schema).strip(), mode="eval").body
    assert isinstance(answer, ast.List)
    names = class_names(schema)
    assert [call.func.id for call in answer.elts] == [names[draft.type] for draft in drafts]
    for family in schema.families:
        part = schema.family(family)
        classes = ast.parse(code.prompt(part, "").schema).body
        assert [c.name for c in classes] == [names[t.name] for t in part] or len(schema.families) > 1


def test_type_is_shown_as_a_class():
    slots = (
        SlotType("attacker", types=("legal_person", "army")),
        SlotType("time", "when: day", (), "A day.\nOr more."),
    )
    event = FrameType(
        "attack",
        "armed attack",
        family="events",
        slots=slots,
        attributes=(AttributeType("polarity", ("positive", "negative")),),
        description='Violence, as in """war""" \\ peace.',
        examples=("bombed", 'the "hit"'),
    )
    assert code.prompt(Schema((event,)), "").schema == (
        "class ArmedAttack:\n"
        '    """Violence, as in \'\'\'war\'\'\' \\\\ peace. Examples: bombed, the "hit"."""\n'
        "    mention: str  # the trigger\n"
        "    attacker: List[str]  # legal person/army\n"
        "    when_day: List[str]  # A day. Or more.\n"
        '    polarity: Literal["positive", "negative"]'
    )


def test_classes_and_pairs_are_shown():
    schema = Schema((FrameType("refund", family="classes"), FrameType("+", family="classes")))
    assert code.prompt(schema, "").schema == 'class Refund:\n    pass\n\nclass Type:\n    """+"""'
    assert code.prompt(SCHEMA.only(["work_for"]), "").schema == "class WorkFor:\n    head: str\n    tail: str"


@pytest.mark.parametrize(
    ("labels", "names"),
    [
        (["works for", "OrgBasedIn", "U.S.", "back_slash"], ["WorksFor", "OrgBasedIn", "US", "BackSlash"]),
        (["3D model", "+", "?", "none", "None of"], ["Type3DModel", "Type", "Type2", "None_", "NoneOf"]),
        (["日本 国", "café", "ﬁre ²"], ["日本国", "Café", "Fire2"]),
        (["a b", "a: b", "a; b", "AB2"], ["AB", "AB2", "AB3", "AB22"]),
        (["list", "literal"], ["List2", "Literal2"]),
    ],
)
def test_class_names(labels, names):
    schema = Schema(tuple(FrameType(f"t{i}", label) for i, label in enumerate(labels)))
    assert list(class_names(schema).values()) == names
    drafts = [entity(t.name, "x") for t in schema]
    assert code.read(code.write(drafts, schema), schema) == (drafts, [])


def test_field_names():
    slots = tuple(SlotType(f"s{i}", label) for i, label in enumerate(["from", "To Whom", "2nd", "mention", "to: whom"]))
    keys = field_names(FrameType("send", family="events", slots=slots))
    assert list(keys.parts.values()) == ["from_", "to_whom", "field2nd", "mention", "to_whom2"]
    assert keys.filler == "mention2"


@given(schemas())
def test_names_are_identifiers_and_distinct(schema):
    names = list(class_names(schema).values())
    assert all(ast.parse(f"class {name}: pass") for name in names)
    assert len({name.casefold() for name in names}) == len(names)
    for frame_type in schema:
        keys = field_names(frame_type)
        fields = [keys.filler, *keys.parts.values()]
        assert len(set(fields)) == len(fields)
        assert ast.parse(f"f({', '.join(f'{name}=0' for name in fields)})")


@pytest.mark.parametrize(
    ("completion", "drafts", "rejected"),
    [
        # as other models write it
        ('[Person(span="Ada"), Person("Bob")]', PEOPLE, []),
        ("result = [Person(span='Ada'), person(text='''Bob''')]", PEOPLE, []),
        ('```python\nresult: List[Entity] = [\n    Person(span="Ada"),\n    Person(span=f"Bob"),\n]\n```', PEOPLE, []),
        ('Here is the (whole) list:\n[Person(span="Ada")]\nIt has one person.', PEOPLE[:1], []),
        ('[\n  # the people\n  Person(span="Ada"),  # one\n  Person(\n    span="Bob",  # two\n  ),\n]', PEOPLE, []),
        ('Person(span="Ada")\nPerson(span="Bob")', PEOPLE, []),
        ('[Person(span="Ada") Person(span="Bob")]', PEOPLE, []),
        ('print([Person(span="Ada"), Person(span="Bob")])', PEOPLE, []),
        ('[Attack("hit", ["rebels"], None)]', [CALM], []),
        ('[Attack(mention="hit", attacker="rebels", time=[])]', [CALM], []),
        ('[Attack(mention="hit", attacker=[Person(span="rebels")])]', [CALM], []),
        ('[WorkFor(head=Person(span="Ada"), tail=["Navy"])]', [work("Ada", "Navy")], []),
        ('[work_for(head="Ada", tail="Navy")]', [work("Ada", "Navy")], []),
        ("[BookFlight]", [Draft("book_flight")], []),
        ("BookFlight", [Draft("book_flight")], []),
        ('[Person(span="the \\"best\\" (fox)")]', [entity("person", 'the "best" (fox)')], []),
        # not closed, not escaped
        ('[Person(span="Ada"), Person(span="Bob"', PEOPLE, []),
        ('[\n    Person(span="Ada,\n    Person(span="Bob"),\n]', PEOPLE, []),
        ('[\n    Person(span="Ada"\n    Person(span="Bob"),\n]', PEOPLE, []),
        ('[\n    Person(span="a "b" c"),\n    Person(span="Bob"),\n]', [entity("person", 'a "b" c'), PEOPLE[1]], []),
        ('[\n    Person(span=["Ada"),\n    Person(span="Bob"),\n]', PEOPLE, []),
        # rejected, alone
        ('[\n    ((([{"x,\n    Person(span="Bob"),\n]', PEOPLE[1:], [('"x', "unparsable")]),
        ('[Person(span="Ada"), Animal(span="fox"), Person(span="Bob")]', PEOPLE,
         [('Animal(span="fox")', "unknown type")]),
        ('[Person(span="Ada"), fox, "dog", Person(span="Bob")]', PEOPLE,
         [("fox", "unparsable"), ('"dog"', "unparsable")]),
        ('[Attack(mention="hit", place="Rome", attacker=["rebels"])]', [CALM], [('place="Rome"', "unknown role")]),
        ('[Attack(mention="hit", attacker=["rebels"], polarity="so-so")]', [CALM],
         [('polarity="so-so"', "invalid value")]),
        ('[Person(span="Ada", span="Bob")]', PEOPLE[:1], [('span="Bob"', "duplicate")]),
        ('[Person()]', [], [("Person()", "unparsable")]),
        ('[WorkFor(head="Ada")]', [], [('WorkFor(head="Ada")', "missing slot")]),
        ('[WorkFor("Ada", "Navy", "now")]', [work("Ada", "Navy")], [('"now"', "unknown role")]),
        ("There is nothing.", [], [("There is nothing.", "unparsable")]),
        ('__import__("os").system("true")', [],
         [('__import__("os")', "unknown type"), ('system("true")', "unknown type")]),
    ],
)  # fmt: skip
def test_what_is_salvaged_and_what_is_rejected(completion, drafts, rejected):
    read, rejects = code.read(completion, SCHEMA)
    assert read == drafts
    assert [(r.item, r.reason) for r in rejects] == rejected


@pytest.mark.parametrize("completion", ["", " []", "[\n]", "```python\n[]\n```", "[None]"])
def test_nothing_is_read_as_nothing(completion):
    assert code.read(completion, SCHEMA) == ([], [])


@pytest.mark.parametrize(
    ("completion", "count", "cut"),
    [
        (' [\n    Person(span="Ada"),\n    Person(span="Bo', 1, 'Person(span="Bo'),
        (' [\n    Person(span="Ada")', 1, None),
        (' [\n    Person(span="Ada"),\n    Pers', 1, "Pers"),
        (' [\n    Person(span="Ada"),\n    Person(', 1, "Person("),
        (' [\n    Attack(mention="hit", place="Rome", ', 0, 'Attack(mention="hit", place="Rome"'),
        (" [\n    BookFlight(", 0, "BookFlight("),
        (' [\n    Person(span="Ada"),\n    Person(span="Bob)', 1, 'Person(span="Bob)'),
        (' [\n    Person(span="Ada"),\n]', 1, None),
    ],
)
def test_item_under_way_is_cut_off(completion, count, cut):
    drafts, rejects = code.read(completion, SCHEMA, finished=False)
    assert len(drafts) == count
    assert [(r.item.strip(" ,[\n"), r.reason) for r in rejects] == ([(cut, "cut off")] if cut else [])


@given(
    schemas_and_drafts(min_size=2),
    st.text(st.characters(exclude_characters="\n]", exclude_categories=["Cs"])),
    st.data(),
)
def test_garbage_on_a_line_leaves_the_others(case, garbage, data):
    schema, drafts = case
    drafts = code.arranged(drafts)
    lines = code.write(drafts, schema).split("\n")
    i = data.draw(st.integers(0, len(drafts) - 1))
    lines[i + 1] = garbage
    read, _ = code.read("\n".join(lines), schema)
    after = len(drafts) - i - 1
    assert read[:i] == drafts[:i]
    assert read[len(read) - after :] == drafts[i + 1 :]


@pytest.mark.parametrize(
    "unit",
    [
        "Person(",
        "\n Person(",
        '\n Person("',
        '"""a\n',
        "'''\n\"\"\"\n",
        '\\"""x\n',
        "a.",
        "f(x)",
        "x=",
        "List[",
        "[(",
        "r'",
        '"=("',
    ],
)
def test_a_hundred_thousand_characters_are_read_at_once(unit):
    completion = "[" + unit * (100_000 // len(unit))
    started = time.perf_counter()
    code.read(completion, SCHEMA)
    assert time.perf_counter() - started < 4


def test_thousands_of_brackets_are_read():
    completion = '[Person(span="Ada"), ' + "[" * 5000 + 'Person(span="Bob")' + "]" * 5000 + "]"
    assert code.read(completion, SCHEMA)[0] == PEOPLE[:1]  # deeper than any answer
    assert code.read("[" * 5 + 'Person(span="Ada")' + "]" * 5, SCHEMA)[0] == PEOPLE[:1]


@pytest.mark.parametrize(
    ("written", "refused"),
    [
        (' [\n    Person(span="', "dog"),
        (' [\n    Person(span="the ', '"'),
        (" [\n    ", "Animal"),
        (" [\n", "]"),
        (' [\n    Person(span="the"', ", "),
        (' [\n    WorkFor(head="the"', ")"),
        (" [\n    Attack(", "attacker"),
        (' [\n    Attack(mention="fox", ', "size"),
        (' [\n    Attack(mention="fox", polarity="', "so-so"),
        (" []", ","),
    ],
)
def test_other_text_is_masked(written, refused):
    vocabulary = byte_level()
    mask = GrammarMask(vocabulary.ll, code.grammar(SCHEMA, "the fox", Writing(no_forcing=True)))
    assert takes(vocabulary, mask, written)
    assert not takes(vocabulary, mask, refused)


def test_tokenizer_of_words_is_refused_with_the_reason():
    assert code.survives(byte_level().writing) is None
    assert "quotes, line breaks and case" in str(code.survives(word_piece().writing))
