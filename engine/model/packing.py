"""Linear layers made ready for reading: continuing a text multiplies few rows by every weight, again and again.

So it is as fast as the weights can be read, and all cores must read. For a row or a few, the products that torch
gives to MKL and to oneDNN by itself use one core, or read at half the speed of the memory; these do better
(measured on x86 with AVX-512). Where torch has neither, as on a Mac, a layer is read as it stands.

A row must come out the same whatever rows are beside it, or a text would depend on how many are written at once.
Where a library adds in another order for one row than for several, the layer sees to it; it finds that out
by trial when it is made.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from engine.machine.abilities import PackedProducts, dtype_of_products, has_mkl, packed_products
from engine.machine.formulation import formulation_on
from engine.model.linear import product
from engine.model.matmul import fast_products

MOST_PARTS = 32
"""Parts that a weight is divided into at most: some for each core, each long enough to be read in a stream."""

FEW_ROWS = 16
"""Up to so many rows are multiplied a few at a time; more are worth a proper matrix product."""

_PROBED = 64
"""Numbers that are compared in a trial: a few may be equal by chance."""

_ROWS_AT_ONCE = 16
"""The number of rows that oneDNN chooses its layout for: at 1 it would leave the weights as they are."""


class FrozenLinear:
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

    def _probes(self, rows: int) -> list[Tensor]:
        """Return rows to try products with, so often that _PROBED numbers of each row come out."""
        outside, inside = self._weight.shape
        generator = torch.Generator().manual_seed(0)
        draws = torch.randn(-(-_PROBED // outside), rows, inside, generator=generator).to(self.dtype)
        return list(draws)


class SplitLinear(FrozenLinear):
    """A layer as products of two dimensions, none too long inside, its bias added to their sum: for Apple's GPU."""

    def __call__(self, x: Tensor) -> Tensor:
        """Map rows (R, I) to (R, O)."""
        y = product(x.to(self.dtype), self._weight.t())
        return y if self._bias is None else y + self._bias


class PartedLinear(FrozenLinear):
    """A layer whose outputs are computed in parts side by side: MKL gives each part, as each product, to one core.

    Rows are taken as many at once as come out as they do alone.
    """

    def __init__(self, layer: nn.Linear, dtype: torch.dtype | None = None) -> None:
        super().__init__(layer, dtype)
        outside, inside = self._weight.shape
        self._count = max(count for count in range(1, MOST_PARTS + 1) if outside % count == 0)
        self._parts = self._weight.view(self._count, -1, inside)
        probes = self._probes(rows=3)
        self._at_once = next(n for n in (3, 2, 1) if all(self._keeps_rows(x[:n]) for x in probes))

    def __call__(self, x: Tensor) -> Tensor:
        """Map rows (R, I) to (R, O)."""
        rows = x.shape[0]
        if rows <= self._at_once:
            return self._product(x)
        if rows > FEW_ROWS:
            with fast_products(x.device, rows * self._weight.numel()):
                return super().__call__(x)
        return torch.cat([self._product(rows) for rows in torch.split(x, self._at_once)])

    def _keeps_rows(self, x: Tensor) -> bool:
        """Return whether each row comes out as it does alone, among all of these and among fewer."""
        alone = torch.cat([self._product(row) for row in torch.split(x, 1)])
        return all(torch.equal(self._product(x[:n]), alone[:n]) for n in range(2, len(x) + 1))

    def _product(self, x: Tensor) -> Tensor:
        parts = torch.bmm(self._parts, x.t().expand(self._count, -1, -1))
        y = parts.flatten(0, 1).t().contiguous()
        return y if self._bias is None else y + self._bias


class PackedLinear(FrozenLinear):
    """A layer with a copy of its weights in oneDNN's layout, and oneDNN's own GELU and addition behind the product."""

    def __init__(self, layer: nn.Linear, products: PackedProducts, dtype: torch.dtype | None = None) -> None:
        super().__init__(layer, dtype)
        probes = self._probes(rows=3)
        self._products = products
        self._weight = products.pack(self._weight, _ROWS_AT_ONCE)
        self._twice = False
        self._twice = not all(torch.equal(self(x[:1]), self(x)[:1]) for x in probes)

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
        y = self._products.linear_added(x, to, self._weight, self._bias, "add")
        return y[:1] if doubled else y

    def _product(self, x: Tensor, after: str, kind: str) -> Tensor:
        x = x.to(self.dtype)
        doubled = self._twice and len(x) == 1
        x = x.expand(2, -1) if doubled else x
        y = self._products.linear(x, self._weight, self._bias, after, [], kind)
        return y[:1] if doubled else y


def unpacked(layer: nn.Linear, dtype: torch.dtype | None = None) -> FrozenLinear:
    """Return a layer that reads its weights where they stand, by the products that are right on its device."""
    return (SplitLinear if formulation_on(layer.weight.device).bias_apart else FrozenLinear)(layer, dtype)


def packed(layer: nn.Linear, dtype: torch.dtype | None = None) -> FrozenLinear:
    """Return a layer, the fastest way there is here to read it.

    Products are in `dtype`, by default that of its weights, or in float32 where the device takes none in it.
    """
    device = layer.weight.device
    dtype = dtype_of_products(device, dtype or layer.weight.dtype)
    if dtype == torch.float32 and has_mkl(device):
        return PartedLinear(layer, dtype)
    products = packed_products(device, dtype)
    return PackedLinear(layer, products, dtype) if products else unpacked(layer, dtype)
