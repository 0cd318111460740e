# SPDX-License-Identifier: Apache-2.0
"""Universal information extraction with language models: frames that point into the text.

>>> from loremill import Extractor
>>> extractor = Extractor("nano", "person, city")  # doctest: +SKIP
>>> extractor.extract("Ada Lovelace lived in London.").frames  # doctest: +SKIP

Names are imported when first asked for, so that ``import loremill`` loads no model library.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .errors import LoremillError as LoremillError
    from .extraction import Extraction as Extraction
    from .extractor import Extractor as Extractor
    from .frames import Document as Document
    from .frames import Frame as Frame
    from .frames import FrameRef as FrameRef
    from .frames import Reject as Reject
    from .frames import Slot as Slot
    from .given.arguments import extract_arguments as extract_arguments
    from .given.relations import extract_relations as extract_relations
    from .given.types import assign_types as assign_types
    from .jobs import extract_file as extract_file
    from .jobs import read_output as read_output
    from .schema import Schema as Schema
    from .schema import load_schema as load_schema
    from .schema import load_schema_file as load_schema_file
    from .text import Mention as Mention
    from .text import Span as Span
    from .wire import from_dict as from_dict
    from .wire import to_dict as to_dict

_HOME = {
    "Document": "frames",
    "Extraction": "extraction",
    "Extractor": "extractor",
    "Frame": "frames",
    "FrameRef": "frames",
    "LoremillError": "errors",
    "Mention": "text",
    "Reject": "frames",
    "Schema": "schema",
    "Slot": "frames",
    "Span": "text",
    "assign_types": "given.types",
    "extract_arguments": "given.arguments",
    "extract_file": "jobs",
    "extract_relations": "given.relations",
    "from_dict": "wire",
    "load_schema": "schema",
    "load_schema_file": "schema",
    "read_output": "jobs",
    "to_dict": "wire",
}
"""The module that each public name comes from."""

__all__ = [
    "Document",
    "Extraction",
    "Extractor",
    "Frame",
    "FrameRef",
    "LoremillError",
    "Mention",
    "Reject",
    "Schema",
    "Slot",
    "Span",
    "assign_types",
    "extract_arguments",
    "extract_file",
    "extract_relations",
    "from_dict",
    "load_schema",
    "load_schema_file",
    "read_output",
    "to_dict",
]


def __getattr__(name: str) -> Any:
    if name == "__version__":
        from importlib.metadata import version

        return version("loremill")
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(importlib.import_module(f".{_HOME[name]}", __name__), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
