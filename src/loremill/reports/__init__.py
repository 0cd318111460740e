# SPDX-License-Identifier: Apache-2.0
"""Extractions to look at: a page of many documents, and one extraction in a notebook."""

from .notebook import to_html
from .page import MAX_DOCUMENTS, Built, write_page

__all__ = ["MAX_DOCUMENTS", "Built", "to_html", "write_page"]
