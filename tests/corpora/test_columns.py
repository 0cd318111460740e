# SPDX-License-Identifier: Apache-2.0
import contextlib
import logging
import lzma

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from seqeval.metrics.sequence_labeling import get_entities
from seqeval.scheme import IOB2, IOBES, Entities

from loremill.corpora.columns import read_columns
from loremill.corpora.lines import Fault
from loremill.corpora.tags import chunks, first_break
from loremill.errors import InputError

from .samples import readable


def name_of(label):
    return label.lower()


def texts(docs):
    return [[(type_, filler[0]) for type_, filler, _ in readable(doc)] for doc in docs]


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        (["B-PER", "I-PER", "O", "B-LOC"], [("per", "Ada Byron"), ("loc", "London")]),
        (["I-PER", "I-PER", "O", "I-LOC"], [("per", "Ada Byron"), ("loc", "London")]),
        (["I-PER", "B-PER", "O", "I-LOC"], [("per", "Ada"), ("per", "Byron"), ("loc", "London")]),
        (["B-PER", "E-PER", "O", "S-LOC"], [("per", "Ada Byron"), ("loc", "London")]),
        (["S-PER", "S-PER", "O", "U-LOC"], [("per", "Ada"), ("per", "Byron"), ("loc", "London")]),
        (["O", "O", "O", "O"], []),
    ],
    ids=["IOB2", "IOB1", "IOB1 touching", "BIOES", "BIOES touching", "none"],
)
def test_every_tag_scheme_is_read(tmp_path, tags, expected):
    path = tmp_path / "a.txt"
    path.write_text("".join(f"{w}\t{t}\n" for w, t in zip(["Ada", "Byron", "saw", "London"], tags, strict=True)))
    assert texts(read_columns(path, name_of=name_of)) == [expected]


@given(st.lists(st.sampled_from(["O", "B-A", "I-A", "B-B", "I-B"]), max_size=12))
@settings(max_examples=50, deadline=None)
def test_chunks_are_those_of_seqeval(tags):
    ours = list(chunks([(tag[0], tag[2:]) for tag in tags]))
    assert ours == [(label, start, end + 1) for label, start, end in get_entities(tags)]


@given(st.lists(st.sampled_from(["O", "B-A", "I-A", "E-A", "S-A", "I-B", "B-B", "E-B"]), max_size=7))
@settings(max_examples=150, deadline=None)
@pytest.mark.parametrize(("scheme", "oracle"), [("IOB2", IOB2), ("BIOES", IOBES)])
def test_a_scheme_allows_what_seqeval_reads_in_full(scheme, oracle, tags):
    """Strict seqeval drops malformed chunks: a sequence is well-formed if no tag but O is outside its entities."""
    try:
        entities = Entities([tags], oracle).entities[0]
        inside = {i for entity in entities for i in range(entity.start, entity.end)}
        is_whole = all((tag != "O") == (i in inside) for i, tag in enumerate(tags))
    except ValueError:  # a prefix that the scheme does not have
        is_whole = False
    assert (first_break([(tag[0], tag[2:]) for tag in tags], scheme) is None) == is_whole


@pytest.mark.parametrize(
    ("scheme", "tags", "line"),
    [
        ("IOB1", ["I-A", "B-A", "I-B", "I-A"], None),
        ("IOB1", ["I-A", "O", "B-A"], 3),
        ("IOB1", ["I-A", "B-B"], 2),
        ("IOB2", ["B-A", "I-A", "I-B"], 3),
        ("BILOU", ["B-A", "L-A", "U-A", "O", "B-A"], 5),
        ("BILOU", ["B-A", "U-A"], 2),
        ("BIOES", ["U-A"], 1),
    ],
)
def test_a_named_scheme_refuses_what_it_does_not_allow(tmp_path, scheme, tags, line):
    path = tmp_path / "a.txt"
    path.write_text("".join(f"w\t{tag}\n" for tag in tags))
    if line is None:
        assert len(list(read_columns(path, name_of=name_of, scheme=scheme))) == 1
    else:
        with pytest.raises(InputError, match=f"line {line}: wanted {scheme} tags, got '{tags[line - 1]}'"):
            list(read_columns(path, name_of=name_of, scheme=scheme))


