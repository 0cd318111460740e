# SPDX-License-Identifier: Apache-2.0
"""A progress bar on standard error, for terminals only."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def bar(what: str, is_wanted: bool) -> Iterator[Callable[[int, int | None], None]]:
    """A function to call with the number done and, if known, the total; it does nothing without a terminal."""
    if not is_wanted or not sys.stderr.isatty():
        yield lambda done, total: None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(what, total=None)
        yield lambda done, total: progress.update(task, completed=done, total=total)
