# SPDX-License-Identifier: Apache-2.0
"""Every example of README.md and docs/ gives the output that stands behind it.

``python`` blocks with ``>>>`` run as doctests; the blocks of a page share their names. In ``console``
blocks the lines ``$ loremill ...`` run in a folder that holds ``examples/``; what follows is what they
print (``...`` stands for anything). Blocks that need the model that ships say so: ``python nano``.
"""

from __future__ import annotations

import dataclasses
import doctest
import importlib.util
import io
import json
import re
import shlex
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from loremill import from_dict, to_dict
from loremill.training.config import (
    Augmentation,
    CapabilitySettings,
    CorpusShare,
    LoraSettings,
    MoELoraSettings,
    TrainConfig,
)

from .conftest import NANO

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
COLUMNS = "100"
OPTIONS = doctest.ELLIPSIS
BLOCK = re.compile(r"^```(?P<kind>python|console)(?P<nano> nano)?\n(?P<text>.*?)^```$", re.DOTALL | re.MULTILINE)
JSON_BLOCK = re.compile(r"^```json\n(?P<text>.*?)^```$", re.DOTALL | re.MULTILINE)
LINK = re.compile(r"\]\((?!https?:|#)([^)#\s]+)(?:#[^)]*)?\)")


@dataclass(frozen=True)
class Block:
    """A fenced block: its text and the line of the page that it starts behind."""

    text: str
    line: int


@dataclass(frozen=True)
class Command:
    """A line ``$ loremill ...`` and what it should print."""

    words: tuple[str, ...]
    wanted: str


def blocks(page: Path, kind: str) -> list[Block]:
    """The page's blocks of a kind; without the weights only those that need no model."""
    text = page.read_text("utf-8")
    return [
        Block(match["text"], text.count("\n", 0, match.start()) + 1)
        for match in BLOCK.finditer(text)
        if match["kind"] == kind and (match["nano"] is None or NANO.is_file())
    ]


def commands(text: str) -> list[Command]:
    """The commands of a console block; what other programs print is passed over."""
    found = []
    for part in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
        line, _, wanted = part.replace("\\\n", " ").partition("\n")
        words = shlex.split(line)
        if words[0] == "loremill":
            found.append(Command(tuple(words[1:]), wanted))
    return found


def run(words: tuple[str, ...], monkeypatch: pytest.MonkeyPatch) -> tuple[int, str]:
    """Exit code and what the command line prints, both streams together."""
    from loremill.cli import main

    written = io.TextIOWrapper(io.BytesIO(), "utf-8", write_through=True)
    with monkeypatch.context() as patch:
        patch.setattr(sys, "stdout", written)
        patch.setattr(sys, "stderr", written)
        patch.setenv("COLUMNS", COLUMNS)
        with pytest.raises(SystemExit) as ended:
            main(words)
    return int(ended.value.code or 0), written.buffer.getvalue().decode()


def with_blank_lines(text: str) -> str:
    return "".join(f"{line.rstrip()}\n" for line in text.strip("\n").splitlines())


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_python_examples_give_their_output(page: Path):
    names: dict[str, object] = {"__name__": "docs"}
    output: list[str] = []
    runner = doctest.DocTestRunner(optionflags=OPTIONS)
    for block in blocks(page, "python"):
        name = f"{page.name}:{block.line}"  # its own: doctest looks lines of functions up by it
        examples = doctest.DocTestParser().get_doctest(block.text, names, name, str(page), block.line)
        runner.run(examples, out=output.append, clear_globs=False)
        names.update(examples.globs)
    assert not runner.summarize(verbose=False).failed, "".join(output)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_commands_print_what_the_page_shows(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    monkeypatch.chdir(tmp_path)
    for block in blocks(page, "console"):
        for command in commands(block.text):
            code, printed = run(command.words, monkeypatch)
            wanted, got = with_blank_lines(command.wanted), with_blank_lines(printed)
            same = doctest.OutputChecker().check_output(wanted, got, OPTIONS)
            assert same, f"{page.name}: loremill {shlex.join(command.words)}\nwanted:\n{wanted}\ngot:\n{got}"
            assert (code == 0) == ("loremill: " not in wanted)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_python_blocks_are_examples_that_run(page: Path):
    matches = BLOCK.finditer(page.read_text("utf-8"))
    assert all(">>> " in match["text"] for match in matches if match["kind"] == "python")


@pytest.mark.parametrize(
    "page", [*PAGES, ROOT / "examples" / "README.md"], ids=lambda page: page.parent.name + page.name
)
def test_links_between_pages_lead_somewhere(page: Path):
    text = page.read_text("utf-8")
    assert not [target for target in LINK.findall(text) if not (page.parent / target).exists()]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_json_examples_are_extractions(page: Path):
    for match in JSON_BLOCK.finditer(page.read_text("utf-8")):
        data = json.loads(match["text"])
        assert to_dict(from_dict(data)) == data


def test_the_page_on_training_names_every_key():
    page = (ROOT / "docs" / "training.md").read_text("utf-8")
    kinds = (TrainConfig, Augmentation, LoraSettings, MoELoraSettings, CapabilitySettings, CorpusShare)
    keys = {field.name for kind in kinds for field in dataclasses.fields(kind)}
    assert not [key for key in sorted(keys) if f"`{key}`" not in page]


def test_the_index_names_every_page():
    index = (ROOT / "docs" / "index.md").read_text("utf-8")
    assert not [page.name for page in PAGES[1:] if page.name != "index.md" and f"({page.name})" not in index]


def test_the_help_of_the_commands_is_current():
    spec = importlib.util.spec_from_file_location("write_cli", ROOT / "docs" / "write_cli.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert module.PAGE.read_text("utf-8") == module.page(), "run make docs"


def test_a_console_block_is_taken_apart():
    block = "$ make demo\nmade\n$ loremill extract \\\n  'a b' -s x\nout\n\nmore\n$ loremill doctor\n"
    assert commands(block) == [Command(("extract", "a b", "-s", "x"), "out\n\nmore\n"), Command(("doctor",), "")]
