# SPDX-License-Identifier: Apache-2.0
"""Keys kept between runs are those that reading gives, and what they depend on is never missed."""

from __future__ import annotations

import logging
import os
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from loremill.corpora import CACHE_VARIABLE, corpus, leak_cache, leak_keys, leak_table, reserved_keys, sentence_keys
from loremill.corpora.leak_cache import cache_folder, part_keys
from loremill.corpora.leak_keys import TextKeys, text_keys
from loremill.corpora.selection import Selection
from loremill.errors import InputError

from .folders import write_conll2003, write_mit_movie

LONG = "Ada met the mayor of Coimbra on the first Monday of May ."
OTHER = "Nobody at Acme could say why the bridge was never finished ."
THIRD = "Porto has had six bridges over the river since last summer ."


@pytest.fixture
def folder(tmp_path):
    return write_conll2003(tmp_path / "data", train=[OTHER], dev=[LONG, OTHER], test=[THIRD])


@pytest.fixture
def kept(tmp_path):
    return tmp_path / "kept"


def keys_of(found: TextKeys) -> set[int]:
    return set(found.keys.tolist())


def files(kept: Path) -> list[Path]:
    return sorted((kept / "leak_keys").iterdir())


def test_second_run_reads_no_part_and_finds_the_same(folder, kept, monkeypatch):
    first = reserved_keys(folder, cache_dir=kept)
    monkeypatch.setattr(leak_cache, "_read", None)
    second = reserved_keys(folder, cache_dir=kept)
    assert (first.cached, second.cached) == (0, 2)
    assert second == first
    assert set(second.keys) == sentence_keys(LONG) | sentence_keys(OTHER) | sentence_keys(THIRD)


def test_table_of_leaks_uses_the_same_files(folder, kept, monkeypatch):
    write_mit_movie(folder, train=[LONG])
    reserved_keys(folder, cache_dir=kept)
    rows = leak_table(data_dir=folder, cache_dir=kept).rows
    monkeypatch.setattr(leak_cache, "_read", None)
    assert leak_table(data_dir=folder, cache_dir=kept).rows == rows
    assert {(row.train, row.name, row.split) for row in rows} == {
        ("mit_movie", "conll2003", "dev"),
        ("conll2003", "conll2003", "dev"),
    }


def dev(folder, kept):
    return part_keys("conll2003", "dev", folder, cache_dir=kept)


def test_changed_file_is_read_again(folder, kept):
    dev(folder, kept)
    write_conll2003(folder, dev=[THIRD])
    found = dev(folder, kept)
    assert not found.is_cached
    assert keys_of(found) == sentence_keys(THIRD)
    assert dev(folder, kept).is_cached
    assert len(files(kept)) == 1


def test_file_of_the_same_size_and_time_is_read_again(folder, kept):
    path = folder / "conll2003" / "dev.txt"
    dev(folder, kept)
    known = path.stat()
    path.write_text(path.read_text("utf-8").replace("Monday", "Sunday"), "utf-8")
    os.utime(path, ns=(known.st_atime_ns, known.st_mtime_ns))
    assert path.stat().st_size == known.st_size
    if sys.platform != "win32":  # where st_ctime is when a file was made
        assert not dev(folder, kept).is_cached


def test_file_beside_those_of_the_part_counts(folder, kept):
    dev(folder, kept)
    (folder / "conll2003" / "ids.txt").write_text("1\n", "utf-8")
    assert not dev(folder, kept).is_cached


@pytest.mark.parametrize(
    ("name", "value"),
    [("VERSION", 2), ("MIN_LENGTH", 21), ("MIN_INNER", 29), ("BREAK", leak_keys.re.compile(r"\n"))],
)
def test_other_key_function_reads_again(folder, kept, monkeypatch, name, value):
    dev(folder, kept)
    monkeypatch.setattr(leak_keys, name, value)
    assert not dev(folder, kept).is_cached
    assert dev(folder, kept).is_cached


@pytest.mark.parametrize("change", ["options", "part", "reader", "code"])
def test_other_definition_reads_again(folder, kept, monkeypatch, change):
    dev(folder, kept)
    entry = corpus("conll2003")
    if change == "options":
        entry = replace(entry, options={**entry.options, "join": "-"})
    elif change == "part":
        entry = replace(entry, parts={**entry.parts, "dev": replace(entry.parts["dev"], files=("train.txt",))})
    elif change == "reader":
        readers = {**leak_cache.READERS, entry.reader: lambda *a, **o: leak_cache.READERS["columns"](*a, **o)}
        monkeypatch.setattr(leak_cache, "READERS", readers)
    else:
        monkeypatch.setattr(leak_cache, "_code", lambda: "other")
    monkeypatch.setattr(leak_cache, "corpus", lambda name: entry)
    assert not dev(folder, kept).is_cached


def test_definitions_are_told_alike_in_every_run():
    told = leak_cache._told(Selection(frozenset("abc")))
    assert told == "Selection({'a', 'b', 'c'}, '', '\\\\S+', False)"
    assert leak_cache._told({"b": (1, max), "a": None}) == "{'a': None, 'b': [1, max]}"


