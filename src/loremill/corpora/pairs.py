# SPDX-License-Identifier: Apache-2.0
"""Relation classification with the two entities given by token index: FewRel's and OpenNRE's forms.

FewRel, Han et al. (2018), https://aclanthology.org/D18-1514: one JSON object, relation -> instances::

    {"P19": [{"tokens": ["Ada", "is", "from", "London", "."],
              "h": ["ada", "Q7259", [[0]]], "t": ["london", "Q84", [[3]]]}]}

OpenNRE, Han et al. (2019), https://aclanthology.org/D19-3029: JSON lines (``pos``' end is exclusive)::

    {"token": ["Ada", "is", "from", "London", "."], "relation": "place of birth",
     "h": {"name": "ada", "id": "Q7259", "pos": [0, 1]}, "t": {"name": "london", "id": "Q84", "pos": [3, 4]}}

Some tokens are blanks alone; they are left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from ..errors import InputError
from ..frames import Document
from .detokenize import detokenize
from .gold import document, mention_of_tokens, relation
from .lines import NameOf, OnError, json_record, member, read_json_lines, read_lines, read_records


def read_fewrel(path: Path, *, name_of: NameOf, on_error: OnError = "raise", join: str = "") -> Iterator[Document]:
    """The instances, each with one relation; of an entity that is marked several times, the first mention."""

    def parse(labelled: tuple[str, object]) -> Document:
        label, record = labelled
        head, tail = (_first_mention(member(record, role, list)) for role in ("h", "t"))
        return _pair(member(record, "tokens", list), name_of(label), head, tail, join)

    return read_records(path, _instances(path), parse, on_error=on_error, unit="record")


def read_opennre(path: Path, *, name_of: NameOf, on_error: OnError = "raise", join: str = "") -> Iterator[Document]:
    """The instances, each with one relation. Entity types (set by a tagger in Wiki80) are not read."""

    def parse(line: str) -> Document:
        record = json_record(line)
        head, tail = (_range(member(member(record, role, dict), "pos", list)) for role in ("h", "t"))
        return _pair(member(record, "token", list), name_of(member(record, "relation", str)), head, tail, join)

    return read_records(path, read_json_lines(path), parse, on_error=on_error)


def _pair(tokens: list[object], type_name: str, head: Iterable[int], tail: Iterable[int], join: str) -> Document:
    if not all(isinstance(token, str) for token in tokens):
        raise ValueError("wanted the tokens as a list of strings")
    solid = [i for i, token in enumerate(tokens) if str(token).strip()]
    text, places = detokenize([str(tokens[i]).strip() for i in solid], join=join)
    new_index = {old: new for new, old in enumerate(solid)}
    mentions = []
    for indices in (head, tail):
        if outside := [i for i in indices if not 0 <= i < len(tokens)]:
            raise ValueError(f"wanted token indices from 0 to {len(tokens) - 1}, got {outside[0]}")
        kept = [new_index[i] for i in indices if i in new_index]
        if not kept:
            raise ValueError(f"wanted an entity of at least one token that is not blank, got {list(indices)}")
        mentions.append(mention_of_tokens(kept, places))
    return document(text, [relation(type_name, *mentions)])


def _first_mention(entity: Sequence[object]) -> list[int]:
    match entity:
        case [_, _, [list(indices), *_]] if indices and all(type(i) is int for i in indices):
            return indices
    raise ValueError(f"wanted an entity [name, id, [[token indices]]], got {entity!r}")


def _range(pos: list[object]) -> range:
    match pos:
        case [int(start), int(end)] if 0 <= start < end <= start + 10_000:
            return range(start, end)
    raise ValueError(f"wanted 'pos' as [start, end] with 0 <= start < end, got {pos!r}")


def _instances(path: Path) -> Iterator[tuple[int, tuple[str, object]]]:
    """Number (from 1) of each instance over all relations, its relation and itself."""
    try:
        relations = json_record("\n".join(line for _, line in read_lines(path)))
    except ValueError as error:
        raise InputError(f"{path}: {error}") from error
    if not isinstance(relations, dict) or not all(isinstance(records, list) for records in relations.values()):
        raise InputError(f"{path}: wanted a JSON object of relations, each with a list of instances")
    labelled = ((label, record) for label, records in relations.items() for record in records)
    yield from enumerate(labelled, start=1)
