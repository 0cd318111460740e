# SPDX-License-Identifier: Apache-2.0
"""Nouns of WordNet and the kinds of thing that they name, from its database files (wndb(5WN); Debian: wordnet-base).

A *cut* through the hierarchy gives kinds of like breadth, none above another: the highest synsets that have at most so
many words below them. A noun is of a kind if nearly all of its uses are, by the counts of the tagged texts that
come with WordNet; a word that is as often a verb or an adjective is none.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

HOME = Path("/usr/share/wordnet")
"""Where Debian's wordnet-base puts the database."""
SURE = 0.7
"""Share of a noun's uses that has to be of its kind."""
NO_NOUNS = frozenset(
    re.findall(
        r"\w+",
        """a an am are as at be but by can could did do does for had has have he her here his how i if in is it its may
        me might my no nor not of off on or our out over she should so than that the their them then there these they
        this those to too under up us was we were what when where which who whom whose why will with would you your""",
    )
)
"""Words with a noun among their senses that is never meant."""
_HYPERNYMS = frozenset({"@", "@i"})  # of kinds and of instances


@dataclass(frozen=True, slots=True)
class Synset:
    """Words of one meaning, with the synsets above."""

    words: tuple[str, ...]
    above: tuple[str, ...]
    gloss: str

    @property
    def definition(self) -> str:
        """The gloss without examples and afterthoughts."""
        return self.gloss.partition('"')[0].partition(";")[0].strip(" ;:")


class WordNet:
    """The nouns in a folder of ``data.noun``, ``index.*``, ``noun.exc`` and ``cntlist.rev``.

    Raises:
        OSError: a file is not there.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.synsets = dict(_synsets(folder / "data.noun"))
        self.senses = {lemma: tuple(offsets) for lemma, offsets in _index(folder / "index.noun")}

    @cached_property
    def below(self) -> Mapping[str, int]:
        """Synset -> words under it, its own among them; those on two ways down count once."""
        found: dict[str, set[str]] = defaultdict(set)
        for synset in self.synsets.values():
            reached, todo = set[str](), list(synset.above)
            while todo:
                key = todo.pop()
                if key not in reached:
                    reached.add(key)
                    todo += self.synsets[key].above
            for key in reached:
                found[key].update(synset.words)
        return {key: len(found[key].union(synset.words)) for key, synset in self.synsets.items()}

    @cached_property
    def uses(self) -> tuple[Mapping[str, Counter[int]], Counter[str]]:
        """Of a noun the times each sense was tagged; of a word the times it was tagged as no noun."""
        nouns: dict[str, Counter[int]] = defaultdict(Counter)
        others: Counter[str] = Counter()
        for line in _lines(self.folder / "cntlist.rev"):
            key, sense, times = line.split()
            lemma, _, rest = key.partition("%")
            if rest.startswith("1"):
                nouns[lemma][int(sense)] += int(times)
            else:
                others[lemma] += int(times)
        return nouns, others

    @cached_property
    def exceptions(self) -> Mapping[str, str]:
        """Irregular plural -> noun."""
        return {words[0]: words[1] for line in _lines(self.folder / "noun.exc") if len(words := line.split()) > 1}

    @cached_property
    def no_nouns(self) -> frozenset[str]:
        """Verbs, adjectives and adverbs, nouns or not."""
        return frozenset(lemma for part in ("verb", "adj", "adv") for lemma, _ in _index(self.folder / f"index.{part}"))

    def lemma(self, word: str) -> str | None:
        """The noun that a word, singular or plural, is a form of; blanks are low lines."""
        word = word.lower()
        if word in NO_NOUNS:
            return None
        for form in (word, self.exceptions.get(word, ""), *_singulars(word)):
            if form in self.senses:
                return form
        return None

    def above(self, key: str) -> Iterator[str]:
        """The synsets above one, nearest first, each once."""
        reached, todo = {key}, [key]
        for at in todo:
            for up in self.synsets[at].above:
                if up not in reached:
                    reached.add(up)
                    todo.append(up)
                    yield up

    def cut(self, most: int, least: int) -> dict[str, str]:
        """Synset -> the kind it is of: the highest synset above it, or itself, with at most ``most`` words below.

        Kinds with less than ``least`` words, and synsets of two kinds, are left out.
        """
        kinds: dict[str, frozenset[str]] = {}

        def of(key: str) -> frozenset[str]:
            if key not in kinds:
                above = frozenset(kind for up in self.synsets[key].above for kind in of(up))
                kinds[key] = above or (frozenset({key}) if self.below[key] <= most else frozenset())
            return kinds[key]

        return {
            key: kind for key in self.synsets for kind in of(key) if len(of(key)) == 1 and self.below[kind] >= least
        }

    def kind(self, lemma: str, cut: Mapping[str, str]) -> str | None:
        """The kind that nearly all uses of a noun are of; None where there is none, or it may be no noun."""
        nouns, others = self.uses
        times = nouns.get(lemma, Counter())
        if 2 * others[lemma] > times.total() or (not times and lemma in self.no_nouns):
            return None
        weights: Counter[str | None] = Counter()
        for number, key in enumerate(self.senses[lemma], 1):
            weights[cut.get(key)] += 2 * times[number] + 1
        kind, weight = weights.most_common(1)[0]
        return kind if weight >= SURE * weights.total() else None


def _singulars(word: str) -> Iterator[str]:
    for end, other in (
        ("ies", "y"),
        ("ses", "s"),
        ("xes", "x"),
        ("ches", "ch"),
        ("shes", "sh"),
        ("men", "man"),
        ("s", ""),
    ):
        if word.endswith(end) and len(word) > len(end) + 1 and not word.endswith("ss"):
            yield word.removesuffix(end) + other


def _synsets(path: Path) -> Iterator[tuple[str, Synset]]:
    for line in _lines(path):
        data, _, gloss = line.partition("|")
        fields = data.split()
        count = int(fields[3], 16)
        words = tuple(fields[4 + 2 * i] for i in range(count))
        start = 5 + 2 * count
        pointers = (fields[start + 4 * i : start + 4 * i + 3] for i in range(int(fields[start - 1])))
        yield fields[0], Synset(words, tuple(key for kind, key, part in pointers if kind in _HYPERNYMS), gloss.strip())


def _index(path: Path) -> Iterator[tuple[str, list[str]]]:
    for line in _lines(path):
        fields = line.split()
        yield fields[0], fields[len(fields) - int(fields[2]) :]


def _lines(path: Path) -> Iterator[str]:
    """The lines that are not of the licence at the top."""
    with path.open(encoding="utf-8") as file:
        yield from (line for line in file if line.strip() and not line.startswith("  "))


def nouns_in(folder: Path) -> WordNet:
    """WordNet's nouns, or the end of the program with a line that says what to do."""
    try:
        return WordNet(folder)
    except OSError as error:
        raise SystemExit(f"{error}: install wordnet-base or name its folder with --wordnet") from error
