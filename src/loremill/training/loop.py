# SPDX-License-Identifier: Apache-2.0
"""The training loop: accelerate for devices, ranks and precision; our own items, loss and checkpoints."""

from __future__ import annotations

import contextlib
import json
import math
import random
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from ..adapters.describe import Describer, describer_of
from ..models.codec import Codec
from ..models.likelihood import Item, collate, collate_packed, pack
from ..models.prompt_mask import PROMPT_MASKS, PromptMask
from .attention import trained_by_rows
from .checkpoint import Place, load_checkpoint, save_checkpoint
from .config import TrainConfig
from .objective import Step, describe, losses
from .stages import MULTI_TASK, EpochItems, Stage, steps_of


@dataclass(frozen=True, slots=True)
class Progress:
    """One optimizer step: its loss (mean over answer tokens), learning rate and speed.

    Args:
        step: of its stage, from 1.
        total_steps: of its stage.
        terms: of the loss, where an adapter adds some to that of the answers, without their weights: ``task_loss``,
            ``bce``, ``entropy``.
        stage: its name.
        before: steps of the stages before it.
    """

    step: int
    total_steps: int
    epoch: int
    loss: float
    lr: float
    tokens_per_s: float
    terms: Mapping[str, float] = field(default_factory=dict)
    stage: str = MULTI_TASK
    before: int = 0


def learning_rate(step: int, total_steps: int, config: TrainConfig) -> float:
    """Learning rate of ``step`` (from 0): linear warm-up, then the schedule down to 0 at ``total_steps``."""
    warmup = max(1, round(config.warmup_ratio * total_steps))
    if step < warmup:
        return config.lr * (step + 1) / warmup
    done = (step - warmup) / max(1, total_steps - warmup)
    factor = {"cosine": 0.5 * (1 + math.cos(math.pi * done)), "linear": 1 - done, "constant": 1.0}[config.schedule]
    return config.lr * factor


def drawn_mask(config: TrainConfig, step: int, batch: int) -> PromptMask | None:
    """The prompt mask of a step's batch where a run mixes them, the same on all ranks; None: the model's own."""
    if config.prompt_mask == "model":
        return None
    return random.Random(f"{config.seed}/{step}/{batch}/mask").choice(PROMPT_MASKS)


def fit(
    model: Any,
    items_of: EpochItems,
    config: TrainConfig,
    *,
    codec: Codec,
    output: Path,
    identity: str,
    resume: bool,
    before: Sequence[Stage] = (),
    on_step: Callable[[Progress], None] = lambda progress: None,
) -> Any:
    """Train ``model`` in place and return it; a step's items depend on the seed alone.

    Stages of ``before`` are trained first; ``max_steps`` and ``epochs`` are those of ``items_of`` alone.

    Every ``checkpoint_steps`` a checkpoint goes to ``output/checkpoints``; with ``resume`` the run goes on from
    the last one and ends with the same weights as if it had not been stopped. A line of JSON per step
    goes to ``output/log.jsonl``.
    """
    from accelerate import Accelerator

    # without being told, accelerate takes processes that torchrun starts on a machine of CPUs for so many runs of one
    accelerator = Accelerator(mixed_precision=config.precision, cpu=not torch.accelerator.is_available())
    if config.threads:
        torch.set_num_threads(config.threads)
    torch.manual_seed(config.seed)
    optimizer = torch.optim.AdamW(_groups(model, config), lr=config.lr, fused=True)
    stages = [*before, Stage(MULTI_TASK, items_of, config.max_steps, config.epochs)]
    if config.gradient_checkpointing:
        model.activation_checkpointing_enable({"use_reentrant": False})
    model, optimizer = accelerator.prepare(model, optimizer)
    bare, inner = accelerator.unwrap_model(model), getattr(optimizer, "optimizer", optimizer)
    describer = describer_of(bare)  # its encoder runs where the model does
    checkpoints = output / "checkpoints"
    start = load_checkpoint(checkpoints, bare, inner, identity) if resume else Place()
    model.train()
    is_main = accelerator.is_main_process
    logged = _open_log(output / "log.jsonl", start.step) if is_main else contextlib.nullcontext()
    with logged as log, trained_by_rows(bare, accelerator.device):
        for to_do in steps_of(stages, config, start):
            started, place = time.perf_counter(), to_do.place
            lr = learning_rate(to_do.step - 1, to_do.total_steps, config)
            for group in inner.param_groups:
                group["lr"] = lr
            masks = [drawn_mask(config, place.step, i) for i in range(len(to_do.micros))]
            terms = _step(accelerator, model, optimizer, describer, to_do.micros, masks, config, codec)
            tokens = sum(item.tokens for micro in to_do.micros for item in micro)
            speed = tokens / (time.perf_counter() - started)
            if log is not None:
                name = {"stage": to_do.stage} if len(stages) > 1 else {}
                record = {"step": place.step, **name, "epoch": place.epoch, **terms, "lr": lr}
                log.write(json.dumps({**record, "tokens_per_s": round(speed)}) + "\n")
                log.flush()
                loss, steps = terms.pop("loss"), (to_do.step, to_do.total_steps)
                on_step(Progress(*steps, place.epoch, loss, lr, speed, terms, to_do.stage, place.before))
                if place.step % config.checkpoint_steps == 0 and not to_do.is_last:
                    save_checkpoint(checkpoints, bare, inner, place, identity)
    accelerator.wait_for_everyone()
    return bare


