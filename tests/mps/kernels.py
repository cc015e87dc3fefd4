"""What a kernel of MPS does in another way than the CPU's of the same name, and how many launches each takes.

The counts are of torch 2.13.0, read in its macOS wheel (callers of runMPSGraph, MultiTensorApply.h).
"""

from collections.abc import Callable, Iterator
from typing import Any

import torch
from torch import Tensor

FREE = {"alias", "detach", "lift_fresh", "resize_", "set_", "_local_scalar_dense", "_reshape_alias", "_unsafe_view"}
"""What launches nothing, beside views and memory that is only reserved."""

RESERVES = {"empty", "empty_like", "empty_strided", "new_empty", "new_empty_strided"}
"""What reserves memory and leaves in it what was there before."""

WAITS = {"_unique2", "allclose", "equal", "is_nonzero", "masked_select", "nonzero", "unique_consecutive", "unique_dim"}
"""What must know its numbers before the host can go on."""

_LAUNCHES = {"_safe_softmax": 4, "embedding_dense_backward": 2, "native_dropout": 2, "native_layer_norm_backward": 3}

_CHUNK, _AT_ONCE = 65_536, 32


def launches_of(name: str, args: tuple[Any, ...]) -> int:
    """Return how many kernels one call launches."""
    if name.startswith("_foreach"):
        return len(args[0])
    if name.startswith("_fused_adam"):
        return _multi_tensor_launches(args[0])
    if name == "_amp_foreach_non_finite_check_and_unscale_":
        return -(-len(args[0]) // _AT_ONCE)
    if name == "linear_backward":
        return sum(map(bool, args[3]))
    return _LAUNCHES.get(name, 1)


def _multi_tensor_launches(tensors: list[Tensor]) -> int:
    """Return the launches for so many tensors: each takes 32 of them, or 32 chunks of 65,536 numbers."""
    launches = held = chunks = 0
    for tensor in tensors:
        count = -(-tensor.numel() // _CHUNK)
        held += 1
        for number in range(count):
            chunks += 1
            ends = number == count - 1
            if chunks == _AT_ONCE or (held == _AT_ONCE and ends):
                launches, chunks, held = launches + 1, 0, 0 if ends else 1
    return launches + bool(chunks)


def _linear_backward(x: Tensor, grad: Tensor, weight: Tensor, wanted: list[bool]) -> tuple[Tensor | None, ...]:
    rows, inputs = grad.flatten(0, -2), x.flatten(0, -2)
    return (
        (grad @ weight).view_as(x) if wanted[0] else None,
        rows.t() @ inputs if wanted[1] else None,
        rows.sum(0) if wanted[2] else None,
    )


def _baddbmm(x: Tensor, a: Tensor, b: Tensor, *, beta: float = 1, alpha: float = 1) -> Tensor:
    """Multiply by a beta of 0 too, so that a NaN in `x` stays one (pytorch#187521)."""
    return x * beta + torch.bmm(a, b) * alpha


KERNELS: dict[str, Callable[..., Any]] = {"linear_backward": _linear_backward, "baddbmm": _baddbmm}
"""What runs in place of the CPU's operator."""


def spoil(memory: Tensor) -> None:
    """Fill memory with what nobody should read: NaN, or the largest integer."""
    if memory.is_floating_point():
        memory.fill_(float("nan"))
    else:
        memory.fill_(True if memory.dtype == torch.bool else torch.iinfo(memory.dtype).max)


# -- shapes that some Macs compute wrongly --------------------------------------------------------------------------

LONGEST_PRODUCT = 32_767
"""From this inner dimension on M1 and M2 add memory past the operands (pytorch#195163, #183535)."""


def dangers_of(name: str, args: tuple[Any, ...]) -> Iterator[str]:
    """Yield what is dangerous about a call."""
    for inner in _inner_dimensions(name, args):
        if inner >= LONGEST_PRODUCT:
            yield f"a product with an inner dimension of {inner:,}"
    if name == "linear" and len(args) > 2 and args[2] is not None:
        yield "a linear layer with its bias as one operator"  # pytorch#188438, #192934


def _inner_dimensions(name: str, args: tuple[Any, ...]) -> Iterator[int]:
    if name in ("mm", "bmm", "mv", "dot", "linear"):
        yield args[0].shape[-1]
    elif name in ("addmm", "baddbmm", "addbmm", "addmv"):
        yield args[1].shape[-1]
    elif name == "linear_backward":
        grad, wanted = args[1], args[3]
        if wanted[0]:
            yield grad.shape[-1]
        if wanted[1]:
            yield grad.numel() // grad.shape[-1]
