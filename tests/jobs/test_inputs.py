# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import io
import json
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from loremill.errors import InputError
from loremill.jobs import Row, open_source, text_source
from loremill.jobs.rows import read_lines


def _rows(path: Path, data: bytes | str, **options: object) -> list[Row]:
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return list(open_source(path, **options).rows)  # type: ignore[arg-type]


def _stdin(monkeypatch: pytest.MonkeyPatch, data: bytes) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))


def test_a_string_is_one_row() -> None:
    assert list(text_source("Ada.").rows) == [Row(0, "", "Ada.")]


def test_a_text_file_is_one_row_called_by_its_name(tmp_path: Path) -> None:
    assert _rows(tmp_path / "a.txt", "\ufeffOne.\nTwo.\n") == [Row(0, "a.txt", "One.\nTwo.\n")]


def test_lines_makes_each_line_a_row_and_a_blank_one_an_error(tmp_path: Path) -> None:
    assert _rows(tmp_path / "a.log", "One.\r\n\nThr\u2028ee.", lines=True) == [
        Row(0, "1", "One."),
        Row(1, "2", "", error="line 2: empty text; some words are wanted"),
        Row(2, "3", "Thr\u2028ee."),
    ]


def test_a_folder_is_its_text_files_sorted(tmp_path: Path) -> None:
    for name, data in {
        "b/2.txt": b"Two",
        "a.md": b"One",
        "b/3.TXT": b"\xff",
        ".hidden.txt": b"x",
        "c.pdf": b"x",
    }.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(data)
    source = open_source(tmp_path)
    assert (source.total, source.passed_over) == (3, 1)
    error = "b/3.TXT: UTF-8 is wanted, byte 0xff at offset 0 is not; convert the input to UTF-8"
    assert list(source.rows) == [
        Row(0, "a.md", "One"),
        Row(1, "b/2.txt", "Two"),
        Row(2, "b/3.TXT", "", error=error),
    ]


def test_standard_input_is_one_row(monkeypatch: pytest.MonkeyPatch) -> None:
    _stdin(monkeypatch, "Zoë.\n".encode())
    assert list(open_source("-").rows) == [Row(0, "-", "Zoë.\n")]


def test_standard_input_by_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    _stdin(monkeypatch, b"One\nTwo\n")
    assert [row.text for row in open_source("-", lines=True).rows] == ["One", "Two"]


def test_json_lines_keep_id_and_other_fields(tmp_path: Path) -> None:
    lines = '{"id": 7, "text": "One", "author": {"name": "x"}}\n{"text": "Two", "id": "b"}\n{"text": "Three"}\n'
    assert _rows(tmp_path / "a.jsonl", lines) == [
        Row(0, 7, "One", {"author": {"name": "x"}}),
        Row(1, "b", "Two"),
        Row(2, "3", "Three"),
    ]


@pytest.mark.parametrize(
    ("line", "error"),
    [
        (b'{"text": "a" "b"}', "line 2: broken JSON, Expecting ',' delimiter at column 14"),
        (b"[1]", "line 2: an object with 'text' is wanted, got a list"),
        (b'{"body": "a"}', "line 2: a field 'text' is wanted, got the fields 'body'"),
        (b'{"text": 3}', "line 2: 'text' needs to be a string, got a number"),
        (b'{"text": " "}', "line 2: empty text; some words are wanted"),
        (b'{"text": "a", "n": NaN}', "line 2: broken JSON, NaN is no JSON value"),
        (b'{"text": "a", "id": [1]}', "line 2: 'id' needs to be a string or a whole number, got a list"),
        (rb'{"text": "a\ud800"}', "line 2: Unicode text is wanted, character 1 is half a surrogate pair (U+D800)"),
        (b'{"text": "\xe9"}', "line 2: UTF-8 is wanted, byte 0xe9 at offset 26 is not; convert the input to UTF-8"),
        (b"", "line 2: broken JSON, Expecting value at column 1"),
        (b"[" * 200_000, "line 2: broken JSON"),
    ],
)
def test_a_bad_line_is_one_row_with_an_error(tmp_path: Path, line: bytes, error: str) -> None:
    rows = _rows(tmp_path / "a.jsonl", b'{"text": "One"}\n' + line + b'\n{"text": "Three"}\n')
    assert [row.text for row in rows if row.error is None] == ["One", "Three"]
    assert str(rows[1].error).startswith(error)
    assert "\n" not in str(rows[1].error)


def test_fields_of_a_row_without_text_are_kept(tmp_path: Path) -> None:
    (row,) = _rows(tmp_path / "a.jsonl", '{"id": "x", "body": "a", "text": null}')
    assert (row.id, row.extra) == ("x", {"body": "a", "text": None})


def test_a_line_of_ten_megabytes_is_one_row_with_an_error(tmp_path: Path) -> None:
    rows = _rows(tmp_path / "a.jsonl", b'{"text": "One"}\n{"text": "' + b"a" * 10_000_000 + b'"}\n{"text": "Three"}')
    assert [row.text for row in rows] == ["One", "", "Three"]
    assert rows[1].error == "line 2: a line shorter than 10,000,000 bytes is wanted, got 10,000,013; split it"


def test_a_table_gives_its_text_column_and_keeps_the_others(tmp_path: Path) -> None:
    data = 'id,body,stars\nx,"One, ""1""\nline",5\n\n,Two,4\n'
    assert _rows(tmp_path / "a.csv", data, text_column="body") == [
        Row(0, "x", 'One, "1"\nline', {"stars": "5"}),
        Row(1, "5", "Two", {"stars": "4"}),
    ]


