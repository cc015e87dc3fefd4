"""The output layer and its cross-entropy in one: the logits of a large vocabulary never exist whole.

With GPT-2's 50,304 columns the logits, their softmax and their gradient are most of a small model's memory.
Here a block of rows at a time is multiplied out, its loss taken, and both gradients made at once; what stays
is the gradient itself. The arithmetic is that of `F.cross_entropy(F.linear(x, weight), targets)`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from engine.machine.formulation import formulation_on
from engine.model.linear import add_product, product
from engine.model.matmul import fast_products
from engine.model.shape import SMALLEST_BLOCK

WIDENED_ROWS = 4096
"""Rows of a bfloat16 product that are added to a float32 total at a time."""

IGNORED = -1
"""A target that counts nowhere, as in nanoGPT."""


@dataclass(frozen=True, slots=True)
class Lesson:
    """What another model expects at each position: the softmax of `x @ weight.T`, x (N, C), weight (V, C).

    `share` of a target is that, the rest is the token that stands there.
    """

    x: Tensor
    weight: Tensor
    share: float

    def to(self, dtype: torch.dtype) -> Lesson:
        """Return it with its products in a dtype."""
        return Lesson(self.x.to(dtype), self.weight.to(dtype), self.share)

    def expected(self, rows: slice) -> Tensor:
        """Return the softmax (R, V) of a block of rows."""
        logits = self.x[rows] @ self.weight.t()
        return torch.softmax(logits, 1, out=logits)


def linear_cross_entropy(x: Tensor, weight: Tensor, targets: Tensor, lesson: Lesson | None = None) -> Tensor:
    """Return the mean cross-entropy of `x @ weight.T` against `targets`, a scalar in nats.

    x: (N, C), weight: (V, C), targets: (N,) int64, where IGNORED rows count nowhere. Under autocast the
    products are taken in its dtype. NaN when every target is ignored, as in torch. With a lesson the gradient is that
    of the cross-entropy against its mixed targets; what is returned stays the loss of the text, so that it can be held
    against any other.
    """
    kind = x.device.type
    x = x.to(torch.get_autocast_dtype(kind) if torch.is_autocast_enabled(kind) else weight.dtype)
    if torch.is_grad_enabled() and (x.requires_grad or weight.requires_grad):
        loss: Tensor = _LinearCrossEntropy.apply(x, weight, targets, lesson)  # type: ignore[no-untyped-call]
        return loss
    weight = weight.to(x.dtype)
    counted, targets = targets != IGNORED, targets.clamp_min(0)
    with fast_products(x.device, x.shape[0] * weight.numel()):
        blocks = _blocks(x, weight)
        room = _room(x, weight, blocks)
        sums = [_probabilities(x[rows], weight, targets[rows], counted[rows], room)[1] for rows in blocks]
    return -_total(sums) / counted.sum()


def _blocks(x: Tensor, weight: Tensor) -> list[slice]:
    """Cut the rows of `x` into equal blocks of no more logits than the device wants (or of SMALLEST_BLOCK rows)."""
    rows, most = x.shape[0], formulation_on(x.device).block_bytes
    limit = max(SMALLEST_BLOCK, most // (x.element_size() * weight.shape[0]))
    size = math.ceil(rows / math.ceil(rows / limit)) if rows else 1
    return [slice(start, min(start + size, rows)) for start in range(0, rows, size)]


def _room(x: Tensor, weight: Tensor, blocks: list[slice]) -> Tensor:
    """Return the memory of the largest block's logits, for all of them in turn: asked for once, it leaves one hole."""
    rows = max((block.stop - block.start for block in blocks), default=0)
    return torch.empty((rows, weight.shape[0]), dtype=x.dtype, device=x.device)


