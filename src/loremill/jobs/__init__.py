# SPDX-License-Identifier: Apache-2.0
"""Extraction over files: reading rows, running an extractor over them, writing rows that can be resumed."""

from .inputs import Source, open_source, text_source
from .outputs import OutputError, read_output
from .rows import Row
from .run import Summary, extract_file, extract_rows

__all__ = [
    "OutputError",
    "Row",
    "Source",
    "Summary",
    "extract_file",
    "extract_rows",
    "open_source",
    "read_output",
    "text_source",
]
