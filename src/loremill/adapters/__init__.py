# SPDX-License-Identifier: Apache-2.0
"""Mixtures of LoRA experts as PEFT adapters: one bank, many gates.

After ``import loremill.adapters``, ``get_peft_model`` takes `MoELoraConfig` and `CapabilityConfig`, and
``PeftModel.from_pretrained`` reads folders saved with them.
"""

from __future__ import annotations

from .bank import Expert, ExpertBank
from .capability import NEEDED, CapabilityConfig
from .context import RoutingContext, routed
from .describe import Describer, describer_of
from .encoder import TaskEncoder, encoder_size
from .gates import CAPABILITIES
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
    "record_routing",
    "routed",
]
