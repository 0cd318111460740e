# SPDX-License-Identifier: Apache-2.0
"""The reader of Hugging Face data sets without the package ``datasets``: a stand-in with what the reader uses of it.

The stand-in has rows, ``features`` and ``info``; that those of the package look alike is what `test_huggingface.py` and
the last test here say where it is installed.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest

from loremill.corpora import SpanColumns, TokenColumns, read_dataset
from loremill.corpora.huggingface import dataset_schema
from loremill.errors import InputError, UnknownNameError

from .samples import readable


@dataclass
class ClassLabel:
    names: list[str]


@dataclass
class ListOf:
    feature: Any


@dataclass
class Rows:
    """Looks like ``datasets.Dataset`` to one who iterates over it and asks for its features."""

    rows: list[Mapping[str, Any]]
    features: Mapping[str, Any] | None
    info: Any = field(default_factory=lambda: SimpleNamespace(dataset_name=None))

    def __iter__(self) -> Iterator[Mapping[str, Any]]:
        return iter(self.rows)


TAGS = ClassLabel(["O", "B-PER", "I-PER", "B-LOC", "I-LOC"])
TOKENS = {"tokens": ListOf("string"), "ner_tags": ListOf(TAGS)}
TAGGED = [{"tokens": ["Ada", "Lovelace", "left", "Porto", "."], "ner_tags": [1, 2, 0, 3, 0]}]
SPAN = {"start": "int32", "end": "int32", "label": ClassLabel(["person", "city"])}
SPANS = {"text": "string", "spans": ListOf(SPAN)}
PEOPLE = {"PER": "person", "LOC": "location"}


def test_tags_are_read_by_their_class_names():
    data = Rows(TAGGED, TOKENS, SimpleNamespace(dataset_name="own"))
    (doc,) = read_dataset(data, "dev", columns=TokenColumns(), name_of=PEOPLE.__getitem__)
    assert (doc.id, doc.text) == ("own-dev-0", "Ada Lovelace left Porto.")
    assert readable(doc) == [("person", ("Ada Lovelace",), ()), ("location", ("Porto",), ())]
    assert [t.name for t in dataset_schema(data, TokenColumns(), name_of=PEOPLE.__getitem__)] == ["person", "location"]


def test_tags_as_strings_need_no_features():
    rows = [{"words": ["Ada", "left"], "tags": ["B-PER", "O"]}]
    (doc,) = read_dataset(Rows(rows, None), columns=TokenColumns("words", "tags"))
    assert readable(doc) == [("PER", ("Ada",), ())]


@pytest.mark.parametrize("features", [SPANS, {"text": "string", "spans": [SPAN]}])
@pytest.mark.parametrize(
    "spans", [[{"start": 9, "end": 14, "label": 1}], {"start": [9], "end": [14], "label": [1]}], ids=["list", "object"]
)
def test_spans_are_objects_or_lists(features, spans):
    data = Rows([{"text": "Ada left Porto", "spans": spans}], features)
    (doc,) = read_dataset(data, columns=SpanColumns())
    assert readable(doc) == [("city", ("Porto",), ())]
    assert [t.name for t in dataset_schema(data, SpanColumns())] == ["person", "city"]


def test_unknown_column_is_told():
    with pytest.raises(UnknownNameError, match=r"unknown column of the data set 'tags'\. .*Known: ner_tags, tokens"):
        read_dataset(Rows(TAGGED, TOKENS), columns=TokenColumns(tags="tags"))


@pytest.mark.parametrize(
    ("row", "columns", "message"),
    [
        ({"tokens": ["a", "b"], "ner_tags": ["O"]}, TokenColumns(), "wanted a tag for each token, got 2 tokens and 1"),
        ({"tokens": [""], "ner_tags": ["O"]}, TokenColumns(), "wanted 'tokens' as a list of non-empty strings"),
        ({"tokens": ["a"], "ner_tags": [3]}, TokenColumns(), "wanted a label as a string, got 3"),
        ({"tokens": ["a"]}, TokenColumns(), "wanted 'ner_tags', got a record with tokens"),
        ({"text": "a", "spans": [{"start": 0, "end": 2, "label": "x"}]}, SpanColumns(), "the text's 1 characters"),
        ({"text": "a", "spans": [{"start": 0, "end": 1}]}, SpanColumns(), "wanted 'label', got a span with start, end"),
        ({"text": "a", "spans": {"start": [0], "end": []}}, SpanColumns(), "wanted 'spans' as lists of one length"),
        ({"text": None, "spans": []}, SpanColumns(), "wanted 'text' as str, got NoneType"),
    ],
)
def test_malformed_row_is_told_or_left_out(row, columns, message):
    with pytest.raises(InputError, match=message) as raised:
        list(read_dataset(Rows([row], None), "dev", columns=columns))
    assert "dev row 1" in str(raised.value)
    faults = []
    assert list(read_dataset(Rows([row], None), columns=columns, on_error=faults)) == []
    assert len(faults) == 1


@pytest.fixture
def hub(monkeypatch):
    """A ``datasets`` whose ``load_dataset`` gives what the test says and keeps what it was asked."""
    hub = SimpleNamespace(asked=None, answer=Rows(TAGGED, TOKENS))

    def load_dataset(*args, **settings):
        hub.asked = (args, settings)
        if isinstance(hub.answer, Exception):
            raise hub.answer
        return hub.answer

    monkeypatch.setitem(sys.modules, "datasets", SimpleNamespace(load_dataset=load_dataset))
    return hub


def test_data_set_of_the_hub_is_streamed_and_its_code_not_run(hub):
    (doc,) = read_dataset("own/set", "test", columns=TokenColumns(), config="en", revision="v2")
    assert doc.id == "own/set-test-0"
    assert hub.asked == (("own/set", "en"), {"split": "test", "revision": "v2", "streaming": True})


@pytest.mark.parametrize("error", [OSError, ValueError, RuntimeError])
def test_data_set_that_cannot_be_loaded_is_one_line(hub, error):
    hub.answer = error("no\nsuch thing")
    with pytest.raises(InputError, match=r"data set 'own/set' \(no config, train\) cannot be loaded: no such thing"):
        read_dataset("own/set", columns=TokenColumns())


def test_connection_lost_between_rows_is_one_line():
    class Broken(Rows):
        def __iter__(self):
            yield from self.rows
            raise OSError("connection\nlost")

    with pytest.raises(InputError, match="data set 'dataset' cannot be read: connection lost"):
        list(read_dataset(Broken(TAGGED, TOKENS), columns=TokenColumns()))


def test_the_package_looks_like_the_stand_in():
    datasets = pytest.importorskip("datasets")
    label = datasets.ClassLabel(names=TAGS.names)
    features = datasets.Features({"tokens": datasets.List(datasets.Value("string")), "ner_tags": datasets.List(label)})
    real = datasets.Dataset.from_list(TAGGED, features=features)
    assert list(real) == list(Rows(TAGGED, TOKENS))
    assert real.features["ner_tags"].feature.names == TOKENS["ner_tags"].feature.names
    assert real.info.dataset_name is None
