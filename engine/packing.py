"""Linear layers laid out for reading: oneDNN's own blocks, made once, for weights that no longer change.

Continuing a text multiplies one row by every weight, so it is as fast as the weights can be read. In oneDNN's
blocked layout that is about twice as fast as in rows (measured on x86 with AVX-512).
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn

_ROWS_AT_ONCE = 16
"""The number of rows that oneDNN chooses its layout for: at 1 it would leave the weights as they are."""

Linear = Callable[[Tensor], Tensor]
"""What maps (..., I) to (..., O)."""


def can_pack(weight: Tensor) -> bool:
    """Say whether oneDNN is there for this weight."""
    supported = weight.device.type == "cpu" and weight.dtype in (torch.float32, torch.bfloat16)
    return supported and bool(torch.backends.mkldnn.is_available())  # type: ignore[no-untyped-call]


def packed(layer: nn.Linear) -> Linear:
    """Give a layer with a copy of its weights in oneDNN's layout, or the layer itself where there is no oneDNN."""
    if not can_pack(layer.weight):
        return layer
    blocked = torch.ops.mkldnn._reorder_linear_weight(layer.weight.detach(), _ROWS_AT_ONCE)
    bias = None if layer.bias is None else layer.bias.detach()

    def apply(x: Tensor) -> Tensor:
        y: Tensor = torch.ops.mkldnn._linear_pointwise(x, blocked, bias, "none", [], "")
        return y

    return apply
