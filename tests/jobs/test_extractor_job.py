# SPDX-License-Identifier: Apache-2.0
"""The extractor itself, with a scripted model, over files."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from loremill.errors import InputError, ModelError
from loremill.extractor import Extractor
from loremill.jobs import extract_file, read_output
from loremill.prompt import Prompt
from loremill.windows import Window

from ..scripted import ScriptedModel


def _names(prompt: Prompt) -> str:
    if "unreadable" in prompt.text:
        raise ModelError("out of memory")
    return "; ".join(f"person: {name}" for name in re.findall(r"\b[A-Z]\w+", prompt.text)) or "None"


def test_a_file_goes_through_the_extractor_row_by_row(tmp_path: Path) -> None:
    source, output = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    rows = [{"text": f"we met Ada{i} and Bob{i} 👋 here", "n": i} for i in range(20)]
    rows[3]["text"] = "unreadable"
    source.write_text("{\n" + "".join(json.dumps(row) + "\n" for row in rows))
    summary = extract_file(Extractor(ScriptedModel(_names), "person"), source, output)
    assert (summary.rows, summary.errors, summary.frames) == (21, 2, 38)
    found = list(read_output(output))
    assert [(e.id, e.error) for e in found if e.error] == [
        ("1", "line 1: broken JSON, Expecting property name enclosed in double quotes at column 2"),
        ("5", "out of memory"),
    ]
    for i, extraction in enumerate(found[1:]):
        if extraction.error is None:
            texts = [frame.filler.texts_in(extraction.text) for frame in extraction.frames if frame.filler]
            assert texts == [(f"Ada{i}",), (f"Bob{i}",)]
            assert extraction.coverage == 1.0


def test_a_run_cut_short_is_continued_under_the_same_settings_only(tmp_path: Path) -> None:
    source, output = tmp_path / "in.log", tmp_path / "out.jsonl"
    source.write_text("".join(f"we met Ada{i}\n" for i in range(12)))
    extract_file(Extractor(ScriptedModel(_names), "person"), tmp_path / "in.log", output, lines=True)
    whole = output.read_bytes()
    output.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(InputError, match=r"is of another run \(schema was [0-9a-f]{64}, is [0-9a-f]{64}\)"):
        extract_file(Extractor(ScriptedModel(_names), "place"), source, output, lines=True, resume=True)
    extract_file(Extractor(ScriptedModel(_names), "person"), source, output, lines=True, resume=True)
    assert output.read_bytes() == whole


def test_a_run_over_big_documents_is_continued(tmp_path: Path) -> None:
    source, output = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    texts = ["".join(f"we met Ada{i} on day {i} of {n}. " for i in range(1_500)) for n in range(4)]
    source.write_text("".join(json.dumps({"text": text}) + "\n" for text in texts))
    extractor = Extractor(ScriptedModel(_names), "person", window=Window(3, 1))
    extract_file(extractor, source, output)
    whole = output.read_bytes()
    rows = whole.splitlines(keepends=True)
    for kept in (rows[0] + rows[1] + rows[2][:-100_000], b"".join(rows[:4])):  # killed inside a row, and between two
        output.write_bytes(kept)
        summary = extract_file(extractor, source, output, resume=True)
        assert (summary.resumed, summary.rows) == (kept.count(b"\n") - 1, 5 - kept.count(b"\n"))
        assert output.read_bytes() == whole
    assert [len(extraction.frames) for extraction in read_output(output)] == [1_500] * 4
