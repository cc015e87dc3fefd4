"""Products with the matrices of layers, put so that every device computes them right (machine/formulation.py)."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from engine.machine.formulation import formulation_on


def product(a: Tensor, b: Tensor, out: Tensor | None = None) -> Tensor:
    """Return `a @ b` of two matrices, in `out` where that is given, by as many products as the device needs."""
    first, *others = _sums(a, b)
    total = torch.mm(*first, out=out)
    for part in others:
        torch.addmm(total, *part, out=total)
    return total


def add_product(total: Tensor, a: Tensor, b: Tensor) -> None:
    """Add `a @ b` to a matrix of the same dtype in place, by as many products as the device needs."""
    for part in _sums(a, b):
        torch.addmm(total, *part, out=total)


def _sums(a: Tensor, b: Tensor) -> list[tuple[Tensor, Tensor]]:
    """Cut the sum of a product into equal parts no longer than the device takes: (N, K) and (K, M) into pairs."""
    inside, most = a.shape[1], formulation_on(a.device).most_inside
    if not most or inside <= most:
        return [(a, b)]
    size = math.ceil(inside / math.ceil(inside / most))
    return list(zip(torch.split(a, size, 1), torch.split(b, size), strict=True))


class Linear(nn.Linear):
    """torch's linear layer, by plain products where the device's own is not right."""

    def forward(self, x: Tensor) -> Tensor:
        """Return `x` (..., in) times the weight, plus the bias: (..., out)."""
        return linear(x, self.weight, self.bias)


def linear(x: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
    """Return `x @ weight.T + bias`: (..., in) -> (..., out)."""
    if not formulation_on(x.device).bias_apart:
        return F.linear(x, weight, bias)
    y: Tensor = _Linear.apply(x, weight, bias)  # type: ignore[no-untyped-call]
    return y


def gelu_linear(x: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
    """Return `linear(gelu(x), weight, bias)`; for the way back it keeps only `x`.

    GELU is cheap to take again, and its output is the widest tensor of a layer: a fifth of all activations.
    """
    y: Tensor = _GeluLinear.apply(x, weight, bias)  # type: ignore[no-untyped-call]
    return y


class _Linear(torch.autograd.Function):
    """A linear layer on rows, each of its products a plain one."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
        x = _narrowed(x)
        ctx.save_for_backward(x, weight)
        ctx.has_bias = bias is not None
        y = product(x.flatten(0, -2), weight.to(x.dtype).t())
        if bias is not None:
            y.add_(bias)
        return y.view(*x.shape[:-1], -1)

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor, Tensor, Tensor | None]:
        x, weight = ctx.saved_tensors
        return _gradients(grad, x, weight, ctx.has_bias)


class _GeluLinear(torch.autograd.Function):
    """A linear layer of `gelu(x)` that takes GELU again on the way back."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
        ctx.save_for_backward(x, weight)
        ctx.has_bias = bias is not None
        return linear(F.gelu(x), weight, bias)

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor, Tensor, Tensor | None]:
        x, weight = ctx.saved_tensors
        grad_gelu, grad_weight, grad_bias = _gradients(grad, F.gelu(x), weight, ctx.has_bias)
        return torch.ops.aten.gelu_backward(grad_gelu, x), grad_weight, grad_bias


def _gradients(grad: Tensor, x: Tensor, weight: Tensor, has_bias: bool) -> tuple[Tensor, Tensor, Tensor | None]:
    """Return the gradients of a linear layer's input, weight and bias, the last two in the weight's dtype."""
    rows = grad.flatten(0, -2)
    grad_weight = product(rows.t(), x.flatten(0, -2)).to(weight.dtype)
    grad_bias = rows.sum(0).to(weight.dtype) if has_bias else None
    return product(rows, weight.to(grad.dtype)).view_as(x), grad_weight, grad_bias


def _narrowed(x: Tensor) -> Tensor:
    """Return `x` in the dtype that autocast takes products in."""
    kind = x.device.type
    return x.to(torch.get_autocast_dtype(kind)) if torch.is_autocast_enabled(kind) else x
