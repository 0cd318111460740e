# SPDX-License-Identifier: Apache-2.0
"""What a training run is: one frozen dataclass, read from YAML with ``key=value`` overrides."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, get_args, get_origin, get_type_hints

from ..corpora import CorpusShare, MixtureSettings
from ..errors import InputError, UnknownNameError

__all__ = [
    "Augmentation",
    "CapabilitySettings",
    "CorpusShare",
    "LoraSettings",
    "MixtureSettings",
    "MoELoraSettings",
    "TrainConfig",
    "load_config",
]


@dataclass(frozen=True, slots=True)
class Augmentation:
    """How items vary from epoch to epoch; probabilities."""

    shuffle: bool = True  # order of the schema's types
    drop: float = 0.5  # keep a random part of the types
    negatives: float = 0.3  # add types of other data sets
    broader: float = 0.0  # ask for what some types are kinds of, beside or instead of them
    alias: float = 0.3  # another wording of a type's label, per type
    drop_roles: float = 0.2  # keep a random part of an event's roles
    keep_empty: float = 1.0  # documents without frames that stay
    max_types: int = 12  # types in one prompt
    max_type_words: int = 0  # of those types' labels, roles and definitions; 0: no limit
    parts: float = 0.5  # of a schema with more types a part at random; else first the types that have frames
    paraphrase: float = 0.5  # another wording of the task's instruction
    instructions: str = ""  # a file of pools of wordings, see docs/formats.md; empty: the library's
    max_given: int = 4  # frames of one document that are asked about when given, each in an item of its own
    given: float = 0.0  # tell the entities and ask for their relations, or a trigger and ask for its arguments
    mask: float = 0.0  # a neutral name ("type 3") for a type's label, per type that has a definition
    definitions: float = 1.0  # keep the types' definitions in the prompt; a masked type always has its own
    join: int = 1  # neighbouring documents that one item's text is made of at most; not of classes
    demonstrations: float = 0.0  # put worked examples of the same data set into the prompt
    max_demonstrations: int = 5  # of a prompt that has any, a random number from 1

    @property
    def skips_definitions(self) -> bool:
        """Whether no prompt has a definition, which extraction then leaves out too."""
        return not (self.definitions or self.mask)


@dataclass(frozen=True, slots=True)
class LoraSettings:
    """PEFT's LoRA, on all linear layers unless ``roles`` or ``target_modules`` say which."""

    rank: int = 8
    alpha: float = 16.0
    dropout: float = 0.0
    target_modules: tuple[str, ...] = ()  # ends of modules' names
    roles: tuple[str, ...] = ()  # of modules: q, k, v, o, gate, up, down

    def __post_init__(self) -> None:
        _one_target(self, "lora")


@dataclass(frozen=True, slots=True)
class MoELoraSettings:
    """A mixture of LoRA experts, see `adapters.MoELoraConfig`; without values as in the paper (Task-Aware)."""

    experts: int = 8
    rank: int = 4  # of each expert
    alpha: float = 32.0
    dropout: float = 0.05
    router: Literal["token", "schema", "task", "schema_only"] = "task"
    top_k: int = 0  # experts that take part in a token; 0: all
    scaling: Literal["per_expert", "global"] = "per_expert"
    task_encoder: str = "minilm"  # for the routers that read a schema or task
    task_norm: Literal["rms", "raw"] = "rms"
    task_sees_given: bool = False
    roles: tuple[str, ...] = ()  # none: q, k, v, o, gate, up, down, as far as the model has them
    target_modules: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        _one_target(self, "moelora")


