"""Causal attention for training, with its own way back: on the CPU by blocks of rows, on MPS whole.

torch's own kernel for the CPU multiplies small tiles, one head at a time. Here a block of queries of all heads
meets the keys before it in one batched product, which keeps the processor's matrix units busy; half of what the mask
hides is never multiplied. Like that kernel it keeps no weights for the way back but makes them again.

torch has no kernel with a way back for MPS: it makes a mask anew in every layer and passes over the weights some
sixteen times, where the time goes to launches and to memory. Here one mask serves all layers, each step is one
product, and the weights are kept.
"""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor

from engine.model.dropout import drop_, keeping
from engine.model.shape import QUERIES


def causal_attention(qkv: Tensor, n_head: int, dropout: float = 0.0) -> Tensor:
    """Attend each position to itself and those before: queries, keys and values (B, T, 3 C) -> (B, T, C).

    A share `dropout` of the weights by which values are taken is dropped.
    """
    attended: Tensor = _CausalAttention.apply(qkv, n_head, dropout)  # type: ignore[no-untyped-call]
    return attended


class _CausalAttention(torch.autograd.Function):
    """With P the weights and S the scores: dV = P^T dY; dP = dY V^T, through the softmax dS; dQ = dS K, dK = dS^T Q.

    Dropout stands between P and V, so that its masks (two bytes a weight) apply to P in dV, and to dP; what remains is
    made larger in Y and dY, which are smaller than P.
    """

    @staticmethod
    def forward(ctx: Any, qkv: Tensor, n_head: int, dropout: float) -> Tensor:
        q, k, v = _split(qkv, n_head)
        y, masks = torch.empty_like(v), []
        for start, end in _blocks(q.shape[1]):
            weights = _weights(q, k, start, end)
            if dropout:
                masks.append(keeping(weights.shape, dropout))
                drop_(weights, masks[-1])
            torch.bmm(weights, v[:, :end], out=y[:, start:end])
        ctx.save_for_backward(qkv, *masks)
        ctx.n_head, ctx.dropout = n_head, dropout
        return _merge(_larger(y, dropout)[None], qkv.shape[0])

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor, None, None]:
        qkv, *masks = ctx.saved_tensors
        q, k, v = _split(qkv, ctx.n_head)
        (grad_y,) = _heads(grad, 1, ctx.n_head)
        _larger(grad_y, ctx.dropout)
        gradients = torch.zeros(3, *q.shape, dtype=q.dtype)
        grad_q, grad_k, grad_v = gradients
        for number, (start, end) in enumerate(_blocks(q.shape[1])):
            weights = _weights(q, k, start, end)
            taken = drop_(weights.clone(), masks[number]) if masks else weights
            queries, above = q[:, start:end], grad_y[:, start:end]
            grad_v[:, :end].baddbmm_(taken.transpose(1, 2), above)
            grad_weights = torch.bmm(above, v[:, :end].transpose(1, 2))
            if masks:
                drop_(grad_weights, masks[number])
            scores = torch.ops.aten._softmax_backward_data(grad_weights, weights, 2, q.dtype)
            torch.bmm(scores, k[:, :end], out=grad_q[:, start:end])
            grad_k[:, :end].baddbmm_(scores.transpose(1, 2), queries)
        grad_q.mul_(_scale(q))
        return _merge(gradients, qkv.shape[0]), None, None


class WholeAttention:
    """Attention of all positions at once, with a mask that is made once."""

    def __init__(self) -> None:
        self._later: Tensor | None = None

    def __call__(self, qkv: Tensor, n_head: int, dropout: float = 0.0) -> Tensor:
        """Attend each position to itself and those before, as `causal_attention` does."""
        attended: Tensor = _WholeAttention.apply(qkv, self._mask(qkv), n_head, dropout)  # type: ignore[no-untyped-call]
        return attended

    def _mask(self, qkv: Tensor) -> Tensor:
        """Return what is added to the scores: (T, T), -inf where a position would see a later one."""
        time, kept = qkv.shape[1], self._later
        if kept is None or (len(kept), kept.dtype, kept.device) != (time, qkv.dtype, qkv.device):
            self._later = kept = torch.full((time, time), -math.inf, dtype=qkv.dtype, device=qkv.device).triu_(1)
        return kept


