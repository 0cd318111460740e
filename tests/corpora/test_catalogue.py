# SPDX-License-Identifier: Apache-2.0
import json
import os
from collections import Counter
from pathlib import Path

import pytest

from loremill.corpora import DATA_VARIABLE, READERS, Corpus, Part, catalogue, corpus, load
from loremill.errors import InputError, UnknownNameError
from loremill.schema import FrameType, Schema

SHARED = Path(__file__).parents[2].parent / "shared" / "data"
DATA = Path(os.environ.get(DATA_VARIABLE, SHARED))


def needs(name):
    folder = catalogue()[name].folder_name or name
    return pytest.mark.skipif(not (DATA / folder).is_dir(), reason=f"{DATA_VARIABLE} names no folder with {folder}/")


# sentences and frames per split, from the data's own descriptions
COUNTS = {
    "conll2003": {"train": (14041, 23429), "dev": (3250, 5938), "test": (3453, 5648)},
    "conll04": {"train": (922, 3377 + 1283), "dev": (231, 893 + 343), "test": (288, 1079 + 422)},
    "mit_movie": {"train": (9775, 21295), "test": (2443, 5339)},
    "mit_movie_trivia": {"train": (7816, 23030), "test": (1953, 5686)},
    "mit_restaurant": {"train": (7660, 15363), "test": (1521, 3151)},
    "conllpp": {"train": (14041, 23499), "dev": (3250, 5942), "test": (3453, 5702)},
    "crossner_ai": {"train": (100, 532), "dev": (350, 1549), "test": (431, 1809)},
    "crossner_literature": {"train": (100, 541), "dev": (400, 2130), "test": (416, 2266)},
    "crossner_politics": {"train": (200, 1304), "dev": (541, 3482), "test": (651, 4209)},
    "e_ner": {"train": (7889, 5971), "dev": (1695, 1311), "test": (2060, 1539)},
    "wikineural": {"dev": (11590, 19621), "test": (11597, 19675)},
    "wikiann_de": {"train": (20000, 27643), "dev": (10000, 13818), "test": (10000, 13868)},
    "wikiann_en": {"train": (20000, 27931), "dev": (10000, 14146), "test": (10000, 13958)},
    "wikiann_es": {"train": (20000, 24750), "dev": (10000, 12270), "test": (10000, 12260)},
    "wikiann_nl": {"train": (20000, 27050), "dev": (10000, 13532), "test": (10000, 13725)},
    "wikiann_ru": {"train": (20000, 24629), "dev": (10000, 12334), "test": (10000, 12177)},
    "btc": {"train": (6338, 8779), "dev": (1001, 1730), "test": (2001, 4376)},
    "wnut17": {"train": (3394, 1975), "dev": (1009, 836), "test": (1287, 1079)},
    "ncbi_disease": {"train": (5424, 5134), "dev": (923, 787), "test": (940, 960)},
    "bc2gm": {"train": (12574, 15197), "dev": (2519, 3061), "test": (5038, 6325)},
    "anatem": {"train": (5861, 6946), "dev": (2118, 2139), "test": (3830, 4616)},
    "bionlp13cg": {"train": (3033, 10826), "dev": (1003, 3616), "test": (1906, 6881)},
    "craft": {"train": (10875, 29026), "dev": (3730, 9727), "test": (7425, 18881)},
    "linnaeus": {"train": (11935, 2119), "dev": (4078, 711), "test": (7142, 1433)},
    "genia": {"train": (15049, 46234), "dev": (1765, 4722), "test": (1732, 5123)},
    "jnlpba": {"train": (2000 - 200, 51301 - 4551), "dev": (200, 4551), "test": (404, 8662)},
    "jnlpba_iob": {"dev": (1739, 4551), "test": (3856, 8662)},
    "e3c_en_xmi": {"train": (669, 3586), "test": (851, 4833)},
    "e3c_en": {"train": (669, 437), "test": (851, 516)},
    "e3c_es": {"train": (455, 509), "test": (679, 800)},
    "e3c_eu": {"train": (1361, 835), "test": (1765, 1054)},
    "e3c_fr": {"train": (504, 569), "test": (605, 695)},
    "e3c_it": {"train": (451, 345), "test": (673, 460)},
    "diann_en": {"train": (4782, 1413 + 40 + 40), "test": (1309, 243 + 23 + 23)},
    "diann_es": {"train": (4639, 1326 + 40 + 40), "test": (1284, 229 + 22 + 22)},
    "bc5cdr": {"train": (4560, 9385), "dev": (4581, 9593), "test": (4797, 9809)},
    "phee": {"train": (2898, 3006), "dev": (961, 1003), "test": (968, 1010)},
    "geneva": {"train": (1145, 2424), "dev": (783, 1442), "test": (933, 1893)},
    "aste_14res": {"train": (1266, 2338), "dev": (310, 577), "test": (492, 994)},
}
# phee's description counts events that have the role; a role with two mentions gives two slots
SLOTS = {
    ("geneva", "train"): 3978,
    ("geneva", "dev"): 2383,
    ("geneva", "test"): 3109,
    ("phee", "test"): 466 + 1012 + 911,
}
DUPLICATES = {
    ("aste_14res", "train"): 1,
    ("genia", "train"): 21,
    ("genia", "dev"): 8,
    ("genia", "test"): 4,
    ("e3c_en_xmi", "train"): 1,
}

