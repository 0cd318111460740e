# SPDX-License-Identifier: Apache-2.0
"""The files of a folder or of a tar archive (plain, ``.gz``, ``.bz2``, ``.xz``), one after the other, in memory.

Nothing is extracted to disk. An archive may hold plain files and folders only: a link, a device, a name that
leaves the archive's folder, or more or larger members than the limits allow, is an `InputError`.
"""

from __future__ import annotations

import lzma
import tarfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from ..errors import InputError


@dataclass(frozen=True, slots=True)
class Limits:
    """What an archive may hold, counted uncompressed."""

    members: int = 200_000
    member_bytes: int = 64 << 20
    total_bytes: int = 4 << 30


LIMITS = Limits()


def read_members(path: Path, *, inside: str = "", limits: Limits = LIMITS) -> Iterator[tuple[str, bytes]]:
    """Name and content of each file whose name starts with ``inside``: in the archive's order, a folder's by name.

    Args:
        path: a tar archive or a folder.
        inside: a folder in it, such as ``standoff/train/``.
        limits: also counts what ``inside`` leaves out.

    Raises:
        InputError: unreadable, no member is inside, or something an archive may not hold.
    """
    files = _folder(path, limits) if path.is_dir() else _archive(path, limits, inside)
    is_empty = True
    for name, content in files:
        if name.startswith(inside):
            is_empty = False
            yield name, content
    if is_empty:
        raise InputError(f"{path}: wanted files in {inside or 'it'}, got none")


def _folder(path: Path, limits: Limits) -> Iterator[tuple[str, bytes]]:
    for file in sorted(file for file in path.rglob("*") if file.is_file()):
        if file.stat().st_size > limits.member_bytes:
            raise InputError(f"{file}: wanted at most {limits.member_bytes} bytes, got {file.stat().st_size}")
        try:
            yield file.relative_to(path).as_posix(), file.read_bytes()
        except OSError as error:
            raise InputError(f"cannot read the corpus file {file}: {error.strerror}") from error


def _archive(path: Path, limits: Limits, inside: str) -> Iterator[tuple[str, bytes]]:
    count = total = 0
    try:
        with tarfile.open(path, "r|*") as archive:
            for member in archive:
                count, total = count + 1, total + member.size
                _check(member, path, limits, count=count, total=total)
                if member.isfile() and member.name.startswith(inside):
                    file = archive.extractfile(member)
                    assert file is not None  # a plain file
                    yield member.name, file.read()
    except (OSError, tarfile.TarError, lzma.LZMAError, zlib.error, EOFError, ValueError) as error:
        if isinstance(error, InputError):
            raise
        reason = getattr(error, "strerror", None) or error
        raise InputError(f"cannot read the corpus archive {path}: {reason}") from error


def _check(member: tarfile.TarInfo, path: Path, limits: Limits, *, count: int, total: int) -> None:
    name = PurePosixPath(member.name)
    where = f"{path}, member {member.name[:100]!r}"
    if not (member.isfile() or member.isdir()):
        raise InputError(f"{where}: wanted a plain file, got a link or a device")
    if name.is_absolute() or ".." in name.parts:
        raise InputError(f"{where}: wanted a name inside the archive, got a path that leaves it")
    if member.size > limits.member_bytes:
        raise InputError(f"{where}: wanted at most {limits.member_bytes} bytes, got {member.size}")
    if count > limits.members or total > limits.total_bytes:
        wanted = f"{limits.members} members and {limits.total_bytes} bytes"
        raise InputError(f"{where}: wanted an archive of at most {wanted}, got {count} and {total} so far")
