# SPDX-License-Identifier: Apache-2.0
"""Extractions as JSON.

One object per extraction::

    {"id": "7", "text": "Ada met Bob.",
     "frames": [{"type": "person", "score": 0.98, "filler": {"start": 0, "end": 3, "text": "Ada"},
                 "slots": [], "attributes": {}},
                {"type": "meeting", "score": 0.9, "filler": {"start": 4, "end": 7, "text": "met"},
                 "slots": [{"role": "who", "score": 0.9, "start": 0, "end": 3, "text": "Ada"},
                           {"role": "visitor", "score": null, "frame": 0}], "attributes": {}}],
     "rejected": [{"item": "person: Eve", "reason": "ungrounded", "window": 0, "family": "entities",
                   "draft": {"type": "person", "filler": ["Eve"], "slots": [], "attributes": {}}}],
     "coverage": 1.0, "usage": {"prompt_tokens": 40, "completion_tokens": 12, "requests": 2}, "error": null}

A mention has ``fragments`` when it is discontinuous (its ``text`` is then theirs, joined by blanks) and
``match`` when it was not found as written. A reject has ``family`` and ``draft`` (each filler as the list of its
fragments, a slot as its role followed by them) when they are known, and ``role`` when only that slot of the draft
was refused. ``notes`` is there when there are any, ``unread`` (``[[40, 90]]``, the characters that no window
showed) when coverage is below 1. Other keys beside these are fields of the input row and are passed over on reading.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from .errors import InputError
from .extraction import Extraction
from .frames import Draft, DraftSlot, Frame, FrameRef, Piece, Reason, Reject, Slot
from .prompt import Usage
from .text import Match, Mention, Span, whole_characters

MAX_TEXT = 10_000_000
"""Longest string accepted, in characters."""
MAX_ITEMS = 1_000_000
"""Most entries accepted in any one list."""

FIELDS = ("id", "text", "frames", "rejected", "coverage", "usage", "error", "notes", "unread")
"""The keys of an extraction's object."""
_FREE = frozenset({"id", "text", "error"})  # of a row that could not be used they may hold half a surrogate pair


def to_dict(extraction: Extraction) -> dict[str, Any]:
    """The extraction as JSON values."""
    data: dict[str, Any] = {
        "id": extraction.id,
        "text": extraction.text,
        "frames": [_frame(frame, extraction.text) for frame in extraction.frames],
        "rejected": [_reject(reject) for reject in extraction.rejected],
        "coverage": extraction.coverage,
        "usage": {
            "prompt_tokens": extraction.usage.prompt_tokens,
            "completion_tokens": extraction.usage.completion_tokens,
            "requests": extraction.usage.requests,
        },
        "error": extraction.error,
    }
    if extraction.notes:
        data["notes"] = list(extraction.notes)
    if extraction.unread:
        data["unread"] = [[span.start, span.end] for span in extraction.unread]
    return data


def from_dict(data: Mapping[str, Any]) -> Extraction:
    """The extraction that `to_dict` wrote, checked.

    Raises:
        InputError: a field is missing, of the wrong type, or at odds with the text; its path is named.
    """
    cleaned = {k: whole_characters(v) if k in _FREE and isinstance(v, str) else v for k, v in data.items()}
    try:
        wire = _Extraction.model_validate(cleaned)
    except ValidationError as error:
        raise InputError(_first_fault(error)) from error
    frames = []
    for index, frame in enumerate(wire.frames):
        try:
            frames.append(frame.value(wire.text))
        except ValueError as error:
            raise InputError(f"extraction: frames.{index}: {error}") from error
    try:
        return Extraction(
            id=str(wire.id),
            text=wire.text,
            frames=tuple(frames),
            rejected=tuple(reject.value() for reject in wire.rejected),
            coverage=wire.coverage,
            usage=Usage(wire.usage.prompt_tokens, wire.usage.completion_tokens, wire.usage.requests),
            error=wire.error,
            notes=tuple(wire.notes),
            unread=tuple(Span(start, end) for start, end in wire.unread),
        )
    except ValueError as error:
        raise InputError(f"extraction: {error}") from error


def _frame(frame: Frame, text: str) -> dict[str, Any]:
    return {
        "type": frame.type,
        "score": frame.score,
        "filler": None if frame.filler is None else _mention(frame.filler, text),
        "slots": [{"role": s.role, "score": s.score, **_filler(s.filler, text)} for s in frame.slots],
        "attributes": dict(frame.attributes),
    }


def _filler(filler: Mention | FrameRef, text: str) -> dict[str, Any]:
    return {"frame": filler.index} if isinstance(filler, FrameRef) else _mention(filler, text)


def _mention(mention: Mention, text: str) -> dict[str, Any]:
    data: dict[str, Any] = {"start": mention.start, "end": mention.end, "text": " ".join(mention.texts_in(text))}
    if len(mention.fragments) > 1:
        data["fragments"] = [[span.start, span.end] for span in mention.fragments]
    if mention.match != "exact":
        data["match"] = mention.match
    return data


def _reject(reject: Reject) -> dict[str, Any]:
    data: dict[str, Any] = {"item": reject.item, "reason": reject.reason, "window": reject.window}
    if reject.family:
        data["family"] = reject.family
    if reject.draft is not None:
        filler = reject.draft.filler
        data["draft"] = {
            "type": reject.draft.type,
            "filler": None if filler is None else list(filler.fragments),
            "slots": [[slot.role, *slot.piece.fragments] for slot in reject.draft.slots],
            "attributes": dict(reject.draft.attributes),
        }
    if reject.role:
        data["role"] = reject.role
    return data