@dataclass(frozen=True, slots=True)
class CapabilitySettings:
    """Capability experts, see `adapters.CapabilityConfig`; without values as in the paper (UC-UIE)."""

    sub_experts: int = 4  # of each capability
    rank: int = 4  # of each sub-expert
    alpha: float = 8.0
    dropout: float = 0.0
    routing: Literal["soft", "hard"] = "soft"
    shared_expert: bool = True
    bce_weight: float = 0.1
    entropy_weight: float = 0.1
    roles: tuple[str, ...] = ()  # none: gate, up, down, as far as the model has them
    target_modules: tuple[str, ...] = ()
    warming_epochs: int = 1  # over the sub-tasks of all documents, one capability at a time, before all else; 0: none
    warming_steps: int = 0  # instead of epochs; not counted in max_steps
    capability_share: float = 0.1  # of documents, asked about in one of their sub-tasks after it; 0 in the paper

    def __post_init__(self) -> None:
        _one_target(self, "capability")
        if min(self.warming_epochs, self.warming_steps) < 0 or not 0.0 <= self.capability_share <= 1.0:
            raise InputError(
                "capability needs warming_epochs and warming_steps of at least 0 and capability_share in 0..1, got "
                f"{self.warming_epochs}, {self.warming_steps} and {self.capability_share:g}"
            )

    @property
    def has_warming(self) -> bool:
        return bool(self.warming_epochs or self.warming_steps)


def _one_target(settings: LoraSettings | MoELoraSettings | CapabilitySettings, section: str) -> None:
    if settings.roles and settings.target_modules:
        raise InputError(f"{section} takes roles or target_modules, got both: leave one out")


@dataclass(frozen=True, slots=True)
class TrainConfig:
    """A training run. ``model`` is a local folder or a Hugging Face name."""

    model: str
    output: str
    corpora: tuple[CorpusShare, ...]
    mixture: MixtureSettings = field(default_factory=MixtureSettings)
    objective: Literal["answers", "text"] = "answers"  # text: every next token of the texts, nothing is extracted
    said_twice: float = 0.0  # of objective text: share of sequences that hold their texts twice
    format: str = "listing"
    formats: dict[str, float] = field(default_factory=dict)  # several, and how often; in the place of format
    data_dir: str = ""  # empty: LOREMILL_DATA
    adapter: Literal["none", "lora", "moelora", "capability"] = "none"
    lora: LoraSettings = field(default_factory=LoraSettings)
    moelora: MoELoraSettings = field(default_factory=MoELoraSettings)
    capability: CapabilitySettings = field(default_factory=CapabilitySettings)
    augmentation: Augmentation = field(default_factory=Augmentation)
    epochs: int = 1
    max_steps: int = 0  # 0: all epochs
    batch_size: int = 32
    grad_accum_steps: int = 1
    max_length_tokens: int = 256  # longer items are left out and counted
    max_text_tokens: int = 0  # documents of longer texts are cut into windows; 0: none is
    packing: bool = False  # several items in a row of up to max_length_tokens
    lr: float = 5e-4
    warmup_ratio: float = 0.05
    schedule: Literal["cosine", "linear", "constant"] = "cosine"
    weight_decay: float = 0.01
    max_grad_norm: float = 1.0
    prompt_mask: Literal["model", "mixed"] = "model"  # the model's own; mixed: causal, prefix or blocks by batch
    precision: Literal["no", "bf16"] = "no"
    gradient_checkpointing: bool = False  # compute layers again in the backward pass: less memory, more time
    checkpoint_steps: int = 500
    seed: int = 42
    threads: int = 0  # torch threads; 0: torch's choice

    def __post_init__(self) -> None:
        for name in ("epochs", "batch_size", "grad_accum_steps", "max_length_tokens", "checkpoint_steps"):
            if getattr(self, name) < 1:
                raise InputError(f"{name} needs to be at least 1, got {getattr(self, name)}")
        if self.max_text_tokens < 0:
            raise InputError(f"max_text_tokens needs to be at least 0, got {self.max_text_tokens}")
        if not 0.0 <= self.said_twice <= 1.0:
            raise InputError(f"said_twice needs to be in 0..1, got {self.said_twice:g}")
        if self.augmentation.join < 1:
            raise InputError(f"augmentation.join needs to be at least 1, got {self.augmentation.join}")
        if not all(share > 0 for share in self.formats.values()):
            raise InputError(f"formats needs shares above 0, got {self.formats}: leave out what is not wanted")
        if self.objective == "text" and self.reads_prompts:
            raise InputError(f"objective text has no prompts, which {self.adapter} reads: use adapter none or lora")

    @property
    def reads_prompts(self) -> bool:
        """Whether the adapter reads what an item is about; else keeping prompts with items only takes memory."""
        return self.adapter in ("moelora", "capability")

    @property
    def shares(self) -> dict[str, float]:
        """The formats, and how often each is asked for."""
        return self.formats or {self.format: 1.0}


