# SPDX-License-Identifier: Apache-2.0
"""Embeddings by the content they are of: the last ones in memory, all in a bounded folder if one is given."""

from __future__ import annotations

import hashlib
import os
import tempfile
import threading
from collections import OrderedDict
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load, save
from torch import Tensor

_NAME = "embedding"


class EmbeddingCache:
    """Embeddings of one encoder by text. Threads may share it, and processes its folder.

    Args:
        maker: what decides an embedding beside the text: two makers never share an entry.
        size: numbers per embedding.
        entries: kept in memory, the least recently used go first; 0 keeps none.
        folder: where they are kept between runs, a file each.
        max_bytes: of all files in ``folder``, other makers' too; the oldest go first.
    """

    def __init__(
        self, maker: str, size: int, *, entries: int = 10_000, folder: Path | None = None, max_bytes: int = 1 << 30
    ) -> None:
        self.maker = maker
        self.size = size
        self.entries = entries
        self.folder = folder
        self.max_bytes = max_bytes
        self._memory: OrderedDict[str, Tensor] = OrderedDict()
        self._lock = threading.Lock()
        self._bytes: int | None = None
        """Of the folder, as far as this process knows; None until it first writes."""

    def get(self, text: str) -> Tensor | None:
        """The embedding of a text, ``(size,)``; None when it is not there or its file is damaged."""
        key = self._key(text)
        with self._lock:
            found = self._memory.get(key)
            if found is not None:
                self._memory.move_to_end(key)
                return found
        found = self._read(key)
        if found is not None:
            self._remember(key, found)
        return found

    def put(self, text: str, embedding: Tensor) -> None:
        """Keep the embedding of a text."""
        key = self._key(text)
        self._remember(key, embedding)
        if self.folder is not None:
            self._write(key, embedding)

    def _key(self, text: str) -> str:
        return hashlib.sha256(f"{self.maker}\0{text}".encode(errors="surrogatepass")).hexdigest()

    def _remember(self, key: str, embedding: Tensor) -> None:
        with self._lock:
            self._memory[key] = embedding
            self._memory.move_to_end(key)
            while len(self._memory) > self.entries:
                self._memory.popitem(last=False)

    def _path(self, key: str) -> Path:
        assert self.folder is not None
        return self.folder / key[:2] / f"{key}.safetensors"

    def _read(self, key: str) -> Tensor | None:
        if self.folder is None:
            return None
        try:
            found = load(self._path(key).read_bytes()).get(_NAME)
        except (OSError, SafetensorError):
            return None
        fits = found is not None and found.shape == (self.size,) and found.dtype == torch.float32
        return found if fits and bool(found.isfinite().all()) else None

    def _write(self, key: str, embedding: Tensor) -> None:
        """Write an entry as a whole: a process that is stopped leaves the old file or none."""
        path = self._path(key)
        path.parent.mkdir(parents=True, exist_ok=True)
        data = save({_NAME: embedding.contiguous()})
        handle, temporary = tempfile.mkstemp(dir=path.parent, suffix=".part")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
            os.replace(temporary, path)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise
        with self._lock:
            known = self._bytes if self._bytes is not None else sum(size for _, size, _ in self._files()) - len(data)
            self._bytes = known + len(data)
            if self._bytes > self.max_bytes:
                self._bytes = self._shrink()

    def _shrink(self) -> int:
        """Remove the oldest files until nine tenths of the room are left in use; the bytes that stay."""
        files = sorted(self._files())
        kept = sum(size for _, size, _ in files)
        for _, size, path in files:
            if kept <= self.max_bytes * 9 // 10:
                break
            path.unlink(missing_ok=True)
            kept -= size
        return kept

    def _files(self) -> list[tuple[float, int, Path]]:
        assert self.folder is not None
        found = []
        for path in self.folder.glob("*/*.safetensors"):
            try:
                stat = path.stat()
            except OSError:  # another process removed it
                continue
            found.append((stat.st_mtime, stat.st_size, path))
        return found
