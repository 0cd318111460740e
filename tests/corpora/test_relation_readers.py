# SPDX-License-Identifier: Apache-2.0
import contextlib
import json
import lzma

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loremill.corpora.ade import read_ade
from loremill.corpora.chemprot import read_chemprot
from loremill.corpora.dygie import read_dygie
from loremill.corpora.markers import unmark
from loremill.corpora.pairs import read_fewrel, read_opennre
from loremill.corpora.relation_mentions import read_relation_mentions
from loremill.corpora.semeval2010 import read_semeval2010
from loremill.corpora.spaced import SpacedText, triples_document
from loremill.corpora.token_spans import read_token_spans
from loremill.corpora.triples import read_triples
from loremill.errors import InputError
from loremill.text import Mention

from .samples import readable

TRIPLES = {
    "text": "Ulm , where Ada Byron lives , is n't Ulmen .",
    "triple_list": [["Ada Byron", "Lives", "Ulm"], ["Ada Byron", "Lives", "Köln"]],
}
MENTIONS = {
    "sentText": " Ada Byron lives in Ulm . ",
    "relationMentions": [{"em1Text": "Ada Byron", "em2Text": "Ulm", "label": "place lived"}],
}
SEMEVAL = '7\t"The <e1>storm</e1> flooded a <e2>cellar</e2>."\r\nCause-Effect(e2,e1)\r\nComment: no\r\n\r\n'
CHEMPROT = {"text": "<< Caffeine >> >> the ([[ [3H]receptor ]]).", "label": "ANTAGONIST", "metadata": []}
FEWREL = {
    "P19": [
        {
            "tokens": ["Ada", " ", "Byron", "is", "\xa0", "from", "Ulm", "-", "Ost", "."],
            "h": ["ada", "Q1", [[0, 1, 2], [3]]],
            "t": ["ulm", "Q2", [[6, 7, 8]]],
        }
    ]
}
OPENNRE = {
    "token": ["Ada", "is", "from", "Ulm", "."],
    "relation": "Birth",
    "h": {"name": "ada", "id": "Q1", "pos": [0, 1]},
    "t": {"name": "ulm", "id": "Q2", "pos": [3, 4]},
}
SCIERC = {
    "doc_key": "d",
    "sentences": [["Parsers", "help", "."], ["We", "train", "one", "."]],
    "ner": [[[0, 0, "Method"]], [[5, 5, "Generic"], [3, 3, "Generic"]]],
    "relations": [[], [[5, 5, 3, 3, "USED-FOR"]]],
    "clusters": [],
}
CROSSRE = {
    "doc_key": "ai-1",
    "sentence": ["Ada", "wrote", "big", "programs", "."],
    "ner": [[0, 0, "researcher"], [2, 3, "product"]],
    "relations": [[2, 3, 0, 0, "artifact", "", False, False], [2, 3, 0, 0, "origin", "", False, False]],
}
ADE = (
    "12|Rash after Rash-X and aspirin.|Rash|100|104|aspirin|122|129\n"
    "12|Rash after Rash-X and aspirin.|Rash|111|115|aspirin|122|129\n"
)


def read(reader, path, content, **options):
    path.write_bytes(content.encode())
    return list(reader(path, name_of=str.lower, **options))


def test_triples_are_placed_in_detokenized_text_and_counted(tmp_path):
    (doc,) = read(read_triples, tmp_path / "a.json", json.dumps([TRIPLES]))
    assert doc.text == "Ulm, where Ada Byron lives, isn't Ulmen."
    assert readable(doc) == [("lives", None, (("head", ("Ada Byron",)), ("tail", ("Ulm",))))]
    assert doc.frames[0].slots[1].filler == Mention.at(0, 3)
    assert doc.meta == {"ungrounded": 1}


def test_two_strings_mean_the_closest_pair_that_is_new():
    doc = triples_document(SpacedText("Ulm and Ada , Ada or Ulm"), [("Ada", "x", "Ulm"), ("Ada", "y", "Ulm")])
    assert [tuple(slot.filler for slot in frame.slots) for frame in doc.frames] == [
        (Mention.at(13, 16), Mention.at(20, 23)),
        (Mention.at(13, 16), Mention.at(20, 23)),
    ]
    assert doc.meta == {"ambiguous": 2}


