# SPDX-License-Identifier: Apache-2.0
"""The formats of a run: which of them a schema can be asked in, and which one a document is."""

from __future__ import annotations

import random
from collections.abc import Mapping

from ..errors import InputError, SchemaError
from ..formats import FORMATS
from ..formats.format import needs_given
from ..formats.typing import given_roles
from ..models.codec import Codec
from ..schema.types import Schema

Shares = Mapping[str, float]
"""Name of a format -> how often, in relation to the others."""


def shares_of(format: str | Shares) -> Shares:
    return {format: 1.0} if isinstance(format, str) else format


def suited(shares: Shares, schema: Schema) -> dict[str, float]:
    """The formats in which a schema can be asked; a single one is never left out, and tells by itself what it lacks.

    Classes have no mentions to be given, nor have relations whose roles differ the same ones.
    """
    if len(shares) == 1:
        return dict(shares)
    try:
        given_roles(schema)
    except SchemaError:
        return {name: share for name, share in shares.items() if not needs_given(FORMATS[name])}
    return dict(shares)


def drawn(shares: Shares, number: str) -> str:
    """The format of the document of that number: a function of it alone."""
    if len(shares) == 1:
        return next(iter(shares))
    return random.Random(f"{number}/format").choices(list(shares), list(shares.values()))[0]


def check_writable(shares: Shares, codec: Codec) -> None:
    """Refuse a format that the tokenizer cannot write.

    Raises:
        InputError: with the reason.
    """
    for name in shares:
        if (why := FORMATS[name].survives(codec.writing)) is not None:
            able = [other for other, format in FORMATS.items() if format.survives(codec.writing) is None]
            raise InputError(f"this model cannot write the format {name!r}: {why}; it can write {', '.join(able)}")
