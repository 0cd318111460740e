# SPDX-License-Identifier: Apache-2.0
"""Relations as ``relationMentions`` of strings, one JSON record a line (NYT11-HRL).

Takanobu et al. (2019), https://arxiv.org/abs/1811.03925. Sample::

    {"sentText": " Ada Byron lived in London . ",
     "relationMentions": [{"em1Text": "Ada Byron", "em2Text": "London", "label": "place lived"}]}
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path

from ..frames import Document
from .lines import NameOf, OnError, json_record, member, read_json_lines, read_records
from .spaced import SpacedText, triples_document


def read_relation_mentions(
    path: Path, *, name_of: NameOf, on_error: OnError = "raise", join: str = "", first: int | None = None
) -> Iterator[Document]:
    """The sentences, with relations as frames; see `spaced.triples_document` for how strings are found.

    Args:
        path: JSON lines, plain or ``.xz``.
        name_of: raw label -> type name.
        on_error: what becomes of a malformed record.
        join: see `detokenize`.
        first: read only so many records (NYT11-HRL's test file has other sentences behind the official ones).
    """

    def parse(line: str) -> Document:
        record = json_record(line)
        spaced = SpacedText(member(record, "sentText", str), join=join)
        return triples_document(spaced, [_triple(m, name_of) for m in member(record, "relationMentions", list)])

    return read_records(path, itertools.islice(read_json_lines(path), first), parse, on_error=on_error)


def _triple(mention: object, name_of: NameOf) -> tuple[str, str, str]:
    label = name_of(member(mention, "label", str))
    return member(mention, "em1Text", str), label, member(mention, "em2Text", str)
