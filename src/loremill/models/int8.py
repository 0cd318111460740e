# SPDX-License-Identifier: Apache-2.0
"""Linear layers with 8-bit weights, for faster inference on CPUs.

``y = scale_x * scale_w * (q_x @ q_w.T) + bias``: weights are rounded once with a scale per output channel, activations
at every call with a scale per token (Dettmers et al., 2022, section 2.1 "row-wise", 3.1 "vector-wise quantization",
https://arxiv.org/abs/2208.07339, without its float16 outliers), both symmetric; the product is exact in int32.

A scale per token makes a row's result independent of the batch it stands in; `torch.ao.quantization` (deprecated, as
fast) has one per batch. torchao 0.18 computes the same as here, but without `torch.compile` takes two to five times
as long.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from ..errors import ModelError

_LARGEST = 127
_SMALLEST_SCALE = 1e-12  # of a token or channel of zeros


class Int8Linear(nn.Module):
    """As ``linear``, ``(..., d_in)`` to ``(..., d_out)``, for inference; there is no float weight to train or merge."""

    def __init__(self, linear: nn.Linear) -> None:
        super().__init__()
        self.in_features, self.out_features = linear.in_features, linear.out_features
        quantized, scale = _quantized(linear.weight.detach().float())
        self.weight_int8: Tensor
        self.weight_scale: Tensor
        self.bias: Tensor
        self.register_buffer("weight_int8", quantized.T)  # (d_in, d_out), a view: the product wants it so
        self.register_buffer("weight_scale", scale[:, 0])  # (d_out,)
        bias = torch.zeros(self.out_features) if linear.bias is None else linear.bias.detach().float().clone()
        self.register_buffer("bias", bias)

    def forward(self, x: Tensor) -> Tensor:
        rows = x.reshape(-1, self.in_features)
        if not len(rows):
            return x.new_zeros(*x.shape[:-1], self.out_features)
        quantized, scale = _quantized(rows.float())
        y = torch._int_mm(quantized, self.weight_int8) * scale  # (rows, d_out), float32
        return torch.addcmul(self.bias, y, self.weight_scale).view(*x.shape[:-1], -1).to(x.dtype)


def _quantized(x: Tensor) -> tuple[Tensor, Tensor]:
    """``x``, ``(rows, columns)``, in int8 and its scales, ``(rows, 1)``: ``x`` is near their product."""
    scale = x.abs().amax(-1, keepdim=True).div_(_LARGEST).clamp_(min=_SMALLEST_SCALE)
    return (x / scale).round_().to(torch.int8), scale


def quantize(model: Any) -> None:
    """Replace the model's linear layers, in place, by `Int8Linear`; of adapted layers the one beneath the adapter.

    Embedding and head stay as they are: they are often one tensor, and under a grammar the head runs on few of its
    rows. So do the adapters themselves.

    Raises:
        ModelError: an adapter computes with the weights beneath it, or no layer can be replaced.
    """
    head = getattr(model, "get_output_embeddings", lambda: None)()
    # Peft's own test, a base class, would import it for models without adapters.
    adapted = [module for module in model.modules() if hasattr(module, "base_layer")]
    for module in adapted:
        if not _reads_output_only(module):
            raise ModelError(
                f"dtype int8 holds LoRA and experts only, got an adapter of {type(module).__name__}: "
                "merge it into its model, or give dtype float32"
            )
    own = {id(part) for module in adapted for part in module.modules() if part is not module.base_layer}
    found = [
        (parent, name, child)
        for parent in model.modules()
        for name, child in parent.named_children()
        if type(child) is nn.Linear and child is not head and id(child) not in own
    ]
    if not found:
        raise ModelError(f"dtype int8 needs linear layers, and {type(model).__name__} has none of torch.nn.Linear")
    for parent, name, child in found:
        setattr(parent, name, Int8Linear(child))


def _reads_output_only(module: Any) -> bool:
    """Whether an adapted layer adds to what the layer beneath it computes and does not touch its weights."""
    from peft.tuners.lora import LoraLayer

    from ..adapters.layer import ExpertLinear

    if isinstance(module, LoraLayer):
        return not module.lora_variant and not module.merged  # DoRA and its like
    return isinstance(module, ExpertLinear)
