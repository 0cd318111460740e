# SPDX-License-Identifier: Apache-2.0
"""Frames in readable form, for comparisons."""

from loremill.frames import Document


def readable(doc: Document) -> list[tuple]:
    """(type, filler's texts, ((role, texts), ...)) of each frame."""
    return [
        (
            frame.type,
            frame.filler and frame.filler.texts_in(doc.text),
            tuple((slot.role, slot.filler.texts_in(doc.text)) for slot in frame.slots),
        )
        for frame in doc.frames
    ]
