# SPDX-License-Identifier: Apache-2.0
"""Reads the answers of `code.py` without running them, call by call."""

from __future__ import annotations

from ..frames import Draft, Reject
from ..schema.types import FrameType, Schema
from .field_reading import FILLERS, FieldReader, Item, Part, is_nothing, settle
from .identifiers import class_names, field_names, same
from .lexicon import Lexicon, fold
from .nested import PYTHON, Entry, Group, Node, Text, parse


class CodeReader:
    """One completion.

    Read are, besides what is written: assignments (``result = [...]``), calls inside other brackets or calls or in
    no list at all, arguments by position, mentions as constructor calls, and bare names of classes. A call that
    begins a line begins anew whatever was left open before it.
    """

    def __init__(self, text: str, schema: Schema, lexicon: Lexicon, *, finished: bool) -> None:
        self.text = text
        self.lexicon = lexicon
        self.finished = finished
        self.classes = {same(name): schema[type_] for type_, name in class_names(schema).items()}
        self.parts = {frame_type.name: _parts(frame_type) for frame_type in schema}
        self.fields = FieldReader(text, lexicon, self._part, joins_lists=True)
        self.items: list[Item] = []

    def read(self, structure: str) -> tuple[list[Draft], list[Reject]]:
        """What was read; ``structure`` are the characters that need not be covered."""
        tree = parse(self.text, PYTHON, lambda name: self._type(name) is not None, finished=self.finished)
        self._walk(tree, is_outside=True)
        return settle(self.text, self.items, structure, finished=self.finished)

    def _type(self, name: str) -> FrameType | None:
        return self.classes.get(same(name)) or self.lexicon.type(name) or self.lexicon.type(name.replace("_", " "))

    def _part(self, frame_type: FrameType, key: str) -> Part | None:
        part = self.parts[frame_type.name].get(same(key)) or self.lexicon.role(frame_type.name, key.replace("_", " "))
        if part is not None or not frame_type.has_filler:
            return part
        return "filler" if fold(key) in FILLERS else None

    def _is_cut(self, node: Node | None) -> bool:
        return not self.finished and node is not None and node.is_cut

    def _walk(self, group: Group, *, is_outside: bool) -> None:
        """The calls of a group; ``is_outside`` of every list, where words are no items."""
        for i, entry in enumerate(group.entries):
            value = entry.value
            if isinstance(value, Group):
                self._group(value, is_outside=is_outside)
                continue
            is_under_way = self._is_cut(value) or (self._is_cut(group) and i == len(group.entries) - 1)
            is_class = isinstance(value, Text) and self._class(value) is not None
            if (is_class or not is_outside) and not is_under_way:
                self._word(entry)

    def _group(self, group: Group, *, is_outside: bool) -> None:
        if group.name and group.bracket == "(":
            self._call(group, is_outside=is_outside)
        elif not group.name:  # with a name it is a type, such as List[Entity]
            self._walk(group, is_outside=is_outside and group.bracket != "[")

    def _call(self, call: Group, *, is_outside: bool) -> None:
        frame_type = self._type(call.name)
        if frame_type is None and any(isinstance(entry.value, Group) and _calls(entry.value) for entry in call.entries):
            self._walk(call, is_outside=is_outside)
        elif self._is_cut(call):
            return
        elif frame_type is not None:
            self.items.append(self.fields.item(frame_type, call.start, call.end, call.entries))
        else:
            rejects = [self.fields.reject(call.start, call.end, "unknown type")]
            self.items.append(Item(call.start, call.end, [], rejects))

    def _word(self, entry: Entry) -> None:
        """What is no call: the bare name of a class, or nothing of use."""
        item = Item(entry.start, entry.end)
        value = entry.value
        if isinstance(value, Text) and (frame_type := self._class(value)) is not None:
            item.drafts.append(Draft(frame_type.name, range=(entry.start, entry.end)))
        elif entry.key is not None or not is_nothing(value):
            item.rejects.append(self.fields.reject(entry.start, entry.end, "unparsable"))
        self.items.append(item)

    def _class(self, name: Text) -> FrameType | None:
        frame_type = self._type(name.value)
        return frame_type if frame_type is not None and frame_type.family == "classes" else None


def _calls(group: Group) -> bool:
    """Whether a group is a call or directly holds one."""
    if group.name and group.bracket == "(":
        return True
    return any(isinstance(e.value, Group) and e.value.name and e.value.bracket == "(" for e in group.entries)


def _parts(frame_type: FrameType) -> dict[str, Part]:
    """What the fields of a type are called, folded."""
    keys = field_names(frame_type)
    parts: dict[str, Part] = {same(keys.parts[slot.name]): slot for slot in frame_type.slots}
    parts |= {same(keys.parts[attribute.name]): attribute for attribute in frame_type.attributes}
    if frame_type.has_filler:
        parts[same(keys.filler)] = "filler"
    return parts
