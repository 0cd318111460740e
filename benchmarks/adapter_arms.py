# SPDX-License-Identifier: Apache-2.0
"""What `adapters.py` compares: a frozen base, and ways to adapt it with about as many parameters."""

from __future__ import annotations

import re
import tempfile
import warnings
from collections.abc import Callable, Iterable
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

import torch
from peft import ArrowConfig, LoraConfig, XLoraConfig, create_arrow_model, get_peft_model
from torch import Tensor, nn
from transformers import AutoModelForCausalLM, LlamaConfig, LlamaForCausalLM

from loremill.adapters import CapabilityConfig, MoELoraConfig, RoutingContext
from loremill.adapters.targets import FEED_FORWARD, ROLES, target_regex
from loremill.models.loading import resolve

RANK, ALPHA, EXPERTS, SUB_EXPERTS, D_TASK = 4, 32, 8, 4, 384
WIDTH = 1024


class Layer(nn.Module):
    """A model of one linear layer."""

    def __init__(self) -> None:
        super().__init__()
        self.linear = nn.Linear(WIDTH, WIDTH, bias=False)

    def forward(self, inputs_embeds: Tensor) -> Tensor:
        out: Tensor = self.linear(inputs_embeds)
        return out


class Loop(nn.Module):
    """A linear layer with a mixture as TA-MoELoRA's eqs 1 to 3 are written: one expert after the other."""

    def __init__(self, base_layer: nn.Linear) -> None:
        super().__init__()
        d_in, d_out = base_layer.in_features, base_layer.out_features
        self.base_layer = base_layer
        self.router = nn.Linear(d_in, EXPERTS, bias=False)
        self.A = nn.ModuleList(nn.Linear(d_in, RANK, bias=False) for _ in range(EXPERTS))
        self.B = nn.ModuleList(nn.Linear(RANK, d_out, bias=False) for _ in range(EXPERTS))

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = self.base_layer(x)
        weights = self.router(x).softmax(-1)
        for e, (down, up) in enumerate(zip(self.A, self.B, strict=True)):
            out = out + weights[..., e : e + 1] * up(down(x)) * (ALPHA / RANK)
        return out


@dataclass
class Setting:
    """A frozen base and what is put into it; ``x`` are token ids, of a layer its input."""

    name: str
    base: nn.Module
    x: Tensor
    context: RoutingContext
    decode_rows: int
    decode_steps: int

    @property
    def is_layer(self) -> bool:
        return self.name == "layer"

    @property
    def task_type(self) -> str | None:
        """PEFT's."""
        return None if self.is_layer else "CAUSAL_LM"

    def targets(self, roles: Iterable[str]) -> str:
        return "linear" if self.is_layer else target_regex(self.base.config.model_type, roles)

    def read(self, model: nn.Module) -> Any:
        return model(inputs_embeds=self.x) if self.is_layer else model(input_ids=self.x)

    def copy_of_base(self) -> nn.Module:
        """A copy of the base's modules around the same weights."""
        return deepcopy(self.base, {id(value): value for value in (*self.base.parameters(), *self.base.buffers())})


