# SPDX-License-Identifier: Apache-2.0
"""Configurations: overrides, and faults gathered in one line."""

from __future__ import annotations

import pytest

from loremill.errors import InputError
from loremill.training.config import CorpusShare, LoraSettings, MixtureSettings, TrainConfig, load_config

MINIMAL = "model: some/model\noutput: out\ncorpora: [{name: conll2003}]\n"


def config_of(tmp_path, text: str, *overrides: str) -> TrainConfig:
    path = tmp_path / "train.yaml"
    path.write_text(text, encoding="utf-8")
    return load_config(path, overrides)


def fault(tmp_path, text: str, *overrides: str) -> str:
    with pytest.raises(InputError) as raised:
        config_of(tmp_path, text, *overrides)
    assert "\n" not in str(raised.value)
    return str(raised.value).replace(str(tmp_path / "train.yaml"), "FILE")


def test_what_is_not_given_keeps_its_default(tmp_path):
    config = config_of(tmp_path, MINIMAL)
    assert config == TrainConfig("some/model", "out", (CorpusShare("conll2003"),))


def test_a_run_has_one_format_or_several_with_shares(tmp_path):
    assert config_of(tmp_path, MINIMAL, "format=frames").shares == {"frames": 1.0}
    several = config_of(tmp_path, f"{MINIMAL}formats: {{listing: 2, frames: 0.5}}", "formats.typing=1e-1")
    assert several.shares == {"listing": 2.0, "frames": 0.5, "typing": 0.1}


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("formats=listing", "formats needs names and values, got 'listing'"),
        ("formats={listing: much}", "formats.listing needs float, got 'much'"),
        ("formats={listing: 1, frames: 0}", "formats needs shares above 0, got {'listing': 1.0, 'frames': 0.0}"),
        ("prompt_mask=some", "prompt_mask needs one of model, mixed, got 'some'"),
        ("objective=texts", "objective needs one of answers, text, got 'texts'"),
    ],
)
def test_what_formats_masks_and_objectives_need(tmp_path, override, message):
    assert message in fault(tmp_path, MINIMAL, override)


def test_experts_that_read_prompts_are_not_trained_on_texts(tmp_path):
    told = fault(tmp_path, MINIMAL, "objective=text", "adapter=capability")
    assert "objective text has no prompts, which capability reads" in told
    assert config_of(tmp_path, MINIMAL, "objective=text", "adapter=lora").objective == "text"


@pytest.mark.parametrize("written", ["5e-4", "5.0e-4", "0.0005", "'5e-4'"])
def test_floats_are_written_as_one_likes(tmp_path, written):
    assert config_of(tmp_path, f"{MINIMAL}lr: {written}").lr == 5e-4


def test_whole_number_is_a_float(tmp_path):
    config = config_of(tmp_path, MINIMAL, "lora.alpha=8", "max_grad_norm=0")
    assert (config.lora.alpha, config.max_grad_norm) == (8.0, 0.0)
    assert isinstance(config.lora.alpha, float)


def test_overrides_reach_parts_and_lists(tmp_path):
    config = config_of(
        tmp_path,
        f"{MINIMAL}lora: {{rank: 4}}\n",
        "lora.alpha=32",
        "lora.target_modules=[query, value]",
        "augmentation.drop=0",
        "epochs=3",
        "precision=no",
        "adapter=lora",
        "corpora=[{name: phee, repeat: 0.5, families: [events]}]",
    )
    assert config.lora == LoraSettings(4, 32.0, 0.0, ("query", "value"))
    assert config.augmentation.drop == 0.0
    assert (config.epochs, config.precision, config.adapter) == (3, "no", "lora")
    assert config.corpora == (CorpusShare("phee", 0.5, ("events",)),)