class _WholeAttention(torch.autograd.Function):
    """The arithmetic of `_CausalAttention` in one block; it keeps the weights, and a byte each for what is dropped."""

    @staticmethod
    def forward(ctx: Any, qkv: Tensor, later: Tensor, n_head: int, dropout: float) -> Tensor:
        q, k, v = _split(qkv, n_head)
        scores = torch.bmm(q, k.transpose(1, 2)).add_(later)
        weights = torch.softmax(scores, 2, out=scores)
        taken, mask = torch.native_dropout(weights, dropout, True) if dropout else (weights, None)
        ctx.save_for_backward(q, k, v, weights, mask)
        ctx.n_head, ctx.dropout = n_head, dropout
        return _merge(torch.bmm(taken, v)[None], qkv.shape[0])

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor, None, None, None]:
        q, k, v, weights, mask = ctx.saved_tensors
        (grad_y,) = _heads(grad, 1, ctx.n_head)
        gradients = torch.empty(3, *q.shape, dtype=q.dtype, device=q.device)
        grad_q, grad_k, grad_v = gradients
        torch.bmm(_dropped(weights, mask, ctx.dropout).transpose(1, 2), grad_y, out=grad_v)
        grad_weights = _dropped(torch.bmm(grad_y, v.transpose(1, 2)), mask, ctx.dropout)
        scores = torch.ops.aten._softmax_backward_data(grad_weights, weights, 2, q.dtype)
        torch.bmm(scores, k, out=grad_q).mul_(_scale(q))
        torch.bmm(scores.transpose(1, 2), q, out=grad_k)
        return _merge(gradients, grad.shape[0]), None, None, None


def _dropped(x: Tensor, mask: Tensor | None, dropout: float) -> Tensor:
    """Return `x` as torch.native_dropout made it of this mask; without one as it is."""
    if mask is None:
        return x
    dropped: Tensor = torch.ops.aten.native_dropout_backward(x, mask, 1 / (1 - dropout))
    return dropped


def _weights(q: Tensor, k: Tensor, start: int, end: int) -> Tensor:
    """Return what the positions from `start` to `end` attend to: (B nh, end - start, end), each row summing to 1."""
    scores = torch.bmm(q[:, start:end], k[:, :end].transpose(1, 2))
    later = torch.full((end - start, end - start), -math.inf, dtype=q.dtype).triu_(1)
    scores[:, :, start:].add_(later)
    return torch.softmax(scores, 2, out=scores)


def _larger(x: Tensor, dropout: float) -> Tensor:
    """Make up in place for what was dropped, so that the mean stays."""
    return x.div_(1 - dropout) if dropout else x


def _split(qkv: Tensor, n_head: int) -> tuple[Tensor, Tensor, Tensor]:
    """Return queries (scaled), keys and values by head: (B, T, 3 C) -> three of (B nh, T, hs)."""
    q, k, v = _heads(qkv, 3, n_head)
    return q.mul_(_scale(q)), k, v


def _heads(x: Tensor, parts: int, n_head: int) -> Tensor:
    """Copy so many parts by head: (B, T, parts C) -> (parts, B nh, T, hs)."""
    batch, time, width = x.shape
    by_head = x.view(batch, time, parts, n_head, width // parts // n_head).permute(2, 0, 3, 1, 4)
    return by_head.clone(memory_format=torch.contiguous_format).view(parts, batch * n_head, time, -1)


def _merge(x: Tensor, batch: int) -> Tensor:
    """Undo `_heads`: (parts, B nh, T, hs) -> (B, T, parts C)."""
    parts, _, time, size = x.shape
    return x.view(parts, batch, -1, time, size).permute(1, 3, 0, 2, 4).reshape(batch, time, -1)


def _scale(q: Tensor) -> float:
    return 1 / math.sqrt(q.shape[2])


def _blocks(time: int) -> list[tuple[int, int]]:
    return [(start, min(start + QUERIES, time)) for start in range(0, time, QUERIES)]
