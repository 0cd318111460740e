# SPDX-License-Identifier: Apache-2.0
"""``typing``: which type given words have, ``person`` (MoLE-CIE, table 7).

The prompt tells the words: the mention of an entity, the trigger of an event, the mentions of a relation or an
opinion in the order of their roles. The answer is one label of the schema and nothing else, so a draft has a
type alone. Nothing in the prompt names the family. Where the words may have no type, the schema says so with a
type of its own, as the data words it (``no relation``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ..errors import FormatError, SchemaError
from ..escape import unescape
from ..frames import Draft, Frame, Reason, Reject
from ..prompt import PLAIN, Demonstration, Prompt, Writing
from ..schema.types import FrameType, Schema
from ..text import Mention
from .format import family_of
from .grammar import LIMIT_CHARS, MAX_ITEMS, any_word, begin, check_distinct
from .instructions import Task
from .items import DELIMITERS
from .lexicon import Lexicon
from .marks import Marks, lacks_delimiters, split
from .prompter import definitions, instructed, reworded

NEEDS_GIVEN = True
"""The answer is about given mentions; see `format.needs_given`."""
ANSWERS: Mapping[Task, str] = {"typing": 'Answer with one type. Output format: "type".'}
_AROUND = "\"'“”‘’«»`*. "  # what a chat model puts around a label


def given_roles(schema: Schema) -> tuple[str, ...]:
    """The roles whose mentions are given, in order; none for entities and events, whose filler is.

    Raises:
        FormatError: the schema has several families.
        SchemaError: it is one of classes, or its types have different roles.
    """
    family = family_of(schema)
    if family == "classes":
        raise SchemaError("typing needs types of mentions, got classes, which have none")
    if family in ("entities", "events"):
        return ()
    roles = tuple(slot.name for slot in schema.types[0].slots)
    for frame_type in schema:
        others = tuple(slot.name for slot in frame_type.slots)
        if sorted(others) != sorted(roles):
            raise SchemaError(
                f"typing needs {family} with the same roles, got {', '.join(roles)} of {schema.types[0].name!r} and "
                f"{', '.join(others)} of {frame_type.name!r}: ask for them in schemas of their own"
            )
    return roles


def given_mentions(frame: Frame, frames: Sequence[Frame], roles: Sequence[str]) -> tuple[Mention, ...]:
    """The mentions by which ``frame``, one of ``frames``, is given; empty if it lacks one or is of another shape.

    Args:
        roles: as `given_roles` tells.
    """
    if not roles:
        return () if frame.filler is None else (frame.filler,)
    if frame.filler is not None or sorted(slot.role for slot in frame.slots) != sorted(roles):
        return ()
    fillers = {slot.role: slot.filler for slot in frame.slots}
    mentions = [m if isinstance(m, Mention) else frames[m.index].filler for m in (fillers[role] for role in roles)]
    return tuple(m for m in mentions if m is not None) if None not in mentions else ()


def told(mentions: Sequence[Mention], text: str, writing: Writing = PLAIN) -> str:
    """Given mentions as the prompt tells them: ``Ada; the Navy``, the fragments of one joined by ``| ``."""
    marks = Marks.of(writing, DELIMITERS)
    return "; ".join(marks.pieces(mention.texts_in(text)) for mention in mentions)


def survives(writing: Writing) -> str | None:
    return lacks_delimiters(writing, DELIMITERS)


def prompt(
    schema: Schema,
    text: str,
    writing: Writing = PLAIN,
    *,
    demonstrations: Sequence[Demonstration] = (),
    given: str = "",
    task: Task | None = None,
    wording: str | None = None,
) -> Prompt:
    """The parts of the prompt, the types as their labels (see `Format.prompt`).

    Its family is ``classes`` whatever is typed, for models that read it must not be told.

    Args:
        given: the words, see `told`; only a prompt without a text, which is measured and not asked, needs none.

    Raises:
        FormatError: there is a text and nothing given, or another task.
    """
    family_of(schema)
    if task not in (None, "typing"):
        raise FormatError(f"the format 'typing' asks for the type of given words, not for {task}")
    if text and not given:
        raise FormatError("typing needs given mentions: use assign_types")
    marks = Marks.of(writing, DELIMITERS)
    return Prompt(
        family="classes",
        instruction=instructed("typing", wording, ANSWERS),
        schema="; ".join(marks.span(t.label) for t in schema),
        text=text,
        definitions=definitions(schema),
        demonstrations=tuple(demonstrations),
        given=given,
        task="typing",
        wording=reworded("typing", wording),
    )


def write(drafts: Sequence[Draft], schema: Schema, writing: Writing = PLAIN) -> str:
    """The completion wanted for the one draft (see `Format.write`).

    Raises:
        FormatError: there is none or another, it has more than a type, or the tokenizer cannot write its label.
    """
    if len(drafts) != 1:
        raise FormatError(f"typing writes one type for the given words, got {len(drafts)}")
    draft = drafts[0]
    if draft.filler is not None or draft.slots or draft.attributes:
        raise FormatError(f"typing writes the type {draft.type!r} alone, got a filler, slots or attributes with it")
    label = Marks.of(writing, DELIMITERS).label(schema[draft.type].label)
    if not label.strip():
        raise FormatError(f"label {schema[draft.type].label!r} cannot be written by this tokenizer")
    return f" {label}"


def read(
    completion: str, schema: Schema, writing: Writing = PLAIN, *, finished: bool = True
) -> tuple[list[Draft], list[Reject]]:
    """At most one draft, the first item that names a type, and rejects (see `Format.read`).

    Quotes, a full stop, and a word with a colon before the label are passed over.
    """
    lexicon = Lexicon.of(schema, writing.spell)
    drafts: list[Draft] = []
    rejects: list[Reject] = []
    items = [item for item in split(completion, ";\n", 0, len(completion)) if completion[item[0] : item[1]].strip()]
    for i, (start, stop, end) in enumerate(items):
        item = completion[start:stop].strip()
        frame_type = _named(item, lexicon)
        reason: Reason
        if not finished and i == len(items) - 1 and stop == end:  # it may be the beginning of a longer label
            reason = "cut off"
        elif frame_type is None:
            reason = "unparsable" if drafts else "unknown type"
        elif drafts:
            reason = "duplicate"
        else:
            drafts.append(Draft(frame_type.name, range=(start, end)))
            continue
        rejects.append(Reject(item, reason, range=(start, end)))
    return drafts, rejects


def _named(item: str, lexicon: Lexicon) -> FrameType | None:
    """The type that an item names: ``person``, ``"Person."`` or ``Answer: person``."""
    for form in (item, item.strip(_AROUND)):
        if (frame_type := lexicon.type(unescape(form))) is not None:
            return frame_type
    parts = [item[start:stop].strip() for start, stop, _ in split(item, ":", 0, len(item))]
    if len(parts) != 2 or _named(parts[0], lexicon) is not None:  # two labels are no answer
        return None
    return _named(parts[1], lexicon)


def grammar(
    schema: Schema,
    text: str,
    writing: Writing = PLAIN,
    *,
    limit_chars: int = LIMIT_CHARS,
    max_items: int | None = MAX_ITEMS,
) -> str:
    """The grammar of the completions: the labels (see `Format.grammar`); a text of any length will do."""
    marks = Marks.of(writing, DELIMITERS)
    labels = [frame_type.label for frame_type in schema]
    check_distinct(labels, "labels", marks.label)
    return "\n".join([*begin(writing, "LABEL"), f"LABEL: {any_word(labels, 'label', marks.label)}"]) + "\n"
