# SPDX-License-Identifier: Apache-2.0
"""Questions about given mentions: each goes to the first window of its document that holds them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from ..assembly import Assembly
from ..errors import InputError
from ..extractor import Extractor
from ..prompt import Prompt, Request
from ..schema import Schema
from ..text import Mention, TextView
from ..windows import Window, windows

Held = tuple[int, tuple[int, int], list[int]]
"""A window: its number, its place ``start, end``, and which of the given stretches it is the first to hold."""


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked about a frame: its number in the document, the mentions that are given of it, the schema of the
    answer, and the prompt without a text."""

    frame: int
    mentions: tuple[Mention, ...]
    part: Schema
    prompt: Prompt

    @property
    def extent(self) -> tuple[int, int]:
        """From the first character of its mentions to behind the last."""
        return min(m.start for m in self.mentions), max(m.end for m in self.mentions)


@dataclass(frozen=True, slots=True)
class Ask:
    """A question under way, and the window it is asked about."""

    question: Question
    view: TextView
    window: int
    start: int


def ask(extractor: Extractor, assembly: Assembly, questions: Sequence[Question]) -> Iterator[tuple[Ask, Request]]:
    """The requests for questions about one document, in the order of its windows.

    The document is cut once, into windows that the longest of the prompts has room for.

    Raises:
        InputError: the mentions of a question lie in no window.
    """
    if not questions:
        return
    text = assembly.doc.text
    longest = max((question.prompt for question in questions), key=extractor.model.count_tokens)

    def fits(piece: str) -> bool:
        return extractor.asker.has_room(replace(longest, text=piece))

    for number, (start, end), held in first_windows(text, [q.extent for q in questions], extractor.window, fits):
        assembly.show(start, end)
        view = extractor.model.view(text[start:end])
        for question in (questions[i] for i in held):
            prompt = replace(question.prompt, text=text[start:end])
            request, notes = extractor.asker.request(prompt, question.part, view)
            for note in notes:
                assembly.notes.add(note, window=number)
            yield Ask(question, view, number, start), request


def first_windows(
    text: str, stretches: Sequence[tuple[int, int]], settings: Window, fits: Callable[[str], bool]
) -> list[Held]:
    """The windows that are the first to hold some of the stretches ``start, end``, in order.

    The text is cut no further than to the last of them.

    Raises:
        InputError: a stretch lies in no window.
    """
    ahead = sorted(range(len(stretches)), key=lambda i: stretches[i], reverse=True)
    waiting: list[int] = []  # they begin in a window that did not hold all of them
    found: list[Held] = []
    for number, (start, end) in enumerate(windows(text, settings, fits)):
        while ahead and stretches[ahead[-1]][0] < end:
            waiting.append(ahead.pop())
        for i in waiting:
            if stretches[i][0] < start:
                raise _in_no_window(stretches[i])
        held = sorted(i for i in waiting if stretches[i][1] <= end)
        if held:
            found.append((number, (start, end), held))
            waiting = [i for i in waiting if stretches[i][1] > end]
        if not ahead and not waiting:
            return found
    for i in (*waiting, *ahead):
        raise _in_no_window(stretches[i])
    return found


def _in_no_window(stretch: tuple[int, int]) -> InputError:
    return InputError(f"what is given at {stretch[0]}:{stretch[1]} lies in no window: use wider ones")
