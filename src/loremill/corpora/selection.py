# SPDX-License-Identifier: Apache-2.0
"""Which documents of a corpus' files belong to a split, by the ids that the files give them."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ..errors import InputError
from .lines import read_lines

Wanted = Callable[[str], bool]
"""Whether the document of that id is to be read."""


@dataclass(frozen=True, slots=True)
class Selection:
    """The documents with these ids; with ``exclude``, all others."""

    ids: frozenset[str] = frozenset()
    file: str = ""  # in the corpus' folder: more ids
    pattern: str = r"\S+"  # of an id in that file
    exclude: bool = False

    def wanted(self, folder: Path) -> Wanted:
        """Says of an id whether it is selected.

        Raises:
            InputError: the file cannot be read or has no ids.
        """
        ids = self.ids
        if self.file:
            path = folder / self.file
            listed = {id for _, text in read_lines(path) for id in re.findall(self.pattern, text)}
            if not listed:
                raise InputError(f"{path}: wanted ids like {self.pattern}, got none")
            ids |= listed
        return lambda id: (id in ids) != self.exclude
