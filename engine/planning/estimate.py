"""What a run will need, said before it starts: parameters, memory by part, operations. Pure arithmetic."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass

from engine.core.config import TrainConfig
from engine.core.kinds import DeviceKind
from engine.machine.formulation import formulation_of
from engine.model.shape import QUERIES, SMALLEST_BLOCK, parameter_count

FLOAT = 4
"""Bytes of a float32, the dtype of weights, gradients and AdamW's two moments."""


HOLES = 0.55
"""What the CPU's allocator holds in holes between blocks that come and go, as a share of all layers' activations.

This and the three figures below are fitted to the peak of 19 presets, dtypes and batch sizes, each in processes of its
own on Linux (glibc 2.36): what they took beyond the tensors counted below. They leave at most 8 %, mostly under 5;
the same configuration differs by up to 6 % from process to process.
"""

BLOCK_HOLES = 0.5
"""The same for the block of logits, as a share of it: fitted likewise."""

WORKSPACE, NARROW_WORKSPACE = 16 * 2**20, 17 * 2**20
"""What kernels and threads take for themselves on the CPU, without and with autocast: fitted to small models, as little
is seen of it in large ones. It differs by some megabytes from process to process."""

NEWTON_SCHULZ_STEPS = 5
"""How often Muon takes its quintic (engine/training/muon.py)."""

_NARROW = ("bfloat16", "float16")


@dataclass(frozen=True, slots=True, kw_only=True)
class MemoryEstimate:
    """Bytes a run holds at its peak, by part; Python and torch themselves come beside it.

    Each part is what it holds at the moment when their sum is highest: most of the gradient does not exist yet
    while activations are at their most.
    """

    weights: int
    gradients: int
    optimizer: int
    activations: int
    logits: int
    teacher: int = 0

    @property
    def total(self) -> int:
        """All parts together: the peak."""
        return self.weights + self.gradients + self.optimizer + self.activations + self.logits + self.teacher

    def as_dict(self) -> dict[str, int]:
        """Return the parts and their total."""
        return {**asdict(self), "total": self.total}


def memory_estimate(config: TrainConfig, vocab_size: int, device: DeviceKind = "cpu") -> MemoryEstimate:
    """Return the estimated peak memory of training, by part: that of the highest of a few moments of an iteration.

    AdamW holds two moments of every parameter, Muon one of the layers' matrices.
    `dtype` auto is tried both ways before it is settled, so the higher one counts. Not in it: a checkpoint's
    copy while it is written, which is only made where memory is free. What is said for MPS follows from the
    same formulas and published reports of its attention; it has not been verified on a Mac.
    """
    narrow = (False, True) if config.dtype == "auto" and device != "mps" else (config.dtype in _NARROW,)
    iterations = [_Iteration(config, vocab_size, device, each) for each in narrow]
    return max((moment for it in iterations for moment in it.moments()), key=lambda moment: moment.total)


