# SPDX-License-Identifier: Apache-2.0
"""Sub-tasks of extraction that need one capability each (UC-UIE, sections 3.3 and 3.4).

==================  =======================================  ==========================================
capability          what is told                             what is asked
==================  =======================================  ==========================================
``judging``         the text                                 which types it has
``locating``        the types that it has                    every span that fills them or their roles
``associating``     these types, and the spans with labels   the frames: who goes with whom
==================  =======================================  ==========================================

Each is told what the one before it should have answered, so that nothing but its own capability is needed. They
are written in any format that asks about texts: judging like classes, locating like entities, associating like
the frames it makes. The paper names the three data sets and does not show them; the forms are ours.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ..frames import Frame, FrameRef
from ..prompt import PLAIN, Capability, Prompt, Writing
from ..schema.types import Family, FrameType, Schema
from ..text import Mention
from .format import Format, family_of
from .given import GivenEntity
from .given import told as told_spans
from .items import DELIMITERS, slot_word
from .lexicon import fold
from .marks import Marks


@dataclass(frozen=True, slots=True)
class Subtask:
    """One question about a text, and its answer.

    Args:
        capability: the one it needs.
        family: of the frames that it is a part of extracting.
        schema: of the answer.
        frames: the answer.
        types: labels of the types that are told, where ``schema`` does not name them.
        spans: the mentions that are told, with the labels of what they fill.
    """

    capability: Capability
    family: Family
    schema: Schema
    frames: tuple[Frame, ...]
    types: tuple[str, ...] = ()
    spans: tuple[GivenEntity, ...] = ()


def subtasks_of(frames: Sequence[Frame], schema: Schema) -> list[Subtask]:
    """The sub-tasks of extracting ``frames``, in the order J, L, A.

    Locating is left out where no type is there, associating where fewer than two spans belong to frames with slots.
    Classes have no spans: judging is all of them.

    Args:
        frames: of one text, in canonical order, all of the schema's types.
        schema: of one family, whose types are in question.
    """
    family = family_of(schema)
    has = {frame.type for frame in frames}
    present = tuple(t for t in schema if t.name in has)
    judged = tuple(Frame(t.name) for t in present)
    found = [Subtask("judging", family, judged_schema(schema), judged)]
    if not present or family == "classes":
        return found
    part = Schema(present)
    spans = located(frames, part)
    labels = () if all(t.has_filler for t in present) else tuple(t.label for t in present)
    answer = tuple(Frame(fold(span.label), span.mention) for span in spans)
    found.append(Subtask("locating", family, located_schema(part), answer, types=labels))
    if len({span.mention for span in spans}) > 1 and any(frame.slots for frame in frames):
        found.append(Subtask("associating", family, part, tuple(frames), spans=tuple(spans)))
    return found


def judged_schema(schema: Schema) -> Schema:
    """The types as classes of the text."""
    return Schema(tuple(FrameType(t.name, t.label, "classes", description=t.description) for t in schema))


def located_schema(schema: Schema) -> Schema:
    """What spans are labelled with: the types of fillers and the roles, those with the same label as one.

    A pair's head and tail go by their types where the schema has them, as in prompts. Names are folded labels.
    """
    labels: dict[str, FrameType] = {}
    for frame_type in schema:
        for label, description in _labels(frame_type):
            labels.setdefault(fold(label), FrameType(fold(label), label, "entities", description=description))
    return Schema(tuple(labels.values()))


def located(frames: Sequence[Frame], schema: Schema) -> list[GivenEntity]:
    """The fillers of frames and slots with their labels of `located_schema`, each once, by place.

    A slot that points at a frame has that frame's filler.
    """
    labels = {t.name: t.label for t in located_schema(schema)}
    spans = {GivenEntity(labels[fold(label)], mention) for label, mention in _spans(frames, schema)}
    return sorted(spans, key=lambda s: (s.mention.fragments, s.label))


def subtask_prompt(
    subtask: Subtask, text: str, format: Format, writing: Writing = PLAIN, *, wording: str | None = None
) -> Prompt:
    """The prompt of a sub-task; its ``task`` is the capability.

    Raises:
        FormatError: see `Format.prompt`.
    """
    given = told_beforehand(subtask, text, writing)
    return format.prompt(subtask.schema, text, writing, given=given, task=subtask.capability, wording=wording)


def told_beforehand(subtask: Subtask, text: str, writing: Writing = PLAIN) -> str:
    """What a sub-task's prompt tells: the labels of its types, or else its spans."""
    marks = Marks.of(writing, DELIMITERS)
    return "; ".join(marks.span(label) for label in subtask.types) or told_spans(subtask.spans, text, writing)


def _labels(frame_type: FrameType) -> Iterator[tuple[str, str]]:
    """Label and definition of what a span of a type's frames may be."""
    if frame_type.has_filler:
        yield frame_type.label, frame_type.description
    for slot in frame_type.slots:
        yield slot_word(slot, frame_type), slot.description


def _spans(frames: Sequence[Frame], schema: Schema) -> Iterator[tuple[str, Mention]]:
    for frame in frames:
        frame_type = schema[frame.type]
        if frame.filler is not None:
            yield frame_type.label, frame.filler
        for slot in frame.slots:
            filler = frames[slot.filler.index].filler if isinstance(slot.filler, FrameRef) else slot.filler
            if filler is not None:
                yield slot_word(frame_type.slot(slot.role), frame_type), filler
