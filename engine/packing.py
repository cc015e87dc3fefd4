"""Linear layers laid out for reading: oneDNN's own blocks, made once, for weights that no longer change.

Continuing a text multiplies one row by every weight, so it is as fast as the weights can be read. In oneDNN's
blocked layout that is about twice as fast as in rows (measured on x86 with AVX-512).

A row must come out the same whatever rows are beside it, or a text would depend on how many are written at once.
oneDNN adds in the same order for any number of rows but, in some shapes, for one alone; such a layer
is given that row twice.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

_ROWS_AT_ONCE = 16
"""The number of rows that oneDNN chooses its layout for: at 1 it would leave the weights as they are."""


class Linear:
    """A linear layer as a decoder uses it, its weights where they stand; products are taken in `dtype`."""

    def __init__(self, layer: nn.Linear, dtype: torch.dtype | None = None) -> None:
        self.dtype = dtype or layer.weight.dtype
        self._weight = layer.weight.detach().to(self.dtype)
        self._bias = None if layer.bias is None else layer.bias.detach().to(self.dtype)

    def __call__(self, x: Tensor) -> Tensor:
        """Map rows (R, I) to (R, O)."""
        return F.linear(x.to(self.dtype), self._weight, self._bias)

    def gelu(self, x: Tensor) -> Tensor:
        """Map rows (R, I) to the GELU of (R, O)."""
        return F.gelu(self(x))

    def added(self, x: Tensor, to: Tensor) -> Tensor:
        """Map rows (R, I) to (R, O), added to rows (R, O)."""
        return to + self(x)


class PackedLinear(Linear):
    """A layer with a copy of its weights in oneDNN's layout, and oneDNN's own GELU and addition behind the product."""

    def __init__(self, layer: nn.Linear, dtype: torch.dtype | None = None) -> None:
        super().__init__(layer, dtype)
        sample = torch.linspace(-1.0, 1.0, 2 * layer.in_features, dtype=self.dtype).reshape(2, -1)
        self._weight = torch.ops.mkldnn._reorder_linear_weight(self._weight, _ROWS_AT_ONCE)
        self._twice = False
        self._twice = not torch.equal(self(sample[:1]), self(sample)[:1])

    def __call__(self, x: Tensor) -> Tensor:
        """Map rows (R, I) to (R, O)."""
        return self._product(x, "none", "")

    def gelu(self, x: Tensor) -> Tensor:
        """Map rows (R, I) to the GELU of (R, O)."""
        return self._product(x, "gelu", "none")

    def added(self, x: Tensor, to: Tensor) -> Tensor:
        """Map rows (R, I) to (R, O), added to rows (R, O)."""
        if to.dtype != self.dtype:
            return to + self(x)
        doubled = self._twice and len(x) == 1
        if doubled:
            x, to = x.expand(2, -1), to.expand(2, -1)
        y: Tensor = _linear_added(x, to, self._weight, self._bias, "add")
        return y[:1] if doubled else y

    def _product(self, x: Tensor, after: str, kind: str) -> Tensor:
        x = x.to(self.dtype)
        doubled = self._twice and len(x) == 1
        y: Tensor = _linear(x.expand(2, -1) if doubled else x, self._weight, self._bias, after, [], kind)
        return y[:1] if doubled else y


_linear = torch.ops.mkldnn._linear_pointwise.default
_linear_added = torch.ops.mkldnn._linear_pointwise.binary


def can_pack(device: torch.device, dtype: torch.dtype) -> bool:
    """Say whether oneDNN is there for such weights."""
    supported = device.type == "cpu" and dtype in (torch.float32, torch.bfloat16)
    return supported and bool(torch.backends.mkldnn.is_available())  # type: ignore[no-untyped-call]


def packed(layer: nn.Linear, dtype: torch.dtype | None = None) -> Linear:
    """Give a layer, the fastest way there is here to read it; products in `dtype`, by default that of its weights."""
    can = can_pack(layer.weight.device, dtype or layer.weight.dtype)
    return PackedLinear(layer, dtype) if can else Linear(layer, dtype)