def load_config(path: str | Path, overrides: Sequence[str] = ()) -> TrainConfig:
    """A configuration from a YAML file, with ``key=value`` or ``part.key=value`` overrides.

    Raises:
        InputError: the file cannot be read, or values do not fit; all faults in one line.
    """
    import yaml

    try:
        with open(path, encoding="utf-8") as file:
            given = yaml.safe_load(file)
    except OSError as error:
        raise InputError(f"configuration {str(path)!r} cannot be read: {error.strerror}") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise InputError(f"configuration {str(path)!r} is no YAML: {' '.join(str(error).split())}") from error
    if not isinstance(given, dict):
        raise InputError(f"configuration {str(path)!r} needs keys and values, got {type(given).__name__}")
    for override in overrides:
        _set(given, override)
    faults: list[str] = []
    config: TrainConfig = _build(TrainConfig, given, "", faults)
    if faults:
        raise InputError(f"configuration {str(path)!r}: {'; '.join(faults)}")
    return config


def _set(given: dict[str, Any], override: str) -> None:
    """Put ``key=value`` or ``part.key=value`` into ``given``."""
    import yaml

    key, is_set, value = override.partition("=")
    if not is_set:
        raise InputError(f"override needs key=value, got {override!r}")
    target = given
    *parents, last = key.split(".")
    for parent in parents:
        target = target.setdefault(parent, {})
        if not isinstance(target, dict):
            raise InputError(f"override {override!r} sets a key of {parent!r}, which has none")
    try:
        target[last] = yaml.safe_load(value)
    except yaml.YAMLError as error:
        raise InputError(f"override {override!r} is no YAML: {' '.join(str(error).split())}") from error


def _build(kind: Any, given: Any, where: str, faults: list[str]) -> Any:
    """An instance of the dataclass ``kind``; faults are gathered, not raised."""
    if not isinstance(given, Mapping):
        faults.append(f"{where or 'file'} needs keys and values, got {given!r}")
        return None
    hints = get_type_hints(kind)
    fields = {f.name: f for f in dataclasses.fields(kind)}
    values: dict[str, Any] = {}
    for key, value in given.items():
        if key not in fields:
            faults.append(str(UnknownNameError(f"key {where}".strip(), str(key), fields)))
            continue
        values[key] = _value(hints[key], value, f"{where}.{key}".strip("."), faults)
    required = [n for n, f in fields.items() if f.default is f.default_factory is dataclasses.MISSING]
    faults += [f"{where}.{n}".strip(".") + " is missing" for n in required if n not in values]
    if faults:
        return None
    try:
        return kind(**values)
    except InputError as error:
        faults.append(str(error))
        return None


def _value(hint: Any, value: Any, where: str, faults: list[str]) -> Any:
    if dataclasses.is_dataclass(hint):
        return _build(hint, value, where, faults)
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is tuple:
        if not isinstance(value, list):
            faults.append(f"{where} needs a list, got {value!r}")
            return ()
        return tuple(_value(arguments[0], v, f"{where}[{i}]", faults) for i, v in enumerate(value))
    if origin is dict:
        if not isinstance(value, Mapping):
            faults.append(f"{where} needs names and values, got {value!r}")
            return {}
        return {str(name): _value(arguments[1], v, f"{where}.{name}", faults) for name, v in value.items()}
    if origin is Literal:
        value = "no" if value is False and "no" in arguments else value
        if value not in arguments:
            faults.append(f"{where} needs one of {', '.join(arguments)}, got {value!r}")
        return value
    if hint is float and isinstance(value, str):  # YAML reads 5e-4 as text
        try:
            return float(value)
        except ValueError:
            pass
    fits = isinstance(value, (int, float) if hint is float else hint) and (hint is bool or not isinstance(value, bool))
    if not fits:
        faults.append(f"{where} needs {hint.__name__}, got {value!r}")
    return float(value) if hint is float and fits else value
