"""Linear layers laid out for reading: oneDNN's own blocks, made once, for weights that no longer change.

Continuing a text multiplies one row by every weight, so it is as fast as the weights can be read. In oneDNN's
blocked layout that is about twice as fast as in rows (measured on x86 with AVX-512).

A row must come out the same whatever rows are beside it, or a text would depend on how many are written at once.
oneDNN adds in the same order for any number of rows but, in some shapes, for one alone; such a layer
is given that row twice.
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


def packed(layer: nn.Linear, dtype: torch.dtype | None = None) -> Linear:
    """Give a layer with a copy of its weights, in oneDNN's layout where there is oneDNN; it takes products in `dtype`.

    The default is the dtype of the weights.
    """
    dtype = dtype or layer.weight.dtype
    weight = layer.weight.detach().to(dtype)
    bias = None if layer.bias is None else layer.bias.detach().to(dtype)
    if not can_pack(weight):
        return lambda x: torch.nn.functional.linear(x.to(dtype), weight, bias)
    blocked = torch.ops.mkldnn._reorder_linear_weight(weight, _ROWS_AT_ONCE)

    def product(x: Tensor) -> Tensor:
        y: Tensor = torch.ops.mkldnn._linear_pointwise(x.to(dtype), blocked, bias, "none", [], "")
        return y

    def product_of_two(x: Tensor) -> Tensor:
        if x.shape[:-1].numel() > 1:
            return product(x)
        return product(x.expand(2, *x.shape[1:]))[:1]

    return product if _one_row_is_as_many(product, weight) else product_of_two


def _one_row_is_as_many(product: Linear, weight: Tensor) -> bool:
    """Say whether a row alone gives the same bits as beside another one."""
    rows = torch.linspace(-1.0, 1.0, 2 * weight.shape[1], dtype=weight.dtype).reshape(2, -1)
    return torch.equal(product(rows[:1]), product(rows)[:1])
