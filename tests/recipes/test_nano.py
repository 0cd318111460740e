# SPDX-License-Identifier: Apache-2.0
"""What the recipes of the model that ships and of its base are made of; they are run by hand."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
import torch
from wordnet_kinds import BREADTHS

from loremill.corpora import corpus, terms_of
from loremill.corpora.mixture import _check_held_out
from loremill.formats import FORMATS
from loremill.models.loading import load
from loremill.models.subword import SubwordCodec
from loremill.prompt import Prompt
from loremill.training.config import load_config

RECIPES = Path(__file__).parents[2] / "recipes"


@pytest.fixture
def nano(monkeypatch):
    monkeypatch.syspath_prepend(str(RECIPES))
    import nano

    yield nano
    sys.modules.pop("nano")


MADE = {f"./runs/wordnet_kinds/{name}" for name in (*(f"to_{breadth}" for breadth in BREADTHS), "names", "wiki")}
MADE |= {f"./runs/found/{name}" for name in ("conll04", "ade", "scierc")}
"""Data sets that recipes make of the texts of others."""


@pytest.mark.parametrize("path", sorted(RECIPES.glob("*.yaml")), ids=lambda path: path.stem)
def test_configurations_name_what_there_is(path):
    config = load_config(path)
    assert set(config.shares) <= set(FORMATS)
    for share in config.corpora:
        assert share.name in MADE or "train" in corpus(share.name).parts
    _check_held_out(config.corpora, config.mixture.held_out)


def test_the_base_reads_texts_of_what_the_model_is_trained_on_and_holds_out_the_same():
    full, base = (load_config(RECIPES / f"{name}.yaml") for name in ("nano_full", "nano_base"))
    assert {share.name for share in base.corpora} <= {share.name for share in full.corpora}
    assert base.mixture.held_out == full.mixture.held_out
    assert base.objective == "text"


def test_held_out_sets_take_along_what_overlaps_unless_it_is_trained_on():
    config = load_config(RECIPES / "nano_full.yaml")
    trained = {share.name for share in config.corpora}
    for name in config.mixture.held_out:
        assert set(corpus(name).overlaps) <= {*config.mixture.held_out, *trained}


def test_licences_that_forbid_commerce_stay_out():
    for name in ("nano_full", "nano_base", "spans"):
        names = {share.name for share in load_config(RECIPES / f"{name}.yaml").corpora} - MADE
        licences = {corpus(name).licence for name in names}
        assert not [licence for licence in licences if "NC" in licence or "non-profit" in licence]


def test_what_is_called_permissive_is():
    config = load_config(RECIPES / "spans_permissive.yaml")
    assert config.mixture.licences == "permissive"
    assert {terms_of(corpus(share.name).licence) for share in config.corpora} == {"permissive"}


def test_stretched_positions_keep_their_ends_and_stand_between_the_old_ones(nano):
    rng = torch.Generator().manual_seed(0)
    table = torch.randn(5, 3, generator=rng)
    found = nano.stretched(table, 9)  # every other place is an old one
    torch.testing.assert_close(found[::2], table)
    torch.testing.assert_close(found[1::2], (table[:-1] + table[1:]) / 2)
    assert torch.equal(nano.stretched(table, 5), table)
    assert torch.equal(nano.stretched(table, 3), table[:3])


def test_model_from_scratch_is_a_language_model_with_a_vocabulary_of_its_texts(nano, tmp_path):
    texts = ["the quick fox jumps over Coimbra", "the fox was in Coimbra"] * 20
    model, tokenizer = nano.scratch(texts, 300, 64)
    model.config.prompt_mask = "prefix"
    model.save_pretrained(tmp_path)
    tokenizer.save_pretrained(tmp_path)
    layers = sum(p.numel() for name, p in model.named_parameters() if "proj" in name)
    assert layers == 6 * (4 * 384 * 384 + 2 * 384 * 1536)  # those of MiniLM
    loaded = load(str(tmp_path), device="cpu")
    assert isinstance(loaded.codec, SubwordCodec)
    assert loaded.model.config.prompt_mask == "prefix"
    assert loaded.codec.tokenizer.tokenize(" Coimbra") == ["ĠCoimbra"]
    assert loaded.codec.encode_prompt(Prompt("entities", "Find.", "person", "a fox")).ids
