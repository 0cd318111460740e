# SPDX-License-Identifier: Apache-2.0
"""What the items of one document are made with, and the steps that all kinds of items share."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace

from ..corpora import Source
from ..formats import Format
from ..formats.drafts import to_drafts
from ..formats.instructions import Task
from ..frames import Frame
from ..models.codec import Codec
from ..prompt import Prompt
from ..schema.types import FrameType, Schema
from .augmentation import augment, wording
from .config import Augmentation

Pair = tuple[Prompt, str]
"""A prompt and the completion wanted."""


@dataclass(frozen=True, slots=True)
class Maker:
    """What one document's items depend on beside it; ``rng`` is the document's own.

    Args:
        negatives: types of other data sets of the source's family.
    """

    source: Source
    codec: Codec
    format: Format
    negatives: Sequence[FrameType]
    settings: Augmentation
    rng: random.Random

    def variant(self, frames: Sequence[Frame], *, drops: bool = True) -> tuple[Schema, tuple[Frame, ...]]:
        """A variant of the source's schema to ask for, and the frames that answer it; see `augment`.

        Args:
            drops: whether types may be left out.
        """
        return augment(
            self.source.schema,
            frames,
            aliases=self.source.aliases,
            negatives=self.negatives,
            rng=self.rng,
            settings=self.settings if drops else replace(self.settings, drop=0.0, parts=0.0),
            broader=self.source.broader,
        )

    def answer(self, frames: Sequence[Frame], text: str, asked: Schema) -> str:
        """The completion wanted of a text's frames.

        Raises:
            FormatError: they cannot be written.
        """
        return self.format.write(to_drafts(frames, self.codec.view(text), asked), asked, self.codec.writing)

    def wording(self, task: Task) -> str:
        """What a task is asked with."""
        return wording(task, self.settings, self.rng)
