# SPDX-License-Identifier: Apache-2.0
"""Relations as triples of strings (NYT, WebNLG): a JSON list of sentences, each with a ``triple_list``.

Zeng et al. (2018), https://aclanthology.org/P18-1047; Wei et al. (2020), https://aclanthology.org/2020.acl-main.136.
Sample record::

    {"text": "Ada Byron was born in London .",
     "triple_list": [["Ada Byron", "/people/person/place_of_birth", "London"]]}
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from ..frames import Document
from .lines import NameOf, OnError, member, read_json_list, read_records
from .spaced import SpacedText, triples_document


def read_triples(path: Path, *, name_of: NameOf, on_error: OnError = "raise", join: str = "") -> Iterator[Document]:
    """The sentences, with relations as frames; see `spaced.triples_document` for how strings are found."""

    def parse(record: object) -> Document:
        spaced = SpacedText(member(record, "text", str), join=join)
        triples = [_triple(t) for t in member(record, "triple_list", list)]
        return triples_document(spaced, [(head, name_of(label), tail) for head, label, tail in triples])

    return read_records(path, read_json_list(path), parse, on_error=on_error, unit="record")


def _triple(value: object) -> tuple[str, str, str]:
    match value:
        case [str(head), str(label), str(tail)]:
            return head, label, tail
    raise ValueError(f"wanted a triple [head, relation, tail] of strings, got {value!r}")
