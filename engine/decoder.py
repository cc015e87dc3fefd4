"""The model as it writes: one token at a time, with keys and values kept.

The context rule. A model sees at most block_size tokens. With absolute positions, dropping one old token at
each step would change every position and every kept key; so when the block is full, its older half goes and the
rest is read once more. Which tokens are seen is a function of the length alone (`window_start`), so a
recomputation from nothing sees the same ones and gives the same text.

Shapes: B sequences side by side, T time, C n_embd, nh n_head, hs head size, V vocabulary.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from engine.model import GPT, Block, LayerNorm, heads, merged
from engine.packing import Linear, packed


def window_start(length: int, block_size: int) -> int:
    """Give where the window begins from which token number `length` is predicted."""
    half = max(1, block_size // 2)
    return max(0, -(-(length - block_size) // half)) * half


@dataclass(frozen=True, slots=True)
class _Layer:
    """What one block of the model does to a row, and what it has kept: keys and values (B, nh, block_size, hs)."""

    ln_1: LayerNorm
    c_attn: Linear
    attn_c_proj: Linear
    ln_2: LayerNorm
    c_fc: Linear
    mlp_c_proj: Linear
    keys: Tensor
    values: Tensor


class Decoder:
    """A model, a number of sequences, and their keys and values.

    With `frozen` the weights are taken as they are now, in the layout that is fastest to read; without, a
    model that still learns is read where it stands.
    """

    def __init__(self, model: GPT, sequences: int = 1, *, frozen: bool = False) -> None:
        self._args = model.args
        self._transformer = model.transformer
        linear = packed if frozen else _as_it_stands
        self._head = linear(model.lm_head)
        weight = model.lm_head.weight
        shape = (sequences, self._args.n_head, self._args.block_size, self._args.n_embd // self._args.n_head)
        self._layers = [
            _Layer(
                block.ln_1,
                linear(block.attn.c_attn),
                linear(block.attn.c_proj),
                block.ln_2,
                linear(block.mlp.c_fc),
                linear(block.mlp.c_proj),
                torch.zeros(shape, dtype=weight.dtype, device=weight.device),
                torch.zeros(shape, dtype=weight.dtype, device=weight.device),
            )
            for block in self._transformer.h
            if isinstance(block, Block)
        ]
        # a device that compiles a kernel for each shape gets one shape: everything, under a mask
        self._whole = weight.device.type == "mps"
        self._nothing = torch.empty((sequences, 0), dtype=torch.long, device=weight.device)
        self.reset()

    def reset(self) -> None:
        """Forget what was read, and begin anew."""
        self._tokens = self._nothing
        self._read = 0

    @torch.inference_mode()
    def feed(self, tokens: Tensor) -> Tensor:
        """Append tokens (B, T) and give the logits (B, V) of what may follow."""
        self._tokens = torch.cat((self._tokens, tokens.to(self._tokens.device)), dim=1)
        start = window_start(self._tokens.shape[1], self._args.block_size)
        if start:
            self._tokens = self._tokens[:, start:]
            self._read = 0
        logits = self._forward(self._tokens[:, self._read :])
        self._read = self._tokens.shape[1]
        return logits

    def _forward(self, tokens: Tensor) -> Tensor:
        """Read tokens (B, T) at the next positions; give the last one's logits (B, V)."""
        first, time = self._read, tokens.shape[1]
        seen = self._args.block_size if self._whole else first + time
        positions = torch.arange(first, first + time, device=tokens.device)
        mask = None
        if self._whole or (first and time > 1):
            mask = torch.arange(seen, device=tokens.device) <= positions[:, None]
        x = self._transformer.wte(tokens) + self._transformer.wpe(positions)
        for layer in self._layers:
            x = x + self._attend(layer, layer.ln_1(x), first, seen, mask)
            x = x + layer.mlp_c_proj(F.gelu(layer.c_fc(layer.ln_2(x))))
        return self._head(self._transformer.ln_f(x[:, -1]))

    def _attend(self, layer: _Layer, x: Tensor, first: int, seen: int, mask: Tensor | None) -> Tensor:
        """Attend from x (B, T, C) to everything kept and to itself."""
        time = x.shape[1]
        q, k, v = (heads(part, self._args.n_head) for part in layer.c_attn(x).chunk(3, dim=2))
        layer.keys[:, :, first : first + time] = k
        layer.values[:, :, first : first + time] = v
        y = F.scaled_dot_product_attention(
            q,
            layer.keys[:, :, :seen],
            layer.values[:, :, :seen],
            attn_mask=mask,
            is_causal=mask is None and time > 1,
        )
        return layer.attn_c_proj(merged(y))


def _as_it_stands(layer: nn.Linear) -> Linear:
    """Give the layer itself."""
    return layer
