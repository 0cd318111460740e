# SPDX-License-Identifier: Apache-2.0
"""Schemas from whatever a user has: labels, the mini-language, mappings, files, Python classes, or several of these."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from functools import reduce
from operator import add
from pathlib import Path
from typing import Any

from ..errors import SchemaError
from .classes import read_class
from .minilang import name_of, parse
from .nested import from_nested
from .types import FrameType, Schema

MAX_FILE_BYTES = 1_000_000
_MINI_LANGUAGE = frozenset('(){}"\n')
_SUFFIXES = (".yaml", ".yml", ".json", ".txt")

SchemaSource = Schema | FrameType | str | Mapping[Any, Any] | type | os.PathLike[str]


def load_schema(source: SchemaSource | Iterable[SchemaSource]) -> Schema:
    """The schema that ``source`` describes.

    A string is mini-language; a mapping is nested; a path is a file; a class is a dataclass or
    pydantic model. A list combines sources: in it, a string without brackets, double quotes, line
    breaks or a final ``!`` is the label of an entity type.
    """
    if isinstance(source, Schema):
        return source
    if isinstance(source, str):
        if source.strip().lower().endswith(_SUFFIXES) and "\n" not in source:
            raise SchemaError(f"wanted a schema, got what looks like a file: {source!r}; use load_schema_file")
        return parse(source)
    if isinstance(source, FrameType):
        return Schema((source,))
    if isinstance(source, Mapping):
        return from_nested(source)
    if isinstance(source, type):
        return Schema((read_class(source).frame_type,))
    if isinstance(source, os.PathLike):
        return load_schema_file(source)
    if isinstance(source, Iterable) and not isinstance(source, bytes | bytearray):
        return _combined(list(source))
    raise SchemaError(f"wanted labels, mini-language, a mapping, a path or classes as schema, got {_kind(source)}")


def load_schema_file(path: str | os.PathLike[str]) -> Schema:
    """The schema in a YAML or JSON file (a nested mapping or a list), or in a ``.txt`` of mini-language."""
    file = Path(path)
    suffix = file.suffix.lower()
    if suffix not in _SUFFIXES:
        raise SchemaError(f"schema file needs to end in {', '.join(_SUFFIXES)}, got {str(path)!r}")
    text = _read(file)
    try:
        if suffix == ".txt":
            return parse(text)
        value = _from_json(text) if suffix == ".json" else _from_yaml(text)
        if not isinstance(value, Mapping | list | str):
            raise SchemaError(f"wanted a mapping or a list, got {'nothing' if value is None else _kind(value)}")
        return load_schema(value)
    except SchemaError as error:
        raise SchemaError(f"{path}: {error}") from None


def fingerprint(schema: Schema) -> str:
    """A SHA-256 that is equal for equal schemas, in hexadecimal; the schema's own name takes no part."""
    canonical = json.dumps([asdict(t) for t in schema], sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode("ascii")).hexdigest()


def _combined(sources: list[Any]) -> Schema:
    """All sources together; the classes among them may refer to each other."""
    if not sources:
        raise SchemaError("schema needs at least one type, got an empty list")
    known = [source for source in sources if isinstance(source, type)]
    parts: list[Schema] = []
    labels: list[FrameType] = []
    for source in sources:
        if isinstance(source, str) and not _is_mini_language(source):
            labels.append(_labelled(source))
            continue
        if labels:
            parts.append(Schema(tuple(labels)))
            labels = []
        if isinstance(source, type):
            parts.append(Schema((read_class(source, known).frame_type,)))
        elif isinstance(source, list | tuple):
            raise SchemaError("wanted labels or sources in the list, got a list inside the list")
        else:
            parts.append(load_schema(source))
    if labels:
        parts.append(Schema(tuple(labels)))
    return reduce(add, parts)


def _is_mini_language(source: str) -> bool:
    return not _MINI_LANGUAGE.isdisjoint(source) or source.rstrip().endswith("!")


def _labelled(label: str) -> FrameType:
    label = label.strip()
    if not label:
        raise SchemaError("wanted a label in the list, got an empty string")
    if "," in label or ";" in label:
        message = f"wanted a label in the list, got {label[:60]!r}, which may be several"
        raise SchemaError(f'{message}; give each its own string, or {{"entities": [...]}} for a label with such a sign')
    return FrameType(name_of(label), label if name_of(label) != label else "")


def _read(file: Path) -> str:
    try:
        with file.open("rb") as stream:
            data = stream.read(MAX_FILE_BYTES + 1)
    except OSError as error:
        raise SchemaError(f"cannot read schema file {str(file)!r}: {error.strerror or error}") from error
    if len(data) > MAX_FILE_BYTES:
        raise SchemaError(f"schema file needs at most {MAX_FILE_BYTES:,} bytes, {str(file)!r} has more")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise SchemaError(f"schema file {str(file)!r} needs to be UTF-8; byte {error.start} is not") from error


def _from_json(text: str) -> object:
    try:
        return json.loads(text, object_pairs_hook=_dict_of_unique_keys)
    except json.JSONDecodeError as error:
        raise SchemaError(f"line {error.lineno}, column {error.colno}: {error.msg}") from error
    except RecursionError as error:
        raise SchemaError("wanted a mapping or a list, got a value nested too deeply") from error


def _dict_of_unique_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise SchemaError(f"wanted each key once, got {key!r} twice")
        found[key] = value
    return found


def _from_yaml(text: str) -> object:
    import yaml

    class UniqueKeyLoader(yaml.SafeLoader):
        """`yaml.SafeLoader` that refuses a key given twice, which YAML would drop in silence."""

        def flatten_mapping(self, node: yaml.MappingNode) -> None:
            seen: set[str] = set()
            for key, _ in node.value:
                if isinstance(key, yaml.ScalarNode) and key.tag != "tag:yaml.org,2002:merge":
                    if key.value in seen:
                        raise yaml.MarkedYAMLError(problem=f"key {key.value!r} twice", problem_mark=key.start_mark)
                    seen.add(key.value)
            super().flatten_mapping(node)

    try:
        return yaml.load(text, Loader=UniqueKeyLoader)  # noqa: S506 - a SafeLoader
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        place = f"line {mark.line + 1}, column {mark.column + 1}: " if mark else ""
        raise SchemaError(f"{place}{error.problem or 'no YAML'}") from error
    except RecursionError as error:
        raise SchemaError("wanted a mapping or a list, got a value nested too deeply") from error
    except (yaml.YAMLError, ValueError, KeyError, AttributeError, TypeError) as error:
        raise SchemaError(f"no YAML that can be read: {' '.join(str(error).split())}") from error


def _kind(value: object) -> str:
    return f"{str(value)[:60]!r} ({type(value).__name__})"
