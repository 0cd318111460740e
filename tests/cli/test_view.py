# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import json
from pathlib import Path

import pytest

from loremill.cli import main
from loremill.wire import to_dict

from ..reports.samples import Page, samples


def run(*args: object) -> int:
    with pytest.raises(SystemExit) as caught:
        main(["view", *map(str, args)])
    return int(caught.value.code or 0)


@pytest.fixture
def results(tmp_path: Path) -> Path:
    path = tmp_path / "found.jsonl"
    rows = [{"run": {"model": "nano", "schema": "x"}}, *map(to_dict, samples())]
    path.write_text("".join(f"{json.dumps(row)}\n" for row in rows), "utf-8")
    return path


def test_a_page_is_written_and_counted(results: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    path = tmp_path / "page.html"
    assert run(results, "-o", path) == 0
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("8 documents, 14 frames, 4 items not used, 1 with errors in 0.")
    page = Page(path.read_text("utf-8"))
    assert len(page.data("data-documents")) == 8
    assert page.data("data-about") == {
        "title": "found.jsonl",
        "run": {"model": "nano", "schema": "x"},
        "left_out": None,
    }


def test_quiet_says_nothing(results: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    assert run(results, "-o", tmp_path / "page.html", "--quiet") == 0
    assert capsys.readouterr() == ("", "")


def test_the_limit_is_told_in_one_line(results: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    assert run(results, "-o", tmp_path / "page.html", "--max-documents", 3) == 0
    told = capsys.readouterr().err.splitlines()
    assert told[0].startswith("3 documents")
    assert told[1:] == ["loremill: further documents are left out: a page of at most 3 documents was asked for"]


def test_an_existing_page_needs_overwrite(results: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    path = tmp_path / "page.html"
    assert run(results, "-o", path, "-q") == 0
    assert run(results, "-o", path, "-q") == 2
    assert "exists; add --overwrite to replace it" in capsys.readouterr().err
    assert run(results, "-o", path, "-q", "--overwrite") == 0


def test_the_results_are_not_replaced_by_their_page(results: Path, capsys: pytest.CaptureFixture[str]):
    before = results.read_bytes()
    assert run(results, "-o", results, "--overwrite") == 2
    assert "needs a file of its own" in capsys.readouterr().err
    assert results.read_bytes() == before


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('{"id": "1", "text": "Ada"}', "extraction: frames: field required"),
        ('{"text": 5}', "extraction: id: field required"),
        ("not json", "is no JSON object"),
        ("[" * 5000, "is no JSON object"),
    ],
)
def test_a_row_of_another_tool_is_told_with_its_line(
    results: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], line: str, said: str
):
    with results.open("a") as file:
        file.write(f"{line}\n")
    assert run(results, "-o", tmp_path / "page.html") == 2
    err = capsys.readouterr().err
    assert err.startswith(f"loremill: line 10 of '{results}'")
    assert said in err
    assert err.count("\n") == 1
    assert not (tmp_path / "page.html").exists()


@pytest.mark.parametrize(("text", "said"), [(None, "cannot read"), ("", "needs at least one document")])
def test_a_file_of_nothing_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str | None, said: str):
    if text is not None:
        (tmp_path / "x.jsonl").write_text(text)
    assert run(tmp_path / "x.jsonl", "-o", tmp_path / "page.html") == 2
    assert said in capsys.readouterr().err
