# SPDX-License-Identifier: Apache-2.0
"""Reads the answers of `json.py`, and what models make of them: lists of typed objects, wrappers, swapped keys."""

from __future__ import annotations

from collections.abc import Mapping

from ..frames import Draft, Piece, Reason, Reject
from ..schema.types import FrameType
from .field_reading import FILLERS, FieldReader, Item, Part, is_nothing, settle
from .lexicon import Lexicon, fold
from .nested import JSON, Entry, Group, Node, Text, parse

_TYPE_KEYS = frozenset({"type", "label", "class", "category", "entitytype", "eventtype", "relation", "relationtype"})
_YES = frozenset({"true", "yes", "1"})
_NO = frozenset({"false", "no", "0"})


class JsonReader:
    """One completion. ``fillers`` are the keys, folded, of each type's filler.

    Read are, besides what is written: single values for lists and lists for single values,
    ``[{"type": "person", "text": "Ada"}]``, ``{"entities": {"person": ["Ada"]}}``, ``{"Ada": "person"}``,
    ``{"work for": [["Ada", "Navy"]]}``, labels of classes in a list, and keys that occur again.
    """

    def __init__(self, text: str, lexicon: Lexicon, fillers: Mapping[str, str], *, finished: bool) -> None:
        self.text = text
        self.lexicon = lexicon
        self.fillers = fillers
        self.finished = finished
        self.fields = FieldReader(text, lexicon, self._part, joins_lists=False)
        self.items: list[Item] = []

    def read(self, structure: str) -> tuple[list[Draft], list[Reject]]:
        """What was read; ``structure`` are the characters that need not be covered."""
        self._walk(parse(self.text, JSON, finished=self.finished))
        return settle(self.text, self.items, structure, finished=self.finished)

    def _type(self, label: str) -> FrameType | None:
        return self.lexicon.type(label) or self.lexicon.type(label.replace("_", " "))

    def _part(self, frame_type: FrameType, key: str) -> Part | None:
        role = self.lexicon.role(frame_type.name, key) or self.lexicon.role(frame_type.name, key.replace("_", " "))
        if role is not None or not frame_type.has_filler:
            return role
        return "filler" if fold(key) in {self.fillers[frame_type.name], *FILLERS} else None

    def _is_cut(self, node: Node | None) -> bool:
        return not self.finished and node is not None and node.is_cut

    def _walk(self, group: Group) -> None:
        """Items of a group that stands under no type."""
        for i, entry in enumerate(group.entries):
            is_under_way = self._is_cut(group) and i == len(group.entries) - 1
            if entry.key is not None:
                is_prose = (
                    not group.bracket and entry.key.is_word and isinstance(entry.value, Text) and entry.value.is_word
                )
                if not is_prose or self._type(entry.key.value) is not None:
                    self._keyed(entry, entry.key, is_under_way=is_under_way)
            elif isinstance(entry.value, Group):
                if not self._typed(entry.value):
                    self._walk(entry.value)
            elif isinstance(entry.value, Text) and not is_under_way:
                self._bare(entry.value, is_outside=not group.bracket)

    def _keyed(self, entry: Entry, key: Text, *, is_under_way: bool) -> None:
        """The elements under a key that should be a type."""
        frame_type = self._type(key.value)
        value = entry.value
        if value is None and (is_under_way or key.is_word):
            return
        if frame_type is not None:
            self._elements(frame_type, value, key.start)
        elif isinstance(value, Group) and self._holds_types(value):
            self._walk(value)
        elif isinstance(value, Text) and (swapped := self._type(value.value)) is not None and not self._is_cut(value):
            self._swapped(swapped, entry, key)
        elif value is not None and is_nothing(value) and (isinstance(value, Group) or value.is_word):
            self.items.append(Item(entry.start, entry.end))  # as {"animal": []}; the key of "" may be a mention
        else:
            elements = value.entries if isinstance(value, Group) and value.bracket == "[" else [entry]
            at = entry.start
            for element in elements:
                if self._is_cut(element.value) or (is_under_way and element.value is None):
                    return
                reject = self.fields.reject(
                    at if element is elements[0] else element.start, element.end, "unknown type"
                )
                self.items.append(Item(*reject.range, [], [reject]))

    def _holds_types(self, group: Group) -> bool:
        """Whether a group has a type among its keys, or those of its objects, or the label of a class."""
        for entry in group.entries:
            if entry.key is not None and self._is_type_key(entry.key):
                return True
            if isinstance(entry.value, Group):
                if any(inner.key is not None and self._is_type_key(inner.key) for inner in entry.value.entries):
                    return True
            elif entry.value is not None and entry.key is None and self._class(entry.value) is not None:
                return True
        return False

    def _is_type_key(self, key: Text) -> bool:
        return fold(key.value) in _TYPE_KEYS or self._type(key.value) is not None

    def _class(self, label: Text) -> FrameType | None:
        frame_type = self._type(label.value)
        return frame_type if frame_type is not None and frame_type.family == "classes" else None

    def _typed(self, group: Group) -> bool:
        """Whether a group is an object that tells its type beside its fields; it is read then."""
        if group.bracket != "{" or len(group.entries) < 2:
            return False
        for entry in group.entries:
            is_label = entry.key is not None and fold(entry.key.value.replace("_", "")) in _TYPE_KEYS
            if not is_label or not isinstance(entry.value, Text):
                continue
            if self._is_cut(group):
                return True
            frame_type = self._type(entry.value.value)
            if frame_type is None:
                rejects = [self.fields.reject(group.start, group.end, "unknown type")]
                self.items.append(Item(group.start, group.end, [], rejects))
            else:
                fields = [e for e in group.entries if e is not entry]
                self.items.append(self.fields.item(frame_type, group.start, group.end, fields))
            return True
        return False

    def _swapped(self, frame_type: FrameType, entry: Entry, key: Text) -> None:
        """``"Ada": "person"``, or ``"class": "refund"``."""
        place = (entry.start, entry.end)
        item = Item(*place)
        if frame_type.family == "classes":
            item.drafts.append(Draft(frame_type.name, range=place))
        elif frame_type.has_filler and not is_nothing(key):
            item.drafts.append(Draft(frame_type.name, Piece((key.value,), (key.start, key.end)), range=place))
        else:
            item.rejects.append(self.fields.reject(*place, "missing slot"))
        self.items.append(item)

    def _bare(self, text: Text, *, is_outside: bool) -> None:
        """A string under no key: the label of a class, or nothing of use."""
        item = Item(text.start, text.end)
        if (frame_type := self._class(text)) is not None:
            item.drafts.append(Draft(frame_type.name, range=(text.start, text.end)))
        elif is_outside and text.is_word:
            return
        elif not is_nothing(text):
            item.rejects.append(self.fields.reject(text.start, text.end, "unparsable"))
        self.items.append(item)

    def _elements(self, frame_type: FrameType, value: Node | None, start: int) -> None:
        """The elements of a type, the first of which starts at ``start``."""
        if value is None or is_nothing(value):
            end = value.end if value is not None else start
            if not self._is_cut(value):
                self.items.append(Item(start, end))
        elif isinstance(value, Group) and value.bracket == "[" and not self._is_positional(frame_type, value):
            for i, entry in enumerate(value.entries):
                at = entry.start if i else start
                if entry.key is None:
                    self._elements(frame_type, entry.value, at)
                elif not self._is_cut(value) or i < len(value.entries) - 1:
                    self.items.append(Item(at, entry.end, [], [self.fields.reject(at, entry.end, "unparsable")]))
        elif isinstance(value, Group):
            if not self._is_cut(value):
                self.items.append(self.fields.item(frame_type, start, value.end, value.entries))
        else:
            self._string(frame_type, value, start)

    @staticmethod
    def _is_positional(frame_type: FrameType, value: Group) -> bool:
        """Whether a list holds a pair's two mentions."""
        entries = value.entries
        return (
            frame_type.is_pair and len(entries) == 2 and all(isinstance(e.value, Text) and not e.key for e in entries)
        )

    def _string(self, frame_type: FrameType, text: Text, start: int) -> None:
        word = text.value.casefold()
        is_class = frame_type.family == "classes"
        if self._is_cut(text) and not (is_class and word == "true"):
            return
        item = Item(start, text.end)
        if frame_type.has_filler:
            item = self.fields.item(frame_type, start, text.end, [Entry(None, text)])
        elif is_class and word in _YES:
            item.drafts.append(Draft(frame_type.name, range=(start, text.end)))
        elif not is_class or word not in _NO:
            reason: Reason = "missing slot" if frame_type.slots else "unparsable"
            item.rejects.append(self.fields.reject(start, text.end, reason))
        self.items.append(item)
