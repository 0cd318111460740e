# SPDX-License-Identifier: Apache-2.0
"""Texts of a mixture with what their nouns name, by WordNet: many kinds, for models that are to follow unseen schemas.

    python recipes/wordnet_kinds.py --wordnet /usr/share/wordnet --config recipes/nano_full.yaml

Needs WordNet's database (Debian: ``apt install wordnet-base``). Writes data sets of one's own, one for each breadth of
kinds (see `wordnet`), into ``runs/wordnet_kinds/``: no text of a dev or test part is in them, for they are sentences of
what the mixture may train on. Marks are by rule: nouns that mean one thing, and names of several words that end with
one ("Reformed Political Party"). Some are wrong and much is left unmarked, so the sets are for training alone.
"""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated

import typer
from nano import training_mixture
from own_corpus import marked, write_corpus
from wordnet import HOME, WordNet, nouns_in

from loremill.schema import Schema
from loremill.schema.types import FrameType
from loremill.windows import sentences

BREADTHS = (4000, 1000, 300)
"""Words below a kind at most, of each data set."""
NARROWEST = 40  # a kind has at least this part of the words that it may have
LONGEST = 4  # words of a noun
LEAST, MOST = 12, 80  # marks of a kind: with fewer it is none, with more no sentence is taken for its sake
LENGTHS = range(5, 61)  # words of a sentence
_WORD = re.compile(r"\w+(?:[-'’]\w+)*")
_NAME = re.compile(
    r"(?!(?:The|An?|In|On|At|For|By|To|From|With|His|Her|Its?|He|She|They|This|That|As|After|When) )"
    r"\b[A-Z][\w'’-]*(?: (?:(?:of|the|for|and|in|on) ){0,2}[A-Z][\w'’-]*)+"
)
_ABOUT = {
    "licence": "WordNet 3.0 licence (marks); texts as in the data sets they are of, of some not stated",
    "citation": "Miller, WordNet: A Lexical Database for English, CACM 38(11), 1995",
    "note": "nouns and names in training texts of the mixture, by rule; some are wrong, and not all are marked",
    "is_partial": True,
}
_BROADEST = (
    "act,animal,artifact,attribute,body part,chemical,communication,creation,disease,feeling,fluid,food,plant,"
    "substance,time period,vehicle,worker"
)  # without person, location, organization and event: of those people mark names, and nouns are marked here


