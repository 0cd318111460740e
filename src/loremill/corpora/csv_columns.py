# SPDX-License-Identifier: Apache-2.0
"""Tagged tokens as comma-separated values; a row with an empty token ends a sentence (E-NER).

Au et al. (2022), https://aclanthology.org/2022.nllp-1.22. Sample (IOB1)::

    Acme,I-BUSINESS
    ",",O
    the,O
    ,O
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

from ..frames import Document
from .columns import read_sentences, split_sentences
from .lines import MalformedLineError, NameOf, OnError, read_lines
from .selection import Wanted
from .tags import Row, Scheme, Tagging


def read_csv_columns(
    path: Path,
    *,
    name_of: NameOf,
    on_error: OnError = "raise",
    wanted: Wanted | None = None,
    join: str = "",
    scheme: Scheme | None = None,
    outside: tuple[str, ...] = ("O",),
) -> Iterator[Document]:
    """The sentences, with entities as frames; the first column is the token, the second the tag.

    ``wanted`` and ``meta["document"]`` as for `read_columns`; the other options as for `Tagging`.
    """
    tagging = Tagging(name_of, join, scheme=scheme, outside=outside)
    sentences = split_sentences(read_lines(path), lambda text: not text.startswith(",") and text.strip())
    return read_sentences(path, sentences, _row, tagging, wanted, on_error)


def _row(line: int, text: str) -> Row:
    try:
        cells = next(csv.reader([text], strict=True))
    except (csv.Error, StopIteration) as error:
        raise MalformedLineError(line, f"wanted token,tag, got {text[:60]!r}") from error
    if len(cells) != 2:
        raise MalformedLineError(line, f"wanted token,tag, got {len(cells)} cells: {text[:60]!r}")
    return Row(line, cells[0].strip(), cells[1].strip())
