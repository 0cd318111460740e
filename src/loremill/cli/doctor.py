# SPDX-License-Identifier: Apache-2.0
"""``loremill doctor``: what is installed, whether the model is found, and whether it extracts."""

from __future__ import annotations

import json as jsonlib
import platform
import time
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from ..jobs.run import Extracts

BASE = ("loremill", "llguidance", "numpy", "pydantic")
LOCAL = ("torch", "transformers", "peft", "accelerate", "safetensors")
PROBE_TEXT = "Ada Lovelace met Charles Babbage in London."
PROBE_SCHEMA = "person, location"


@dataclass(frozen=True, slots=True)
class Check:
    """One thing looked at: whether it is well, and what was seen."""

    name: str
    is_ok: bool
    seen: str


def doctor(
    model: Annotated[str, typer.Option("--model", "-m", metavar="NAME", help="Name or folder of a model.")] = "nano",
    adapter: Annotated[
        str | None, typer.Option("--adapter", metavar="FOLDER", help="Folder of a trained adapter.")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """\b
    Example:
      loremill doctor

    Looks at the installation: versions, the model, and one probe extraction. Exit code 1 when
    something is missing.
    """
    checks = [*_versions(), *_probe(model, adapter)]
    if json:
        print(jsonlib.dumps({"ok": all(c.is_ok for c in checks), "checks": [asdict(c) for c in checks]}))
    else:
        width = max(len(c.name) for c in checks)
        for check in checks:
            print(f"{'ok     ' if check.is_ok else 'missing'} {check.name:<{width}}  {check.seen}")
    if not all(check.is_ok for check in checks):
        raise typer.Exit(1)


def _versions() -> list[Check]:
    return [
        Check("python", True, platform.python_version()),
        *(_version(name, "pip install loremill") for name in BASE),
        *(_version(name, 'pip install "loremill[local]"') for name in LOCAL),
    ]


def _version(package: str, fix: str) -> Check:
    try:
        return Check(package, True, version(package))
    except PackageNotFoundError:
        return Check(package, False, f"not installed; {fix}")


def _probe(model: str, adapter: str | None) -> list[Check]:
    """Whether the model loads and whether it reads a sentence; its faults are what is asked for here."""
    from ..schema import load_schema
    from .extract import build_extractor

    start = time.monotonic()
    try:
        extractor = build_extractor(
            model,
            load_schema(PROBE_SCHEMA),
            adapter=adapter,
            grammar=True,
            strict=False,
            min_score=0.0,
            batch_size=1,
        )
    except Exception as error:
        return [Check("model", False, _line(f"{model}: {error}"))]
    loaded = Check("model", True, f"{model}, loaded in {time.monotonic() - start:.1f} s")
    return [loaded, _extraction(extractor)]


def _extraction(extractor: Extracts) -> Check:
    from ..frames import Document

    start = time.monotonic()
    try:
        (extraction,) = extractor.extract(iter([Document(PROBE_TEXT)]))
    except Exception as error:
        return Check("extraction", False, _line(str(error)))
    if extraction.error is not None:
        return Check("extraction", False, _line(extraction.error))
    found = ", ".join(
        f"{f.type}: {' '.join(f.filler.texts_in(PROBE_TEXT))}" for f in extraction.frames if f.filler is not None
    )
    return Check("extraction", True, f"{found or 'nothing found'}, in {time.monotonic() - start:.1f} s")


def _line(text: str) -> str:
    from ..show import safe

    return safe(" ".join(text.split()))
