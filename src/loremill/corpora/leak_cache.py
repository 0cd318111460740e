# SPDX-License-Identifier: Apache-2.0
"""The keys of a data set's part, kept between runs: reading all dev and test parts takes a minute or two.

One file a part, valid as long as nothing has changed that the keys depend on: the files in the data set's folder (name,
size, times), the library's code that reads them, the entry, the key function. A file that is damaged is noticed by its
checksum, and the part read again. Losing the cache costs time alone, so what fails on the way is logged, not raised.

A file is ``_MAGIC``, the digest of what it depends on, a checksum of all that follows, two counts, keys, owners.
"""

from __future__ import annotations

import contextlib
import functools
import logging
import os
import re
import struct
import sys
import tempfile
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from hashlib import blake2b
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import leak_keys
from .catalogue import corpus
from .corpus import READERS, Corpus
from .leak_keys import TextKeys, text_keys

if TYPE_CHECKING:
    import numpy as np

CACHE_VARIABLE = "LOREMILL_CACHE"
"""Names the folder of what may be thrown away; by default the one that the platform has for this."""
LIMIT_BYTES = 256 << 20
"""Of all files together; above it those not used for longest go. All parts of the catalogue take less than a tenth."""

_MAGIC = b"loremill keys 1\n"
_DIGEST_SIZE = 16
_COUNTS = struct.Struct("<QQ")  # keys, texts
_log = logging.getLogger(__name__)


def cache_folder() -> Path | None:
    """Where the library keeps what may be thrown away: ``LOREMILL_CACHE``, else the platform's folder for it.

    That is ``$XDG_CACHE_HOME/loremill`` or ``~/.cache/loremill``, on macOS ``~/Library/Caches/loremill``, on Windows
    ``%LOCALAPPDATA%\\loremill``. None where there is no home.
    """
    if own := os.environ.get(CACHE_VARIABLE):
        return Path(own)
    given = os.environ.get("LOCALAPPDATA" if sys.platform == "win32" else "XDG_CACHE_HOME", "")
    if given and Path(given).is_absolute():  # the XDG specification has others ignored
        return Path(given) / "loremill"
    try:
        return Path.home() / ("Library/Caches" if sys.platform == "darwin" else ".cache") / "loremill"
    except RuntimeError:
        return None


def part_keys(
    name: str, split: str, data_dir: str | Path | None = None, *, cache_dir: str | Path | None = None
) -> TextKeys:
    """The keys of the documents of a part, from the cache if it has them, else read and kept there.

    Args:
        name: a data set of the catalogue.
        split: one of its parts.
        data_dir: folder of corpora, by default the one that the environment variable names.
        cache_dir: by default `cache_folder`; one that cannot be written to is done without.

    Raises:
        InputError: the part is not there or a record is malformed.
    """
    entry = corpus(name)
    folder = Path(cache_dir) if cache_dir is not None else cache_folder()
    source = entry.folder(data_dir)
    if folder is None or split not in entry.parts:
        return _read(entry, split, data_dir)
    digest = _digest(entry, split, source)
    path = folder / "leak_keys" / _file_name(entry.name, split, source)
    found = _kept(path, digest)
    if found is None:
        found = _read(entry, split, data_dir)
        if _digest(entry, split, source) == digest:  # nobody wrote to the folder meanwhile
            _keep(path, digest, found)
    return found


def _read(entry: Corpus, split: str, data_dir: str | Path | None) -> TextKeys:
    return text_keys(doc.text for doc in entry.read(split, data_dir))


def _file_name(name: str, split: str, source: Path) -> str:
    place = blake2b(f"{name}\0{split}\0{source.resolve()}".encode("utf-8", "replace"), digest_size=8).hexdigest()
    return f"{re.sub(r'[^A-Za-z0-9]+', '_', name)}-{split}-{place}.keys"


def _digest(entry: Corpus, split: str, source: Path) -> bytes:
    """Of everything that the part's keys depend on."""
    rules = (leak_keys.VERSION, leak_keys.MIN_LENGTH, leak_keys.MIN_INNER, leak_keys.BREAK.pattern)
    reader = READERS[entry.reader]
    how = (reader.__module__, reader.__qualname__, _told(entry.options), _told(entry.parts[split]))
    machine = (sys.byteorder, unicodedata.unidata_version, _code())
    told = repr((rules, how, machine, sorted(_files(source))))
    return blake2b(told.encode("utf-8", "replace"), digest_size=_DIGEST_SIZE).digest()


