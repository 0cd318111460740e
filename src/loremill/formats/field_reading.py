# SPDX-License-Identifier: Apache-2.0
"""From fields in a tree of `nested.py` to drafts; the inverse of `fields.py`, for whatever models write.

A mention may be a string, a bare word, a list or an object; a list may stand for one value and one value
for a list; ``null``, ``None`` and empty values are absent.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from ..frames import Draft, DraftSlot, Piece, Reason, Reject
from ..schema.types import AttributeType, FrameType, SlotType
from .lexicon import Lexicon, fold
from .nested import Entry, Group, Node, Text

NOTHING = ("", "null", "none")
FILLERS = frozenset({"text", "span", "mention", "trigger", "entity", "name", "value"})
"""Keys that models give to fillers, where no role is called so."""
_FENCE = re.compile(r"```\w*")
_EMPTY = re.compile(r"\[\s*\]|\{\s*\}")

Part = Literal["filler"] | SlotType | AttributeType


@dataclass(slots=True)
class Item:
    """What was read from ``text[start:end]``: drafts, what of it was not used, or nothing that says nothing."""

    start: int
    end: int
    drafts: list[Draft] = field(default_factory=list)
    rejects: list[Reject] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class FieldReader:
    """Reads the fields of one completion.

    Args:
        part: what a key of a type means.
        joins_lists: whether a list where one mention is due holds its fragments, not several mentions.
    """

    text: str
    lexicon: Lexicon
    part: Callable[[FrameType, str], Part | None]
    joins_lists: bool

    def item(self, frame_type: FrameType, start: int, end: int, entries: Sequence[Entry]) -> Item:
        """The item of a frame whose fields are ``entries``; an entry without key is taken by its place."""
        item = Item(start, end)
        filler: Piece | None = None
        slots: list[DraftSlot] = []
        attributes: dict[str, str] = {}
        order: list[Part] = ["filler"] if frame_type.has_filler else []
        order += [*frame_type.slots, *frame_type.attributes]
        for i, entry in enumerate(entries):
            key = entry.key.value if entry.key else None
            part = self.part(frame_type, key) if key is not None else order[i] if i < len(order) else None
            refused: Reason | None = None
            if part is None:
                refused = "unknown role"
            elif part == "filler":
                pieces = list(self.mentions(entry, is_one=True))
                if filler is not None:
                    refused = "duplicate"
                elif pieces:
                    filler = pieces[0]
            elif isinstance(part, SlotType):
                pieces = list(self.mentions(entry, is_one=frame_type.is_pair and self.joins_lists))
                slots += [DraftSlot(part.name, piece, piece.range) for piece in pieces]
            elif isinstance(part, AttributeType) and not is_nothing(entry.value):
                choice = self.lexicon.choice(part, "".join(strings(entry.value)))
                if choice is None or part.name in attributes:
                    refused = "invalid value"
                else:
                    attributes[part.name] = choice
            if refused is not None:
                item.rejects.append(self.reject(entry.start, entry.end, refused))
        if frame_type.is_pair:
            return self._pairs(item, frame_type, slots)
        takes = frame_type.has_filler or frame_type.slots
        if frame_type.has_filler != (filler is not None) or (takes and not (filler or slots or attributes)):
            reason: Reason = "unparsable" if frame_type.has_filler else "missing slot"
            item.rejects.append(self.reject(start, end, reason))
        else:
            item.drafts.append(Draft(frame_type.name, filler, tuple(slots), tuple(attributes.items()), (start, end)))
        return item

    def _pairs(self, item: Item, frame_type: FrameType, slots: Sequence[DraftSlot]) -> Item:
        """One draft per head or per tail where only one of them is given several times."""
        heads, tails = ([s for s in slots if s.role == role.name] for role in frame_type.slots)
        if not heads or not tails or min(len(heads), len(tails)) > 1:
            reason: Reason = "unparsable" if heads and tails else "missing slot"
            item.rejects.append(self.reject(item.start, item.end, reason))
        else:
            pairs = [(head, tail) for head in heads for tail in tails]
            item.drafts += [Draft(frame_type.name, None, pair, range=(item.start, item.end)) for pair in pairs]
        return item

    def mentions(self, entry: Entry, *, is_one: bool) -> Iterator[Piece]:
        """The mentions of a value; each range starts where the one before ends, the first one's at the key."""
        at = entry.start
        value = entry.value
        is_list = isinstance(value, Group) and value.bracket != "{" and not is_one
        for node in [e.value for e in value.entries] if is_list and isinstance(value, Group) else [value]:
            fragments = tuple(_mention(node))
            if node is not None and fragments:
                yield Piece(fragments, (at, node.end))
                at = node.end

    def reject(self, start: int, end: int, reason: Reason) -> Reject:
        return Reject(self.text[start:end].strip(), reason, range=(start, end))


