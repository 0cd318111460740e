# SPDX-License-Identifier: Apache-2.0
import pytest

from loremill.corpora.selection import Selection
from loremill.errors import InputError


@pytest.mark.parametrize(
    ("selection", "wanted"),
    [
        (Selection(frozenset({"b"})), "b"),
        (Selection(frozenset({"b"}), exclude=True), "ac"),
        (Selection(file="ids.txt", pattern="[ab]"), "ab"),
        (Selection(frozenset({"c"}), file="ids.txt", pattern="a"), "ac"),
    ],
)
def test_ids_are_given_or_listed_in_a_file(tmp_path, selection, wanted):
    (tmp_path / "ids.txt").write_text("'a', 'b'\n")
    is_wanted = selection.wanted(tmp_path)
    assert "".join(filter(is_wanted, "abc")) == wanted


def test_a_file_without_ids_is_an_error(tmp_path):
    (tmp_path / "ids.txt").write_text("nothing here\n")
    with pytest.raises(InputError, match=r"ids\.txt: wanted ids like EN\\d\+, got none"):
        Selection(file="ids.txt", pattern=r"EN\d+").wanted(tmp_path)
