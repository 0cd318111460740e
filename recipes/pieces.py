# SPDX-License-Identifier: Apache-2.0
"""A folder (a checkpoint, a model) as pieces below 16 MB, for ways that carry no larger file, and back.

    python recipes/pieces.py cut runs/nano_full/train/checkpoints/step-00000400 pieces
    python recipes/pieces.py join pieces runs/nano_full/train/checkpoints/step-00000400

``pieces/pieces.json`` tells each file's size and SHA-256; `join` writes nothing unless all pieces are there and whole.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path, PurePosixPath
from typing import Annotated, Any

import typer

SIZE = 15_000_000
"""Bytes of a piece."""
TOLD = "pieces.json"
BLOCK = 1 << 20
app = typer.Typer(add_completion=False)


@app.command()
def cut(
    folder: Annotated[Path, typer.Argument(help="what to cut")],
    output: Annotated[Path, typer.Argument(help="new folder for the pieces")],
    size: Annotated[int, typer.Option(min=1, help="bytes of a piece at most")] = SIZE,
) -> None:
    """Write the files of a folder as numbered pieces."""
    if not folder.is_dir():
        raise SystemExit(f"cut needs a folder, got {str(folder)!r}")
    if output.exists():
        raise SystemExit(f"{str(output)!r} is there already: choose another folder or remove it")
    output.mkdir(parents=True)
    files: list[dict[str, Any]] = []
    number = 0
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        names, digest = [], hashlib.sha256()
        with open(path, "rb") as file:
            while data := file.read(size):
                digest.update(data)
                names.append(f"{number:05}.piece")
                (output / names[-1]).write_bytes(data)
                number += 1
        about = {"name": path.relative_to(folder).as_posix(), "bytes": path.stat().st_size}
        files.append({**about, "sha256": digest.hexdigest(), "pieces": names})
    (output / TOLD).write_text(json.dumps({"files": files}, indent=2) + "\n", encoding="utf-8")
    typer.echo(f"{output}: {number} pieces of {len(files)} files")


@app.command()
def join(
    pieces: Annotated[Path, typer.Argument(help="folder of the pieces")],
    folder: Annotated[Path, typer.Argument(help="new folder for the files")],
) -> None:
    """Put pieces together again."""
    if folder.exists():
        raise SystemExit(f"{str(folder)!r} is there already: choose another folder or remove it")
    try:
        files = json.loads((pieces / TOLD).read_text(encoding="utf-8"))["files"]
        wanted = [
            (_inside(f["name"]), int(f["bytes"]), str(f["sha256"]), [_piece(p) for p in f["pieces"]]) for f in files
        ]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise SystemExit(f"join needs a folder with a whole {TOLD}, got {str(pieces)!r}: {error}") from error
    part = folder.with_name(f".{folder.name}")
    shutil.rmtree(part, ignore_errors=True)
    try:
        for name, size, sha256, names in wanted:
            _join(part / name, [pieces / p for p in names], size, sha256)
    except (OSError, ValueError) as error:
        shutil.rmtree(part, ignore_errors=True)
        raise SystemExit(f"{str(pieces)!r} cannot be joined: {error}") from error
    part.mkdir(parents=True, exist_ok=True)
    part.replace(folder)
    typer.echo(f"{folder}: {len(wanted)} files")


def _join(path: Path, pieces: list[Path], size: int, sha256: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    digest = hashlib.sha256()
    with open(path, "wb") as file:
        for piece in pieces:
            with open(piece, "rb") as source:
                while data := source.read(BLOCK):
                    digest.update(data)
                    file.write(data)
    if path.stat().st_size != size or digest.hexdigest() != sha256:
        raise ValueError(f"the pieces of {path.name} are not those that were cut")


def _inside(name: str) -> PurePosixPath:
    """A file's name below the folder; anything else is refused."""
    path = PurePosixPath(name)
    if not path.parts or path.is_absolute() or ".." in path.parts:
        raise ValueError(f"{name!r} is no name of a file in the folder")
    return path


def _piece(name: str) -> str:
    if not (name.endswith(".piece") and name[:-6].isdigit()):
        raise ValueError(f"{name!r} is no name of a piece")
    return name


if __name__ == "__main__":
    app()
