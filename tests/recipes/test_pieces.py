# SPDX-License-Identifier: Apache-2.0
"""Pieces are small, make the same files again, and nothing else comes out of them."""

from __future__ import annotations

import importlib.util
import json
import random
from pathlib import Path

import pytest

RECIPE = Path(__file__).parents[2] / "recipes" / "pieces.py"
spec = importlib.util.spec_from_file_location("pieces", RECIPE)
assert spec is not None
assert spec.loader is not None
pieces = importlib.util.module_from_spec(spec)
spec.loader.exec_module(pieces)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "checkpoint"
    (made / "deep").mkdir(parents=True)
    (made / "model.safetensors").write_bytes(random.Random(0).randbytes(2_500))
    (made / "deep" / "state.json").write_text("{}")
    (made / "empty").write_bytes(b"")
    return made


@pytest.fixture
def cut(folder: Path, tmp_path: Path) -> Path:
    pieces.cut(folder, tmp_path / "pieces", size=1_000)
    return tmp_path / "pieces"


def files(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def test_pieces_make_the_same_files(folder, cut, tmp_path):
    sizes = [p.stat().st_size for p in sorted(cut.glob("*.piece"))]
    assert sorted(sizes) == [2, 500, 1_000, 1_000]
    pieces.join(cut, tmp_path / "again")
    assert files(tmp_path / "again") == files(folder)


def test_a_changed_or_missing_piece_leaves_nothing(cut, tmp_path):
    last = sorted(cut.glob("*.piece"))[-1]
    last.write_bytes(last.read_bytes()[:-1] + b"?")
    with pytest.raises(SystemExit, match="cannot be joined: the pieces of"):
        pieces.join(cut, tmp_path / "again")
    last.unlink()
    with pytest.raises(SystemExit, match="cannot be joined"):
        pieces.join(cut, tmp_path / "again")
    assert not (tmp_path / "again").exists()


@pytest.mark.parametrize("name", ["../out", "/out", "", "a/../../out"])
def test_files_outside_the_folder_are_refused(cut, tmp_path, name):
    told = json.loads((cut / "pieces.json").read_text())
    told["files"][0]["name"] = name
    (cut / "pieces.json").write_text(json.dumps(told))
    with pytest.raises(SystemExit, match="is no name of a file"):
        pieces.join(cut, tmp_path / "again")


def test_pieces_outside_their_folder_are_refused(cut, tmp_path):
    told = json.loads((cut / "pieces.json").read_text())
    told["files"][0]["pieces"] = ["../checkpoint/model.safetensors"]
    (cut / "pieces.json").write_text(json.dumps(told))
    with pytest.raises(SystemExit, match="is no name of a piece"):
        pieces.join(cut, tmp_path / "again")


def test_nothing_is_overwritten(folder, cut):
    with pytest.raises(SystemExit, match="is there already"):
        pieces.cut(folder, cut)
    with pytest.raises(SystemExit, match="is there already"):
        pieces.join(cut, folder)
    with pytest.raises(SystemExit, match="needs a folder"):
        pieces.cut(folder / "none", cut)
