# SPDX-License-Identifier: Apache-2.0
"""``loremill schema check``: reads a schema, shows it, and says what may mislead a model."""

from __future__ import annotations

import json as jsonlib
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ..errors import InputError
from .extract import read_schema

if TYPE_CHECKING:
    from ..schema import Finding, Schema

app = typer.Typer(rich_markup_mode=None)


@app.callback()
def root() -> None:
    """\b
    Example:
      loremill schema check "person, works_for(person, company)"

    Work on schemas.
    """


@app.command("check", short_help="What may mislead a model in a schema.")
def check(
    text: Annotated[str | None, typer.Argument(metavar="SCHEMA", help="A schema in the mini-language.")] = None,
    schema_file: Annotated[
        list[Path] | None, typer.Option("--schema-file", metavar="FILE", help="A .yaml, .json or .txt file.")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """\b
    Example:
      loremill schema check "person, works_for(person, company)"

    Shows the types of a schema and what may go wrong with it. Exit code 0, 1 when a finding is an
    error, 2 when the schema cannot be read.
    """
    if text is None and not schema_file:
        raise InputError('a schema is wanted, for example loremill schema check "person, company"')
    schema = read_schema([text] if text is not None else None, schema_file)
    findings = schema.check()
    if json:
        print(jsonlib.dumps(_as_json(schema, findings), ensure_ascii=False))
    else:
        _print(schema, findings)
    if any(finding.level == "error" for finding in findings):
        raise typer.Exit(1)


def _as_json(schema: Schema, findings: list[Finding]) -> dict[str, object]:
    from ..schema import fingerprint, to_dict

    return {
        "fingerprint": fingerprint(schema),
        "schema": to_dict(schema),
        "findings": [{"level": f.level, "type": f.type, "message": f.message} for f in findings],
    }


def _print(schema: Schema, findings: list[Finding]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from ..show import safe

    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("type", "label", "family", "slots", "attributes"):
        table.add_column(name, overflow="fold")
    for frame_type in schema:
        slots = ", ".join(s.name + (f": {'|'.join(s.types)}" if s.types else "") for s in frame_type.slots)
        attributes = ", ".join(f"{a.name}: {'|'.join(a.choices)}" for a in frame_type.attributes)
        cells = (frame_type.name, frame_type.label, frame_type.family, slots, attributes)
        table.add_row(*(Text(safe(cell)) for cell in cells))
    console = Console(file=sys.stdout, highlight=False, markup=False, emoji=False)
    console.print(table)
    for finding in findings:
        where = f" {finding.type}:" if finding.type else ""
        console.print(Text(safe(f"{finding.level}:{where} {finding.message}")))
    console.print(f"{len(schema)} types, {len(findings)} findings")
