# SPDX-License-Identifier: Apache-2.0
"""What every format gives, and the checks that they share."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from ..errors import FormatError, UnknownNameError
from ..frames import Draft, Reject
from ..prompt import Demonstration, Prompt, Writing
from ..schema.types import Family, FrameType, Schema
from .instructions import Task
from .marks import Marks


class Format(Protocol):
    """How frames are written for a model and read back; a module with these functions is one.

    Laws, held by the tests for every format and tokenizer that it survives:

    - ``read(write(drafts)) == drafts``, whatever their strings hold;
    - ``read`` never raises on what a model wrote, salvages item by item, and the ranges of its drafts and
      rejects cover every character of a completion that is no delimiter;
    - what ``write`` gives stands token by token in the masks of ``grammar``, and whatever these let
      through is on the schema and word for word from the text.

    A module with a function ``repeats(schema, text, writing)`` tells what a completion may not say again (see
    `prompt.Repeats`); of others it may say all as often as it likes.

    A module with a function ``grammar_among(schema, mentions, writing)`` makes the grammar of relations among given
    mentions, each whole and of a type that the slot takes, and ``repeats_among`` of the same tells what these may
    not say again; in other formats answers are held to the mentions' words.

    A module whose answers are about given mentions sets ``NEEDS_GIVEN = True`` (see `needs_given`): its completions
    are of one draft, which has a type alone.
    """

    def survives(self, writing: Writing) -> str | None:
        """Why a tokenizer cannot write this format, as the end of a sentence; None if it can."""
        ...

    def prompt(
        self,
        schema: Schema,
        text: str,
        writing: Writing = ...,
        *,
        demonstrations: Sequence[Demonstration] = ...,
        given: str = ...,
        task: Task | None = ...,
        wording: str | None = ...,
    ) -> Prompt:
        """The parts of the prompt for a schema of one family; a `Prompter` makes them for most formats.

        Args:
            given: what is told beforehand, see `told`.
            task: what is asked for where it is not the schema's family.
            wording: of the task, in place of the canonical one of its pool (`instructions.POOLS`); the
                format adds how to write the answer.

        Raises:
            FormatError: the schema mixes families, or has a label that the format cannot tell apart.
        """
        ...

    def write(self, drafts: Sequence[Draft], schema: Schema, writing: Writing = ...) -> str:
        """The completion wanted for ``drafts``; starts with a blank, since prompts end without one.

        Raises:
            FormatError: a draft cannot be written so that it reads the same.
        """
        ...

    def read(
        self, completion: str, schema: Schema, writing: Writing = ..., *, finished: bool = ...
    ) -> tuple[list[Draft], list[Reject]]:
        """Drafts and rejects of a completion, item by item; never raises on what a model wrote.

        Args:
            finished: False when the model ran into its limit: the item under way is rejected as cut off.

        Raises:
            FormatError: the schema has labels that look the same to the tokenizer.
        """
        ...

    def grammar(
        self,
        schema: Schema,
        text: str,
        writing: Writing = ...,
        *,
        limit_chars: int = ...,
        max_items: int | None = ...,
    ) -> str:
        """The Lark grammar (llguidance) of the completions for ``schema`` whose spans stand in ``text``.

        Args:
            text: as the tokenizer can express it (`TextView.text`); without any word only what needs no span is left.
            limit_chars: longest text a grammar is made for.
            max_items: most items and slots of an item, so that no model loops for ever; None: any number.

        Raises:
            GrammarLimit: the text is longer than ``limit_chars``.
            FormatError: the tokenizer cannot write a label, or writes two the same, or the text is not Unicode.
        """
        ...


def needs_given(format: Format) -> bool:
    """Whether a format asks for the type of given mentions instead of frames of a text."""
    return bool(getattr(format, "NEEDS_GIVEN", False))


def family_of(schema: Schema) -> Family:
    """The one family of a schema.

    Raises:
        FormatError: it has several (`Schema.family` takes it apart).
    """
    if len(schema.families) != 1:
        raise FormatError(f"a prompt asks for one family at a time, got {', '.join(schema.families)}")
    return schema.families[0]


def told(type_label: str, words: Sequence[str], writing: Writing) -> str:
    """A given mention as a prompt tells it: ``type: words``; with ``""`` as the type only the words."""
    marks = Marks.of(writing, "")
    mention = marks.span(" ".join(words))
    return f"{marks.span(type_label)}: {mention}" if type_label else mention


def check_draft(draft: Draft, frame_type: FrameType) -> None:
    """Refuse what no format writes so that it reads the same.

    Raises:
        FormatError: there is no filler where one is needed or the other way round, a pair without exactly one
            piece per slot, a mention without words, or an attribute without a choice of the schema.
    """
    name = frame_type.name
    if frame_type.has_filler != (draft.filler is not None):
        wanted, got = ("a", "none") if frame_type.has_filler else ("no", "one")
        raise FormatError(f"an item writes {name!r} with {wanted} filler, got {got}")
    if frame_type.slots and not (draft.filler or draft.slots or draft.attributes):
        raise FormatError(f"an item writes {name!r} with at least one slot, got none")
    if frame_type.is_pair and sorted(s.role for s in draft.slots) != sorted(s.name for s in frame_type.slots):
        wanted = " and ".join(s.name for s in frame_type.slots)
        raise FormatError(f"an item writes {name!r} with one {wanted}, got {', '.join(s.role for s in draft.slots)}")
    for piece in ([draft.filler] if draft.filler is not None else []) + [slot.piece for slot in draft.slots]:
        if not piece.fragments or not all(fragment.strip(" ") for fragment in piece.fragments):
            raise FormatError(f"mention of {name!r} needs words in every fragment, got {piece.fragments}")
    choices = {attribute.name: attribute.choices for attribute in frame_type.attributes}
    for attribute, value in draft.attributes:
        if attribute not in choices:
            raise FormatError(str(UnknownNameError(f"attribute of {name!r}", attribute, choices)))
        if value not in choices[attribute]:
            raise FormatError(str(UnknownNameError(f"choice of {attribute!r}", value, choices[attribute])))