def test_a_table_may_have_tabs_and_a_column_called_text(tmp_path: Path) -> None:
    assert _rows(tmp_path / "a.tsv", "\ufefftext\tn\nOne, two\t1\n") == [Row(0, "2", "One, two", {"n": "1"})]


@pytest.mark.parametrize(
    ("record", "error"),
    [
        (b"b,2,3", "line 3: 2 fields are wanted, got 3"),
        (b'"b"c,2', "line 3: broken record, ',' expected after '\"'"),
        (b"\xff,2", "line 3: UTF-8 is wanted, byte 0xff at offset 11 is not; convert the input to UTF-8"),
        (b" ,2", "line 3: empty text; some words are wanted"),
        (b"x" * 200 + b",2", "line 3: a line shorter than 100 bytes is wanted, got 203; split it"),
    ],
)
def test_a_bad_record_is_one_row_with_an_error(tmp_path: Path, record: bytes, error: str) -> None:
    rows = _rows(tmp_path / "a.csv", b"text,n\na,1\n" + record + b"\nc,3\n", max_bytes=100)
    assert [row.text.strip() for row in rows] == ["a", "", "c"]
    assert rows[1].error == error


def test_a_quote_never_closed_is_an_error(tmp_path: Path) -> None:
    rows = _rows(tmp_path / "a.csv", 'text\nOne\n"Two\nThree\n')
    assert [row.error for row in rows] == [None, "line 3: broken record, unexpected end of data"]


@pytest.mark.parametrize(
    ("name", "data", "options", "message"),
    [
        ("a.txt", None, {}, "no file or folder"),
        ("a.txt", b"", {}, "is empty"),
        ("a.txt", b" \n", {}, "a.txt: empty text"),
        ("a.txt", b"abc\xff", {}, "a.txt: UTF-8 is wanted, byte 0xff at offset 3 is not"),
        ("a.txt", "abc".encode("utf-16"), {}, "is UTF-16; convert it to UTF-8"),
        ("a.txt", b"x" * 10_000_000, {}, "a document shorter than 10,000,000 bytes is wanted"),
        ("a.pdf", b"x", {}, "ending in .txt, .md, .jsonl, .csv, .tsv is wanted"),
        ("a.csv", b"id,body\n1,a\n", {}, "no column 'text' in a.csv; --text-column needs one of: id, body"),
        ("a.csv", b"id,body\n1,a\n", {"text_column": "Body"}, "no column 'Body' in a.csv"),
        ("a.csv", b"text,text\n1,a\n", {}, "a.csv has 'text' twice"),
        ("a.csv", b"text\n", {}, "a.csv has none"),
        ("a.csv", b"\xfftext\n", {}, "cannot read the header of a.csv: line 1: UTF-8 is wanted"),
        ("a.txt", b"x", {"text_column": "body"}, "--text-column is for .csv and .tsv files"),
        ("a.jsonl", b"{}", {"lines": True}, "a.jsonl has rows of its own"),
    ],
)
def test_a_bad_file_is_refused_at_once(
    tmp_path: Path, name: str, data: bytes | None, options: dict[str, object], message: str
) -> None:
    path = tmp_path / name
    if data is not None:
        path.write_bytes(data)
    with pytest.raises(InputError) as caught:
        open_source(path, **options)  # type: ignore[arg-type]
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_an_empty_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"a folder with .txt or .md files is wanted"):
        open_source(tmp_path)


def test_an_empty_string_is_refused() -> None:
    with pytest.raises(InputError, match="empty text; some words are wanted"):
        text_source("  ")


def test_rows_are_read_when_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(b'{"text": "x"}\n' * 50_000)
    rows = open_source(path).rows
    next(rows)
    with path.open("ab") as file:
        file.write(b'{"text": "last"}\n')
    assert [row.text for row in rows][-1] == "last"


@given(st.lists(st.binary(max_size=12).filter(lambda line: b"\n" not in line and not line.endswith(b"\r"))))
def test_read_lines_numbers_and_places_every_line(lines: list[bytes]) -> None:
    data = b"".join(line + b"\n" for line in lines)
    found = list(read_lines(io.BytesIO(data), max_bytes=8))
    assert [line.number for line in found] == list(range(1, len(lines) + 1))
    assert [data[line.offset : line.offset + line.size_bytes] for line in found] == [line + b"\n" for line in lines]
    assert all(line.data in (b"", lines[i]) for i, line in enumerate(found))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    st.lists(
        st.binary(max_size=20) | st.dictionaries(st.text(max_size=4), st.text()).map(lambda d: json.dumps(d).encode())
    )
)
def test_every_line_of_any_file_gives_one_row(tmp_path: Path, lines: list[bytes]) -> None:
    data = b"{}\n" + b"".join(line.replace(b"\n", b" ") + b"\n" for line in lines)
    rows = _rows(tmp_path / "a.jsonl", data)
    assert [row.index for row in rows] == list(range(len(lines) + 1))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.binary())
def test_any_table_is_read_or_refused(tmp_path: Path, data: bytes) -> None:
    try:
        rows = _rows(tmp_path / "a.csv", b"text,n\n" + data)
    except InputError:
        return
    assert all(row.error is not None or row.text for row in rows)
