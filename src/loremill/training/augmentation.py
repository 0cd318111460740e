# SPDX-License-Identifier: Apache-2.0
"""Items that vary: types left out, added, reworded, masked and reordered, so that a model follows the schema shown."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

from ..formats.instructions import Task, instruction
from ..formats.instructions.pools import pools_of
from ..formats.lexicon import fold
from ..frames import Frame, renumber
from ..schema.types import FrameType, Schema
from .broader import Broader, as_asked, with_broader
from .config import Augmentation

Aliases = Mapping[str, Sequence[str]]
MASK = "type"
"""Stands for a masked label, before a number."""
VAGUE = frozenset({"other", "misc", "miscellaneous"})
"""Types that another data set's texts may well hold: never added as negatives."""


def augment(
    schema: Schema,
    frames: Sequence[Frame],
    *,
    aliases: Aliases,
    negatives: Sequence[FrameType],
    rng: random.Random,
    settings: Augmentation,
    broader: Broader = MappingProxyType({}),
) -> tuple[Schema, tuple[Frame, ...]]:
    """A variant of one item: the schema to ask for and the frames that answer it.

    Frames of types that were left out go, with what points at them, unless what they are kinds of (``broader``) is
    asked for; added types come from other data sets and have no frames. A masked type ("type 3") is known by its
    definition alone (SaM, section 3.1).
    """
    is_defined = settings.definitions >= 1.0 or rng.random() < settings.definitions
    types = _some(schema.types, {f.type for f in frames}, rng, settings, is_defined=is_defined)
    if broader and rng.random() < settings.broader:
        types = with_broader(types, {f.type for f in frames}, broader, rng)
    types = [_with_fewer_roles(t, rng, settings) for t in types]
    types = [_reworded(t, aliases, rng, settings) for t in types]
    if negatives and rng.random() < settings.negatives:
        types += _unlike(types, schema, aliases, rng.sample(negatives, min(3, len(negatives))), rng)
    types = _apart(types)
    if settings.shuffle:
        rng.shuffle(types)
    masks = _masks(types, rng, settings.mask) if settings.mask else {}
    types = [replace(t, label=masks.get(t.name, t.label)) for t in types]
    if not is_defined:
        types = [t if t.name in masks else t.without_definition() for t in types]
    asked = Schema(tuple(types))
    return asked, answering(frames, asked, broader)


def wording(task: Task, settings: Augmentation, rng: random.Random) -> str:
    """What the task is asked with: now and then another wording of its pool than the canonical one."""
    seed = rng.randrange(2**32) if rng.random() < settings.paraphrase else None
    return instruction(task, seed, pools_of(settings.instructions))


def _some(
    types: Sequence[FrameType], present: set[str], rng: random.Random, settings: Augmentation, *, is_defined: bool
) -> list[FrameType]:
    """Some of the types; of more than a prompt may have a part, as extraction asks for large schemas in parts."""
    chosen = list(types)
    if len(chosen) > 1 and rng.random() < settings.drop:
        share = rng.uniform(0.3, 1.0)
        readily = share if rng.random() < 0.5 else (share + 1.0) / 2  # those with frames: else few items have an answer
        chosen = [t for t in chosen if rng.random() < (readily if t.name in present else share)]
    if len(chosen) > settings.max_types or _words(chosen, is_defined) > settings.max_type_words > 0:
        most = rng.randint(-(-settings.max_types // 10), settings.max_types)
        is_random = rng.random() < settings.parts
        order = sorted(rng.sample(chosen, len(chosen)), key=lambda t: not is_random and t.name not in present)
        part: list[FrameType] = []
        for t in order[:most]:
            if part and _words([*part, t], is_defined) > settings.max_type_words > 0:
                break
            part.append(t)
        chosen = [t for t in chosen if t in part]
    return chosen or [rng.choice(list(types))]


def _words(types: Sequence[FrameType], is_defined: bool) -> int:
    """About how much of a prompt the types take."""
    told = [words for t in types for words in (t.label, *(slot.label for slot in t.slots))]
    if is_defined:
        told += [words for t in types for words in (t.description, *(slot.description for slot in t.slots))]
    return sum(len(words.split()) for words in told)


def _with_fewer_roles(frame_type: FrameType, rng: random.Random, settings: Augmentation) -> FrameType:
    if frame_type.family != "events" or not frame_type.slots or rng.random() >= settings.drop_roles:
        return frame_type
    kept = rng.sample(frame_type.slots, rng.randint(0, len(frame_type.slots)))
    return replace(frame_type, slots=tuple(s for s in frame_type.slots if s in kept))


def _reworded(frame_type: FrameType, aliases: Aliases, rng: random.Random, settings: Augmentation) -> FrameType:
    others = aliases.get(frame_type.name, ())
    if others and rng.random() < settings.alias:
        frame_type = replace(frame_type, label=rng.choice(list(others)))
    return frame_type


def _unlike(
    types: Sequence[FrameType], schema: Schema, aliases: Aliases, candidates: Sequence[FrameType], rng: random.Random
) -> list[FrameType]:
    """Those of ``candidates`` that no type of the data set could mean."""
    taken = {fold(word) for t in schema for word in (t.name, t.label, *aliases.get(t.name, ()))}
    taken |= {fold(t.label) for t in types} | VAGUE
    return [t for t in candidates if fold(t.label) not in taken and fold(t.name) not in taken][: rng.randint(1, 3)]


def _apart(types: Sequence[FrameType]) -> list[FrameType]:
    """Without types whose label another already has."""
    seen: set[str] = set()
    kept = []
    for frame_type in types:
        if fold(frame_type.label) not in seen and fold(frame_type.name) not in seen:
            kept.append(frame_type)
        seen |= {fold(frame_type.label), fold(frame_type.name)}
    return kept


def _masks(types: Sequence[FrameType], rng: random.Random, share: float) -> dict[str, str]:
    """Neutral labels, nobody's own, for some of the types that have a definition."""
    names = [t.name for t in types if t.description and rng.random() < share]
    taken = {fold(word) for t in types for word in (t.name, t.label)}
    free = [label for i in range(1, 3 * len(types) + 1) if fold(label := f"{MASK} {i}") not in taken]
    return dict(zip(names, rng.sample(free, len(names)), strict=True))


def answering(frames: Sequence[Frame], schema: Schema, broader: Broader = MappingProxyType({})) -> tuple[Frame, ...]:
    """The frames that answer a schema, with the roles that it asks for; see `as_asked` for what is broader."""
    if broader:
        frames = as_asked(frames, schema.types, broader)
    kept = [i for i, f in enumerate(frames) if f.type in schema]
    new_index = {old: new for new, old in enumerate(kept)}
    answer = []
    for i in kept:
        frame = renumber(frames[i], new_index)
        roles = {s.name for s in schema[frame.type].slots}
        answer.append(replace(frame, slots=tuple(s for s in frame.slots if s.role in roles)))
    return tuple(answer)