_Text = Annotated[str, Field(max_length=MAX_TEXT)]
_Name = Annotated[str, Field(min_length=1, max_length=10_000)]
_Score = Annotated[float | None, Field(ge=0, le=1, allow_inf_nan=False)]
_Count = Annotated[int, Field(ge=0, le=2**63 - 1)]
_Fragment = Annotated[list[_Count], Field(min_length=2, max_length=2)]


class _Strict(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid")


class _Mention(_Strict):
    start: _Count
    end: _Count
    text: _Text
    fragments: Annotated[list[_Fragment], Field(min_length=2, max_length=MAX_ITEMS)] | None = None
    match: Match = "exact"

    def value(self, text: str) -> Mention:
        pairs = self.fragments or [[self.start, self.end]]
        mention = Mention(tuple(Span(start, end) for start, end in pairs), self.match)
        if (mention.start, mention.end) != (self.start, self.end):
            raise ValueError(f"mention {self.start}:{self.end} has fragments from {mention.start} to {mention.end}")
        if (there := " ".join(mention.texts_in(text))) != self.text:
            raise ValueError(f"mention {self.start}:{self.end} says {self.text[:60]!r}, the text has {there[:60]!r}")
        return mention


class _Slot(_Strict):
    role: _Name
    score: _Score = None
    start: _Count | None = None
    end: _Count | None = None
    text: _Text | None = None
    fragments: Annotated[list[_Fragment], Field(min_length=2, max_length=MAX_ITEMS)] | None = None
    match: Match | None = None
    frame: _Count | None = None

    @model_validator(mode="after")
    def _one_filler(self) -> _Slot:
        place = (self.start, self.end, self.text)
        has_mention = None not in place
        if has_mention == (self.frame is not None) or (not has_mention and place != (None, None, None)):
            raise ValueError("slot needs either start, end and text, or frame")
        return self

    def value(self, text: str) -> Slot:
        if self.frame is not None:
            return Slot(self.role, FrameRef(self.frame), self.score)
        mention = _Mention.model_construct(
            start=self.start, end=self.end, text=self.text, fragments=self.fragments, match=self.match or "exact"
        )
        return Slot(self.role, mention.value(text), self.score)


class _Frame(_Strict):
    type: _Name
    score: _Score = None
    filler: _Mention | None = None
    slots: Annotated[list[_Slot], Field(max_length=MAX_ITEMS)] = []
    attributes: Annotated[dict[_Name, _Text], Field(max_length=MAX_ITEMS)] = {}

    def value(self, text: str) -> Frame:
        return Frame(
            type=self.type,
            filler=None if self.filler is None else self.filler.value(text),
            slots=tuple(slot.value(text) for slot in self.slots),
            attributes=tuple(self.attributes.items()),
            score=self.score,
        )


class _Draft(_Strict):
    type: _Name
    filler: Annotated[list[_Text], Field(min_length=1, max_length=MAX_ITEMS)] | None = None
    slots: Annotated[list[Annotated[list[_Text], Field(min_length=2)]], Field(max_length=MAX_ITEMS)] = []
    attributes: Annotated[dict[_Name, _Text], Field(max_length=MAX_ITEMS)] = {}

    def value(self) -> Draft:
        slots = tuple(DraftSlot(role, Piece(tuple(fragments))) for role, *fragments in self.slots)
        filler = None if self.filler is None else Piece(tuple(self.filler))
        return Draft(self.type, filler, slots, tuple(self.attributes.items()))


class _Reject(_Strict):
    item: _Text
    reason: Reason
    window: _Count
    family: _Text = ""
    draft: _Draft | None = None
    role: _Text = ""

    def value(self) -> Reject:
        draft = None if self.draft is None else self.draft.value()
        return Reject(self.item, self.reason, self.window, family=self.family, draft=draft, role=self.role)


class _Usage(_Strict):
    prompt_tokens: _Count
    completion_tokens: _Count
    requests: _Count


class _Extraction(BaseModel):
    model_config = ConfigDict(strict=True, extra="ignore")

    id: str | int
    text: _Text
    frames: Annotated[list[_Frame], Field(max_length=MAX_ITEMS)]
    rejected: Annotated[list[_Reject], Field(max_length=MAX_ITEMS)]
    coverage: Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
    usage: _Usage
    error: _Text | None
    notes: Annotated[list[_Text], Field(max_length=MAX_ITEMS)] = []
    unread: Annotated[list[_Fragment], Field(max_length=MAX_ITEMS)] = []


def _first_fault(error: ValidationError) -> str:
    """One line: the first fault's path, what was wanted and what was given, and how many more there are."""
    faults = error.errors(include_url=False)
    first = faults[0]
    path = ".".join(str(part) for part in first["loc"]) or "object"
    wanted = first["msg"].removeprefix("Value error, ").removeprefix("Input ")
    given = "" if first["type"] == "missing" else f", got {_short(first['input'])}"
    more = f" ({len(faults) - 1} more)" if len(faults) > 1 else ""
    return f"extraction: {path}: {wanted[:1].lower()}{wanted[1:]}{given}{more}"


def _short(value: object) -> str:
    if isinstance(value, dict | list):
        return f"{type(value).__name__} of {len(value)}"
    shown = ascii(value) if isinstance(value, str | int | float | bool | None) else type(value).__name__
    return shown if len(shown) <= 60 else shown[:57] + "..."