def _probabilities(x: Tensor, weight: Tensor, targets: Tensor, counted: Tensor, room: Tensor) -> tuple[Tensor, Tensor]:
    """Return the softmax (R, V) of a block of rows, and the sum of log p(target) over the rows that count.

    It stands in `room`, first the logits and then the softmax in their place. A probability too small for
    its dtype has lost its digits: on the CPU, where that can be asked for free, such a row is done again by
    its logits; elsewhere it counts as the smallest there is (a loss of 87 nats).
    """
    logits = torch.mm(x, weight.t(), out=room[: x.shape[0]])
    p = torch.softmax(logits, 1, out=logits)
    p_target = p.gather(1, targets[:, None]).squeeze(1).to(_wide(x.dtype))
    smallest = torch.finfo(p_target.dtype).tiny
    log_p = p_target.clamp_min(smallest).log()
    if x.device.type == "cpu" and bool((lost := p_target < smallest * 2**24).any()):
        exact = torch.log_softmax((x[lost] @ weight.t()).to(log_p.dtype), 1)
        log_p[lost] = exact.gather(1, targets[lost, None]).squeeze(1)
    return p, (log_p * counted).sum()


def _total(sums: list[Tensor]) -> Tensor:
    """Return the sum of the blocks' sums."""
    return torch.stack(sums).sum() if len(sums) != 1 else sums[0]


def _wide(dtype: torch.dtype) -> torch.dtype:
    """Return the dtype that losses are summed in: float32, or float64 for float64 inputs."""
    return torch.float64 if dtype == torch.float64 else torch.float32


class _LinearCrossEntropy(torch.autograd.Function):
    """Loss and both gradients in one pass over blocks of rows.

    With p the softmax and t the one-hot target, d loss/d logits = (p - t) / N. The one-hot part touches one
    row of the weight for each target, so it is applied as a gather and a scatter instead of in the block.
    With q the softmax of a lesson and a its share, it is (p - a q - (1 - a) t) / N.
    """

    @staticmethod
    def forward(ctx: Any, x: Tensor, weight: Tensor, targets: Tensor, lesson: Lesson | None) -> Tensor:
        counted, targets = targets != IGNORED, targets.clamp_min(0)
        count = counted.sum()
        scale = (counted.to(_wide(x.dtype)) / count)[:, None]
        narrow = weight.to(x.dtype)
        x_scaled = (x * scale).to(x.dtype)
        grad_x = torch.empty_like(x)
        grad_weight = torch.empty_like(weight)
        sums = []
        with fast_products(x.device, x.shape[0] * weight.numel()):
            blocks = _blocks(x, weight)
            room = _room(x, weight, blocks)
            lesson = lesson and lesson.to(x.dtype)
            for rows in blocks:
                p, log_p = _probabilities(x[rows], narrow, targets[rows], counted[rows], room)
                sums.append(log_p)
                if lesson is not None:
                    p.sub_(lesson.expected(rows), alpha=lesson.share)
                product(p, narrow, out=grad_x[rows])
                _add_product(grad_weight, p.t(), x_scaled[rows], first=rows.start == 0)
            del room, p
        text = 1.0 if lesson is None else 1.0 - lesson.share
        grad_x.sub_(narrow[targets], alpha=text).mul_(scale)
        grad_weight.index_add_(0, targets, x_scaled.to(weight.dtype), alpha=-text)
        ctx.gradients = grad_x, grad_weight
        return -_total(sums) / count

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor, Tensor, None, None]:
        grad_x, grad_weight = ctx.gradients
        del ctx.gradients  # so that autograd may keep them as they are, without a copy
        # the gradients already are those of the loss itself; on the CPU asking costs nothing
        if grad.device.type == "cpu" and grad.item() == 1.0:
            return grad_x, grad_weight, None, None
        return _scaled(grad_x, grad), _scaled(grad_weight, grad), None, None


def _scaled(gradient: Tensor, by: Tensor) -> Tensor:
    """Multiply in the wider dtype of the two: a loss scale of 65,536 is more than float16 can say."""
    wide = torch.promote_types(gradient.dtype, by.dtype)
    return gradient.mul_(by) if wide == gradient.dtype else (gradient.to(wide) * by).to(gradient.dtype)


def _add_product(total: Tensor, a: Tensor, b: Tensor, *, first: bool) -> None:
    """Add `a @ b` to a running total, which at first holds nothing.

    Where the total is wider than the product, a few rows at a time: a product is widened while it is in the cache.
    """
    if total.dtype == a.dtype:
        if first:
            product(a, b, out=total)
        else:
            add_product(total, a, b)
        return
    for start in range(0, len(total), WIDENED_ROWS):
        rows = slice(start, start + WIDENED_ROWS)
        if first:
            total[rows] = product(a[rows], b)
        else:
            total[rows].add_(product(a[rows], b))
