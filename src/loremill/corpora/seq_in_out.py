# SPDX-License-Identifier: Apache-2.0
"""Slots and intents in three parallel files, an utterance a line: ``seq.in`` tokens, ``seq.out`` tags, ``label``.

Goo et al. (2018), https://aclanthology.org/N18-2118. Sample (a line of each)::

    play jazz by Ada Byron
    O B-genre O B-artist I-artist
    PlayMusic
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import zip_longest
from pathlib import Path

from ..errors import InputError
from ..frames import Document, Frame
from .gold import document
from .lines import NameOf, OnError, read_lines, read_records
from .tags import Row, Sentence, Tagging


def read_seq_in_out(path: Path, *, name_of: NameOf, on_error: OnError = "raise", join: str = "") -> Iterator[Document]:
    """The utterances, with slots as entities and each intent as a class.

    ``path`` is that of ``seq.in``; the others lie beside it. Several intents are joined by ``#`` in the file.
    """

    tagging = Tagging(name_of, join=join)

    def parse(utterance: tuple[int, str, str, str]) -> Document:
        line, tokens, tags, intents = utterance
        pairs = list(zip_longest(tokens.split(), tags.split()))
        if not pairs or not all(token and tag for token, tag in pairs):
            raise ValueError(f"wanted a tag for each token, got {tokens[:40]!r} with {tags[:40]!r}")
        slots = tagging.document(Sentence([Row(line, token, tag) for token, tag in pairs], ""))
        classes = [Frame(name_of(intent)) for intent in intents.strip().split("#")]
        return document(slots.text, [*slots.frames, *classes])

    return read_records(path, _utterances(path), parse, on_error=on_error)


def _utterances(path: Path) -> Iterator[tuple[int, tuple[int, str, str, str]]]:
    files = [path, *(_beside(path, name) for name in ("seq.out", "label"))]
    for rows in zip_longest(*(read_lines(file) for file in files)):
        if None in rows:
            ended = files[rows.index(None)].name
            raise InputError(f"{path}: wanted as many lines in seq.in, seq.out and label, got fewer in {ended}")
        (line, tokens), (_, tags), (_, intent) = rows
        if tokens.strip() or tags.strip() or intent.strip():
            yield line, (line, tokens, tags, intent)


def _beside(path: Path, name: str) -> Path:
    plain = path.with_name(name)
    return plain if plain.exists() else path.with_name(f"{name}.xz")
