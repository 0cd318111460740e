# SPDX-License-Identifier: Apache-2.0
"""Writing a data set of one's own, see `loremill.corpora.own`, which training can then name by its folder."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import yaml

from loremill.schema import Schema, to_dict


def write_corpus(folder: Path, about: Mapping[str, Any], schema: Schema, rows: Iterable[Mapping[str, Any]]) -> None:
    """``corpus.yaml``, ``schema.json`` and ``train.jsonl``; each row is a line of the last."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "corpus.yaml").write_text(yaml.safe_dump(dict(about)), encoding="utf-8")
    (folder / "schema.json").write_text(json.dumps(to_dict(schema), indent=1) + "\n", encoding="utf-8")
    with (folder / "train.jsonl").open("w", encoding="utf-8") as file:
        file.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def marked(text: str, found: Iterable[tuple[int, int, str]]) -> dict[str, Any]:
    """A row of entities: start, end and the name of the type of each."""
    return {"text": text, "frames": [{"type": name, "filler": {"start": i, "end": j}} for i, j, name in found]}
