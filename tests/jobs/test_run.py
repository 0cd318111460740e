# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
import tracemalloc
from pathlib import Path
from typing import Any

import pytest

from loremill.errors import InputError, StrictError
from loremill.jobs import OutputError, Row, extract_file, extract_rows, open_source, read_output
from loremill.wire import to_dict

from ..scripted import ScriptedExtractor

ROOT = Path(__file__).parents[2]


def _input(path: Path, count: int) -> Path:
    """Rows in turn: good, of another kind of fault, good; every tenth the model refuses."""
    lines = []
    for i in range(count):
        text = "bad" if i % 10 == 9 else f"Ada met Bob on day {i}."
        lines.append('{"text": ' if i % 7 == 5 else json.dumps({"id": f"r{i}", "text": text, "n": i}))
    path.write_text("\n".join(lines) + "\n")
    return path


def _lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_each_row_has_one_line_in_input_order(tmp_path: Path) -> None:
    source, output = _input(tmp_path / "in.jsonl", 40), tmp_path / "out.jsonl"
    summary = extract_file(ScriptedExtractor(), source, output)
    header, *rows = _lines(output)
    assert header == {"run": {"model": "scripted", "schema": "name", "input": "in.jsonl", "reading": "jsonl"}}
    assert [row["id"] for row in rows] == [str(i + 1) if i % 7 == 5 else f"r{i}" for i in range(40)]
    assert [row.get("n") for row in rows] == [None if i % 7 == 5 else i for i in range(40)]
    assert [row["error"] for row in rows if row["id"] == "r9"] == ["the model could not read it"]
    assert (summary.rows, summary.errors, summary.frames) == (40, 8, 64)


def test_fields_named_like_those_of_an_extraction_are_kept_apart(tmp_path: Path) -> None:
    source, output = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    source.write_text('{"id": 3, "text": "Ada", "frames": ["gold"], "input": 1, "run": 2}\n')
    extract_file(ScriptedExtractor(), source, output)
    row = _lines(output)[1]
    assert (row["id"], row["input"], row["run"]) == (3, {"frames": ["gold"], "input": 1}, 2)
    assert row["frames"][0]["filler"]["text"] == "Ada"


def test_read_output_gives_the_extractions_back(tmp_path: Path) -> None:
    source, output = _input(tmp_path / "in.jsonl", 12), tmp_path / "out.jsonl"
    extract_file(ScriptedExtractor(), source, output)
    assert [to_dict(e)["frames"] for e in read_output(output)] == [row["frames"] for row in _lines(output)[1:]]


@pytest.mark.parametrize("line", [b"not JSON", b"[1]", b"{}", b"\xff\xfe", b"[" * 100_000])
def test_line_that_is_no_result_is_named(tmp_path: Path, line: bytes) -> None:
    (tmp_path / "found.jsonl").write_bytes(b'{"run": {}}\n' + line + b"\n")
    with pytest.raises(InputError, match=r"^line 2 of '.*found.jsonl' is no JSON object"):
        list(read_output(tmp_path / "found.jsonl"))


def test_half_a_surrogate_pair_does_not_stop_a_run(tmp_path: Path) -> None:
    source, output = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    source.write_text('{"text": "\\ud800", "tag": "\\udfff"}\n{"text": "Zoë"}\n')
    extract_file(ScriptedExtractor(), source, output)
    assert [row["text"] for row in _lines(output)[1:]] == ["\ud800", "Zoë"]
    assert "Zoë" in output.read_text()


