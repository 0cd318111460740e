# SPDX-License-Identifier: Apache-2.0
"""The table of commands. Command files import models and training inside their functions only."""

from __future__ import annotations

from typing import Annotated

import typer

from . import adapter, corpora, doctor, evaluate, extract, paraphrase, schema, score, train, view

app = typer.Typer(
    name="loremill",
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)

app.command("extract", short_help="Frames from a text, a file, a folder or standard input.")(extract.extract)
app.command("view", short_help="A page to look at what extract wrote.")(view.view)
app.command("evaluate", short_help="Scores of a model on a public data set.")(evaluate.evaluate)
app.command("score", short_help="Saved predictions counted again, under any scorer.")(score.score)
app.command("train", short_help="Train a model or an adapter.")(train.train)
app.add_typer(adapter.app, name="adapter", short_help="Look at an adapter; write experts as a plain LoRA.")
app.command("paraphrase", short_help="More wordings of the instructions, from any model.")(paraphrase.paraphrase)
app.add_typer(corpora.app, name="corpora", short_help="Public data sets: list, count, look at, compare.")
app.add_typer(schema.app, name="schema", short_help="Check a schema.")
app.command("doctor", short_help="Look at the installation, the model and a probe extraction.")(doctor.doctor)


def _print_version(is_wanted: bool) -> None:
    if is_wanted:
        from importlib.metadata import version

        print(f"loremill {version('loremill')}")
        raise typer.Exit


@app.callback()
def root(
    version: Annotated[
        bool, typer.Option("--version", help="Show the version.", callback=_print_version, is_eager=True)
    ] = False,
    debug: Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")] = False,
) -> None:
    """\b
    Example:
      loremill extract "Ada Lovelace lived in London." --schema "person, city"

    Extracts entities, relations, events and opinions from text, each pointing at its characters.
    """
