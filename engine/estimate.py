"""What a run will need, said before it starts: parameters and memory by part. Pure arithmetic, no torch."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Protocol

from engine.config import TrainConfig

FLOAT = 4
"""Bytes of a float32, the dtype of weights, gradients and AdamW's two moments."""


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


@dataclass(frozen=True, slots=True, kw_only=True)
class MemoryEstimate:
    """Bytes a run holds at its peak, by part."""

    weights: int
    gradients: int
    optimizer: int
    activations: int
    logits: int

    @property
    def total(self) -> int:
        """All parts together."""
        return self.weights + self.gradients + self.optimizer + self.activations + self.logits

    def as_dict(self) -> dict[str, int]:
        """Give the parts and their total."""
        return {**asdict(self), "total": self.total}


def memory_estimate(config: TrainConfig, vocab_size: int, device: str = "cpu") -> MemoryEstimate:
    """Estimate the peak memory of training in float32, by part.

    weights, gradients: 4 bytes a parameter; optimizer: AdamW's two moments, 8 bytes a parameter.
    activations: what each layer keeps for the way back, a token: two norms' inputs and outputs (4 C), q, k, v
    (3 C), the attended heads and their statistics (C + nh), c_fc before and after GELU (8 C), the residual
    sums (2 C). On a device without a memory-saving attention kernel (MPS) the B x nh x T x T weights come
    on top, twice (scores and softmax). logits: one block of engine/loss.py, held as logits and as
    probabilities for a moment.
    """
    parameters = parameter_count(config, vocab_size).total
    tokens = config.batch_size * config.block_size
    a_layer = tokens * (18 * config.n_embd + config.n_head)
    if device == "mps":
        a_layer += 2 * config.batch_size * config.n_head * config.block_size**2
    block_rows = min(tokens, max(64, 2**24 // vocab_size))
    return MemoryEstimate(
        weights=FLOAT * parameters,
        gradients=FLOAT * parameters,
        optimizer=2 * FLOAT * parameters,
        activations=FLOAT * (config.n_layer * a_layer + 6 * tokens * config.n_embd),
        logits=FLOAT * block_rows * vocab_size,
    )
