# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from loremill.errors import LoremillError, SchemaError
from loremill.schema import (
    AttributeType,
    Entity,
    FrameType,
    Schema,
    SlotType,
    fingerprint,
    load_schema,
    load_schema_file,
    parse,
    to_dict,
)

from .strategies import schemas

PLAIN_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.sampled_from(["a", "b"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "entities",
                    "relations",
                    "events",
                    "opinions",
                    "classes",
                    "order",
                    "a",
                    "b",
                    "slots",
                    "choices",
                    "head",
                ]
            )
            | st.text(max_size=3),
            inner,
            max_size=3,
        )
    ),
    max_leaves=12,
)


def test_labels_become_entity_types_with_names():
    assert load_schema(["person", "natural person"]) == Schema(
        (FrameType("person"), FrameType("natural_person", "natural person"))
    )


def test_a_schema_and_a_frame_type_are_sources():
    schema = parse("person")
    assert load_schema(schema) is schema
    assert load_schema(FrameType("person")) == schema


def test_a_list_combines_sources():
    @dataclass
    class Ship(Entity):
        """A vessel."""

    mixed = load_schema(["person", "natural person", "Attack!", "works_for(a, b)", {"classes": ["yes"]}, Ship])
    assert [(t.name, t.family) for t in mixed] == [
        ("person", "entities"),
        ("natural_person", "entities"),
        ("Attack", "events"),
        ("works_for", "relations"),
        ("yes", "classes"),
        ("Ship", "entities"),
    ]


def test_combined_sources_may_repeat_a_type_but_not_redefine_it():
    assert load_schema([parse("person, x"), parse("person")]) == parse("person, x")
    with pytest.raises(SchemaError, match="'person' is defined twice, differently"):
        load_schema([parse("person"), parse('person: "a human being"')])


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ([], "at least one type, got an empty list"),
        (["person, company"], "got 'person, company', which may be several"),
        ([" "], "got an empty string"),
        ([["a"]], "got a list inside the list"),
        (3, "got '3' (int)"),
        (b"a", "(bytes)"),
        ([None], "got 'None' (NoneType)"),
        ("schema.yaml", "use load_schema_file"),
        (int, "wanted a dataclass or a pydantic model as schema, got 'int'"),
        ({}, "schema needs at least one type, got none"),
        ({"entites": ["a"]}, "unknown key 'entites'. Did you mean 'entities'?"),
        ({"entities": [True]}, "entities: wanted a name on one line, got True (bool); put it in quotes"),
        ({"entities": "person"}, "entities: wanted a mapping or a list of names, got 'person' (str)"),
        ({"entities": {"a": {"label": 3}}}, "entities.a.label: wanted a string, got 3 (int); put it in quotes"),
        ({"entities": {"a": {"labels": "b"}}}, "entities.a: unknown key 'labels'. Did you mean 'label'?"),
        ({"entities": {"a": ["x"]}}, "entities.a: wanted a mapping or a string, got ['x'] (list)"),
        ({"entities": ["a", "a"]}, "schema has the type 'a' twice"),
        ({"relations": {"r": "text"}}, "relations.r: relation type 'r' needs slots, got none"),
        ({"relations": {"r": {"head": "a"}}}, "relations.r: wanted head and tail, got head alone"),
        ({"relations": {"r": {"head": "a", "slots": ["x"]}}}, "wanted slots or head and tail, got slots and head"),
        ({"classes": {"c": {"slots": ["x"]}}}, "class 'c' has no slots, got x"),
        ({"entities": {"a": {"attributes": {"p": []}}}}, "attribute 'p' needs at least one choice, got none"),
        ({"entities": ["a", "b"], "order": ["a"]}, "order: wanted the names of all 2 types, got ['a'] (list)"),
        ({"events": {"E": {"slots": 3}}}, "events.E.slots: wanted a mapping or a list of names, got 3 (int)"),
        ({"events": {"E": {"slots": {"a": 3}}}}, "events.E.slots.a: wanted a mapping, got 3 (int)"),
    ],
)
def test_wrong_sources_say_what_was_wanted(source, message):
    with pytest.raises(SchemaError, match=re.escape(message)):
        load_schema(source)