def main(
    wordnet: Annotated[Path, typer.Option(help="folder of WordNet's database")] = HOME,
    config: Annotated[Path, typer.Option(help="configuration whose training texts are read")] = Path(
        "recipes/nano_full.yaml"
    ),
    output: Annotated[Path, typer.Option(help="folder of the data sets")] = Path("runs/wordnet_kinds"),
    size: Annotated[int, typer.Option(help="sentences of each data set")] = 6000,
    seed: Annotated[int, typer.Option(help="of the order of sentences")] = 42,
) -> None:
    """Mark the nouns and write the data sets."""
    nouns = nouns_in(wordnet)
    read = (doc.text for source in training_mixture(config, str(output)).sources for doc in source.documents)
    found = [text[i:j].strip() for text in dict.fromkeys(read) for i, j in sentences(text)]
    texts = sorted({text for text in found if len(text.split()) in LENGTHS})
    random.Random(seed).shuffle(texts)
    for breadth in BREADTHS:
        cut = nouns.cut(breadth, breadth // NARROWEST)
        kinds = kinds_of(nouns, cut)
        rows, used = chosen(((text, list(marks(text, nouns, kinds))) for text in texts), size)
        schema = schema_of(nouns, used)
        folder = output / f"to_{breadth}"
        write(folder, rows, nouns, schema, broader_of(nouns, used))
        typer.echo(f"{folder}: {len(rows):,} sentences, {len(schema)} kinds, {sum(used.values()):,} marks")


Mark = tuple[int, int, str]
"""Start, end and kind (its synset)."""


def kinds_of(nouns: WordNet, cut: Mapping[str, str]) -> dict[str, str]:
    """Noun -> kind, of all nouns that have one; of kinds with one name only the broadest."""
    known = {lemma: kind for lemma in nouns.senses if (kind := nouns.kind(lemma, cut)) is not None}
    by_name: dict[str, str] = {}
    for kind in sorted(set(known.values()), key=lambda key: (nouns.below[key], key)):
        by_name[name_of(nouns, kind)] = kind
    return {lemma: kind for lemma, kind in known.items() if by_name[name_of(nouns, kind)] == kind}


def marks(text: str, nouns: WordNet, kinds: Mapping[str, str]) -> Iterator[Mark]:
    """The nouns and names of a sentence that are of a kind, in order; the longest of those that overlap."""
    names = {match.start(): match for match in _NAME.finditer(text)}
    words = list(_WORD.finditer(text))
    place = 0
    for i, word in enumerate(words):
        if word.start() < place:
            continue
        if name := names.get(word.start()):
            place = name.end()
            last = name.group().split()[-1]
            for phrase in (name.group(), last):
                lemma = nouns.lemma(phrase.replace(" ", "_"))
                if lemma in kinds and (phrase != last or _is_common(nouns, lemma)):
                    yield name.start(), name.end(), kinds[lemma]
                    break
            continue
        for count in range(min(LONGEST, len(words) - i), 0, -1):
            stop = words[i + count - 1].end()
            phrase = text[word.start() : stop]
            lemma = nouns.lemma(phrase.replace(" ", "_"))
            if lemma in kinds and len(phrase) > 2 and _fits_case(phrase, nouns, lemma, is_first=i == 0):
                yield word.start(), stop, kinds[lemma]
                place = stop
                break


def _is_common(nouns: WordNet, lemma: str) -> bool:
    """Whether a noun is written in lower case in WordNet, in its first sense."""
    return lemma in nouns.synsets[nouns.senses[lemma][0]].words


def _fits_case(phrase: str, nouns: WordNet, lemma: str, *, is_first: bool) -> bool:
    """A name has a capital, another noun none but at a sentence's begin."""
    has_capital = phrase[0].isupper()
    return has_capital != _is_common(nouns, lemma) or (is_first and has_capital)


def chosen(
    marked: Iterable[tuple[str, Sequence[Mark]]], size: int
) -> tuple[list[tuple[str, Sequence[Mark]]], Counter[str]]:
    """Sentences that each bring a kind of which few are there, without kinds that stay rare; and marks by kind."""
    rows: list[tuple[str, Sequence[Mark]]] = []
    used: Counter[str] = Counter()
    for text, found in marked:
        if any(used[kind] < MOST for _, _, kind in found):
            rows.append((text, found))
            used.update(kind for _, _, kind in found)
        if len(rows) == size:
            break
    used = Counter({kind: count for kind, count in used.items() if count >= LEAST})
    kept = ((text, [mark for mark in found if mark[2] in used]) for text, found in rows)
    return [row for row in kept if row[1]], used


def label_of(nouns: WordNet, kind: str) -> str:
    """The first word of a kind, as people write it."""
    return nouns.synsets[kind].words[0].replace("_", " ")


def name_of(nouns: WordNet, kind: str) -> str:
    """The name of a kind's type."""
    return re.sub(r"\W+", "_", label_of(nouns, kind).lower()).strip("_")


def schema_of(nouns: WordNet, kinds: Iterable[str]) -> Schema:
    """A type for each kind, with its gloss."""
    named = sorted((name_of(nouns, kind), kind) for kind in kinds)
    types = (FrameType(name, label_of(nouns, k), description=nouns.synsets[k].definition) for name, k in named)
    return Schema(tuple(types), "wordnet_kinds")


def broader_of(nouns: WordNet, kinds: Iterable[str]) -> dict[str, list[str]]:
    """Names of types -> labels of the broadest kinds that they are of, the nearest first."""
    broadest = _BROADEST.split(",")
    found = {}
    for kind in kinds:
        labels = dict.fromkeys(label_of(nouns, up) for up in nouns.above(kind))
        own = label_of(nouns, kind)
        found[name_of(nouns, kind)] = [label for label in labels if label in broadest and label != own]
    return {name: labels for name, labels in sorted(found.items()) if labels}


def write(
    folder: Path,
    rows: Iterable[tuple[str, Sequence[Mark]]],
    nouns: WordNet,
    schema: Schema,
    broader: Mapping[str, Sequence[str]],
) -> None:
    """A data set of one's own, see `loremill.corpora.own`."""
    named = (marked(text, [(i, j, name_of(nouns, kind)) for i, j, kind in found]) for text, found in rows)
    write_corpus(folder, {**_ABOUT, "broader": broader}, schema, named)


if __name__ == "__main__":
    typer.run(main)
