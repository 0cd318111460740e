# SPDX-License-Identifier: Apache-2.0
import contextlib
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loremill.corpora.aste import read_aste
from loremill.corpora.oneie import place_tokens, read_oneie
from loremill.corpora.phee import read_phee
from loremill.corpora.token_spans import read_token_spans
from loremill.errors import InputError
from loremill.text import Span

from .samples import readable

SPERT = {
    "tokens": ["Ada", "lives", "in", "Ulm", "."],
    "entities": [{"type": "Peop", "start": 0, "end": 1}, {"type": "Loc", "start": 3, "end": 4}],
    "relations": [{"type": "Live_In", "head": 0, "tail": 1}] * 2,
    "orig_id": 7,
}
PHEE = {
    "id": "1_2",
    "context": "Rash and later fever after aspirin.",
    "annotations": [
        {
            "events": [
                {
                    "event_type": "Adverse",
                    "Trigger": {"text": [["after"]], "start": [[21]]},
                    "Effect": {"text": [["Rash"], ["later", "fever"]], "start": [[0], [9, 15]]},
                    "Treatment": {"text": [["aspirin"]], "start": [[27]], "Drug": {"text": [["x"]], "start": [[0]]}},
                    "Negated": {"value": True},
                }
            ]
        }
    ],
}
ONEIE = {
    "wnd_id": "s1",
    "sentence": "`` A well-known dam burst , '' he said .",
    "tokens": ["`", "`", "A", "well", "-", "known", "dam", "burst", ",", "'", "'", "he", "said", "."],
    "entity_mentions": [{"id": "e1", "start": 3, "end": 7}, {"id": "e2", "start": 11, "end": 12}],
    "event_mentions": [
        {
            "event_type": "Damaging",
            "trigger": {"start": 7, "end": 8},
            "arguments": [{"entity_id": "e1", "role": "Patient"}],
        },
        {
            "event_type": "Statement",
            "trigger": {"start": 12, "end": 13},
            "arguments": [{"entity_id": "e2", "role": "Speaker"}],
        },
    ],
}


def read(reader, path, content, **options):
    path.write_text(content, encoding="utf-8")
    return list(reader(path, name_of=str.lower, **options))


def test_spert_records_give_entities_and_relations_side_by_side(tmp_path):
    (doc,) = read(read_token_spans, tmp_path / "a.json", json.dumps([SPERT]))
    assert (doc.text, doc.id) == ("Ada lives in Ulm.", "7")
    assert readable(doc) == [
        ("peop", ("Ada",), ()),
        ("live_in", None, (("head", ("Ada",)), ("tail", ("Ulm",)))),
        ("loc", ("Ulm",), ()),
    ]


def test_exact_duplicates_are_dropped_and_counted(tmp_path):
    (doc,) = read(read_token_spans, tmp_path / "a.json", json.dumps([SPERT]))
    assert doc.meta["duplicates"] == 1


def test_phee_gives_main_roles_with_discontinuous_and_repeated_mentions(tmp_path):
    roles = ("Treatment", "Effect")
    (doc,) = read(read_phee, tmp_path / "a.json", json.dumps(PHEE) + "\n", roles=roles)
    slots = (("effect", ("Rash",)), ("effect", ("later", "fever")), ("treatment", ("aspirin",)))
    assert readable(doc) == [("adverse", ("after",), slots)]
    assert doc.id == "1_2"


def test_oneie_tokens_are_placed_inside_the_words_of_the_sentence(tmp_path):
    (doc,) = read(read_oneie, tmp_path / "a.json", json.dumps(ONEIE) + "\n")
    assert doc.text == '"A well-known dam burst," he said.'
    assert readable(doc) == [
        ("damaging", ("burst",), (("patient", ("well-known dam",)),)),
        ("statement", ("said",), (("speaker", ("he",)),)),
    ]


def test_tokens_of_a_respelt_word_share_its_place():
    assert place_tokens(["'", "'", "x"], ["''x"]) == ("''x", [(0, 1), (1, 2), (2, 3)])
    assert place_tokens(["`", "`", "x"], ["``", "x"]) == ('"x', [(0, 1), (0, 1), (1, 2)])


