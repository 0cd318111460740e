# SPDX-License-Identifier: Apache-2.0
"""What a model is trained on: one value from the data sets wanted, without what the dev and test parts hold."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..errors import InputError, UnknownNameError
from ..frames import Document
from ..schema import Family, Schema
from .catalogue import corpus, load
from .corpus import Corpus
from .leaks import LeakCheck, OnLeak, Reserved, reserved_keys
from .licences import Licences, is_allowed
from .sampling import keep_types, partition, repeats, sample_documents

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class CorpusShare:
    """A data set's part in the mixture."""

    name: str
    repeat: float = 1.0  # times per epoch; 0.5 takes a random half
    families: tuple[str, ...] = ()  # empty: all it has
    limit: int = 0  # documents at most, a seeded sample; 0: all
    unseen: tuple[str, ...] = ()  # types that training does not see
    unseen_share: float = 0.0  # of each family's types, drawn by the seed, that training does not see

    def __post_init__(self) -> None:
        if self.repeat < 0 or self.limit < 0 or not 0.0 <= self.unseen_share < 1.0:
            raise InputError(
                f"corpus {self.name!r} of a mixture needs repeat >= 0, limit >= 0 and 0 <= unseen_share < 1, "
                f"got {self.repeat:g}, {self.limit} and {self.unseen_share:g}"
            )


@dataclass(frozen=True, slots=True)
class MixtureSettings:
    """What holds for all data sets of a mixture. There is no way to leave out the leak check."""

    temperature: float = 1.0  # documents of a set ~ size ** (1 / temperature); 1: proportional, .inf: all alike
    documents: int = 0  # of an epoch; 0: what the sets have together
    cap: int = 0  # documents of one set per epoch, others in each, before the temperature; 0: no cap
    fraction: float = 1.0  # of each set, the same in all epochs: 0.01 lies in 0.05 lies in 0.1
    held_out: tuple[str, ...] = ()  # sets of which not one sentence may be seen, of their training parts neither
    licences: Licences = "all"  # permissive, research, or all: not stated too; other sets are left out
    on_leak: OnLeak = "remove"  # what shares a sentence with a dev or test part: remove or refuse

    def __post_init__(self) -> None:
        if not self.temperature > 0:
            raise InputError(f"temperature of a mixture needs to be above 0, got {self.temperature:g}")
        if not 0.0 < self.fraction <= 1.0:
            raise InputError(f"fraction of a mixture needs to be above 0 and at most 1, got {self.fraction:g}")
        if min(self.documents, self.cap) < 0:
            raise InputError(
                f"documents and cap of a mixture need to be at least 0, got {self.documents} and {self.cap}"
            )


@dataclass(frozen=True, slots=True)
class Source:
    """One data set's part in a mixture, for one family: documents, the schema they were annotated with."""

    name: str
    family: Family
    schema: Schema
    documents: Sequence[Document]
    aliases: Mapping[str, Sequence[str]]
    repeat: float = 1.0


@dataclass(frozen=True, slots=True)
class Mixture:
    """The sources, and what was left out of them."""

    sources: tuple[Source, ...]
    removed: Mapping[str, int]  # data set -> documents that share a sentence with what is reserved
    unseen: Mapping[str, tuple[str, ...]]  # data set -> types that training does not see
    forbidden: Mapping[str, str]  # data set that its licence keeps out -> the licence
    reserved: Reserved = field(compare=False)

    def to_dict(self) -> dict[str, Any]:
        """What is worth saving beside a trained model."""
        return {
            "sources": [
                {"name": s.name, "family": s.family, "documents": len(s.documents), "repeat": s.repeat}
                for s in self.sources
            ],
            "removed": dict(self.removed),
            "unseen": {name: list(types) for name, types in self.unseen.items()},
            "forbidden": dict(self.forbidden),
            "leak_check": {
                "sentences": len(self.reserved),
                "parts": list(self.reserved.parts),
                "absent": list(self.reserved.absent),
                "cached": self.reserved.cached,
                "seconds": round(self.reserved.seconds, 1),
            },
        }


