# SPDX-License-Identifier: Apache-2.0
"""Which modules of an architecture play which role: one table, by the model's type."""

from __future__ import annotations

import re
from collections.abc import Iterable

from ..errors import AdapterError, UnknownNameError

ATTENTION = ("q", "k", "v", "o")
FEED_FORWARD = ("gate", "up", "down")
ROLES = (*ATTENTION, *FEED_FORWARD)

_LLAMA = {
    **{role: rf"self_attn\.{role}_proj" for role in ATTENTION},
    **{role: rf"mlp\.{role}_proj" for role in FEED_FORWARD},
}
_BERT = {
    "q": r"attention\.self\.query",
    "k": r"attention\.self\.key",
    "v": r"attention\.self\.value",
    "o": r"attention\.output\.dense",
    "up": r"intermediate\.dense",
    "down": r"output\.dense",
}
MODULES: dict[str, dict[str, str]] = {
    **dict.fromkeys(
        (
            "llama",
            "mistral",
            "qwen2",
            "qwen3",
            "gemma",
            "gemma2",
            "gemma3_text",
            "cohere",
            "olmo2",
            "smollm3",
            "granite",
        ),
        _LLAMA,
    ),
    "phi3": {
        "qkv": r"self_attn\.qkv_proj",
        "o": r"self_attn\.o_proj",
        "gate+up": r"mlp\.gate_up_proj",
        "down": r"mlp\.down_proj",
    },
    "gpt_neox": {
        "qkv": r"attention\.query_key_value",
        "o": r"attention\.dense",
        "up": r"mlp\.dense_h_to_4h",
        "down": r"mlp\.dense_4h_to_h",
    },
    "gpt2": {"qkv": r"attn\.c_attn", "o": r"attn\.c_proj", "up": r"mlp\.c_fc", "down": r"mlp\.c_proj"},
    "opt": {
        **{role: rf"self_attn\.{role}_proj" for role in ("q", "k", "v")},
        "o": r"self_attn\.out_proj",
        "up": r"fc1",
        "down": r"fc2",
    },
    "bert": _BERT,
}
"""By ``model_type``: the path within a layer of the module of a role; ``qkv`` and ``gate+up`` are fused."""

_FUSED = {"qkv": ("q", "k", "v"), "gate+up": ("gate", "up")}


def target_regex(
    model_type: str,
    roles: Iterable[str] = ROLES,
    *,
    needed: Iterable[str] = (),
    layers: Iterable[int] | int | None = None,
) -> str:
    """A regular expression over whole module paths, for PEFT's ``target_modules``: ``layers.3.self_attn.q_proj``.

    Roles that an architecture lacks are passed over (a BERT-like model has no gate), but for those in ``needed``.

    Args:
        layers: their numbers; None: all.

    Raises:
        UnknownNameError: no such role.
        AdapterError: the architecture is not in the table, lacks a needed role, or fuses a role with one not asked for.
    """
    wanted = list(roles)
    for role in wanted:
        if role not in ROLES:
            raise UnknownNameError("target role", role, ROLES)
    if model_type not in MODULES:
        raise AdapterError(
            f"roles of modules are not known of {model_type!r}, but of {', '.join(sorted(MODULES))}: "
            "give target_modules, names or a regular expression"
        )
    table = MODULES[model_type]
    ends: list[str] = []
    for name, end in table.items():
        parts = _FUSED.get(name, (name,))
        asked = [role for role in parts if role in wanted]
        if asked and len(asked) < len(parts):
            raise AdapterError(
                f"{model_type} computes {', '.join(parts)} in one module, so {', '.join(asked)} alone cannot be "
                f"targeted: ask for all of {', '.join(parts)} or none"
            )
        if asked:
            ends.append(end)
    lacking = [role for role in needed if not any(role in _FUSED.get(name, (name,)) for name in table)]
    if lacking or not ends:
        raise AdapterError(f"{model_type} has no {', '.join(lacking or wanted)}")
    numbers = [layers] if isinstance(layers, int) else layers
    layer = r"\d+" if numbers is None else f"(?:{'|'.join(map(str, numbers))})"
    return rf"(?:.*\.)?{layer}\.(?:{'|'.join(ends)})"


def matches(pattern: str, path: str) -> bool:
    return re.fullmatch(pattern, path) is not None
