# SPDX-License-Identifier: Apache-2.0
"""From documents to token ids: every item of an epoch is a pure function of (seed, epoch, its number)."""

from __future__ import annotations

import logging
import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from ..corpora import Source
from ..errors import FormatError, InputError
from ..formats import FORMATS
from ..formats.drafts import frames_of
from ..formats.format import needs_given
from ..formats.typing import given_mentions, given_roles, told
from ..frames import Document, Draft, Frame, canonical
from ..models.codec import Codec
from ..models.likelihood import Item
from ..prompt import Demonstration, Prompt
from ..schema.types import FrameType, Schema
from .asked_formats import Shares, check_writable, drawn, shares_of, suited
from .augmentation import answering
from .broader import kin
from .config import Augmentation
from .cutting import joined
from .given_pairs import given_pairs, given_share
from .making import Maker, Pair
from .subtasks import subtask_pairs

_LOG = logging.getLogger(__name__)


PairsOf = Callable[[Document, Maker], Iterable[Pair | None]]
"""What makes prompts and answers of a document; None stands for an answer that cannot be written."""


@dataclass(frozen=True, slots=True)
class Counts:
    """What an epoch holds and what was left out of it."""

    items: int
    too_long: int
    unwritable: int


def epoch_items(
    sources: Sequence[Source],
    codec: Codec,
    *,
    format: str | Shares,
    settings: Augmentation,
    max_length_tokens: int,
    seed: int,
    epoch: int,
    max_text_tokens: int = 0,
    capability_share: float = 0.0,
    is_warming: bool = False,
) -> tuple[list[Item], Counts]:
    """The items of one epoch, encoded, in the order of their documents; what is left out is counted.

    Args:
        format: its name; or how often each of several is asked for, drawn by document apart from all else that varies.
            One that cannot ask for a source's types (see `suited`) leaves them to the others.
        max_text_tokens: of documents that are joined; 0: half of ``max_length_tokens``.
        capability_share: of documents, which are asked about in one of their sub-tasks instead (see `subtask_pairs`).
        is_warming: all sub-tasks of all documents and nothing else, each for the experts of its capability alone.

    Raises:
        InputError: the tokenizer cannot write a format; labels are to be masked and the model does not read
            definitions; or demonstrations or items with ``given`` are wanted, and all formats ask about given mentions.
    """
    shares = shares_of(format)
    _check(settings, shares, codec, sources, has_subtasks=is_warming or capability_share > 0)
    items: list[Item] = []
    too_long = unwritable = 0
    negatives = negatives_of(sources)
    longest = max_text_tokens or max_length_tokens // 2

    def fits(text: str) -> bool:
        return len(codec.encode_text(text)) <= longest

    for source in sources:
        others = negatives[source.name, source.family]
        of_source = suited(shares, source.schema)
        for number, doc in joined_documents(source, seed, epoch, settings.join, fits):
            name = f"{seed}/{epoch}/{source.name}/{source.family}/{number}"
            rng, asked = random.Random(name), FORMATS[drawn(of_source, name)]
            pairs_of: PairsOf = _typing_pairs if needs_given(asked) else _extraction_pairs
            asking = pairs_of
            if is_warming:
                asking = _all_subtasks
            elif capability_share and rng.random() < capability_share:
                asking = _one_subtask
            for pair in asking(doc, Maker(source, codec, asked, others, settings, rng)):
                if pair is None:
                    unwritable += 1
                    continue
                item = _encoded(*pair, codec, max_length_tokens)
                if asking is not pairs_of:
                    item = item._replace(capability=pair[0].task, is_forced=is_warming)
                if item.tokens > max_length_tokens:
                    too_long += 1
                else:
                    items.append(item)
    if too_long or unwritable:
        _LOG.info("epoch %d: %d items too long, %d cannot be written", epoch, too_long, unwritable)
    return items, Counts(len(items), too_long, unwritable)


