# SPDX-License-Identifier: Apache-2.0
"""Items of one capability each: what warming trains on, and what keeps capabilities apart after it (UC-UIE)."""

from __future__ import annotations

import random
from collections.abc import Sequence

from ..corpora import Source
from ..errors import FormatError
from ..formats import Format
from ..formats.drafts import to_drafts
from ..formats.subtasks import Subtask, subtask_prompt, subtasks_of
from ..frames import Document, Frame
from ..models.codec import Codec
from ..schema.types import FrameType
from .augmentation import augment, wording
from .config import Augmentation
from .given_pairs import Pair


def subtask_pairs(
    doc: Document,
    frames: Sequence[Frame],
    source: Source,
    codec: Codec,
    format: Format,
    negatives: Sequence[FrameType],
    settings: Augmentation,
    rng: random.Random,
) -> list[Pair | None]:
    """The sub-tasks of a document under one variant of its source's schema, in the order J, L, A; see `subtasks_of`.

    A prompt's ``task`` is the capability. None stands for one whose answer cannot be written.

    Args:
        frames: of the document, in canonical order, those of the source's schema.
    """
    asked, answer = augment(
        source.schema, frames, aliases=source.aliases, negatives=negatives, rng=rng, settings=settings
    )
    return [_pair(subtask, doc, codec, format, settings, rng) for subtask in subtasks_of(answer, asked)]


def _pair(
    subtask: Subtask, doc: Document, codec: Codec, format: Format, settings: Augmentation, rng: random.Random
) -> Pair | None:
    words = wording(subtask.capability, settings, rng)
    try:
        answer = format.write(
            to_drafts(subtask.frames, codec.view(doc.text), subtask.schema), subtask.schema, codec.writing
        )
        return subtask_prompt(subtask, doc.text, format, codec.writing, wording=words), answer
    except FormatError:
        return None
