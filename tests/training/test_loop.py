# SPDX-License-Identifier: Apache-2.0
"""The loop: learning rates, steps that do not depend on how they are cut, and checkpoints that resume bit for bit."""

from __future__ import annotations

import json
import math
from dataclasses import replace

import pytest
import torch

from loremill.errors import InputError
from loremill.formats import listing
from loremill.models.likelihood import Item, collate
from loremill.models.loading import load
from loremill.schema.types import FrameType, Schema
from loremill.training.checkpoint import Place, load_checkpoint, save_checkpoint
from loremill.training.config import TrainConfig
from loremill.training.loop import fit, learning_rate
from loremill.training.objective import answer_loss, answer_tokens

PEOPLE = Schema((FrameType("person"), FrameType("location")))
CONFIG = TrainConfig("m", "o", (), batch_size=4, lr=1e-2, max_steps=6, checkpoint_steps=2, epochs=9, threads=1)
TEXTS = ["Ada was in Coimbra", "fox", "the lazy dog jumps over Ada", "Lovelace", "a firm in Portugal and Coimbra"]


class StoppedError(Exception):
    """A run was cut off."""


def items_of(codec):
    pairs = [(text, f" person: {text.split()[0].lower()}") for text in [*TEXTS, *TEXTS[::-1]]][:8]
    items = [Item(*codec.encode_pair(listing.prompt(PEOPLE, text), answer)) for text, answer in pairs]
    return lambda epoch: items if epoch % 2 == 0 else items[::-1]


def run(folder, output, config=CONFIG, *, resume=False, stop_at=None, identity="i"):
    """Weights after a run."""
    loaded = load(str(folder), device="cpu")

    def on_step(progress):
        if progress.step == stop_at:
            raise StoppedError

    model = fit(
        loaded.model,
        items_of(loaded.codec),
        config,
        codec=loaded.codec,
        output=output,
        identity=identity,
        resume=resume,
        on_step=on_step,
    )
    return {name: tensor.clone() for name, tensor in model.state_dict().items()}


def log_of(output) -> list[dict]:
    return [json.loads(line) for line in (output / "log.jsonl").read_text().splitlines()]


def same(left: dict, right: dict) -> bool:
    return left.keys() == right.keys() and all(torch.equal(left[name], right[name]) for name in left)


@pytest.mark.parametrize(
    ("schedule", "expected"),
    [
        ("constant", [0.5, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0]),
        ("linear", [0.5, 1.0, 1.0, 0.875, 0.75, 0.625, 0.5, 0.375, 0.25, 0.125]),
        ("cosine", [0.5, 1.0, *(math.cos(math.pi * k / 16) ** 2 for k in range(8))]),
    ],
)
def test_learning_rate_warms_up_then_follows_its_schedule(schedule, expected):
    config = replace(CONFIG, lr=1.0, warmup_ratio=0.2, schedule=schedule)
    assert [learning_rate(step, 10, config) for step in range(10)] == pytest.approx(expected)


def test_one_step_is_all_the_warm_up_there_is():
    assert learning_rate(0, 1, CONFIG) == CONFIG.lr


def test_loss_of_a_step_is_the_mean_over_its_answer_tokens(steady_bert):
    loaded = load(str(steady_bert), device="cpu")
    items = items_of(loaded.codec)(0)
    count = answer_tokens(items)
    assert count == sum(len(item.answer.ids) for item in items)
    whole = answer_loss(loaded.model, collate(items, 0), total_answer_tokens=count)
    parts = [answer_loss(loaded.model, collate([item], 0), total_answer_tokens=count) for item in items]
    assert whole.item() == pytest.approx(sum(p.item() for p in parts), abs=1e-5)


def test_step_does_not_depend_on_its_cut_into_micro_batches(steady_bert, tmp_path):
    config = replace(CONFIG, max_steps=3, batch_size=8, lr=1e-3)
    once = run(steady_bert, tmp_path / "once", config)
    for size, accum in ((2, 4), (3, 3)):
        cut = run(steady_bert, tmp_path / f"cut{size}", replace(config, batch_size=size, grad_accum_steps=accum))
        for name, tensor in once.items():
            if name.endswith("key.bias"):  # a softmax does not see it: its gradient is rounding, which Adam scales up
                continue
            # sums of about 30 gradients are added in another order: 30 * 6e-8, scaled by Adam to the rate of 1e-3
            torch.testing.assert_close(cut[name], tensor, atol=1e-5, rtol=1e-4)
    losses = [[line["loss"] for line in log_of(tmp_path / name)] for name in ("once", "cut2", "cut3")]
    assert losses[1] == pytest.approx(losses[0], rel=1e-4)
    assert losses[2] == pytest.approx(losses[0], rel=1e-4)


def test_run_learns(steady_bert, tmp_path):
    run(steady_bert, tmp_path, replace(CONFIG, max_steps=12))
    losses = [line["loss"] for line in log_of(tmp_path)]
    assert losses[-1] < 0.8 * losses[0]


