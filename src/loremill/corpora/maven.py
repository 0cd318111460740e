# SPDX-License-Identifier: Apache-2.0
"""MAVEN by sentence: a JSON list of sentences with event triggers by token index.

Wang et al. (2020), https://aclanthology.org/2020.emnlp-main.129. Sample (``end`` is exclusive)::

    {"id": 12, "tokens": ["The", "dam", "burst", "."],
     "events": [{"text": "burst", "start": 2, "end": 3, "event_type": "Damaging"}]}
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from ..frames import Document, Frame
from .detokenize import detokenize
from .gold import document, token_range
from .lines import NameOf, OnError, member, read_json_list, read_records, token_list


def read_maven(path: Path, *, name_of: NameOf, on_error: OnError = "raise", join: str = "") -> Iterator[Document]:
    """The sentences, with events (triggers alone) as frames; the id is ``id``."""

    def parse(record: object) -> Document:
        text, offsets = detokenize(token_list(record), join=join)
        events = [
            Frame(
                name_of(member(e, "event_type", str)),
                token_range(member(e, "start", int), member(e, "end", int), offsets),
            )
            for e in member(record, "events", list)
        ]
        return document(text, events, id=str(member(record, "id", int)))

    return read_records(path, read_json_list(path), parse, on_error=on_error, unit="record")
