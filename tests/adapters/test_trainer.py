# SPDX-License-Identifier: Apache-2.0
"""transformers' Trainer and TRL's SFTTrainer train adapters whose routing values are columns of the data."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from peft import PeftModel, get_peft_model
from torch import Tensor
from transformers import Trainer, TrainingArguments

from loremill.adapters import CapabilityConfig, MoELoraConfig
from loremill.errors import AdapterError

from .models import D_TASK, PAD, VOCABULARY, base

ROWS = 8


def rows() -> list[dict[str, Any]]:
    """Items of unlike length: tokens, which of them are learned, and what gates read."""
    rng = torch.Generator().manual_seed(0)
    found = []
    for number in range(ROWS):
        ids = torch.randint(3, VOCABULARY, (6 + number % 3,), generator=rng)
        found.append(
            {
                "input_ids": ids,
                "labels": torch.cat([torch.full((4,), -100), ids[4:]]),
                "instruction": torch.arange(len(ids)) < 3,
                "task": torch.randn(D_TASK, generator=rng),
                "capabilities": torch.tensor([1, 1, number % 2]),
            }
        )
    return found


def collate(items: list[dict[str, Any]]) -> dict[str, Tensor]:
    """A batch, padded on the right."""
    fill = {"input_ids": PAD, "labels": -100, "instruction": False}
    batch = {n: torch.nn.utils.rnn.pad_sequence([item[n] for item in items], True, v) for n, v in fill.items()}
    lengths = torch.tensor([len(item["input_ids"]) for item in items])
    batch["attention_mask"] = (torch.arange(batch["input_ids"].shape[1]) < lengths[:, None]).long()
    return batch | {name: torch.stack([item[name] for item in items]) for name in ("task", "capabilities")}


def model(kind: str, **settings: Any) -> PeftModel:
    """Random adapters that add nothing yet."""
    torch.manual_seed(3)
    config = (
        MoELoraConfig(experts=3, d_task=D_TASK, **settings)
        if kind == "task"
        else CapabilityConfig(sub_experts=2, **settings)
    )
    return get_peft_model(base("llama", torch.float32), config)


def arguments(folder: Path, kind: type[TrainingArguments] = TrainingArguments, **settings: Any) -> TrainingArguments:
    given = {
        "output_dir": str(folder),
        "max_steps": 4,
        "per_device_train_batch_size": 4,
        "learning_rate": 0.05,
        "lr_scheduler_type": "constant",
        "max_grad_norm": 1e9,
        "remove_unused_columns": False,
        "report_to": [],
        "logging_steps": 1,
        "save_strategy": "no",
        "use_cpu": True,
        "disable_tqdm": True,
        "dataloader_pin_memory": False,
        "bf16": False,
    }
    return kind(**{**given, **settings})


def losses(trainer: Trainer) -> list[float]:
    return [entry["loss"] for entry in trainer.state.log_history if "loss" in entry]


def learned(before: dict[str, Tensor], trained: PeftModel) -> set[str]:
    """The parameters that have changed."""
    return {name for name, p in trained.named_parameters() if not torch.equal(before[name], p)}


@pytest.mark.parametrize("checkpointing", [False, True])
@pytest.mark.parametrize("kind", ["task", "capability"])
def test_the_trainer_trains_every_tensor_of_the_adapter_and_no_other(kind, checkpointing, tmp_path):
    adapter = model(kind)
    before = {name: p.detach().clone() for name, p in adapter.named_parameters()}
    settings = {"activation_checkpointing": True} if checkpointing else {}
    trainer = Trainer(adapter, arguments(tmp_path, **settings), train_dataset=rows(), data_collator=collate)
    trainer.train()
    assert learned(before, adapter) == {name for name, p in adapter.named_parameters() if p.requires_grad}
    assert losses(trainer)[-1] < losses(trainer)[0]


def test_checkpointing_in_the_trainer_changes_no_loss(tmp_path):
    found = []
    for settings in ({}, {"activation_checkpointing": True}):
        adapter = model("capability")
        trainer = Trainer(adapter, arguments(tmp_path, **settings), train_dataset=rows(), data_collator=collate)
        trainer.train()
        assert adapter.get_base_model().is_activation_checkpointing == bool(settings)
        found.append(losses(trainer))
    assert found[0] == pytest.approx(found[1], rel=1e-5)  # float32 sums in another order, four steps


@pytest.mark.parametrize("steps", [1, 2])
def test_the_trainer_s_loss_has_the_auxiliary_losses_in_it(steps, tmp_path):
    """The mean over a step's tokens is what the losses are at the start, however many passes a step has."""
    with_it, without = (model("capability", entropy_weight=weight, bce_weight=0.0) for weight in (2.0, 0.0))
    settings = {"max_steps": 1, "per_device_train_batch_size": 4 // steps, "gradient_accumulation_steps": steps}
    found = []
    for adapter in (with_it, without):
        trainer = Trainer(adapter, arguments(tmp_path, **settings), train_dataset=rows(), data_collator=collate)
        trainer.train()
        found.append(losses(trainer)[0])
    # experts begin nearly alike: of 3 capabilities with 2 sub-experts minus the entropy is -3 log 2, of which two are
    # active in every item and the third in every second one; routers of std 0.02 move it by less than 0.01
    assert found[0] - found[1] == pytest.approx(-2.0 * 3 * torch.log(torch.tensor(2.0)).item(), abs=0.05)


def test_a_trained_adapter_is_saved_by_the_trainer_and_loads(tmp_path):
    adapter = model("task")
    trainer = Trainer(adapter, arguments(tmp_path), train_dataset=rows(), data_collator=collate)
    trainer.train()
    trainer.save_model(str(tmp_path / "saved"))
    again = PeftModel.from_pretrained(base("llama", torch.float32), tmp_path / "saved").eval()
    batch = collate(rows())
    with torch.no_grad():
        torch.testing.assert_close(again(**batch).logits, adapter.eval()(**batch).logits)


def test_a_column_that_nothing_reads_is_refused(tmp_path):
    def misnamed(items: list[dict[str, Any]]) -> dict[str, Tensor]:
        batch = collate(items)
        return batch | {"tasks": batch.pop("task")}

    trainer = Trainer(model("task"), arguments(tmp_path), train_dataset=rows(), data_collator=misnamed)
    with pytest.raises(LookupError, match=r"'tasks'. Did you mean 'task'"):
        trainer.train()


def _sft(adapter: PeftModel, folder: Path) -> Trainer:
    trl = pytest.importorskip("trl")
    datasets = pytest.importorskip("datasets")
    from tests.tiny import byte_level

    data = datasets.Dataset.from_list([{n: v.tolist() for n, v in row.items()} for row in rows()])
    settings = arguments(folder, trl.SFTConfig, dataset_kwargs={"skip_prepare_dataset": True})

    def tensors(items: list[dict[str, Any]]) -> dict[str, Tensor]:
        return collate([{name: torch.tensor(value) for name, value in item.items()} for item in items])

    tokenizer = byte_level()
    tokenizer.pad_token = tokenizer.eos_token
    return trl.SFTTrainer(adapter, settings, train_dataset=data, data_collator=tensors, processing_class=tokenizer)


@pytest.mark.filterwarnings("ignore::FutureWarning", "ignore::DeprecationWarning", "ignore::UserWarning")
@pytest.mark.parametrize(("kind", "settings"), [("task", {}), ("capability", {"bce_weight": 0, "entropy_weight": 0})])
def test_sft_of_trl_trains(kind, settings, tmp_path):
    adapter = model(kind, **settings)
    before = {name: p.detach().clone() for name, p in adapter.named_parameters()}
    trainer = _sft(adapter, tmp_path)
    trainer.train()
    assert learned(before, adapter) == {name for name, p in adapter.named_parameters() if p.requires_grad}
    assert losses(trainer)[-1] < losses(trainer)[0]


@pytest.mark.filterwarnings("ignore::FutureWarning", "ignore::DeprecationWarning", "ignore::UserWarning")
def test_sft_of_trl_which_drops_auxiliary_losses_is_refused_with_them(tmp_path):
    with pytest.raises(AdapterError, match="compute the loss themselves and would drop the auxiliary losses"):
        _sft(model("capability"), tmp_path).train()