class _Iteration:
    """What is alive at those moments of an iteration that can be its peak.

    Symbols: B batch, T time, N = B T tokens, C n_embd, L layers, nh heads, V vocabulary, P parameters, E = V C
    numbers of the token table, a bytes of a number in products: 4, or 2 under autocast. Weights, gradients,
    moments and the residual stream are always float32.
    """

    def __init__(self, config: TrainConfig, vocab_size: int, device: DeviceKind, narrow: bool) -> None:
        self.config, self.device, self.narrow = config, device, narrow
        self.long = formulation_of(device).side_by_side
        self.vocab_size = vocab_size
        self.number = 2 if narrow else FLOAT
        self.parameters = parameter_count(config, vocab_size).total
        self.table = vocab_size * config.n_embd
        self.tokens = config.batch_size * config.block_size
        self.stream = self.tokens * config.n_embd

    def moments(self) -> list[MemoryEstimate]:
        """Return those moments."""
        updating = [self.updating()] if self.config.optimizer == "muon" else []
        attending = [self.in_attention()] if self.device == "mps" else []
        return [self.in_loss(), self.entering_backward(), *attending, self.leaving_backward(), *updating]

    def layer(self) -> int:
        """Return the bytes that one layer keeps for the way back.

        A token: the residual sum after attention and after the MLP (8 C), both norms' outputs, q, k and v, the
        attended heads, and c_fc before GELU (1 + 1 + 3 + 1 + 4 = 10, a C each), two norms' mean and deviation and,
        but for attention in blocks, its logarithm of sums (4 (4 + nh)).
        """
        kept = (2 * FLOAT + 10 * self.number) * self.stream + FLOAT * (4 + self.config.n_head) * self.tokens
        return kept + self._attention() + (self._masks() if self.config.dropout else 0)

    def _attention(self) -> int:
        """Return the bytes of attention weights and their masks that are kept in one layer.

        On the CPU none, but with dropout masks of two bytes, in blocks of at most Q queries with all keys before them
        (about B nh T (T + Q)). On MPS the weights in any case (a B nh T^2), with dropout a mask of a byte each. On
        CUDA none, but with dropout the weights before, the mask, and after (3 a B nh T^2): no kernel drops without.
        """
        time, dropout = self.config.block_size, bool(self.config.dropout)
        rows = self.tokens * self.config.n_head
        if self.device == "cpu":
            return dropout * rows * (time + min(QUERIES, time))
        return rows * time * (self.number + dropout if self.device == "mps" else 3 * dropout * self.number)

    def _masks(self) -> int:
        """Return the bytes of dropout's masks over a layer's residual stream: two, on the CPU of two bytes each."""
        return (4 if self.device == "cpu" else 2) * self.stream

    def in_loss(self) -> MemoryEstimate:
        """At a block of logits: every layer's activations, and the output layer's gradient as it grows.

        Activations: all layers; the last norm's output, the same scaled and its gradient (3 a N C; under autocast
        the first in float32 as well). Gradients: the table's (4 E). Logits: a block's rows (engine/model/loss.py),
        R V a; under autocast the table's copy (2 E). Under autocast the copies of all matrices are alive too
        (2 * 12 L C^2).
        """
        features = 3 * self.number * self.stream + self.narrow * FLOAT * self.stream
        return self._moment(
            gradients=FLOAT * self.table,
            activations=self._layers(self.config.n_layer) + features,
            copies=self.narrow * 2 * self._matrices(12),
            logits=self._block() + self.narrow * 2 * self.table,
        )

    def entering_backward(self) -> MemoryEstimate:
        """At the last layer's GELU: every activation still, the table's gradient, and c_proj's (4 (E + 4 C^2)).

        On MPS the table's is added where it belongs by now. Two tensors as wide as c_fc come and go (8 a N C). Under
        autocast the copies of c_attn, attn.c_proj and c_fc wait for their turn (2 * 8 L C^2).
        """
        return self._moment(
            gradients=FLOAT * ((0 if self.long else self.table) + 4 * self.config.n_embd**2),
            activations=self._layers(self.config.n_layer) + 8 * self.number * self.stream,
            copies=self.narrow * 2 * self._matrices(8),
        )

    def in_attention(self) -> MemoryEstimate:
        """At the gradients of the last layer's attention weights on MPS, which come and go (2 or 3 a B nh T^2).

        What the last layer's MLP kept is gone (its residual sum, norm and c_fc); gradients of q, k and v are there.
        """
        weights = self.number * self.tokens * self.config.n_head * self.config.block_size
        gone = (FLOAT + 5 * self.number) * self.stream
        coming = (3 if self.config.dropout else 2) * weights + (FLOAT + 4 * self.number) * self.stream
        return self._moment(
            gradients=FLOAT * self.config.n_embd**2,
            activations=self._layers(self.config.n_layer) - gone + coming,
            copies=self.narrow * 2 * self._matrices(4),
        )

    def leaving_backward(self) -> MemoryEstimate:
        """At the first layer's GELU: one layer's activations, and nearly every gradient (4 P).

        On CUDA the token table's gradient comes apart from the output layer's (4 E), elsewhere as few rows.
        """
        table = 0 if formulation_of(self.device).rows_in_place else self.table
        return self._moment(
            gradients=FLOAT * (4 * self.config.n_embd**2 if self.long else self.parameters + table),
            activations=self._layers(1) + 8 * self.number * self.stream,
        )

    def updating(self) -> MemoryEstimate:
        """At Muon's update: every gradient, and what makes that of the MLPs' matrices orthogonal.

        Of those, 8 L C^2 numbers: the gradient, the iteration before and after, and three products of 2 L C^2.
        """
        gradients = 0 if self.long else FLOAT * self.parameters
        return self._moment(gradients=gradients, activations=FLOAT * self._matrices(3 * 8 + 3 * 2))

    def _block(self) -> int:
        """Return the bytes of the logits of one block of rows, as engine/model/loss.py cuts them."""
        limit = max(SMALLEST_BLOCK, formulation_of(self.device).block_bytes // (self.number * self.vocab_size))
        rows = math.ceil(self.tokens / math.ceil(self.tokens / limit))
        return self.number * rows * self.vocab_size

    def _optimizer_numbers(self) -> int:
        """Return how many numbers the optimizer keeps: AdamW two a parameter, Muon one in the layers' matrices."""
        return 2 * self.parameters - (self._matrices(12) if self.config.optimizer == "muon" else 0)

    def _matrices(self, squares: int) -> int:
        return squares * self.config.n_layer * self.config.n_embd**2

    def _layers(self, count: int) -> int:
        """Return the bytes of so many layers' activations and of the embeddings before them, with dropout's mask."""
        mask = (2 if self.device == "cpu" else 1) * self.stream if self.config.embedding_dropout else 0
        return FLOAT * self.stream + mask + count * self.layer()

    def _moment(self, *, gradients: int, activations: int, copies: int = 0, logits: int = 0) -> MemoryEstimate:
        """Return a moment by part: weights 4 P, the optimizer's state, the gradients that come and those kept.

        4 P are kept where they are accumulated, or stand in long tensors (engine/training/parameters.py). Copies for
        autocast count as activations. So does, on the CPU, what allocator and kernels add.
        """
        if self.device == "cpu":
            holes = HOLES * self._layers(self.config.n_layer) + BLOCK_HOLES * self._block()
            activations += int(holes) + (NARROW_WORKSPACE if self.narrow else WORKSPACE)
        keeps = self.long or self.config.gradient_accumulation_steps > 1
        return MemoryEstimate(
            weights=FLOAT * self.parameters,
            gradients=gradients + FLOAT * self.parameters * keeps,
            optimizer=FLOAT * self._optimizer_numbers(),
            activations=activations + copies,
            logits=logits,
            teacher=self._teacher(in_loss=logits > 0),
        )

    def _teacher(self, *, in_loss: bool) -> int:
        """Return the bytes of the model that teaches, where a run has several: its weights (4 P) and its expectations.

        Those are what it hands to its output layer (a N C) and, at a block of logits, as many (R V a) of its own.
        """
        if self.config.generations == 1:
            return 0
        expected = self.number * self.stream + self._block() if in_loss else 0
        return FLOAT * self.parameters + expected


def flops_per_iter(config: TrainConfig, vocab_size: int, *, taught: bool = False) -> int:
    """Return the floating-point operations of one iteration: those of its matrix products, forward and backward.

    Forward, a token: 2 for each weight of the layers' matrices (12 C^2 a layer) and of the output layer (V C);
    attention multiplies q k^T and its weights by v, half of each being masked (2 T C a layer). Backward takes each
    product twice, for its input and for its weight. Looking up a token takes none, so the tied table counts once
    each way; GELU, taken again in backward, is no product. Anything recomputed would not count either. A model that is
    `taught` has another look at the same tokens, forward alone.
    """
    width, time = config.n_embd, config.block_size
    forward = 2 * (12 * config.n_layer * width**2 + vocab_size * width) + 2 * time * width * config.n_layer
    return (3 + taught) * forward * config.tokens_per_iter


def training_flops_per_iter(config: TrainConfig, vocab_size: int) -> int:
    """Return the floating-point operations of one iteration, the products that Muon takes among them.

    What runs are compared by at equal arithmetic. AdamW takes no products. Of a run's generations all but the first
    are taught: this is the mean of all, as if each had as many iterations.
    """
    muon = muon_flops(config.n_layer, config.n_embd) if config.optimizer == "muon" else 0
    plain, taught = (flops_per_iter(config, vocab_size, taught=each) for each in (False, True))
    return plain + (taught - plain) * (config.generations - 1) // config.generations + muon


def muon_flops(n_layer: int, width: int) -> int:
    """Return the operations of Muon's products in one update.

    Each of NEWTON_SCHULZ_STEPS takes 2 (2 n m^2 + m^3) for a matrix of sides m <= n (Jordan 2024,
    kellerjordan.github.io/posts/muon). A layer has four of C x C (queries, keys, values, attention's output) and two
    of C x 4 C: 4 * 6 C^3 + 2 * 18 C^3 a step.
    """
    return NEWTON_SCHULZ_STEPS * n_layer * 60 * width**3
