# SPDX-License-Identifier: Apache-2.0
"""An adapter brings its habits along, in a file that is refused when it is of another form."""

from __future__ import annotations

import json
from types import SimpleNamespace

import pytest

from loremill.errors import ModelError
from loremill.models.habits import FILE, habits_of, save, take_over, to_dict
from loremill.prompt import Habits


def test_an_adapter_s_habits_stand_beside_those_of_its_base(tmp_path):
    base = {"max_types": 12, "is_told_entities": True}
    config = SimpleNamespace(habits=dict(base))
    take_over(config, str(tmp_path))
    assert habits_of(config) == Habits(**base)  # it tells none
    own = Habits(max_types=12, skips_definitions=True)
    save(tmp_path, own, Habits(**base))
    assert json.loads((tmp_path / FILE).read_text()) == {"is_told_entities": False, "skips_definitions": True}
    take_over(config, str(tmp_path))
    assert habits_of(config) == own
    assert to_dict(own) == {"max_types": 12, "skips_definitions": True}
    bare = SimpleNamespace()
    take_over(bare, str(tmp_path))
    assert to_dict(habits_of(bare)) == {"skips_definitions": True}


@pytest.mark.parametrize("habits", [Habits(), Habits(20, 3, True, True)])
def test_no_file_is_written_of_a_base_s_own_habits(tmp_path, habits):
    save(tmp_path, habits, habits)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("wrong", ["[1]", "{", '{"skips_definitions": 1}', '{"other": true}', "3", "\udcff"])
def test_a_file_of_another_form_is_refused(tmp_path, wrong):
    (tmp_path / FILE).write_bytes(wrong.encode("utf-8", "surrogateescape"))
    with pytest.raises(ModelError, match=r"habits.json' holds habits of another form"):
        take_over(SimpleNamespace(), str(tmp_path))
