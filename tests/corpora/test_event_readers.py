# SPDX-License-Identifier: Apache-2.0
import contextlib
import io
import json
import tarfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loremill.corpora import Corpus, Part
from loremill.corpora.bionlp_standoff import read_bionlp_standoff
from loremill.corpora.casie import read_casie
from loremill.corpora.maven import read_maven
from loremill.corpora.rams import read_rams
from loremill.corpora.selection import Selection
from loremill.corpora.seq_in_out import read_seq_in_out
from loremill.corpora.wikievents import read_wikievents
from loremill.errors import InputError
from loremill.frames import FrameRef
from loremill.schema import FrameType, Schema
from loremill.text import Mention

from .samples import readable


def casie_event(start, end, text, **arguments):
    given_arguments = [
        {"startOffset": s, "endOffset": s + len(t), "text": t, "role": {"type": role}}
        for role, (s, t) in arguments.items()
    ]
    nugget = {"startOffset": start, "endOffset": end, "text": text}
    return {"type": "Attack", "subtype": "Databreach", "nugget": nugget, "argument": given_arguments}


CASIE = {
    "content": "Hackers hit the bank. Then hackers hit it.",
    "cyberevent": {
        "hopper": [
            {"events": [casie_event(8, 11, "hit", Attacker=(0, "Hackers"), Victim=(13, "the bank "))]},
            {"events": [casie_event(34, 37, "hit", Attacker=(27, "hackers"), Tool=(0, "a worm"))]},
            {"events": [casie_event(0, 4, "gone")]},
        ]
    },
}
WIKIEVENTS = {
    "doc_id": "d",
    "sentences": [
        [[["Raid", 3, 7], ["!", 7, 8]], "Raid!"],
        [[["Rebels", 9, 15], ["hit", 16, 19], ["Ulm", 20, 23]], "Rebels hit Ulm"],
        [[["They", 26, 30], ["left", 31, 35]], "They left"],
    ],
    "entity_mentions": [
        {"id": "T1", "start": 2, "end": 3, "entity_type": "PER"},
        {"id": "T2", "start": 4, "end": 5, "entity_type": "GPE"},
    ],
    "event_mentions": [
        {
            "event_type": "Attack",
            "trigger": {"start": 3, "end": 4},
            "arguments": [{"entity_id": "T2", "role": "Place"}, {"entity_id": "T1", "role": "Attacker"}],
        }
    ],
}
RAMS = {
    "doc_key": "w",
    "sentences": [["Ada", "was", "n't", "there", "."], ["She", "died", "."]],
    "evt_triggers": [[6, 6, [["life.die.n/a", 1.0]]]],
    "gold_evt_links": [[[6, 6], [5, 5], "evt087arg01victim"], [[6, 6], [0, 0], "evt087arg01victim"]],
}
MAVEN = {
    "id": 12,
    "tokens": ["The", "dam", "burst", "."],
    "events": [{"text": "burst", "start": 2, "end": 3, "event_type": "Damaging"}],
}
STANDOFF = {
    "d.a1": "T1\tProtein 0 5\tTRAF2\nT2\tProtein 26 29\tJNK\n",
    "d.a2": (
        "T3\tBinding 6 11\tbinds\nT4\tPositive_regulation 16 25\tactivates\nT5\tEntity 26 29\tJNK\n"
        "E2\tPositive_regulation:T4 Theme:E1 Cause:T1 CSite:T5\nE1\tBinding:T3 Theme:T1 Theme2:T2 \nM1\tNegation E1\n"
        "*\tEquiv T1 T2\n"
    ),
    "d.txt": "TRAF2 binds and activates JNK.\n",
}


def archive(path, files):
    with tarfile.open(path, "w:xz") as file:
        for name, content in files.items():
            data = content if isinstance(content, bytes) else content.encode()
            member = tarfile.TarInfo(name)
            member.size = len(data)
            file.addfile(member, io.BytesIO(data))
    return path


def read(reader, path, content, **options):
    path.write_bytes(content.encode())
    return list(reader(path, name_of=str.lower, **options))


def test_casie_offsets_are_mended_by_the_nearest_string(tmp_path):
    path = archive(tmp_path / "a.tar.xz", {"annotation/7.json": json.dumps(CASIE), "annotation/README": "no"})
    (doc,) = read_casie(path, name_of=str)
    assert doc.id == "7"
    assert readable(doc) == [
        ("Attack.Databreach", ("hit",), (("Attacker", ("Hackers",)),)),
        ("Attack.Databreach", ("hit",), (("Attacker", ("hackers",)),)),
    ]
    assert [frame.filler for frame in doc.frames] == [Mention.at(8, 11), Mention.at(35, 38)]
    assert doc.meta == {"moved": 1, "ungrounded": 3}


def test_blanks_around_a_string_are_no_part_of_the_mention(tmp_path):
    record = {
        "content": "We saw a leak.",
        "cyberevent": {"hopper": [{"events": [casie_event(8, 14, " leak. ".rstrip())]}]},
    }
    (doc,) = read_casie(archive(tmp_path / "a.tar.xz", {"1.json": json.dumps(record)}), name_of=str)
    assert doc.frames[0].filler == Mention.at(9, 14)


