# SPDX-License-Identifier: Apache-2.0
"""Who writes completions: language models behind one protocol (`loremill.prompt.Model`)."""

from __future__ import annotations

import gc
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from ..errors import ModelError

if TYPE_CHECKING:
    from .local import LocalModel

__all__ = ["load_model"]


def load_model(
    name: str = "nano",
    *,
    adapter: str | None = None,
    device: str = "auto",
    dtype: str = "auto",
    batch_size: int = 16,
    capabilities: str | Sequence[int] | None = None,
    raw_logprobs: bool = False,
) -> LocalModel:
    """A local model by name: ``nano`` (ships with the package), a folder, or a Hugging Face name.

    Args:
        capabilities: those of a capability adapter that are to act, as in ``judging,locating``; None leaves it to its
            gates.
        dtype: ``auto`` (float32 on a CPU, as saved on a GPU), ``float32``, ``bfloat16``, ``float16``, or ``int8``:
            8-bit linear layers on a CPU (see `loremill.models.int8`).
        raw_logprobs: whether completions under a grammar have ``logprobs`` beside ``masked_logprobs``; costs time.

    Raises:
        ModelError: it cannot be loaded, or the packages of ``loremill[local]`` are missing.
        AdapterError: ``capabilities`` do not fit, or the task encoder of the adapter is not there.
    """
    with _without_collection():
        try:
            from .local import LocalModel
        except ImportError as error:
            raise ModelError(f'local models need {error.name}: pip install "loremill[local]"') from error
        return LocalModel.load(
            name,
            adapter=adapter,
            device=device,
            dtype=dtype,
            batch_size=batch_size,
            capabilities=capabilities,
            raw_logprobs=raw_logprobs,
        )


@contextmanager
def _without_collection() -> Iterator[None]:
    """No search for cyclic garbage meanwhile.

    Importing torch and transformers leaves little of it, and looking for it again and again among ever more
    objects takes a fifth of the time until a model is ready.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