def test_a_triple_given_twice_is_a_duplicate():
    doc = triples_document(SpacedText("Ulm , Ulm , Ada"), [("Ada", "x", "Ulm"), ("Ada", "x", "Ulm")])
    assert len(doc.frames) == 1
    assert doc.meta == {"duplicates": 1, "ambiguous": 1}


def test_word_edges_come_first_and_respelt_words_are_whole():
    assert SpacedText("Ulmen in Ulm").occurrences("Ulm") == [Mention.at(9, 12)]
    assert SpacedText("Ulmen and Ulmer").occurrences("Ulm") == [Mention.at(0, 3), Mention.at(10, 13)]
    spaced = SpacedText("He said `` yes ''")
    assert spaced.text == 'He said "yes"'
    assert spaced.occurrences("`` yes ''") == [Mention.at(8, 13)]
    assert spaced.occurrences(" ") == []


@given(
    st.lists(st.sampled_from(["a", "b", "``", "''", "'s", ",", "(", "北京", "😀", "ab"]), min_size=1, max_size=12),
    st.data(),
)
@settings(max_examples=80, deadline=None)
def test_every_run_of_words_is_found_where_it_stands(words, data):
    start = data.draw(st.integers(0, len(words) - 1))
    end = data.draw(st.integers(start + 1, len(words)))
    spaced = SpacedText(" ".join(words))
    found = spaced.occurrences(" ".join(words[start:end]))
    assert found
    assert all(mention.end <= len(spaced.text) for mention in found)


def test_relation_mentions_are_read_up_to_the_first_n(tmp_path):
    content = f"{json.dumps(MENTIONS)}\n\nnot read"
    (doc,) = read(read_relation_mentions, tmp_path / "a.json", content, first=1)
    assert doc.text == "Ada Byron lives in Ulm."
    assert readable(doc) == [("place lived", None, (("head", ("Ada Byron",)), ("tail", ("Ulm",))))]


def test_semeval_direction_is_in_head_and_tail(tmp_path):
    other = '8\t"A <e1>dog</e1> saw the <e2>cat</e2>."\nOther\n'
    docs = read(read_semeval2010, tmp_path / "a.txt", SEMEVAL + other)
    assert [doc.text for doc in docs] == ["The storm flooded a cellar.", "A dog saw the cat."]
    assert readable(docs[0]) == [("cause-effect", None, (("head", ("cellar",)), ("tail", ("storm",))))]
    assert readable(docs[1]) == [("other", None, (("head", ("dog",)), ("tail", ("cat",))))]
    assert docs[0].id == "7"


def test_chemprot_markers_are_taken_out(tmp_path):
    (doc,) = read(read_chemprot, tmp_path / "a.txt", json.dumps(CHEMPROT))
    assert doc.text == "Caffeine >> the ([3H]receptor)."
    assert readable(doc) == [("antagonist", None, (("head", ("Caffeine",)), ("tail", ("[3H]receptor",))))]


@given(
    st.text(max_size=8),
    st.text("ab ", max_size=4),
    st.text(max_size=8),
    st.text("ab ", max_size=4),
    st.text(max_size=8),
)
@settings(max_examples=80, deadline=None)
def test_unmarked_text_has_all_but_the_marks(left, first, between, second, right):
    outside = (left + between + right).translate({ord(c): None for c in "<>12/"})
    left, between, right = (part.translate({ord(c): None for c in "<>12/"}) for part in (left, between, right))
    marked = f"{left}<1>{first}</1>{between}<2>{second}</2>{right}"
    if not first.strip() or not second.strip():
        with pytest.raises(ValueError, match="between the marks"):
            unmark(marked, [("<1>", "</1>"), ("<2>", "</2>")])
        return
    text, mentions = unmark(marked, [("<1>", "</1>"), ("<2>", "</2>")])
    assert text == left + first + between + second + right
    assert len(text) == len(outside + first + second)
    assert [m.texts_in(text)[0] for m in mentions] == [first.strip(), second.strip()]


def test_nested_marks_are_taken_out_and_crossing_ones_refused():
    text, mentions = unmark("<a>x <b>y</b></a>", [("<a>", "</a>"), ("<b>", "</b>")])
    assert (text, [m.texts_in(text)[0] for m in mentions]) == ("x y", ["x y", "y"])
    with pytest.raises(ValueError, match="marks apart"):
        unmark("<<<x>>", [("<<", ">>"), ("<", ">")])


