# SPDX-License-Identifier: Apache-2.0
"""Items of one capability each: what warming trains on, and what keeps capabilities apart after it (UC-UIE)."""

from __future__ import annotations

from collections.abc import Sequence

from ..errors import FormatError
from ..formats.subtasks import Subtask, subtask_prompt, subtasks_of
from ..frames import Document, Frame
from .making import Maker, Pair


def subtask_pairs(doc: Document, frames: Sequence[Frame], maker: Maker) -> list[Pair | None]:
    """The sub-tasks of a document under one variant of its source's schema, in the order J, L, A; see `subtasks_of`.

    A prompt's ``task`` is the capability. None stands for one whose answer cannot be written.

    Args:
        frames: of the document, in canonical order, those of the source's schema.
    """
    asked, answer = maker.variant(frames)
    return [_pair(subtask, doc, maker) for subtask in subtasks_of(answer, asked)]


def _pair(subtask: Subtask, doc: Document, maker: Maker) -> Pair | None:
    words = maker.wording(subtask.capability)
    try:
        answer = maker.answer(subtask.frames, doc.text, subtask.schema)
        return subtask_prompt(subtask, doc.text, maker.format, maker.codec.writing, wording=words), answer
    except FormatError:
        return None
