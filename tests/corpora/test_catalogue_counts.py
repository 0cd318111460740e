# SPDX-License-Identifier: Apache-2.0
"""Sets of relations, events, opinions and requests, counted against the data's own descriptions."""

import os
from pathlib import Path

import pytest

from loremill.corpora import DATA_VARIABLE, catalogue, corpus, load
from loremill.frames import FrameRef

SHARED = Path(__file__).parents[2].parent / "shared" / "data"
DATA = Path(os.environ.get(DATA_VARIABLE, SHARED))

# items, frames: entities + relations, entities + events, or slots + utterances (+ further intents of an utterance)
COUNTS = {
    "ade": {"train": (3845, 9769 + 6155), "test": (427, 1070 + 666)},
    "aste_14lap": {"train": (906, 1460), "dev": (219, 346), "test": (328, 543)},
    "aste_16res": {"test": (326, 514)},
    "atis": {"train": (4478, 14851 + 4478 + 24), "dev": (500, 1709 + 500 + 3), "test": (893, 2837 + 893 + 15)},
    "casie": {"train": (701, 5984), "dev": (149, 1227), "test": (149, 1268)},
    "chemprot": {"train": (4169, 4169), "dev": (2427, 2427), "test": (3469, 3469)},
    "fewrel": {"test": (11200, 11200)},
    "fewrel_nyt": {"test": (2500, 2500)},
    "fewrel_pubmed": {"test": (1000, 1000)},
    "genia_ge11": {"train": (908, 11625 + 10310), "dev": (259, 4690 + 3250)},
    "maven": {"dev": (4047, 9639), "test": (4047, 9698)},
    "nyt": {"dev": (5000, 7985), "test": (5000, 8120)},
    "nyt11_hrl": {"dev": (313, 390), "test": (369, 370)},
    "rams": {"dev": (924, 924), "test": (871, 871)},
    "scierc": {"train": (1861, 5598 + 3219), "dev": (275, 811 + 455), "test": (551, 1685 + 974)},
    "semeval2010_8": {"train": (8000, 8000), "test": (2717, 2717)},
    "snips": {"train": (13084, 33958 + 13084), "dev": (700, 1794 + 700), "test": (700, 1790 + 700)},
    "webnlg": {"train": (5019, 11313), "dev": (500, 1224), "test": (703, 1607)},
    "wiki80": {"train": (3920, 3920), "dev": (5600, 5600)},
    "wikievents": {"dev": (20, 345 + 2256), "test": (20, 365 + 2673)},
}
# items, relations: the descriptions do not count the entities of crossre, nor those of ade's rows
RELATIONS = {
    "ade_rel": {"train": (4272 + 213 + 16695, 6821 + 279)},
    "crossre_ai": {"train": (100, 363), "dev": (350, 1079), "test": (431, 1164)},
    "crossre_literature": {"train": (100, 400), "dev": (400, 1570), "test": (416, 1623)},
    "crossre_news": {"train": (164, 181), "dev": (350, 308), "test": (400, 396)},
    "crossre_politics": {"train": (101, 536), "dev": (350, 1874), "test": (400, 2124)},
}
# frames left out: given twice, or (strings that are not in the text)
DUPLICATES = {
    **{("ade_rel", "train"): 3, ("aste_14lap", "dev"): 1, ("aste_14lap", "test"): 2, ("crossre_ai", "test"): 1},
    **{("crossre_news", "train"): 1, ("scierc", "train"): 4, ("webnlg", "train"): 1, ("webnlg", "dev"): 1},
}
UNGROUNDED = {("nyt", "dev"): 42, ("nyt", "test"): 44, ("casie", "train"): 1}
# arguments; of casie's 15,916 two are those of the event whose trigger is not in the text, of rams' 2,188 and 2,023
# some fill one role twice with the same mention
ARGUMENTS = {
    **{("casie", "train"): 15916 - 2, ("casie", "dev"): 3222, ("casie", "test"): 3541},
    **{("genia_ge11", "train"): 12744, ("genia_ge11", "dev"): 4348, ("rams", "dev"): 2188 - 6},
    **{("rams", "test"): 2023 - 7, ("wikievents", "dev"): 428, ("wikievents", "test"): 566},
}
PARTS = [
    pytest.param(
        name,
        split,
        marks=pytest.mark.skipif(
            not (DATA / (corpus(name).folder_name or name)).is_dir(), reason=f"{DATA_VARIABLE} names no {name}"
        ),
    )
    for name in sorted(COUNTS | RELATIONS)
    for split in corpus(name).parts
]


@pytest.mark.parametrize(("name", "split"), PARTS)
def test_items_frames_and_arguments_are_those_of_the_description(name, split):
    schema = corpus(name).schema_for(DATA)
    items = frames = arguments = duplicates = ungrounded = 0
    for doc in load(name, split, DATA):
        items += 1
        counted = doc.frames if name in COUNTS else [f for f in doc.frames if schema[f.type].family == "relations"]
        frames += len(counted)
        duplicates += doc.meta.get("duplicates", 0)
        ungrounded += doc.meta.get("ungrounded", 0)
        for frame in doc.frames:
            frame_type = schema[frame.type]
            arguments += len(frame.slots) if frame_type.family == "events" else 0
            assert frame_type.has_filler == (frame.filler is not None)
            assert {slot.role for slot in frame.slots} <= {slot.name for slot in frame_type.slots}
            assert all(text == text.strip() for mention in frame.mentions() for text in mention.texts_in(doc.text))
    assert duplicates == DUPLICATES.get((name, split), 0)
    assert ungrounded == UNGROUNDED.get((name, split), 0)
    assert (items, frames + duplicates + ungrounded) == (COUNTS | RELATIONS)[name][split]
    assert arguments == ARGUMENTS.get((name, split), 0)


@pytest.mark.parametrize("name", ["rams", "webnlg", "wikievents"])
def test_schemas_from_the_data_are_complete(name):
    if not (DATA / name).is_dir():
        pytest.skip(f"{DATA_VARIABLE} names no {name}")
    entry = corpus(name)
    schema = entry.schema_for(DATA)
    descriptions = [frame_type.description for frame_type in schema]
    assert schema.families == entry.families
    assert all(descriptions)
    assert len(set(descriptions)) == len(descriptions)
    assert [finding for finding in schema.check() if finding.level == "error"] == []


def test_only_regulations_of_genia_take_events_as_arguments():
    if not (DATA / "genia_ge11").is_dir():
        pytest.skip(f"{DATA_VARIABLE} names no genia_ge11")
    nested = [
        (frame.type, doc.frames[slot.filler.index].type)
        for doc in load("genia_ge11", "dev", DATA)
        for frame in doc.frames
        for slot in frame.slots
        if isinstance(slot.filler, FrameRef)
    ]
    assert nested
    assert {outer for outer, _ in nested} == {"regulation", "positive_regulation", "negative_regulation"}
    assert all(inner in corpus("genia_ge11").schema_for() for _, inner in nested)


def test_every_entry_names_what_it_shares_sentences_with():
    folders = {entry.folder_name or name for name, entry in catalogue().items()}
    ours = [corpus(name) for name in COUNTS | RELATIONS]
    assert [(e.name, o) for e in ours for o in e.overlaps if o not in catalogue() and o not in folders] == []
