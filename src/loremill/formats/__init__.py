# SPDX-License-Identifier: Apache-2.0
"""How frames are written for a model and read back: one file per format, named in one table."""

from types import MappingProxyType, ModuleType

from . import listing

FORMATS: MappingProxyType[str, ModuleType] = MappingProxyType({"listing": listing})
"""Formats by name. A format is a module with ``prompt``, ``write``, ``read`` and ``grammar``."""

__all__ = ["FORMATS"]
