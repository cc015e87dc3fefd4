"""The output layer and its cross-entropy in one: the logits of a large vocabulary never exist whole.

With GPT-2's 50,304 columns the logits, their softmax and their gradient are most of a small model's memory.
Here a block of rows at a time is multiplied out, its loss taken, and both gradients made at once; what stays
is the gradient itself. The arithmetic is that of `F.cross_entropy(F.linear(x, weight), targets)`.
"""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor

IGNORED = -1
"""A target that counts nowhere, as in nanoGPT."""

LOGITS_PER_BLOCK = 2**24
"""Elements of one block of logits: 64 MiB in float32, 333 rows of GPT-2's vocabulary."""


def linear_cross_entropy(x: Tensor, weight: Tensor, targets: Tensor) -> Tensor:
    """Give the mean cross-entropy of `x @ weight.T` against `targets`, a scalar in nats.

    x: (N, C), weight: (V, C), targets: (N,) int64, where IGNORED rows count nowhere. Under autocast the
    products are taken in its dtype, the softmax in float32. NaN when every target is ignored, as in torch.
    """
    kind = x.device.type
    if torch.is_autocast_enabled(kind):
        x = x.to(torch.get_autocast_dtype(kind))
    elif x.dtype != weight.dtype:
        x = x.to(weight.dtype)
    if torch.is_grad_enabled() and (x.requires_grad or weight.requires_grad):
        loss: Tensor = _LinearCrossEntropy.apply(x, weight, targets)  # type: ignore[no-untyped-call]
        return loss
    return sum(_block_losses(x, weight, targets), x.new_zeros((), dtype=_wide(x))) / (targets != IGNORED).sum()


def _wide(x: Tensor) -> torch.dtype:
    """Give the dtype that losses are summed in: float32, or float64 for float64 inputs."""
    return torch.float64 if x.dtype == torch.float64 else torch.float32


def _blocks(rows: int, columns: int) -> list[slice]:
    """Cut `rows` into equal blocks of at most LOGITS_PER_BLOCK logits each (but never under 64 rows)."""
    limit = max(64, LOGITS_PER_BLOCK // columns)
    size = math.ceil(rows / math.ceil(rows / limit)) if rows else 1
    return [slice(start, min(start + size, rows)) for start in range(0, rows, size)]


def _log_softmax(x: Tensor, weight: Tensor) -> Tensor:
    """Give the log-probabilities (R, V) of a block of rows, in at least float32."""
    logits = x @ weight.t()
    if logits.dtype == _wide(x):
        return torch.log_softmax(logits, 1, out=logits)
    return torch.log_softmax(logits, 1, dtype=_wide(x))


def _block_losses(x: Tensor, weight: Tensor, targets: Tensor) -> list[Tensor]:
    """Give the summed loss of each block of rows; no gradients."""
    weight = weight.to(x.dtype)
    return [_summed_loss(_log_softmax(x[rows], weight), targets[rows]) for rows in _blocks(x.shape[0], weight.shape[0])]


def _summed_loss(log_probabilities: Tensor, targets: Tensor) -> Tensor:
    """Give the sum of -log p(target) over the rows (R, V) that count."""
    counted = targets != IGNORED
    picked = log_probabilities.gather(1, targets.clamp_min(0)[:, None]).squeeze(1)
    return -(picked * counted).sum()


class _LinearCrossEntropy(torch.autograd.Function):
    """Loss and both gradients in one pass over blocks of rows.

    With p the softmax and t the one-hot target, d loss/d logits = (p - t) / N. The one-hot part touches one
    row of the weight for each target, so it is applied as a gather and a scatter instead of in the block.
    """

    @staticmethod
    def forward(ctx: Any, x: Tensor, weight: Tensor, targets: Tensor) -> Tensor:
        counted = targets != IGNORED
        per_row = counted.to(_wide(x)) / counted.sum()
        safe_targets = targets.clamp_min(0)
        narrow = weight.to(x.dtype)
        grad_x = torch.empty_like(x)
        grad_weight = torch.zeros_like(weight)
        loss = x.new_zeros((), dtype=_wide(x))
        for rows in _blocks(x.shape[0], weight.shape[0]):
            log_p = _log_softmax(x[rows], narrow)
            loss += _summed_loss(log_p, targets[rows])
            scale = per_row[rows, None].to(x.dtype)
            p = log_p.exp_().to(x.dtype)
            grad_x[rows] = (p @ narrow - narrow[safe_targets[rows]]) * scale
            x_scaled = x[rows] * scale
            if grad_weight.dtype == p.dtype:
                grad_weight.addmm_(p.t(), x_scaled)
            else:
                grad_weight += p.t() @ x_scaled
        grad_weight.index_add_(0, safe_targets, (x * per_row[:, None]).to(weight.dtype), alpha=-1)
        ctx.save_for_backward(grad_x, grad_weight)
        return loss / counted.sum()

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor, Tensor, None]:
        grad_x, grad_weight = ctx.saved_tensors
        # the gradients already are those of the loss itself; on the CPU asking costs nothing
        if grad.device.type == "cpu" and grad.item() == 1.0:
            return grad_x, grad_weight, None
        return grad_x * grad.to(grad_x.dtype), grad_weight * grad.to(grad_weight.dtype), None
