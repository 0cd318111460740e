# SPDX-License-Identifier: Apache-2.0
"""``code``: Python classes as the schema, a list of constructor calls as the answer.

After GoLLIE (https://arxiv.org/abs/2310.03668, section 3), whose schemas TA-MoELoRA uses: a type is a class, its
guideline the docstring, its roles are typed and commented fields. The answer stands on one line per frame, so that
a line that was spoilt costs that line::

    [
        Person(span="Ada"),
        WorkFor(head="Ada", tail="the Navy"),
        Attack(mention="bombed", attacker=["rebels"], polarity="negative"),
        BookFlight(),
    ]

Fragments of a discontinuous mention are a list, ``span=["left", "right"]``. Answers are parsed by `code_reading.py`,
never run; `identifiers.py` names classes and fields, `fields.py` holds what is shared with `json.py`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from ..frames import Draft, Reject
from ..prompt import PLAIN, Writing
from ..schema.types import FrameType, Schema
from . import quoted
from .code_reading import CodeReader
from .field_rules import FieldRules
from .fields import Dialect, by_role
from .grammar import LIMIT_CHARS, MAX_ITEMS, begin, check_size, literal, repeated
from .identifiers import class_names, field_names, has_lost
from .instructions import Task
from .lexicon import Lexicon
from .marks import lacks_characters
from .prompter import Prompter

STRUCTURE = "[](){},=\"'`"
"""What no range of a draft needs to cover."""
_NOTHING = 'If there is none, answer "[]".'
_LIST = "Output format: a Python list of the given classes,"
ANSWERS: Mapping[Task, str] = {
    "entities": f'{_LIST} one line per entity: Type(span="entity"). {_NOTHING}',
    "relations": f'{_LIST} one line per relation: Relation(head="entity", tail="entity"). {_NOTHING}',
    "events": f'{_LIST} one line per event: Type(mention="trigger", role=["argument", "argument"]). {_NOTHING}',
    "opinions": f'{_LIST} one line per opinion: Polarity(aspect="term", opinion="term"). {_NOTHING}',
    "classes": f"{_LIST} one line per class that holds: Class(). {_NOTHING}",
    "arguments": f'{_LIST} one line per argument: Role(span="argument"). {_NOTHING}',
}
"""How the answer to each task is to be written, as a model is told."""
_DIALECT = Dialect(assign=lambda key: f"{key}=", left=("[",), right=("]",), keys=field_names)


def survives(writing: Writing) -> str | None:
    return lacks_characters(writing, "quotes, line breaks and case")


def _classes(schema: Schema, writing: Writing) -> str:
    """The types as classes, their definitions as docstrings."""
    names = class_names(schema)
    return "\n\n".join("\n".join(_class(t, names[t.name])) for t in schema)


prompt = Prompter(ANSWERS, _classes, has_definitions=True)


def arranged(drafts: Sequence[Draft]) -> list[Draft]:
    """Drafts as they are written: one role after the other."""
    return [by_role(draft) for draft in drafts]


def write(drafts: Sequence[Draft], schema: Schema, writing: Writing = PLAIN) -> str:
    """The completion wanted for ``drafts`` (see `Format.write`)."""
    names = class_names(schema)
    calls = [f"    {names[d.type]}({_DIALECT.fields(d, schema[d.type])}),\n" for d in drafts if schema[d.type]]
    return f" [\n{''.join(calls)}]" if calls else " []"


def read(
    completion: str, schema: Schema, writing: Writing = PLAIN, *, finished: bool = True
) -> tuple[list[Draft], list[Reject]]:
    """Drafts and rejects of a completion (see `Format.read` and `code_reading.py`)."""
    return CodeReader(completion, schema, Lexicon.of(schema, writing.spell), finished=finished).read(STRUCTURE)


def grammar(
    schema: Schema,
    text: str,
    writing: Writing = PLAIN,
    *,
    limit_chars: int = LIMIT_CHARS,
    max_items: int | None = MAX_ITEMS,
) -> str:
    """The grammar of the completions (see `Format.grammar`)."""
    check_size(text, limit_chars)
    names = class_names(schema)
    rules = FieldRules(_DIALECT, text, writing, max_items)
    shapes = rules.shapes(schema)
    for i, types in enumerate(shapes):
        calls = " | ".join(literal(f"    {names[t.name]}(") for t in types)
        rules.lines.append(f'item_{i}: ({calls}) {_fields_rule(rules, i, types[0])} "),\\n"')
    start = '"[]"'
    if shapes:
        start += f' | "[\\n" item {repeated("item", max_items, first=1)} "]"'
        rules.lines.append(f"item: {' | '.join(f'item_{i}' for i in range(len(shapes)))}")
    return "\n".join([*begin(writing, start), *rules.all_lines]) + "\n"


def _fields_rule(rules: FieldRules, i: int, like: FrameType) -> str:
    """A class may have no fields at all, even where it could have attributes."""
    fields = rules.fields(i, like)
    return f"({fields})?" if fields and not (like.has_filler or like.slots) else fields


def _class(frame_type: FrameType, name: str) -> Iterator[str]:
    """The lines of a type's class."""
    keys = field_names(frame_type)
    yield f"class {name}:"
    docstring = _docstring(frame_type, name)
    if docstring:
        yield f'    """{docstring}"""'
    fields = list(_fields(frame_type, keys.filler, keys.parts))
    yield from fields or ([] if docstring else ["    pass"])


def _fields(frame_type: FrameType, filler: str, parts: Mapping[str, str]) -> Iterator[str]:
    if frame_type.has_filler:
        yield f"    {filler}: str" + ("  # the trigger" if frame_type.family == "events" else "")
    for slot in frame_type.slots:
        types = "/".join(t.replace("_", " ") for t in slot.types)
        label = slot.label if has_lost(parts[slot.name], slot.label) else ""
        about = "; ".join(_line(part) for part in (label, types, slot.description) if part)
        kind = "str" if frame_type.is_pair else "List[str]"
        yield f"    {parts[slot.name]}: {kind}" + (f"  # {about}" if about else "")
    for attribute in frame_type.attributes:
        choices = ", ".join(quoted.write(choice) for choice in attribute.choices)
        about = f"  # {_line(attribute.label)}" if has_lost(parts[attribute.name], attribute.label) else ""
        yield f"    {parts[attribute.name]}: Literal[{choices}]{about}"


def _docstring(frame_type: FrameType, name: str) -> str:
    """The label where the class's name does not tell it, the definition, and examples."""
    parts = [frame_type.label] if has_lost(name, frame_type.label) else []
    parts += [frame_type.description] if frame_type.description else []
    if frame_type.examples:
        parts.append(f"Examples: {', '.join(frame_type.examples)}.")
    text = _line(" ".join(parts)).replace("\\", "\\\\").replace('"""', "'''")
    return text + (" " if text.endswith('"') else "")


def _line(text: str) -> str:
    """A text on one line, without control characters."""
    return "".join(c for c in " ".join(text.split()) if c >= " ")
