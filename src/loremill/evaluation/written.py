# SPDX-License-Identifier: Apache-2.0
"""What a model wrote, as strings: what scorers compare that know no offsets.

A frame gives the strings of the text where it stands, a rejected item those it was read with. Frames come before
rejected items, and in the order of the text; the order in which the model wrote them is not kept.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from ..frames import Document, Draft, Frame, FrameRef, Reject
from ..schema import Schema
from ..text import Mention
from .items import FAMILY, Part, Prediction, family_of

Strings = tuple[str, ...]
"""The strings of a mention's fragments."""


@dataclass(frozen=True, slots=True)
class Written:
    """A frame as strings. ``type`` may be none of the schema's; a filler that was not written is None."""

    type: str
    filler: Strings | None
    slots: tuple[tuple[str, Strings], ...] = ()
    attributes: tuple[tuple[str, str], ...] = ()

    @property
    def strings(self) -> Iterator[Strings]:
        """The filler and the slots' fillers."""
        if self.filler is not None:
            yield self.filler
        yield from (strings for _, strings in self.slots)


def gold_of(doc: Document, schema: Schema, part: Part) -> list[Written]:
    """The gold frames of the part's family."""
    return _of_frames(doc.frames, doc.text, schema, part)


def written(prediction: Prediction, schema: Schema, part: Part) -> list[Written]:
    """What was predicted, rejected items that could be read included.

    A refused slot stands with the frame it was written for, or, where that is not known (given triggers), alone
    without a filler.
    """
    found = _of_frames(prediction.frames, prediction.gold.text, schema, part)
    for reject in rejects_of(prediction, schema, part):
        if reject.draft is None:
            continue
        draft = _of_draft(reject.draft)
        if not reject.role:
            found.append(draft)
        elif (at := _index_of(found, draft)) is not None:
            found[at] = replace(found[at], slots=found[at].slots + draft.slots)
        else:
            found.append(replace(draft, filler=None))
    return found


def unread(prediction: Prediction, schema: Schema, part: Part) -> list[str]:
    """The rejected items that could not be read, as the model wrote them."""
    return [reject.item for reject in rejects_of(prediction, schema, part) if reject.draft is None]


def rejects_of(prediction: Prediction, schema: Schema, part: Part) -> list[Reject]:
    """The rejected items of the part's family, without those below the user's own least score."""
    if isinstance(prediction.rejected, Mapping):
        names = {part, FAMILY[part]}
        return [Reject("", "unparsable") for name, n in prediction.rejected.items() if name in names for _ in range(n)]
    names = {FAMILY[part], part}
    return [r for r in prediction.rejected if r.reason != "low score" and family_of(r, schema) in names]


def joined(strings: Iterable[str]) -> str:
    """The fragments of a mention as one string."""
    return " ".join(strings)


def _of_frames(frames: Sequence[Frame], text: str, schema: Schema, part: Part) -> list[Written]:
    types = {t.name for t in schema if t.family == FAMILY[part]}

    def strings(filler: Mention | FrameRef) -> Strings:
        mention = frames[filler.index].filler if isinstance(filler, FrameRef) else filler
        return () if mention is None else mention.texts_in(text)

    return [
        Written(
            frame.type,
            None if frame.filler is None else strings(frame.filler),
            tuple((slot.role, strings(slot.filler)) for slot in frame.slots),
            tuple(sorted(frame.attributes)),
        )
        for frame in frames
        if frame.type in types
    ]


def _of_draft(draft: Draft) -> Written:
    return Written(
        draft.type,
        None if draft.filler is None else draft.filler.fragments,
        tuple((slot.role, slot.piece.fragments) for slot in draft.slots),
        tuple(sorted(draft.attributes)),
    )


def _index_of(found: Sequence[Written], draft: Written) -> int | None:
    """The first frame of the draft's type and filler."""
    if draft.filler is None or not any(draft.filler):
        return None
    wanted = (draft.type, joined(draft.filler).lower())
    keys = ((w.type, joined(w.filler).lower()) if w.filler is not None else None for w in found)
    return next((i for i, key in enumerate(keys) if key == wanted), None)
