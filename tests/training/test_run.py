# SPDX-License-Identifier: Apache-2.0
"""Whole runs from a configuration: killed and resumed, with LoRA, and over two processes."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
from dataclasses import asdict, replace
from pathlib import Path

import pytest
import torch
from peft import PeftModel
from safetensors.torch import load_file
from transformers import AutoModelForCausalLM

from loremill import Document, Extractor, Frame, Mention, assign_types
from loremill.errors import InputError, UnknownNameError
from loremill.models import load_model
from loremill.prompt import Habits
from loremill.training.config import Augmentation, CorpusShare, LoraSettings, MixtureSettings, TrainConfig
from loremill.training.loop import drawn_mask
from loremill.training.run import train


@pytest.fixture
def config(bert, data_dir, tmp_path) -> TrainConfig:
    return TrainConfig(
        model=str(bert),
        output=str(tmp_path / "run"),
        corpora=(CorpusShare("conll2003"),),
        data_dir=str(data_dir),
        augmentation=Augmentation(negatives=0.0),
        batch_size=4,
        lr=5e-3,
        max_steps=14,
        checkpoint_steps=4,
        threads=1,
    )


def weights(output: str | Path, part: str = "model/model.safetensors") -> dict[str, torch.Tensor]:
    return load_file(Path(output) / part)


def same(left: dict, right: dict) -> bool:
    return left.keys() == right.keys() and all(torch.equal(left[name], right[name]) for name in left)


def log_of(output: str | Path) -> list[dict]:
    return [json.loads(line) for line in (Path(output) / "log.jsonl").read_text().splitlines()]


_TRAIN = """
import json, os, signal, sys
from loremill.training.config import Augmentation, CorpusShare, TrainConfig
from loremill.training.run import train

settings = json.loads(sys.argv[1])
settings["corpora"] = tuple(CorpusShare(**{**share, "families": (), "unseen": ()}) for share in settings["corpora"])
settings["augmentation"] = Augmentation(**settings["augmentation"])
for name in ("moelora", "capability", "lora", "mixture"):
    settings.pop(name)

def on_step(progress):
    if progress.step == int(sys.argv[2]):
        os.kill(os.getpid(), signal.SIGKILL)