def make_setting(name: str, tokens: int, layers: int, rows: int, steps: int, device: str) -> Setting:
    torch.manual_seed(0)
    if name == "layer":
        base: nn.Module = Layer()
        x = torch.randn(1, tokens, WIDTH, device=device, requires_grad=True)
    else:
        base = _llama(layers) if name == "llama" else AutoModelForCausalLM.from_pretrained(resolve("nano")).float()
        length = min(256, tokens)
        x = torch.randint(1000, base.config.vocab_size, (tokens // length, length), device=device)
    base = base.to(device).requires_grad_(False)
    return Setting(name, base, x, context_of(x.shape[0], x.shape[1]).to(x.device), rows, steps)


def _llama(layers: int) -> nn.Module:
    config = LlamaConfig(
        vocab_size=8192,
        hidden_size=WIDTH,
        intermediate_size=2816,
        num_hidden_layers=layers,
        num_attention_heads=16,
        num_key_value_heads=16,
        max_position_embeddings=2048,
        tie_word_embeddings=True,
    )
    return LlamaForCausalLM(config)


def context_of(rows: int, tokens: int) -> RoutingContext:
    """Rows without padding, the first half instruction; every capability is needed."""
    instruction = (torch.arange(tokens) < max(1, tokens // 2)).expand(rows, -1)
    return RoutingContext(
        real=torch.ones(rows, tokens, dtype=torch.bool),
        instruction=instruction,
        task=torch.randn(rows, D_TASK),
        capabilities=torch.ones(rows, 3),
    )


def _lora(setting: Setting, rank: int, roles: Iterable[str] = ROLES) -> nn.Module:
    targets = setting.targets(roles)
    config = LoraConfig(r=rank, lora_alpha=ALPHA, target_modules=targets, task_type=setting.task_type)
    return get_peft_model(setting.copy_of_base(), config)


def _mixture(setting: Setting, router: str) -> nn.Module:
    config = MoELoraConfig(
        r=RANK,
        experts=EXPERTS,
        router=router,
        d_task=D_TASK if router == "task" else 0,
        target_modules=setting.targets(ROLES),
        task_type=setting.task_type,
    )
    return get_peft_model(setting.copy_of_base(), config)


def _capability(setting: Setting) -> nn.Module:
    targets = setting.targets(FEED_FORWARD)
    config = CapabilityConfig(r=RANK, sub_experts=SUB_EXPERTS, target_modules=targets, task_type=setting.task_type)
    return get_peft_model(setting.copy_of_base(), config)


def _loop(setting: Setting) -> nn.Module:
    model = setting.copy_of_base()
    for path, module in list(model.named_modules()):
        if isinstance(module, nn.Linear) and re.fullmatch(setting.targets(ROLES), path):
            model.set_submodule(path, Loop(module).to(module.weight))
    return model


def _saved(setting: Setting, folder: str) -> str:
    _at_random(_lora(setting, RANK)).save_pretrained(folder)
    return folder


def _xlora(setting: Setting) -> nn.Module:
    if setting.is_layer:
        raise NotImplementedError("it reads the hidden states of a transformers model")
    base = setting.copy_of_base()
    base.config = deepcopy(base.config)
    base.config.use_cache = False
    with tempfile.TemporaryDirectory() as folder:
        saved = dict.fromkeys(map(str, range(EXPERTS)), _saved(setting, folder))
        config = XLoraConfig(hidden_size=base.config.hidden_size, adapters=saved, use_trainable_adapters=True)
        return get_peft_model(base, config)


def _arrow(setting: Setting) -> nn.Module:
    with tempfile.TemporaryDirectory() as folder:
        paths = [_saved(setting, folder)] * EXPERTS
        return create_arrow_model(setting.copy_of_base(), paths, ArrowConfig(top_k=3))


@dataclass(frozen=True)
class Arm:
    """A way to adapt the base, and the arm whose time its own is divided by."""

    build: Callable[[Setting], nn.Module]
    against: str = "LoRA 32"


ARMS = {
    "base": Arm(Setting.copy_of_base),
    "LoRA 32": Arm(lambda setting: _lora(setting, RANK * EXPERTS)),
    "token": Arm(lambda setting: _mixture(setting, "token")),
    "task": Arm(lambda setting: _mixture(setting, "task")),
    "LoRA 52": Arm(lambda setting: _lora(setting, RANK * (3 * SUB_EXPERTS + 1), FEED_FORWARD), "LoRA 52"),
    "capability": Arm(_capability, "LoRA 52"),
    "loop": Arm(_loop),
    "X-LoRA": Arm(_xlora),
    "Arrow": Arm(_arrow),
}


def build(setting: Setting, arm: str) -> nn.Module:
    """An arm's model, every trained tensor of it at random."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = ARMS[arm].build(setting)
    if arm == "base" and not setting.is_layer:
        model.enable_input_require_grads()
    return _at_random(model)


def _at_random(model: nn.Module) -> nn.Module:
    for value in model.parameters():
        if value.requires_grad:
            nn.init.normal_(value, std=0.02)
    return model
