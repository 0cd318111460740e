# SPDX-License-Identifier: Apache-2.0
"""The items of an epoch in a file, so that a run that goes on after a stop need not make them again.

Making them takes minutes of a large mixture, reading them seconds. The file is safetensors: token ids, parts and token
types of all prompts and answers, one after the other, with their lengths.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from ..models.codec import Encoded
from ..models.likelihood import Item
from .examples import Counts

SIDES = ("prompt", "answer")


def save_items(path: Path, items: Sequence[Item], counts: Counts, identity: str) -> None:
    """Write the items of a run; what they are about is not kept.

    Args:
        identity: of run and epoch.
    """
    tensors: dict[str, Tensor] = {}
    for side, rows in zip(SIDES, ([item.prompt for item in items], [item.answer for item in items]), strict=True):
        tensors[f"{side}.lengths"] = torch.tensor([len(row) for row in rows], dtype=torch.int32)
        tensors[f"{side}.ids"] = _joined([row.ids for row in rows], torch.int32)
        tensors[f"{side}.parts"] = _joined([row.parts for row in rows], torch.int8)
        types = [row.token_types for row in rows if row.token_types is not None]
        if types:
            tensors[f"{side}.types"] = _joined(types, torch.int8)
    told = {"identity": identity, "counts": json.dumps([counts.items, counts.too_long, counts.unwritable])}
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}")
    save_file(tensors, part, metadata=told)
    part.replace(path)


def load_items(path: Path, identity: str) -> tuple[list[Item], Counts] | None:
    """The items and counts that `save_items` wrote; None if there is no such file, or it is of another run."""
    try:
        with safe_open(path, framework="pt") as file:
            told = file.metadata() or {}
            if told.get("identity") != identity:
                return None
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118  it is no mapping
    except (OSError, SafetensorError):
        return None
    prompts, answers = (list(_rows(tensors, side)) for side in SIDES)
    items = [Item(prompt, answer) for prompt, answer in zip(prompts, answers, strict=True)]
    return items, Counts(*json.loads(told["counts"]))


def _joined(rows: Sequence[Sequence[int]], dtype: torch.dtype) -> Tensor:
    return torch.tensor([value for row in rows for value in row], dtype=dtype)


def _rows(tensors: dict[str, Tensor], side: str) -> Iterator[Encoded]:
    lengths = tensors[f"{side}.lengths"].tolist()
    columns = [tensors[f"{side}.{name}"] for name in ("ids", "parts", "types") if f"{side}.{name}" in tensors]
    start = 0
    for length in lengths:
        yield Encoded(*(tuple(column[start : start + length].tolist()) for column in columns))
        start += length