def read_mixture(
    shares: Sequence[CorpusShare],
    settings: MixtureSettings | None = None,
    *,
    seed: int,
    data_dir: str | Path | None = None,
) -> Mixture:
    """The mixture's sources, without documents that share a sentence with a dev or test part that is there.

    A data set's families are sources of their own with the same documents.

    Raises:
        UnknownNameError: no such data set or type.
        InputError: the data is not there, a data set is held out and wanted at once, nothing is left, or a
            document shares a sentence and leaks are refused.
    """
    settings = settings or MixtureSettings()
    entries = [corpus(share.name) for share in shares]
    for share, entry in zip(shares, entries, strict=True):
        _check(share, entry, data_dir)
    schemas = [
        partition(entry.schema_for(data_dir), unseen=share.unseen, share=share.unseen_share, seed=seed)
        for share, entry in zip(shares, entries, strict=True)
    ]
    _check_held_out(shares, settings.held_out)
    forbidden = {e.name: e.licence for e in entries if not is_allowed(e.licence, settings.licences)}
    if forbidden:
        _LOG.warning("left out, for licences is %s: %s", settings.licences, ", ".join(forbidden))
    allowed = [i for i, entry in enumerate(entries) if entry.name not in forbidden]
    if not allowed:
        raise InputError(f"licences: {settings.licences} leaves no data set of {', '.join(forbidden) or 'none'}")
    reserved = reserved_keys(data_dir, held_out=settings.held_out)
    if reserved.absent:
        _LOG.info("not there, so not checked for leaks: %s", ", ".join(reserved.absent))
    check = LeakCheck(reserved, settings.on_leak)
    read = [_documents(shares[i], check, settings.fraction, seed, data_dir) for i in allowed]
    for name, count in check.removed.items():
        _LOG.info(
            "%s: %d of %d training documents share a sentence with a part that is kept", name, count, check.seen[name]
        )
    times = repeats(
        [len(docs) for docs in read],
        [shares[i].repeat for i in allowed],
        temperature=settings.temperature,
        documents=settings.documents,
        cap=settings.cap,
    )
    sources: list[Source] = []
    unseen: dict[str, tuple[str, ...]] = {}
    for i, docs, repeat in zip(allowed, read, times, strict=True):
        share, (seen, hidden) = shares[i], schemas[i]
        if hidden:
            docs = [keep_types(doc, seen) for doc in docs]
            unseen[share.name] = hidden
        aliases = {name: words for name, words in entries[i].aliases.items() if name in seen}
        sources += [
            Source(share.name, family, seen.family(family), docs, aliases, repeat)
            for family in seen.families
            if not share.families or family in share.families
        ]
    return Mixture(tuple(sources), dict(check.removed), unseen, forbidden, reserved)


def _check(share: CorpusShare, entry: Corpus, data_dir: str | Path | None) -> None:
    """Refuse at once what would fail after all dev and test parts are read."""
    if "train" not in entry.parts:
        raise UnknownNameError(f"split of {share.name}", "train", entry.parts)
    entry.folder(data_dir)
    families = entry.schema_for(data_dir).families
    if unknown := [f for f in share.families if f not in families]:
        raise InputError(f"corpus {share.name!r} has no {unknown[0]}, but {', '.join(families)}")


def _check_held_out(shares: Sequence[CorpusShare], held_out: Sequence[str]) -> None:
    both = [share.name for share in shares if share.name in {corpus(name).name for name in held_out}]
    if both:
        raise InputError(f"held out and in the mixture at once: {', '.join(both)}; take it out of one of them")


def _documents(
    share: CorpusShare, check: LeakCheck, fraction: float, seed: int, data_dir: str | Path | None
) -> list[Document]:
    docs = list(check.documents(load(share.name, "train", data_dir), share.name))
    if not docs:
        raise InputError(
            f"corpus {share.name!r} has no training document left: {check.removed[share.name]} of "
            f"{check.seen[share.name]} share a sentence with a dev or test part or with a set that is held out"
        )
    return sample_documents(docs, fraction=fraction, limit=share.limit, seed=seed)