@pytest.mark.parametrize("damage", ["", "cut", "flipped", "header", "longer", "empty keys"])
def test_damaged_file_is_noticed_and_replaced(folder, kept, caplog, damage):
    expected = keys_of(dev(folder, kept))
    (path,) = files(kept)
    content = path.read_bytes()
    path.write_bytes(
        {
            "": b"",
            "cut": content[:-3],
            "flipped": content[:-1] + bytes([content[-1] ^ 1]),
            "header": b"x" + content[1:],
            "longer": content + b"\0" * 12,
            "empty keys": content[: -12 * len(expected)],
        }[damage]
    )
    found = dev(folder, kept)
    assert not found.is_cached
    assert keys_of(found) == expected
    assert "is damaged: the part is read again" in caplog.text
    assert dev(folder, kept).is_cached


@given(st.binary(max_size=200))
def test_any_bytes_are_refused(content):
    assert leak_cache._unpacked(content) is None
    assert leak_cache._unpacked(leak_cache._MAGIC + content) is None


@given(st.lists(st.text("ab .\n", max_size=200) | st.text(), max_size=5))
def test_what_is_packed_is_unpacked(texts):
    found = text_keys(texts)
    digest, back = leak_cache._unpacked(leak_cache._packed(b"d" * 16, found))
    assert digest == b"d" * 16
    assert back.texts == found.texts == sum(bool(sentence_keys(text)) for text in texts)
    np.testing.assert_array_equal(back.keys, found.keys)
    np.testing.assert_array_equal(back.owners, found.owners)


def test_folder_that_cannot_be_written_is_done_without(folder, tmp_path, caplog):
    blocked = tmp_path / "file"
    blocked.write_text("no folder", "utf-8")
    with caplog.at_level(logging.INFO):
        assert reserved_keys(folder, cache_dir=blocked).keys == reserved_keys(folder, cache_dir=tmp_path / "k").keys
    assert "cannot be written, so the part is read again next time" in caplog.text


def test_failed_write_leaves_nothing_behind(folder, kept, monkeypatch):
    def fail(*names):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", fail)
    assert not dev(folder, kept).is_cached
    assert files(kept) == []


def test_folder_that_changes_while_it_is_read_is_not_kept(folder, kept, monkeypatch):
    read = leak_cache._read

    def meanwhile(*what):
        found = read(*what)
        write_conll2003(folder, dev=[THIRD, LONG])
        return found

    monkeypatch.setattr(leak_cache, "_read", meanwhile)
    dev(folder, kept)
    assert not kept.exists()


def test_malformed_part_is_an_error_every_time(folder, kept):
    (folder / "conll2003" / "dev.txt").write_bytes(b"\xff\xfe")
    for _ in range(2):
        with pytest.raises(InputError, match="wanted UTF-8 text"):
            dev(folder, kept)


def test_files_not_used_for_longest_make_room(folder, kept, monkeypatch):
    write_mit_movie(folder, test=[LONG])
    dev(folder, kept)
    part_keys("conll2003", "test", folder, cache_dir=kept)
    first, second = files(kept)
    os.utime(first, (2, 2))
    os.utime(second, (1, 1))
    assert dev(folder, kept).is_cached  # so it is used last
    monkeypatch.setattr(leak_cache, "LIMIT_BYTES", 2 * second.stat().st_size + 40)
    part_keys("mit_movie", "test", folder, cache_dir=kept)
    assert [path.name.split("-")[:2] for path in files(kept)] == [["conll2003", "dev"], ["mit_movie", "test"]]


def test_two_folders_of_data_do_not_replace_each_other(folder, kept, tmp_path):
    other = write_conll2003(tmp_path / "other", dev=[THIRD])
    assert keys_of(dev(folder, kept)) != keys_of(dev(other, kept))
    assert dev(folder, kept).is_cached
    assert dev(other, kept).is_cached


def test_links_in_a_circle_are_followed_once(folder, kept):
    try:
        (folder / "conll2003" / "again").symlink_to(folder / "conll2003", target_is_directory=True)
        (folder / "conll2003" / "nowhere").symlink_to("not there")
    except OSError:
        pytest.skip("no links here")
    dev(folder, kept)
    assert dev(folder, kept).is_cached


@pytest.mark.skipif(sys.platform == "win32", reason="the places of other systems")
def test_cache_lies_where_the_platform_has_it(monkeypatch, tmp_path):
    monkeypatch.setenv(CACHE_VARIABLE, str(tmp_path / "own"))
    assert cache_folder() == tmp_path / "own"
    monkeypatch.delenv(CACHE_VARIABLE)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    assert cache_folder() == tmp_path / "xdg" / "loremill"
    monkeypatch.setenv("HOME", str(tmp_path))
    for unusable in ("", "not/absolute"):
        monkeypatch.setenv("XDG_CACHE_HOME", unusable)
        places = (tmp_path / ".cache" / "loremill", tmp_path / "Library" / "Caches" / "loremill")
        assert cache_folder() == places[sys.platform == "darwin"]


def test_without_a_home_nothing_is_kept(folder, monkeypatch):
    monkeypatch.setattr(leak_cache, "cache_folder", lambda: None)
    for _ in range(2):
        assert not dev(folder, None).is_cached
