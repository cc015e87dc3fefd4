"""The shape of a model: its parameters by place, and the block sizes its kernels work by. No torch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

SMALLEST_BLOCK = 64
"""Rows that a block of logits has at least (engine/model/loss.py)."""


QUERIES = 128
"""Rows of queries in a block of attention (engine/model/attention.py)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ParameterCount:
    """Parameters by place; the token table serves as output layer too and counts once."""

    embedding: int
    position: int
    blocks: int

    @property
    def total(self) -> int:
        """All parameters."""
        return self.embedding + self.position + self.blocks


class Shape(Protocol):
    """What a TrainConfig and a checkpoint's ModelArgs both tell of a model."""

    @property
    def n_layer(self) -> int: ...  # noqa: D102
    @property
    def n_embd(self) -> int: ...  # noqa: D102
    @property
    def block_size(self) -> int: ...  # noqa: D102
    @property
    def bias(self) -> bool: ...  # noqa: D102


def parameter_count(shape: Shape, vocab_size: int) -> ParameterCount:
    """Count the parameters of a shape: equal to torch's own count of the model.

    A block holds c_attn (3 C^2), attn.c_proj (C^2), c_fc and mlp.c_proj (4 C^2 each) and two norms; with
    bias=True each of these has a bias as well. The final norm is counted with the blocks.
    """
    width, bias = shape.n_embd, int(shape.bias)
    block = 12 * width**2 + 2 * width + bias * (3 + 1 + 4 + 1 + 2) * width
    return ParameterCount(
        embedding=vocab_size * width,
        position=shape.block_size * width,
        blocks=shape.n_layer * block + (1 + bias) * width,
    )
