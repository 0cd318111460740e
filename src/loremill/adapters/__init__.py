# SPDX-License-Identifier: Apache-2.0
"""Mixtures of LoRA experts as PEFT adapters: one bank, many gates.

After ``import loremill.adapters``, ``get_peft_model`` takes `MoELoraConfig` and `CapabilityConfig`, and
``PeftModel.from_pretrained`` reads folders saved with them. `export_lora` and `experts_from_loras` lead to plain LoRAs
and back.
"""

from __future__ import annotations

from ..prompt import CAPABILITIES
from .bank import Expert, ExpertBank
from .capability import NEEDED, CapabilityConfig
from .context import RoutingContext, routed
from .describe import Describer, describer_of
from .encoder import TaskEncoder, encoder_size
from .export import export_lora
from .joining import experts_from_loras
from .moelora import MoELoraConfig
from .recording import RoutingRecord, record_routing

__all__ = [
    "CAPABILITIES",
    "NEEDED",
    "CapabilityConfig",
    "Describer",
    "Expert",
    "ExpertBank",
    "MoELoraConfig",
    "RoutingContext",
    "RoutingRecord",
    "TaskEncoder",
    "describer_of",
    "encoder_size",
    "experts_from_loras",
    "export_lora",
    "record_routing",
    "routed",
]
