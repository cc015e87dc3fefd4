"""The model as it writes: one token at a time, with keys and values kept.

The context rule. A model sees at most block_size tokens. With absolute positions, dropping one old token at
each step would change every position and every kept key; so when the block is full, its older half goes and the
rest is read once more. Which tokens are seen is a function of the length alone (`window_start`), so a
recomputation from nothing sees the same ones and gives the same text.

Shapes: B sequences side by side, T time, C n_embd, nh n_head, hs head size, V vocabulary.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

from engine.model import GPT, CausalSelfAttention, heads, merged


def window_start(length: int, block_size: int) -> int:
    """Give where the window begins from which token number `length` is predicted."""
    half = max(1, block_size // 2)
    return max(0, -(-(length - block_size) // half)) * half


class Decoder:
    """A model, a number of sequences, and their keys and values."""

    def __init__(self, model: GPT, sequences: int = 1) -> None:
        self.model = model
        args = model.args
        weight = model.lm_head.weight
        shape = (args.n_layer, sequences, args.n_head, args.block_size, args.n_embd // args.n_head)
        self._keys = torch.zeros(shape, dtype=weight.dtype, device=weight.device)
        self._values = torch.zeros_like(self._keys)
        # a device that compiles a kernel for each shape gets one shape: everything, under a mask
        self._whole = weight.device.type == "mps"
        self._tokens = torch.empty((sequences, 0), dtype=torch.long, device=weight.device)
        self._read = 0

    @torch.inference_mode()
    def feed(self, tokens: Tensor) -> Tensor:
        """Append tokens (B, T) and give the logits (B, V) of what may follow."""
        self._tokens = torch.cat((self._tokens, tokens.to(self._tokens.device)), dim=1)
        start = window_start(self._tokens.shape[1], self.model.args.block_size)
        if start:
            self._tokens = self._tokens[:, start:]
            self._read = 0
        unread = self._tokens[:, self._read :]
        logits = self._forward(unread)
        self._read = self._tokens.shape[1]
        return logits

    def _forward(self, tokens: Tensor) -> Tensor:
        """Read tokens (B, T) at the next positions; give the last one's logits (B, V)."""
        first, time = self._read, tokens.shape[1]
        last = first + time
        transformer = self.model.transformer
        positions = torch.arange(first, last, device=tokens.device)
        x = transformer.wte(tokens) + transformer.wpe(positions)
        seen = self._keys.shape[3] if self._whole else last
        mask = None
        if self._whole or (first and time > 1):
            mask = torch.arange(seen, device=tokens.device) <= positions[:, None]
        for layer, block in enumerate(transformer.h):
            x = x + self._attend(layer, block.attn, block.ln_1(x), first, seen, mask)  # type: ignore[arg-type, operator]
            mlp = block.mlp
            x = x + mlp.c_proj(F.gelu(mlp.c_fc(block.ln_2(x))))  # type: ignore[operator, union-attr]
        last_features: Tensor = transformer.ln_f(x[:, -1])
        return last_features @ self.model.lm_head.weight.t()

    def _attend(
        self, layer: int, attention: CausalSelfAttention, x: Tensor, first: int, seen: int, mask: Tensor | None
    ) -> Tensor:
        """Attend from x (B, T, C) to everything kept and to itself."""
        q, k, v = (heads(part, attention.n_head) for part in attention.c_attn(x).chunk(3, dim=2))
        time = x.shape[1]
        keys, values = self._keys[layer], self._values[layer]
        keys[:, :, first : first + time] = k
        values[:, :, first : first + time] = v
        causal = mask is None and time > 1
        y = F.scaled_dot_product_attention(q, keys[:, :, :seen], values[:, :, :seen], attn_mask=mask, is_causal=causal)
        attended: Tensor = attention.c_proj(merged(y))
        return attended
