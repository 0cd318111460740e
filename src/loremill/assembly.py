# SPDX-License-Identifier: Apache-2.0
"""One document's result, put together from the completions of its windows."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol, TypeVar

from .errors import LoremillError
from .extraction import Extraction, unread
from .formats.grounding import Grounded
from .frames import Document, Draft, Frame, FrameRef, Reject, canonical, renumber
from .overlaps import FoundFrames
from .prompt import Completion, Model, Request, Usage
from .schema import Schema
from .text import Mention
from .windows import covered

MAX_NOTES = 100
"""Different notes on one document; further ones are only counted."""


class Ask(Protocol):
    """A request under way."""

    @property
    def window(self) -> int:
        """The number of the window of the document that it is about."""
        ...


_Ask = TypeVar("_Ask", bound=Ask)


def scored(frame: Frame, draft: Draft, completion: Completion) -> Frame:
    """The frame with scores: its own over the whole item, a slot's over role, span and closing delimiter."""
    slots = tuple(
        replace(slot, score=completion.score(*written.range))
        for slot, written in zip(frame.slots, draft.slots, strict=True)
    )
    return replace(frame, slots=slots, score=completion.score(*draft.range))


@dataclass(slots=True)
class Notes:
    """Remarks on how one document was read: each told once, with the number of windows it is about.

    Notes about windows that are alike up to the first colon are the same note; what follows there (a
    length, a label) is told of the first.
    """

    _first: dict[str, str] = field(default_factory=dict)
    _windows: dict[str, list[int]] = field(default_factory=dict)  # how many, and the last
    _more: int = 0

    def add(self, note: str, *, window: int | None = None) -> None:
        """Take a note, on the whole document or on a window; windows come in order."""
        kind = note if window is None else note.partition(": ")[0]
        if kind not in self._first and len(self._first) == MAX_NOTES:
            self._more += 1
            return
        self._first.setdefault(kind, note)
        if window is not None:
            count = self._windows.setdefault(kind, [0, -1])
            if count[1] != window:
                count[:] = [count[0] + 1, window]

    def told(self) -> tuple[str, ...]:
        """The notes in the order in which they were first made."""
        notes = []
        for kind, note in self._first.items():
            number = self._windows.get(kind, [0])[0]
            notes.append(f"{number:,} windows {note}" if number > 1 else note)
        return (*notes, f"{self._more:,} more notes of other kinds") if self._more else tuple(notes)


@dataclass(slots=True)
class Assembly:
    """What is known of a document so far.

    Windows and their answers come in order. Beside what will be in the result nothing is held of windows that are
    done: a book takes little more memory than its frames.
    """

    doc: Document
    found: FoundFrames = field(default_factory=FoundFrames)
    rejects: list[Reject] = field(default_factory=list)
    shown: list[tuple[int, int]] = field(default_factory=list)
    usage: Usage = field(default_factory=Usage)
    notes: Notes = field(default_factory=Notes)
    error: str | None = None
    is_asked: bool = False  # all of its requests are out
    waiting: int = 0  # requests without a completion yet
    known: dict[int, set[Mention]] = field(default_factory=dict)  # of the window that is being answered

    def show(self, start: int, end: int) -> None:
        """Account for the characters of a window; windows that touch but for blanks are held as one piece."""
        if self.shown:
            first, last = self.shown[-1]
            if first <= start and (start <= last or self.doc.text[last:start].isspace()):
                self.shown[-1] = (first, max(last, end))
                return
        self.shown.append((start, end))

    def add(self, grounded: Grounded, completion: Completion, *, window: int, start: int, family: str) -> None:
        """Take the frames of a window that starts at character ``start`` of the document."""
        pairs = zip(grounded.frames, grounded.drafts, strict=True)
        found = [scored(frame, draft, completion) for frame, draft in pairs]
        self.add_frames(found, window=window, start=start, family=family)
        self.rejects += [replace(reject, window=window, family=family) for reject in grounded.rejects]

    def add_frames(self, found: Sequence[Frame], *, window: int, start: int, family: str) -> None:
        """Take frames as they are, in the offsets of a window that starts at character ``start``."""
        if window not in self.known:
            self.known = {window: set()}
            self.found.forget(start)
        self.known[window].update(m for frame in found for m in frame.mentions())
        self.found.add([frame.shift(start) for frame in found], window=window, are_events=family == "events")

    def result(self, schema: Schema, *, min_score: float = 0.0) -> Extraction:
        """The extraction: frames of ``schema`` by place, those below ``min_score`` on the ledger."""
        if self.error is not None:
            failed = Extraction.failed(self.doc.id, self.doc.text, self.error)
            return replace(failed, usage=self.usage, notes=self.notes.told())
        found = self.found.merged()
        low = {i for i, f in enumerate(found) if f.score is not None and f.score < min_score}
        families = {t.name: t.family for t in schema}
        refused = [
            Reject(describe(found[i], self.doc.text), "low score", family=families.get(found[i].type, ""))
            for i in sorted(low)
        ]
        return Extraction(
            id=self.doc.id,
            text=self.doc.text,
            frames=canonical(without(found, low)),
            rejected=(*self.rejects, *refused),
            coverage=covered(self.doc.text, self.shown),
            usage=self.usage,
            notes=self.notes.told(),
            unread=unread(self.doc.text, self.shown),
        )


def without(frames: Sequence[Frame], dropped: set[int]) -> list[Frame]:
    """Frames that are not dropped; slots that pointed at a dropped one point at its filler."""
    if not dropped:
        return list(frames)
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
        for note in completion.notes:
            assembly.notes.add(note, window=ask.window)
        if completion.error is None:
            take(assembly, ask, completion)
        else:
            assembly.error = assembly.error or completion.error
        assembly.waiting -= 1
        yield from finished()
    yield from finished()


def assembly_of(doc: object, number: str) -> Assembly:
    """What a document's result will be put together in; with an error if there is nothing to read."""
    if not isinstance(doc, str | Document):
        return Assembly(
            Document("", number), error=f"document needs to be a str or a Document, got {type(doc).__name__}"
        )
    assembly = Assembly(doc if isinstance(doc, Document) else Document(doc, number))
    if not assembly.doc.text.strip():
        assembly.error = "text is empty: a document needs at least one word"
    try:
        assembly.doc.text.encode()
    except UnicodeEncodeError as error:
        assembly.error = f"text needs to be Unicode, character {error.start} is half a surrogate pair"
    return assembly
