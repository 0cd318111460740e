# SPDX-License-Identifier: Apache-2.0
"""Writes docs/cli.md from the help of the commands: ``make docs``."""

from __future__ import annotations

import contextlib
import io
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest import mock

from typer.main import get_command

from loremill.cli import main
from loremill.cli.app import app

PAGE = Path(__file__).with_name("cli.md")
WIDTH = "100"
HEAD = """\
# Command line

Written by `make docs` from the commands' own help.

Exit codes: 0; 1 when `doctor` or `schema check` finds something wrong, or the program itself fails; 2 for what the user
can mend, told in one line on standard error; 130 when interrupted. `loremill --debug COMMAND` shows where an error
arose.
"""


def page() -> str:
    """The text of docs/cli.md."""
    sections = [HEAD]
    for words in _commands(get_command(app), ()):
        title = " ".join(("loremill", *words))
        sections.append(f"## `{title}`\n\n```text\n{_help(words)}\n```\n")
    return "\n".join(sections)


def _commands(command: Any, words: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    yield words
    for name, inner in getattr(command, "commands", {}).items():
        yield from _commands(inner, (*words, name))


def _help(words: tuple[str, ...]) -> str:
    written = io.StringIO()
    with (
        mock.patch.dict(os.environ, {"COLUMNS": WIDTH}),
        contextlib.redirect_stdout(written),
        contextlib.suppress(SystemExit),
    ):
        main([*words, "--help"])
    return "\n".join(line.rstrip() for line in written.getvalue().strip().splitlines())


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
