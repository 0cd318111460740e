# SPDX-License-Identifier: Apache-2.0
"""How frames are written for a model and read back: one file per format, named in one table."""

from collections.abc import Mapping
from types import MappingProxyType

from . import code, enumeration, frames, json, listing, typing
from .format import Format

FORMATS: Mapping[str, Format] = MappingProxyType(
    {
        "listing": listing,
        "enumeration": enumeration,
        "frames": frames,
        "code": code,
        "json": json,
        "typing": typing,
    }
)
"""Formats by name."""

__all__ = ["FORMATS", "Format"]
