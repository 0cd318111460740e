# SPDX-License-Identifier: Apache-2.0
import contextlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loremill.corpora.brat import read_brat
from loremill.corpora.lines import Fault
from loremill.errors import InputError
from loremill.frames import FrameRef

from .samples import readable

TEXT = "Ada and Bob Byron met in 北京 😀."
ANN = """T1\tPerson 0 3;12 17\tAda Byron
T2\tPerson 8 17\tBob Byron
T3\tPlace 25 27\t北京
T4\tMeet 18 21\tmet
R1\tIn Arg1:T1 Arg2:T3
E1\tMeet:T4 Who:T1 Who2:T2 Where:T3
A1\tNegated E1
#1\tAnnotatorNotes T1\tsure
*\tEquiv T1 T2
"""


def folder(path, **files):
    for name, content in files.items():
        stem, _, ending = name.rpartition("_")
        (path / f"{stem}.{ending}").write_bytes(content.encode())
    return path


def test_entities_relations_and_events_are_read(tmp_path):
    [doc] = read_brat(folder(tmp_path, d1_txt=TEXT, d1_ann=ANN), name_of=str.lower)
    assert (doc.id, doc.text) == ("d1", TEXT)
    assert readable(doc) == [
        ("person", ("Ada", "Byron"), ()),
        ("in", None, (("arg1", ("Ada", "Byron")), ("arg2", ("北京",)))),
        ("person", ("Bob Byron",), ()),
        ("meet", ("met",), (("who", ("Ada", "Byron")), ("who", ("Bob Byron",)), ("where", ("北京",)))),
        ("place", ("北京",), ()),
    ]


def test_an_event_may_be_an_argument(tmp_path):
    ann = "T1\tMeet 18 21\tmet\nT2\tSee 4 7\tand\nE1\tSee:T2 What:E2\nE2\tMeet:T1\n"
    [doc] = read_brat(folder(tmp_path, d1_txt=TEXT, d1_ann=ann), name_of=str)
    see = next(frame for frame in doc.frames if frame.type == "See")
    assert isinstance(see.slots[0].filler, FrameRef)
    assert doc.frames[see.slots[0].filler.index].type == "Meet"


def test_documents_are_chosen_by_id(tmp_path):
    files = folder(tmp_path, d1_txt="a", d1_ann="", d2_txt="b", d2_ann="", d3_txt="c", d3_ann="")
    assert [doc.id for doc in read_brat(files, name_of=str, wanted=lambda id: id != "d2")] == ["d1", "d3"]


@pytest.mark.parametrize(
    ("ann", "message"),
    [
        ("T1\tPerson 0 3\tBob", r"member d1, line 1: wanted 'Bob' at 0 3, the text has 'Ada'"),
        ("\nT1\tPerson 0 3", r"line 2: wanted id, 'type start end' and text"),
        ("T1\tPerson 3 3\t", r"line 1: wanted '' at 3 3"),
        ("T1\tPerson 0 3\tAda\nR1\tIn Arg1:T1 Arg2:T9", r"line 2: wanted an annotation 'T9'"),
        ("E1\tMeet:T9", r"line 1: wanted a trigger 'T9'"),
        ("E1\tMeet", r"line 1: wanted id, tab and 'type:trigger"),
        ("R1\tIn Arg1", r"line 1: wanted id, tab and 'type role:id"),
        ("what is this", r"line 1: wanted an annotation such as T1"),
    ],
)
def test_malformed_annotation_is_named(tmp_path, ann, message):
    with pytest.raises(InputError, match=message):
        list(read_brat(folder(tmp_path, d1_txt=TEXT, d1_ann=ann), name_of=str))


def test_faults_are_collected_and_the_rest_is_read(tmp_path):
    files = folder(tmp_path, d1_txt=TEXT, d1_ann="?", d2_txt="b", d2_ann="", d3_txt="c")
    faults: list[Fault] = []
    assert [doc.id for doc in read_brat(files, name_of=str, on_error=faults)] == ["d2"]
    assert [fault.where for fault in faults] == ["member d1, line 1", "member d3"]
    assert str(faults[1]).endswith("member d3: wanted a .txt and an .ann file of that name, got only .txt")


LINE = st.sampled_from(ANN.split("\n")) | st.text(alphabet="T1ERA \t:;0349", max_size=20)


@given(st.lists(LINE, max_size=6))
@settings(max_examples=80, deadline=None)
def test_any_lines_give_documents_or_an_input_error(tmp_path_factory, lines):
    files = folder(tmp_path_factory.mktemp("brat"), d1_txt=TEXT, d1_ann="\n".join(lines))
    with contextlib.suppress(InputError):
        for doc in read_brat(files, name_of=lambda label: label or "x"):
            assert all(all(mention.texts_in(doc.text)) for frame in doc.frames for mention in frame.mentions())
