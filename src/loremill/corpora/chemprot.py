# SPDX-License-Identifier: Apache-2.0
"""ChemProt by sentence (SciBERT's version): JSON lines with two marked mentions and the relation between them.

Beltagy, Lo and Cohan (2019), https://aclanthology.org/D19-1371. Sample::

    {"text": "<< Caffeine >> blocks the [[ adenosine receptor ]].", "label": "ANTAGONIST", "metadata": []}

``<<`` always marks the mention that comes first, chemical or protein; the data does not say which is which.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from ..frames import Document
from .gold import document, relation
from .lines import NameOf, OnError, json_record, member, read_json_lines, read_records
from .markers import unmark


def read_chemprot(path: Path, *, name_of: NameOf, on_error: OnError = "raise") -> Iterator[Document]:
    """The instances, each with one relation: the head is the mention in ``<< >>``, the tail that in ``[[ ]]``."""

    def parse(line: str) -> Document:
        record = json_record(line)
        text, (head, tail) = unmark(member(record, "text", str), [("<< ", " >>"), ("[[ ", " ]]")])
        return document(text, [relation(name_of(member(record, "label", str)), head, tail)])

    return read_records(path, read_json_lines(path), parse, on_error=on_error)
