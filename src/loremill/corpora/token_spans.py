# SPDX-License-Identifier: Apache-2.0
"""A JSON list of sentences with entities by token index and relations between them (SpERT's form).

Sample record (``end`` is exclusive; ``head`` and ``tail`` index ``entities``)::

    {"tokens": ["Ada", "lives", "in", "London", "."],
     "entities": [{"type": "Peop", "start": 0, "end": 1}, {"type": "Loc", "start": 3, "end": 4}],
     "relations": [{"type": "Live_In", "head": 0, "tail": 1}], "orig_id": 7}
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from ..frames import Document, Frame, Slot
from .detokenize import detokenize
from .gold import document, token_range
from .lines import NameOf, OnError, member, read_json_list, read_records, token_list


def read_token_spans(
    path: Path, *, name_of: NameOf, on_error: OnError = "raise", join: str = "", relation_prefix: str = ""
) -> Iterator[Document]:
    """The sentences, with entities and relations as frames; a relation's slots are ``head`` and ``tail``.

    ``relation_prefix`` is put before the raw label of a relation, where entities and relations share labels (ADE).
    """

    def parse(record: object) -> Document:
        text, offsets = detokenize(token_list(record), join=join)
        entities = [
            Frame(name_of(member(e, "type", str)), token_range(member(e, "start", int), member(e, "end", int), offsets))
            for e in member(record, "entities", list)
        ]
        relations = [
            _relation(r, entities, lambda label: name_of(relation_prefix + label))
            for r in member(record, "relations", list)
        ]
        source_id = record.get("orig_id", "") if isinstance(record, dict) else ""
        return document(text, entities + relations, id=str(source_id))

    return read_records(path, read_json_list(path), parse, on_error=on_error, unit="record")


def _relation(record: object, entities: list[Frame], name_of: NameOf) -> Frame:
    slots = []
    for role in ("head", "tail"):
        index = member(record, role, int)
        if not 0 <= index < len(entities):
            raise ValueError(f"wanted {role!r} as index of one of {len(entities)} entities, got {index}")
        mention = entities[index].filler
        assert mention is not None
        slots.append(Slot(role, mention))
    return Frame(name_of(member(record, "type", str)), None, tuple(slots))
