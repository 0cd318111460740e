# SPDX-License-Identifier: Apache-2.0
"""``loremill adapter``: what an adapter's folder holds, and experts written as a plain LoRA."""

from __future__ import annotations

import json as jsonlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ..errors import InputError, ModelError, UnknownNameError

if TYPE_CHECKING:
    from ..adapters.summary import AdapterSummary
    from ..prompt import Prompt
    from ..schema import Schema

app = typer.Typer(rich_markup_mode=None)

Folder = Annotated[Path, typer.Argument(metavar="FOLDER", help="Folder of a trained adapter.")]


@app.callback()
def root() -> None:
    """\b
    Example:
      loremill adapter show out/adapter

    Look at trained adapters, and write those with experts as plain LoRAs.
    """


@app.command("show", short_help="Kind, experts, router, targets and size of an adapter.")
def show(folder: Folder, json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False) -> None:
    """\b
    Example:
      loremill adapter show out/adapter

    Reads an adapter's configuration and the shapes of its weights; loads no model.
    """
    with _local():
        from ..adapters.summary import summarise
    found = summarise(folder)
    if json:
        known = asdict(found) | {"experts": found.experts, "total_rank": found.total_rank}
        print(jsonlib.dumps(known, ensure_ascii=False))
        return
    from ..show import safe

    rows = [(name, value) for name, value in _facts(found) if value]
    width = max(len(name) for name, _ in rows)
    for name, value in rows:
        print(safe(f"{name:<{width}}  {value}"))
    for target in found.targets:
        print(safe(f"{'':<{width}}  {target}"))


@app.command("export", short_help="Experts under fixed weights as a plain LoRA.")
def export(
    folder: Folder,
    output: Annotated[Path, typer.Option("--output", "-o", metavar="FOLDER", help="Where to write the LoRA.")],
    schema: Annotated[
        list[str] | None, typer.Option("--schema", "-s", metavar="TEXT", help="What a router of schemas is fixed for.")
    ] = None,
    schema_file: Annotated[
        list[Path] | None,
        typer.Option("--schema-file", metavar="FILE", help="The same in a .yaml, .json or .txt file."),
    ] = None,
    capabilities: Annotated[
        str | None,
        typer.Option("--capabilities", metavar="NAMES", help="Capabilities that act, as judging,locating; or none."),
    ] = None,
    model: Annotated[
        str | None,
        typer.Option("--model", "-m", metavar="NAME", help="Model whose tokenizer writes the schema; else the base."),
    ] = None,
    format: Annotated[
        str, typer.Option("--format", metavar="NAME", help="How the model is asked to write frames.")
    ] = "listing",
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace a LoRA that exists.")] = False,
) -> None:
    """\b
    Example:
      loremill adapter export out/adapter --output out/lora --schema "person, company"

    Writes a LoRA that PEFT reads without loremill, and servers such as vLLM. It gives what the adapter gives, which
    is possible while experts weigh the same for every token: one expert, constant weights, a router that reads the
    schema alone (for one schema of one family), or one expert for each capability (for the capabilities named).
    Other adapters are refused.
    """
    if output.is_dir() and any(output.iterdir()) and not overwrite:
        raise InputError(f"{str(output)!r} exists and is not empty; add --overwrite to replace an adapter in it")
    with _local():
        from ..adapters.export import export_lora
        from ..adapters.summary import summarise
    prompt = None
    if schema or schema_file:
        from .extract import read_schema

        prompt = _prompt(read_schema(schema, schema_file), model or _base_of(summarise(folder)), format)
    elif model is not None or format != "listing":
        raise InputError("--model and --format say how a schema is written; add --schema")
    config = export_lora(folder, output, prompt=prompt, capabilities=capabilities, overwrite=overwrite)
    written = summarise(output)
    print(f"rank {config.r} on {written.modules} modules, {written.size_bytes / 1e6:,.1f} MB: {output}")


@contextmanager
def _local() -> Iterator[None]:
    """Around imports of what ``loremill[local]`` installs."""
    try:
        yield
    except ImportError as error:
        raise ModelError(f'adapters need {error.name}: pip install "loremill[local]"') from error


def _base_of(summary: AdapterSummary) -> str:
    if summary.base_model is None:
        raise InputError("the adapter does not name its base model, whose tokenizer writes the schema; add --model")
    return summary.base_model


def _prompt(schema: Schema, model: str, format: str) -> Prompt:
    """A prompt for the schema as the model reads it."""
    from ..formats import FORMATS
    from ..models.loading import load_codec, resolve

    if format not in FORMATS:
        raise UnknownNameError("format", format, FORMATS)
    return FORMATS[format].prompt(schema, "", load_codec(resolve(model)).writing)


def _facts(found: AdapterSummary) -> list[tuple[str, str]]:
    same = len(set(found.ranks)) == 1
    each = f"{found.ranks[0]}" if same else ", ".join(map(str, found.ranks))
    total = f", {found.total_rank} in all" if found.experts > 1 else ""
    return [
        ("kind", found.kind),
        ("base model", found.base_model or ""),
        ("experts", f"{found.experts}" if found.experts > 1 else ""),
        ("rank", f"{each}{' each' if same and found.experts > 1 else ''}{total}" if found.ranks else ""),
        ("router", found.router or ""),
        ("encoder", found.task_encoder or ""),
        ("parameters", f"{found.parameters:,}"),
        ("size", f"{found.size_bytes / 1e6:,.1f} MB"),
        ("modules", f"{found.modules:,}" if found.modules else ""),
    ]
