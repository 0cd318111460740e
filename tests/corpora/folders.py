# SPDX-License-Identifier: Apache-2.0
"""Folders of corpora with a few sentences of our own."""

import json
from pathlib import Path

TAGS = {"Ada": "B-PER", "Lovelace": "B-PER", "Coimbra": "B-LOC", "Porto": "B-LOC", "Acme": "B-ORG"}


def write_conll2003(folder: Path, **parts: list[str]) -> Path:
    """``folder/conll2003`` with these sentences, words known to `TAGS` tagged; returns ``folder``."""
    files = {"train": "train.txt", "dev": "dev.txt", "test": "conll03_4col/test.txt"}
    for split, file in files.items():
        path = folder / "conll2003" / file
        path.parent.mkdir(parents=True, exist_ok=True)
        lines = [f"{w}\t{TAGS.get(w, 'O')}\n" for s in parts.get(split, []) for w in [*s.split(), ""]]
        path.write_text("".join(line if line[0] != "\t" else "\n" for line in lines), encoding="utf-8")
    return folder


def write_mit_movie(folder: Path, **parts: list[str]) -> Path:
    """``folder/mit_movie`` with these queries, no tags; returns ``folder``."""
    for split, queries in {"train": [], "test": [], **parts}.items():
        path = folder / "mit_movie" / f"eng{split}.bio"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("".join("".join(f"O\t{w}\n" for w in q.split()) + "\n" for q in queries), encoding="utf-8")
    return folder


def write_wiki80(folder: Path, *instances: tuple[str, str], name: str = "train_0.1.txt") -> Path:
    """``folder/wiki80`` with these (relation, sentence), the first word related to the last; returns ``folder``."""
    path = folder / "wiki80" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    records = []
    for relation, sentence in instances:
        words = sentence.split()
        head, tail = {"pos": [0, 1]}, {"pos": [len(words) - 1, len(words)]}
        records.append(json.dumps({"token": words, "relation": relation, "h": head, "t": tail}) + "\n")
    path.write_text("".join(records), encoding="utf-8")
    return folder


def write_fewrel(folder: Path, *instances: tuple[str, str], name: str = "val_wiki.json") -> Path:
    """``folder/fewrel`` with these (number of the relation, sentence), as `write_wiki80`; returns ``folder``."""
    path = folder / "fewrel" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    relations: dict[str, list[object]] = {}
    for number, sentence in instances:
        words = sentence.split()
        record = {"tokens": words, "h": ["", "", [[0]]], "t": ["", "", [[len(words) - 1]]]}
        relations.setdefault(number, []).append(record)
    path.write_text(json.dumps(relations), encoding="utf-8")
    return folder