def test_documents_of_an_archive_are_selected_by_a_list(tmp_path):
    (tmp_path / "toy").mkdir()
    archive(tmp_path / "toy" / "a.tar.xz", {f"x/{i}.json": json.dumps(CASIE) for i in range(4)})
    (tmp_path / "toy" / "test.txt").write_text("3.txt\n1.txt")
    toy = Corpus(
        name="toy",
        parts={"test": Part(("a.tar.xz",), select=Selection(file="test.txt", pattern=r"\d+(?=\.txt)"))},
        reader="casie",
        schema=Schema((FrameType("attack", family="events"),)),
        names=str.lower,
        families=("events",),
        domain="",
        licence="",
        citation="",
    )
    assert [doc.meta["source_id"] for doc in toy.read("test", tmp_path)] == ["1", "3"]


def test_wikievents_sentences_stand_at_their_places(tmp_path):
    (doc,) = read(read_wikievents, tmp_path / "a.jsonl", json.dumps(WIKIEVENTS))
    assert doc.text == "Raid! Rebels hit Ulm\n\n\nThey left"
    assert readable(doc) == [
        ("per", ("Rebels",), ()),
        ("attack", ("hit",), (("attacker", ("Rebels",)), ("place", ("Ulm",)))),
        ("gpe", ("Ulm",), ()),
    ]


def test_rams_arguments_may_be_in_other_sentences(tmp_path):
    (doc,) = read(read_rams, tmp_path / "a.jsonl", json.dumps(RAMS))
    assert doc.text == "Ada wasn't there. She died."
    assert readable(doc) == [("life.die.n/a", ("died",), (("victim", ("Ada",)), ("victim", ("She",))))]


def test_maven_triggers_are_events_without_arguments(tmp_path):
    (doc,) = read(read_maven, tmp_path / "a.json", json.dumps([MAVEN]))
    assert (doc.id, readable(doc)) == ("12", [("damaging", ("burst",), ())])


def test_standoff_events_may_be_arguments(tmp_path):
    (doc,) = read_bionlp_standoff(
        archive(tmp_path / "a.tar.xz", {"x/LICENSE": "-", **in_folder(STANDOFF)}), name_of=str
    )
    assert (doc.id, doc.text) == ("d", "TRAF2 binds and activates JNK.")
    by_type = {frame.type: i for i, frame in enumerate(doc.frames)}
    assert set(by_type) == {"Protein", "Binding", "Positive_regulation"}
    binding, regulation = doc.frames[by_type["Binding"]], doc.frames[by_type["Positive_regulation"]]
    assert [(s.role, s.filler) for s in binding.slots] == [("Theme", Mention.at(0, 5)), ("Theme", Mention.at(26, 29))]
    assert {(s.role, s.filler) for s in regulation.slots} == {
        ("Cause", Mention.at(0, 5)),
        ("Theme", FrameRef(by_type["Binding"])),
        ("CSite", Mention.at(26, 29)),
    }


def in_folder(files, folder="x"):
    return {f"{folder}/{name}": content for name, content in files.items()}


def test_standoff_is_read_from_a_folder_and_without_labels(tmp_path):
    (tmp_path / "x").mkdir()
    for name in ("d.a1", "d.txt"):
        (tmp_path / "x" / name).write_text(STANDOFF[name])
    (doc,) = read_bionlp_standoff(tmp_path, name_of=str)
    assert [frame.type for frame in doc.frames] == ["Protein", "Protein"]


def write_utterances(folder, tokens, tags, intents):
    for name, content in (("seq.in", tokens), ("seq.out", tags), ("label", intents)):
        (folder / name).write_bytes(content.encode())
    return folder / "seq.in"


def test_slots_are_entities_and_intents_classes(tmp_path):
    path = write_utterances(tmp_path, "fly to ulm \nhi\n\n", "O O B-toloc.city\nO\n\n", "flight#airfare\ngreet\n\n")
    first, second = read_seq_in_out(path, name_of=str)
    assert first.text == "fly to ulm"
    assert readable(first) == [("airfare", None, ()), ("flight", None, ()), ("toloc.city", ("ulm",), ())]
    assert readable(second) == [("greet", None, ())]


def changed(record, **changes):
    return {**record, **changes}


@pytest.mark.parametrize(
    ("tokens", "tags", "message"),
    [
        ("a b\n", "O\n", "line 1: wanted a tag for each token"),
        ("a\n", "X-y\n", "line 1: wanted a tag like"),
        ("a\nb\n", "O\n", "wanted as many lines .* fewer in seq.out"),
    ],
)
def test_uneven_parallel_files_are_named(tmp_path, tokens, tags, message):
    path = write_utterances(tmp_path, tokens, tags, "x\n" * len(tokens.splitlines()))
    with pytest.raises(InputError, match=message):
        list(read_seq_in_out(path, name_of=str))


