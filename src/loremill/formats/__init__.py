# SPDX-License-Identifier: Apache-2.0
"""How frames are written for a model and read back: one file per format, named in one table."""

from . import code, enumeration, frames, json, listing, prose, typing
from .format import Format
from .table import FormatTable

FORMATS = FormatTable(
    {
        "listing": listing,
        "enumeration": enumeration,
        "frames": frames,
        "code": code,
        "json": json,
        "prose": prose,
        "typing": typing,
    }
)
"""Formats by name; other packages add theirs by the entry point ``loremill.formats``."""

__all__ = ["FORMATS", "Format"]