def test_mixture_is_a_part(tmp_path):
    config = config_of(
        tmp_path,
        f"{MINIMAL}mixture: {{temperature: .inf, held_out: [phee], licences: research}}\n",
        "mixture.fraction=0.05",
        "corpora=[{name: conll04, unseen: [kills], unseen_share: 0.2}]",
    )
    assert config.mixture == MixtureSettings(float("inf"), fraction=0.05, held_out=("phee",), licences="research")
    assert config.corpora == (CorpusShare("conll04", unseen=("kills",), unseen_share=0.2),)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("epoch: 3", "unknown key 'epoch'. Did you mean 'epochs'? Known: adapter, "),
        ("lora: {ranks: 3}", "unknown key lora 'ranks'. Did you mean 'rank'?"),
        ("epochs: many", "epochs needs int, got 'many'"),
        ("epochs: true", "epochs needs int, got True"),
        ("epochs: 1.5", "epochs needs int, got 1.5"),
        ("lr: fast", "lr needs float, got 'fast'"),
        ("lr:", "lr needs float, got None"),
        ("schedule: cosin", "schedule needs one of cosine, linear, constant, got 'cosin'"),
        ("corpora: conll2003", "corpora needs a list, got 'conll2003'"),
        ("corpora: [conll2003]", "corpora[0] needs keys and values, got 'conll2003'"),
        ("corpora: [{name: a}, {repeat: 2}]", "corpora[1].name is missing"),
        ("lora: 3", "lora needs keys and values, got 3"),
        ("augmentation: {shuffle: 1}", "augmentation.shuffle needs bool, got 1"),
        ("mixture: {licences: free}", "mixture.licences needs one of permissive, research, all, got 'free'"),
        ("mixture: {on_leak: keep}", "mixture.on_leak needs one of remove, refuse, got 'keep'"),
        ("mixture: {fraction: 2}", "fraction of a mixture needs to be above 0 and at most 1, got 2"),
        ("mixture: {leaks: false}", "unknown key mixture 'leaks'."),
        ("corpora: [{name: a, repeat: -1}]", "corpus 'a' of a mixture needs repeat >= 0"),
        ("batch_size: 0", "batch_size needs to be at least 1, got 0"),
        ("grad_accum_steps: -1", "grad_accum_steps needs to be at least 1, got -1"),
        ("checkpoint_steps: 0", "checkpoint_steps needs to be at least 1, got 0"),
        ("epochs: 0", "epochs needs to be at least 1, got 0"),
    ],
)
def test_fault_says_what_was_wanted_and_given(tmp_path, line, message):
    key = line.partition(":")[0]
    text = "".join(f"{kept}\n" for kept in MINIMAL.splitlines() if not kept.startswith(f"{key}:")) + line
    assert fault(tmp_path, text).startswith(f"configuration 'FILE': {message}")


def test_several_faults_are_one_line(tmp_path):
    message = fault(tmp_path, "model: m\nepoch: 3\nlr: fast\nlora: {rank: x}\n")
    for part in ("unknown key 'epoch'", "lr needs float", "lora.rank needs int", "output is missing", "; "):
        assert part in message


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("epochs", "override needs key=value, got 'epochs'"),
        ("epochs=x", "epochs needs int, got 'x'"),
        ("epoch=3", "Did you mean 'epochs'?"),
        ("lora.ranks=3", "Did you mean 'rank'?"),
        ("model.name=3", "override 'model.name=3' sets a key of 'model', which has none"),
        ("corpora.0.name=x", "override 'corpora.0.name=x' sets a key of 'corpora', which has none"),
        ("lr=[", "override 'lr=[' is no YAML"),
    ],
)
def test_override_that_does_not_fit(tmp_path, override, message):
    assert message in fault(tmp_path, MINIMAL, override)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[1, 2]", "configuration 'FILE' needs keys and values, got list"),
        ("", "configuration 'FILE' needs keys and values, got NoneType"),
        ("a: [", "configuration 'FILE' is no YAML: "),
    ],
)
def test_file_that_is_no_configuration(tmp_path, text, message):
    assert fault(tmp_path, text).startswith(message)


def test_missing_file(tmp_path):
    with pytest.raises(InputError, match=r"configuration '.*none\.yaml' cannot be read: No such file"):
        load_config(tmp_path / "none.yaml")


def test_recipe_is_a_configuration(request):
    config = load_config(request.config.rootpath / "recipes" / "nano.yaml", ["output=elsewhere"])
    assert (config.output, config.lr) == ("elsewhere", 5e-4)


def test_page_on_training_names_every_key_of_a_mixture(request):
    page = (request.config.rootpath / "docs" / "training.md").read_text("utf-8")
    assert not [name for name in MixtureSettings.__dataclass_fields__ if f"`{name}`" not in page]
