# SPDX-License-Identifier: Apache-2.0
"""The expert bank: any number of LoRA experts of one linear layer in two matrix products.

    delta(x) = B · (w · A x),   A (ranks, d_in), B (d_out, ranks)

where ``ranks`` is the sum of the experts' ranks and ``w`` holds, for each of these rows, its expert's weight times
its expert's scale (alpha / rank). Equal to the sum over experts of ``weight · scale · B_e A_e x`` (TA-MoELoRA,
eqs 1 and 2; UC-UIE, eqs 2, 5, 7 and 9), at the cost of one LoRA of rank ``ranks``.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from ..errors import AdapterError


@dataclass(frozen=True, slots=True)
class Expert:
    """One LoRA: ``scale · up @ down``.

    Args:
        down: the A of LoRA, ``(rank, d_in)``.
        up: the B of LoRA, ``(d_out, rank)``.
        scale: alpha / rank, or alpha / sqrt(rank) of a rank-stabilised one.
    """

    down: Tensor
    up: Tensor
    scale: float

    def __post_init__(self) -> None:
        if self.down.ndim != 2 or self.up.ndim != 2 or self.down.shape[0] != self.up.shape[1]:
            raise AdapterError(
                f"an expert needs down (rank, d_in) and up (d_out, rank), got {tuple(self.down.shape)} "
                f"and {tuple(self.up.shape)}"
            )


class ExpertBank(nn.Module):
    """LoRA experts of one linear layer.

    At the start every expert's ``A`` is drawn like a linear layer of its own (Kaiming uniform over ``d_in``) and its
    ``B`` is zero, so that the bank adds nothing. One dropout mask on the input serves all experts.

    Args:
        ranks: of each expert.
        scales: of each expert: what its output is multiplied with beside its weight.
        dropout: of the input, in training.

    Raises:
        AdapterError: no experts, or as many ranks as scales are wanted and others given.
    """

    def __init__(
        self, d_in: int, d_out: int, ranks: Sequence[int], scales: Sequence[float], *, dropout: float = 0.0
    ) -> None:
        super().__init__()
        if not ranks or len(ranks) != len(scales) or min(ranks) < 1:
            raise AdapterError(f"experts need a rank from 1 and a scale each, got ranks {ranks} and scales {scales}")
        self.ranks = tuple(ranks)
        self.dropout = nn.Dropout(dropout) if dropout else nn.Identity()
        self.A = nn.Parameter(torch.empty(sum(ranks), d_in))
        self.B = nn.Parameter(torch.empty(d_out, sum(ranks)))
        self.scales = tuple(float(scale) for scale in scales)
        self._are_alike = len(set(self.ranks)) == len(set(self.scales)) == 1
        self.reset_parameters()

    @classmethod
    def from_loras(cls, experts: Iterable[Expert], *, dropout: float = 0.0) -> ExpertBank:
        """A bank of trained LoRAs of one layer, of any ranks and scales; with weights of 1 it adds what all add.

        It is on the first one's device, in the precision that holds all of them exactly.

        Raises:
            AdapterError: none are given, or they are not of one layer.
        """
        given = list(experts)
        shapes = {(e.down.shape[1], e.up.shape[0]) for e in given}
        if len(shapes) != 1:
            raise AdapterError(
                f"experts of one layer have one d_in and one d_out, got {sorted(shapes) or 'no experts'}"
            )
        d_in, d_out = shapes.pop()
        ranks, scales = [e.down.shape[0] for e in given], [e.scale for e in given]
        dtype = functools.reduce(torch.promote_types, [t.dtype for e in given for t in (e.down, e.up)])
        device = given[0].down.device
        bank = cls(d_in, d_out, ranks, scales, dropout=dropout).to(device, dtype)
        with torch.no_grad():
            bank.A.copy_(torch.cat([e.down.to(device, dtype) for e in given]))
            bank.B.copy_(torch.cat([e.up.to(device, dtype) for e in given], dim=1))
        return bank

    @property
    def d_in(self) -> int:
        return self.A.shape[1]

    @property
    def d_out(self) -> int:
        return self.B.shape[0]

    def __len__(self) -> int:
        return len(self.ranks)

    def reset_parameters(self) -> None:
        """Start anew: the ``A`` at random, the ``B`` at zero."""
        nn.init.kaiming_uniform_(self.A, a=math.sqrt(5))  # over d_in, which all rows share, not over the stack
        nn.init.zeros_(self.B)

    def experts(self) -> list[Expert]:
        """The experts apart, as views of the bank's tensors."""
        downs, ups = self.A.split(self.ranks), self.B.split(self.ranks, dim=1)
        return [Expert(a, b, s) for a, b, s in zip(downs, ups, self.scales, strict=True)]

    def grow(self, ranks: Sequence[int], scales: Sequence[float]) -> ExpertBank:
        """A bank of these experts and new ones behind them, which add nothing yet."""
        new = ExpertBank(self.d_in, self.d_out, ranks, scales).to(self.A)
        bank = ExpertBank.from_loras([*self.experts(), *new.experts()])
        bank.dropout = self.dropout
        return bank.train(self.training)

    def forward(self, x: Tensor, weights: Tensor, out: Tensor | None = None, *, low: Tensor | None = None) -> Tensor:
        """What the experts add to the layer's output.

        Args:
            x: input of the layer, ``(batch, tokens, d_in)``, or without ``batch``.
            weights: of each expert, float32 or wider, any shape that broadcasts to ``(batch, tokens, experts)``.
            out: ``(batch, tokens, d_out)``, to which it is added, within the second product where precisions allow.
            low: ``A x`` without dropout, ``(batch, tokens, ranks)``, where the caller has it.

        Returns:
            ``(batch, tokens, d_out)``, of the precision of ``out`` if it is given.
        """
        if low is None:
            low = functional.linear(self.dropout(x), self.A)  # (batch, tokens, ranks)
        scale = 1.0
        if self._are_alike:
            each = low.view(*low.shape[:-1], len(self), self.ranks[0])
            low, scale = (each * weights.to(low.dtype)[..., None]).flatten(-2), self.scales[0]
        else:
            low = low * self._per_row(weights).to(low.dtype)
        if out is not None and out.dtype == low.dtype:  # saves two passes over (batch, tokens, d_out), as scale does
            flat = torch.addmm(out.reshape(-1, self.d_out), low.flatten(0, -2), self.B.t(), alpha=scale)
            return flat.view(out.shape)
        delta = functional.linear(low * scale, self.B)
        return delta if out is None else out + delta.to(out.dtype)

    def _per_row(self, weights: Tensor) -> Tensor:
        """Each expert's weight times its scale once for each row of its ``A``: ``(..., experts)`` to ``(..., ranks)``.

        Expanded, for an expand's gradient is a sum, that of indexing a slow scatter; and with the scales as numbers,
        for a tensor of them would wait for the device.
        """
        each = zip(weights.unbind(-1), self.ranks, self.scales, strict=True)
        return torch.cat([(w * scale)[..., None].expand(*w.shape, rank) for w, rank, scale in each], dim=-1)

    @property
    def drops(self) -> bool:
        """Whether the experts read another input than the gate."""
        return self.training and isinstance(self.dropout, nn.Dropout)

    def extra_repr(self) -> str:
        return f"d_in={self.d_in}, d_out={self.d_out}, ranks={self.ranks}, scales={self.scales}"
