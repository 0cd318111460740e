# SPDX-License-Identifier: Apache-2.0
"""A tiny BERT decoder with dropout, and a corpus of our own in conll2003's shape."""

from __future__ import annotations

from pathlib import Path

import pytest

from ..tiny import save_tiny

NAMES = ["Ada", "Coimbra", "Portugal", "Lovelace"]
TAGS = ["B-PER", "B-LOC", "B-LOC", "B-PER"]
WORDS = ["the", "quick", "fox", "jumps", "over", "a", "firm", "on", "Monday", "and"]


def sentences(count: int) -> str:
    """Sentences of unlike length, two names each."""
    lines = []
    for i in range(count):
        for j in range(2 + i % 5):
            lines.append(f"{WORDS[(3 * i + 7 * j) % len(WORDS)]}\tO")
        for j in (i, i + 1 + i // 4):
            lines += [f"{NAMES[j % 4]}\t{TAGS[j % 4]}", "and\tO"]
        lines += [f"number{i}\tO", ""]
    return "\n".join(lines)


@pytest.fixture(scope="session")
def data_dir(tmp_path_factory) -> Path:
    """A folder of corpora that holds conll2003 only."""
    folder = tmp_path_factory.mktemp("data")
    (folder / "conll2003" / "conll03_4col").mkdir(parents=True)
    (folder / "conll2003" / "train.txt").write_text(sentences(24), encoding="utf-8")
    for part in ("dev.txt", "conll03_4col/test.txt"):
        (folder / "conll2003" / part).write_text("rebels\tO\nbombed\tO\nCoimbra\tB-LOC\n", encoding="utf-8")
    return folder


@pytest.fixture(scope="session")
def bert(tmp_path_factory) -> Path:
    """The folder of a model with dropout; not to be written to."""
    return save_tiny("WordPiece", tmp_path_factory.mktemp("tiny") / "bert", dropout=0.1)


@pytest.fixture(scope="session")
def steady_bert(tmp_path_factory) -> Path:
    """As ``bert``, without dropout."""
    return save_tiny("WordPiece", tmp_path_factory.mktemp("tiny") / "steady", dropout=0.0)
