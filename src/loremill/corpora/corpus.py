# SPDX-License-Identifier: Apache-2.0
"""A public data set as a value: its files, its format, its schema; and reading it from a folder of corpora."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

from ..errors import InputError, UnknownNameError
from ..frames import Document
from ..schema import Family, Schema
from .ade import read_ade
from .aste import read_aste
from .bionlp_standoff import read_bionlp_standoff
from .brat import read_brat
from .broader import BROADER
from .casie import read_casie
from .chemprot import read_chemprot
from .columns import read_columns
from .csv_columns import read_csv_columns
from .dygie import read_dygie
from .extractions import read_extractions
from .genia_xml import read_genia
from .inline_tags import read_inline_tags
from .kinds import kinds_of
from .lines import OnError
from .maven import read_maven
from .oneie import read_oneie
from .pairs import read_fewrel, read_opennre
from .phee import read_phee
from .rams import read_rams
from .relation_mentions import read_relation_mentions
from .selection import Selection
from .semeval2010 import read_semeval2010
from .seq_in_out import read_seq_in_out
from .token_spans import read_token_spans
from .triples import read_triples
from .wikievents import read_wikievents
from .xmi import read_xmi

Split = Literal["train", "dev", "test"]

READERS: Mapping[str, Callable[..., Iterator[Document]]] = {
    "ade": read_ade,
    "aste": read_aste,
    "bionlp_standoff": read_bionlp_standoff,
    "brat": read_brat,
    "casie": read_casie,
    "chemprot": read_chemprot,
    "columns": read_columns,
    "csv_columns": read_csv_columns,
    "dygie": read_dygie,
    "extractions": read_extractions,
    "fewrel": read_fewrel,
    "genia_xml": read_genia,
    "inline_tags": read_inline_tags,
    "maven": read_maven,
    "oneie": read_oneie,
    "opennre": read_opennre,
    "opennre_kinds": kinds_of(read_opennre),
    "phee": read_phee,
    "rams": read_rams,
    "relation_mentions": read_relation_mentions,
    "semeval2010": read_semeval2010,
    "seq_in_out": read_seq_in_out,
    "token_spans": read_token_spans,
    "triples": read_triples,
    "triples_kinds": kinds_of(read_triples),
    "wikievents": read_wikievents,
    "xmi": read_xmi,
}
"""File format -> its reader, ``(path, *, name_of, on_error, **options)``."""

DATA_VARIABLE = "LOREMILL_DATA"
"""Names the folder of corpora: one folder per data set."""


@dataclass(frozen=True, slots=True)
class Part:
    """The files of one split, inside the corpus' folder; a file may also lie there as ``<name>.xz``.

    With ``without``, documents whose id occurs in those files are left out, and of several with one id the first stays.
    ``select`` chooses among the documents that the files' sentences come from.
    """

    files: tuple[str, ...]
    without: tuple[str, ...] = ()
    select: Selection | None = None
    options: Mapping[str, Any] = field(default_factory=dict)  # of the reader, besides the corpus' own


@dataclass(frozen=True, slots=True)
class Corpus:
    """What the library knows about one data set."""

    name: str
    parts: Mapping[str, Part]  # split -> files
    reader: str  # key of READERS
    schema: Schema | Callable[[Path], Schema]  # or how to read it from the corpus' folder
    names: Mapping[str, str] | Callable[[str], str]  # raw label -> name of a type or role
    families: tuple[Family, ...]
    domain: str
    licence: str
    citation: str
    note: str = ""
    options: Mapping[str, Any] = field(default_factory=dict)  # of the reader
    aliases: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # type name -> other wordings of its label
    broader: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: BROADER)  # type name -> labels of its kind
    folder_name: str = ""  # where it is not the name
    overlaps: tuple[str, ...] = ()  # data sets that share sentences with this one
    vocabulary: str = ""  # where its types come from: types of one name are the same in all data sets of one vocabulary
    is_partial: bool = False  # its texts hold mentions of its types that are not marked: for training alone
    definitions_from: str = ""  # what the types' descriptions were written from
    path: Path | None = None  # of one's own (`own`): its folder

    def __post_init__(self) -> None:
        if self.reader not in READERS:
            raise UnknownNameError("corpus file format", self.reader, READERS)

    def schema_for(self, data_dir: str | Path | None = None) -> Schema:
        """The schema; the folder is needed only by corpora that bring their own ontology (geneva)."""
        return self.schema if isinstance(self.schema, Schema) else self.schema(self.folder(data_dir))

    def folder(self, data_dir: str | Path | None = None) -> Path:
        """The corpus' folder in ``data_dir``, by default the folder that the environment variable names."""
        if self.path is not None:
            return self.path
        given = data_dir if data_dir is not None else os.environ.get(DATA_VARIABLE)
        if not given:
            raise InputError(
                f"corpus {self.name!r} needs a folder of corpora, got none: "
                f"set {DATA_VARIABLE} (or data_dir, --data-dir) to the one that holds {self.folder_name or self.name}/"
            )
        folder = Path(given) / (self.folder_name or self.name)
        if not folder.is_dir():
            raise InputError(
                f"corpus {self.name!r} needs the folder {folder}, which is not there: "
                f"check {DATA_VARIABLE} (or data_dir, --data-dir)"
            )
        return folder

    def read(
        self, split: str, data_dir: str | Path | None = None, *, on_error: OnError = "raise"
    ) -> Iterator[Document]:
        """The documents of a split, in the order of the files.

        The id is ``<corpus>-<split>-<index>``; ``meta`` has ``corpus``, ``split`` and, where the file gives one,
        ``source_id`` and ``document`` (what the sentence comes from); ``duplicates`` counts gold frames dropped
        because they occurred twice. Malformed records are an error, left out, or collected: see `OnError`.
        """
        if split not in self.parts:
            raise UnknownNameError(f"split of {self.name}", split, self.parts)
        return self._read(self.parts[split], split, self.folder(data_dir), on_error)

    def _read(self, part: Part, split: str, folder: Path, on_error: OnError) -> Iterator[Document]:
        is_keyed = bool(part.without)
        options = {**self.options, **part.options}
        if part.select is not None:
            options["wanted"] = part.select.wanted(folder)
        seen = {doc.id for file in part.without for doc in self._read_file(folder, file, on_error, options)}
        index = 0
        for file in part.files:
            for doc in self._read_file(folder, file, on_error, options):
                if is_keyed and doc.id in seen:
                    continue
                seen.add(doc.id)
                meta = {"corpus": self.name, "split": split, **({"source_id": doc.id} if doc.id else {}), **doc.meta}
                yield replace(doc, id=f"{self.name}-{split}-{index}", meta=meta)
                index += 1

    def _read_file(self, folder: Path, file: str, on_error: OnError, options: Mapping[str, Any]) -> Iterator[Document]:
        path = folder / file
        if not path.exists():
            path = path.with_name(f"{path.name}.xz")
        if not path.exists():
            raise InputError(
                f"corpus {self.name!r} needs the file {folder / file} (or {path.name}), which is not there"
            )
        return READERS[self.reader](path, name_of=self._name_of, on_error=on_error, **options)

    def _name_of(self, label: str) -> str:
        if not isinstance(self.names, Mapping):
            return self.names(label)
        if label not in self.names:
            raise UnknownNameError(f"label of {self.name}", label, self.names)
        return self.names[label]
