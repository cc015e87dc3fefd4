"""Which library multiplies large float32 matrices on the CPU: oneDNN, where that is exact and faster."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch

from engine.machine.abilities import medium_precision_is_exact

LARGE_PRODUCT = 2**23
"""Multiplications from which a product is worth oneDNN's preparations: in turns, iterations of models 128 wide took
0.87 of the time with 2,048 tokens, 0.96 and 0.97 with 1,024 and 768."""


@contextmanager
def fast_products(device: torch.device, multiplications: int) -> Iterator[None]:
    """Send float32 products on the CPU through oneDNN, if they are as large as that and keep float32's precision.

    Large products are a twentieth to a fifth faster there; the small tiles of torch's own attention are several
    times slower, so nothing that uses it belongs inside.
    """
    before = torch.get_float32_matmul_precision()
    if device.type == "cpu" and multiplications >= LARGE_PRODUCT and medium_precision_is_exact():
        torch.set_float32_matmul_precision("medium")
    try:
        yield
    finally:
        torch.set_float32_matmul_precision(before)
