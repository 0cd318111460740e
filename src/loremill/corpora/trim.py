# SPDX-License-Identifier: Apache-2.0
"""Blanks around an annotated piece of text are no part of the mention."""

from __future__ import annotations


def trim(text: str, start: int, end: int) -> tuple[int, int]:
    """The place of ``text[start:end]`` without the blanks around it.

    Raises:
        ValueError: nothing else is there.
    """
    inner = text[start:end]
    if not inner.strip():
        raise ValueError(f"wanted text at {start}:{end}, got {inner!r}")
    return start + len(inner) - len(inner.lstrip()), end - len(inner) + len(inner.rstrip())
