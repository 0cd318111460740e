# SPDX-License-Identifier: Apache-2.0
"""What a page holds of each extraction, as JSON that is safe inside a ``<script>`` element.

One document::

    {"id": "7", "text": "Ada met Bob.", "coverage": 1.0,
     "frames": [{"type": "meeting", "score": 0.9, "at": [[4, 7]],
                 "slots": [{"role": "who", "score": 0.8, "at": [[0, 3]]}]}]}

``at`` are the fragments of a mention, in code points. What is empty or absent has no key.
"""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

from ..extraction import Extraction
from ..frames import Frame, FrameRef
from ..text import Mention

_ESCAPES = {ord(c): f"\\u{ord(c):04x}" for c in "<>&\u2028\u2029"}


def document(extraction: Extraction) -> dict[str, Any]:
    """The extraction as the page's script reads it; rejects that are alike are counted."""
    rejects = Counter((r.reason, r.item) for r in extraction.rejected)
    data: dict[str, Any] = {
        "id": extraction.id,
        "text": extraction.text,
        "coverage": extraction.coverage,
        "frames": [_frame(frame) for frame in extraction.frames],
        "rejected": [{"reason": reason, "item": item, "count": count} for (reason, item), count in rejects.items()],
        "unread": [[span.start, span.end] for span in extraction.unread],
        "notes": list(extraction.notes),
        "error": extraction.error,
    }
    return {name: value for name, value in data.items() if name in ("id", "text", "coverage") or value}


def script_json(data: Any) -> str:
    """JSON in which no character can end a script element or begin a comment; half surrogate pairs are escaped."""
    text = json.dumps(data, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    if any("\ud800" <= c <= "\udfff" for c in text):
        text = json.dumps(data, allow_nan=False, separators=(",", ":"))
    return text.translate(_ESCAPES)


def _frame(frame: Frame) -> dict[str, Any]:
    data: dict[str, Any] = {"type": frame.type, "score": _rounded(frame.score)}
    if frame.filler is not None:
        data |= _mention(frame.filler)
    if frame.slots:
        data["slots"] = [{"role": s.role, "score": _rounded(s.score), **_filler(s.filler)} for s in frame.slots]
    if frame.attributes:
        data["attributes"] = dict(frame.attributes)
    return data


def _filler(filler: Mention | FrameRef) -> dict[str, Any]:
    return {"frame": filler.index} if isinstance(filler, FrameRef) else _mention(filler)


def _mention(mention: Mention) -> dict[str, Any]:
    data: dict[str, Any] = {"at": [[span.start, span.end] for span in mention.fragments]}
    return data if mention.match == "exact" else data | {"match": mention.match}


def _rounded(score: float | None) -> float | None:
    return None if score is None else round(score, 4)