train(TrainConfig(**settings), on_step=on_step)
"""


def start(config: TrainConfig, *, kill_at: int = 0, **variables: str) -> subprocess.Popen[bytes]:
    """The run in a process of its own."""
    environment = {**os.environ, "HF_HUB_OFFLINE": "1", "OMP_NUM_THREADS": "1", **variables}
    command = [sys.executable, "-c", _TRAIN, json.dumps(asdict(config)), str(kill_at)]
    return subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)  # noqa: S603


def test_killed_and_resumed_run_equals_the_uninterrupted_one_bit_for_bit(config, tmp_path):
    straight = replace(config, output=str(tmp_path / "straight"))
    train(straight)
    process = start(config, kill_at=10)
    _, complaint = process.communicate(timeout=120)
    assert process.returncode == -signal.SIGKILL, complaint
    assert len(log_of(config.output)) == 10
    assert not (Path(config.output) / "model").exists()
    result = train(config, resume=True)
    assert result.steps == 14
    assert same(weights(straight.output), weights(config.output))
    lines = [[(line["step"], line["loss"], line["lr"]) for line in log_of(c.output)] for c in (straight, config)]
    assert lines[0] == lines[1]
    assert [step for step, _, _ in lines[0]] == list(range(1, 15))


def test_items_of_a_stopped_run_are_not_made_again_and_go_when_it_ends(config, monkeypatch):
    class Stopped(Exception):
        pass

    def stop(progress):
        if progress.step == 3:
            raise Stopped

    config = replace(config, max_steps=4, checkpoint_steps=2)
    with pytest.raises(Stopped):
        train(config, on_step=stop)
    assert [path.name for path in (Path(config.output) / "items").iterdir()] == ["epoch-0.safetensors"]
    monkeypatch.setattr("loremill.training.run.epoch_items", None)
    assert train(config, resume=True).items == 24
    assert not (Path(config.output) / "items").exists()


def test_result_is_a_model_with_its_tokenizer_and_what_made_it(config):
    result = train(replace(config, max_steps=2, max_text_tokens=50))
    assert (result.steps, result.items, result.too_long, result.unwritable) == (2, 24, 0, 0)
    record = json.loads((result.output / "run.json").read_text())
    assert record["config"]["seed"] == 42
    assert record["config"]["corpora"][0]["name"] == "conll2003"
    assert set(record["versions"]) >= {"python", "loremill", "torch", "transformers"}
    trained = load_model(str(result.output / "model"), device="cpu")
    assert trained.model.config.prompt_mask == "prefix"
    assert trained.model.config.habits == {"max_text_tokens": 50, "max_types": config.augmentation.max_types}
    assert (
        not list(result.output.rglob("*.bin"))
        + list(result.output.rglob("*.p*kl*"))
        + list(result.output.rglob("*.pt"))
    )


def test_leaks_are_left_out_and_what_was_compared_is_saved(config, tmp_path):
    result = train(replace(with_leak(config, tmp_path), max_steps=1))
    assert (result.items, result.removed) == (24, 1)
    saved = json.loads((result.output / "run.json").read_text())["mixture"]
    assert saved["removed"] == {"conll2003": 1}
    assert saved["leak_check"]["parts"] == ["conll2003 dev", "conll2003 test"]
    assert "phee" in saved["leak_check"]["absent"]


def test_leaks_are_refused_where_wanted(config, tmp_path):
    leaky = with_leak(config, tmp_path)
    with pytest.raises(InputError, match="conll2003-train-24 of conll2003 shares a sentence with a dev or test part"):
        train(replace(leaky, mixture=MixtureSettings(on_leak="refuse")))
    assert not Path(leaky.output).exists()


def test_run_is_not_resumed_when_the_mixture_has_lost_documents(config, tmp_path):
    leaky = replace(with_leak(config, tmp_path), max_steps=3, checkpoint_steps=2)
    train(leaky)
    with pytest.raises(InputError, match="was made by another configuration"):
        train(replace(leaky, data_dir=str(with_leak(config, tmp_path / "more", test=False).data_dir)), resume=True)


def with_leak(config: TrainConfig, folder: Path, *, test: bool = True) -> TrainConfig:
    """The configuration on a copy of the data where a training sentence also stands in the test part, if wanted."""
    words = ("nobody", "could", "say", "why", "the", "bridge", "was", "never", "finished")
    sentence = "".join(f"{word}\tO\n" for word in words)
    copy = shutil.copytree(config.data_dir, folder / "data") / "conll2003"
    with (copy / "train.txt").open("a") as file:
        file.write(f"\n{sentence}")
    if test:
        with (copy / "conll03_4col" / "test.txt").open("a") as file:
            file.write(f"\n{sentence}")
    return replace(config, data_dir=str(copy.parent))


def test_model_is_trained_to_type_given_words(config):
    result = train(replace(config, format="typing", max_steps=60, checkpoint_steps=60))
    assert (result.items, result.unwritable) == (48, 0)
    losses = [line["loss"] for line in log_of(result.output)]
    assert sum(losses[-10:]) < sum(losses[:10]) / 2
    trained = load_model(str(result.output / "model"), device="cpu")
    extractor = Extractor(trained, "person, location", format="typing")
    text = "the quick Ada and Coimbra and"
    doc = Document(text, "d", (Frame("?", Mention.at(10, 13)), Frame("?", Mention.at(18, 25))))
    (extraction,) = assign_types(extractor, [doc])
    assert {frame.type for frame in extraction.frames} <= {"person", "location"}
    assert len(extraction.frames) == 2
    assert all(frame.score is not None for frame in extraction.frames)


def test_formats_are_trained_together(config, bert):
    several = replace(config, formats={"listing": 0.5, "typing": 0.5}, max_steps=2)
    result = train(several)
    assert 24 < result.items < 48  # typing asks about each of two names by itself
    assert json.loads((result.output / "run.json").read_text())["config"]["formats"] == several.formats
    with pytest.raises(UnknownNameError, match="unknown format 'lists'"):
        train(replace(several, formats={"lists": 1.0}))


def test_texts_alone_are_learnt_and_a_stopped_run_goes_on(config, tmp_path):
    texts = replace(config, objective="text", prompt_mask="mixed", max_length_tokens=64, max_steps=40)
    straight = replace(texts, output=str(tmp_path / "straight"))
    train(straight)
    losses = [line["loss"] for line in log_of(straight.output)]
    assert sum(losses[-5:]) < 0.8 * sum(losses[:5])
    process = start(texts, kill_at=10)
    _, complaint = process.communicate(timeout=120)
    assert process.returncode == -signal.SIGKILL, complaint
    train(texts, resume=True)
    assert same(weights(straight.output), weights(texts.output))


def test_mixed_masks_are_other_losses_from_the_same_items(config):
    losses = {}
    for prompt_mask in ("model", "mixed"):
        run = replace(config, prompt_mask=prompt_mask, output=f"{config.output}-{prompt_mask}", max_steps=6)
        train(run)
        losses[prompt_mask] = [line["loss"] for line in log_of(run.output)]
    masks = [drawn_mask(run, step, 0) for step in range(1, 7)]
    assert len(set(masks)) > 1
    first = next(i for i, mask in enumerate(masks) if mask != "prefix")  # the model's
    assert losses["mixed"][:first] == losses["model"][:first]
    assert losses["mixed"][first] != losses["model"][first]


def test_lora_trains_an_adapter_and_nothing_else(config, bert):
    lora = LoraSettings(rank=2, alpha=4.0, target_modules=("query", "value"))
    seen = []
    result = train(replace(config, adapter="lora", lora=lora, max_steps=5, checkpoint_steps=2), on_step=seen.append)
    assert len(seen) == 5
    base = AutoModelForCausalLM.from_pretrained(bert)
    before = {name: tensor.clone() for name, tensor in base.state_dict().items()}
    adapted = PeftModel.from_pretrained(base, result.output / "adapter")
    tensors = weights(result.output, "adapter/adapter_model.safetensors")
    assert all("lora_" in name for name in tensors)
    assert len(tensors) == 2 * 2 * 2  # two factors, two modules, two layers
    assert all(tensor.abs().sum() > 0 for name, tensor in tensors.items() if "lora_B" in name)
    assert not (result.output / "model").exists()
    checkpoint = weights(result.output, "checkpoints/step-00000004/model.safetensors")
    assert all("lora_" in name for name in checkpoint)
    kept = adapted.unload().state_dict()
    assert same(before, {name: kept[name] for name in before})
    loaded = load_model(str(bert), adapter=str(result.output / "adapter"), device="cpu")
    assert loaded.identity["adapter"]
    assert loaded.habits == Habits(max_types=config.augmentation.max_types)


@pytest.mark.parametrize("adapter", ["none", "lora"])
def test_what_was_trained_without_definitions_is_asked_without(config, bert, adapter):
    settings = replace(config.augmentation, definitions=0.0)
    result = train(replace(config, adapter=adapter, augmentation=settings, max_steps=1))
    if adapter == "none":
        trained = load_model(str(result.output / "model"), device="cpu")
    else:
        trained = load_model(str(bert), adapter=str(result.output / "adapter"), device="cpu")
    assert trained.habits.skips_definitions


def test_habits_are_the_base_s_where_training_tells_nothing(config, bert, tmp_path):
    base = tmp_path / "base"
    shutil.copytree(bert, base)
    known = {"max_text_tokens": 30, "max_types": 50, "is_told_entities": True, "skips_definitions": True}
    settings = json.loads((base / "config.json").read_text())
    (base / "config.json").write_text(json.dumps(settings | {"habits": known}))
    lora = train(replace(config, model=str(base), adapter="lora", max_steps=1))
    trained = load_model(str(base), adapter=str(lora.output / "adapter"), device="cpu")
    assert trained.habits == Habits(30, config.augmentation.max_types, True, False)
    texts = train(replace(config, model=str(base), objective="text", output=str(tmp_path / "text"), max_steps=1))
    assert load_model(str(texts.output / "model"), device="cpu").habits == Habits(**known)


def test_lora_run_resumes_bit_for_bit(config, tmp_path):
    lora = replace(config, adapter="lora", lora=LoraSettings(rank=2, dropout=0.1), max_steps=6, checkpoint_steps=3)
    straight = replace(lora, output=str(tmp_path / "straight"))
    train(straight)

    class StoppedError(Exception):
        pass

    def on_step(progress):
        if progress.step == 5:
            raise StoppedError

    with pytest.raises(StoppedError):
        train(lora, on_step=on_step)
    train(lora, resume=True)
    part = "adapter/adapter_model.safetensors"
    assert same(weights(straight.output, part), weights(lora.output, part))


def test_resume_under_another_configuration_is_refused_and_leaves_the_run(config):
    train(replace(config, max_steps=3, checkpoint_steps=2))
    before = (Path(config.output) / "run.json").read_text()
    with pytest.raises(InputError, match="was made by another configuration") as raised:
        train(replace(config, lr=1e-4), resume=True)
    assert "\n" not in str(raised.value)
    assert (Path(config.output) / "run.json").read_text() == before


def test_run_does_not_overwrite_another(config):
    train(replace(config, max_steps=3, checkpoint_steps=2))
    with pytest.raises(InputError, match="holds a run already: resume it or choose another output"):
        train(config)


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"format": "list"}, UnknownNameError, "unknown format 'list'. Did you mean 'listing'"),
        ({"corpora": (CorpusShare("conl2003"),)}, UnknownNameError, "unknown corpus 'conl2003'. Did you mean"),
        ({"corpora": (CorpusShare("phee"),)}, InputError, "corpus 'phee' needs the folder"),
        (
            {"corpora": (CorpusShare("conll2003", families=("events",)),)},
            UnknownNameError,
            "family of conll2003 'events'",
        ),
        ({"max_length_tokens": 3}, InputError, "the mixture has no item that fits"),
        ({"model": "./nowhere"}, Exception, "model folder './nowhere' does not exist"),
    ],
)
def test_what_cannot_be_trained_is_one_line(config, changes, error, message):
    with pytest.raises(error) as raised:
        train(replace(config, **changes))
    assert message in str(raised.value)
    assert "\n" not in str(raised.value)


def test_two_processes_equal_one(config, steady_bert, tmp_path):
    alone = replace(config, model=str(steady_bert), max_steps=4, checkpoint_steps=2, output=str(tmp_path / "one"))
    train(alone)
    both = replace(alone, output=str(tmp_path / "two"))
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = str(found.getsockname()[1])
    shared = {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": port, "WORLD_SIZE": "2"}
    ranks = [start(both, RANK=str(i), LOCAL_RANK=str(i), **shared) for i in range(2)]
    for process in ranks:
        _, complaint = process.communicate(timeout=120)
        assert process.returncode == 0, complaint.decode()
    losses = [[line["loss"] for line in log_of(c.output)] for c in (alone, both)]
    assert losses[1] == pytest.approx(losses[0], rel=1e-4)  # gradients are added in another order
    assert len(losses[1]) == 4
    record = json.loads((Path(both.output) / "run.json").read_text())
    assert record["config"]["batch_size"] == 4
    assert weights(both.output).keys() == weights(alone.output).keys()
