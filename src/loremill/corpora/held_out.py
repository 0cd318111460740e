# SPDX-License-Identifier: Apache-2.0
"""Types that a data set shares with one that is held out, so that training sees neither their names nor their frames.

Which types are the same is declared, not guessed: types of one name in data sets of one `Corpus.vocabulary`. FewRel's
16 relations are all in Wiki80, so holding FewRel out takes these, and the instances of them, from Wiki80.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..frames import Document
from ..schema import Schema
from .catalogue import corpus
from .corpus import Corpus
from .sampling import keep_types


@dataclass(frozen=True, slots=True)
class HeldOutTypes:
    """What a data set lost to others that are held out."""

    types: tuple[str, ...] = ()
    of: tuple[str, ...] = ()  # the data sets that are held out and have them
    frames: int = 0
    documents: int = 0  # left out: all their frames were of these types

    def to_dict(self) -> dict[str, Any]:
        """As saved beside a trained model."""
        return {"types": list(self.types), "of": list(self.of), "frames": self.frames, "documents": self.documents}


def shared_types(
    entry: Corpus, schema: Schema, held_out: Iterable[str], data_dir: str | Path | None = None
) -> dict[str, tuple[str, ...]]:
    """The types of the schema that are also those of data sets held out, by the data set, in the schema's order."""
    others = [corpus(name) for name in held_out]
    found = {}
    for other in others:
        if entry.vocabulary and other.vocabulary == entry.vocabulary:
            theirs = {(t.name, t.family) for t in other.schema_for(data_dir)}
            if names := tuple(t.name for t in schema if (t.name, t.family) in theirs):
                found[other.name] = names
    return found


def drop_types(docs: Iterable[Document], kept: Schema) -> tuple[list[Document], int, int]:
    """The documents with the frames of the schema's types, how many frames went, and how many documents.

    A document all of whose frames go is left out: it is an instance of what is held out, not one of nothing at all.
    """
    documents = frames = 0
    remaining = []
    for doc in docs:
        new = keep_types(doc, kept)
        frames += len(doc.frames) - len(new.frames)
        if doc.frames and not new.frames:
            documents += 1
        else:
            remaining.append(new)
    return remaining, frames, documents
