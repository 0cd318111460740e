# SPDX-License-Identifier: Apache-2.0
"""The table of scorers, and what is counted under any of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from ..errors import UnknownNameError
from ..schema import Schema
from .counts import Counter, Row, Tally, tally
from .gollie import PARTIAL_CORPORA, gollie
from .instructuie import instructuie_counts
from .items import PARTS, Part, parts_of
from .ruie import ruie
from .ruie_exact import ruie_exact
from .strict import strict_counts
from .text import text_counts

_OF_PAPERS: tuple[Part, ...] = tuple(part for part in PARTS if part != "typed_relations")


@dataclass(frozen=True, slots=True)
class Scorer:
    """A protocol by name: what it counts, and for which parts.

    ``unfiltered`` is the same protocol without what it drops because it is not in the text, where it drops any.
    """

    name: str
    counter: Counter
    parts: tuple[Part, ...] = PARTS
    unfiltered: Counter | None = None

    def parts_of(self, schema: Schema) -> tuple[Part, ...]:
        """The parts of the schema that it can score."""
        return tuple(part for part in parts_of(schema) if part in self.parts)

    def tally(self, predictions: Iterable[Row], schema: Schema, part: Part) -> Tally:
        """The counts of one part, by label and by document."""
        if part not in self.parts:
            raise UnknownNameError(f"part of scorer {self.name!r}", part, self.parts)
        return tally(predictions, schema, part, self.counter)


SCORERS: Mapping[str, Scorer] = {
    scorer.name: scorer
    for scorer in (
        Scorer("strict", strict_counts),
        Scorer("text", text_counts),
        Scorer("gollie", gollie(), _OF_PAPERS, gollie(is_filtered=False)),
        Scorer("gollie_partial", gollie(is_partial=True), _OF_PAPERS, gollie(is_partial=True, is_filtered=False)),
        Scorer("ruie", ruie(), _OF_PAPERS, ruie(is_filtered=False)),
        Scorer("ruie_exact", ruie_exact(), _OF_PAPERS, ruie_exact(is_filtered=False)),
        Scorer("instructuie", instructuie_counts, _OF_PAPERS),
    )
}


def scorer(name: str, *, corpora: Sequence[str] = (), partial: bool | None = None) -> Scorer:
    """The scorer of a name.

    Args:
        corpora: the data sets that will be scored; ``gollie`` is ``gollie_partial`` on those where its authors
            made that their default.
        partial: say so instead.

    Raises:
        UnknownNameError: no scorer has this name.
    """
    if name not in SCORERS:
        raise UnknownNameError("scorer", name, SCORERS)
    is_partial = any(c in PARTIAL_CORPORA for c in corpora) if partial is None else partial
    return SCORERS["gollie_partial"] if name == "gollie" and is_partial else SCORERS[name]
