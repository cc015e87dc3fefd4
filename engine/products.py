"""Which library multiplies large float32 matrices on the CPU: oneDNN, where that is exact and faster."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

import torch

LARGE_PRODUCT = 2**23
"""Multiplications from which a product is worth oneDNN's preparations: in turns, iterations of models 128 wide took
0.87 of the time with 2,048 tokens, 0.96 and 0.97 with 1,024 and 768."""

FLOAT32_ERROR = 2e-6
"""Relative error up to which a product counts as float32's; bfloat16's is a thousand times larger."""


@contextmanager
def fast_products(device: torch.device, multiplications: int) -> Iterator[None]:
    """Send float32 products on the CPU through oneDNN, if they are as large as that and keep float32's precision.

    Large products are a twentieth to a fifth faster there; the small tiles of torch's own attention are several
    times slower, so nothing that uses it belongs inside.
    """
    before = torch.get_float32_matmul_precision()
    if device.type == "cpu" and multiplications >= LARGE_PRODUCT and _onednn_is_exact():
        torch.set_float32_matmul_precision("medium")
    try:
        yield
    finally:
        torch.set_float32_matmul_precision(before)


@cache
def _onednn_is_exact() -> bool:
    """Probe what torch's "medium" precision is here: float32, or bfloat16 on a CPU with matrix units for it."""
    generator = torch.Generator().manual_seed(0)
    a, b = torch.randn(64, 256, generator=generator), torch.randn(256, 64, generator=generator)
    exact = a.double() @ b.double()
    before = torch.get_float32_matmul_precision()
    torch.set_float32_matmul_precision("medium")
    error = ((a @ b).double() - exact).norm() / exact.norm()
    torch.set_float32_matmul_precision(before)
    return float(error) < FLOAT32_ERROR
