# SPDX-License-Identifier: Apache-2.0
"""Tiny models of each architecture with each kind of adapter, and a batch of items, for the laws.

Everything is drawn at random and in float64: a law that fails does so by far more than rounding. Gates that choose
(top-k) hold the laws in the precision that they are used in, float32.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import torch
from peft import PeftConfig, PeftModel, get_peft_model
from torch import Tensor
from transformers import (
    BertConfig,
    BertLMHeadModel,
    GPTNeoXConfig,
    GPTNeoXForCausalLM,
    LlamaConfig,
    LlamaForCausalLM,
    MistralConfig,
    MistralForCausalLM,
    PreTrainedModel,
    Qwen2Config,
    Qwen2ForCausalLM,
    Qwen3Config,
    Qwen3ForCausalLM,
)

from loremill.adapters import CapabilityConfig, MoELoraConfig, RoutingContext, routed
from loremill.models.codec import ANSWER, CONTEXT, SCHEMA, Encoded
from loremill.models.prompt_mask import PADDING, attention_mask, for_attention, pad, prompt_mask_of

VOCABULARY = 61
D_TASK = 11
PAD = 0

_SIZES: dict[str, Any] = {
    "vocab_size": VOCABULARY,
    "hidden_size": 24,
    "intermediate_size": 40,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "max_position_embeddings": 64,
    "pad_token_id": PAD,
    "bos_token_id": 1,
    "eos_token_id": 2,
}
_GROUPED: dict[str, Any] = {**_SIZES, "num_key_value_heads": 2}


def _nano() -> PreTrainedModel:
    config = BertConfig(
        **_SIZES,
        type_vocab_size=2,
        attention_probs_dropout_prob=0.0,
        hidden_dropout_prob=0.0,
        is_decoder=True,
        tie_word_embeddings=True,
    )
    config.update({"prompt_mask": "prefix"})
    return BertLMHeadModel(config)


ARCHITECTURES: dict[str, Callable[[], PreTrainedModel]] = {
    "llama": lambda: LlamaForCausalLM(LlamaConfig(**_GROUPED)),
    "qwen2": lambda: Qwen2ForCausalLM(Qwen2Config(**_GROUPED)),
    "qwen3": lambda: Qwen3ForCausalLM(Qwen3Config(**_GROUPED, head_dim=6)),
    "mistral": lambda: MistralForCausalLM(MistralConfig(**_GROUPED, sliding_window=None)),
    "gpt_neox": lambda: GPTNeoXForCausalLM(GPTNeoXConfig(**_SIZES, hidden_act="gelu")),
    "nano": _nano,
}
"""Random base models; ``nano`` is of the kind that ships: BERT as a decoder, prompts read in both directions."""

_MOELORA: dict[str, Any] = {"experts": 4, "r": 2, "alpha": 3.0}
_CAPABILITY: dict[str, Any] = {"sub_experts": 3, "r": 2, "alpha": 3.0}
ADAPTERS: dict[str, Callable[[], PeftConfig]] = {
    "token": lambda: MoELoraConfig(**_MOELORA, router="token"),
    "schema": lambda: MoELoraConfig(**_MOELORA, router="schema", d_task=D_TASK, task_norm="raw"),
    "task": lambda: MoELoraConfig(**_MOELORA, router="task", d_task=D_TASK),
    "schema_only": lambda: MoELoraConfig(**_MOELORA, router="schema_only", d_task=D_TASK),
    "top_k": lambda: MoELoraConfig(**_MOELORA, router="task", d_task=D_TASK, top_k=2),
    "constant": lambda: MoELoraConfig(**_MOELORA, router="constant", weights=[0.25, 1.0, -0.5, 0.75]),
    "soft": lambda: CapabilityConfig(**_CAPABILITY),
    "hard": lambda: CapabilityConfig(**_CAPABILITY, routing="hard"),
    "unshared": lambda: CapabilityConfig(**_CAPABILITY, shared_expert=False),
}
PAIRS = [
    *(("llama", adapter) for adapter in ADAPTERS),
    *(("nano", adapter) for adapter in ADAPTERS),
    *((architecture, "task") for architecture in ("qwen2", "qwen3", "mistral", "gpt_neox")),
    *((architecture, "soft") for architecture in ("qwen2", "qwen3", "mistral", "gpt_neox")),
    ("gpt_neox", "top_k"),
]
"""Architectures and adapters of the laws: all adapters on two, those that read most on all."""


def dtype_of(adapter: str) -> torch.dtype:
    """The precision in which laws are looked at for an adapter."""
    return torch.float32 if adapter == "top_k" else torch.float64


def close(given: Tensor, expected: Tensor, adapter: str) -> None:
    """Hold two ways to compute logits or gradients against one another.

    Sums over at most 61 numbers of order 1 in two layers, taken in another order: 1e-4 of them in float32. In float64
    the bases still normalise (RMSNorm) and rotate in float32, which turns a last digit into one of float32: 1e-6.
    """
    tolerance = 1e-4 if dtype_of(adapter) == torch.float32 else 1e-6
    torch.testing.assert_close(given, expected, rtol=tolerance, atol=tolerance, check_dtype=False)


def base(architecture: str, dtype: torch.dtype = torch.float64) -> PreTrainedModel:
    """A random model, ready for inference."""
    model = ARCHITECTURES[architecture]()
    rng = torch.Generator().manual_seed(0)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            noise = torch.randn(parameter.shape, generator=rng) * 0.2
            parameter.copy_(noise + 1.0 if "norm" in name.lower() and name.endswith("weight") else noise)
    return model.to(dtype).eval()


def randomise(model: torch.nn.Module, *, seed: int = 4) -> None:
    """Draw every adapter tensor anew, such that experts and gates differ."""
    rng = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if "_bank." in name or "_gate." in name:
                parameter.copy_(torch.randn(parameter.shape, generator=rng) * (0.3 if "_bank." in name else 0.15))


def adapted(architecture: str, adapter: str, *, dtype: torch.dtype | None = None) -> PeftModel:
    """A random model with a random adapter, ready for inference."""
    model = get_peft_model(base(architecture, dtype or dtype_of(adapter)), ADAPTERS[adapter]())
    randomise(model)
    return model.eval()


@dataclass(frozen=True)
class Sample:
    """An item: begin mark, instruction and schema, text, answer; and what gates are told about it."""

    prompt: Encoded
    answer: Encoded
    task: Tensor
    capabilities: tuple[int, int, int]

    @property
    def whole(self) -> Encoded:
        return self.prompt + self.answer


def samples(*, seed: int = 2) -> list[Sample]:
    """Items of unlike length; each capability is needed by some and not by others."""
    rng = torch.Generator().manual_seed(seed)
    found = []
    sizes = ((5, 6, 4), (3, 9, 6), (7, 2, 3), (4, 4, 5))
    for (schema, text, answer), needed in zip(sizes, ((1, 1, 0), (1, 1, 1), (1, 0, 0), (0, 1, 1)), strict=True):
        ids = torch.randint(3, VOCABULARY, (schema + text + answer,), generator=rng).tolist()
        parts = [SCHEMA] * schema + [CONTEXT] * (text - 1) + [ANSWER] * (1 + answer)
        types = [i % 2 for i in range(schema + text)] + [(schema + text - 1) % 2] * answer
        end = schema + text
        prompt, rest = (
            Encoded(tuple(ids[s]), tuple(parts[s]), tuple(types[s])) for s in (slice(end), slice(end, None))
        )
        found.append(Sample(prompt, rest, torch.randn(D_TASK, generator=rng, dtype=torch.float64), needed))
    return found


def batch_of(rows: Sequence[Encoded], side: Literal["left", "right"] = "right", **packing: Any) -> dict[str, Tensor]:
    """Rows as tensors, see `pad`."""
    return pad(rows, PAD, side=side, **packing)


def context_of(items: Sequence[Sample], batch: dict[str, Tensor]) -> RoutingContext:
    """What gates are told about items, in the order of the batch's rows and of the items in a row."""
    return RoutingContext(
        real=batch["parts"] != PADDING,
        instruction=(batch["parts"] == SCHEMA) & (batch["position_ids"] > 0),  # without the begin mark
        items=batch.get("items"),
        task=torch.stack([item.task for item in items]),
        capabilities=torch.tensor([item.capabilities for item in items]),
    )


def inputs_of(model: Any, batch: dict[str, Tensor]) -> dict[str, Tensor]:
    """Keywords of the model, with the attention mask that its configuration names."""
    mask = attention_mask(prompt_mask_of(model.config), batch["parts"], batch.get("items"))
    inputs = {name: batch[name] for name in ("input_ids", "position_ids")}
    if model.config.model_type == "bert":
        inputs["token_type_ids"] = batch["token_type_ids"]
    return {**inputs, "attention_mask": for_attention(mask, model)}


def logits_of(model: Any, items: Sequence[Sample], side: Literal["left", "right"] = "right") -> list[Tensor]:
    """Logits of each item's tokens, ``(tokens, vocabulary)``, of one batch padded on ``side``."""
    batch = batch_of([item.whole for item in items], side)
    with routed(context_of(items, batch)):
        logits = model(**inputs_of(model, batch), use_cache=False).logits
    return [row[real] for row, real in zip(logits, batch["parts"] != PADDING, strict=True)]


def adapter_parameters(model: torch.nn.Module) -> dict[str, torch.nn.Parameter]:
    """Trainable tensors, by name."""
    return {name: parameter for name, parameter in model.named_parameters() if parameter.requires_grad}
