# SPDX-License-Identifier: Apache-2.0
"""``loremill extract``: frames from a text, a file, a folder or standard input."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..errors import InputError
from ..windows import Unit, Window

if TYPE_CHECKING:
    from ..jobs import Source, Summary
    from ..jobs.run import Extracts
    from ..schema import Schema

CAPABILITIES: Any = typer.Option(
    "--capabilities",
    metavar="NAMES",
    help="Of a capability adapter: let these alone act, as in judging,locating; none: the shared expert alone.",
)
SPAN_HEAD: Any = typer.Option(
    "--span-head/--no-span-head", help="Let the model's span head, where it has one, find entities."
)
SPAN_THRESHOLD: Any = typer.Option(
    "--span-threshold",
    metavar="P",
    min=0,
    max=1,
    help="Least probability of what it finds; lower finds more. Else its own.",
)
DTYPE: Any = typer.Option(
    "--dtype", metavar="NAME", help="What the model computes in: auto, float32, bfloat16, float16, int8 (on a CPU)."
)
EXAMPLE_SCHEMA = '--schema "person, company, works_for(person, company)"'


def extract(
    text: Annotated[str | None, typer.Argument(metavar="TEXT", help="A text; - is standard input.")] = None,
    input: Annotated[
        str | None,
        typer.Option("--input", "-i", metavar="FILE", help="A .txt, .md, .jsonl, .csv, .tsv file, a folder, or -."),
    ] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE", help="Write JSON lines, one per row of the input.")
    ] = None,
    schema: Annotated[
        list[str] | None,
        typer.Option("--schema", "-s", metavar="TEXT", help=f"What to extract, as in {EXAMPLE_SCHEMA[9:]}."),
    ] = None,
    schema_file: Annotated[
        list[Path] | None,
        typer.Option("--schema-file", metavar="FILE", help="The same in a .yaml, .json or .txt file."),
    ] = None,
    model: Annotated[str, typer.Option("--model", "-m", metavar="NAME", help="Name or folder of a model.")] = "nano",
    adapter: Annotated[
        str | None, typer.Option("--adapter", metavar="FOLDER", help="Folder of a trained adapter.")
    ] = None,
    capabilities: Annotated[str | None, CAPABILITIES] = None,
    dtype: Annotated[str, DTYPE] = "auto",
    json: Annotated[bool, typer.Option("--json", help="Print JSON lines instead of tables.")] = False,
    min_score: Annotated[float, typer.Option("--min-score", min=0, max=1, help="Leave out frames below it.")] = 0.0,
    strict: Annotated[bool, typer.Option("--strict", help="Stop at the first thing that cannot be used.")] = False,
    batch_size: Annotated[int, typer.Option("--batch-size", min=1, help="Texts the model reads at once.")] = 16,
    lines: Annotated[bool, typer.Option("--lines", help="Each line of the input is a document.")] = False,
    text_column: Annotated[
        str | None, typer.Option("--text-column", metavar="NAME", help="Column of a .csv or .tsv file with the text.")
    ] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Continue an output that was stopped.")] = False,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace an output that exists.")] = False,
    grammar: Annotated[
        bool, typer.Option("--grammar/--no-grammar", help="Hold the model to the schema and the text.")
    ] = True,
    span_head: Annotated[bool, SPAN_HEAD] = True,
    span_threshold: Annotated[float | None, SPAN_THRESHOLD] = None,
    format: Annotated[
        str, typer.Option("--format", metavar="NAME", help="How the model is asked to write frames.")
    ] = "listing",
    instruction_seed: Annotated[
        int | None, typer.Option("--instruction-seed", metavar="N", help="Draw another wording of the instructions.")
    ] = None,
    instructions: Annotated[
        Path | None, typer.Option("--instructions", metavar="FILE", help="Wordings to use, as paraphrase writes them.")
    ] = None,
    window: Annotated[
        Unit,
        typer.Option("--window", metavar="UNIT", help="Read by sentence, paragraph or document, where there is room."),
    ] = "sentence",
    window_size: Annotated[
        int, typer.Option("--window-size", metavar="N", help="So many sentences or paragraphs at a time.")
    ] = 1,
    window_overlap: Annotated[
        int, typer.Option("--window-overlap", metavar="N", help="So many of them are read again with the next ones.")
    ] = 0,
    progress: Annotated[bool, typer.Option("--progress/--no-progress", help="Show a bar on a terminal.")] = True,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress and no summary.")] = False,
) -> None:
    """\b
    Example:
      loremill extract "Ada Lovelace lived in London." --schema "person, city"

    Prints the frames found in a text. With --input reviews.jsonl --output found.jsonl it reads a row
    at a time and writes one line per row, in the same order; a row that cannot be used has an error.

    Relations and the arguments of events are found within what the model reads at a time, by default a
    sentence. --window paragraph finds those that go from one sentence to another, as does --window-size 3
    --window-overlap 2.
    """
    if output is None and (resume or overwrite):
        raise InputError("--resume and --overwrite are about a file of results; add --output FILE")
    wanted = read_schema(schema, schema_file)
    source = _open(text, input, lines, text_column)
    extractor = build_extractor(
        model,
        wanted,
        adapter=adapter,
        capabilities=capabilities,
        dtype=dtype,
        grammar=grammar,
        strict=strict,
        min_score=min_score,
        batch_size=batch_size,
        window=Window(window_size, window_overlap, window),
        span_head=span_head,
        span_threshold=span_threshold,
        format=format,
        instruction_seed=instruction_seed,
        instructions=instructions or "",
    )
    if output is None:
        _print(extractor, source, as_json=json, strict=strict)
        return
    from ..jobs import extract_file

    try:
        summary = extract_file(
            extractor,
            source,
            output,
            resume=resume,
            overwrite=overwrite,
            strict=strict,
            progress=progress and not quiet,
        )
    except KeyboardInterrupt:
        print(f"loremill: interrupted; the same command with --resume continues {output}", file=sys.stderr)
        raise typer.Exit(130) from None
    if not quiet:
        print(_told(summary, source, output), file=sys.stderr)
    if summary.errors and summary.errors == summary.rows:
        raise InputError(f"no row could be used; the first: {summary.first_error}")


def read_schema(texts: list[str] | None, files: list[Path] | None) -> Schema:
    """The schema that ``--schema`` and ``--schema-file`` make together."""
    from ..schema import load_schema, load_schema_file

    parts = [load_schema(text) for text in texts or ()] + [load_schema_file(file) for file in files or ()]
    if not parts:
        raise InputError(f"a schema is wanted, for example {EXAMPLE_SCHEMA}")
    whole = parts[0]
    for part in parts[1:]:
        whole = whole + part
    return whole


def build_extractor(model: str, schema: Schema, **settings: Any) -> Extracts:
    """The extractor of a command, with the keyword arguments of `Extractor`."""
    from ..extractor import Extractor

    return Extractor(model, schema, **settings)


def _open(text: str | None, path: str | None, lines: bool, text_column: str | None) -> Source:
    from ..jobs import open_source, text_source

    if text == "-" and path is None:
        text, path = None, "-"
    if (text is None) == (path is None):
        given = "none" if text is None else "both"
        raise InputError(
            f'a text or --input FILE is wanted, got {given}; for example loremill extract "Ada." -s person'
        )
    if path is not None:
        return open_source(path, lines=lines, text_column=text_column)
    if lines or text_column is not None:
        raise InputError("--lines and --text-column are about files; add --input FILE")
    if _is_like_a_file(text or ""):
        raise InputError(f"{text!r} reads like a file: add --input to read it, or pass the words themselves through -")
    return text_source(text or "")


def _is_like_a_file(text: str) -> bool:
    """Whether a text is more likely a path whose ``--input`` was forgotten."""
    from ..jobs.inputs import SUFFIXES

    is_folder = "/" in text and os.path.isdir(text)
    return is_folder or os.path.isfile(text) or (len(text.split()) == 1 and text.lower().endswith(SUFFIXES))


def _print(extractor: Extracts, source: Source, *, as_json: bool, strict: bool) -> None:
    from ..jobs import extract_rows
    from ..jobs.outputs import encode, row_dict, writing
    from ..show import show

    errors = 0
    rows = 0
    for row, extraction in extract_rows(extractor, source.rows, strict=strict):
        if source.total == 1 and extraction.error is not None:
            raise InputError(extraction.error)
        with writing("standard output"):
            if as_json:
                sys.stdout.buffer.write(encode(row_dict(row, extraction)))
            else:
                print(end="\n" if rows else "")
                show(extraction)
            sys.stdout.flush()
        rows += 1
        errors += extraction.error is not None
    if errors == rows:
        raise InputError(f"no row could be used, {rows:,} have errors")


def _told(summary: Summary, source: Source, output: Path) -> str:
    parts = [f"{summary.rows:,} rows"]
    if summary.resumed:
        parts.append(f"{summary.resumed:,} were there")
    if summary.errors:
        parts.append(f"{summary.errors:,} with errors")
    parts.append(f"{summary.frames:,} frames")
    if summary.rejected:
        parts.append(f"{summary.rejected:,} items not used")
    if source.passed_over:
        parts.append(f"{source.passed_over:,} files of other kinds passed over")
    return f"{', '.join(parts)} in {summary.seconds:.1f} s: {output}"