def test_blank_tokens_are_left_out_and_the_first_mention_is_taken(tmp_path):
    (doc,) = read(read_fewrel, tmp_path / "a.json", json.dumps(FEWREL), join="-")
    assert doc.text == "Ada Byron is from Ulm-Ost."
    assert readable(doc) == [("p19", None, (("head", ("Ada Byron",)), ("tail", ("Ulm-Ost",))))]


def test_opennre_instances_are_read_in_place_from_xz(tmp_path):
    path = tmp_path / "a.txt.xz"
    path.write_bytes(lzma.compress(json.dumps(OPENNRE).encode()))
    (doc,) = read_opennre(path, name_of=str.lower)
    assert readable(doc) == [("birth", None, (("head", ("Ada",)), ("tail", ("Ulm",))))]


def test_dygie_documents_are_read_by_sentence(tmp_path):
    first, second = read(read_dygie, tmp_path / "a.json", json.dumps(SCIERC))
    assert (first.id, first.text) == ("d-0", "Parsers help.")
    assert (second.id, second.text) == ("d-1", "We train one.")
    assert readable(second) == [
        ("generic", ("We",), ()),
        ("generic", ("one",), ()),
        ("used-for", None, (("head", ("one",)), ("tail", ("We",)))),
    ]


def test_dygie_sentences_may_have_several_relations_of_a_pair(tmp_path):
    (doc,) = read(read_dygie, tmp_path / "a.json", json.dumps(CROSSRE))
    slots = (("head", ("big programs",)), ("tail", ("Ada",)))
    assert readable(doc)[1:] == [("product", ("big programs",), ()), ("artifact", None, slots), ("origin", None, slots)]


def test_ade_rows_of_a_sentence_are_placed_by_their_distance(tmp_path):
    content = ADE + "13|Rash.|Rash|0|4|Rash|0|4\n"
    doc, other = read(read_ade, tmp_path / "DRUG-AE.rel", content)
    assert doc.id == "12"
    assert [frame.filler for frame in doc.frames if frame.type == "ae"] == [Mention.at(0, 4), Mention.at(11, 15)]
    heads = [frame.slots[0].filler for frame in doc.frames if frame.type == "drug-ae"]
    assert heads == [Mention.at(0, 4), Mention.at(11, 15)]
    assert len(other.frames) == 3


def test_ade_sentences_without_an_effect_have_no_frames(tmp_path):
    (doc,) = read(read_ade, tmp_path / "ADE-NEG.txt", "14 NEG No harm.\n")
    assert (doc.id, doc.text, doc.frames) == ("14", "No harm.", ())


def test_labels_that_entities_and_relations_share_are_told_apart(tmp_path):
    entities = [{"type": "Effect", "start": 0, "end": 1}, {"type": "Drug", "start": 1, "end": 2}]
    record = {
        "tokens": ["Rash", "aspirin"],
        "entities": entities,
        "relations": [{"type": "Effect", "head": 0, "tail": 1}],
    }
    (doc,) = read(read_token_spans, tmp_path / "a.json", json.dumps([record]), relation_prefix="rel:")
    assert {frame.type for frame in doc.frames} == {"effect", "drug", "rel:effect"}


def changed(record, **changes):
    return {**record, **changes}


