# SPDX-License-Identifier: Apache-2.0
"""What training leaves behind of how a model was asked: in its configuration, or in a file of an adapter's folder."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

from ..errors import ModelError
from ..prompt import Habits

FILE = "habits.json"
"""Of an adapter's folder: the habits in which it departs from its base."""
UNTRAINED = Habits()


def habits_of(config: Any) -> Habits:
    """What training left in a model's configuration.

    Raises:
        ModelError: it is of another form.
    """
    try:
        return Habits(**(getattr(config, "habits", None) or {}))
    except (TypeError, ValueError) as error:
        raise ModelError(f"the model's configuration holds habits of another form: {error}") from error


def to_dict(habits: Habits, base: Habits = UNTRAINED) -> dict[str, Any]:
    """Those that are not as a base's."""
    before = dataclasses.asdict(base)
    return {name: value for name, value in dataclasses.asdict(habits).items() if value != before[name]}


def take_over(config: Any, adapter: str) -> None:
    """Let an adapter's habits, if its folder is here and tells any, stand in its base's configuration.

    Raises:
        ModelError: they are of another form.
    """
    path = Path(adapter) / FILE
    if not path.is_file():
        return
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        Habits(**found)
    except (OSError, ValueError, TypeError) as error:
        raise ModelError(f"{str(path)!r} holds habits of another form: {error}") from error
    config.habits = {**(getattr(config, "habits", None) or {}), **found}


def save(folder: Path, habits: Habits, base: Habits) -> None:
    """Beside an adapter's weights, if it departs from its base."""
    if found := to_dict(habits, base):
        (folder / FILE).write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
