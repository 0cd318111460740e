# SPDX-License-Identifier: Apache-2.0
"""The catalogue on the command line."""

from __future__ import annotations

import json

import pytest

from loremill.cli import main
from loremill.corpora import catalogue
from loremill.corpora.corpus import DATA_VARIABLE
from loremill.corpora.stats import drawn, part_stats
from loremill.frames import Document, Frame, Slot
from loremill.text import Mention

from ..corpora.folders import write_conll2003, write_mit_movie, write_wiki80

LONG = "Ada met the mayor of Coimbra on the first Monday of May ."


@pytest.fixture
def run(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.delenv(DATA_VARIABLE, raising=False)

    def run(*args):
        with pytest.raises(SystemExit) as caught:
            main(["corpora", *map(str, args)])
        out, err = capsys.readouterr()
        return int(caught.value.code or 0), out, err

    return run


@pytest.fixture
def folder(tmp_path):
    write_conll2003(tmp_path, train=[LONG, "Rain ."], test=["Ada Lovelace rests .", LONG])
    return write_mit_movie(tmp_path, train=[LONG], test=["any film"])


def test_list_needs_no_data_and_names_every_set(run):
    code, out, err = run("list")
    assert (code, err) == (0, "")
    assert all(f"\n{name} " in out for name in catalogue())
    assert out.endswith(f"{len(catalogue())} data sets\n")


def test_list_is_narrowed(run):
    found = json.loads(run("list", "--family", "events", "--licences", "permissive", "--json")[1])
    assert "phee" in {entry["name"] for entry in found}
    assert all("events" in entry["families"] and entry["terms"] == "permissive" for entry in found)
    code, _, err = run("list", "--family", "event")
    assert code == 2
    assert "unknown family 'event'. Did you mean 'events'?" in err


def test_show_tells_types_and_licence(run):
    code, out, _ = run("show", "conll04")
    assert code == 0
    assert "The first place lies inside the second." in out
    assert "SpERT" in out
    known = json.loads(run("show", "conll04", "--json")[1])
    assert (known["terms"], known["format"]) == ("not stated", "token_spans")
    assert known["schema"]


def test_stats_count_what_is_there_and_tell_what_is_not(run, folder):
    found = json.loads(run("stats", "--data-dir", folder, "--json")[1])
    counts = {(p["name"], p["split"]): (p["documents"], p["empty"], sum(p["frames"].values())) for p in found["parts"]}
    assert counts == {
        ("conll2003", "train"): (2, 1, 2),
        ("conll2003", "dev"): (0, 0, 0),
        ("conll2003", "test"): (2, 0, 4),
        ("mit_movie", "train"): (1, 1, 0),
        ("mit_movie", "test"): (1, 1, 0),
    }
    assert "phee" in found["absent"]
    code, out, err = run("stats", "conll2003", "--data-dir", folder)
    assert (code, err) == (0, "")
    assert "conll2003  train" in out


def test_sample_shows_gold_frames(run, folder):
    code, out, _ = run("sample", "conll2003", "--data-dir", folder, "-n", "1", "--split", "train", "--seed", "1")
    assert code == 0
    assert "[Ada: person]" in out or "Rain" in out
    lines = run("sample", "conll2003", "--data-dir", folder, "--json")[1].splitlines()
    docs = [json.loads(line) for line in lines]
    assert [doc["id"] for doc in docs] == ["conll2003-test-0", "conll2003-test-1"]
    assert docs[1]["meta"]["corpus"] == "conll2003"
    assert {frame["type"] for frame in docs[1]["frames"]} == {"person", "location"}


def test_leaks_are_a_table(run, folder):
    code, out, err = run("leaks", "--data-dir", folder)
    assert code == 0
    assert "conll2003 test" in out
    assert "2 of 6 pairs" in out
    assert "not there, so not read: " in err
    table = json.loads(run("leaks", "mit_movie", "--data-dir", folder, "--json")[1])
    row = {"train": "mit_movie", "name": "conll2003", "split": "test", "leaked": 1, "documents": 1, "removed": 1}
    assert table["rows"] == [row]
    assert json.loads(run("leaks", "--data-dir", folder, "--json", "--at-least", "2")[1])["rows"] == []
    assert len(json.loads(run("leaks", "--data-dir", folder, "--json", "--with-train")[1])["rows"]) == 4


@pytest.mark.parametrize("words", [("stats",), ("leaks",), ("sample", "phee")])
def test_missing_folder_is_one_line(run, words):
    code, _, err = run(*words)
    assert code == 2
    assert "LOREMILL_DATA" in err
    assert err.count("\n") == 1


@pytest.mark.parametrize("command", ["stats", "leaks"])
def test_folder_without_any_data_set_is_told(run, tmp_path, command):
    code, out, err = run(command, "--data-dir", tmp_path)
    assert (code, out) == (2, "")
    assert "has none of the catalogue's folders, such as conll04/: set LOREMILL_DATA (or data_dir, --data-dir)" in err
    assert err.count("\n") == 1


def test_sample_without_a_part_takes_the_last_there_is(run, tmp_path):
    write_wiki80(tmp_path, ("crosses", "Ponte leads over Douro"), name="dev.txt")
    assert run("sample", "wiki80", "--data-dir", tmp_path)[1].startswith("wiki80-dev-0\n")


def test_statistics_count_slots_and_duplicates():
    frame = Frame("attack", Mention.at(0, 3), (Slot("who", Mention.at(4, 7)), Slot("who", Mention.at(4, 5))))
    docs = [Document("hit you", frames=(frame,), meta={"duplicates": 2}), Document("no")]
    stats = part_stats(docs, "own", "test")
    assert (stats.documents, stats.empty, stats.characters, stats.duplicates) == (2, 1, 9, 2)
    assert (stats.frames, stats.slots) == ({"attack": 1}, {"who": 2})


def test_drawn_documents_are_seeded_and_each_is_as_likely():
    docs = [Document(str(i)) for i in range(5)]
    assert drawn(docs, 9, seed=0) == docs
    assert drawn(iter(docs), 2, seed=3) == drawn(docs, 2, seed=3)
    counts = [0] * 5
    for seed in range(1000):
        found = drawn(docs, 2, seed=seed)
        assert [d for d in docs if d in found] == found
        for doc in found:
            counts[int(doc.text)] += 1
    assert all(330 < count < 470 for count in counts)  # 400 each, deviation 15.5
