# SPDX-License-Identifier: Apache-2.0
"""What a command imports when it starts in a fresh process."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

PROGRAM = """
import sys
from loremill.cli import main
try:
    main()
finally:
    print(*sys.modules, file=sys.stderr)
"""


def run(*args: str) -> tuple[str, set[str]]:
    """What the command printed, and every module it imported."""
    command = [sys.executable, "-c", PROGRAM, *args]
    done = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603 - our own program
    return done.stdout, set(done.stderr.split())


@pytest.mark.nano
def test_extraction_without_an_adapter_imports_no_peft():
    out, modules = run("extract", "Ada Lovelace lived in London.", "--schema", "person, city", "--json")
    assert [frame["filler"]["text"] for frame in json.loads(out)["frames"]] == ["Ada Lovelace", "London"]
    assert "torch" in modules
    # accelerate is missing here, for transformers' own modeling_utils imports it where it is installed
    assert not modules & {"peft", "sklearn", "pandas", "datasets", "rich.progress", "loremill.training"}


@pytest.mark.parametrize(
    "args", [["--help"], ["extract", "--help"], ["--version"], ["schema", "check", "person, city"]]
)
def test_what_needs_no_model_imports_no_library_of_models(args):
    _, modules = run(*args)
    assert not modules & {"torch", "transformers", "peft", "accelerate", "tokenizers", "llguidance", "numpy"}
