# SPDX-License-Identifier: Apache-2.0
"""GENIA's XML: articles of sentences with terms that nest.

Kim et al. (2003), https://doi.org/10.1093/bioinformatics/btg1023. Sample::

    <article><articleinfo><bibliomisc>MEDLINE:1</bibliomisc></articleinfo><title><sentence>
    <cons sem="G#other_name"><cons sem="G#protein_molecule">CD28</cons> activation</cons> was seen.
    </sentence></title></article>
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import NamedTuple

from ..errors import InputError
from ..frames import Document, Frame
from .gold import document, mention_of
from .lines import NameOf, OnError, read_bytes, read_records
from .selection import Wanted
from .trim import trim
from .xml_events import End, Event, Start, XmlError, xml_events


class _Term(NamedTuple):
    label: str
    start: int
    end: int


@dataclass(slots=True)
class _Sentence:
    line: int
    article: str
    parts: list[str] = field(default_factory=list)
    terms: list[_Term] = field(default_factory=list)


def read_genia(
    path: Path,
    *,
    name_of: NameOf,
    on_error: OnError = "raise",
    wanted: Wanted | None = None,
    kinds: tuple[str, ...] = ("DNA", "RNA", "protein", "cell_line", "cell_type"),
) -> Iterator[Document]:
    """The sentences, with terms as entities; ``meta["document"]`` is the article's id.

    A term is read if its semantic class is one of ``kinds`` or begins with one and ``_`` (``G#protein_molecule``),
    under the label of that kind. Terms without a class (parts of coordinations) and of several (``(AND G#a G#b)``)
    are left out, as in the papers on nested entities.

    Args:
        path: XML, plain or ``.xz``.
        name_of: kind -> type name.
        on_error: what becomes of a malformed sentence; XML that cannot be parsed is always an error.
        wanted: which articles, by id; None: all.
        kinds: see above.
    """

    def parse(sentence: _Sentence) -> Document:
        text = "".join(sentence.parts)
        left = len(text) - len(text.lstrip())
        entities = []
        for label, *place in sentence.terms:
            start, end = trim(text, *place)
            entities.append(Frame(name_of(label), mention_of([(start - left, end - left)])))
        doc = document(text.strip(), entities)
        return replace(doc, meta={**doc.meta, "document": sentence.article})

    def records() -> Iterator[tuple[int, _Sentence]]:
        try:
            for sentence in _sentences(xml_events(read_bytes(path)), kinds):
                if wanted is None or wanted(sentence.article):
                    yield sentence.line, sentence
        except XmlError as error:
            raise InputError(f"{path}, line {error.line}: {error}") from error

    return read_records(path, records(), parse, on_error=on_error)


def _sentences(events: Iterable[Event], kinds: tuple[str, ...]) -> Iterator[_Sentence]:
    article, is_id = "", False
    sentence: _Sentence | None = None
    length = 0
    open_terms: list[tuple[str, int]] = []
    for event in events:
        match event:
            case str() if sentence is not None:
                sentence.parts.append(event)
                length += len(event)
            case str():
                article += event.strip() if is_id else ""
            case Start("bibliomisc"):
                article, is_id = "", True
            case End("bibliomisc"):
                is_id = False
            case Start("sentence", _, line):
                sentence, length, open_terms = _Sentence(line, article), 0, []
            case End("sentence") if sentence is not None:
                yield sentence
                sentence = None
            case Start("cons", attributes):
                open_terms.append((_kind(attributes.get("sem", ""), kinds), length))
            case End("cons") if sentence is not None and open_terms:
                label, start = open_terms.pop()
                sentence.terms += [_Term(label, start, length)] if label else []


def _kind(semantics: str, kinds: tuple[str, ...]) -> str:
    label = semantics.removeprefix("G#")
    return next((kind for kind in kinds if label == kind or label.startswith(f"{kind}_")), "")
