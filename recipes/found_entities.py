# SPDX-License-Identifier: Apache-2.0
"""Training texts with the entities that a model finds in them, and the annotated relations among these.

    python recipes/found_entities.py --model runs/ship

Who learns to relate annotated entities learns that nearly all of them are related, and so relates what was found by
mistake. Here the entities are a model's, with its mistakes; a relation is kept if both of its mentions were found.
Data sets of one's own, ``runs/found/<name>``, read with ``families: [relations], given: 1.0``.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import torch
import typer
from own_corpus import write_corpus

from loremill import Extractor
from loremill.corpora import corpus, read_mixture
from loremill.corpora.mixture import CorpusShare
from loremill.extraction import Extraction
from loremill.formats.drafts import frames_of
from loremill.frames import Document
from loremill.models import load_model
from loremill.schema import Schema
from loremill.training.config import load_config
from loremill.wire import to_dict


def main(
    model: Annotated[str, typer.Option(help="name or folder of the model that finds the entities")] = "nano",
    names: Annotated[str, typer.Option(help="data sets, comma-separated")] = "conll04,ade,scierc",
    threshold: Annotated[float | None, typer.Option(help="of its span head; none: its own")] = None,
    config: Annotated[Path, typer.Option(help="configuration whose leak check holds")] = Path("recipes/nano_full.yaml"),
    output: Annotated[Path, typer.Option(help="folder of the data sets")] = Path("runs/found"),
    threads: Annotated[int, typer.Option(help="torch threads; 0: torch's choice")] = 0,
) -> None:
    """Find the entities and write the data sets."""
    if threads:
        torch.set_num_threads(threads)
    settings = load_config(config)
    finder = load_model(model, dtype="int8")
    for name in names.split(","):
        entry = corpus(name)
        schema = entry.schema_for(settings.data_dir or None)
        mixture = read_mixture(
            [CorpusShare(name, families=("relations",))],
            settings.mixture,
            seed=settings.seed,
            data_dir=settings.data_dir or None,
        )
        docs = mixture.sources[0].documents
        found = Extractor(finder, schema.family("entities"), span_threshold=threshold).extract([d.text for d in docs])
        about = {"licence": entry.licence, "citation": entry.citation, "note": f"{name} with the entities of a model"}
        rows = [among(doc, extraction, schema) for doc, extraction in zip(docs, found, strict=True)]
        write_corpus(output / name, about, schema, map(to_dict, rows))
        kept, total = (sum(len(frames_of(d, schema.family("relations"))) for d in of) for of in (rows, docs))
        typer.echo(f"{output / name}: {len(docs):,} documents, {kept:,} of {total:,} relations")


def among(doc: Document, found: Extraction, schema: Schema) -> Extraction:
    """What was found in a document's text, and its own relations of which all mentions were."""
    mentions = {frame.filler for frame in found.frames}
    relations = frames_of(doc, schema.family("relations"))
    kept = (frame for frame in relations if all(slot.filler in mentions for slot in frame.slots))
    return replace(found, id=doc.id, frames=(*found.frames, *kept))


if __name__ == "__main__":
    typer.run(main)
