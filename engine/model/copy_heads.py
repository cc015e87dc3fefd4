"""A beginning in which a model can copy already: it finds what followed the same token before, and expects it again.

Such a pair of heads, one that looks a token back and one in a later layer that looks for what the first has found, is
what models learn on their way (Olsson et al., "In-context Learning and Induction Heads", 2022, arXiv:2209.11895),
small ones in short runs hardly ever. Here the weights begin with it, the rest of them at random as always; learning may
change all of them. It stays a GPT-2 like any other.

The width is shared out at the beginning: a few numbers for the position, as many for the token before, the rest for
the token itself. Positions are sines and cosines (Vaswani et al. 2017), of which one position back is a rotation.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

from engine.model.gpt import GPT, Block, CausalSelfAttention, ModelArgs

PART = 32
"""Numbers of the width for the position, and for the token before, at most."""

FASTEST, SLOWER = 2.5, 0.75
"""Radians by which the fastest pair of sine and cosine turns from a position to the next; each further one turns
slower by this factor."""

QUIET = 0.25
"""What is left of the random token vectors in the parts for the position and the token before."""

QUIETER = 0.3
"""What is left of what else the first layer writes at random, which would drown the token before."""

SIZE = 0.03
"""How large the position and the token before are written, beside token vectors of 0.02."""

LOOK_BACK, LOOK_FOR = 1.5, 1.6
"""Scales of queries and keys: how sharply the first head looks one back, and the second for the same token."""

EXPECT = 0.04
"""How strongly the second head writes what it has found."""


@torch.no_grad()
def begin_with_copy_heads(model: GPT) -> None:
    """Write both heads into the first two layers of a fresh model, each as the first head there.

    The model has two layers at least, and heads of two numbers. Draws random numbers, beyond those it was made of.
    """
    args, tables = model.args, model.transformer
    size, part = args.n_embd // args.n_head, _part(args)
    position, before, token = slice(0, part), slice(part, 2 * part), slice(2 * part, None)
    turns = FASTEST * SLOWER ** torch.arange(part // 2)
    tables.wpe.weight.mul_(0.1)[:, position].add_(_waves(args.block_size, turns), alpha=SIZE)
    tables.wte.weight[:, : 2 * part].mul_(QUIET)
    lower, upper = (layer for layer in list(tables.h)[:2] if isinstance(layer, Block))
    for begun_at_random in (lower.attn.c_proj.weight[:, size:], lower.mlp.c_proj.weight):
        begun_at_random.mul_(QUIETER)
    rest = args.n_embd - 2 * part
    seen = torch.randn(part, rest) / math.sqrt(rest)
    first, second = _FirstHead(lower.attn, size), _FirstHead(upper.attn, size)
    first.query[:part, position].add_(_one_back(turns), alpha=LOOK_BACK)
    first.key[:part, position].add_(torch.eye(part), alpha=LOOK_BACK)
    first.value[:part, token].add_(seen)
    first.output[before, :part].add_(torch.eye(part), alpha=SIZE)
    second.query[:part, token].add_(seen, alpha=LOOK_FOR)
    second.key[:part, before].add_(torch.eye(part), alpha=LOOK_FOR)
    copied = torch.eye(rest)[:size]
    second.value[: len(copied), token].add_(copied)
    second.output[token, : len(copied)].add_(copied.mT, alpha=EXPECT)


def _part(args: ModelArgs) -> int:
    """Return how many numbers of the width are for the position, and as many for the token before: an even number."""
    return min(PART, args.n_embd // args.n_head, max(2, args.n_embd // 4)) // 2 * 2


class _FirstHead:
    """The weights of an attention's first head, as views: little of their random beginning is left."""

    def __init__(self, attention: CausalSelfAttention, size: int) -> None:
        self.query, self.key, self.value = (part[:size].mul_(0.2) for part in attention.c_attn.weight.chunk(3))
        self.output = attention.c_proj.weight[:, :size].mul_(0.1)


def _waves(positions: int, turns: Tensor) -> Tensor:
    """Return sines and cosines of each position in turn, (T, 2 F), for F turns."""
    angles = torch.arange(positions)[:, None] * turns
    return torch.stack((angles.sin(), angles.cos()), 2).flatten(1)


def _one_back(turns: Tensor) -> Tensor:
    """Return the rotation (2 F, 2 F) that takes the waves of each position to those of the position before."""
    back = torch.zeros(2 * len(turns), 2 * len(turns))
    sines, cosines = slice(0, None, 2), slice(1, None, 2)
    back[sines, sines] = back[cosines, cosines] = turns.cos().diag()
    back[cosines, sines] = turns.sin().diag()
    back[sines, cosines] = -turns.sin().diag()
    return back