STATIC = [c for c in catalogue().values() if isinstance(c.schema, Schema)]


@pytest.fixture
def toy(tmp_path):
    """A column corpus whose train part shares an id and a sentence with its test part."""
    folder = tmp_path / "toy"
    folder.mkdir()
    record = {"tokens": ["Rain"], "entities": [], "relations": []}
    for name, ids in (("a", (1, 2, 2)), ("b", (2, 3)), ("test", (3,))):
        records = [{**record, "tokens": [f"Rain{i}"], "orig_id": i} for i in ids]
        (folder / f"{name}.json").write_text(json.dumps(records))
    return Corpus(
        name="toy",
        parts={"train": Part(("a.json", "b.json"), without=("test.json",)), "test": Part(("test.json",))},
        reader="token_spans",
        schema=Schema((FrameType("person"),)),
        names={"PER": "person"},
        families=("entities",),
        domain="",
        licence="",
        citation="",
    )


def test_documents_of_other_parts_and_repeated_ids_are_left_out(toy, tmp_path):
    docs = list(toy.read("train", tmp_path))
    assert [doc.text for doc in docs] == ["Rain1", "Rain2"]
    assert [doc.id for doc in docs] == ["toy-train-0", "toy-train-1"]
    assert docs[1].meta == {"corpus": "toy", "split": "train", "source_id": "2"}


def test_unknown_names_are_refused_with_a_hint(toy, tmp_path):
    with pytest.raises(UnknownNameError, match=r"unknown corpus 'conll203'\. Did you mean 'conll2003'\?"):
        load("conll203", "train")
    with pytest.raises(UnknownNameError, match="unknown split of mit_movie 'dev'"):
        load("mit_movie", "dev", tmp_path)
    record = {"tokens": ["Rain"], "entities": [{"type": "LOC", "start": 0, "end": 1}], "relations": []}
    (tmp_path / "toy" / "test.json").write_text(json.dumps([record]))
    with pytest.raises(InputError, match="record 1: unknown label of toy 'LOC'"):
        list(toy.read("test", tmp_path))


def test_missing_data_says_what_to_set(monkeypatch, tmp_path):
    monkeypatch.delenv(DATA_VARIABLE, raising=False)
    with pytest.raises(InputError, match=r"set LOREMILL_DATA .* to the one that holds phee/"):
        load("phee", "test")
    with pytest.raises(InputError, match=r"needs the folder .*phee, which is not there"):
        load("phee", "test", tmp_path)
    (tmp_path / "phee").mkdir()
    with pytest.raises(InputError, match=r"needs the file .*test\.json"):
        list(load("phee", "test", tmp_path))


@pytest.mark.parametrize("entry", catalogue().values(), ids=lambda c: c.name)
def test_entry_is_complete(entry):
    assert entry.reader in READERS
    assert set(entry.parts) <= {"train", "dev", "test"}  # some have no test part, or one without labels
    assert entry.parts
    assert all([entry.domain, entry.licence, entry.citation])


@pytest.mark.parametrize("entry", STATIC, ids=lambda c: c.name)
def test_schema_fits_the_entry(entry):
    schema = entry.schema_for()
    assert schema.families == entry.families
    roles = {slot.name for frame_type in schema for slot in frame_type.slots}
    assert set(entry.names.values()) <= {t.name for t in schema} | roles
    for frame_type in schema:
        assert frame_type.description
        assert all(name in schema for slot in frame_type.slots for name in slot.types)
    descriptions = [frame_type.description for frame_type in schema]
    assert len(set(descriptions)) == len(descriptions)


@pytest.mark.parametrize("entry", STATIC, ids=lambda c: c.name)
def test_aliases_name_one_type_each(entry):
    schema = entry.schema_for()
    assert set(entry.aliases) <= {t.name for t in schema}
    wordings = [*(t.label for t in schema), *(alias for several in entry.aliases.values() for alias in several)]
    assert [w for w, n in Counter(wordings).items() if n > 1] == []


@pytest.mark.parametrize("name", [pytest.param(name, marks=needs(name)) for name in sorted(COUNTS)])
def test_counts_are_those_of_the_data(name):
    schema = corpus(name).schema_for(DATA)
    for split, (sentences, frames) in COUNTS[name].items():
        docs = list(load(name, split, DATA))
        duplicates = sum(doc.meta.get("duplicates", 0) for doc in docs)
        assert duplicates == DUPLICATES.get((name, split), 0)
        assert (len(docs), sum(len(doc.frames) for doc in docs) + duplicates) == (sentences, frames)
        if (name, split) in SLOTS:
            assert sum(len(frame.slots) for doc in docs for frame in doc.frames) == SLOTS[name, split]
        for doc in docs:
            for frame in doc.frames:
                assert {slot.role for slot in frame.slots} <= {slot.name for slot in schema[frame.type].slots}
                assert all(text == text.strip() for mention in frame.mentions() for text in mention.texts_in(doc.text))


@needs("geneva")
def test_geneva_has_its_types_in_natural_wording():
    schema = corpus("geneva").schema_for(DATA)
    assert len(schema) == 115
    assert schema["get_ready"].label == "get ready"
    assert all(t.description and t.slots for t in schema)
