# SPDX-License-Identifier: Apache-2.0
"""Rows of Hugging Face data sets as documents, with ``datasets`` itself; nothing is read from a network.

Skipped without the package, which ``dev`` leaves out for its size: `test_dataset_rows.py` holds the reader then.
"""

from __future__ import annotations

import pytest

from loremill.corpora import SpanColumns, TokenColumns, read_dataset
from loremill.corpora.huggingface import dataset_schema
from loremill.errors import InputError, ModelError, UnknownNameError

from .samples import readable

datasets = pytest.importorskip("datasets")

TAGS = datasets.ClassLabel(names=["O", "B-PER", "I-PER", "B-LOC", "I-LOC"])
ROWS = {
    "tokens": [["Ada", "Lovelace", "left", "Porto", "."], ["Rain", "."]],
    "ner_tags": [[1, 2, 0, 3, 0], [0, 0]],
}
PEOPLE = {"PER": "person", "LOC": "location"}


def tagged(rows=ROWS, tags=TAGS):
    features = datasets.Features({"tokens": datasets.List(datasets.Value("string")), "ner_tags": datasets.List(tags)})
    return datasets.Dataset.from_dict(rows, features=features)


def test_tags_are_read_by_their_class_names():
    docs = list(read_dataset(tagged(), "train", columns=TokenColumns(), name_of=PEOPLE.__getitem__))
    assert docs[0].text == "Ada Lovelace left Porto."
    assert readable(docs[0]) == [("person", ("Ada Lovelace",), ()), ("location", ("Porto",), ())]
    assert docs[1].frames == ()
    assert [doc.id for doc in docs] == ["dataset-train-0", "dataset-train-1"]
    assert docs[0].meta["split"] == "train"


def test_streamed_rows_are_read_too():
    docs = list(read_dataset(tagged().to_iterable_dataset(), columns=TokenColumns()))
    assert readable(docs[0])[0] == ("PER", ("Ada Lovelace",), ())


def test_tags_as_strings_need_no_class_names():
    rows = {"words": [["Ada", "left"]], "tags": [["B-PER", "O"]]}
    (doc,) = read_dataset(datasets.Dataset.from_dict(rows), columns=TokenColumns("words", "tags"))
    assert readable(doc) == [("PER", ("Ada",), ())]


@pytest.mark.parametrize("as_lists", [False, True])
def test_spans_are_objects_or_lists(as_lists):
    spans = [{"start": 0, "end": 3, "label": "person"}, {"start": 9, "end": 14, "label": "city"}]
    if as_lists:
        spans = {key: [span[key] for span in spans] for key in spans[0]}
    data = datasets.Dataset.from_list([{"text": "Ada left Porto", "spans": spans}])
    (doc,) = read_dataset(data, columns=SpanColumns())
    assert readable(doc) == [("person", ("Ada",), ()), ("city", ("Porto",), ())]


def test_span_labels_have_class_names():
    label = datasets.ClassLabel(names=["person", "city"])
    span = {"from": datasets.Value("int32"), "to": datasets.Value("int32"), "type": label}
    features = datasets.Features({"text": datasets.Value("string"), "entities": datasets.List(span)})
    rows = [{"text": "Ada left Porto", "entities": [{"from": 9, "to": 14, "type": 1}]}]
    columns = SpanColumns(spans="entities", start="from", end="to", label="type")
    data = datasets.Dataset.from_list(rows, features=features)
    (doc,) = read_dataset(data, columns=columns)
    assert readable(doc) == [("city", ("Porto",), ())]
    assert [t.name for t in dataset_schema(data, columns)] == ["person", "city"]


def test_schema_is_that_of_the_class_names():
    schema = dataset_schema(tagged(), TokenColumns(), name_of=PEOPLE.__getitem__)
    assert [t.name for t in schema] == ["person", "location"]
    data = datasets.Dataset.from_dict({"tokens": [["a"]], "ner_tags": [["O"]]})
    with pytest.raises(InputError, match="labels of 'ner_tags' are strings, not ClassLabel: give a schema"):
        dataset_schema(data, TokenColumns())


def test_unknown_column_is_told():
    with pytest.raises(UnknownNameError, match=r"unknown column of the data set 'tags'\. .*Known: ner_tags, tokens"):
        read_dataset(tagged(), columns=TokenColumns(tags="tags"))


@pytest.mark.parametrize(
    ("row", "columns", "message"),
    [
        ({"tokens": ["a", "b"], "ner_tags": ["O"]}, TokenColumns(), "wanted a tag for each token, got 2 tokens and 1"),
        ({"tokens": [""], "ner_tags": ["O"]}, TokenColumns(), "wanted 'tokens' as a list of non-empty strings"),
        ({"tokens": ["a"], "ner_tags": [3]}, TokenColumns(), "wanted a label as a string, got 3"),
        ({"text": "a", "spans": [{"start": 0, "end": 2, "label": "x"}]}, SpanColumns(), "the text's 1 characters"),
        ({"text": "a", "spans": [{"start": 0, "end": 1}]}, SpanColumns(), "wanted 'label', got a span with start, end"),
        ({"text": None, "spans": []}, SpanColumns(), "wanted 'text' as str, got NoneType"),
    ],
)
def test_malformed_row_is_told_or_left_out(row, columns, message):
    data = datasets.Dataset.from_list([row])
    with pytest.raises(InputError, match=message) as raised:
        list(read_dataset(data, "dev", columns=columns))
    assert "dev row 1" in str(raised.value)
    faults = []
    assert list(read_dataset(data, columns=columns, on_error=faults)) == []
    assert len(faults) == 1


def test_code_of_a_data_set_is_never_run(monkeypatch):
    seen = {}

    def load(*args, **settings):
        seen.update(settings)
        raise ValueError("no\nsuch thing")

    monkeypatch.setattr(datasets, "load_dataset", load)
    with pytest.raises(InputError, match=r"data set 'own/set' \(no config, train\) cannot be loaded: no such thing"):
        read_dataset("own/set", columns=TokenColumns())
    assert seen == {"split": "train", "revision": None, "streaming": True}


def test_missing_package_names_the_extra(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "datasets", None)
    with pytest.raises(ModelError, match=r'pip install "loremill\[data\]"'):
        read_dataset("own/set", columns=TokenColumns())
