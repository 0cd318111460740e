# SPDX-License-Identifier: Apache-2.0
"""Sentences of wiki80 with the kinds that their relations tell, and what a model finds of the usual types besides.

    python recipes/wiki_kinds.py --model runs/nano_full/second_labels --wordnet /usr/share/wordnet

``wiki80_kinds`` marks two names of a sentence. Asked for persons beside politicians, a model would learn from it that
most persons are none. Here a model that is good at person, organization, location and miscellaneous marks the other
names, those that WordNet knows with their narrower kinds (see `wordnet_names`). Sentences where it is not sure are left
out, and those in which a name has a kind and another of the same usual type has none: it may be of that kind too. Other
sentences of wiki80 are taken if they hold a name that WordNet knows. One data set of one's own,
``runs/wordnet_kinds/wiki``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated

import torch
import typer
from wordnet import HOME, WordNet, nouns_in
from wordnet_names import KINDS, OTHERS, Mark, kind_of, write

from loremill import Extractor
from loremill.corpora import read_mixture
from loremill.corpora.broader import BROADER
from loremill.corpora.mixture import CorpusShare
from loremill.frames import Document, Frame
from loremill.models import load_model
from loremill.training.config import load_config

SURE = 0.5
"""Score of a name that is taken for one; with less a sentence is left out."""
CORPORA = ("wiki80", "wiki80_kinds")


def main(
    model: Annotated[str, typer.Option(help="name or folder of the model that marks names")] = "nano",
    wordnet: Annotated[Path, typer.Option(help="folder of WordNet's database")] = HOME,
    config: Annotated[Path, typer.Option(help="configuration whose leak check holds")] = Path("recipes/nano_full.yaml"),
    output: Annotated[Path, typer.Option(help="folder of the data sets")] = Path("runs/wordnet_kinds"),
    threads: Annotated[int, typer.Option(help="torch threads; 0: torch's choice")] = 0,
) -> None:
    """Mark the names and write the data set."""
    nouns = nouns_in(wordnet)
    if threads:
        torch.set_num_threads(threads)
    settings = load_config(config)
    shares = [CorpusShare(name) for name in CORPORA]
    mixture = read_mixture(shares, settings.mixture, seed=settings.seed, data_dir=settings.data_dir or None)
    docs = {doc.text: doc for source in mixture.sources for doc in source.documents}  # those with kinds come last
    extractor = Extractor(load_model(model, dtype="int8"), [*KINDS, *OTHERS])
    labels = {t.name: t.label for source in mixture.sources for t in source.schema if t.family == "entities"}
    rows = []
    for doc, found in zip(docs.values(), extractor.extract(list(docs)), strict=True):
        marks = completed(doc, found.frames, nouns)
        if marks is not None and any(kind not in KINDS and kind not in OTHERS for _, _, kind in marks):
            rows.append((doc.text, [(i, j, labels.get(kind, kind)) for i, j, kind in marks]))
    used = Counter(kind for _, marks in rows for _, _, kind in marks)
    write(output / "wiki", rows, used, {label: BROADER.get(name, ()) for name, label in labels.items()})
    typer.echo(f"{output / 'wiki'}: {len(rows):,} of {len(docs):,} sentences, {len(used)} kinds")


def completed(doc: Document, found: Sequence[Frame], nouns: WordNet) -> list[Mark] | None:
    """The document's marks and those of other names; None if they may contradict each other."""
    marks = [(f.filler.start, f.filler.end, f.type) for f in doc.frames if f.filler is not None]
    usual = {name for _, _, kind in marks for name in BROADER.get(kind, ())}
    others = list(_besides(marks, found))
    if any(frame.score is None or frame.score < SURE for frame in others):
        return None
    for name in (*KINDS, *OTHERS):
        places = [(f.filler.start, f.filler.end) for f in others if f.type == name and f.filler is not None]
        kinds = [kind_of(doc.text[i:j], name, nouns) if name in KINDS else None for i, j in places]
        is_known = bool(kinds) and None not in kinds
        if not is_known and places and (name in usual or set(kinds) != {None}):
            return None
        marks += [(*place, (is_known and kind) or name) for place, kind in zip(places, kinds, strict=True)]
    return sorted(marks)


def _besides(marks: Sequence[Mark], found: Sequence[Frame]) -> Iterator[Frame]:
    """The frames that share no character with the marks."""
    for frame in found:
        filler = frame.filler
        if filler is not None and all(filler.end <= start or end <= filler.start for start, end, _ in marks):
            yield frame


if __name__ == "__main__":
    typer.run(main)