def test_many_bad_rows_in_a_row_keep_the_order(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("loremill.jobs.run.MAX_FAULTS_AHEAD", 3)
    rows = [Row(i, i, "Ada", error=None if i in (4, 20) else "fault") for i in range(30)]
    found = list(extract_rows(ScriptedExtractor(), iter(rows)))
    assert [row.id for row, _ in found] == list(range(30))
    assert [row.id for row, extraction in found if extraction.error is None] == [4, 20]


def test_a_run_reads_ahead_no_more_than_the_extractor() -> None:
    read = 0

    def rows() -> Any:
        nonlocal read
        for i in range(1_000):
            read += 1
            yield Row(i, i, "Ada", error="fault" if i % 2 else None)

    results = extract_rows(ScriptedExtractor(batch_size=4), rows())
    next(results)
    assert read <= 8


def test_memory_is_flat(tmp_path: Path) -> None:
    peaks = []
    for count in (1_000, 4_000):
        source = tmp_path / f"{count}.jsonl"
        source.write_text("".join(json.dumps({"text": "x" * 500}) + "\n" for _ in range(count)))
        tracemalloc.start()
        extract_file(ScriptedExtractor(), source, tmp_path / f"{count}.out")
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < peaks[0] + 200_000


def test_strict_raises_at_a_bad_row_and_keeps_those_before(tmp_path: Path) -> None:
    source, output = _input(tmp_path / "in.jsonl", 12), tmp_path / "out.jsonl"
    with pytest.raises(StrictError, match="line 6: broken JSON"):
        extract_file(ScriptedExtractor(batch_size=1), source, output, strict=True)
    assert len(_lines(output)) == 1 + 5


def test_an_existing_output_is_not_touched(tmp_path: Path) -> None:
    source, output = _input(tmp_path / "in.jsonl", 3), tmp_path / "out.jsonl"
    output.write_text("precious")
    with pytest.raises(OutputError, match="exists; add --resume to continue it or --overwrite to replace it"):
        extract_file(ScriptedExtractor(), source, output)
    assert output.read_text() == "precious"
    extract_file(ScriptedExtractor(), source, output, overwrite=True)
    assert len(_lines(output)) == 4


def test_an_output_that_is_the_input_is_refused(tmp_path: Path) -> None:
    source = _input(tmp_path / "in.jsonl", 3)
    with pytest.raises(InputError, match="is the input itself"):
        extract_file(ScriptedExtractor(), source, source, overwrite=True)
    assert len(source.read_text().splitlines()) == 3


def test_a_text_output_in_the_input_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("Ada")
    with pytest.raises(InputError, match="would be read as input"):
        extract_file(ScriptedExtractor(), tmp_path, tmp_path / "out.txt")


def test_an_output_in_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=r"cannot write .*No such file or directory$"):
        extract_file(ScriptedExtractor(), _input(tmp_path / "in.jsonl", 3), tmp_path / "no" / "out.jsonl")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_disk_is_one_line(tmp_path: Path) -> None:
    output = tmp_path / "out.jsonl"
    extract_file(ScriptedExtractor(), _input(tmp_path / "in.jsonl", 3), output)
    from loremill.jobs.outputs import Output

    with Output(output, {}, overwrite=True) as out, open("/dev/full", "wb", buffering=0) as full:
        out._file.close()
        out._file = full
        with pytest.raises(OutputError, match="No space left on device"):
            out._write(b"x")


@pytest.mark.parametrize("cut", [0, 1, 40, 200, 900, -1])
def test_a_run_cut_anywhere_is_continued(tmp_path: Path, cut: int) -> None:
    source, whole, output = _input(tmp_path / "in.jsonl", 20), tmp_path / "whole.jsonl", tmp_path / "out.jsonl"
    extract_file(ScriptedExtractor(), source, whole)
    output.write_bytes(whole.read_bytes()[:cut])
    summary = extract_file(ScriptedExtractor(), source, output, resume=True)
    assert output.read_bytes() == whole.read_bytes()
    assert summary.rows + summary.resumed == 20


def test_a_finished_run_is_left_as_it_is(tmp_path: Path) -> None:
    source, output = _input(tmp_path / "in.jsonl", 5), tmp_path / "out.jsonl"
    extract_file(ScriptedExtractor(), source, output)
    before = output.read_bytes()
    extractor = ScriptedExtractor()
    assert extract_file(extractor, source, output, resume=True).resumed == 5
    assert (output.read_bytes(), extractor.read) == (before, 0)


