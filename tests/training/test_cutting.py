# SPDX-License-Identifier: Apache-2.0
import random
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from loremill.corpora import Mixture, Reserved, Source
from loremill.frames import Document, Frame, FrameRef, Slot
from loremill.schema.types import FrameType, Schema
from loremill.text import Mention
from loremill.training.cutting import cut, cut_mixture, cut_source, joined

TEXT = "Ada met Bob. Rebels fled in May. Bob left Ada."


def at(words, text=TEXT, after=0):
    start = text.index(words, after)
    return Mention.at(start, start + len(words))


def entity(words, after=0):
    return Frame("person", at(words, after=after))


def pair(head, tail):
    return Frame("met", None, (Slot("head", head), Slot("tail", tail)))


def fits(text):
    return len(text) <= 20


def words_of(doc):
    return [(f.type, *(m.texts_in(doc.text)[0] for m in f.mentions())) for f in doc.frames]


def test_a_document_that_fits_is_itself():
    doc = Document("Ada met Bob.", "d", (Frame("person", Mention.at(0, 3)),))
    assert list(cut(doc, fits)) == [doc]


def test_windows_are_the_sentences_with_their_frames():
    doc = Document(TEXT, "d", (entity("Ada"), entity("Bob"), entity("Bob", 20), Frame("fled", at("fled"))))
    found = list(cut(doc, fits))
    assert [w.text for w in found] == ["Ada met Bob.", "Rebels fled in May.", "Bob left Ada."]
    assert [words_of(w) for w in found] == [
        [("person", "Ada"), ("person", "Bob")],
        [("fled", "fled")],
        [("person", "Bob")],
    ]
    assert [w.id for w in found] == ["d[0:12]", "d[13:32]", "d[33:46]"]


def test_a_relation_over_two_windows_is_left_out():
    doc = Document(TEXT, "d", (pair(at("Ada"), at("Bob")), pair(at("Ada"), at("Bob", after=20))))
    assert [words_of(w) for w in cut(doc, fits)] == [[("met", "Ada", "Bob")], [], []]


def test_an_event_stays_without_the_argument_of_another_window():
    event = Frame("fled", at("fled"), (Slot("who", at("Rebels")), Slot("witness", at("Ada"))))
    assert [words_of(w) for w in cut(Document(TEXT, "d", (event,)), fits)] == [[], [("fled", "fled", "Rebels")], []]


def test_references_follow_their_frames():
    doc = Document(TEXT, "d", (entity("Ada"), entity("Bob"), pair(FrameRef(0), FrameRef(1)), entity("Bob", 20)))
    first, _, last = cut(doc, fits)
    assert first.frames[2].slots == (Slot("head", FrameRef(0)), Slot("tail", FrameRef(1)))
    assert words_of(last) == [("person", "Bob")]
    crossing = Document(TEXT, "d", (entity("Ada"), entity("Bob", 20), pair(FrameRef(0), FrameRef(1))))
    assert [len(w.frames) for w in cut(crossing, fits)] == [1, 0, 1]


def test_a_mixture_is_cut_by_tokens_of_text_but_for_classes():
    class Codec:
        def encode_text(self, text):
            return text.split()

    doc = Document(TEXT, "d", (Frame("greeting"),))
    source = Source("own", "events", Schema((FrameType("fled", family="events"),)), [doc], {})
    mixture = Mixture((source, replace(source, family="classes")), {}, {}, {}, {}, Reserved(()))
    events, classes = cut_mixture(mixture, Codec(), 4).sources
    assert [w.text for w in events.documents] == ["Ada met Bob.", "Rebels fled in May.", "Bob left Ada."]
    assert classes is mixture.sources[1]
    assert cut_mixture(mixture, Codec(), 0) is mixture
    assert [w.text for w in cut_source(source, fits).documents] == [w.text for w in cut(doc, fits)]


@given(st.lists(st.sampled_from(["Ada", "ran.", "a-b", "x\n\n", "Bob,"]), max_size=40), st.integers(1, 60), st.data())
def test_every_window_fits_and_points_at_the_same_words(words, size, data):
    text = " ".join(words)
    spans = [(i, i + 3) for i in range(len(text) - 2)]
    chosen = data.draw(st.lists(st.sampled_from(spans), max_size=5)) if spans else []
    doc = Document(text, "d", tuple(Frame("t", Mention.at(*span)) for span in chosen))
    known = {text[start:end] for start, end in chosen}
    for window in cut(doc, lambda piece: len(piece) <= size):
        assert len(window.text) <= size
        assert {frame.filler.texts_in(window.text)[0] for frame in window.frames} <= known


DOCS = [
    Document("Ada met Bob.", "a", (entity("Ada"), pair(FrameRef(0), at("Bob")))),
    Document("Rebels fled.", "b", (Frame("fled", Mention.at(7, 11)),)),
    Document("Nobody.", "c"),
    Document("Bob left.", "d", (Frame("person", Mention.at(0, 3)), pair(FrameRef(0), FrameRef(0)))),
]


@given(st.integers(1, 5), st.integers(12, 60), st.integers(0, 50))
def test_joined_documents_have_the_words_and_frames_of_their_own(most, longest, seed):
    drawn = [(f"0/{i}", doc) for i, doc in enumerate(DOCS)]
    found = list(joined(drawn, most, lambda text: len(text) <= longest, random.Random(seed)))
    assert " ".join(doc.text for _, doc in found) == " ".join(doc.text for doc in DOCS)
    assert "+".join(doc.id for _, doc in found) == "a+b+c+d"
    assert all(doc.id.count("+") < most for _, doc in found)
    assert all(len(doc.text) <= longest for _, doc in found)
    assert [words for _, doc in found for words in words_of(doc)] == [words for doc in DOCS for words in words_of(doc)]
    firsts = [number for number, _ in found]
    assert firsts == [number for number, doc in drawn if any(d.id.startswith(doc.id) for _, d in found)]
    for _, doc in found:
        for frame in doc.frames:
            refs = [slot.filler.index for slot in frame.slots if isinstance(slot.filler, FrameRef)]
            assert all(doc.frames[i].type == "person" for i in refs)


def test_groups_are_a_function_of_the_seed():
    drawn = [(f"0/{i}", DOCS[i % 4]) for i in range(40)]
    first, again, other = (list(joined(drawn, 4, lambda text: True, random.Random(s))) for s in (1, 1, 2))
    assert first == again != other
    assert {doc.id.count("+") + 1 for _, doc in first} == {1, 2, 3, 4}
