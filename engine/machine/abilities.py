"""What this torch can do on this machine: asked by name and by trial, once, when it first matters.

A build may lack a library (a Mac's has neither oneDNN nor MKL), a processor the instructions for a dtype. The rest
of engine/ asks here and takes nothing for granted.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import torch
from torch import Tensor
from torch.nn import functional as F

FLOAT32_ERROR = 2e-6
"""Relative error up to which a product counts as float32's; bfloat16's is a thousand times larger."""


@dataclass(frozen=True, slots=True)
class PackedProducts:
    """oneDNN's operators for a linear layer whose weights stand in oneDNN's own layout.

    Attributes:
        pack: lays out weights (O, I) for a number of rows.
        linear: (rows, packed weights, bias, what is done after it, its arguments, its kind) -> rows.
        linear_added: (rows, rows to add to, packed weights, bias, "add") -> rows.
    """

    pack: Callable[[Tensor, int], Tensor]
    linear: Callable[..., Tensor]
    linear_added: Callable[..., Tensor]


@cache
def packed_products(device: torch.device, dtype: torch.dtype) -> PackedProducts | None:
    """Return oneDNN's operators for layers in `dtype`, or None where the build or the processor lacks them."""
    if device.type != "cpu" or not torch.backends.mkldnn.is_available():  # type: ignore[no-untyped-call]
        return None
    rows, weight = torch.ones(3, 16, dtype=dtype), torch.ones(16, 16, dtype=dtype)
    try:
        operators = torch.ops.mkldnn
        linear = operators._linear_pointwise
        products = PackedProducts(operators._reorder_linear_weight, linear.default, linear.binary)
        laid_out = products.pack(weight, len(rows))
        right = torch.equal(products.linear(rows, laid_out, weight[0], "none", [], ""), 17 * rows)
        products.linear(rows, laid_out, None, "gelu", [], "none")
        right &= torch.equal(products.linear_added(rows, rows, laid_out, None, "add"), 17 * rows)
    except (AttributeError, RuntimeError):
        return None
    return products if right else None


@cache
def has_mkl(device: torch.device) -> bool:
    """Return whether float32 products on the device are MKL's."""
    return device.type == "cpu" and bool(torch.backends.mkl.is_available())  # type: ignore[no-untyped-call]


@cache
def multiplies(device: torch.device, dtype: torch.dtype) -> bool:
    """Return whether the device takes products in `dtype` at all, fast or slow."""
    x = torch.ones(1, 2, 2, dtype=dtype, device=device)
    try:
        with torch.autocast(device.type, enabled=False):
            F.linear(x[0], x[0])
            torch.mm(x[0], x[0] @ x[0])
            torch.baddbmm(x, x, torch.bmm(x, x))
            F.scaled_dot_product_attention(x[None], x[None], x[None], attn_mask=x[0] > 0)
    except RuntimeError:
        return False
    return True


def dtype_of_products(device: torch.device, wanted: torch.dtype) -> torch.dtype:
    """Return `wanted`, or float32 where the device takes no products in it."""
    return wanted if multiplies(device, wanted) else torch.float32


@cache
def has_bfloat16_instructions(device: torch.device) -> bool:
    """Return whether the device multiplies bfloat16 by itself; elsewhere it is emulated, some ten times slower."""
    if device.type == "cuda":
        return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    name = "_is_mkldnn_bf16_supported"
    if device.type != "cpu" or not hasattr(torch.ops.mkldnn, name):
        return False
    return bool(getattr(torch.ops.mkldnn, name)()) and multiplies(device, torch.bfloat16)


@cache
def medium_precision_is_exact() -> bool:
    """Return whether torch's "medium" precision is float32 here, not bfloat16 as on a CPU with matrix units for it."""
    generator = torch.Generator().manual_seed(0)
    a, b = torch.randn(64, 256, generator=generator), torch.randn(256, 64, generator=generator)
    exact = a.double() @ b.double()
    before = torch.get_float32_matmul_precision()
    torch.set_float32_matmul_precision("medium")
    try:
        with torch.autocast("cpu", enabled=False):
            error = ((a @ b).double() - exact).norm() / exact.norm()
    finally:
        torch.set_float32_matmul_precision(before)
    return float(error) < FLOAT32_ERROR


def has_mps_events() -> bool:
    """Return whether events can be put into the queue of a Mac's GPU."""
    try:
        torch._C._mps_releaseEvent(torch._C._mps_acquireEvent(False))
    except (AttributeError, RuntimeError):
        return False
    return True
