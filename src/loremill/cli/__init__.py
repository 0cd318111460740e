# SPDX-License-Identifier: Apache-2.0
"""The command line: one file per command, each a thin reader of flags around a function of the library."""

from __future__ import annotations

import gc
import os
import sys
import traceback
from collections.abc import Sequence

EXIT_UNEXPECTED = 1
EXIT_USER = 2
EXIT_INTERRUPTED = 130


def main(args: Sequence[str] | None = None) -> None:
    """Runs the command line and exits: 0, 2 for what the user can mend, 1 for a fault of the program."""
    from .app import app

    arguments = list(sys.argv[1:] if args is None else args)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")  # a terminal that is not UTF-8 shows escapes
    try:
        code = app(arguments or ["--help"], prog_name="loremill", standalone_mode=False)
        sys.stdout.flush()
    except SystemExit:
        raise
    except BaseException as error:
        code = _report(error, is_debug="--debug" in arguments)
        _settle_stdout()
    if args is None:
        gc.freeze()  # else the interpreter looks for cycles among all of torch's objects before it ends
    sys.exit(code if isinstance(code, int) else 0)


def _report(error: BaseException, *, is_debug: bool) -> int:
    """One line on standard error; returns the exit code."""
    from ..errors import LoremillError

    if is_debug:
        traceback.print_exception(error)
    if isinstance(error, LoremillError):
        _say(str(error))
        return EXIT_USER
    if isinstance(error, KeyboardInterrupt) or type(error).__name__ == "Abort":
        _say("interrupted")
        return EXIT_INTERRUPTED
    if hasattr(error, "format_message"):  # what typer says of wrong flags
        command = getattr(getattr(error, "ctx", None), "command_path", None) or "loremill"
        _say(f"{error.format_message().rstrip('.')}. See {command} --help.")
        return EXIT_USER
    hint = "" if is_debug else "; `loremill --debug ...` shows where"
    _say(f"unexpected {type(error).__name__}: {error}{hint}")
    return EXIT_UNEXPECTED


def _say(message: str) -> None:
    from ..show import safe

    print(f"loremill: {safe(' '.join(message.split()))}", file=sys.stderr)


def _settle_stdout() -> None:
    """Writes what is left for standard output; what cannot be written would fail again when the interpreter exits."""
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
