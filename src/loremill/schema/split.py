# SPDX-License-Identifier: Apache-2.0
"""A schema in parts that a model has room for, when it has none for the whole."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

from ..errors import SchemaError
from .types import Schema


def split(schema: Schema, fits: Callable[[Schema], bool]) -> tuple[Schema, ...]:
    """As few parts as will do, of one type more or less, in the schema's order; all that fits stays whole.

    Args:
        fits: whether a part can be asked for in one request.

    Raises:
        SchemaError: a type does not even fit alone.
    """
    for count in range(1, len(schema) + 1):
        bounds = [i * len(schema) // count for i in range(count + 1)]
        parts = tuple(Schema(schema.types[start:end], schema.name) for start, end in pairwise(bounds))
        if all(fits(part) for part in parts):
            return parts
    large = next(part for part in parts if not fits(part))
    raise SchemaError(f"the type {large.types[0].name!r} is too large to be asked for alone: shorten its description")