def test_aste_triplets_give_contiguous_and_discontinuous_mentions(tmp_path):
    line = "The soup , not the tea , was really cold .####[([1], [8, 9], 'NEG'), ([4, 5], [7, 9], 'POS')]\n"
    (doc,) = read(read_aste, tmp_path / "a.txt", line)
    assert readable(doc) == [
        ("neg", None, (("aspect", ("soup",)), ("opinion", ("really cold",)))),
        ("pos", None, (("aspect", ("the tea",)), ("opinion", ("was", "cold")))),
    ]
    assert doc.frames[0].slots[0].filler.fragments == (Span(4, 8),)


def changed(record, **changes):
    return {**record, **changes}


@pytest.mark.parametrize(
    ("reader", "options", "content", "message"),
    [
        (read_token_spans, {}, "[{]", "line 1: wanted JSON"),
        (read_token_spans, {}, "{}", "wanted a JSON list"),
        (read_token_spans, {}, "[3]", "record 1: wanted a JSON object with 'tokens', got int"),
        (read_token_spans, {}, json.dumps([SPERT, changed(SPERT, tokens=["", "b"])]), "record 2: wanted 'tokens'"),
        (read_token_spans, {}, json.dumps([changed(SPERT, tokens=["Ada"])]), "0 <= start < end <= 1, got 3:4"),
        (
            read_token_spans,
            {},
            json.dumps([changed(SPERT, relations=[{"type": "x", "head": 0, "tail": 2}])]),
            "'tail' as index of one of 2 entities, got 2",
        ),
        (read_phee, {"roles": ()}, "\n{}\n", "line 2: wanted 'context'"),
        (read_phee, {"roles": ()}, json.dumps(changed(PHEE, context="no")), "line 1: wanted 'after' at 21"),
        (read_oneie, {}, json.dumps(changed(ONEIE, sentence="else")), "characters of the sentence"),
        (read_oneie, {}, json.dumps(changed(ONEIE, entity_mentions=[])), "got the id 'e1'"),
        (read_aste, {}, "no mark\n", "line 1: wanted 'sentence####"),
        (read_aste, {}, "a b####[([0], [2], 'POS')]\n", "token indices from 0 to 1, got 2"),
        (read_aste, {}, "a b####[([0], [], 'POS')]\n", "wanted .*got .*'POS'"),
        (read_aste, {}, "a b####__import__('os')\n", "wanted a list of triplets"),
        (read_aste, {}, "a b####" + "(" * 500 + "\n", "wanted a list of triplets"),
    ],
)
def test_malformed_record_is_named(tmp_path, reader, options, content, message):
    with pytest.raises(InputError, match=rf"a\.json.*{message}"):
        read(reader, tmp_path / "a.json", content, **options)


json_values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-3, 9), st.text(max_size=4)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.sampled_from(["tokens", "entities", "relations", "type", "start", "end", "context", "annotations"]),
            inner,
            max_size=4,
        ),
    ),
    max_leaves=12,
)


@given(
    st.sampled_from([read_token_spans, read_phee, read_oneie]),
    st.sampled_from([SPERT, PHEE, ONEIE]),
    st.data(),
)
@settings(max_examples=80, deadline=None)
def test_any_json_gives_documents_or_an_input_error(tmp_path_factory, reader, record, data):
    key = data.draw(st.sampled_from(sorted(record)))
    content = json.dumps(changed(record, **{key: data.draw(json_values)}))
    options = {"roles": ("Effect",)} if reader is read_phee else {}
    path = tmp_path_factory.mktemp("json") / "a.json"
    with contextlib.suppress(InputError):
        read(reader, path, f"[{content}]" if reader is read_token_spans else content, **options)


@given(st.text(max_size=30), st.text(alphabet="[](),0123456789'POS -", max_size=30))
@settings(max_examples=80, deadline=None)
def test_any_triplet_line_gives_a_document_or_an_input_error(tmp_path_factory, sentence, literal):
    path = tmp_path_factory.mktemp("aste") / "a.json"
    path.write_bytes(f"{sentence}####{literal}\n".encode(errors="replace"))
    with contextlib.suppress(InputError):
        list(read_aste(path, name_of=str.lower))