def test_run_is_a_function_of_the_seed(bert, tmp_path):
    config = replace(CONFIG, max_steps=3)
    first = run(bert, tmp_path / "a", config)
    assert same(first, run(bert, tmp_path / "b", config))
    assert not same(first, run(bert, tmp_path / "c", replace(config, seed=43)))


@pytest.mark.parametrize("accum", [1, 2])
def test_resumed_run_equals_the_uninterrupted_one(bert, tmp_path, accum):
    config = replace(CONFIG, batch_size=3, grad_accum_steps=accum)
    straight = run(bert, tmp_path / "straight", config)
    with pytest.raises(StoppedError):
        run(bert, tmp_path / "cut", config, stop_at=5)
    assert len(log_of(tmp_path / "cut")) == 5
    resumed = run(bert, tmp_path / "cut", config, resume=True)
    assert same(straight, resumed)
    keys = ("step", "epoch", "loss", "lr")
    lines = [[{key: line[key] for key in keys} for line in log_of(tmp_path / name)] for name in ("straight", "cut")]
    assert lines[0] == lines[1]


def test_resume_without_a_checkpoint_starts_afresh(bert, tmp_path):
    config = replace(CONFIG, max_steps=2)
    with pytest.raises(StoppedError):
        run(bert, tmp_path / "cut", config, stop_at=1)
    assert same(run(bert, tmp_path / "cut", config, resume=True), run(bert, tmp_path / "straight", config))
    assert [line["step"] for line in log_of(tmp_path / "cut")] == [1, 2]


def test_half_written_checkpoints_and_log_lines_are_ignored(bert, tmp_path):
    straight = run(bert, tmp_path / "straight")
    with pytest.raises(StoppedError):
        run(bert, tmp_path / "cut", stop_at=5)
    checkpoints = tmp_path / "cut" / "checkpoints"
    (checkpoints / ".part-00000006").mkdir()
    (checkpoints / ".part-00000006" / "model.safetensors").write_bytes(b"half")
    (checkpoints / "step-00000006").mkdir()
    with open(tmp_path / "cut" / "log.jsonl", "a") as log:
        log.write('{"step": 6, "ep')
    assert same(straight, run(bert, tmp_path / "cut", resume=True))
    assert [line["step"] for line in log_of(tmp_path / "cut")] == [1, 2, 3, 4, 5, 6]


def test_checkpoints_are_tensors_and_json_and_the_last_two(bert, tmp_path):
    run(bert, tmp_path, replace(CONFIG, max_steps=8))
    checkpoints = tmp_path / "checkpoints"
    assert sorted(p.name for p in checkpoints.iterdir()) == ["step-00000004", "step-00000006"]
    names = {p.name for p in (checkpoints / "step-00000006").iterdir()}
    assert names == {"model.safetensors", "optimizer.safetensors", "random.safetensors", "state.json"}
    state = json.loads((checkpoints / "step-00000006" / "state.json").read_text())
    assert state == {"step": 6, "epoch": 2, "batch": 2, "stage": 0, "before": 0, "identity": "i"}


def test_resume_under_another_configuration_is_refused(bert, tmp_path):
    with pytest.raises(StoppedError):
        run(bert, tmp_path, stop_at=3)
    with pytest.raises(InputError) as raised:
        run(bert, tmp_path, resume=True, identity="j")
    assert str(raised.value) == (
        f"checkpoint step-00000002 in {str(tmp_path / 'checkpoints')!r} was made by another configuration: "
        "use that configuration, or another output folder"
    )


def test_checkpoint_restores_weights_moments_place_and_chance(tmp_path):
    def made():
        model = torch.nn.Linear(3, 2)
        return model, torch.optim.AdamW(model.parameters(), lr=0.1)

    model, optimizer = made()
    for _ in range(2):
        model(torch.ones(3)).sum().backward()
        optimizer.step()
    save_checkpoint(tmp_path, model, optimizer, Place(7, 1, 3), "i")
    drawn = torch.rand(4)
    other, other_optimizer = made()
    assert load_checkpoint(tmp_path, other, other_optimizer, "i") == Place(7, 1, 3)
    assert torch.equal(torch.rand(4), drawn)
    assert same(model.state_dict(), other.state_dict())
    for left, right in zip(model.parameters(), other.parameters(), strict=True):
        assert same(optimizer.state[left], other_optimizer.state[right])


def test_no_checkpoint_is_the_beginning(tmp_path):
    assert load_checkpoint(tmp_path / "none", None, None, "i") == Place(0, 0, 0)


def test_epoch_without_items_is_refused(bert, tmp_path):
    loaded = load(str(bert), device="cpu")
    with pytest.raises(ValueError, match="an epoch without items cannot be trained on"):
        fit(loaded.model, lambda epoch: [], CONFIG, codec=loaded.codec, output=tmp_path, identity="i", resume=False)
