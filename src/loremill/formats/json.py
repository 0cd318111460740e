# SPDX-License-Identifier: Apache-2.0
"""``json``: one object, ``{"person": ["Ada", "Bob"], "work for": [{"head": "Ada", "tail": "the Navy"}]}``.

The first output style of SaM (section 3.1). The paper's example is keyed by span, ``{"Ada": "person"}``, which
cannot hold a span with two types; keyed by type it holds every frame:

- entities are strings, with attributes objects, ``{"text": "Ada", "polarity": "negative"}``;
- relations and opinions are objects by role, events too, with a ``trigger``; roles of other than pairs are lists;
- classes are ``"refund": true``, with attributes an object;
- fragments of a discontinuous mention are ``{"text": ["left", "right"]}``.

Frames of one type stand together, in the order in which the types first occur (`arranged`); those without any
mention, such as a class that is there twice, repeat the key. `json_reading.py` reads
whatever models write, `fields.py` holds what is shared with `code.py`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from ..frames import Draft, Reject
from ..prompt import PLAIN, Writing
from ..schema.types import FrameType, Schema, SlotType
from . import quoted
from .field_rules import FieldRules
from .fields import Dialect, Keys, by_role, unused
from .grammar import LIMIT_CHARS, MAX_ITEMS, begin, check_size, literal, repeated
from .instructions import Task
from .json_reading import JsonReader
from .lexicon import Lexicon, fold
from .marks import lacks_characters
from .prompter import Prompter

STRUCTURE = "{}[]:,\"'`"
"""What no range of a draft needs to cover."""
_NOTHING = 'If there is none, answer "{}".'
ANSWERS: Mapping[Task, str] = {
    "entities": f'Output format: JSON, {{"type": ["entity", "entity"], "type": ["entity"]}}. {_NOTHING}',
    "relations": f'Output format: JSON, {{"relation": [{{"head": "entity", "tail": "entity"}}]}}. {_NOTHING}',
    "events": f'Output format: JSON, {{"type": [{{"trigger": "word", "role": ["argument", "argument"]}}]}}. {_NOTHING}',
    "opinions": f'Output format: JSON, {{"polarity": [{{"aspect": "term", "opinion": "term"}}]}}. {_NOTHING}',
    "classes": f'Output format: JSON, {{"class": true}}. {_NOTHING}',
    "arguments": f'Output format: JSON, {{"role": ["argument", "argument"]}}. {_NOTHING}',
}
"""How the answer to each task is to be written, as a model is told."""


def survives(writing: Writing) -> str | None:
    return lacks_characters(writing, "quotes and braces")


def _object(schema: Schema, writing: Writing) -> str:
    """The types as the object that is filled in."""
    return json.dumps({writing.spell(t.label): _template(t) for t in schema}, ensure_ascii=False)


prompt = Prompter(ANSWERS, _object)


def arranged(drafts: Sequence[Draft]) -> list[Draft]:
    """Drafts in the order in which they are written: one type after the other, one role after the other."""
    types = list(dict.fromkeys(draft.type for draft in drafts))
    return [by_role(draft) for type_ in types for draft in drafts if draft.type == type_]


def write(drafts: Sequence[Draft], schema: Schema, writing: Writing = PLAIN) -> str:
    """The completion wanted for ``drafts`` (see `Format.write`)."""
    dialect = _dialect(writing)
    entries: list[tuple[str, list[str]]] = []  # types and their elements
    alone = False
    for draft in arranged(drafts):
        element = _element(draft, schema[draft.type], dialect)
        was_alone, alone = alone, draft.filler is None and not draft.slots
        if alone or was_alone or not entries or entries[-1][0] != draft.type:
            entries.append((draft.type, []))
        entries[-1][1].append(element)
    return f" {{{', '.join(_entry(schema[name], elements, dialect, writing) for name, elements in entries)}}}"


def _entry(frame_type: FrameType, elements: Sequence[str], dialect: Dialect, writing: Writing) -> str:
    value = elements[0] if frame_type.family == "classes" else f"[{', '.join(elements)}]"
    return dialect.assign(writing.spell(frame_type.label)) + value


def read(
    completion: str, schema: Schema, writing: Writing = PLAIN, *, finished: bool = True
) -> tuple[list[Draft], list[Reject]]:
    """Drafts and rejects of a completion (see `Format.read` and `json_reading.py`)."""
    lexicon = Lexicon.of(schema, writing.spell)
    fillers = {t.name: fold(_keys(t, writing).filler) for t in schema}
    return JsonReader(completion, lexicon, fillers, finished=finished).read(STRUCTURE)


def grammar(
    schema: Schema,
    text: str,
    writing: Writing = PLAIN,
    *,
    limit_chars: int = LIMIT_CHARS,
    max_items: int | None = MAX_ITEMS,
) -> str:
    """The grammar of the completions (see `Format.grammar`); the cap is on the items of each type."""
    check_size(text, limit_chars)
    dialect = _dialect(writing)
    rules = FieldRules(dialect, text, writing, max_items)
    shapes = rules.shapes(schema)
    for i, types in enumerate(shapes):
        keys = " | ".join(literal(dialect.assign(writing.spell(t.label))) for t in types)
        value = _value_rule(rules, i, types[0], max_items)
        rules.lines.append(f"group_{i}: ({keys}) {value}")
    start = '"{}"'
    if shapes:
        has_classes = any(types[0].family == "classes" for types in shapes)
        groups = max_items if has_classes else sum(map(len, shapes))
        start += ' | "{" group ' + repeated('", " group', groups, first=1) + ' "}"'
        rules.lines.append(f"group: {' | '.join(f'group_{i}' for i in range(len(shapes)))}")
    return "\n".join([*begin(writing, start), *rules.all_lines]) + "\n"


def _dialect(writing: Writing) -> Dialect:
    return Dialect(
        assign=lambda key: f"{quoted.write(key)}: ",
        left=("{", '"text": ', "["),
        right=("]", "}"),
        keys=lambda frame_type: _keys(frame_type, writing),
    )


def _keys(frame_type: FrameType, writing: Writing) -> Keys:
    """Its labels, and a word for the filler that none of them is."""
    parts = {slot.name: writing.spell(slot.label) for slot in frame_type.slots}
    parts |= {attribute.name: writing.spell(attribute.label) for attribute in frame_type.attributes}
    wanted = ["trigger" if frame_type.family == "events" else "text", "mention"]
    return Keys(unused(wanted, {fold(key) for key in parts.values()}, fold), parts)


def _element(draft: Draft, frame_type: FrameType, dialect: Dialect) -> str:
    """A draft as a value under the key of its type."""
    fields = dialect.fields(draft, frame_type)
    if frame_type.family == "classes" and not draft.attributes:
        return "true"
    is_mention = frame_type.family == "entities" and not draft.attributes and not draft.slots
    if draft.filler is None or not is_mention:
        return f"{{{fields}}}"
    is_object = len(draft.filler.fragments) > 1 and dialect.keys(frame_type).filler != "text"
    return f"{{{fields}}}" if is_object else dialect.mention(draft.filler)


def _value_rule(rules: FieldRules, i: int, like: FrameType, max_items: int | None) -> str:
    """What stands behind the key of types like ``like``."""
    if like.family == "classes":
        return f'("true" | "{{" {rules.fields(i, like)} "}}")' if like.attributes else '"true"'
    element = "mention"
    if like.family != "entities":
        element = f'"{{" {rules.fields(i, like)} "}}"'
    elif rules.dialect.keys(like).filler != "text":
        element = f'string | "{{" {rules.fields(i, like)} "}}"'
    elif like.slots:
        element = f'mention | "{{" {rules.fields(i, like)} "}}"'
    elif like.attributes:
        element = f'mention | "{{" {rules.fields(i, like, least_attributes=1)} "}}"'
    rules.lines.append(f"element_{i}: {element}")
    more = repeated(f'", " element_{i}', max_items, first=1)
    return f'"[" element_{i} {more} "]"'


def _template(frame_type: FrameType) -> object:
    """A type's value as the prompt shows it: empty, with the choices of attributes."""
    if frame_type.family == "classes" and not frame_type.attributes:
        return True
    fields: dict[str, object] = {}
    if frame_type.has_filler:
        fields[_keys(frame_type, PLAIN).filler] = ""
    for slot in frame_type.slots:
        fields[slot.label] = _slot_template(slot) if frame_type.is_pair else []
    fields |= {a.label: " | ".join(a.choices) for a in frame_type.attributes}
    if frame_type.family == "entities" and len(fields) == 1:
        return []
    return fields if frame_type.family == "classes" else [fields]


def _slot_template(slot: SlotType) -> str:
    return " | ".join(name.replace("_", " ") for name in slot.types)
