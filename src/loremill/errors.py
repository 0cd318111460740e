# SPDX-License-Identifier: Apache-2.0
"""The exceptions of the library: one base class, and a subclass where a caller would catch it."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class LoremillError(Exception):
    """Base of every error a user can cause or mend; its message is one line."""


class UnknownNameError(LoremillError, LookupError):
    """A name given by the user is not in a table."""

    def __init__(self, kind: str, name: str, choices: Iterable[str]) -> None:
        known = sorted(choices)
        close = difflib.get_close_matches(name, known, n=1)
        hint = f" Did you mean {close[0]!r}?" if close else ""
        super().__init__(f"unknown {kind} {name!r}.{hint} Known: {', '.join(known)}")


class SchemaError(LoremillError, ValueError):
    """A schema cannot be read or is inconsistent."""


class FormatError(LoremillError, ValueError):
    """A frame cannot be written in a format, or a format not by a tokenizer."""


class GrammarLimit(FormatError):
    """A text or a schema is too large for a grammar; the caller may generate freely and say so."""


class ModelError(LoremillError, RuntimeError):
    """A model cannot be loaded, or cannot do what was asked of it."""


class InputError(LoremillError, ValueError):
    """A document, a row or a file given as input cannot be used."""


class StrictError(LoremillError):
    """Raised under ``strict=True`` when a piece of a completion or of the text was not used."""


class AdapterError(LoremillError, ValueError):
    """An adapter's configuration does not fit, or a gate was not given what it needs."""
