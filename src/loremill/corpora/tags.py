# SPDX-License-Identifier: Apache-2.0
"""Tagged tokens -> documents with entities: IOB1, IOB2, BIOES, BILOU; chunks as ``conlleval`` and seqeval read them.

Sang and Buchholz (2000), https://aclanthology.org/W00-0726. A malformed sequence (an ``I-`` with nothing to
continue) is read as those scorers read it: a chunk begins at B, S or U, and at any tag inside that does not
continue the chunk before it. So no scheme needs to be named; naming one makes such a sequence an error.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal, NamedTuple

from ..frames import Document, Frame
from .detokenize import detokenize
from .gold import document, token_range
from .lines import MalformedLineError, NameOf
from .oneie import place_tokens

Scheme = Literal["IOB1", "IOB2", "BIOES", "BILOU"]

_PREFIXES: dict[Scheme, str] = {"IOB1": "OBI", "IOB2": "OBI", "BIOES": "OBIES", "BILOU": "OBILU"}


class Row(NamedTuple):
    """A token, its tag and the line where both stand."""

    line: int
    token: str
    tag: str


class Sentence(NamedTuple):
    """Its rows and, where the file has ``-DOCSTART-`` lines, the number of its document (from 0)."""

    rows: list[Row]
    document: str


@dataclass(frozen=True, slots=True)
class Tagging:
    """How the rows of a corpus are meant.

    Args:
        name_of: raw label (behind the tag's first ``-``) -> type name.
        join: see `detokenize`.
        attach: tokens that stick to the next one, such as ``@`` in tweets.
        scheme: sequences it does not allow are errors; None: any, chunks as ``conlleval`` reads them.
        drop_empty: leave out rows tagged O whose token is empty; otherwise they are errors.
        outside: tags that mean O.
    """

    name_of: NameOf
    join: str = ""
    attach: tuple[str, ...] = ()
    scheme: Scheme | None = None
    drop_empty: bool = False
    outside: tuple[str, ...] = ("O",)

    def document(self, sentence: Sentence) -> Document:
        """The sentence's document; ``meta["document"]`` is the number of its document.

        Raises:
            MalformedLineError: an empty token, or a tag of no known form.
        """
        rows = [row for row in sentence.rows if not self._is_dropped(row)]
        tags = [self._split(row) for row in rows]
        if self.scheme and (i := first_break(tags, self.scheme)) is not None:
            raise MalformedLineError(rows[i].line, f"wanted {self.scheme} tags, got {rows[i].tag!r} where it cannot be")
        text, offsets = self._place([row.token for row in rows])
        doc = document(text, (Frame(self.name_of(label), token_range(i, j, offsets)) for label, i, j in chunks(tags)))
        return replace(doc, meta={**doc.meta, "document": sentence.document}) if sentence.document else doc

    def _is_dropped(self, row: Row) -> bool:
        if row.token:
            return False
        if self.drop_empty and row.tag in self.outside:
            return True
        raise MalformedLineError(row.line, f"wanted a token with the tag {row.tag!r}, got none")

    def _split(self, row: Row) -> tuple[str, str]:
        if row.tag in self.outside:
            return "O", ""
        prefix, _, label = row.tag.partition("-")
        if prefix not in tuple("BIESLU") or not label:
            raise MalformedLineError(row.line, f"wanted a tag like O, B-label or I-label, got {row.tag!r}")
        return prefix, label

    def _place(self, tokens: list[str]) -> tuple[str, Sequence[tuple[int, int]]]:
        if not any(token in self.attach for token in tokens):
            return detokenize(tokens, join=self.join)
        words: list[str] = []
        for i, token in enumerate(tokens):
            if i and tokens[i - 1] in self.attach:
                words[-1] += token
            else:
                words.append(token)
        return place_tokens(tokens, words, join=self.join)


def chunks(tags: list[tuple[str, str]]) -> Iterator[tuple[str, int, int]]:
    """Label, first token and end (exclusive) of each chunk of ``(prefix, label)`` tags."""
    start, open_label = 0, ""
    for i, (prefix, label) in enumerate([*tags, ("O", "")]):
        if open_label and (prefix in "BSUO" or label != open_label):
            yield open_label, start, i
            open_label = ""
        if prefix == "O":
            continue
        if not open_label:
            start, open_label = i, label
        if prefix in "ESLU":
            yield open_label, start, i + 1
            open_label = ""


def first_break(tags: list[tuple[str, str]], scheme: Scheme) -> int | None:
    """The first tag that the scheme does not allow in its place; None if all are allowed."""
    before = ("O", "")
    for i, (prefix, label) in enumerate([*tags, ("O", "")]):
        continues = before[0] in "BI" and before[1] == label
        match scheme:
            case "IOB2":
                is_allowed = prefix != "I" or continues
            case "IOB1":
                is_allowed = prefix != "B" or continues
            case _:
                is_allowed = continues if prefix in "IEL" else before[0] not in "BI"
        if not is_allowed or prefix not in _PREFIXES[scheme]:
            return min(i, len(tags) - 1)
        before = (prefix, label)
    return None