def test_tokens_that_stick_to_the_next_one_are_attached(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("via\tO\n@\tB-PER\nada\tI-PER\n#\tO\nLima\tB-LOC\n@\tO\n")
    [doc] = read_columns(path, name_of=name_of, attach=("@", "#"))
    assert doc.text == "via @ada #Lima @"
    assert texts([doc]) == [[("per", "@ada"), ("loc", "Lima")]]


def test_empty_tokens_are_left_out_or_an_error(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("Rain\tO\n \tO\nfell\tO\n")
    assert [doc.text for doc in read_columns(path, name_of=name_of, separator="\t", drop_empty=True)] == ["Rain fell"]
    with pytest.raises(InputError, match="line 2: wanted a token with the tag 'O', got none"):
        list(read_columns(path, name_of=name_of, separator="\t"))
    path.write_text("Rain\tO\n \tB-PER\n")
    with pytest.raises(InputError, match="line 2: wanted a token with the tag 'B-PER', got none"):
        list(read_columns(path, name_of=name_of, separator="\t", drop_empty=True))


def test_documents_are_numbered_and_chosen(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("-DOCSTART-\tO\n\na\tO\n\nb\tO\n\n-DOCSTART-\tO\n\nc\tO\n")
    docs = list(read_columns(path, name_of=name_of))
    assert [(doc.text, doc.meta["document"]) for doc in docs] == [("a", "0"), ("b", "0"), ("c", "1")]
    assert [doc.text for doc in read_columns(path, name_of=name_of, wanted="1".__eq__)] == ["c"]


def test_faults_are_collected(tmp_path, caplog):
    path = tmp_path / "a.txt"
    path.write_text("Rain\tO\n\nsun\tO\nbad\n\nSnow\tO\n\nx\tY\n")
    faults: list[Fault] = []
    assert [doc.text for doc in read_columns(path, name_of=name_of, on_error=faults)] == ["Rain", "Snow"]
    assert [str(fault).removeprefix(str(tmp_path)) for fault in faults] == [
        "/a.txt, line 4: wanted a token and a tag, got 'bad'",
        "/a.txt, line 8: wanted a tag like O, B-label or I-label, got 'Y'",
    ]
    assert not caplog.records


def test_columns_in_any_order_and_docstart_are_read(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("-DOCSTART- -X- O\n\nB-LOC NN Ulm\nO VB sleeps\n\n\n-DOCSTART- -X- O\n\nO NN Rain\n")
    docs = list(read_columns(path, name_of=name_of, token=2, tag=0, separator=" "))
    assert [doc.text for doc in docs] == ["Ulm sleeps", "Rain"]
    assert texts(docs) == [[("loc", "Ulm")], []]


def test_xz_is_read_in_place(tmp_path):
    path = tmp_path / "a.txt.xz"
    path.write_bytes(lzma.compress("北京\tB-LOC\n是\tO\n😀\tB-X\n".encode()))
    assert texts(read_columns(path, name_of=name_of)) == [[("loc", "北京"), ("x", "😀")]]


@pytest.mark.parametrize("bad", ["alone", "word\tX-PER", "word\tB-", "word\tBPER", "word\tIS-PER"])
def test_malformed_line_is_named(tmp_path, bad):
    path = tmp_path / "a.txt"
    path.write_text(f"Rain\tO\n\nsun\tO\n{bad}\n")
    with pytest.raises(InputError, match=r"a\.txt, line 4: wanted a t"):
        list(read_columns(path, name_of=name_of))


def test_skipping_leaves_out_the_sentence_and_logs_the_count(tmp_path, caplog):
    path = tmp_path / "a.txt"
    path.write_text("Rain\tO\n\nsun\tO\nbad\n\nSnow\tO\n")
    with caplog.at_level(logging.WARNING):
        docs = list(read_columns(path, name_of=name_of, on_error="skip"))
    assert [doc.text for doc in docs] == ["Rain", "Snow"]
    assert "skipped 1 of 3 records" in caplog.text
    assert "line 4" in caplog.text


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.txt", b"Rain\tO\n\xff\tO\n", "wanted UTF-8"),
        ("a.txt.xz", b"no xz", "cannot read"),
        ("missing.txt", None, "cannot read .*No such file"),
    ],
)
def test_unreadable_file_is_an_input_error(tmp_path, name, content, message):
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(InputError, match=message):
        list(read_columns(path, name_of=name_of))


@given(st.text(alphabet=st.characters(exclude_categories=("Cs",)), max_size=60))
@settings(max_examples=60, deadline=None)
def test_any_text_gives_documents_or_an_input_error(tmp_path_factory, content):
    path = tmp_path_factory.mktemp("columns") / "a.txt"
    path.write_bytes(content.encode())
    with contextlib.suppress(InputError):
        assert all(doc.text for doc in read_columns(path, name_of=name_of))
