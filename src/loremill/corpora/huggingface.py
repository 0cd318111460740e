# SPDX-License-Identifier: Apache-2.0
"""Any data set in the form of Hugging Face ``datasets``: rows -> documents, by naming the columns.

A row with tokens and tags, as integers (`ClassLabel`) or strings, in any of the schemes of `tags.py`::

    {"tokens": ["Ada", "left"], "ner_tags": [1, 0]}

A row with a text and spans of characters, as a list of objects or an object of lists::

    {"text": "Ada left", "spans": [{"start": 0, "end": 3, "label": "person"}]}

Data sets that bring code of their own are refused: none is ever run.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import InputError, ModelError, UnknownNameError
from ..frames import Document, Frame
from ..schema import FrameType, Schema
from .gold import document, mention_of
from .lines import OnError, member, read_records
from .tags import Row, Scheme, Sentence, Tagging

if TYPE_CHECKING:
    from datasets import Dataset, IterableDataset


@dataclass(frozen=True, slots=True)
class TokenColumns:
    """The columns of tokens and of their tags; ``join`` and ``scheme`` as in `Tagging`."""

    tokens: str = "tokens"
    tags: str = "ner_tags"
    join: str = ""
    scheme: Scheme | None = None


@dataclass(frozen=True, slots=True)
class SpanColumns:
    """The columns of texts and of their spans, and the keys of a span: start, end (exclusive) and label."""

    text: str = "text"
    spans: str = "spans"
    start: str = "start"
    end: str = "end"
    label: str = "label"


def read_dataset(
    dataset: str | Dataset | IterableDataset,
    split: str = "train",
    *,
    columns: TokenColumns | SpanColumns,
    config: str | None = None,
    revision: str | None = None,
    name_of: Callable[[str], str] = str,
    on_error: OnError = "raise",
) -> Iterator[Document]:
    """The rows of a split as documents with entities; ids and ``meta`` as in `Corpus.read`.

    Args:
        dataset: an id on the Hugging Face hub, which is read row by row from the network, or a loaded data set.
        split: of an id; of a loaded data set only for the documents' ids.
        config: the configuration of an id that has several.
        revision: of an id: branch, tag or commit.
        name_of: raw label -> name of a type.

    Raises:
        InputError: the data set cannot be loaded, has no such columns, or (while iterating) a row is malformed.
        ModelError: the package ``datasets`` is not installed.
    """
    name = dataset if isinstance(dataset, str) else str(dataset.info.dataset_name or "dataset")
    rows = _load(dataset, config, split, revision) if isinstance(dataset, str) else dataset
    names = _label_names(rows, columns)
    records = enumerate(_rows(rows, name), start=1)

    def parse(row: Mapping[str, Any]) -> Document:
        if isinstance(columns, TokenColumns):
            return _of_tokens(row, columns, names, name_of)
        return _of_spans(row, columns, names, name_of)

    docs = read_records(Path(name), records, parse, on_error=on_error, unit=f"{split} row")
    meta = {"corpus": name, "split": split}
    return (replace(doc, id=f"{name}-{split}-{i}", meta={**meta, **doc.meta}) for i, doc in enumerate(docs))


def dataset_schema(
    dataset: Dataset | IterableDataset, columns: TokenColumns | SpanColumns, *, name_of: Callable[[str], str] = str
) -> Schema:
    """The entity types that a loaded data set's labels name.

    Raises:
        InputError: its labels are strings, so only its rows could tell them.
    """
    names = _label_names(dataset, columns)
    if names is None:
        raise InputError(f"labels of {_label_column(columns)!r} are strings, not ClassLabel: give a schema")
    if isinstance(columns, TokenColumns):
        names = [name.partition("-")[2] for name in names if name != "O"]
    return Schema(tuple(FrameType(name) for name in dict.fromkeys(map(name_of, names))))


def _load(name: str, config: str | None, split: str, revision: str | None) -> Dataset | IterableDataset:
    try:
        import datasets
    except ImportError as error:
        raise ModelError('data sets of the Hugging Face hub need datasets: pip install "loremill[data]"') from error
    try:
        return datasets.load_dataset(name, config, split=split, revision=revision, streaming=True)
    except (OSError, ValueError, RuntimeError) as error:
        reason = " ".join(str(error).split())
        raise InputError(f"data set {name!r} ({config or 'no config'}, {split}) cannot be loaded: {reason}") from error


def _rows(rows: Any, name: str) -> Iterator[Mapping[str, Any]]:
    try:
        yield from rows
    except (OSError, RuntimeError) as error:
        raise InputError(f"data set {name!r} cannot be read: {' '.join(str(error).split())}") from error


def _label_column(columns: TokenColumns | SpanColumns) -> str:
    return columns.tags if isinstance(columns, TokenColumns) else columns.spans


def _label_names(dataset: Any, columns: TokenColumns | SpanColumns) -> list[str] | None:
    """What the labels' integers mean; None where they are strings or nothing is known of the columns."""
    features = dataset.features
    if features is None:
        return None
    wanted = (columns.tokens if isinstance(columns, TokenColumns) else columns.text, _label_column(columns))
    for column in wanted:
        if column not in features:
            raise UnknownNameError("column of the data set", column, features)
    feature = features[wanted[1]]
    inner = getattr(feature, "feature", feature)
    if isinstance(columns, SpanColumns):
        inner = inner[0] if isinstance(inner, list) and inner else inner
        inner = inner.get(columns.label) if isinstance(inner, dict) else None
        inner = getattr(inner, "feature", inner)
    names = getattr(inner, "names", None)
    return None if names is None else list(names)


