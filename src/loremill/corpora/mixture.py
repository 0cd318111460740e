# SPDX-License-Identifier: Apache-2.0
"""What a model is trained on: one value from the data sets wanted, without what the dev and test parts hold."""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..errors import InputError, UnknownNameError
from ..frames import Document
from ..schema import Family, Schema
from .catalogue import corpus, load
from .corpus import DATA_VARIABLE, Corpus
from .held_out import HeldOutTypes, drop_types, shared_types
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
    given: float | None = None  # share of its items that tell what is known; None: as of all, `Augmentation.given`

    def __post_init__(self) -> None:
        if self.repeat < 0 or self.limit < 0 or not 0.0 <= self.unseen_share < 1.0:
            raise InputError(
                f"corpus {self.name!r} of a mixture needs repeat >= 0, limit >= 0 and 0 <= unseen_share < 1, "
                f"got {self.repeat:g}, {self.limit} and {self.unseen_share:g}"
            )
        if self.given is not None and not 0.0 <= self.given <= 1.0:
            raise InputError(f"corpus {self.name!r} of a mixture needs 0 <= given <= 1, got {self.given:g}")


@dataclass(frozen=True, slots=True)
class MixtureSettings:
    """What holds for all data sets of a mixture. There is no way to leave out the leak check."""

    temperature: float = 1.0  # documents of a set ~ size ** (1 / temperature); 1: proportional, .inf: all alike
    documents: int = 0  # of an epoch; 0: what the sets have together
    cap: int = 0  # documents of one set per epoch, others in each, before the temperature; 0: no cap
    fraction: float = 1.0  # of each set, the same in all epochs: 0.01 lies in 0.05 lies in 0.1
    held_out: tuple[str, ...] = ()  # sets of which no sentence may be seen, of any part, and no type that is shared
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
    is_partial: bool = False  # its texts hold mentions of its types without a frame
    broader: Mapping[str, Sequence[str]] = field(default_factory=dict)  # type name -> labels of what it is a kind of
    given: float | None = None  # see `CorpusShare`


