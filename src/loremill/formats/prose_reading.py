# SPDX-License-Identifier: Apache-2.0
"""Reads the sentences of `sentences.py`, and whatever else a model writes with quoted mentions.

The words between the quotes matter where they are those of a template; else the order of the quoted strings
does: ``"Ada" is the "person"`` reads as ``"Ada" is a "person"``. Labels may lack their quotes behind the words
that announce them, full stops may be missing, quotes may be curly: `prose_scanning.py` finds the strings.
"""

from __future__ import annotations

import re

from ..frames import Draft, DraftSlot, Piece, Reason, Reject
from ..schema.types import AttributeType, FrameType, SlotType
from .lexicon import Lexicon, fold
from .prose_scanning import Sentence, String, scan
from .sentences import IS, NOTHING, OPENINGS, Opening, opening_of

_BEFORE_LABEL = re.compile(
    r"\b(?:is an?|evokes (?:the event|the|an?)|as (?:its|the|an?)|in the relation|which is|the text is about"
    r"|the (?:relation|opinion))\s+",
    re.IGNORECASE,
)
_BEHIND_LABEL = re.compile(r"(?:[\s.,;:!?。]|\b(?:and|with|where|holds|is held|is)\b)*\Z")
_MOST_HOLES = max(len(opening.holes) for opening in OPENINGS.values())
_LABEL_CHARS = 200
"""Longest stretch in which a label without quotes is looked for."""
_Found = tuple[Opening, FrameType]


