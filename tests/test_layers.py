# SPDX-License-Identifier: Apache-2.0
"""Imports point downwards only, ``import loremill`` is cheap, and what no source file may hold."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "src" / "loremill"
MODULES = sorted(PACKAGE.rglob("*.py"))

GROUND = ("errors", "escape", "text", "frames", "schema", "prompt")
SIDE_BY_SIDE = ("formats", "models", "adapters", "merging", "corpora", "evaluation")
EXTRACTOR = ("extraction", "wire", "show", "windows", "overlaps", "assembly", "asking", "relating", "extractor")
USERS = ("training", "retrieval", "selection", "reports", "jobs")
TOP = ("service", "cli")

KNOWS: dict[str, frozenset[str]] = {
    "errors": frozenset(),
    "escape": frozenset(),
    "text": frozenset(),
    "frames": frozenset({"text"}),
    "schema": frozenset({"errors", "text", "frames"}),  # schema/objects.py turns frames into a user's objects
    "prompt": frozenset({"errors", "text", "frames", "schema"}),
    **dict.fromkeys(SIDE_BY_SIDE, frozenset(GROUND)),
    "models": frozenset((*GROUND, "adapters")),  # a model loads adapters and tells their gates about its batches
    "extraction": frozenset(GROUND),
    "wire": frozenset((*GROUND, "extraction")),
    "show": frozenset((*GROUND, "extraction")),
    "windows": frozenset(GROUND),
    "overlaps": frozenset({"frames", "text"}),
    "assembly": frozenset((*GROUND, *SIDE_BY_SIDE, "extraction", "windows", "overlaps")),
    "asking": frozenset((*GROUND, *SIDE_BY_SIDE)),
    "relating": frozenset((*GROUND, "formats", "extraction", "windows", "assembly", "asking")),
    "extractor": frozenset((*GROUND, *SIDE_BY_SIDE, *EXTRACTOR)),
    "given": frozenset((*GROUND, *SIDE_BY_SIDE, *EXTRACTOR)),
    **dict.fromkeys(USERS, frozenset((*GROUND, *SIDE_BY_SIDE, *EXTRACTOR))),
    "continual": frozenset((*GROUND, *SIDE_BY_SIDE, *EXTRACTOR, *USERS)),
    **dict.fromkeys(TOP, frozenset((*GROUND, *SIDE_BY_SIDE, *EXTRACTOR, *USERS, "continual"))),
    "__init__": frozenset((*GROUND, *SIDE_BY_SIDE, *EXTRACTOR, *USERS)),  # names the public objects, imports none
}
"""What each module or folder of the package may import besides itself."""

EXCEPTIONS: dict[str, frozenset[str]] = {
    # Shows itself in notebooks; the import stands in the method that they call.
    "extraction.py": frozenset({"reports"}),
    # Reads and writes the extractions of a run.
    "evaluation/saved.py": frozenset({"extraction", "wire"}),
    # Makes the prompts that it asks.
    "training/given_pairs.py": frozenset({"given"}),
    # Documents of one's own are written as extractions are.
    "corpora/extractions.py": frozenset({"wire"}),
    # Scores a model on a corpus: the place of evaluation that extracts and reads gold documents.
    "evaluation/run.py": frozenset({"given", "extraction", "extractor", "windows", "corpora", "formats"}),
    # The same, on the sub-tasks of one capability.
    "evaluation/subtasks.py": frozenset({"extractor", "corpora", "formats"}),
}


def imports(source: str, *, package: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """Dotted names that a module of ``package`` imports when it runs: ``if TYPE_CHECKING:`` does not count."""
    for node in _nodes(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (tuple(alias.name.split(".")) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else ()
            base += tuple(node.module.split(".")) if node.module else ()
            yield from ((*base, alias.name) for alias in node.names)


def _nodes(tree: ast.AST) -> Iterator[ast.AST]:
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            for other in node.orelse:
                yield from (other, *_nodes(other))
            continue
        yield node
        yield from _nodes(node)


def room(path: Path) -> str:
    """The folder or module of the package that a file belongs to."""
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def name_of(path: Path) -> str:
    return path.relative_to(PACKAGE).as_posix()


def package_of(path: Path) -> tuple[str, ...]:
    return ("loremill", *path.relative_to(PACKAGE).parts[:-1])


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_imports_point_downwards(path: Path):
    allowed = KNOWS[room(path)] | EXCEPTIONS.get(name_of(path), frozenset()) | {room(path)}
    used = {name[:2] for name in imports(path.read_text("utf-8"), package=package_of(path)) if name[0] == "loremill"}
    assert not used - {("loremill", other) for other in allowed}


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_the_library_imports_neither_recipes_nor_tests(path: Path):
    used = {name[0] for name in imports(path.read_text("utf-8"), package=package_of(path))}
    assert not used & {"recipes", "tests", "benchmarks"}


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("from ..models import codec", ("loremill", "models", "codec")),
        ("def f():\n    from .. import models", ("loremill", "models")),
        ("import loremill.models.codec", ("loremill", "models", "codec")),
        ("try:\n    from .own import x\nexcept ImportError: pass", ("loremill", "formats", "own", "x")),
    ],
)
def test_an_import_is_found_wherever_it_stands(source: str, found: tuple[str, ...]):
    assert list(imports(source, package=("loremill", "formats"))) == [found]


def test_imports_for_type_checkers_do_not_count():
    source = "if TYPE_CHECKING:\n    from ..models import codec\nelse:\n    import json"
    assert list(imports(source, package=("loremill", "formats"))) == [("json",)]


@pytest.mark.parametrize(
    "statement",
    [
        "import loremill",
        "import loremill.schema",
        "import loremill.extractor",
        "import loremill.cli",
        "from loremill import Extractor, Schema, load_schema, to_dict",
        "from loremill.cli import app",
    ],
)
def test_importing_loads_no_model_library(statement: str):
    heavy = "{'torch', 'transformers', 'peft', 'accelerate', 'safetensors', 'tokenizers'}"
    program = f"import sys; {statement}; print(sorted({heavy} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)  # noqa: S603
    assert done.stdout.strip() == "[]"


def test_help_loads_no_model_library():
    program = (
        "import sys\nfrom loremill.cli import main\n"
        "try:\n    main(['extract', '--help'])\nexcept SystemExit: pass\n"
        "print('torch' in sys.modules or 'transformers' in sys.modules or 'numpy' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)  # noqa: S603
    assert done.stdout.strip().endswith("False")


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_a_source_file_has_a_licence_line_and_a_modest_length(path: Path):
    lines = path.read_text("utf-8").splitlines()
    assert lines[0] == "# SPDX-License-Identifier: Apache-2.0"
    assert len(lines) <= 400


FORBIDDEN_MODULES = {"pickle", "cPickle", "dill", "cloudpickle", "marshal", "shelve", "joblib"}
FORBIDDEN_CALLS = {
    "eval",
    "exec",
    "__import__",
    "torch.load",
    "np.load",
    "numpy.load",
    "yaml.unsafe_load",
    "yaml.full_load",
}


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_data_is_never_run_as_code(path: Path):
    source = path.read_text("utf-8")
    calls = {ast.unparse(node.func) for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)}
    assert not calls & FORBIDDEN_CALLS
    assert not {name[0] for name in imports(source, package=package_of(path))} & FORBIDDEN_MODULES


def tracked_files() -> list[Path]:
    done = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False)  # noqa: S607
    if done.returncode:
        pytest.skip("no git checkout")
    return [ROOT / name for name in done.stdout.decode().split("\0") if name]


MACHINE_PATH = re.compile(r"(?<![\w./~-])/(?:home|root|Users|work|mnt|srv|opt|data|scratch)/[\w.-]+")


def test_no_tracked_file_names_a_place_on_a_machine():
    found = []
    for path in tracked_files():
        if path.is_file() and path.suffix not in {".safetensors", ".png"} and path.name != "tokenizer.json":
            found += [f"{path.relative_to(ROOT)}: {place}" for place in MACHINE_PATH.findall(path.read_text("utf-8"))]
    assert not found
