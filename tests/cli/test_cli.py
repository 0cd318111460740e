# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from loremill.cli import extract, main

from ..scripted import ScriptedExtractor

ROOT = Path(__file__).parents[2]


class Outcome(NamedTuple):
    code: int
    out: str
    err: str


Run = Callable[..., Outcome]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs a command in this process, with a scripted extractor."""

    def build(model: str, schema: Any, **settings: Any) -> ScriptedExtractor:
        return ScriptedExtractor(schema=",".join(t.name for t in schema))

    monkeypatch.setattr(extract, "build_extractor", build)

    def call(*args: object) -> Outcome:
        with pytest.raises(SystemExit) as caught:
            main([str(arg) for arg in args])
        return Outcome(int(caught.value.code or 0), *capsys.readouterr())

    return call


def _process(*args: str, env: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, *args]
    return subprocess.run(  # noqa: S603 - our own program
        command, cwd=ROOT, capture_output=True, text=True, check=False, env={**os.environ, **(env or {})}
    )


def test_a_text_is_printed_with_its_mentions_and_a_table(run: Run) -> None:
    outcome = run("extract", "Ada met Bob.", "--schema", "name")
    assert (outcome.code, outcome.err) == (0, "")
    lines = [line.split() for line in outcome.out.splitlines()]
    assert lines[0] == ["[Ada:", "name]", "met", "[Bob:", "name]."]
    assert ["type", "text", "start", "end", "score"] in lines
    assert ["name", "Bob", "8", "11", "0.90"] in lines


def test_json_is_one_line_per_row(run: Run) -> None:
    outcome = run("extract", "Zoë met Bob.", "--schema", "name", "--json")
    assert json.loads(outcome.out)["frames"][0]["filler"] == {"start": 0, "end": 3, "text": "Zoë"}
    assert outcome.out.count("\n") == 1


def test_a_file_is_written_row_by_row(run: Run, tmp_path: Path) -> None:
    source, output = tmp_path / "in.csv", tmp_path / "out.jsonl"
    source.write_text("body,n\nAda,1\nBob,2\n,3\n")
    outcome = run("extract", "-i", source, "-o", output, "-s", "name", "--text-column", "body")
    assert (outcome.code, outcome.out) == (0, "")
    assert outcome.err.startswith("3 rows, 1 with errors, 2 frames in ")
    rows = [json.loads(line) for line in output.read_text().splitlines()][1:]
    assert [(row["text"], row["n"], row["error"]) for row in rows] == [
        ("Ada", "1", None),
        ("Bob", "2", None),
        ("", "3", "line 4: empty text; some words are wanted"),
    ]


def test_resume_and_quiet(run: Run, tmp_path: Path) -> None:
    source, output = tmp_path / "in.log", tmp_path / "out.jsonl"
    source.write_text("Ada\nBob\n")
    args = ("extract", "-i", source, "-o", output, "-s", "name", "--lines", "--quiet")
    assert run(*args) == (0, "", "")
    whole = output.read_bytes()
    output.write_bytes(whole[:-5])
    assert run(*args, "--resume") == (0, "", "")
    assert output.read_bytes() == whole


def test_resume_under_another_schema_is_refused(run: Run, tmp_path: Path) -> None:
    source, output = tmp_path / "in.txt", tmp_path / "out.jsonl"
    source.write_text("Ada")
    run("extract", "-i", source, "-o", output, "-s", "name")
    outcome = run("extract", "-i", source, "-o", output, "-s", "place", "--resume")
    assert outcome.code == 2
    assert "is of another run (schema was name, is place)" in outcome.err


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (("extract", "Ada"), 'a schema is wanted, for example --schema "person, company'),
        (("extract", "", "-s", "name"), "empty text; some words are wanted"),
        (("extract", "-s", "name"), "a text or --input FILE is wanted, got none"),
        (("extract", "Ada", "-i", "x", "-s", "name"), "a text or --input FILE is wanted, got both"),
        (("extract", "-i", "missing.txt", "-s", "name"), "no file or folder 'missing.txt'"),
        (("extract", "missing.TXT", "-s", "name"), "'missing.TXT' reads like a file: add --input to read it"),
        (("extract", "./", "-s", "name"), "'./' reads like a file: add --input to read it"),
        (("extract", __file__, "-s", "name"), "reads like a file: add --input to read it"),
        (("extract", "Ada", "-s", "works_for(person company)"), "column 18: wanted ',' or ')', got 'company'"),
        (("extract", "Ada", "--schema-file", "missing.yaml"), "missing.yaml"),
        (("extract", "Ada", "-s", "name", "--resume"), "add --output FILE"),
        (("extract", "Ada", "-s", "name", "--min-score", "2"), "Invalid value for '--min-score'"),
        (("extract", "Ada", "-s", "name", "--shema", "x"), "No such option: --shema"),
        (("extract", "a bad text", "-s", "name"), "the model could not read it"),
        (("schema", "check"), "a schema is wanted"),
        (("schema",), "Missing command. See loremill schema --help."),
        (("corpora", "show"), "Missing argument 'NAME'. See loremill corpora show --help."),
        (("abstract",), "No such command"),
    ],
)
def test_what_the_user_can_mend_is_one_line_and_exit_code_two(run: Run, args: tuple[str, ...], message: str) -> None:
    outcome = run(*args)
    assert message in outcome.err
    assert outcome.err.startswith("loremill: ")
    assert (outcome.code, outcome.out, outcome.err.count("\n")) == (2, "", 1)


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        ("a.txt", b"", "is empty"),
        ("a.txt", b"\xff", "UTF-8 is wanted, byte 0xff at offset 0 is not"),
        ("a.jsonl", b'{"text": \n', "line 1: broken JSON"),
        (
            "a.jsonl",
            b'{"text": "' + b"x" * 10_000_000 + b'"}',
            "line 1: a line shorter than 10,000,000 bytes is wanted",
        ),
        ("a.csv", b"id\n1\n", "--text-column needs one of: id"),
    ],
)
def test_a_bad_file_is_one_line_and_exit_code_two(
    run: Run, tmp_path: Path, name: str, data: bytes, message: str
) -> None:
    (tmp_path / name).write_bytes(data)
    outcome = run("extract", "-i", tmp_path / name, "-o", tmp_path / "out.jsonl", "-s", "name", "-q")
    assert message in outcome.err
    assert (outcome.code, outcome.out, outcome.err.count("\n")) == (2, "", 1)


def test_a_word_of_five_thousand_letters_is_shown(run: Run) -> None:
    outcome = run("extract", "A" * 5_000, "-s", "name")
    assert (outcome.code, outcome.err) == (0, "")
    assert outcome.out.count("A") == 10_000


def test_strict_stops_at_a_bad_row(run: Run, tmp_path: Path) -> None:
    source = tmp_path / "a.jsonl"
    source.write_text('{"text": "Ada"}\n{\n')
    outcome = run("extract", "-i", source, "-s", "name", "--strict", "--json")
    assert (outcome.code, outcome.err.count("\n")) == (2, 1)
    assert "line 2: broken JSON" in outcome.err


def test_an_interrupted_run_says_how_to_go_on(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(self: ScriptedExtractor, docs: Any, /) -> Any:
        raise KeyboardInterrupt

    monkeypatch.setattr(ScriptedExtractor, "extract", interrupt)
    (tmp_path / "a.txt").write_text("Ada")
    outcome = run("extract", "-i", tmp_path / "a.txt", "-o", tmp_path / "out.jsonl", "-s", "name")
    assert outcome.code == 130
    assert outcome.err == f"loremill: interrupted; the same command with --resume continues {tmp_path / 'out.jsonl'}\n"


def test_an_unexpected_error_is_one_line_and_debug_shows_where(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(self: ScriptedExtractor, docs: Any, /) -> Any:
        raise ZeroDivisionError("by\nzero")

    monkeypatch.setattr(ScriptedExtractor, "extract", fail)
    outcome = run("extract", "Ada", "-s", "name")
    assert outcome.code == 1
    assert outcome.err == "loremill: unexpected ZeroDivisionError: by zero; `loremill --debug ...` shows where\n"
    assert "Traceback" in run("--debug", "extract", "Ada", "-s", "name").err


def test_schema_check_shows_types_and_findings(run: Run) -> None:
    outcome = run("schema", "check", "person, works_for(person, company)")
    assert outcome.code == 0
    assert "head: person, tail: company" in outcome.out
    assert "warning: works_for: role 'tail' takes 'company'" in outcome.out


def test_schema_check_fails_on_an_error(run: Run) -> None:
    outcome = run("schema", "check", "person, Person", "--json")
    assert outcome.code == 1
    assert json.loads(outcome.out)["findings"][0]["level"] == "error"


def test_doctor_probes_the_model(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    outcome = run("doctor", "--json")
    checks = {check["name"]: check for check in json.loads(outcome.out)["checks"]}
    assert checks["python"]["is_ok"]
    assert checks["model"]["is_ok"]
    assert checks["extraction"]["seen"].startswith("name: Ada, name: Lovelace, name: Charles, name: Babbage")


def test_doctor_says_what_is_missing(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*args: Any, **settings: Any) -> Any:
        raise OSError("no such\nmodel")

    monkeypatch.setattr(extract, "build_extractor", fail)
    outcome = run("doctor", "--model", "other")
    assert outcome.code == 1
    assert any(
        line.split() == ["missing", "model", "other:", "no", "such", "model"] for line in outcome.out.splitlines()
    )


@pytest.mark.parametrize(
    "args", [(), ("--help",), ("extract", "--help"), ("schema", "check", "--help"), ("--version",)]
)
def test_help_imports_no_model_library(args: tuple[str, ...]) -> None:
    program = (
        "import sys\nfrom loremill.cli import main\n"
        "try:\n    main(sys.argv[1:])\nfinally:\n"
        "    heavy = {'torch', 'transformers', 'peft', 'llguidance', 'numpy'} & set(sys.modules)\n"
        "    assert not heavy, heavy\n"
    )
    process = _process("-c", program, *args)
    assert (process.returncode, process.stderr) == (0, "")


@pytest.mark.parametrize("args", [(), ("extract",), ("schema",), ("schema", "check"), ("doctor",)])
def test_help_opens_with_an_example(run: Run, args: tuple[str, ...]) -> None:
    lines = run(*args, "--help").out.splitlines()
    assert lines[2:4] == ["  Example:", lines[3]]
    assert lines[3].startswith(" ".join(["    loremill", *args]))


def test_importing_the_package_imports_no_model_library() -> None:
    program = (
        "import sys, loremill\nloremill.Document, loremill.Schema\n"
        "assert not {'torch', 'transformers', 'peft', 'numpy', 'rich', 'pydantic'} & set(sys.modules)\n"
    )
    assert _process("-c", program).stderr == ""


def test_a_closed_pipe_is_one_line() -> None:
    program = (
        "import os, sys\nfrom loremill.cli import extract, main\nfrom tests.scripted import ScriptedExtractor\n"
        "extract.build_extractor = lambda *args, **settings: ScriptedExtractor()\n"
        "read, write = os.pipe()\nos.close(read)\nos.dup2(write, 1)\n"
        "main(['extract', 'Ada', '-s', 'name', *sys.argv[1:]])\n"
    )
    for flags in ([], ["--json"]):
        process = _process("-c", program, *flags)
        assert (process.returncode, process.stderr) == (2, "loremill: cannot write standard output: Broken pipe\n")


def test_a_terminal_that_is_not_utf8_gets_escapes() -> None:
    program = (
        "from loremill.cli import extract, main\nfrom tests.scripted import ScriptedExtractor\n"
        "extract.build_extractor = lambda *args, **settings: ScriptedExtractor()\n"
        "main(['extract', 'Zo\\u00eb', '-s', 'name'])\n"
    )
    process = _process("-c", program, env={"PYTHONIOENCODING": "ascii"})
    assert process.returncode == 0
    assert "[Zo\\xeb: name]" in process.stdout