def test_resume_without_an_output_starts_one(tmp_path: Path) -> None:
    summary = extract_file(ScriptedExtractor(), _input(tmp_path / "in.jsonl", 5), tmp_path / "out.jsonl", resume=True)
    assert (summary.rows, summary.resumed) == (5, 0)


def test_resume_under_another_schema_is_refused_with_what_differs(tmp_path: Path) -> None:
    source, output = _input(tmp_path / "in.jsonl", 5), tmp_path / "out.jsonl"
    extract_file(ScriptedExtractor(), source, output)
    before = output.read_bytes()
    with pytest.raises(InputError, match=r"is of another run \(schema was name, is place\)"):
        extract_file(ScriptedExtractor(schema="place"), source, output, resume=True)
    assert output.read_bytes() == before


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda data: data.replace(b"day 1.", b"day X."), "does not begin with the 5 rows"),
        (lambda data: data[: data.index(b"\n") + 1], "has 5 rows, the input has only 1"),
    ],
)
def test_resume_on_a_changed_input_is_refused(tmp_path: Path, change: Any, message: str) -> None:
    source, output = _input(tmp_path / "in.jsonl", 5), tmp_path / "out.jsonl"
    extract_file(ScriptedExtractor(), source, output)
    source.write_bytes(change(source.read_bytes()))
    with pytest.raises(InputError, match=message):
        extract_file(ScriptedExtractor(), source, output, resume=True)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ("precious\n", "does not begin with a run's identity"),
        ("precious", "does not begin with a run's identity"),
        ('{"id": 1}\n', "does not begin with a run's identity"),
    ],
)
def test_a_file_of_another_kind_is_not_resumed(tmp_path: Path, data: str, message: str) -> None:
    output = tmp_path / "out.jsonl"
    output.write_text(data)
    with pytest.raises(InputError, match=message):
        extract_file(ScriptedExtractor(), _input(tmp_path / "in.jsonl", 5), output, resume=True)
    assert output.read_text() == data


def test_a_broken_line_inside_an_output_is_refused(tmp_path: Path) -> None:
    source, output = _input(tmp_path / "in.jsonl", 5), tmp_path / "out.jsonl"
    extract_file(ScriptedExtractor(), source, output)
    output.write_bytes(output.read_bytes().replace(b'{"id": "r1"', b'{"id: "r1"'))
    with pytest.raises(InputError, match=r"line 3 of .* is no result; cannot resume"):
        extract_file(ScriptedExtractor(), source, output, resume=True)


RUN = """
import sys
from loremill.jobs import extract_file
from tests.scripted import ScriptedExtractor
extract_file(ScriptedExtractor(delay_s=0.005), sys.argv[1], sys.argv[2], resume=True)
"""


def test_a_killed_run_is_continued_row_for_row(tmp_path: Path) -> None:
    source, whole, output = _input(tmp_path / "in.jsonl", 300), tmp_path / "whole.jsonl", tmp_path / "out.jsonl"
    extract_file(ScriptedExtractor(), source, whole)
    command = [sys.executable, "-c", RUN, str(source), str(output)]
    for rows in (50, 150):
        process = subprocess.Popen(command, cwd=ROOT)  # noqa: S603 - our own program
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline and not (output.exists() and output.read_bytes().count(b"\n") > rows):
            time.sleep(0.01)
        process.send_signal(signal.SIGKILL)
        assert process.wait() == -signal.SIGKILL
        assert rows < output.read_bytes().count(b"\n") < 301
    assert extract_file(ScriptedExtractor(), source, output, resume=True).resumed >= 150
    assert output.read_bytes() == whole.read_bytes()


def test_the_number_of_rows_is_counted_for_the_bar(tmp_path: Path) -> None:
    from loremill.jobs.run import _count

    path = tmp_path / "a.log"
    path.write_text("a\nb\nc")
    assert _count(open_source(path, lines=True)) == 3