def _of_tokens(
    row: Mapping[str, Any], columns: TokenColumns, names: list[str] | None, name_of: Callable[[str], str]
) -> Document:
    tokens, tags = member(row, columns.tokens, list), member(row, columns.tags, list)
    if len(tokens) != len(tags):
        raise ValueError(f"wanted a tag for each token, got {len(tokens)} tokens and {len(tags)} tags")
    if not all(isinstance(token, str) and token.strip() for token in tokens):
        raise ValueError(f"wanted {columns.tokens!r} as a list of non-empty strings")
    labels = [_label(tag, names) for tag in tags]
    tagging = Tagging(name_of, join=columns.join, scheme=columns.scheme)
    return tagging.document(
        Sentence([Row(i, token, tag) for i, (token, tag) in enumerate(zip(tokens, labels, strict=True))], "")
    )


def _of_spans(
    row: Mapping[str, Any], columns: SpanColumns, names: list[str] | None, name_of: Callable[[str], str]
) -> Document:
    text = member(row, columns.text, str)
    frames = []
    for span in _spans(row, columns):
        start, end = member(span, columns.start, int), member(span, columns.end, int)
        if not 0 <= start < end <= len(text):
            raise ValueError(f"wanted spans within the text's {len(text)} characters, got {start}:{end}")
        if columns.label not in span:
            raise ValueError(f"wanted {columns.label!r}, got a span with {', '.join(span)}")
        frames.append(Frame(name_of(_label(span[columns.label], names)), mention_of([(start, end)])))
    return document(text, frames)


def _spans(row: Mapping[str, Any], columns: SpanColumns) -> list[dict[str, Any]]:
    spans = row.get(columns.spans)
    if isinstance(spans, dict):
        lengths = {len(values) for values in spans.values() if isinstance(values, list)}
        if len(lengths) != 1 or not all(isinstance(values, list) for values in spans.values()):
            raise ValueError(f"wanted {columns.spans!r} as lists of one length")
        return [dict(zip(spans, values, strict=True)) for values in zip(*spans.values(), strict=True)]
    return [span if isinstance(span, dict) else {} for span in member(row, columns.spans, list)]


def _label(value: object, names: list[str] | None) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, int) and not isinstance(value, bool) and names is not None and 0 <= value < len(names):
        return names[value]
    known = "a string" if names is None else f"an integer below {len(names)}"
    raise ValueError(f"wanted a label as {known}, got {value!r}")
