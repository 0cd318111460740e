# SPDX-License-Identifier: Apache-2.0
"""What texts are compared by: 64-bit hashes of the letters and digits of sentences, eight bytes each."""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterable
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np

VERSION = 1
"""Of `leak_key` and `sentence_keys`: raised with every change that gives a text other keys."""
MIN_LENGTH = 20
"""Letters and digits below which a text is no evidence: datelines and greetings repeat by chance."""
MIN_INNER = 30
"""The same for a sentence of a longer text, where stock phrases stand ("Copyright 1999 Academic Press.")."""

# Coarser and simpler than `windows.sentences`: a wrong cut is the same wrong cut wherever the sentence stands.
BREAK = re.compile(r"""[.!?…]["'”’)\]]*\s+(?=[^\sa-z])|[。！？]|\n""")
"""Where one sentence ends and another begins."""


def leak_key(text: str, min_length: int = MIN_LENGTH) -> int:
    """64-bit hash of the text's letters and digits in lower case; 0 if there are fewer than ``min_length``."""
    letters = "".join(filter(str.isalnum, text.lower()))
    if len(letters) < min_length:
        return 0
    return int.from_bytes(blake2b(letters.encode("utf-8", "replace"), digest_size=8).digest(), "big") or 1


def sentence_keys(text: str) -> set[int]:
    """The keys of the whole text and of each of its sentences that is long enough."""
    keys = {leak_key(text), *(leak_key(sentence, MIN_INNER) for sentence in BREAK.split(text))}
    keys.discard(0)
    return keys


@dataclass(frozen=True, slots=True, eq=False)
class TextKeys:
    """The keys of many texts, one after the other, and the number of its text for each."""

    keys: np.ndarray[Any, np.dtype[np.uint64]]
    owners: np.ndarray[Any, np.dtype[np.uint32]]  # counts the texts with at least one key, from 0
    texts: int  # with at least one key
    is_cached: bool = field(default=False)  # not read from the texts this time


def text_keys(texts: Iterable[str]) -> TextKeys:
    """The keys of the texts; these are read one by one and not held."""
    import numpy as np

    keys, owners = array("Q"), array("I")
    count = 0
    for text in texts:
        found = sentence_keys(text)
        keys.extend(found)
        owners.extend([count] * len(found))
        count += bool(found)
    return TextKeys(np.array(keys, dtype=np.uint64), np.array(owners, dtype=np.uint32), count)
