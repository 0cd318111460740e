# SPDX-License-Identifier: Apache-2.0
"""Recipes are programs beside the package: they find each other as they do when run."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parents[2] / "recipes"))
