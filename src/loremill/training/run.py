# SPDX-License-Identifier: Apache-2.0
"""A training run from its configuration: model, adapter, mixture, loop, and what is saved beside the result."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import platform
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

from ..corpora import Mixture, check_mixture, read_mixture
from ..errors import InputError, UnknownNameError
from ..formats import FORMATS
from ..formats.instructions.pools import pools_of
from ..models.habits import habits_of
from ..models.habits import save as save_habits
from ..models.habits import to_dict as habits_to_dict
from ..models.likelihood import Item
from ..models.prompt_mask import prompt_mask_of
from ..prompt import Habits
from .adapters import with_adapter
from .checkpoint import check_identity
from .config import TrainConfig, load_config
from .cutting import cut_mixture
from .examples import Counts, epoch_items
from .given_pairs import tells_entities
from .loop import Progress, fit
from .stages import WARMING, Stage
from .stored_items import load_items, save_items
from .texts import text_items

ITEMS = "items"
"""Folder of the items of a run's epochs, until it ends."""


@dataclass(frozen=True, slots=True)
class TrainResult:
    """Where the result lies, how many items an epoch has and how many were left out of the first.

    ``removed`` counts the documents that were left out of all because they share a sentence with a dev or test part.
    ``warming_steps`` come before ``steps``.
    """

    output: Path
    steps: int
    items: int
    too_long: int
    unwritable: int
    removed: int = 0
    warming_steps: int = 0


def train(
    config: TrainConfig | str | Path,
    overrides: Sequence[str] = (),
    *,
    resume: bool = False,
    on_step: Callable[[Progress], None] = lambda progress: None,
) -> TrainResult:
    """Train a model or an adapter and save it under ``config.output`` (``model/`` or ``adapter/``).

    Beside it: ``run.json`` with the resolved configuration, versions and seed, and ``log.jsonl``.

    Raises:
        InputError: the configuration does not fit, or the output holds another run and ``resume`` is not set.
    """
    import torch
    from accelerate import PartialState

    from ..models.loading import load as load_model

    if not isinstance(config, TrainConfig):
        config = load_config(config, overrides)
    for name in config.shares:
        if name not in FORMATS:
            raise UnknownNameError("format", name, FORMATS)
    output = Path(config.output)
    if not resume and (output / "checkpoints").exists():
        raise InputError(f"{str(output)!r} holds a run already: resume it or choose another output")
    check_mixture(config.corpora, config.mixture, data_dir=config.data_dir or None)
    loaded = load_model(config.model, dtype="float32")
    torch.manual_seed(config.seed)  # an adapter starts at random
    model = with_adapter(loaded.model, config)
    mixture = read_mixture(config.corpora, config.mixture, seed=config.seed, data_dir=config.data_dir or None)
    mixture = cut_mixture(mixture, loaded.codec, config.max_text_tokens)
    identity = _identity(config, mixture, loaded.identity)
    mask = "blocks" if config.prompt_mask == "mixed" else prompt_mask_of(loaded.model.config)
    counts: dict[int, Counts] = {}
    last: Progress | None = None
    share = config.capability.capability_share if config.adapter == "capability" else 0.0

    def made(epoch: int, **settings: Any) -> list[Item]:
        stored, name = output / ITEMS / f"epoch-{epoch}.safetensors", f"{identity}/{epoch}"
        if not config.reads_prompts and (known := load_items(stored, name)) is not None:
            counts[epoch] = known[1]
            return known[0]
        if config.objective == "text":
            make: Any = partial(text_items, prompt_mask=mask, said_twice=config.said_twice)
        else:
            asked: dict[str, Any] = {
                "format": config.shares,
                "settings": config.augmentation,
                "max_text_tokens": config.max_text_tokens,
            }
            make = partial(epoch_items, **asked, **settings)
        longest = config.max_length_tokens
        items: list[Item]
        items, found = make(mixture.sources, loaded.codec, max_length_tokens=longest, seed=config.seed, epoch=epoch)
        if not items:
            raise InputError("the mixture has no item that fits: check corpora, limits and max_length_tokens")
        if "is_warming" not in settings:
            counts[epoch] = found
        if config.reads_prompts:
            return items
        if PartialState().is_main_process:
            save_items(stored, items, found, name)
        return [item._replace(about=None) for item in items]

    def note_step(progress: Progress) -> None:
        nonlocal last
        last = progress
        on_step(progress)

    warming = []
    if config.adapter == "capability" and config.capability.has_warming:
        settings = config.capability
        warming = [Stage(WARMING, lambda e: made(e, is_warming=True), settings.warming_steps, settings.warming_epochs)]
    if resume:
        check_identity(output / "checkpoints", identity)
    output.mkdir(parents=True, exist_ok=True)
    of_run = {"config": dataclasses.asdict(config), "mixture": mixture.to_dict()}
    record = {**of_run, "versions": _versions(), "identity": identity}
    (output / "run.json").write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")
    model = fit(
        model,
        lambda epoch: made(epoch, capability_share=share),
        config,
        codec=loaded.codec,
        output=output,
        identity=identity,
        resume=resume,
        before=warming,
        on_step=note_step,
    )
    before = habits_of(loaded.model.config)
    habits = _habits(config, mixture, before)
    if config.adapter == "none":
        model.config.habits = habits_to_dict(habits)
    if PartialState().is_main_process:
        shutil.rmtree(output / ITEMS, ignore_errors=True)
        model.save_pretrained(output / ("model" if config.adapter == "none" else "adapter"), safe_serialization=True)
        if config.adapter == "none":
            loaded.codec.tokenizer.save_pretrained(output / "model")
        else:
            save_habits(output / "adapter", habits, before)
    removed = sum(mixture.removed.values())
    steps, warmed = (last.step, last.before) if last is not None else (0, 0)
    return TrainResult(output, steps, counts[0].items, counts[0].too_long, counts[0].unwritable, removed, warmed)


def _habits(config: TrainConfig, mixture: Mixture, before: Habits) -> Habits:
    """How the result is best asked: as the run asked it, and as its base is where the run does not tell."""
    if config.objective == "text":
        return before
    has_relations = any(source.family == "relations" for source in mixture.sources)
    return Habits(
        config.max_text_tokens or before.max_text_tokens,
        config.augmentation.max_types,
        tells_entities(mixture.sources, config.augmentation) if has_relations else before.is_told_entities,
        config.augmentation.skips_definitions,
    )


def _identity(config: TrainConfig, mixture: Mixture, weights: dict[str, str]) -> str:
    """What must agree for a run to be resumed: everything but where it lies, how often it is saved, how long it is.

    A run resumed with another length goes on under that length's learning rates. How many documents each source has is
    part of it, for they change with what the leak check finds.
    """
    settings = dataclasses.asdict(config)
    settings["augmentation"]["instructions"] = dict(pools_of(config.augmentation.instructions))
    for free in ("output", "checkpoint_steps", "data_dir", "threads", "model", "max_steps", "epochs"):
        settings.pop(free)
    sizes = [(source.name, source.family, len(source.documents)) for source in mixture.sources]
    text = json.dumps([settings, sizes, weights["weights"]], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _versions() -> dict[str, str]:
    packages = ("loremill", "torch", "transformers", "peft", "accelerate", "tokenizers")
    return {"python": platform.python_version(), **{name: version(name) for name in packages}}
