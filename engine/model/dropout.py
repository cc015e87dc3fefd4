"""Dropout whose masks cost little on the CPU.

torch draws one number for each element of a mask and fills by condition; here one draw of 64 bits, by a generator
twice as fast as torch's, serves four elements, and what is kept is cut out by a bitwise and.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

_LEVELS = 1 << 15
"""Values of the bits that decide about an element: p is rounded to one of so many shares."""

_BITS = {2: torch.int16, 4: torch.int32, 8: torch.int64}
"""Integers as wide as a float of so many bytes."""


class Dropout(nn.Dropout):
    """torch's, by the masks of this module where it runs on the CPU, elsewhere always by its kernel in one piece."""

    def forward(self, x: Tensor) -> Tensor:
        """Return `x` with a share of p of its numbers at zero and the others larger, while training."""
        if not (self.training and self.p):
            return x
        if x.device.type != "cpu":  # on MPS torch.nn.functional.dropout takes three steps, and keeps four bytes
            return torch.native_dropout(x, self.p, True)[0]
        dropped: Tensor = _Drop.apply(x, self.p)  # type: ignore[no-untyped-call]
        return dropped


class _Drop(torch.autograd.Function):
    """Keeps the mask for the way back, two bytes an element."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, p: float) -> Tensor:
        mask = keeping(x.shape, p)
        ctx.save_for_backward(mask)
        ctx.p = p
        return drop_(x.div(1 - p), mask)

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor, None]:
        (mask,) = ctx.saved_tensors
        return drop_(grad.div(1 - ctx.p), mask), None


def keeping(shape: torch.Size, p: float) -> Tensor:
    """Draw which elements are kept, from a seed that torch's generator of the CPU gives.

    All bits of an int16 with probability 1 - p, else none.
    """
    count = math.prod(shape)
    seed = int(torch.empty((), dtype=torch.int64).random_())
    draws = torch.from_numpy(np.random.SFC64(seed).random_raw(-(-count // 4)).view(np.int16))
    below = draws[:count].bitwise_right_shift_(1).sub_(round((1 - p) * _LEVELS) - _LEVELS // 2)
    return below.bitwise_right_shift_(15).view(shape)  # spreads the sign


def drop_(x: Tensor, mask: Tensor) -> Tensor:
    """Set to zero in place what the mask does not keep; the rest stays."""
    x.view(_BITS[x.element_size()]).bitwise_and_(mask)
    return x
