"""Where each head of each layer looks: the weights of attention themselves, for one token when somebody asks.

A model that writes never has them as a whole, for the kernels that are fast keep none. Here the tokens that it saw are
read once more, with softmax(Q K^T / sqrt(hs)) written out, a layer at a time.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import torch
from torch import Tensor

from engine.generation.decoder import Weights, window_start


@torch.inference_mode()
def attention(weights: Weights, tokens: Sequence[int]) -> Iterator[Tensor]:
    """Yield for each layer what every token looks at, (nh, T, T) in float32: row t over the tokens 0 … t, rest zero.

    There are at most block_size tokens.
    """
    read, heads = torch.tensor([list(tokens)]), weights.args.n_head
    time = read.shape[1]
    x = (weights.vectors(read) + weights.wpe.weight[:time])[0]
    later = torch.full((time, time), -math.inf, device=x.device).triu_(1)
    for layer in weights.layers:
        q, k, v = layer.c_attn(layer.ln_1(x)).view(time, 3, heads, -1).permute(1, 2, 0, 3)
        scores = q.float() @ k.float().transpose(1, 2) / math.sqrt(q.shape[2])
        looked = torch.softmax(scores + later, 2)
        yield looked
        y = (looked.to(v.dtype) @ v).transpose(0, 1).reshape(time, -1)
        x = layer.attn_c_proj.added(y, to=x)
        x = layer.mlp_c_proj.added(layer.c_fc.gelu(layer.ln_2(x)), to=x)


def attention_to(weights: Weights, before: Sequence[int]) -> Iterator[Tensor]:
    """Yield for each layer where a model looks when it writes what comes after some tokens: (nh, S), on the CPU.

    S are the last of them, those of the window that it writes from; `forgotten` tells how many stand before.
    """
    for looked in attention(weights, before[forgotten(weights, before) :]):
        yield looked[:, -1].cpu()


def forgotten(weights: Weights, before: Sequence[int]) -> int:
    """Return how many tokens a model does not see any more when it writes what comes after some."""
    return window_start(len(before), weights.args.block_size)
