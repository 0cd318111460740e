# SPDX-License-Identifier: Apache-2.0
import contextlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loremill.corpora.csv_columns import read_csv_columns
from loremill.corpora.lines import Fault
from loremill.errors import InputError

from .samples import readable

FILE = '-DOCSTART-,O\n,O\nAcme,I-BUS\n",",I-BUS\nInc,I-BUS\nBolt,B-BUS\n"1,000",O\n,O\n-DOCSTART-,O\n,O\nRain,P\n'


def read(folder, content=FILE, **options):
    (folder / "a.csv").write_text(content)
    return list(read_csv_columns(folder / "a.csv", name_of=str.lower, **{"outside": ("O", "P"), **options}))


def test_quoted_cells_and_iob1_are_read(tmp_path):
    docs = read(tmp_path, scheme="IOB1")
    assert [doc.text for doc in docs] == ["Acme, Inc Bolt 1,000", "Rain"]
    assert readable(docs[0]) == [("bus", ("Acme, Inc",), ()), ("bus", ("Bolt",), ())]
    assert [doc.meta["document"] for doc in docs] == ["0", "1"]


def test_documents_are_chosen_by_number(tmp_path):
    assert [doc.text for doc in read(tmp_path, wanted=lambda number: number == "1")] == ["Rain"]


@pytest.mark.parametrize("bad", ["a,b,O", '"a,O', "a", "a,X-PER"])
def test_malformed_row_is_named(tmp_path, bad):
    with pytest.raises(InputError, match=r"a\.csv, line 2: wanted (token,tag|a tag)"):
        read(tmp_path, f"Rain,O\n{bad}\n")
    faults: list[Fault] = []
    assert [doc.text for doc in read(tmp_path, f"{bad}\n,O\nSun,O\n", on_error=faults)] == ["Sun"]
    assert [fault.where for fault in faults] == ["line 1"]


@given(st.text(alphabet=',"\nOIB-a é', max_size=40))
@settings(max_examples=60, deadline=None)
def test_any_text_gives_documents_or_an_input_error(tmp_path_factory, content):
    with contextlib.suppress(InputError):
        assert all(doc.text for doc in read(tmp_path_factory.mktemp("csv"), content))
