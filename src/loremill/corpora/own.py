# SPDX-License-Identifier: Apache-2.0
"""A data set of one's own: a folder with a schema and JSON lines, used wherever a name of the catalogue is.

::

    mine/schema.yaml    or .yml, .json, .txt: as `schema.load_schema_file` reads it
    mine/train.jsonl    and dev.jsonl, test.jsonl, those there are; see `extractions`
    mine/corpus.yaml    if there is something to tell, see `About`
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from ..errors import InputError, LoremillError
from ..schema import Schema, load_schema_file
from .corpus import Corpus, Part
from .lines import is_there

SCHEMAS = ("schema.yaml", "schema.yml", "schema.json", "schema.txt")
SPLITS = ("train", "dev", "test")
ABOUT = "corpus.yaml"
MAX_ABOUT_BYTES = 1_000_000


class About(BaseModel):
    """What ``corpus.yaml`` may tell."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)

    licence: str = "not stated"
    domain: str = ""
    citation: str = ""
    note: str = ""
    is_partial: bool = False  # the texts hold mentions of the types that have no frame
    aliases: dict[str, list[str]] | None = None  # type -> other wordings of its label
    broader: dict[str, list[str]] | None = None  # type -> labels of what its mentions are too, as location of a city


def is_own(name: str) -> bool:
    """Whether a data set is named by its folder: the name has a separator of paths."""
    return "/" in name or os.sep in name


def own_corpus(name: str) -> Corpus:
    """The entry of the data set in the folder ``name``.

    Raises:
        InputError: no such folder, no schema or no part in it, or ``corpus.yaml`` cannot be used.
        SchemaError: the schema cannot be used.
    """
    folder = Path(name)
    if not folder.is_dir():
        raise InputError(f"a data set named by a path needs to be a folder, got {name!r}, which is none")
    schemas = [folder / file for file in SCHEMAS if (folder / file).is_file()]
    if len(schemas) != 1:
        what = ", ".join(path.name for path in schemas) or "none"
        raise InputError(f"the data set {name!r} needs one schema ({', '.join(SCHEMAS)}), got {what}")
    parts = {split: Part((f"{split}.jsonl",)) for split in SPLITS if is_there(folder / f"{split}.jsonl")}
    if not parts:
        raise InputError(f"the data set {name!r} needs {' or '.join(f'{s}.jsonl' for s in SPLITS)}, got none of them")
    schema, about = load_schema_file(schemas[0]), _about(folder / ABOUT)
    names = _names(schema)
    told = {"aliases": about.aliases or {}, "broader": about.broader or {}}
    for what, table in told.items():
        if unknown := [key for key in table if key not in schema]:
            raise InputError(f"{folder / ABOUT}: {what} needs types of the schema, got {unknown[0]!r}")
    aliases, broader = ({key: tuple(words) for key, words in table.items()} for table in told.values())
    return Corpus(
        name=name,
        parts=parts,
        reader="extractions",
        schema=schema,
        names=names,
        families=schema.families,
        domain=about.domain,
        licence=about.licence,
        citation=about.citation,
        note=about.note,
        aliases=aliases,
        broader=broader,
        is_partial=about.is_partial,
        path=folder,
    )


def _names(schema: Schema) -> dict[str, str]:
    names = {t.name: t.name for t in schema}
    return names | {f"{t.name}.{s.name}": f"{t.name}.{s.name}" for t in schema for s in t.slots}


def _about(path: Path) -> About:
    if not path.is_file():
        return About()
    try:
        if path.stat().st_size > MAX_ABOUT_BYTES:
            raise InputError(f"{path} may have {MAX_ABOUT_BYTES:,} bytes, got {path.stat().st_size:,}")
        value: Any = yaml.safe_load(path.read_text(encoding="utf-8"))
        return About.model_validate(value if value is not None else {})
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(map(str, first["loc"]))
        known = ", ".join(About.model_fields)
        raise InputError(f"{path}: {where}: {first['msg']}; it may tell {known}") from error
    except (OSError, ValueError, yaml.YAMLError, RecursionError) as error:
        if isinstance(error, LoremillError):
            raise
        raise InputError(f"{path} cannot be read: {' '.join(str(error).split())}") from error
