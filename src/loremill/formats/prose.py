# SPDX-License-Identifier: Apache-2.0
"""``prose``: sentences with quoted mentions, ``"Ada" is a "person". "Coimbra" is a "location".`` (SaM, section 3.1).

One of SaM's three output styles; the paper gives no sample of its natural language descriptions. The wording
is our own and closed, so that every frame is read back: see `sentences.py`. `prose_reading.py` reads looser
wordings too.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from ..frames import Draft, Reject
from ..prompt import PLAIN, Writing
from ..schema.types import FrameType, Schema
from . import quoted
from .grammar import (
    LIMIT_CHARS,
    MAX_FRAGMENTS,
    MAX_ITEMS,
    begin,
    by_shape,
    check_distinct,
    check_size,
    literal,
    repeated,
    word,
)
from .instructions import Task
from .lexicon import Lexicon
from .marks import lacks_characters
from .prompter import Prompter
from .prose_reading import ProseReader
from .prose_scanning import STRUCTURE as STRUCTURE
from .sentences import AND, AS_ITS, IS, NOTHING, PLUS, WHERE, WITH, opening_of, quoted_label, signature, write_sentence

_NOTHING = f'If there is none, answer "{NOTHING}"'
ANSWERS: Mapping[Task, str] = {
    "entities": f'Output format: sentences, "entity" is a "type". {_NOTHING}',
    "relations": f'Output format: sentences, "head" stands to "tail" in the relation "type". {_NOTHING}',
    "events": (
        'Output format: sentences, "trigger" evokes the event "type", with "argument" as its "role" '
        f'and "argument" as its "role". {_NOTHING}'
    ),
    "opinions": f'Output format: sentences, The opinion about "aspect" is "opinion", which is "polarity". {_NOTHING}',
    "classes": f'Output format: sentences, The text is about "class". {_NOTHING}',
    "arguments": f'Output format: sentences, "argument" is a "role". {_NOTHING}',
}
"""How the answer to each task is to be written, as a model is told."""


def survives(writing: Writing) -> str | None:
    return lacks_characters(writing, "quotes")


def _templates(schema: Schema, writing: Writing) -> str:
    """The types as templates of their sentences."""
    return " ".join(signature(t, writing.spell) for t in schema)


prompt = Prompter(ANSWERS, _templates)


def write(drafts: Sequence[Draft], schema: Schema, writing: Writing = PLAIN) -> str:
    """The completion wanted for ``drafts`` (see `Format.write`)."""
    return " " + (" ".join(write_sentence(d, schema[d.type], writing.spell) for d in drafts) or NOTHING)


def read(
    completion: str, schema: Schema, writing: Writing = PLAIN, *, finished: bool = True
) -> tuple[list[Draft], list[Reject]]:
    """Drafts and rejects of a completion, sentence by sentence (see `Format.read` and `prose_reading.py`)."""
    return ProseReader(completion, Lexicon.of(schema, writing.spell)).read(finished=finished)


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
    shapes = by_shape(schema, bool(text.strip()), _shape, writing.spell)
    lines = begin(writing, "NOTHING | sentences" if shapes else "NOTHING")
    lines.append(f"NOTHING: {literal(NOTHING)}")
    if shapes:
        more = repeated('" " sentence', max_items, first=1)
        sentence = " | ".join(f"sentence_{i}" for i in range(len(shapes)))
        lines += [f"sentences: sentence {more}", f"sentence: {sentence}"]
        for i, types in enumerate(shapes):
            lines += _sentence_rules(i, types, writing, max_items)
    if shapes and text.strip():
        lines += [f"mention: string ({literal(PLUS)} string){{0,{MAX_FRAGMENTS - 1}}}", 'string: "\\"" SPAN "\\""']
        lines += quoted.span(text)
    return "\n".join(lines) + "\n"


def _shape(frame_type: FrameType) -> tuple[object, ...]:
    """What two types share when only their labels differ in a completion."""
    slots = () if frame_type.is_pair else tuple(s.label for s in frame_type.slots)
    return (opening_of(frame_type), slots, tuple((a.label, a.choices) for a in frame_type.attributes))


def _sentence_rules(i: int, types: Sequence[FrameType], writing: Writing, max_items: int | None) -> list[str]:
    """The rules of types that differ only in their labels."""
    like, opening = types[0], opening_of(types[0])
    check_distinct(
        [s.label for s in like.slots] + [a.label for a in like.attributes], f"roles of {like.name!r}", writing.spell
    )

    def any_of(labels: Iterable[str], kind: str) -> str:
        for label in labels:
            word(label, kind, writing.spell)  # refuses what cannot be written
        return f"({' | '.join(literal(quoted_label(label, writing.spell)) for label in labels)})"

    lines = [f"label_{i}: {any_of([t.label for t in types], 'label')}"]
    slots, attributes = "", ""
    if like.slots and not like.is_pair:
        roles = any_of([s.label for s in like.slots], "role")
        lines.append(f"slot_{i}: mention {literal(AS_ITS)} {roles}")
        slots = f"{literal(WITH)} slot_{i} {repeated(f'{literal(AND)} slot_{i}', max_items, first=1)}"
    if like.attributes:
        choices = (
            f"{any_of([a.label], 'attribute')} {literal(IS)} {any_of(a.choices, 'choice')}" for a in like.attributes
        )
        lines.append(f"attribute_{i}: {' | '.join(choices)}")
        more = repeated(f"{literal(AND)} attribute_{i}", len(like.attributes), first=1)
        attributes = f"{literal(WHERE)} attribute_{i} {more}"
    parts = f"({slots})? " * bool(slots) + f"({attributes})?" * bool(attributes)
    if slots and not like.has_filler:
        parts = f"({slots} {f'({attributes})? | {attributes}' if attributes else ''})"
    words = [literal(part) if part else "" for part in opening.words]
    holes = [f"label_{i}" if hole == "label" else "mention" for hole in opening.holes]
    start = " ".join(f"{before} {hole}" for before, hole in zip(words, holes, strict=False))
    return [*lines, f'sentence_{i}: {start} {words[-1]} {parts} "."']