class ProseReader:
    """Reads one completion."""

    def __init__(self, text: str, lexicon: Lexicon) -> None:
        self.text = text
        self.lexicon = lexicon
        self.roles = {written for _, written in lexicon.roles}
        self.drafts: list[Draft] = []
        self.rejects: list[Reject] = []

    def read(self, *, finished: bool) -> tuple[list[Draft], list[Reject]]:
        """Drafts and rejects, sentence by sentence; without ``finished`` the one under way is cut off."""
        said = fold(self.text)
        if said == fold(NOTHING) or (finished and said == fold(NOTHING.rstrip("."))):
            return [], []
        for sentence in scan(self.text):
            self._add_bare_labels(sentence)
            self._read(sentence, is_cut_off=not (finished or sentence.is_closed))
        return self.drafts, self.rejects

    def _add_bare_labels(self, sentence: Sentence) -> None:
        """Labels without quotes, where the words before them say what they are, become strings."""
        strings: list[String] = []
        for string in sentence.strings:
            label = None if string.is_broken else self._bare_label(string.before, string.start - len(string.before))
            if label is not None:
                strings.append(label)
                string.before = self.text[label.end : string.start]
            strings.append(string)
        start = strings[-1].end if strings else sentence.start
        label = self._bare_label(self.text[start : sentence.end], start)
        sentence.strings = [*strings, label] if label is not None else strings

    def _bare_label(self, words: str, start: int) -> String | None:
        if len(words) > _LABEL_CHARS or not (found := _BEFORE_LABEL.search(words)):
            return None
        stop = _BEHIND_LABEL.search(words, found.end())
        label = words[found.end() : stop.start() if stop else None]
        if not label or (self.lexicon.type(label) is None and fold(label) not in self.roles):
            return None
        at = start + found.end()
        return String([label], words[: found.end()], at, at + len(label))

    def _read(self, sentence: Sentence, *, is_cut_off: bool) -> None:
        """Adds what one sentence says: an item, or several joined by ``and``."""
        strings = sentence.strings
        openings = self._openings(strings)
        for number, (first, found) in enumerate(openings):
            start = strings[first - 1].end if first else sentence.start
            is_last = number == len(openings) - 1
            stop = len(strings) if is_last else openings[number + 1][0]
            end = sentence.end if is_last else strings[stop - 1].end
            if is_last and is_cut_off:
                self._reject("cut off", (start, end))
            elif found is None:
                self._reject(self._why(strings), (start, end))
            else:
                self._read_item(*found, strings[first:stop], start, end)

    def _openings(self, strings: list[String]) -> list[tuple[int, _Found | None]]:
        """How items start, and with which string: the first, and any behind it that is no part of the one before."""
        found = self._opening(strings[:_MOST_HOLES])
        openings = [(0, found)]
        at = len(found[0].holes) if found else len(strings)
        while found is not None and at < len(strings):
            frame_type = found[1]
            again = None
            if not self._is_part(frame_type, strings[at : at + 2]):
                again = self._opening(strings[at : at + _MOST_HOLES])
            if again is not None and (len(again[0].holes) > 1 or frame_type.family == "classes"):
                found = again
                openings.append((at, found))
                at += len(found[0].holes)
            else:
                at += _step(frame_type)
        return openings

    def _opening(self, strings: list[String]) -> _Found | None:
        """The opening that the strings start with and the type that it names: by its words, else by that label."""
        types = [self._type(string) for string in strings]
        if not any(types):
            return None
        openings = [o for o in OPENINGS.values() if len(o.holes) <= len(strings)]
        exact = [o for o in openings if _is_exact(o, strings)]
        for opening in exact or sorted(openings, key=lambda o: -len(o.holes)):
            frame_type = types[opening.holes.index("label")]
            if frame_type is not None and opening_of(frame_type).holes == opening.holes:
                return opening, frame_type
        return None

    def _type(self, string: String) -> FrameType | None:
        return None if string.is_broken else self.lexicon.type(string.text)

    def _is_part(self, frame_type: FrameType, strings: list[String]) -> bool:
        return len(strings) == 2 and self._named(frame_type, *strings) is not None

    def _named(
        self, frame_type: FrameType, left: String, right: String
    ) -> tuple[SlotType | AttributeType, String] | None:
        """The role or attribute that one of two strings names, and the other one."""
        pairs = [(left, right), (right, left)] if _same(right.before, IS) else [(right, left), (left, right)]
        for name, value in pairs:
            role = None if name.is_broken else self.lexicon.role(frame_type.name, name.text)
            if role is not None:
                return role, value
        return None

    def _read_item(self, opening: Opening, frame_type: FrameType, strings: list[String], start: int, end: int) -> None:
        pieces: dict[str, Piece] = {}
        at = start
        for hole, string in zip(opening.holes, strings, strict=False):
            pieces[hole] = Piece(_fragments(string), (at, string.end))
            at = string.end
            if not any(pieces[hole].fragments):
                is_empty = frame_type.is_pair and not string.is_broken
                self._reject("missing slot" if is_empty else "unparsable", (start, end))
                return
        slots, attributes = self._parts(frame_type, strings, len(opening.holes))
        if frame_type.is_pair:
            both = zip(frame_type.slots, (pieces["first"], pieces["second"]), strict=True)
            slots = [DraftSlot(slot.name, piece, piece.range) for slot, piece in both]
        if frame_type.slots and not (frame_type.has_filler or slots or attributes):
            self._reject("missing slot", (start, end))
            return
        filler = pieces.get("filler")
        self.drafts.append(Draft(frame_type.name, filler, tuple(slots), tuple(attributes.items()), (start, end)))

    def _parts(
        self, frame_type: FrameType, strings: list[String], first: int
    ) -> tuple[list[DraftSlot], dict[str, str]]:
        """Slots and attributes of the strings from ``first`` on, two by two; what cannot be used is rejected."""
        slots: list[DraftSlot] = []
        attributes: dict[str, str] = {}
        step = _step(frame_type)
        for at in range(first, len(strings), step):
            part = strings[at : at + step]
            place = (strings[at - 1].end, part[-1].end)
            named = self._named(frame_type, *part) if len(part) == 2 and not frame_type.is_pair else None
            if named is None:
                takes_parts = frame_type.attributes or (frame_type.slots and not frame_type.is_pair)
                is_whole = len(part) == step and not any(string.is_broken for string in part)
                self._reject(("unknown role" if takes_parts else "unknown type") if is_whole else "unparsable", place)
                continue
            role, value = named
            if isinstance(role, SlotType) and any(_fragments(value)):
                slots.append(DraftSlot(role.name, Piece(_fragments(value), place), place))
            elif isinstance(role, SlotType):
                self._reject("unparsable" if value.is_broken else "missing slot", place)
            elif (choice := self.lexicon.choice(role, value.text)) is None or role.name in attributes:
                self._reject("invalid value", place)
            else:
                attributes[role.name] = choice
        return slots, attributes

    def _why(self, strings: list[String]) -> Reason:
        """Why strings without an opening are no item."""
        if any(string.is_broken for string in strings[:_MOST_HOLES]):
            return "unparsable"
        types = [t for string in strings[:_MOST_HOLES] if (t := self._type(string)) is not None]
        if types:
            return "missing slot" if any(t.slots and not t.has_filler for t in types) else "unparsable"
        has_label = len(strings) > 1 or any(_is_exact(o, strings) for o in OPENINGS.values() if len(o.holes) == 1)
        return "unknown type" if strings and has_label else "unparsable"

    def _reject(self, reason: Reason, place: tuple[int, int]) -> None:
        self.rejects.append(Reject(self.text[slice(*place)].strip(), reason, range=place))


def _is_exact(opening: Opening, strings: list[String]) -> bool:
    """Whether the words before the strings are those of the opening."""
    return len(strings) >= len(opening.holes) and all(
        _same(string.before, words) for words, string in zip(opening.words[:-1], strings, strict=False)
    )


def _same(words: str, template: str) -> bool:
    return words.casefold().split() == template.casefold().split()


def _fragments(string: String) -> tuple[str, ...]:
    return tuple(fragment for fragment in string.fragments if fragment) or ("",)


def _step(frame_type: FrameType) -> int:
    """Strings of a part: two, where a list of classes has one."""
    return 1 if frame_type.family == "classes" and not frame_type.attributes else 2
