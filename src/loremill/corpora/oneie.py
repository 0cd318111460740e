# SPDX-License-Identifier: Apache-2.0
"""OneIE's JSON lines: tokens of a sentence, entity mentions and events by token index (GENEVA).

Lin et al. (2020), https://aclanthology.org/2020.acl-main.713. Sample (shortened)::

    {"wnd_id": "s1", "sentence": "The dam burst .", "tokens": ["The", "dam", "burst", "."],
     "entity_mentions": [{"id": "e1", "start": 0, "end": 2}],
     "event_mentions": [{"event_type": "Damaging", "trigger": {"start": 2, "end": 3},
                         "arguments": [{"entity_id": "e1", "role": "Patient"}]}]}

Tokens are finer than the blank-separated words of ``sentence`` ("well", "-", "known"), so the words are
detokenized and tokens placed inside them: a hyphenated word stays one word.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from ..frames import Document, Frame
from ..text import Mention
from .detokenize import detokenize
from .gold import Offsets, document, event, token_range
from .lines import NameOf, OnError, json_record, member, read_json_lines, read_records, token_list


def read_oneie(path: Path, *, name_of: NameOf, on_error: OnError = "raise", join: str = "") -> Iterator[Document]:
    """The sentences, with events as frames; the id is ``wnd_id``. Entity mentions (untyped in GENEVA) are not read."""

    def parse(line: str) -> Document:
        record = json_record(line)
        text, offsets = place_tokens(token_list(record), member(record, "sentence", str).split(), join=join)
        mentions = {member(e, "id", str): _mention(e, offsets) for e in member(record, "entity_mentions", list)}
        events = [_event(e, mentions, offsets, name_of) for e in member(record, "event_mentions", list)]
        return document(text, events, id=member(record, "wnd_id", str))

    return read_records(path, read_json_lines(path), parse, on_error=on_error)


def place_tokens(tokens: Sequence[str], words: Sequence[str], *, join: str = "") -> tuple[str, Offsets]:
    """The text of the words, and the place of each token in it.

    A word that detokenizing respells (`` `` `` -> ``"``) is the place of all its tokens.

    Raises:
        ValueError: tokens and words are not the same characters.
    """
    if "".join(tokens) != "".join(words):
        raise ValueError(f"wanted tokens with the characters of the sentence, got {tokens[:8]} for {words[:8]}")
    text, word_offsets = detokenize(words, join=join)
    starts, place = [], 0  # of each character of the words: its start in the text, if kept as it is
    for word, (start, end) in zip(words, word_offsets, strict=True):
        kept = text[start:end] == word
        starts += [(start + i, start + i + 1) if kept else (start, end) for i in range(len(word))]
    offsets = []
    for token in tokens:
        offsets.append((starts[place][0], starts[place + len(token) - 1][1]))
        place += len(token)
    return text, offsets


def _mention(record: object, offsets: Offsets) -> Mention:
    return token_range(member(record, "start", int), member(record, "end", int), offsets)


def _event(record: object, mentions: dict[str, Mention], offsets: Offsets, name_of: NameOf) -> Frame:
    arguments = []
    for argument in member(record, "arguments", list):
        entity_id = member(argument, "entity_id", str)
        if entity_id not in mentions:
            raise ValueError(f"wanted an argument among the entity mentions, got the id {entity_id!r}")
        arguments.append((name_of(member(argument, "role", str)), mentions[entity_id]))
    trigger = _mention(member(record, "trigger", dict), offsets)
    return event(name_of(member(record, "event_type", str)), trigger, arguments)
