# SPDX-License-Identifier: Apache-2.0
"""The tiny models of `tests.tiny`, saved once per session."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from loremill.models.loading import load
from loremill.models.local import LocalModel

from ..tiny import save_tiny


@pytest.fixture(scope="session")
def tiny(tmp_path_factory) -> Callable[[str], Path]:
    """The folder of a tiny model by kind; not to be written to."""
    folders: dict[str, Path] = {}

    def folder(kind: str) -> Path:
        if kind not in folders:
            folders[kind] = save_tiny(kind, tmp_path_factory.mktemp("tiny") / kind.replace(" ", "-"))
        return folders[kind]

    return folder


@pytest.fixture
def tiny_model(tiny) -> Callable[..., LocalModel]:
    """A fresh model by kind, with a prompt mask of one's choice."""

    def model(kind: str, *, prompt_mask: str | None = None, batch_size: int = 4) -> LocalModel:
        loaded = load(str(tiny(kind)), device="cpu")
        if prompt_mask is not None:
            loaded.model.config.prompt_mask = prompt_mask
        return LocalModel(loaded, batch_size=batch_size)

    return model
