# SPDX-License-Identifier: Apache-2.0
"""Random models with experts or LoRAs, and their logits on the same tokens."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from peft import PeftModel, get_peft_model
from torch import Tensor

from loremill.adapters import MoELoraConfig, RoutingContext, routed

from .models import VOCABULARY, base, randomise

IDS = torch.randint(3, VOCABULARY, (3, 9), generator=torch.Generator().manual_seed(5))
SMALL: dict[str, Any] = {"r": 2, "alpha": 3.0}


def close(given: Tensor, expected: Tensor) -> None:
    """In float64; the bases normalise and rotate in float32, which turns a last digit into one of float32."""
    torch.testing.assert_close(given, expected, rtol=1e-6, atol=1e-6)


def logits(model: Any, **context: Tensor) -> Tensor:
    with torch.no_grad(), routed(RoutingContext(**context)):
        found: Tensor = model(input_ids=IDS).logits
    return found


def adapted(architecture: str, config: Any, *, dtype: torch.dtype = torch.float64) -> PeftModel:
    model = get_peft_model(base(architecture, dtype), config)
    randomise(model)
    return model.eval()


def with_lora(architecture: str, folder: Path, *, dtype: torch.dtype = torch.float64) -> PeftModel:
    return PeftModel.from_pretrained(base(architecture, dtype), folder).eval()


def constant(**settings: Any) -> MoELoraConfig:
    return MoELoraConfig(**{"experts": 3, "r": 2, "alpha": 3.0, "router": "constant", **settings})