def _encoded(prompt: Prompt, answer: str, codec: Codec, max_length_tokens: int) -> Item:
    """The item with as many of its demonstrations as fit."""
    item = Item(*codec.encode_pair(prompt, answer), prompt)
    while item.tokens > max_length_tokens and prompt.demonstrations:
        prompt = replace(prompt, demonstrations=prompt.demonstrations[1:])
        item = Item(*codec.encode_pair(prompt, answer), prompt)
    return item


def batches(items: Sequence[Item], batch_size: int, *, seed: int, epoch: int) -> list[list[int]]:
    """Item numbers in batches of like length, in random order.

    Items are shuffled, sorted by length within stretches of 50 batches, cut, and the batches shuffled.
    """
    rng = random.Random(f"{seed}/{epoch}/batches")
    order = list(range(len(items)))
    rng.shuffle(order)
    stretch = 50 * batch_size
    cut: list[list[int]] = []
    for start in range(0, len(order), stretch):
        part = sorted(order[start : start + stretch], key=lambda i: items[i].tokens)
        cut += [part[i : i + batch_size] for i in range(0, len(part), batch_size)]
    rng.shuffle(cut)
    return cut


def drawn_documents(source: Source, seed: int, epoch: int) -> Iterator[tuple[str, Document]]:
    """Documents of this epoch, each with a number of its own: whole repeats, then a random part."""
    whole, part = divmod(source.repeat, 1.0)
    for turn in range(int(whole)):
        for i, doc in enumerate(source.documents):
            yield f"{turn}/{i}", doc
    if part:
        rng = random.Random(f"{seed}/{epoch}/{source.name}/{source.family}/part")
        for i in sorted(rng.sample(range(len(source.documents)), round(part * len(source.documents)))):
            yield f"part/{i}", source.documents[i]


def joined_documents(
    source: Source, seed: int, epoch: int, most: int, fits: Callable[[str], bool]
) -> Iterator[tuple[str, Document]]:
    """Documents of this epoch, up to ``most`` neighbours as one (see `joined`).

    Those of classes stay alone, for classes are of a text as a whole.
    """
    documents = drawn_documents(source, seed, epoch)
    if most == 1 or source.family == "classes":
        return documents
    return joined(documents, most, fits, random.Random(f"{seed}/{epoch}/{source.name}/{source.family}/join"))


def _extraction_pairs(doc: Document, maker: Maker) -> Iterator[Pair | None]:
    """One prompt for all the frames of a document, or those of `given_pairs`; None when they cannot be written."""
    settings, rng = maker.settings, maker.rng
    frames = canonical(frames_of(doc, maker.source.schema))
    if not frames and rng.random() >= settings.keep_empty:
        return
    given = given_share(maker.source, settings)
    if given and rng.random() < given:
        told_pairs = given_pairs(doc, frames, maker)
        if told_pairs:
            yield from told_pairs
            return
    asked, answer = maker.variant(frames)
    try:
        text = maker.answer(answer, doc.text, asked)
    except FormatError:
        yield None
        return
    words = maker.wording(maker.source.family)
    examples = _demonstrations(doc, asked, maker)
    yield maker.format.prompt(asked, doc.text, maker.codec.writing, wording=words, demonstrations=examples), text


def _typing_pairs(doc: Document, maker: Maker) -> Iterator[Pair | None]:
    """A prompt for each of up to ``max_given`` frames of a document: its mentions are given, its type is the answer."""
    format, writing = maker.format, maker.codec.writing
    roles = given_roles(maker.source.schema)
    frames = frames_of(doc, maker.source.schema)
    questions = [(frame.type, mentions) for frame in frames if (mentions := given_mentions(frame, frames, roles))]
    for i in sorted(maker.rng.sample(range(len(questions)), min(maker.settings.max_given, len(questions)))):
        name, mentions = questions[i]
        for drops in (True, False):  # the answer has to be among the types
            asked, answer = maker.variant([Frame(name)], drops=drops)
            if answer:
                break
        try:
            text = format.write([Draft(frame.type) for frame in answer], asked, writing)
        except FormatError:
            yield None
            continue
        given = told(mentions, doc.text, writing)
        words = maker.wording("typing")
        yield format.prompt(asked, doc.text, writing, given=given, task="typing", wording=words), text


