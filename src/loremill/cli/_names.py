# SPDX-License-Identifier: Apache-2.0
"""Names given on the command line, checked against a table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from ..errors import UnknownNameError

_Name = TypeVar("_Name", bound=str)


def checked(name: str, known: Sequence[_Name], kind: str) -> _Name:
    """The name as the table has it.

    Raises:
        UnknownNameError: it is not in the table.
    """
    for candidate in known:
        if candidate == name:
            return candidate
    raise UnknownNameError(kind, name, known)