def is_nothing(node: Node | None) -> bool:
    """Whether a value says that there is none: it is missing, empty, ``null`` or ``None``."""
    if isinstance(node, Group):
        return not node.is_cut and not node.name and all(e.key is None and is_nothing(e.value) for e in node.entries)
    if node is None:
        return True
    return node.value.casefold() in NOTHING if node.is_word else not node.value.strip(" ")


def strings(node: Node | None) -> Iterator[str]:
    """The strings of a value, or of a list of them, that hold anything."""
    if isinstance(node, Text):
        if not is_nothing(node):
            yield node.value
    elif node is not None and node.bracket != "{":
        yield from (e.value.value for e in node.entries if isinstance(e.value, Text) and not is_nothing(e.value))


def _mention(node: Node | None) -> Iterator[str]:
    """The fragments of one mention: a string, a list of strings, or an object that holds either under a key."""
    if isinstance(node, Group) and node.bracket == "{":
        held = [e.value for e in node.entries if e.key and fold(e.key.value) in FILLERS]
        yield from strings(held[0] if held else None)
    else:
        yield from strings(node)


def settle(text: str, items: Sequence[Item], structure: str, *, finished: bool) -> tuple[list[Draft], list[Reject]]:
    """Drafts and rejects of items in the order of the text, with ranges that leave nothing but structure uncovered.

    Blanks before an item are its own. Words outside the items (a sentence before the answer, a key that has no
    values, a comment) belong to the item behind them, at the end to the last one, or are what was cut off.
    """
    word = re.compile(f"[^{re.escape(structure)}\\s]")
    spoken = [item for item in items if item.drafts or item.rejects]
    at = 0
    for item in spoken:
        start = item.start
        if (found := word.search(text, at, start)) is not None:
            start = found.start()
        while start > at and text[start - 1] == " ":
            start -= 1
        _cover(item, start, item.end)
        at = item.end
    tail = [m.start() for m in word.finditer(text, at)]
    if not tail:
        pass
    elif not finished:
        spoken.append(Item(at, len(text), [], [Reject(text[at:].strip(), "cut off", range=(at, len(text)))]))
    elif spoken:
        _cover(spoken[-1], spoken[-1].start, tail[-1] + 1)
    elif not _says_nothing(text, items, word):
        spoken.append(Item(0, len(text), [], [Reject(text.strip(), "unparsable", range=(0, len(text)))]))
    return [d for item in spoken for d in item.drafts], [r for item in spoken for r in item.rejects]


def _cover(item: Item, start: int, end: int) -> None:
    item.start, item.end = start, end
    if item.drafts:
        item.drafts = [replace(draft, range=(start, end)) for draft in item.drafts]
    else:
        item.rejects[-1] = replace(item.rejects[-1], range=(start, end))


def _says_nothing(text: str, silent: Sequence[Item], word: re.Pattern[str]) -> bool:
    """Whether all words of a text are of items that say nothing, or of a code fence around an empty answer."""
    places = [(item.start, item.end) for item in silent]
    if places or _EMPTY.search(text):
        places += [m.span() for m in _FENCE.finditer(text)]
    at = 0
    for start, end in sorted(places):
        if start >= at and word.search(text, at, start):
            return False
        at = max(at, end)
    return word.search(text, at) is None
