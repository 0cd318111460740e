# SPDX-License-Identifier: Apache-2.0
"""The precision of routing: a softmax or a mean over tokens in half precision would blur which expert takes part."""

from __future__ import annotations

import torch
from torch import Tensor


def wide(x: Tensor) -> Tensor:
    """``x`` in float32, or in its own precision where that is higher."""
    return x.to(torch.promote_types(x.dtype, torch.float32))