def test_all_faults_of_a_mapping_come_in_one_line():
    with pytest.raises(SchemaError) as caught:
        load_schema({"entities": {"a": 1, "b": {"lable": "x"}}, "relation": {}})
    parts = str(caught.value).split("; ")
    assert [part.split(":")[0] for part in parts] == ["schema", "entities.a", "entities.b"]


def test_many_faults_are_counted():
    with pytest.raises(SchemaError, match=r"; and 10 more faults$"):
        load_schema({"entities": {f"a{i}": 1 for i in range(30)}})


def test_every_key_of_a_mapping_is_read():
    schema = load_schema(
        {
            "name": "news",
            "entities": {
                "natural person": "a human being",
                "city": {"label": "town", "description": "d", "examples": ["Coimbra"], "attributes": {"size": ["big"]}},
            },
            "relations": {
                "born in": {"head": "natural person", "tail": ["city", "region"], "label": "birth"},
                "sale": {"slots": {"buyer": {"types": "city", "label": "who buys", "description": "b"}, "goods": None}},
            },
            "events": {"Attack": {"slots": ["attacker", "time"]}, "Death": None},
            "opinions": {"sentiment": {"choices": {"good": "praise", "bad": None}, "slots": ["aspect"]}},
            "classes": {"intent": ["book", "play music"], "other": "none of these"},
        }
    )
    aspect = (SlotType("aspect"),)
    assert schema.name == "news"
    assert schema.types == (
        FrameType("natural_person", "natural person", description="a human being"),
        FrameType(
            "city", "town", description="d", examples=("Coimbra",), attributes=(AttributeType("size", ("big",)),)
        ),
        FrameType(
            "born_in",
            "birth",
            "relations",
            (SlotType("head", types=("natural_person",)), SlotType("tail", types=("city", "region"))),
        ),
        FrameType(
            "sale",
            family="relations",
            slots=(SlotType("buyer", "who buys", ("city",), "b"), SlotType("goods")),
        ),
        FrameType("Attack", family="events", slots=(SlotType("attacker"), SlotType("time"))),
        FrameType("Death", family="events"),
        FrameType("good", family="opinions", slots=aspect, description="praise", group="sentiment"),
        FrameType("bad", family="opinions", slots=aspect, group="sentiment"),
        FrameType("book", family="classes", group="intent"),
        FrameType("play_music", "play music", "classes", group="intent"),
        FrameType("other", family="classes", description="none of these"),
    )


@given(schemas(is_plain=False))
def test_to_dict_is_the_inverse_of_load_schema(schema):
    assert load_schema(json.loads(json.dumps(to_dict(schema)))) == schema


def test_to_dict_keeps_the_schemas_name():
    assert load_schema(to_dict(Schema((FrameType("a"),), "mine"))).name == "mine"


@given(PLAIN_VALUES)
def test_any_plain_value_loads_or_gives_an_error_of_one_line(value):
    message = ""
    try:
        load_schema(value)
    except LoremillError as error:
        message = str(error)
    assert "\n" not in message


@pytest.mark.parametrize("suffix", [".yaml", ".json"])
def test_files_hold_what_to_dict_writes(tmp_path, suffix):
    schema = parse('person: "a human being", r(person, person), Attack!(time), good "well" , s {a, b} of (c)')
    nested = to_dict(schema)
    path = tmp_path / f"schema{suffix}"
    path.write_text(json.dumps(nested) if suffix == ".json" else yaml.safe_dump(nested, sort_keys=False), "utf-8")
    assert load_schema_file(path) == schema
    assert load_schema(path) == schema


