"""What an exported file computes: GPT-2's formula over the tensors that stand in it, apart from engine/model/gpt.py.

Written from the formula (Radford et al. 2019; Hugging Face's modeling_gpt2.py names its parts), so that a mistake in
writing a file cannot be undone by the same mistake in reading it.

Shapes: B sequences, T time, C n_embd, nh n_head, hs head size, V tokens.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadBack:
    """A file that was written, as it can be read.

    Attributes:
        n_layer, n_head, epsilon: what the file itself says of the shape and of its norms.
        tensor: gives a weight by Hugging Face's name for it, matrices as (inputs, outputs), in float32.
    """

    n_layer: int
    n_head: int
    epsilon: float
    tensor: Callable[[str], Tensor]

    @torch.inference_mode()
    def logits(self, tokens: Tensor, approximate: str) -> Generator[None, None, Tensor]:
        """Return the logits of every position, (B, T) -> (B, T, V), yielding after each layer.

        `approximate` is "none" for GELU itself, or "tanh" for the approximation that some programs take.
        """
        table = self.tensor("wte.weight")
        x = table[tokens] + self.tensor("wpe.weight")[: tokens.shape[1]]
        for layer in range(self.n_layer):
            name = f"h.{layer}."
            x = x + self._attention(name + "attn.", self._norm(name + "ln_1", x))
            wide = F.gelu(self._linear(name + "mlp.c_fc", self._norm(name + "ln_2", x)), approximate=approximate)
            x = x + self._linear(name + "mlp.c_proj", wide)
            yield
        return self._norm("ln_f", x) @ table.T

    def _norm(self, name: str, x: Tensor) -> Tensor:
        centred = x - x.mean(-1, keepdim=True)
        scaled = centred / (centred.square().mean(-1, keepdim=True) + self.epsilon).sqrt()
        return scaled * self.tensor(name + ".weight") + self.tensor(name + ".bias")

    def _linear(self, name: str, x: Tensor) -> Tensor:
        return x @ self.tensor(name + ".weight") + self.tensor(name + ".bias")

    def _attention(self, name: str, x: Tensor) -> Tensor:
        batch, time, width = x.shape
        shape = (batch, time, self.n_head, width // self.n_head)
        q, k, v = (part.reshape(shape).transpose(1, 2) for part in self._linear(name + "c_attn", x).chunk(3, -1))
        scores = q @ k.transpose(-2, -1) / (width // self.n_head) ** 0.5
        later = torch.ones(time, time, dtype=torch.bool).triu(1)
        mixed = torch.softmax(scores.masked_fill(later, -torch.inf), -1) @ v
        return self._linear(name + "c_proj", mixed.transpose(1, 2).reshape(batch, time, width))
