# SPDX-License-Identifier: Apache-2.0
"""Items of an epoch: a function of seed and epoch, with what is left out counted."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loremill.errors import InputError
from loremill.frames import Document, Frame, FrameRef, Slot
from loremill.models.codec import CONTEXT, Encoded, decode
from loremill.models.likelihood import Item
from loremill.models.loading import load_codec
from loremill.schema.types import FrameType, Schema, SlotType
from loremill.text import Mention
from loremill.training.config import Augmentation
from loremill.training.examples import Source, batches, epoch_items

from ..tiny import save_tiny

STILL = Augmentation(shuffle=False, drop=0.0, negatives=0.0, alias=0.0, drop_roles=0.0)
PEOPLE = Schema((FrameType("person"), FrameType("location")))
WORK = Schema((FrameType("work_for", family="relations", slots=(SlotType("head"), SlotType("tail"))),))
DOCS = [
    Document("Ada was in Coimbra", frames=(Frame("person", Mention.at(0, 3)), Frame("location", Mention.at(11, 18)))),
    Document("a quick fox"),
    Document("Lovelace jumps", frames=(Frame("person", Mention.at(0, 8)),)),
    Document("the dog and the fox jumps over Portugal", frames=(Frame("location", Mention.at(31, 39)),)),
]


@pytest.fixture(scope="module")
def codec(bert):
    return load_codec(str(bert))


@pytest.fixture(scope="module")
def subword(tmp_path_factory):
    """A codec whose prompts hold definitions."""
    return load_codec(str(save_tiny("byte-level", tmp_path_factory.mktemp("subword") / "model")))


def source(documents=DOCS, *, schema=PEOPLE, repeat=1.0, name="own") -> Source:
    return Source(name, schema.families[0], schema, documents, {}, repeat)


def items_of(codec, sources, *, format="listing", settings=STILL, seed=1, epoch=0, longest=256):
    return epoch_items(
        sources, codec, format=format, settings=settings, max_length_tokens=longest, seed=seed, epoch=epoch
    )


def answers(codec, items) -> list[str]:
    return [decode(codec, item.answer.ids)[0] for item in items]


def test_answers_are_the_frames_as_the_tokenizer_writes_them(codec):
    items, counts = items_of(codec, [source()])
    assert answers(codec, items) == [
        " person: ada; location: coimbra",
        " none",
        " person: lovelace",
        " location: portugal",
    ]
    assert (counts.items, counts.too_long, counts.unwritable) == (4, 0, 0)


def test_epoch_is_a_function_of_seed_and_number(codec):
    sources = [source(repeat=2.5), source(name="other", repeat=0.5)]
    first = items_of(codec, sources, settings=Augmentation())
    assert items_of(codec, sources, settings=Augmentation()) == first
    assert items_of(codec, sources, settings=Augmentation(), epoch=1) != first
    assert items_of(codec, sources, settings=Augmentation(), seed=2) != first


def test_repeats_are_whole_then_a_random_part(codec):
    items, _ = items_of(codec, [source(repeat=2.5)])
    assert len(items) == 10
    assert answers(codec, items)[:4] == answers(codec, items)[4:8]
    parts = {tuple(answers(codec, items_of(codec, [source(repeat=0.5)], epoch=e)[0])) for e in range(12)}
    assert {len(part) for part in parts} == {2}
    assert len(parts) > 1


def test_item_does_not_depend_on_the_other_documents(codec):
    chances = Augmentation(negatives=0.0)
    all_items, _ = items_of(codec, [source()], settings=chances)
    first, _ = items_of(codec, [source(DOCS[:2])], settings=chances)
    assert all_items[:2] == first


def test_documents_without_frames_are_thinned(codec):
    kept, _ = items_of(codec, [source()], settings=Augmentation(keep_empty=0.0, drop=0.0))
    assert len(kept) == 3


def test_items_beyond_the_limit_are_counted(codec):
    lengths = sorted(item.tokens for item in items_of(codec, [source()])[0])
    items, counts = items_of(codec, [source()], longest=lengths[1])
    assert len(items) == counts.items == 2
    assert counts.too_long == 2


def test_frames_that_cannot_be_written_are_counted(codec):
    one_sided = Frame("work_for", None, (Slot("head", Mention.at(0, 3)),))
    items, counts = items_of(codec, [source([Document("Ada was", frames=(one_sided,)), DOCS[1]], schema=WORK)])
    assert (len(items), counts.unwritable) == (1, 1)


def test_slot_that_points_at_a_frame_of_another_family_is_written_as_its_mention(codec):
    doc = Document(
        "Ada was in Coimbra",
        frames=(
            Frame("person", Mention.at(0, 3)),
            Frame("work_for", None, (Slot("head", FrameRef(0)), Slot("tail", FrameRef(2)))),
            Frame("location", Mention.at(11, 18)),
        ),
    )
    items, _ = items_of(codec, [source([doc], schema=WORK)])
    assert answers(codec, items) == [" work for: ada, coimbra"]


def test_reference_keeps_its_frame_when_others_are_left_out(codec):
    events = Schema(
        (FrameType("jump", family="events", slots=(SlotType("cause"),)), FrameType("bomb", family="events"))
    )
    doc = Document(
        "Ada bombed the fox jumps",
        frames=(
            Frame("person", Mention.at(0, 3)),
            Frame("bomb", Mention.at(4, 10)),
            Frame("jump", Mention.at(19, 24), (Slot("cause", FrameRef(1)),)),
        ),
    )
    items, _ = items_of(codec, [source([doc], schema=events)])
    assert answers(codec, items) == [" bomb: bombed; jump: jumps, cause: bombed"]


def test_types_of_other_sets_of_the_family_are_negatives(codec):
    films = Schema((FrameType("film"),))
    chances = Augmentation(shuffle=False, drop=0.0, alias=0.0, negatives=1.0)
    alone, _ = items_of(codec, [source()], settings=chances)
    beside, _ = items_of(codec, [source(), source([], schema=films, name="films")], settings=chances)
    apart, _ = items_of(codec, [source(), source([], schema=WORK, name="work")], settings=chances)
    assert len(beside[0][0]) > len(alone[0][0])
    assert apart == alone
    assert answers(codec, beside) == answers(codec, alone)


def prompts(monkeypatch, codec, sources, *, longest=256, format="listing", **settings):
    """The prompts and answers of an epoch, as the codec is given them; of several tries the last."""
    seen = []
    encode = codec.encode_pair

    def record(prompt, answer):
        if seen and seen[-1][0].text == prompt.text and len(prompt.demonstrations) < len(seen[-1][0].demonstrations):
            seen.pop()
        seen.append((prompt, answer))
        return encode(prompt, answer)

    with monkeypatch.context() as patch:
        patch.setattr(codec, "encode_pair", record)
        items_of(codec, sources, settings=replace(STILL, **settings), longest=longest, format=format)
    return seen


class TestDemonstrations:
    def test_others_of_the_source_are_answered_in_the_format(self, monkeypatch, codec):
        wanted = dict(zip((d.text for d in DOCS), answers(codec, items_of(codec, [source()])[0]), strict=True))
        found = prompts(monkeypatch, codec, [source()], demonstrations=1.0, max_demonstrations=3)
        assert [prompt.text for prompt, _ in found] == [doc.text for doc in DOCS]
        for prompt, _ in found:
            assert 1 <= len(prompt.demonstrations) <= 3
            assert prompt.text not in {d.text for d in prompt.demonstrations}
            assert len({d.text for d in prompt.demonstrations}) == len(prompt.demonstrations)
            assert all(d.answer.strip() == wanted[d.text].strip() for d in prompt.demonstrations)

    def test_item_is_never_its_own_example(self, monkeypatch, codec):
        twins = [DOCS[0], Document("ADA was in Coimbra.", frames=DOCS[0].frames)]
        found = prompts(monkeypatch, codec, [source(twins)], demonstrations=1.0)
        assert [prompt.demonstrations for prompt, _ in found] == [(), ()]

    def test_examples_answer_for_the_types_asked(self, monkeypatch, codec):
        for prompt, _ in prompts(monkeypatch, codec, [source()], demonstrations=1.0, drop=1.0):
            shown = {label.strip() for label in prompt.schema.split(";")}
            for example in prompt.demonstrations:
                labels = {item.partition(":")[0].strip() for item in example.answer.split(";")}
                assert labels <= shown | {"none"}

    def test_as_many_as_fit_stay(self, monkeypatch, codec):
        bare = items_of(codec, [source()])[0]
        longest = max(item.tokens for item in bare)
        items, counts = items_of(codec, [source()], settings=replace(STILL, demonstrations=1.0), longest=longest)
        assert (len(items), counts.too_long) == (4, 0)
        found = prompts(monkeypatch, codec, [source()], demonstrations=1.0, longest=longest)
        assert any(not prompt.demonstrations for prompt, _ in found)

    def test_epoch_is_a_function_of_seed_and_number(self, codec):
        chances = Augmentation(demonstrations=0.7)
        first = items_of(codec, [source()], settings=chances)
        assert items_of(codec, [source()], settings=chances) == first
        assert items_of(codec, [source()], settings=chances, epoch=1) != first

    def test_typing_has_none(self, codec):
        with pytest.raises(InputError, match="format 'typing' has no demonstrations"):
            items_of(codec, [source()], settings=replace(STILL, demonstrations=0.5), format="typing")


class TestMasks:
    DEFINED = Schema((FrameType("person", description="Who has a name."), FrameType("location")))

    def test_model_that_reads_no_definitions_is_refused(self, codec):
        with pytest.raises(InputError, match="a masked label needs its definition, which this model's prompts do not"):
            items_of(codec, [source(schema=self.DEFINED)], settings=replace(STILL, mask=0.5))

    def test_masked_label_is_asked_for_with_its_definition_and_answered(self, monkeypatch, subword):
        found = prompts(monkeypatch, subword, [source(DOCS[:1], schema=self.DEFINED)], mask=1.0, definitions=0.0)
        ((prompt, answer),) = found
        label = prompt.schema.partition(";")[0].strip()
        assert label.startswith("type ")
        assert prompt.definitions == f"{label}: Who has a name."
        assert answer.strip().startswith(f"{label}: Ada")

    def test_schema_without_definitions_is_never_masked(self, codec):
        assert items_of(codec, [source()], settings=replace(STILL, mask=1.0)) == items_of(codec, [source()])


class TestFormats:
    """Several in one run."""

    SHARES = {"listing": 0.5, "frames": 0.3, "typing": 0.2}  # noqa: RUF012
    MANY = [replace(DOCS[0], text=f"Ada was in Coimbra {i}") for i in range(200)]  # noqa: RUF012

    def drawn_of(self, monkeypatch, codec, sources, shares, **settings):
        return [
            "typing" if prompt.task == "typing" else "frames" if answer.startswith(" {") else "listing"
            for prompt, answer in prompts(monkeypatch, codec, sources, format=shares, **settings)
        ]

    def test_are_drawn_by_their_shares(self, monkeypatch, codec):
        found = self.drawn_of(monkeypatch, codec, [source(self.MANY)], self.SHARES, max_given=1)
        assert len(found) == 200
        for name, share in self.SHARES.items():
            assert abs(found.count(name) / 200 - share) < 4 * (share * (1 - share) / 200) ** 0.5  # four standard errors

    def test_draws_of_one_document_tell_nothing_of_another(self, codec):
        def item(documents):
            return items_of(codec, [source(documents)], format=self.SHARES, settings=Augmentation(max_given=1))[0][0]

        assert item(self.MANY[:1]) == item(self.MANY[:20])

    def test_all_else_varies_as_with_one_format(self, monkeypatch, codec):
        def asked(format):
            found = prompts(monkeypatch, codec, [source(self.MANY)], format=format, drop=0.5, shuffle=True)
            return [answer for _, answer in found if not answer.startswith(" {")]

        mixed, alone = asked({"listing": 0.5, "frames": 0.5}), asked("listing")
        assert 50 < len(mixed) < 150
        assert set(mixed) <= set(alone)
        bare = prompts(monkeypatch, codec, [source(self.MANY)], format={"listing": 0.5, "frames": 0.5}, shuffle=True)
        single = prompts(monkeypatch, codec, [source(self.MANY)], shuffle=True)
        for left, right in zip(bare, single, strict=True):
            assert left == right or left[1].startswith(" {")

    def test_classes_are_never_typed(self, monkeypatch, codec):
        moods = Schema((FrameType("glad", family="classes"), FrameType("sad", family="classes")))
        docs = [Document(f"a day {i}", frames=(Frame("glad"),)) for i in range(50)]
        found = self.drawn_of(monkeypatch, codec, [source(docs, schema=moods)], {"listing": 0.1, "typing": 0.9})
        assert found == ["listing"] * 50

    def test_demonstrations_are_for_those_that_have_them(self, monkeypatch, codec):
        found = prompts(monkeypatch, codec, [source(self.MANY)], format=self.SHARES, demonstrations=1.0)
        assert {prompt.task == "typing": bool(prompt.demonstrations) for prompt, _ in found} == {
            True: False,
            False: True,
        }

    def test_one_that_the_tokenizer_cannot_write_is_refused(self, codec):
        with pytest.raises(InputError, match=r"this model cannot write the format 'code': .*; it can write listing, "):
            items_of(codec, [source()], format={"listing": 1.0, "code": 0.1})


class TestTyping:
    def items(self, codec, *documents, schema=PEOPLE, settings=STILL, **others):
        return items_of(codec, [source(list(documents), schema=schema)], format="typing", settings=settings, **others)

    def test_each_frame_is_an_item_of_its_own(self, codec):
        items, counts = self.items(codec, *DOCS)
        assert answers(codec, items) == [" person", " location", " person", " location"]
        assert (counts.items, counts.too_long, counts.unwritable) == (4, 0, 0)

    def test_prompt_tells_the_words_and_no_family(self, codec):
        first = self.items(codec, DOCS[0])[0][0][0]
        words = codec.tokenizer.decode(first.ids)
        assert "ada [SEP] ada was in coimbra" in words
        assert "classes" in words
        assert "entities" not in words

    def test_pair_is_told_through_the_frames_that_it_points_at(self, codec):
        frames = (
            Frame("person", Mention.at(0, 3)),
            Frame("work_for", None, (Slot("tail", Mention.at(11, 18)), Slot("head", FrameRef(0)))),
            Frame("work_for", None, (Slot("head", Mention.at(0, 3)),)),  # cannot be told
        )
        items, counts = self.items(codec, Document("Ada was in Coimbra", frames=frames), schema=WORK)
        assert answers(codec, items) == [" work for"]
        delimiter = codec.delimiter_ids[";"]
        assert delimiter in items[0][0].ids
        assert counts.unwritable == 0

    def test_some_frames_of_a_document_are_drawn(self, codec):
        doc = Document(
            "ada ada ada ada ada ada", frames=tuple(Frame("person", Mention.at(i, i + 3)) for i in (0, 4, 8))
        )
        for most, kept in ((1, 1), (2, 2), (4, 3)):
            assert len(self.items(codec, doc, settings=replace(STILL, max_given=most))[0]) == kept

    def test_epoch_is_a_function_of_seed_and_number(self, codec):
        chances = Augmentation(max_given=1)
        first = self.items(codec, *DOCS, settings=chances)
        assert self.items(codec, *DOCS, settings=chances) == first
        assert any(self.items(codec, *DOCS, settings=chances, epoch=epoch) != first for epoch in range(1, 5))

    def test_answer_is_always_among_the_types(self, codec):
        for seed in range(20):
            items, counts = self.items(codec, *DOCS, settings=Augmentation(drop=1.0), seed=seed)
            assert (len(items), counts.unwritable) == (4, 0)

    def test_documents_without_frames_have_no_items(self, codec):
        assert self.items(codec, DOCS[1])[0] == []


@given(lengths=st.lists(st.integers(1, 40), max_size=60), size=st.integers(1, 7), seed=st.integers(0, 9))
def test_batches_hold_every_item_once(lengths, size, seed):
    items = [Item(Encoded((1,), (2,)), Encoded((1,) * n, (2,) * n)) for n in lengths]
    cut = batches(items, size, seed=seed, epoch=0)
    assert sorted(i for batch in cut for i in batch) == list(range(len(items)))
    assert all(0 < len(batch) <= size for batch in cut)
    assert cut == batches(items, size, seed=seed, epoch=0)
    if len(items) <= 50 * size:  # one stretch: no two batches overlap in length
        spans = sorted((min(lengths[i] for i in b), max(lengths[i] for i in b)) for b in cut)
        assert all(left[1] <= right[0] for left, right in itertools.pairwise(spans))


def test_sources_that_are_not_annotated_in_full_neither_give_nor_get_negatives(codec):
    always = replace(STILL, negatives=1.0)
    sets = [source(), source(schema=Schema((FrameType("animal"),)), documents=[Document("a quick fox")], name="beasts")]
    partial = Source("kinds", "entities", Schema((FrameType("river"),)), [Document("the lazy dog")], {}, 1.0, True)
    alone = items_of(codec, [partial], settings=STILL)[0]
    items = items_of(codec, [*sets, partial], settings=always)[0]
    assert items == items_of(codec, sets, settings=always)[0] + alone
    assert items != items_of(codec, sets)[0] + alone


def test_neighbours_share_a_prompt_but_not_texts_of_classes(codec):
    settings = replace(STILL, join=4)
    alone, together = items_of(codec, [source()])[0], items_of(codec, [source()], settings=settings)[0]
    assert len(together) < len(alone)
    assert ";".join(answers(codec, together)).count("person") == 2
    assert items_of(codec, [source()], settings=settings)[0] == together
    classes = Schema((FrameType("greeting", family="classes"), FrameType("farewell", family="classes")))
    docs = [Document("a quick fox", frames=(Frame("greeting"),)), Document("the dog", frames=(Frame("farewell"),))]
    assert len(items_of(codec, [source(docs, schema=classes)], settings=settings)[0]) == 2


def test_joined_texts_are_no_longer_than_wanted(codec):
    def longest(most):
        found = epoch_items(
            [source()], codec, format="listing", settings=replace(STILL, join=4), max_length_tokens=256,
            max_text_tokens=most, seed=1, epoch=0,
        )  # fmt: skip
        return max(item.prompt.parts.count(CONTEXT) for item in found[0])

    assert longest(1) < longest(200)