def _step(
    accelerator: Any,
    model: Any,
    optimizer: Any,
    describer: Describer | None,
    micros: list[list[Item]],
    masks: Sequence[PromptMask | None],
    config: TrainConfig,
    codec: Codec,
) -> dict[str, float]:
    """One optimizer step over its micro-batches; the loss and its terms, see `objective.losses`."""
    ranks, rank = accelerator.num_processes, accelerator.process_index
    step = Step.of(micros, ranks)
    summed: dict[str, Tensor] = {}
    for i, micro in enumerate(micros):
        mine = micro[rank::ranks]
        items, batch = _batch(mine or micro[:1], config, codec.pad_id)
        context = describe(describer, items, batch, codec) if describer is not None else None
        batch = {name: tensor.to(accelerator.device) for name, tensor in batch.items()}
        last = i == len(micros) - 1
        with _synchronised(accelerator, model, last), accelerator.autocast():
            terms = losses(model, batch, step, items=len(mine), context=context, prompt_mask=masks[i])
            accelerator.backward(terms["loss"])
        for name, term in terms.items():
            summed[name] = summed.get(name, 0.0) + term.detach()
    if config.max_grad_norm:
        accelerator.clip_grad_norm_(model.parameters(), config.max_grad_norm)
    optimizer.step()
    optimizer.zero_grad()
    values = torch.stack(list(summed.values()))
    return dict(zip(summed, accelerator.reduce(values, "mean").tolist(), strict=True))


def _batch(items: Sequence[Item], config: TrainConfig, pad_id: int) -> tuple[Sequence[Item], dict[str, Tensor]]:
    """A batch on the CPU, and its items in the order in which it holds them."""
    if not config.packing:
        return items, collate(items, pad_id)
    rows = pack(items, config.max_length_tokens)
    return [item for row in rows for item in row], collate_packed(rows, pad_id)


def _synchronised(accelerator: Any, model: Any, last: bool) -> Any:
    return contextlib.nullcontext() if last else accelerator.no_sync(model)


def _groups(model: Any, config: TrainConfig) -> list[dict[str, Any]]:
    """Trainable parameters, with weight decay on matrices only."""
    trainable = [p for p in model.parameters() if p.requires_grad]
    return [
        {"params": [p for p in trainable if p.ndim >= 2], "weight_decay": config.weight_decay},
        {"params": [p for p in trainable if p.ndim < 2], "weight_decay": 0.0},
    ]


def _open_log(path: Path, step: int) -> Any:
    """The log, cut back to what was done at ``step``, open for appending."""
    path.parent.mkdir(parents=True, exist_ok=True)
    kept = []
    if step and path.exists():
        for line in path.read_text(encoding="utf-8").splitlines():
            try:
                if json.loads(line)["step"] <= step:
                    kept.append(line + "\n")
            except (json.JSONDecodeError, KeyError):
                break  # the line a killed run was writing
    path.write_text("".join(kept), encoding="utf-8")
    return open(path, "a", encoding="utf-8")
