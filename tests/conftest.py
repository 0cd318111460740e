# SPDX-License-Identifier: Apache-2.0
"""What every test runs under: no network, one thread per worker, generated cases without a deadline."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
if "PYTEST_XDIST_WORKER" in os.environ:  # the workers are the parallelism
    os.environ.setdefault("OMP_NUM_THREADS", "1")

NANO = Path(__file__).parents[1] / "src" / "loremill" / "models" / "nano" / "weights" / "model.safetensors"
"""The weights of the model that ships."""

settings.register_profile("loremill", deadline=None)  # a slow machine is no failure
settings.load_profile("loremill")


@pytest.fixture(scope="session", autouse=True)
def own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Nothing is kept in, or taken from, the user's own cache."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LOREMILL_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests marked ``nano`` run wherever the model that ships is there."""
    if NANO.is_file():
        return
    for item in items:
        if item.get_closest_marker("nano") is not None:
            item.add_marker(pytest.mark.skip(reason="the model that ships is not in this checkout"))
