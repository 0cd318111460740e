# SPDX-License-Identifier: Apache-2.0
"""One self-contained HTML file for looking at extractions: nothing is loaded from anywhere.

The file is the template ``assets/view.html`` with the style, the script and the documents in it. A
Content-Security-Policy allows exactly this style and this script, by their hashes, and no request.
Documents are written one by one, so that a large file of results takes little memory.
"""

from __future__ import annotations

import base64
import hashlib
import html
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import BinaryIO

from ..errors import InputError
from ..extraction import Extraction
from .embed import document, script_json

MAX_DOCUMENTS = 10_000
"""Documents on a page unless told otherwise."""
MAX_BYTES = 256_000_000
"""A page needs to be smaller: browsers hold it whole."""

LEFT_OUT_BYTES = 200
"""Room kept to say what was left out."""

SCRIPTS = ("store", "mentions", "links", "frames", "ledger", "list", "filters", "keys", "main")
"""The script's parts, ``assets/*.js``, in order; they share one scope."""


@dataclass(frozen=True, slots=True)
class Built:
    """What a page holds; ``left_out`` says why it does not hold all documents, if so."""

    documents: int
    frames: int
    rejected: int
    errors: int
    size_bytes: int
    left_out: str | None = None


def write_page(
    extractions: Iterable[Extraction],
    output: str | Path,
    *,
    title: str = "extractions",
    run: Mapping[str, str] | None = None,
    max_documents: int = MAX_DOCUMENTS,
    max_bytes: int = MAX_BYTES,
    overwrite: bool = False,
    on_document: Callable[[int], None] = lambda done: None,
) -> Built:
    """Writes a page of ``extractions`` to ``output``, which is there whole or not at all.

    Args:
        run: how they were made, as names and values to be shown.
        max_documents: further ones are left out, and the page says so.
        max_bytes: the same for the page's size.
        on_document: called with the number of documents done.

    Raises:
        InputError: there is no extraction, or ``output`` exists or cannot be written.
    """
    if max_documents < 1:
        raise InputError(f"a page needs max_documents >= 1, got {max_documents}")
    with _replacing(Path(output), overwrite=overwrite) as file:
        head, middle, tail = _template(title)
        about: dict[str, object] = {"title": title, "run": dict(run or {})}
        rest = len((middle + script_json(about) + tail).encode()) + LEFT_OUT_BYTES
        counts = dict.fromkeys(("documents", "frames", "rejected", "errors"), 0)
        left_out = None
        size = file.write(head.encode())
        for extraction in extractions:
            if counts["documents"] == max_documents:
                left_out = f"a page of at most {max_documents:,} documents was asked for"
                break
            row = (",\n" if counts["documents"] else "").encode() + script_json(document(extraction)).encode()
            if size + len(row) + rest > max_bytes:
                left_out = f"a page of at most {max_bytes / 1e6:,.1f} MB was asked for"
                break
            size += file.write(row)
            counts["documents"] += 1
            counts["frames"] += len(extraction.frames)
            counts["rejected"] += len(extraction.rejected)
            counts["errors"] += extraction.error is not None
            on_document(counts["documents"])
        if not counts["documents"]:
            raise InputError(
                f"a page needs at least one document, {title} has {'too large a one' if left_out else 'none'}"
            )
        size += file.write((middle + script_json(about | {"left_out": left_out}) + tail).encode())
    return Built(**counts, size_bytes=size, left_out=left_out)


def _template(title: str) -> tuple[str, str, str]:
    """The page before the documents, between them and what is said about them, and after that."""
    style = _asset("view.css")
    script = '(() => {\n"use strict";\n' + "\n".join(_asset(f"{name}.js") for name in SCRIPTS) + "\n})();\n"
    page = _asset("view.html")
    values = {
        "title": html.escape(" ".join(title.split())),
        "policy": (
            f"default-src 'none'; style-src '{_hash(style)}'; script-src '{_hash(script)}'; "
            "base-uri 'none'; form-action 'none'"
        ),
        "style": style,
        "script": script,
    }
    before, rest = page.split("{{documents}}")
    between, after = rest.split("{{about}}")
    return _filled(before, values), _filled(between, values), _filled(after, values)


def _filled(text: str, values: Mapping[str, str]) -> str:
    """The text with each ``{{name}}`` replaced; what is put in is not looked at again."""
    parts = text.split("{{")
    filled = [parts[0]]
    for part in parts[1:]:
        name, _, rest = part.partition("}}")
        filled += [values[name], rest]
    return "".join(filled)


def _hash(source: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(source.encode()).digest()).decode()


def _asset(name: str) -> str:
    return (files(__package__) / "assets" / name).read_text("utf-8")


@contextmanager
def _replacing(path: Path, *, overwrite: bool) -> Iterator[BinaryIO]:
    """A new file that takes the place of ``path`` when all went well."""
    if path.exists() and not path.is_file():
        raise InputError(f"a file to write to is wanted, {str(path)!r} is none")
    if path.exists() and not overwrite:
        raise InputError(f"{str(path)!r} exists; add --overwrite to replace it")
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with part.open("wb") as file:
            yield file
        part.replace(path)
    except OSError as error:
        raise InputError(f"cannot write {str(path)!r}: {error.strerror or error}") from error
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)
