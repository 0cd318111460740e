# SPDX-License-Identifier: Apache-2.0
import io
import json

import pytest
from rich.console import Console

from loremill.evaluation import Score, Table, score_table

TABLE = score_table({"entities": Score(1, 2, 4), "a|b [x]": Score()}, title="toy test, strict")


def test_markdown_is_a_pipe_table_with_aligned_numbers():
    assert TABLE.to_markdown() == (
        "**toy test, strict**\n\n"
        "| part | precision | recall | f1 | tp | pred | support |\n"
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: |\n"
        "| entities | 0.500 | 0.250 | 0.333 | 1 | 2 | 4 |\n"
        "| a\\|b [x] | 0.000 | 0.000 | 0.000 | 0 | 0 | 0 |\n"
    )


def test_json_keeps_full_precision():
    value = json.loads(TABLE.to_json())
    assert value["title"] == "toy test, strict"
    assert value["rows"][0]["f1"] == Score(1, 2, 4).f1


def test_rich_shows_every_cell_and_no_markup():
    out = io.StringIO()
    Console(file=out, width=100).print(TABLE.to_rich())
    for text in ("toy test, strict", "0.333", "a|b [x]"):
        assert text in out.getvalue()


def test_empty_cell_is_shown_as_nothing():
    assert Table("t", ("a", "b"), (("x", None),)).to_markdown().endswith("| x |  |\n")


def test_row_of_wrong_length_cannot_be_built():
    with pytest.raises(ValueError, match="has 2 columns, got a row of 1"):
        Table("t", ("a", "b"), (("x",),))


def test_latex_escapes_what_it_must():
    table = Table("50 % of a_b", ("part", "f1"), (("x & y\\z", 0.5),))
    assert table.to_latex() == (
        "\\begin{table}\n\\centering\n\\caption{50 \\% of a\\_b}\n\\begin{tabular}{lr}\n\\toprule\npart & f1 \\\\\n"
        "\\midrule\nx \\& y\\textbackslash{}z & 0.500 \\\\\n\\bottomrule\n\\end{tabular}\n\\end{table}\n"
    )