def _told(value: object) -> str:
    """The same text for the same value in every run, which ``repr`` of a set is not."""
    if is_dataclass(value):
        return f"{type(value).__name__}({', '.join(_told(getattr(value, f.name)) for f in fields(value))})"
    if isinstance(value, Mapping):
        return f"{{{', '.join(sorted(f'{_told(key)}: {_told(item)}' for key, item in value.items()))}}}"
    if isinstance(value, (set, frozenset)):
        return f"{{{', '.join(sorted(map(_told, value)))}}}"
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(map(_told, value))}]"
    return getattr(value, "__qualname__", None) or repr(value)


@functools.cache
def _code() -> str:
    """Of the readers and entries as they are, so that no change of one can be forgotten."""
    content = blake2b(version("loremill").encode(), digest_size=_DIGEST_SIZE)
    for path in sorted(Path(__file__).parent.rglob("*.py")):
        content.update(path.read_bytes())
    return content.hexdigest()


def _files(folder: Path) -> Iterator[tuple[str, int, int, int]]:
    """Name, size and times of every file in the folder: readers take labels, ids and archives from beside a part."""
    seen = set()
    for parent, folders, names in os.walk(folder, followlinks=True):
        if (real := os.path.realpath(parent)) in seen:  # a link that leads up again
            folders.clear()
            continue
        seen.add(real)
        for name in names:
            path = os.path.join(parent, name)
            with contextlib.suppress(OSError):  # a link that leads nowhere, which no reader can read
                known = os.stat(path)
                yield os.path.relpath(path, folder), known.st_size, known.st_mtime_ns, known.st_ctime_ns


def _kept(path: Path, digest: bytes) -> TextKeys | None:
    """What the file holds; None if it is not there, damaged, or of something else."""
    try:
        if path.stat().st_size > LIMIT_BYTES:
            return None
        content = path.read_bytes()
    except OSError:
        return None
    found = _unpacked(content)
    if found is None:
        _log.warning("%s is damaged: the part is read again", path)
        return None
    if found[0] != digest:
        return None
    with contextlib.suppress(OSError):
        os.utime(path)  # used last now
    return found[1]


def _packed(digest: bytes, found: TextKeys) -> bytes:
    body = b"".join(
        (
            _COUNTS.pack(len(found.keys), found.texts),
            found.keys.astype("<u8").tobytes(),
            found.owners.astype("<u4").tobytes(),
        )
    )
    return _MAGIC + digest + _checksum(digest, body) + body


def _unpacked(content: bytes) -> tuple[bytes, TextKeys] | None:
    import numpy as np

    start = len(_MAGIC)
    digest, checksum = content[start : start + _DIGEST_SIZE], content[start + _DIGEST_SIZE : start + 2 * _DIGEST_SIZE]
    body = content[start + 2 * _DIGEST_SIZE :]
    if not content.startswith(_MAGIC) or len(body) < _COUNTS.size or _checksum(digest, body) != checksum:
        return None
    count, texts = _COUNTS.unpack_from(body)
    if len(body) != _COUNTS.size + 12 * count:
        return None
    keys: np.ndarray[Any, Any] = np.frombuffer(body, "<u8", count, _COUNTS.size)
    owners: np.ndarray[Any, Any] = np.frombuffer(body, "<u4", count, _COUNTS.size + 8 * count)
    return digest, TextKeys(keys.astype(np.uint64), owners.astype(np.uint32), texts, is_cached=True)


def _checksum(digest: bytes, body: bytes) -> bytes:
    return blake2b(body, key=digest, digest_size=_DIGEST_SIZE).digest()


def _keep(path: Path, digest: bytes, found: TextKeys) -> None:
    """Write the file in one step, so that no other process sees half of it, and make room."""
    content = _packed(digest, found)
    if len(content) > LIMIT_BYTES:
        return
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=path.stem, suffix=".part")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
            os.replace(name, path)
        except BaseException:
            os.unlink(name)
            raise
        _make_room(path.parent)
    except OSError as error:
        _log.info("%s cannot be written, so the part is read again next time: %s", path, error.strerror or error)


def _make_room(folder: Path) -> None:
    """Delete the files not used for longest until all fit; another process may be at it too."""
    known = []
    for file in folder.iterdir():
        with contextlib.suppress(FileNotFoundError):
            known.append((file.stat().st_mtime_ns, file.stat().st_size, file))
    total = sum(size for _, size, _ in known)
    for _, size, file in sorted(known):
        if total <= LIMIT_BYTES:
            break
        file.unlink(missing_ok=True)
        total -= size