@dataclass(frozen=True, slots=True)
class Mixture:
    """The sources, and what was left out of them."""

    sources: tuple[Source, ...]
    removed: Mapping[str, int]  # data set -> documents that share a sentence with what is reserved
    unseen: Mapping[str, tuple[str, ...]]  # data set -> types that training does not see
    forbidden: Mapping[str, str]  # data set that its licence keeps out -> the licence
    held_out_types: Mapping[str, HeldOutTypes]  # data set -> what it lost because others are held out
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
            "held_out_types": {name: lost.to_dict() for name, lost in self.held_out_types.items()},
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

    A data set's families are sources of their own with the same documents. Types that are also those of a set held out
    are in no schema and no document, see `held_out`.

    Raises:
        UnknownNameError: no such data set or type.
        InputError: the data is not there, a data set is held out and wanted at once, nothing is left, or a
            document shares a sentence and leaks are refused.
    """
    settings = settings or MixtureSettings()
    entries = check_mixture(shares, settings, data_dir=data_dir)
    plans = [
        _plan(share, entry, settings.held_out, seed, data_dir) for share, entry in zip(shares, entries, strict=True)
    ]
    forbidden = {e.name: e.licence for e in entries if not is_allowed(e.licence, settings.licences)}
    if forbidden:
        _LOG.warning("left out, for licences is %s: %s", settings.licences, ", ".join(forbidden))
    allowed = [i for i, entry in enumerate(entries) if entry.name not in forbidden]
    if not allowed:
        raise InputError(f"licences: {settings.licences} leaves no data set of {', '.join(forbidden)}")
    own = [entry.name for entry in entries if entry.path is not None]
    has_data = data_dir is not None or DATA_VARIABLE in os.environ or len(own) < len(entries)
    reserved = reserved_keys(data_dir, names=None if has_data else (), held_out=settings.held_out, own=own)
    if reserved.absent:
        _LOG.info("not there, so not checked for leaks: %s", ", ".join(reserved.absent))
    check = LeakCheck(reserved, settings.on_leak)
    plans = [plans[i] for i in allowed]
    lost: dict[str, HeldOutTypes] = {}
    read = [_documents(plan, check, lost, settings.fraction, seed, data_dir) for plan in plans]
    for name, count in check.removed.items():
        _LOG.info(
            "%s: %d of %d training documents share a sentence with a part that is kept", name, count, check.seen[name]
        )
    times = repeats(
        [len(docs) for docs in read],
        [plan.share.repeat for plan in plans],
        temperature=settings.temperature,
        documents=settings.documents,
        cap=settings.cap,
    )
    sources: list[Source] = []
    unseen: dict[str, tuple[str, ...]] = {}
    for plan, docs, repeat in zip(plans, read, times, strict=True):
        name, seen = plan.share.name, plan.schema
        if plan.unseen:
            docs = [keep_types(doc, seen) for doc in docs]
            unseen[name] = plan.unseen
        aliases, broader = (
            {name: words for name, words in table.items() if name in seen}
            for table in (plan.entry.aliases, plan.entry.broader)
        )
        sources += [
            Source(
                name,
                family,
                seen.family(family),
                docs,
                aliases,
                repeat,
                plan.entry.is_partial,
                broader if family == "entities" else {},
                plan.share.given,
            )
            for family in plan.families
        ]
    return Mixture(tuple(sources), dict(check.removed), unseen, forbidden, lost, reserved)


@dataclass(frozen=True, slots=True)
class _Plan:
    """What is asked of a data set."""

    share: CorpusShare
    entry: Corpus
    schema: Schema  # of the types that training sees
    kept: Schema  # the same with those that are unseen for another reason than that a data set is held out
    families: tuple[Family, ...]
    unseen: tuple[str, ...]
    lost: Mapping[str, tuple[str, ...]]  # data set that is held out -> its types, which training does not see either


def _plan(share: CorpusShare, entry: Corpus, held_out: Sequence[str], seed: int, data_dir: str | Path | None) -> _Plan:
    full = entry.schema_for(data_dir)
    seen, unseen = partition(full, unseen=share.unseen, share=share.unseen_share, seed=seed)
    lost = shared_types(entry, full, held_out, data_dir)
    gone = {name for names in lost.values() for name in names}
    if all(t.name in gone for t in seen):
        raise InputError(
            f"corpus {share.name!r} has no type left to learn from: its types are those of {', '.join(lost)}, "
            "held out; take it out of the mixture"
        )
    kept, _ = partition(full, unseen=gone)
    schema, _ = partition(seen, unseen=[t.name for t in seen if t.name in gone])
    families = tuple(family for family in schema.families if not share.families or family in share.families)
    if not families:
        raise InputError(
            f"corpus {share.name!r} has no type of {', '.join(share.families)} left to learn from: check unseen and "
            "held_out"
        )
    return _Plan(share, entry, schema, kept, families, unseen, lost)


def check_mixture(
    shares: Sequence[CorpusShare], settings: MixtureSettings, *, data_dir: str | Path | None = None
) -> list[Corpus]:
    """The entries of a mixture's data sets, after a look at whether they can be read; takes no time.

    Raises:
        UnknownNameError, InputError: as `read_mixture`, which reads all dev and test parts first.
    """
    if not shares:
        raise InputError("a mixture needs at least one data set, got none: name those to train on under corpora")
    entries = [corpus(share.name) for share in shares]
    for share, entry in zip(shares, entries, strict=True):
        _check(share, entry, data_dir)
    _check_held_out(shares, settings.held_out)
    return entries


def _check(share: CorpusShare, entry: Corpus, data_dir: str | Path | None) -> None:
    """Refuse at once what would fail after all dev and test parts are read."""
    if "train" not in entry.parts:
        raise UnknownNameError(f"split of {share.name}", "train", entry.parts)
    entry.folder(data_dir)
    families = entry.schema_for(data_dir).families
    if unknown := [f for f in share.families if f not in families]:
        raise UnknownNameError(f"family of {share.name}", unknown[0], families)


def _check_held_out(shares: Sequence[CorpusShare], held_out: Sequence[str]) -> None:
    both = [share.name for share in shares if share.name in {corpus(name).name for name in held_out}]
    if both:
        raise InputError(f"held out and in the mixture at once: {', '.join(both)}; take it out of one of them")


def _documents(
    plan: _Plan,
    check: LeakCheck,
    lost: dict[str, HeldOutTypes],
    fraction: float,
    seed: int,
    data_dir: str | Path | None,
) -> list[Document]:
    """The documents that may be seen, a sample if one is wanted; tells ``lost`` what went for sets held out."""
    name = plan.share.name
    docs = list(check.documents(load(name, "train", data_dir), name))
    without = ""
    if plan.lost:
        types = tuple(dict.fromkeys(t for types in plan.lost.values() for t in types))
        docs, frames, documents = drop_types(docs, plan.kept)
        lost[name] = HeldOutTypes(types, tuple(plan.lost), frames, documents)
        without = f", {documents} have types of {', '.join(plan.lost)} alone"
        _LOG.warning(
            "%s: left out %d types of what is held out (%s), with %d frames and %d documents",
            *(name, len(types), ", ".join(plan.lost), frames, documents),
        )
    if not docs:
        raise InputError(
            f"corpus {name!r} has no training document left: {check.removed[name]} of {check.seen[name]} share a "
            f"sentence with a dev or test part or with a set that is held out{without}"
        )
    return sample_documents(docs, fraction=fraction, limit=plan.share.limit, seed=seed)
