# SPDX-License-Identifier: Apache-2.0
"""Formats of other packages, and the one that the docs write as an example."""

from __future__ import annotations

import doctest
import logging
import re
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import loremill.formats
from loremill.errors import FormatError
from loremill.formats import FORMATS, listing
from loremill.formats.table import FormatTable
from loremill.frames import Draft, Piece
from loremill.models.matcher import GrammarMask
from loremill.schema import load_schema

from .drafted import schemas_and_drafts
from .vocabularies import byte_level, walk

PAGE = (Path(__file__).parents[2] / "docs" / "formats.md").read_text("utf-8")
FUNCTIONS = ("survives", "prompt", "write", "read", "grammar")
Install = Callable[[str, str], FormatTable]


def block(kind: str) -> str:
    """The page's one block of a kind."""
    (found,) = re.findall(rf"^```{kind}\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
    return str(found)


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Install:
    """Installs a module ``own_format`` under an entry point's name, and makes a table anew."""

    def install(name: str, source: str) -> FormatTable:
        (tmp_path / "own_format.py").write_text(source, "utf-8")
        metadata = tmp_path / "own_format-1.dist-info"
        metadata.mkdir()
        (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: own-format\nVersion: 1\n", "utf-8")
        (metadata / "entry_points.txt").write_text(f"[loremill.formats]\n{name} = own_format\n", "utf-8")
        monkeypatch.syspath_prepend(tmp_path)
        monkeypatch.delitem(sys.modules, "own_format", raising=False)
        return FormatTable({"listing": listing})

    return install


def test_a_format_of_another_package_stands_behind_our_own(install: Install):
    table = install("bullets", "".join(f"def {name}(): ...\n" for name in FUNCTIONS))
    assert (list(table), len(table), "bullets" in table) == (["listing", "bullets"], 2, True)
    assert "own_format" not in sys.modules  # not loaded before it is asked for
    assert isinstance(table["bullets"], ModuleType)
    assert table["bullets"] is table["bullets"]
    assert table["listing"] is listing


def test_a_name_of_our_own_stays_ours(install: Install, caplog: pytest.LogCaptureFixture):
    with caplog.at_level(logging.WARNING):
        assert list(install("listing", "")) == ["listing"]
    assert caplog.messages == ["format 'listing' of own_format is passed over: there is one of that name"]


@pytest.mark.parametrize(
    ("source", "message"),
    [
        (
            "raise RuntimeError('no\\nluck')",
            "'bullets' of the entry point 'own_format' cannot be loaded: no luck; update",
        ),
        ("import no_such_module", "cannot be loaded: No module named 'no_such_module'"),
        ("def read(): ...\nwrite = prompt = read", "needs the functions survives, .*, it lacks survives, grammar"),
    ],
)
def test_a_format_that_cannot_be_used_is_named(install: Install, source: str, message: str):
    with pytest.raises(FormatError, match=message):
        install("bullets", source)["bullets"]


def test_an_unknown_name_is_a_key_error():
    assert "no such format" not in FORMATS
    with pytest.raises(KeyError):
        FORMATS["no such format"]


@pytest.fixture
def bullets(install: Install, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The format of the docs, installed as they say."""
    assert '[project.entry-points."loremill.formats"]\nbullets = ' in block("toml")
    table = install("bullets", block("py"))
    monkeypatch.setattr(loremill.formats, "FORMATS", table)
    assert isinstance(table["bullets"], ModuleType)
    return table["bullets"]


def test_the_example_of_the_docs_is_used_as_they_show(bullets: ModuleType):
    output: list[str] = []
    runner = doctest.DocTestRunner()
    runner.run(doctest.DocTestParser().get_doctest(block("pycon"), {}, "formats.md", None, 0), out=output.append)
    assert runner.summarize(verbose=False).attempted == 4
    assert not output, "".join(output)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(schemas_and_drafts(), st.data())
def test_the_example_of_the_docs_keeps_the_laws(bullets: ModuleType, case, data):
    schema, drafts = case
    written = bullets.write(drafts, schema)
    assert bullets.read(written, schema) == (drafts, [])
    cut = data.draw(st.integers(0, len(written)))
    found, rejects = bullets.read(written[:cut], schema, finished=False)
    assert found == drafts[: len(found)]
    assert {r.reason for r in rejects} <= {"cut off"}


def test_the_example_of_the_docs_has_a_grammar(bullets: ModuleType):
    vocabulary = byte_level()
    schema = load_schema("person, location")
    ada, rome, bob = (Draft(t, Piece((w,))) for t, w in (("person", "Ada"), ("location", "Rome"), ("person", "Bob")))
    lark = bullets.grammar(schema, "Ada left Rome.")
    for drafts, is_written in (([ada, rome], True), ([], True), ([ada, bob], False)):
        ids = vocabulary.encode(bullets.write(drafts, schema))
        assert (walk(lambda: GrammarMask(vocabulary.ll, lark), ids, vocabulary.eos_id) == "") == is_written
    assert bullets.prompt(schema, "Ada left Rome.").schema == "person; location"
