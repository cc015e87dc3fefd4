"""Dropout whose masks cost little on the CPU.

torch draws one number for each element of a mask, in series; here one draw of 64 bits serves four elements.
"""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor, nn

_LEVELS = 1 << 16
"""Values of the 16 bits that decide about an element: p is rounded to one of so many shares."""


class Dropout(nn.Dropout):
    """torch's, by the masks of this module where it runs on the CPU."""

    def forward(self, x: Tensor) -> Tensor:
        """Give `x` with a share of p of its numbers at zero and the others larger, while training."""
        if not (self.training and self.p and x.device.type == "cpu"):
            return super().forward(x)
        dropped: Tensor = _Drop.apply(x, self.p)  # type: ignore[no-untyped-call]
        return dropped


class _Drop(torch.autograd.Function):
    """Keeps the mask for the way back, a byte an element."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, p: float) -> Tensor:
        mask = dropped(x.shape, p)
        ctx.save_for_backward(mask)
        ctx.p = p
        return drop(x, mask, p)

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor, None]:
        (mask,) = ctx.saved_tensors
        return drop(grad, mask, ctx.p), None


def dropped(shape: torch.Size, p: float) -> Tensor:
    """Draw which elements are dropped: True with probability p, by torch's generator of the CPU."""
    count = math.prod(shape)
    draws = torch.empty(-(-count // 4), dtype=torch.int64).random_(-(2**63), None)
    return (draws.view(torch.int16)[:count] < round(p * _LEVELS) - _LEVELS // 2).view(shape)


def drop(x: Tensor, mask: Tensor, p: float) -> Tensor:
    """Give `x` with zeros where the mask is True and the rest larger, so that its mean stays."""
    return x.masked_fill(mask, 0).mul_(1 / (1 - p))