def _all_subtasks(doc: Document, maker: Maker) -> Iterable[Pair | None]:
    frames = canonical(frames_of(doc, maker.source.schema))
    if not frames and maker.rng.random() >= maker.settings.keep_empty:
        return ()
    return subtask_pairs(doc, frames, maker)


def _one_subtask(doc: Document, maker: Maker) -> Iterable[Pair | None]:
    found = list(_all_subtasks(doc, maker))
    return [maker.rng.choice(found)] if found else []


def _demonstrations(doc: Document, asked: Schema, maker: Maker) -> list[Demonstration]:
    """Now and then worked examples of the same source, answered for the types asked; never the item's own text."""
    source, settings, rng = maker.source, maker.settings, maker.rng
    if not settings.demonstrations or rng.random() >= settings.demonstrations:
        return []
    wanted = rng.randint(1, settings.max_demonstrations)
    own = _letters(doc.text)
    examples: list[Demonstration] = []
    for i in rng.sample(range(len(source.documents)), min(len(source.documents), 4 * wanted)):
        other = source.documents[i]
        frames = canonical(frames_of(other, source.schema))
        if len(examples) == wanted or _letters(other.text) == own:
            continue
        if not frames and rng.random() >= settings.keep_empty:
            continue
        try:
            found = answering(frames, asked, maker.source.broader)
            examples.append(Demonstration(other.text, maker.answer(found, other.text, asked)))
        except FormatError:
            continue
    return examples


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, text.lower()))


def _check(
    settings: Augmentation, shares: Shares, codec: Codec, sources: Sequence[Source], *, has_subtasks: bool
) -> None:
    check_writable(shares, codec)
    about_given = [name for name in shares if needs_given(FORMATS[name])]
    if has_subtasks and about_given:
        raise InputError(
            f"format {about_given[0]!r} has no sub-tasks: set capability.warming_epochs and "
            "capability.capability_share to 0"
        )
    if len(about_given) == len(shares) and settings.demonstrations:
        raise InputError(f"format {about_given[0]!r} has no demonstrations: set augmentation.demonstrations to 0")
    if len(about_given) == len(shares) and settings.given:
        raise InputError(
            f"format {about_given[0]!r} is about given mentions in every item: set augmentation.given to 0"
        )
    if not settings.mask:
        return
    for schema in (source.schema for source in sources if any(t.description for t in source.schema)):
        bare = schema.without_definitions()
        for name in suited(shares, schema):
            told, untold = (codec.encode_prompt(FORMATS[name].prompt(s, "", codec.writing)) for s in (schema, bare))
            if told == untold:
                raise InputError(
                    "a masked label needs its definition, which this model's prompts do not show: set mask to 0"
                )


def negatives_of(sources: Sequence[Source]) -> dict[tuple[str, str], list[FrameType]]:
    """Per source, the types of the other sources of its family that none of its own is akin to (see `kin`).

    "city" is no negative in texts whose cities are marked as locations: a model would learn that it is never meant.
    Sources that are not annotated in full neither give nor get any: in their texts such a type may well occur, and
    theirs are common ones.
    """
    full = [source for source in sources if not source.is_partial]
    own = {(s.name, s.family): frozenset().union(*(kin(t, s) for t in s.schema)) for s in full}
    return {
        (source.name, source.family): [
            t
            for other in full
            if other.name != source.name and other.family == source.family and not source.is_partial
            for t in other.schema
            if kin(t, other).isdisjoint(own[source.name, source.family])
        ]
        for source in sources
    }
