# SPDX-License-Identifier: Apache-2.0
"""Aspect sentiment triplets: a sentence, ``####``, a Python literal of token indices and polarity.

Xu et al. (2020), https://aclanthology.org/2020.emnlp-main.183 (ASTE-Data-V2). Sample::

    The soup was cold .####[([1], [3], 'NEG')]
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from ..frames import Document, Frame, Slot
from .detokenize import detokenize
from .gold import Offsets, document, mention_of_tokens
from .lines import NameOf, OnError, read_lines, read_records


def read_aste(path: Path, *, name_of: NameOf, on_error: OnError = "raise", join: str = "") -> Iterator[Document]:
    """The sentences, with triplets as frames of the polarity's type with slots ``aspect`` and ``opinion``.

    Sentences have no id. Indices that do not follow each other make a discontinuous mention.
    """

    def parse(line: str) -> Document:
        sentence, mark, literal = line.rpartition("####")
        if not mark or not sentence.split():
            raise ValueError(f"wanted 'sentence####[triplets]', got {line[:60]!r}")
        text, offsets = detokenize(sentence.split(), join=join)
        return document(text, [_triplet(t, offsets, name_of) for t in _literal(literal)])

    records = ((line, text) for line, text in read_lines(path) if text.strip())
    return read_records(path, records, parse, on_error=on_error)


def _literal(text: str) -> list[object]:
    try:
        value = ast.literal_eval(text.strip())  # literals only; nothing is called
    except (ValueError, SyntaxError, TypeError, RecursionError, MemoryError) as error:
        raise ValueError(f"wanted a list of triplets, got {text[:60]!r}") from error
    if not isinstance(value, list):
        raise ValueError(f"wanted a list of triplets, got {text[:60]!r}")
    return value


def _triplet(value: object, offsets: Offsets, name_of: NameOf) -> Frame:
    match value:
        case (list(aspect), list(opinion), str(polarity)) if aspect and opinion and _are_indices(aspect + opinion):
            slots = (
                Slot("aspect", mention_of_tokens(aspect, offsets)),
                Slot("opinion", mention_of_tokens(opinion, offsets)),
            )
            return Frame(name_of(polarity), None, slots)
    raise ValueError(f"wanted ([aspect indices], [opinion indices], 'polarity'), got {value!r}")


def _are_indices(values: list[object]) -> bool:
    return all(type(value) is int for value in values)