@pytest.mark.parametrize(
    ("file", "old", "new", "message"),
    [
        ("d.a1", "TRAF2", "TRAF3", "member x/d, line 1: wanted 'TRAF3' at 0:5, the text has 'TRAF2'"),
        ("d.a1", "0 5", "0 5;7 9", "line 1: wanted id, 'type start end' and text"),
        ("d.a2", "Theme:E1", "Theme:E7", "member x/d: wanted an annotation 'E7'"),
        ("d.a2", "Theme:E1", "Theme", "line 4: wanted id, tab and 'type:trigger role:argument"),
        ("d.txt", "TRAF2", "", "line 1: wanted 'TRAF2' at 0:5"),
    ],
)
def test_malformed_standoff_is_named(tmp_path, file, old, new, message):
    files = {**STANDOFF, file: STANDOFF[file].replace(old, new)}
    with pytest.raises(InputError, match=message):
        list(read_bionlp_standoff(archive(tmp_path / "a.tar.xz", in_folder(files)), name_of=str))


def test_standoff_without_text_or_in_another_encoding_is_named(tmp_path):
    with pytest.raises(InputError, match=r"wanted a text beside d\.a1"):
        list(read_bionlp_standoff(archive(tmp_path / "a.tar.xz", {"d.a1": ""}), name_of=str))
    with pytest.raises(InputError, match=r"wanted UTF-8 text in d\.txt, got 0xff"):
        list(read_bionlp_standoff(archive(tmp_path / "b.tar.xz", {"d.txt": b"\xff"}), name_of=str))


@pytest.mark.parametrize(
    ("reader", "record", "message"),
    [
        (read_wikievents, changed(WIKIEVENTS, sentences=[[]]), "line 1: wanted a sentence"),
        (read_wikievents, changed(WIKIEVENTS, sentences=[[[["a", 0, 1]], "b"]]), "line 1: wanted a token"),
        (
            read_wikievents,
            changed(WIKIEVENTS, sentences=WIKIEVENTS["sentences"][::-1]),
            "characters behind 35, got one at 9",
        ),
        (read_wikievents, changed(WIKIEVENTS, entity_mentions=[]), "among the entity mentions, got the id 'T2'"),
        (read_rams, changed(RAMS, gold_evt_links=[[[6, 6], [0, 0], "victim"]]), "line 1: wanted a role like"),
        (read_rams, changed(RAMS, evt_triggers=[[6, 6, []]]), "line 1: wanted a trigger"),
        (read_rams, changed(RAMS, evt_triggers=[[8, 8, [["x", 1]]]]), "line 1: wanted token indices"),
        (read_rams, changed(RAMS, sentences=["a"]), "line 1: wanted 'sentences'"),
        (
            read_maven,
            [changed(MAVEN, events=[{"event_type": "x", "start": 2, "end": 2}])],
            "record 1: wanted token indices",
        ),
        (read_maven, [changed(MAVEN, id="x")], "record 1: wanted 'id' as int"),
    ],
)
def test_malformed_record_is_named(tmp_path, reader, record, message):
    with pytest.raises(InputError, match=message):
        read(reader, tmp_path / "a.json", json.dumps(record))


def test_malformed_member_is_named_and_can_be_skipped(tmp_path):
    path = archive(tmp_path / "a.tar.xz", {"x/1.json": "{", "x/2.json": json.dumps(CASIE)})
    with pytest.raises(InputError, match=r"member x/1\.json: wanted a JSON object in UTF-8"):
        list(read_casie(path, name_of=str))
    faults = []
    assert [doc.id for doc in read_casie(path, name_of=str, on_error=faults)] == ["2"]
    assert [fault.where for fault in faults] == ["member x/1.json"]


json_values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-3, 9), st.text(max_size=4)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=3), inner, max_size=2)),
    max_leaves=10,
)


@given(
    st.sampled_from([(read_wikievents, WIKIEVENTS), (read_rams, RAMS), (read_maven, MAVEN), (read_casie, CASIE)]),
    st.data(),
)
@settings(max_examples=120, deadline=None)
def test_any_json_gives_documents_or_an_input_error(tmp_path_factory, pair, data):
    reader, record = pair
    value = changed(record, **{data.draw(st.sampled_from(sorted(record))): data.draw(json_values)})
    folder = tmp_path_factory.mktemp("json")
    with contextlib.suppress(InputError):
        if reader is read_casie:
            list(reader(archive(folder / "a.tar.xz", {"1.json": json.dumps(value)}), name_of=str))
        else:
            read(reader, folder / "a.json", json.dumps([value] if reader is read_maven else value))


@given(st.sampled_from(sorted(STANDOFF)), st.integers(0, 200), st.text(alphabet="TE123: \tTheme\n;-😀", max_size=8))
@settings(max_examples=100, deadline=None)
def test_any_standoff_gives_documents_or_an_input_error(tmp_path_factory, file, at, inserted):
    files = {**STANDOFF, file: STANDOFF[file][:at] + inserted + STANDOFF[file][at + 2 :]}
    path = archive(tmp_path_factory.mktemp("standoff") / "a.tar.xz", files)
    with contextlib.suppress(InputError):
        for doc in read_bionlp_standoff(path, name_of=str):
            assert all(mention.texts_in(doc.text) for frame in doc.frames for mention in frame.mentions())
