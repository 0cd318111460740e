# SPDX-License-Identifier: Apache-2.0
import contextlib
import io
import lzma
import tarfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loremill.corpora.archive import Limits, read_members
from loremill.errors import InputError


def tar(path, files, *, mode="w:xz", extra=()):
    """An archive of name -> content; ``extra`` are members of any other kind."""
    with tarfile.open(path, mode) as archive:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
        for member in extra:
            archive.addfile(member)
    return path


def special(name, type, target=""):
    member = tarfile.TarInfo(name)
    member.type, member.linkname = type, target
    return member


@pytest.mark.parametrize("mode", ["w", "w:gz", "w:bz2", "w:xz"])
def test_members_come_in_the_archives_order(tmp_path, mode):
    path = tar(tmp_path / "a.tar", {"b/2.txt": b"two", "b/1.txt": "één".encode()}, mode=mode)
    assert list(read_members(path)) == [("b/2.txt", b"two"), ("b/1.txt", "één".encode())]


def test_a_folder_is_read_by_name(tmp_path):
    (tmp_path / "b").mkdir()
    for name in ("b/2.txt", "b/1.txt"):
        (tmp_path / name).write_bytes(name.encode())
    assert [name for name, _ in read_members(tmp_path)] == ["b/1.txt", "b/2.txt"]


def test_only_what_is_inside_is_read(tmp_path):
    path = tar(tmp_path / "a.tar", {"train/1.txt": b"a", "test/1.txt": b"b"}, extra=[special("test", tarfile.DIRTYPE)])
    assert list(read_members(path, inside="test/")) == [("test/1.txt", b"b")]
    with pytest.raises(InputError, match=r"wanted files in dev/, got none"):
        list(read_members(path, inside="dev/"))


@pytest.mark.parametrize(
    ("member", "message"),
    [
        (special("../evil.txt", tarfile.REGTYPE), "got a path that leaves it"),
        (special("a/../../evil.txt", tarfile.REGTYPE), "got a path that leaves it"),
        (special("/etc/evil.txt", tarfile.REGTYPE), "got a path that leaves it"),
        (special("a", tarfile.SYMTYPE, "/etc/passwd"), "got a link"),
        (special("a", tarfile.LNKTYPE, "b"), "got a link"),
        (special("a", tarfile.CHRTYPE), "or a device"),
        (special("a", tarfile.FIFOTYPE), "or a device"),
    ],
)
def test_what_an_archive_may_not_hold_is_refused(tmp_path, member, message):
    path = tar(tmp_path / "a.tar.xz", {}, extra=[member])
    with pytest.raises(InputError, match=message):
        list(read_members(path))


@pytest.mark.parametrize("limits", [Limits(members=1), Limits(member_bytes=9), Limits(total_bytes=19)])
def test_more_than_the_limits_is_refused(tmp_path, limits):
    path = tar(tmp_path / "a.tar.xz", {"1": b"0123456789", "2": b"0123456789"})
    with pytest.raises(InputError, match=r"wanted .*at most"):
        list(read_members(path, limits=limits))


def test_a_cut_off_archive_is_an_input_error(tmp_path):
    path = tar(tmp_path / "a.tar.xz", {str(i): bytes(2000) for i in range(9)})
    path.write_bytes(path.read_bytes()[:150])
    with pytest.raises(InputError, match="cannot read the corpus archive"):
        list(read_members(path))


@given(content=st.binary(max_size=700), is_xz=st.booleans())
@settings(max_examples=80, deadline=None)
def test_any_bytes_give_members_or_an_input_error(tmp_path_factory, content, is_xz):
    path = tmp_path_factory.mktemp("archive") / "a.tar"
    path.write_bytes(lzma.compress(content) if is_xz else content)
    with contextlib.suppress(InputError):
        list(read_members(path))
