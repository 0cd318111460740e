# SPDX-License-Identifier: Apache-2.0
"""Names that people annotated, with narrower kinds by WordNet: a location that is a country, a person who is a writer.

    python recipes/wordnet_names.py --wordnet /usr/share/wordnet --config recipes/nano_full.yaml

Annotators chose among person, organization and location; WordNet knows what some of the names are. A sentence is taken
where it knows so of all its names of one type; names of the other types keep theirs. Its types are told to be kinds of
the annotators' ("broader"), so that training asks for both. One data set of one's own, ``runs/wordnet_kinds/names``.
"""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Annotated

import typer
from nano import training_mixture
from own_corpus import marked, write_corpus
from wordnet import HOME, WordNet, nouns_in

from loremill.corpora import Source
from loremill.frames import Document
from loremill.schema import Schema
from loremill.schema.types import FrameType

KINDS: Mapping[str, Mapping[str, str]] = {
    "location": {
        "country": "country",
        "city": "city, national_capital, state_capital, provincial_capital, town, port",
        "state": "state, Canadian_province, province",
        "body of water": "body_of_water",
        "island": "island, archipelago",
        "continent": "continent",
        "mountain": "mountain, mountain_peak, range",
    },
    "person": {
        "politician": "politician, statesman, head_of_state, lawgiver, legislator, diplomat, head_of_government",
        "ruler": "ruler, sovereign, nobleman",
        "writer": "writer",
        "musician": "musician, composer, singer",
        "scientist": "scientist, mathematician",
        "athlete": "athlete",
        "actor": "actor, film_maker",
        "painter": "artist",
        "military leader": "military_officer, military_leader",
        "religious leader": "spiritual_leader, clergyman, saint, prophet",
        "philosopher": "philosopher",
    },
    "organization": {
        "university": "university, college",
        "international organization": "world_organization, alliance, international_organization",
        "government agency": "agency, executive_department",
        "political party": "party",
        "terrorist group": "terrorist_organization",
    },
}
"""Type of the annotators -> label of a kind -> first words of the synsets that are of it; the nearest counts."""
OTHERS = ("miscellaneous",)
"""Types of which the names are kept as they are, that no data set's own cue tells when narrower kinds are not meant."""
MOST, LEAST = 800, 8  # marks of a kind: with more no sentence is taken for its sake, with fewer it is none
_ABOUT = {
    "licence": "WordNet 3.0 licence (kinds); texts and names as in the data sets they are of, of some not stated",
    "citation": "Miller, WordNet: A Lexical Database for English, CACM 38(11), 1995",
    "note": "names in training texts of the mixture with narrower kinds, by rule; some are wrong",
    "is_partial": True,
}


def main(
    wordnet: Annotated[Path, typer.Option(help="folder of WordNet's database")] = HOME,
    config: Annotated[Path, typer.Option(help="configuration whose training texts are read")] = Path(
        "recipes/nano_full.yaml"
    ),
    output: Annotated[Path, typer.Option(help="folder of the data sets")] = Path("runs/wordnet_kinds"),
    seed: Annotated[int, typer.Option(help="of the order of sentences")] = 42,
) -> None:
    """Find the kinds and write the data set."""
    nouns = nouns_in(wordnet)
    sources = [s for s in training_mixture(config, str(output)).sources if s.family == "entities"]
    docs = [doc for source in sources if is_suited(source) for doc in source.documents]
    random.Random(seed).shuffle(docs)
    rows, used = chosen((doc.text, list(narrowed(doc, nouns))) for doc in docs)
    write(output / "names", rows, used)
    typer.echo(f"{output / 'names'}: {len(rows):,} sentences; {', '.join(f'{k} {n}' for k, n in used.most_common())}")


Mark = tuple[int, int, str]
"""Start, end and label."""


def is_suited(source: Source) -> bool:
    """Whether a source has the annotators' types, all of them and in full."""
    return not source.is_partial and all(name in source.schema for name in KINDS)


def narrowed(doc: Document, nouns: WordNet) -> Iterator[Mark]:
    """The document's names, with their kinds those of types all of whose names have one; nothing without such a type.

    Nothing either where only some names of a type have one: the others may be of a kind too.
    """
    marks: list[Mark] = []
    is_narrower = False
    for name in KINDS:
        places = [(f.filler.start, f.filler.end) for f in doc.frames if f.type == name and f.filler is not None]
        found = [kind_of(doc.text[start:end], name, nouns) for start, end in places]
        if None in found and len(set(found)) > 1:
            return
        is_known = bool(found) and None not in found
        is_narrower = is_narrower or is_known
        marks += [(*place, (is_known and kind) or name) for place, kind in zip(places, found, strict=True)]
    marks += [(f.filler.start, f.filler.end, f.type) for f in doc.frames if f.type in OTHERS and f.filler is not None]
    if is_narrower:
        yield from sorted(marks)


def kind_of(words: str, name: str, nouns: WordNet) -> str | None:
    """What a name of the annotators' type is by all of its senses of that type; None: not known, or they differ."""
    of = {first: kind for kind, listed in KINDS[name].items() for first in listed.split(", ")}
    kinds = set[str | None]()
    for key in nouns.senses.get("_".join(words.lower().split()), ()):
        above = [nouns.synsets[up].words[0] for up in nouns.above(key)]
        if name in above:
            kinds.add(next((of[word] for word in above if word in of), None))
    return kinds.pop() if len(kinds) == 1 else None


def chosen(marked: Iterable[tuple[str, Sequence[Mark]]]) -> tuple[list[tuple[str, Sequence[Mark]]], Counter[str]]:
    """Sentences that each bring a kind of which few are there; and marks by kind, without those that stay rare."""
    rows: list[tuple[str, Sequence[Mark]]] = []
    used: Counter[str] = Counter()
    for text, found in marked:
        if any(used[kind] < MOST for _, _, kind in found if kind not in KINDS and kind not in OTHERS):
            rows.append((text, found))
            used.update(kind for _, _, kind in found)
    used = Counter({kind: count for kind, count in used.items() if count >= LEAST})
    return [row for row in rows if all(kind in used for _, _, kind in row[1])], used


def write(
    folder: Path,
    rows: Iterable[tuple[str, Sequence[Mark]]],
    labels: Iterable[str],
    more: Mapping[str, Sequence[str]] = MappingProxyType({}),
) -> None:
    """A data set of one's own, see `loremill.corpora.own`; ``more`` tells what other labels are kinds of."""
    names = {label: re.sub(r"\W+", "_", label) for label in sorted(labels)}
    kinds = {**more, **{kind: [name] for name, kinds in KINDS.items() for kind in kinds}}
    broader = {names[kind]: list(above) for kind, above in kinds.items() if kind in names and above}
    schema = Schema(tuple(FrameType(name, label) for label, name in names.items()), folder.name)
    named = (marked(text, [(i, j, names[kind]) for i, j, kind in found]) for text, found in rows)
    write_corpus(folder, {**_ABOUT, "broader": broader}, schema, named)


if __name__ == "__main__":
    typer.run(main)
