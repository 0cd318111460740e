# SPDX-License-Identifier: Apache-2.0
"""Formats by name: the library's own, and those of other installed packages."""

from __future__ import annotations

import functools
import logging
from collections.abc import Iterator, Mapping
from importlib.metadata import EntryPoint, entry_points
from typing import cast

from ..errors import FormatError
from .format import Format

GROUP = "loremill.formats"
"""Entry points by which packages name their format modules."""
_FUNCTIONS = ("survives", "prompt", "write", "read", "grammar")
_LOG = logging.getLogger(__name__)


class FormatTable(Mapping[str, Format]):
    """The formats given, then those under the entry point ``loremill.formats``, loaded when one is asked for.

    Raises:
        FormatError: on access to one that cannot be loaded or is no format.
    """

    def __init__(self, own: Mapping[str, Format]) -> None:
        self._own = dict(own)
        self._loaded: dict[str, Format] = {}

    def __getitem__(self, name: str) -> Format:
        if name in self._own:
            return self._own[name]
        if name not in self._loaded:
            self._loaded[name] = _load(self._others[name])
        return self._loaded[name]

    def __contains__(self, name: object) -> bool:
        return name in self._own or name in self._others

    def __iter__(self) -> Iterator[str]:
        yield from self._own
        yield from self._others

    def __len__(self) -> int:
        return len(self._own) + len(self._others)

    @functools.cached_property
    def _others(self) -> dict[str, EntryPoint]:
        others: dict[str, EntryPoint] = {}
        for entry in entry_points(group=GROUP):
            if entry.name in self._own or entry.name in others:
                _LOG.warning("format %r of %s is passed over: there is one of that name", entry.name, entry.value)
            else:
                others[entry.name] = entry
        return others


def _load(entry: EntryPoint) -> Format:
    what = f"format {entry.name!r} of the entry point {entry.value!r}"
    try:
        format = entry.load()
    except Exception as error:  # whatever the package does when it is imported
        reason = " ".join(str(error).split()) or type(error).__name__
        raise FormatError(f"{what} cannot be loaded: {reason}; update or uninstall its package") from error
    missing = [name for name in _FUNCTIONS if not callable(getattr(format, name, None))]
    if missing:
        raise FormatError(f"{what} needs the functions {', '.join(_FUNCTIONS)}, it lacks {', '.join(missing)}")
    return cast("Format", format)
