# SPDX-License-Identifier: Apache-2.0
"""DyGIE's JSON lines: entities and relations by inclusive token index, per document (SciERC) or sentence (CrossRE).

Luan et al. (2018), https://aclanthology.org/D18-1360. A document; indices count over all its sentences::

    {"doc_key": "d1", "sentences": [["Parsers", "help", "."], ["We", "train", "one", "."]],
     "ner": [[[0, 0, "Method"]], [[5, 5, "Generic"]]], "relations": [[], []]}

Bassignana and Plank (2022), https://aclanthology.org/2022.findings-emnlp.263. A sentence::

    {"doc_key": "ai-dev-1", "sentence": ["Ada", "wrote", "programs", "."],
     "ner": [[0, 0, "researcher"], [2, 2, "product"]], "relations": [[2, 2, 0, 0, "artifact", "", false, false]]}
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from ..frames import Document, Frame
from ..text import Mention
from .detokenize import detokenize
from .gold import Offsets, document, relation, token_range
from .lines import NameOf, OnError, json_record, member, read_json_lines, read_records

_Sentence = tuple[str, list[object], list[object], list[object], int]  # id, tokens, ner, relations, index of token 0


def read_dygie(path: Path, *, name_of: NameOf, on_error: OnError = "raise", join: str = "") -> Iterator[Document]:
    """The sentences, with entities and relations as frames.

    The id is ``doc_key``, with the sentence's number behind it where the record is a document. Coreference
    clusters and what a relation has behind its type (CrossRE's explanations) are not read.
    """

    def parse(sentence: _Sentence | ValueError) -> Document:
        if isinstance(sentence, ValueError):
            raise sentence
        id, tokens, ner, relations, first = sentence
        if not tokens or not all(isinstance(token, str) and token.strip() for token in tokens):
            raise ValueError(f"wanted the tokens of {id!r} as a list of non-empty strings")
        text, offsets = detokenize([str(token) for token in tokens], join=join)
        frames = [_entity(e, offsets, first, name_of) for e in ner]
        frames += [_relation(r, offsets, first, name_of) for r in relations]
        return document(text, frames, id=id)

    return read_records(path, _all_sentences(path), parse, on_error=on_error)


def _all_sentences(path: Path) -> Iterator[tuple[int, _Sentence | ValueError]]:
    """Line and content of each sentence; of a malformed record, once, the error."""
    for line, text in read_json_lines(path):
        try:
            sentences: Sequence[_Sentence | ValueError] = _sentences(json_record(text))
        except ValueError as error:
            sentences = [error]
        yield from ((line, sentence) for sentence in sentences)


def _sentences(record: object) -> list[_Sentence]:
    key, ner, relations = member(record, "doc_key", str), member(record, "ner", list), member(record, "relations", list)
    assert isinstance(record, dict)
    if "sentence" in record:
        return [(key, member(record, "sentence", list), ner, relations, 0)]
    sentences = member(record, "sentences", list)
    parts = [*sentences, *ner, *relations]
    if not len(sentences) == len(ner) == len(relations) or not all(isinstance(part, list) for part in parts):
        raise ValueError("wanted 'sentences', 'ner' and 'relations' as lists of one list for each sentence")
    result, first = [], 0
    for i, (tokens, entities, pairs) in enumerate(zip(sentences, ner, relations, strict=True)):
        result.append((f"{key}-{i}", tokens, entities, pairs, first))
        first += len(tokens)
    return result


def _entity(value: object, offsets: Offsets, first: int, name_of: NameOf) -> Frame:
    match value:
        case [int(start), int(end), str(label)]:
            return Frame(name_of(label), _mention(start, end, offsets, first))
    raise ValueError(f"wanted an entity [start, end, type], got {value!r}")


def _relation(value: object, offsets: Offsets, first: int, name_of: NameOf) -> Frame:
    match value:
        case [int(a), int(b), int(c), int(d), str(label), *_]:
            head, tail = _mention(a, b, offsets, first), _mention(c, d, offsets, first)
            return relation(name_of(label), head, tail)
    raise ValueError(f"wanted a relation [start, end, start, end, type], got {value!r}")


def _mention(start: int, end: int, offsets: Offsets, first: int) -> Mention:
    return token_range(start - first, end - first + 1, offsets)
