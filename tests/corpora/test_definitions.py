# SPDX-License-Identifier: Apache-2.0
import json

import pytest

from loremill.corpora.definitions import Definition, read_definitions
from loremill.errors import InputError

ENTRY = {
    "named_entity": "programlang",
    "real_name": "programming language",
    "sentences_as_example": [{"sentence": "Ada is old.", "entities": ["Ada"]}],
    "gpt_answer": json.dumps({"Definition": "A language for programs.", "Guidelines": "No tools. No people."}),
}


@pytest.mark.parametrize("content", [[ENTRY], {"programlang": ENTRY}], ids=["list", "object"])
def test_definitions_are_read_by_type(tmp_path, content):
    path = tmp_path / "d.json"
    path.write_text(json.dumps(content))
    examples = (("Ada is old.", ("Ada",)),)
    assert read_definitions(path) == {
        "programlang": Definition("programming language", "A language for programs.", "No tools. No people.", examples)
    }


@pytest.mark.parametrize(
    ("cut", "guidelines"), [(1, "No tools. No people."), (2, "No tools. No people."), (4, "No tools."), (21, "")]
)
def test_guidelines_that_were_cut_off_end_with_a_whole_sentence(tmp_path, cut, guidelines):
    path = tmp_path / "d.json"
    path.write_text(json.dumps([{**ENTRY, "gpt_answer": ENTRY["gpt_answer"][:-cut]}]))
    assert read_definitions(path)["programlang"].guidelines == guidelines


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("7", "wanted a list or an object of types, got int"),
        ("[{}]", "entry 1: wanted 'gpt_answer'"),
        (json.dumps([{**ENTRY, "gpt_answer": "so"}]), "entry 1: wanted JSON with Definition and Guidelines, got 'so'"),
        ("[", "wanted JSON"),
    ],
)
def test_malformed_file_is_an_input_error(tmp_path, content, message):
    path = tmp_path / "d.json"
    path.write_text(content)
    with pytest.raises(InputError, match=message):
        read_definitions(path)
