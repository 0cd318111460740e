# SPDX-License-Identifier: Apache-2.0
"""Loading a causal language model with its tokenizer and, if given, a PEFT adapter."""

from __future__ import annotations

import hashlib
import os
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import ModelError
from .codec import Codec
from .habits import take_over

if TYPE_CHECKING:
    from .span_finder import SpanFinder

NANO = "nano"
"""Name of the model that ships."""
INT8 = "int8"
DTYPES = ("auto", "float32", "bfloat16", "float16", INT8)


@dataclass(frozen=True, slots=True)
class Loaded:
    """A model ready for use, its codec, and what identifies its weights."""

    model: Any
    codec: Codec
    identity: dict[str, str]
    spans: SpanFinder | None = None  # beside the model, if its folder holds a span head


def resolve(name: str) -> str:
    """Folder or hub name for a model's name; ``nano`` is the model in the package.

    Raises:
        ModelError: a path that does not exist.
    """
    if name == NANO:
        folder = Path(__file__).parent / "nano" / "weights"
        if not (folder / "model.safetensors").is_file():
            raise ModelError("the model that ships is missing from this installation: reinstall loremill")
        return str(folder)
    if (name.startswith((".", "/", "~")) or name.count("/") > 1) and not Path(name).expanduser().is_dir():
        raise ModelError(f"model folder {name!r} does not exist: give a folder, a Hugging Face name or 'nano'")
    return str(Path(name).expanduser()) if Path(name).expanduser().is_dir() else name


def load(name: str, *, adapter: str | None = None, device: str = "auto", dtype: str = "auto") -> Loaded:
    """The model by folder or Hugging Face name, with or without a PEFT adapter, in evaluation mode.

    Weights are read from safetensors only and no code of the model's repository is run. A span head in the model's
    folder comes with it, but not with an adapter: what that learned, the head does not know.

    Args:
        dtype: ``auto`` (float32 on a CPU, as saved on a GPU), ``float32``, ``bfloat16``, ``float16``, or ``int8``
            (see `loremill.models.int8`).

    Raises:
        ModelError: the model or adapter cannot be loaded, its tokenizer not be used, or ``dtype`` does not fit.
    """
    import torch
    from safetensors import SafetensorError
    from transformers import AutoModelForCausalLM
    from transformers.utils import logging

    from .int8 import quantize
    from .span_finder import FOLDER as SPANS
    from .span_finder import load as load_spans

    if device == "auto":
        device = "cuda" if torch.cuda.is_available() else "cpu"
    if dtype == INT8 and device != "cpu":
        raise ModelError(f"dtype int8 is for CPUs, got device {device!r}: give device 'cpu' or dtype 'bfloat16'")
    logging.disable_progress_bar()
    path = resolve(name)
    codec = load_codec(path)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            model, found = AutoModelForCausalLM.from_pretrained(
                path, dtype=_dtype(dtype, device), use_safetensors=True, output_loading_info=True
            )
    except (OSError, ValueError, RuntimeError, SafetensorError) as error:
        raise ModelError(f"model {name!r} cannot be loaded: {_first_line(error)}") from error
    if missing := sorted(found["missing_keys"]):
        raise ModelError(
            f"model {name!r} lacks {len(missing)} weights of a {type(model).__name__}, among them {missing[0]}: "
            "it is no causal language model"
        )
    if adapter is not None:
        model = _with_adapter(model, adapter)
        take_over(model.config, adapter)
    spans = load_spans(Path(path), getattr(codec, "tokenizer", None)) if adapter is None else None
    if dtype == INT8:
        quantize(model)
        if spans is not None:
            quantize(spans.model)
    revision = getattr(model.config, "_commit_hash", None) if path == name else None
    identity = {
        "model": name,
        "weights": revision or fingerprint(path),
        "adapter": adapter_fingerprint(adapter),
        "template": codec.template,
        "dtype": INT8 if dtype == INT8 else str(model.dtype).split(".")[-1],
    }
    if spans is not None:
        identity["spans"] = fingerprint(str(Path(path) / SPANS))
        spans.model.to(device)
    return Loaded(model.to(device).eval(), codec, identity, spans)


def load_codec(path: str) -> Codec:
    """The codec that fits a model's tokenizer.

    Raises:
        ModelError: the tokenizer cannot be loaded, is not a fast one, or cannot write our formats.
    """
    from transformers import AutoConfig, AutoTokenizer

    try:
        config = AutoConfig.from_pretrained(path)
        tokenizer = AutoTokenizer.from_pretrained(path)
    except (OSError, ValueError, KeyError) as error:
        raise ModelError(f"model {path!r} cannot be loaded: {_first_line(error)}") from error
    if not getattr(tokenizer, "is_fast", False):
        raise ModelError(f"model {path!r} has no fast tokenizer, which offsets need")
    delimiters = getattr(config, "delimiter_ids", None)
    if delimiters is not None:
        from .wordpiece import WordPieceCodec

        parts = getattr(config, "prompt_parts", None)
        ids = {str(mark): int(token_id) for mark, token_id in delimiters.items()}
        return WordPieceCodec(tokenizer, ids, parts, reads_case=bool(getattr(config, "reads_case", True)))
    from .subword import SubwordCodec

    return SubwordCodec(tokenizer)


def fingerprint(path: str) -> str:
    """SHA-256 over a local model's weights and configuration; a hub name stands for itself."""
    folder = Path(path)
    if not folder.is_dir():
        return path
    digest = hashlib.sha256()
    for file in sorted(
        [*folder.glob("*.safetensors"), *folder.glob("config.json"), *folder.glob("adapter_config.json")]
    ):
        digest.update(file.name.encode())
        with open(file, "rb") as content:
            while block := content.read(1 << 20):
                digest.update(block)
    return digest.hexdigest()[:16]


def adapter_fingerprint(adapter: str | None) -> str:
    """As `fingerprint`; empty without an adapter."""
    return fingerprint(adapter) if adapter is not None else ""


def _with_adapter(model: Any, adapter: str) -> Any:
    from peft import PeftModel
    from safetensors import SafetensorError

    from .. import adapters  # noqa: F401 - makes experts known to PEFT

    if not os.path.isdir(adapter) and (adapter.startswith((".", "/", "~")) or adapter.count("/") > 1):
        raise ModelError(f"adapter folder {adapter!r} does not exist")
    try:
        with warnings.catch_warnings():  # peft 0.21 asks transformers 5.23 for it
            warnings.filterwarnings("ignore", "`is_gradient_checkpointing` is deprecated", FutureWarning)
            return PeftModel.from_pretrained(model, adapter)
    except (OSError, ValueError, RuntimeError, KeyError, SafetensorError) as error:
        raise ModelError(f"adapter {adapter!r} cannot be loaded: {_first_line(error)}") from error


def _dtype(dtype: str, device: str) -> Any:
    """What weights are read as: for int8 float32, and an adapter is laid on before they are rounded."""
    import torch

    if dtype not in DTYPES:
        raise ModelError(f"dtype needs one of {', '.join(DTYPES)}, got {dtype!r}")
    if dtype == "auto":
        return "auto" if device.startswith("cuda") else torch.float32
    return torch.float32 if dtype == INT8 else getattr(torch, dtype)


def _first_line(error: BaseException) -> str:
    return next(iter(str(error).strip().splitlines()), type(error).__name__)[:300]
