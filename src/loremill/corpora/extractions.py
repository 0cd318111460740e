# SPDX-License-Identifier: Apache-2.0
"""Reader of JSON lines as `wire` writes them, or with less: a text and its frames are enough.

A line needs ``text`` and ``frames``; of a mention ``start`` and ``end``. What extraction wrote is read as it is, but
for a row with an error, which is malformed here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from ..frames import Document, Frame
from ..wire import from_dict
from .lines import NameOf, OnError, json_record, member, read_json_lines, read_records

_REST: Mapping[str, Any] = {
    "rejected": [],
    "coverage": 1.0,
    "usage": {"prompt_tokens": 0, "completion_tokens": 0, "requests": 0},
    "error": None,
}


def read_extractions(path: Path, *, name_of: NameOf, on_error: OnError = "raise") -> Iterator[Document]:
    """The documents of a file, with the frames of its lines in their order and without scores.

    Args:
        name_of: of the names of types, and of roles as ``type.role``.
    """
    return read_records(
        path, read_json_lines(path), lambda line: _document(json_record(line), name_of), on_error=on_error
    )


def _document(record: Any, name_of: NameOf) -> Document:
    text = member(record, "text", str)
    frames = [_with_text(frame, text) for frame in member(record, "frames", list)]
    read = from_dict({"id": "", **_REST, **record, "frames": frames})
    if read.error is not None:
        raise ValueError(f"wanted a row that was read, got one with the error {read.error!r}")
    return Document(text, read.id, tuple(_named(frame, name_of) for frame in read.frames))


def _named(frame: Frame, name_of: NameOf) -> Frame:
    slots = tuple(replace(s, role=name_of(f"{frame.type}.{s.role}").partition(".")[2], score=None) for s in frame.slots)
    return replace(frame, type=name_of(frame.type), slots=slots, score=None)


def _with_text(frame: Any, text: str) -> Any:
    """The frame with the words of its mentions where it gives their places alone."""
    if not isinstance(frame, dict):
        return frame
    told = {key: _mention(value, text) for key, value in frame.items() if key == "filler"}
    if isinstance(frame.get("slots"), list):
        told["slots"] = [_mention(slot, text) for slot in frame["slots"]]
    return {**frame, **told}


def _mention(value: Any, text: str) -> Any:
    if not isinstance(value, dict) or "frame" in value:
        return value
    pieces = value.get("fragments") or [[value.get("start"), value.get("end")]]
    if not isinstance(pieces, list) or not all(map(_is_piece, pieces)):
        return value
    words = " ".join(text[start:end] for start, end in pieces)
    return {"start": pieces[0][0], "end": pieces[-1][1], "text": words, **value}


def _is_piece(piece: Any) -> bool:
    return isinstance(piece, list) and len(piece) == 2 and all(type(n) is int and n >= 0 for n in piece)
