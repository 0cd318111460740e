# SPDX-License-Identifier: Apache-2.0
"""Entities from relations: of ``director`` the head is a film and the tail a film director.

Sets of relations mark two mentions and name how they are related; of many relations that says what kind of thing each
mention is. A table gives the kinds, ``{relation: (kind of the head, kind of the tail)}``, with None where the relation
leaves it open. What a sentence names besides its relations stays without a frame, so such documents are for
training, not for scoring.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from ..frames import Document, Frame
from ..text import Mention
from .gold import document
from .lines import NameOf, OnError

Kinds = Mapping[str, tuple[str | None, str | None]]
"""Raw label of a relation -> raw labels of what its head and its tail are; None: not certain."""

_Named = Iterator[tuple[Document, dict[Mention, set[str]]]]
_NOTHING = r"(?!)"
_LAST_WORD = re.compile(r"\b(of|on|the|and|at|for|in|de|di|a)\Z", re.IGNORECASE)


def kinds_of(reader: Callable[..., Iterator[Document]]) -> Callable[..., Iterator[Document]]:
    """A reader of the same files as ``reader``, which reads relations, that gives entities.

    Besides the options of ``reader`` it takes ``kinds``, the table; ``unless``, by kind a pattern of mentions (whole)
    that are not of it (`sport`: "swimmer"); ``general``, the kinds that give way to another of the same mention;
    ``whole``, which leaves out documents with a cut mention, see `is_cut`; and ``repeated``, for texts in which the
    same names come up again and again: a mention of no kind gets the kind that the same words have elsewhere in the
    file, where it is one alone. ``name_of`` maps kinds. A document without any kind is left out: it may well name
    things of these kinds.
    """

    def read(
        path: Path,
        *,
        name_of: NameOf,
        kinds: Kinds,
        unless: Mapping[str, str] | None = None,
        general: tuple[str, ...] = (),
        whole: bool = False,
        repeated: bool = False,
        on_error: OnError = "raise",
        **options: Any,
    ) -> Iterator[Document]:
        docs = reader(path, name_of=str, on_error=on_error, **options)
        if whole:
            docs = (doc for doc in docs if not any(is_cut(doc.text, mention) for mention in _mentions(doc)))
        named: _Named = ((doc, _named(doc, kinds, unless or {}, general)) for doc in docs)
        if repeated:
            named = _with_kinds_elsewhere(list(named))
        for doc, found in named:
            if frames := [Frame(name_of(kind), mention) for mention, several in found.items() for kind in several]:
                yield document(doc.text, frames, id=doc.id)

    return read


def is_cut(text: str, mention: Mention) -> bool:
    """Whether the mention is likely a piece of a name, as WebNLG's joint version has many ("Alan" of "Alan Bean").

    It is one character, ends with a preposition or article, begins or ends with a mark, has a bracket or quote without
    its pair, or a word with a capital follows at once. This is a rule of thumb of ours.
    """
    words = text[mention.start : mention.end]
    return (
        len(words) == 1
        or not words[0].isalnum()
        or not (words[-1].isalnum() or words[-1] in ".)!")
        or words.count("(") != words.count(")")
        or words.count('"') % 2 == 1
        or _LAST_WORD.search(words) is not None
        or re.match(r"[ \-–][A-Z]|[\w'’]*\w", text[mention.end :]) is not None
    )


def _mentions(doc: Document) -> Iterator[Mention]:
    return (mention for frame in doc.frames for mention in frame.mentions())


def _named(doc: Document, kinds: Kinds, unless: Mapping[str, str], general: tuple[str, ...]) -> dict[Mention, set[str]]:
    """Mention -> its kinds; none for mentions of which the table says nothing."""
    found: dict[Mention, set[str]] = {mention: set() for mention in _mentions(doc)}
    for frame in doc.frames:
        for kind, mention in zip(kinds.get(frame.type, (None, None)), frame.mentions(), strict=True):
            if kind is not None and not re.fullmatch(unless.get(kind, _NOTHING), _words(doc, mention)):
                found[mention].add(kind)
    return {mention: several.difference(general) or several for mention, several in found.items()}


def _with_kinds_elsewhere(named: list[tuple[Document, dict[Mention, set[str]]]]) -> _Named:
    """The same, where mentions without a kind have that of the same words elsewhere. Numbers stay without."""
    elsewhere: dict[str, set[str]] = {}
    for doc, found in named:
        for mention, several in found.items():
            elsewhere.setdefault(_words(doc, mention), set()).update(several)
    for doc, found in named:
        for mention, several in found.items():
            words = _words(doc, mention)
            if not several and len(elsewhere[words]) == 1 and any(map(str.isalpha, words)):
                found[mention] = elsewhere[words]
        yield doc, found


def _words(doc: Document, mention: Mention) -> str:
    return " ".join(mention.texts_in(doc.text))
