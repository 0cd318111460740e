# SPDX-License-Identifier: Apache-2.0
import lzma

import pytest

from loremill.corpora import Corpus, Part, catalogue
from loremill.corpora.lines import Fault
from loremill.corpora.selection import Selection
from loremill.errors import InputError
from loremill.schema import FrameType, Schema

FILE = "-DOCSTART- O\n\nAda PER\nran O\n\n-DOCSTART- O\n\nBob B-PER\n\nEve B-PER\n"


def corpus(tmp_path, **parts):
    """A column corpus in two documents; a sentence of the first is malformed."""
    folder = tmp_path / "people"
    folder.mkdir()
    (folder / "all.txt.xz").write_bytes(lzma.compress(FILE.encode()))
    return Corpus(
        name="people_en",
        folder_name="people",
        parts=parts,
        reader="columns",
        schema=Schema((FrameType("person"),)),
        names={"PER": "person"},
        families=("entities",),
        domain="",
        licence="",
        citation="",
    )


def test_a_folder_may_have_another_name(tmp_path):
    entry = corpus(tmp_path)
    assert entry.folder(tmp_path) == tmp_path / "people"
    with pytest.raises(InputError, match="the one that holds people/"):
        entry.folder("")


def test_a_part_selects_documents_and_has_options(tmp_path):
    entry = corpus(
        tmp_path,
        train=Part(("all.txt",), select=Selection(frozenset({"1"}))),
        test=Part(("all.txt",), select=Selection(frozenset({"1"}), exclude=True), options={"outside": ("O", "PER")}),
    )
    train = list(entry.read("train", tmp_path))
    assert [(doc.id, doc.text, doc.meta["document"]) for doc in train] == [
        ("people_en-train-0", "Bob", "1"),
        ("people_en-train-1", "Eve", "1"),
    ]
    assert [doc.text for doc in entry.read("test", tmp_path)] == ["Ada ran"]


def test_faults_of_a_split_are_collected(tmp_path):
    faults: list[Fault] = []
    entry = corpus(tmp_path, test=Part(("all.txt",)))
    assert [doc.text for doc in entry.read("test", tmp_path, on_error=faults)] == ["Bob", "Eve"]
    assert [(fault.path.name, fault.where) for fault in faults] == [("all.txt.xz", "line 3")]


def test_overlaps_name_other_sets():
    for entry in catalogue().values():
        assert set(entry.overlaps) <= set(catalogue()) - {entry.name}