def test_files_hold_lists_and_mini_language(tmp_path):
    (tmp_path / "a.yml").write_text("- person\n- works_for(person, company)\n", "utf-8")
    (tmp_path / "a.txt").write_text("\ufeffperson\nworks_for(person, company)\n", "utf-8")
    assert load_schema_file(tmp_path / "a.yml") == load_schema_file(str(tmp_path / "a.txt"))


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.toml", b"", "needs to end in .yaml, .yml, .json, .txt, got"),
        ("a.yaml", b"", "wanted a mapping or a list, got nothing"),
        ("a.yaml", b"3", "wanted a mapping or a list, got '3' (int)"),
        ("a.yaml", b"entities: [a\nb: c", "line 2, column 2: "),
        ("a.yaml", b"entities:\n  a: x\n  a: y", "line 3, column 3: key 'a' twice"),
        ("a.yaml", b"entities: [no]", "entities: wanted a name on one line, got False (bool); put it in quotes"),
        ("a.yaml", b"!!python/object/apply:os.system [true]", "line 1, column 1: could not determine a constructor"),
        ("a.yaml", b"!!timestamp x", "no YAML that can be read"),
        ("a.yaml", b"a: \x00", "no YAML that can be read"),
        ("a.yaml", b"[" * 5000, "wanted a mapping or a list, got a value nested too deeply"),
        ("a.yaml", b"&a [*a]", "got a list inside the list"),
        ("a.json", b'{"entities": [}', "line 1, column 15: "),
        ("a.json", b'{"entities": ["a"], "entities": ["b"]}', "wanted each key once, got 'entities' twice"),
        ("a.json", b"[" * 100_000, "nested too deeply"),
        ("a.json", b"null", "got nothing"),
        ("a.txt", b"a b", "line 1, column 3: wanted"),
        ("a.txt", b"\xff\xfe", "needs to be UTF-8; byte 0 is not"),
        ("a.txt", b" " * 1_000_001, "needs at most 1,000,000 bytes"),
    ],
)
def test_faulty_files_are_named_with_the_place(tmp_path, name, content, message):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(SchemaError, match=re.escape(message)) as caught:
        load_schema_file(path)
    assert name in str(caught.value)
    assert "\n" not in str(caught.value)


def test_missing_files_and_folders_are_errors(tmp_path):
    with pytest.raises(SchemaError, match="No such file"):
        load_schema_file(tmp_path / "none.yaml")
    (tmp_path / "folder.yaml").mkdir()
    with pytest.raises(SchemaError, match="Is a directory"):
        load_schema_file(tmp_path / "folder.yaml")


def test_yaml_anchors_may_share_roles_but_not_explode(tmp_path):
    path = tmp_path / "a.yaml"
    path.write_text("events:\n  A: {slots: &roles [x, y]}\n  B: {slots: *roles}\n", "utf-8")
    assert load_schema_file(path) == parse("A!(x, y), B!(x, y)")
    many = ", ".join(f"t{i}" for i in range(1000))
    roles = ", ".join(f"r{i}: *types" for i in range(1000))
    events = ", ".join(f"E{i}: *event" for i in range(1000))
    path.write_text(f"events: {{A: &event {{slots: {{first: &types [{many}], {roles}}}}}, {events}}}", "utf-8")
    with pytest.raises(SchemaError, match="at most 200,000 values"):
        load_schema_file(path)


def test_fingerprints_follow_equality():
    schema = parse("person, works_for(person, company)")
    assert fingerprint(schema) == fingerprint(Schema(schema.types, "named"))
    assert fingerprint(schema) != fingerprint(Schema(schema.types[::-1]))
    assert fingerprint(schema) != fingerprint(parse("person, works_for(person, person)"))


def test_a_fingerprint_is_the_same_in_every_process():
    code = "from loremill.schema import *; print(fingerprint(parse('person, s {a, b} of (c), E!(x: person)')))"
    runs = [
        subprocess.run(  # noqa: S603
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()
        for seed in ("1", "2")
    ]
    assert runs == ["b89666954c73813df6af0293f63803a552087741b2695e5814b7765d99e27a64"] * 2


def test_importing_schemas_loads_neither_yaml_nor_pydantic():
    code = "import sys, loremill.schema; print(sorted({'yaml', 'pydantic'} & set(sys.modules)))"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)  # noqa: S603
    assert run.stdout.strip() == "[]"