@pytest.mark.parametrize(
    ("reader", "content", "message"),
    [
        (read_triples, json.dumps([changed(TRIPLES, triple_list=[["a", "b"]])]), "record 1: wanted a triple"),
        (read_triples, json.dumps([changed(TRIPLES, text=3)]), "record 1: wanted 'text' as str"),
        (read_relation_mentions, json.dumps(changed(MENTIONS, relationMentions=[{}])), "line 1: wanted 'label'"),
        (read_semeval2010, "x\n\n7 no tab\nOther\n", "line 1: wanted a number, a tab"),
        (read_semeval2010, SEMEVAL.replace("(e2,e1)", "(e1,e1)"), "line 2: wanted a relation like"),
        (read_semeval2010, SEMEVAL.replace("</e2>", ""), "line 1: wanted a mention between '<e2>'"),
        (read_chemprot, json.dumps(changed(CHEMPROT, text="<< a >> b")), r"line 1: wanted a mention between '\[\[ '"),
        (read_fewrel, "[]", "wanted a JSON object of relations"),
        (read_fewrel, "{", "a.rel: wanted JSON"),
        (
            read_fewrel,
            '{"P1": [{"tokens": ["a"], "h": ["x", "Q", [[1]]], "t": ["x", "Q", [[0]]]}]}',
            "indices from 0 to 0",
        ),
        (read_fewrel, '{"P1": [{"tokens": [" ", "a"], "h": ["x", "Q", [[0]]], "t": ["x", "Q", [[1]]]}]}', "not blank"),
        (
            read_fewrel,
            '{"P1": [{"tokens": ["a"], "h": ["x", "Q", []], "t": ["x", "Q", [[0]]]}]}',
            r"wanted an entity \[name",
        ),
        (read_opennre, json.dumps(changed(OPENNRE, h={"pos": [1, 1]})), "line 1: wanted 'pos'"),
        (read_opennre, json.dumps(changed(OPENNRE, h={"pos": [4, 6]})), "indices from 0 to 4, got 5"),
        (read_dygie, json.dumps(changed(SCIERC, ner=[[]])), "line 1: wanted 'sentences', 'ner' and 'relations'"),
        (read_dygie, json.dumps(changed(SCIERC, ner=[[[3, 3, "x"]], []])), "line 1: wanted token indices"),
        (read_dygie, json.dumps(changed(CROSSRE, ner=[[0, "x"]])), "line 1: wanted an entity"),
        (read_dygie, json.dumps(changed(CROSSRE, relations=[[0, 1]])), "line 1: wanted a relation"),
        (read_dygie, json.dumps(changed(CROSSRE, sentence=["", "a"])), "wanted the tokens of 'ai-1'"),
        (read_dygie, "{}\n", "line 1: wanted 'doc_key'"),
        (read_ade, "12|Rash.|Rash|0\n", "line 1: wanted 8 columns"),
        (read_ade, ADE + "12|Rash after Rash-X and aspirin.|Rash|x|4|aspirin|122|129\n", "line 3: wanted two strings"),
        (read_ade, ADE.replace("122", "121"), "line 1: wanted 'Rash' and 'aspirin' 21 characters apart"),
        (read_ade, "no id\n", "line 1: wanted 8 columns"),
    ],
)
def test_malformed_record_is_named(tmp_path, reader, content, message):
    with pytest.raises(InputError, match=message):
        read(reader, tmp_path / "a.rel" if reader is not read_ade else tmp_path / "A-B.rel", content)


json_values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-3, 9), st.text(max_size=4)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=3), inner, max_size=2)),
    max_leaves=10,
)


@given(
    st.sampled_from(
        [
            *((read_triples, TRIPLES), (read_relation_mentions, MENTIONS), (read_chemprot, CHEMPROT)),
            *((read_fewrel, FEWREL), (read_opennre, OPENNRE), (read_dygie, SCIERC), (read_dygie, CROSSRE)),
        ]
    ),
    st.data(),
)
@settings(max_examples=120, deadline=None)
def test_any_json_gives_documents_or_an_input_error(tmp_path_factory, pair, data):
    reader, record = pair
    if reader is read_fewrel:
        instance = record["P19"][0]
        key = data.draw(st.sampled_from(sorted(instance)))
        value = {"P19": [changed(instance, **{key: data.draw(json_values)})]}
    else:
        key = data.draw(st.sampled_from(sorted(record)))
        value = changed(record, **{key: data.draw(json_values)})
    content = json.dumps([value] if reader is read_triples else value)
    path = tmp_path_factory.mktemp("json") / "a.json"
    with contextlib.suppress(InputError):
        read(reader, path, content)


@given(
    st.sampled_from([read_semeval2010, read_ade]), st.text(alphabet='<e1></2>"|0123456789\tOther\n()N EG', max_size=80)
)
@settings(max_examples=120, deadline=None)
def test_any_text_gives_documents_or_an_input_error(tmp_path_factory, reader, content):
    path = tmp_path_factory.mktemp("text") / "A-B.rel"
    with contextlib.suppress(InputError):
        read(reader, path, content)
