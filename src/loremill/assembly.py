# SPDX-License-Identifier: Apache-2.0
"""One document's result, put together from the completions of its windows."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar

from .errors import LoremillError
from .extraction import Extraction
from .formats.grounding import Grounded
from .frames import Document, Draft, Frame, FrameRef, Reject, canonical, renumber
from .prompt import Completion, Model, Request, Usage
from .text import Mention
from .windows import covered

_Ask = TypeVar("_Ask")


def scored(frame: Frame, draft: Draft, completion: Completion) -> Frame:
    """The frame with scores: its own over the whole item, a slot's over role, span and closing delimiter."""
    slots = tuple(
        replace(slot, score=completion.score(*written.range))
        for slot, written in zip(frame.slots, draft.slots, strict=True)
    )
    return replace(frame, slots=slots, score=completion.score(*draft.range))


@dataclass(slots=True)
class Assembly:
    """What is known of a document so far; windows overlap, so a frame may be found twice."""

    doc: Document
    frames: list[Frame] = field(default_factory=list)
    rejects: list[Reject] = field(default_factory=list)
    shown: list[tuple[int, int]] = field(default_factory=list)
    usage: Usage = field(default_factory=Usage)
    notes: list[str] = field(default_factory=list)
    error: str | None = None
    is_asked: bool = False  # all of its requests are out
    waiting: int = 0  # requests without a completion yet
    known: dict[int, set[Mention]] = field(default_factory=dict)
    place: dict[Hashable, int] = field(default_factory=dict)  # of each frame in ``frames``

    def add(self, grounded: Grounded, completion: Completion, *, window: int, start: int, family: str) -> None:
        """Take the frames of a window that starts at character ``start`` of the document."""
        pairs = zip(grounded.frames, grounded.drafts, strict=True)
        found = [scored(frame, draft, completion) for frame, draft in pairs]
        self.known.setdefault(window, set()).update(m for frame in found for m in frame.mentions())
        self._merge([frame.shift(start) for frame in found])
        self.rejects += [replace(reject, window=window, family=family) for reject in grounded.rejects]

    def _merge(self, found: Sequence[Frame]) -> None:
        """Append frames; one that another window gave already keeps the higher score."""
        new_index: dict[int, int] = {}
        better: list[int] = []
        for i, frame in enumerate(found):
            key = _identity(frame, found)
            place = self.place.setdefault(key, len(self.frames))
            new_index[i] = place
            if place == len(self.frames):
                self.frames.append(frame)
                better.append(i)
            elif (frame.score or 0.0) > (self.frames[place].score or 0.0):
                better.append(i)
        for i in better:  # once every frame has its place, for references point forwards too
            self.frames[new_index[i]] = renumber(found[i], new_index)

    def result(self, *, min_score: float) -> Extraction:
        """The extraction: frames by place, those below ``min_score`` on the ledger."""
        if self.error is not None:
            return replace(
                Extraction.failed(self.doc.id, self.doc.text, self.error), usage=self.usage, notes=tuple(self.notes)
            )
        low = {i for i, f in enumerate(self.frames) if f.score is not None and f.score < min_score}
        rejects = self.rejects + [Reject(describe(self.frames[i], self.doc.text), "low score") for i in sorted(low)]
        frames = canonical(without(self.frames, low))
        return Extraction(
            id=self.doc.id,
            text=self.doc.text,
            frames=frames,
            rejected=tuple(rejects),
            coverage=covered(self.doc.text, self.shown),
            usage=self.usage,
            notes=tuple(dict.fromkeys(self.notes)),
        )


def without(frames: Sequence[Frame], dropped: set[int]) -> list[Frame]:
    """Frames that are not dropped; slots that pointed at a dropped one point at its filler."""
    kept = [i for i in range(len(frames)) if i not in dropped]
    new_index = {old: new for new, old in enumerate(kept)}
    result = []
    for i in kept:
        slots = []
        for slot in frames[i].slots:
            target = slot.filler.index if isinstance(slot.filler, FrameRef) else None
            filler = frames[target].filler if target in dropped and target is not None else slot.filler
            slots.append(replace(slot, filler=filler or slot.filler))
        result.append(renumber(replace(frames[i], slots=tuple(slots)), new_index))
    return result


def _identity(frame: Frame, frames: Sequence[Frame]) -> Hashable:
    """What makes two frames the same in any list: a reference counts as the type and filler it points at."""
    slots = []
    for slot in frame.slots:
        target = frames[slot.filler.index] if isinstance(slot.filler, FrameRef) else None
        slots.append((slot.role, slot.filler if target is None else (target.type, target.filler)))
    return (frame.type, frame.filler, frozenset(Counter(slots).items()), frozenset(frame.attributes))


def describe(frame: Frame, text: str) -> str:
    """A frame on one line: ``type: filler, role: filler``."""

    def words(mention: Mention) -> str:
        return " ".join(mention.texts_in(text))

    parts = [words(frame.filler)] if frame.filler is not None else []
    parts += [f"{s.role}: {words(s.filler)}" for s in frame.slots if isinstance(s.filler, Mention)]
    return f"{frame.type}: {', '.join(parts)}" if parts else frame.type


def assembled(
    model: Model,
    assemblies: Iterable[Assembly],
    requests_of: Callable[[Assembly], Iterator[tuple[_Ask, Request]]],
    take: Callable[[Assembly, _Ask, Completion], None],
) -> Iterator[Assembly]:
    """Assemblies with all their completions taken, in order, at flat memory.

    The model reads requests ahead as it likes; only documents under way are held. An error while a
    document is asked about is that document's, as is one of a completion.

    Args:
        requests_of: the requests of a document, each with what ``take`` needs to know again.
        take: what to do with a completion that is no error.
    """
    pending: deque[Assembly] = deque()
    asked: deque[tuple[Assembly, _Ask]] = deque()

    def requests() -> Iterator[Request]:
        for assembly in assemblies:
            pending.append(assembly)
            try:
                for ask, request in requests_of(assembly):
                    assembly.waiting += 1
                    asked.append((assembly, ask))
                    yield request
            except LoremillError as error:
                assembly.error = assembly.error or str(error)
            assembly.is_asked = True

    def finished() -> Iterator[Assembly]:
        while pending and pending[0].is_asked and not pending[0].waiting:
            yield pending.popleft()

    for completion in model.complete(requests()):
        assembly, ask = asked.popleft()
        assembly.usage += completion.usage
        assembly.notes += completion.notes
        if completion.error is None:
            take(assembly, ask, completion)
        else:
            assembly.error = assembly.error or completion.error
        assembly.waiting -= 1
        yield from finished()
    yield from finished()
