# SPDX-License-Identifier: Apache-2.0
"""The mini-language of schemas: ``person, works_for(person, company), Attack!(attacker: person|group, time)``.

Its grammar is in docs/schema.md. The parser is a recursive descent that reads each character once;
every error says ``line N, column M`` (1-based, in code points).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal, TypeVar

from ..errors import SchemaError
from .types import Family, FrameType, Schema, SlotType

MAX_CHARACTERS = 100_000
_ESCAPES = {'"': '"', "\\": "\\", "n": "\n"}
_JOINERS = "\u200c\u200d"  # zero-width joiners stand inside Persian and Indic words
_BYTE_ORDER_MARK = "\ufeff"

T = TypeVar("T")


def parse(text: str) -> Schema:
    """The schema that ``text`` describes.

    Raises:
        SchemaError: with the line and column of the fault.
    """
    return _Parser(text).schema()


def name_of(label: str) -> str:
    """The name of a label: ``natural person`` -> ``natural_person``."""
    return "_".join(label.split())


def is_word(name: str) -> bool:
    """Whether a name can be written without quotes."""
    return bool(name) and all(_in_word(char) for char in name)


@dataclass(frozen=True, slots=True)
class _Name:
    at: int
    name: str
    label: str = ""
    is_quoted: bool = False


@dataclass(frozen=True, slots=True)
class _Argument:
    """An argument: a bare name (a type in a relation, a role elsewhere), types without a name, or a named role."""

    kind: Literal["bare", "types", "role"]
    name: _Name
    types: tuple[str, ...] = ()
    description: str = ""


class _Parser:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.blanks = ""  # characters that count as blanks here, beside blanks: a new line inside brackets
        if len(text) > MAX_CHARACTERS:
            raise self.error(MAX_CHARACTERS, f"wanted at most {MAX_CHARACTERS:,} characters, got {len(text):,}")

    def schema(self) -> Schema:
        found: list[tuple[int, FrameType]] = []
        while self.skip(",;\n"):
            found += self.type()
            self.end_of_type()
        if not found:
            raise self.wanted("a type name")
        self.refuse_twice("the type", ((at, t.name) for at, t in found))
        self.refuse_twice("the label", ((at, t.label) for at, t in found))
        return Schema(tuple(t for _, t in found))

    def type(self) -> list[tuple[int, FrameType]]:
        if self.skip() == "{":
            return self.group("")
        name = self.name("a type name")
        if self.skip() == "{":
            if name.label and not name.is_quoted:
                raise self.wanted(f"'!', '(', ':' or the end of the type (the group {name.name!r} takes no label)")
            return self.group(name.name)
        family: Family = "entities"
        slots: tuple[SlotType, ...] = ()
        if self.skip() == "!":
            self.at += 1
            family = "events"
            slots = self.roles() if self.skip() == "(" else ()
        elif self.skip() == "(":
            family = "relations"
            slots = self.relation_slots(name)
        return [(name.at, FrameType(name.name, name.label, family, slots, description=self.description()))]

    def group(self, group: str) -> list[tuple[int, FrameType]]:
        """``{positive, negative} of (aspect, opinion)``, or classes if no ``of`` follows."""
        brace = self.at
        choices = self.bracketed("}", lambda: (self.name("a choice"), self.description()))
        if not choices:
            raise self.error(brace, "wanted at least one choice between the braces, got none")
        family: Family = "classes"
        slots: tuple[SlotType, ...] = ()
        end = self.at
        if self.skip("\n") and self.word() == "of" and self.skip() == "(":
            opening = self.at
            family, slots = "opinions", self.roles()
            if not slots:
                raise self.error(opening, "wanted at least one role after 'of', got none")
        else:
            self.at = end
        return [(n.at, FrameType(n.name, n.label, family, slots, description=d, group=group)) for n, d in choices]

    def roles(self) -> tuple[SlotType, ...]:
        """The roles of an event or an opinion: ``(attacker: person|group, time)``."""
        arguments = self.bracketed(")", self.argument)
        for argument in arguments:
            if argument.kind == "types":
                raise self.error(argument.name.at, "wanted a role before its types, as in role: type, got types")
        return self.slots(arguments)

    def relation_slots(self, relation: _Name) -> tuple[SlotType, ...]:
        """``(person, company)``, the types of head and tail, or named roles."""
        opening = self.at
        arguments = self.bracketed(")", self.argument)
        unnamed = [a for a in arguments if a.kind != "role"]
        if arguments and not unnamed:
            return self.slots(arguments)
        if len(unnamed) < len(arguments):
            raise self.error(unnamed[0].name.at, "wanted a role before this type, as others have, got none")
        if len(arguments) != 2:
            raise self.error(
                opening,
                f"wanted two types (head, tail) or named roles, as in {relation.name}(role: type, other: type), "
                f"got {len(arguments)} unnamed",
            )
        heads = (a.types or (a.name.name,) if a.kind == "bare" else a.types for a in arguments)
        return tuple(SlotType(role, types=types) for role, types in zip(("head", "tail"), heads, strict=True))

    def slots(self, arguments: list[_Argument]) -> tuple[SlotType, ...]:
        slots = tuple(SlotType(a.name.name, a.name.label, a.types, a.description) for a in arguments)
        places = [a.name.at for a in arguments]
        self.refuse_twice("the role", zip(places, (s.name for s in slots), strict=True))
        self.refuse_twice("the role label", zip(places, (s.label for s in slots), strict=True))
        return slots

    def argument(self) -> _Argument:
        first = self.skip()
        start = self.at
        if first == "*":
            return _Argument("types", _Name(start, "*"), self.type_names())
        name = self.name("a role or type")
        if self.skip() == "|" and not name.label:
            self.at = start
            return _Argument("types", name, self.type_names())
        if self.skip() != ":":
            return _Argument("role" if name.label and not name.is_quoted else "bare", name)
        self.at += 1
        if self.skip() == '"':
            return _Argument("role", name, description=self.string())
        types = self.type_names()
        return _Argument("role", name, types, self.description())

    def type_names(self) -> tuple[str, ...]:
        """``person|group``; ``*`` is any type: no names."""
        if self.skip() == "*":
            self.at += 1
            return ()
        names = [self.type_name()]
        while self.skip() == "|":
            self.at += 1
            names.append(self.type_name())
        return tuple(names)

    def type_name(self) -> str:
        self.skip()
        start = self.at
        if name := self.word():
            return name
        self.at = start
        raise self.wanted("a type name or '*'")

    def description(self) -> str:
        if self.skip() != ":":
            return ""
        self.at += 1
        if self.skip() != '"':
            raise self.wanted('a description in double quotes after ":"')
        return self.string()

    def name(self, wanted: str) -> _Name:
        """A word with an optional quoted label, or a quoted label alone."""
        is_quoted = self.skip() == '"'
        start = self.at
        if is_quoted:
            label = self.string()
            if not (name := name_of(label)):
                raise self.error(start, f"wanted {wanted}, got an empty string")
            return _Name(start, name, label, is_quoted)
        if not (name := self.word()):
            raise self.wanted(wanted)
        if self.skip() != '"':
            return _Name(start, name)
        at = self.at
        if not (label := self.string()):
            raise self.error(at, f"wanted a label for {name!r}, got an empty string")
        return _Name(start, name, label)

    def word(self) -> str:
        start = self.at
        while self.at < len(self.text) and _in_word(self.text[self.at]):
            self.at += 1
        return self.text[start : self.at]

    def string(self) -> str:
        start = self.at
        self.at += 1
        chars: list[str] = []
        while self.at < len(self.text) and self.text[self.at] != "\n":
            char = self.text[self.at]
            self.at += 1
            if char == '"':
                return "".join(chars)
            if char == "\\":
                char = _ESCAPES.get(self.text[self.at : self.at + 1], "")
                if not char:
                    raise self.error(self.at - 1, 'wanted \\", \\\\ or \\n, got another backslash; write it \\\\')
                self.at += 1
            chars.append(char)
        raise self.error(start, "wanted a closing double quote on this line, got none")

    def bracketed(self, closing: str, item: Callable[[], T]) -> list[T]:
        self.at += 1
        outside, self.blanks = self.blanks, "\n"
        items: list[T] = []
        while self.skip() != closing:
            items.append(item())
            if self.skip() == ",":
                self.at += 1
            elif self.skip() != closing:
                raise self.wanted(f"',' or '{closing}'")
        self.at += 1
        self.blanks = outside
        return items

    def end_of_type(self) -> None:
        char = self.skip()
        if char and char not in ",;\n":
            hint = ' (a label of several words needs quotes: "natural person")' if _in_word(char) else ""
            raise self.wanted(f"',', ';' or a new line after the type{hint}")

    def skip(self, also: str = "") -> str:
        """The next character that is no blank, comment or one of ``also``; empty at the end."""
        blanks = self.blanks + also
        while self.at < len(self.text):
            char = self.text[self.at]
            if char == "#":
                end = self.text.find("\n", self.at)
                self.at = len(self.text) if end < 0 else end
            elif char in blanks or char == _BYTE_ORDER_MARK or (char != "\n" and char.isspace()):
                self.at += 1
            else:
                return char
        return ""

    def refuse_twice(self, kind: str, given: Iterable[tuple[int, str]]) -> None:
        seen: set[str] = set()
        for at, value in given:
            if value in seen:
                raise self.error(at, f"wanted each once, got {kind} {value!r} twice")
            seen.add(value)

    def wanted(self, what: str) -> SchemaError:
        """The error for the character at the current place."""
        start = self.at
        word = self.word()
        self.at = start
        char = self.text[start : start + 1]
        got = {"": "the end", "\n": "the end of the line"}.get(char) or repr(word[:40] or char)
        return self.error(start, f"wanted {what}, got {got}")

    def error(self, at: int, message: str) -> SchemaError:
        line = self.text.count("\n", 0, at) + 1
        column = at - self.text.rfind("\n", 0, at)
        return SchemaError(f"schema, line {line}, column {column}: {message}")


def _in_word(char: str) -> bool:
    return char in "_-" or char in _JOINERS or unicodedata.category(char)[0] in "LMN"
