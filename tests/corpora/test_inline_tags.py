# SPDX-License-Identifier: Apache-2.0
import contextlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loremill.corpora.inline_tags import read_inline_tags
from loremill.corpora.lines import Fault
from loremill.errors import InputError

from .samples import readable

TAGS = ("dis", "neg", "scp")


def read(folder, content, **options):
    (folder / "d1.txt").write_bytes(content if isinstance(content, bytes) else content.encode())
    return list(read_inline_tags(folder, name_of=str.upper, tags=TAGS, **options))


def test_nested_tags_are_read_line_by_line(tmp_path):
    docs = read(tmp_path, "Título\n\n Was <scp><neg>without</neg> <dis>démence 😀</dis></scp>, p<.05 & <b>.\n")
    assert [doc.text for doc in docs] == ["Título", "Was without démence 😀, p<.05 & <b>."]
    assert readable(docs[1]) == [
        ("NEG", ("without",), ()),
        ("SCP", ("without démence 😀",), ()),
        ("DIS", ("démence 😀",), ()),
    ]
    assert [doc.meta["document"] for doc in docs] == ["d1", "d1"]


def test_blanks_inside_a_tag_are_no_part_of_the_mention(tmp_path):
    [doc] = read(tmp_path, "<dis> deaf </dis>people")
    assert (doc.text, readable(doc)) == ("deaf people", [("DIS", ("deaf",), ())])


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("a </dis>", "wanted a tag <dis> before its end"),
        ("<scp>a <dis>b</scp></dis>", "wanted a tag <scp> before its end"),
        ("a <dis>b", "wanted the end of <dis> on its line"),
        ("a <dis> </dis>", "wanted text at 2:3"),
        (b"a \xff", "wanted UTF-8 text"),
    ],
)
def test_malformed_line_is_named(tmp_path, line, message):
    content = b"fine\n" + (line if isinstance(line, bytes) else line.encode())
    with pytest.raises(InputError, match=f"member d1.txt, line 2: {message}"):
        read(tmp_path, content)
    faults: list[Fault] = []
    assert [doc.text for doc in read(tmp_path, content, on_error=faults)] == ["fine"]
    assert [fault.where for fault in faults] == ["member d1.txt, line 2"]


@given(st.lists(st.sampled_from(["<dis>", "</dis>", "<neg>", "</neg>", "<", ">", " ", "a", "é", "\n"]), max_size=12))
@settings(max_examples=100, deadline=None)
def test_any_tags_give_mentions_without_blanks_around_them(tmp_path_factory, parts):
    with contextlib.suppress(InputError):
        for doc in read(tmp_path_factory.mktemp("tags"), "".join(parts) + "\nx"):
            for frame in doc.frames:
                assert all(text and text == text.strip() for text in frame.filler.texts_in(doc.text))
