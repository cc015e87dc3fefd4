"""What a device makes of a model: features, some steps of training, a text written. And how far two devices differ."""

from __future__ import annotations

import math
from collections.abc import Generator, Iterator
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from engine.core.config import TrainConfig
from engine.core.errors import TrainingError
from engine.core.events import Turn
from engine.generation.decoder import Decoder, Weights
from engine.machine.device import Device
from engine.model.probes import causal_rule_holds, gradients_drop_alike, spoil_free_memory
from engine.tokens.batches import TokenFile
from engine.training.learner import Learner

STEPS = 3

WRITTEN = 20
"""Tokens that are written, half of them before the block is full and the window moves."""

AT_ONCE = (1, 3)
"""Texts that are written side by side: kernels for one row are others than for several."""

TOLERANCE = {"float32": 2e-3, "bfloat16": 5e-2, "float16": 5e-2}
"""Relative difference that rounding may make to features, losses and gradient norms."""

DRIFT_TOLERANCE = 0.5
"""Difference of a weight's updates, as a share of the update: rounding makes some hundredths, a frozen layer 1."""

DROPPED_TOLERANCE = 0.3
"""Relative difference of what dropout does: each device draws for itself."""

WEIGHT_SCALE, BIAS_SCALE = 4.0, 0.1
"""New weights are so small that the layers hardly matter, new biases are zero; larger ones let a fault show."""

_TINY = 1e-30


@dataclass(frozen=True, slots=True)
class Trace:
    """What one device gave; tensors are on the CPU.

    Attributes:
        features: what the output layer reads, (B, T, C) in training and in an evaluation.
        written: logits (WRITTEN, B, V) of a text through the window's move, for each B of AT_ONCE.
        losses: before each update, in nats; NaN once it is no number.
        grad_norms: of each update.
        updates: what was added to each weight.
        causal: whether no position saw a later one.
        dropped: how far dropout moves the features, as a share of them; 0 without dropout.
        drops_back: whether gradients drop what was dropped.
    """

    features: list[Tensor]
    written: list[Tensor]
    losses: list[float]
    grad_norms: list[float]
    updates: dict[str, Tensor]
    causal: bool
    dropped: float = 0.0
    drops_back: bool = True


def trace(config: TrainConfig, tokens: TokenFile, device: Device) -> Generator[Turn, None, Trace]:
    """Compute, write and train a few steps from the seed; on a GPU in memory that was full of NaN."""
    spoil_free_memory(device.torch)
    learner = _learner(config.changed({"dropout": 0.0}), tokens, device)
    features = [_features(learner, tokens, trains) for trains in (True, False)]
    yield Turn.NEXT
    written = [_written(learner, sequences) for sequences in AT_ONCE]
    yield Turn.NEXT
    found = Trace(features, written, *(yield from _trained(learner, tokens)), causal=True)
    if config.dropout:
        learner = _learner(config, tokens, device)
        dropped = _distance(_features(learner, tokens, trains=True), features[0])
        drops_back = gradients_drop_alike(learner.model, device.torch, learner.dtype)
        found = replace(found, dropped=dropped, drops_back=drops_back)
        yield Turn.NEXT
    return replace(found, causal=causal_rule_holds(learner.model, device.torch, learner.dtype))


def _learner(config: TrainConfig, tokens: TokenFile, device: Device) -> Learner:
    """Return a new model with weights and biases of a size at which a fault in a layer changes what comes out."""
    learner = Learner.fresh(config, tokens.vocab_size, device)
    generator = torch.Generator().manual_seed(config.seed)
    with torch.no_grad():
        for name, weight in learner.model.named_parameters():
            if weight.dim() > 1:
                weight.mul_(WEIGHT_SCALE)
            elif name.endswith("bias"):
                weight.copy_(BIAS_SCALE * torch.randn(weight.shape, generator=generator))
    return learner


def _batch(learner: Learner, tokens: TokenFile) -> tuple[Tensor, Tensor]:
    """Return the first batch, inputs and targets (B, T), on the device."""
    config = learner.config
    inputs, targets = tokens.random_windows(config.batch_size, config.block_size, config.seed, 0)
    return inputs.to(learner.device.torch), targets.to(learner.device.torch)


def _features(learner: Learner, tokens: TokenFile, trains: bool) -> Tensor:
    """Return what the layers make of a batch: training and evaluating are two ways through a device's kernels."""
    model, (inputs, _) = learner.model.train(trains), _batch(learner, tokens)
    torch.manual_seed(learner.config.seed)
    with torch.set_grad_enabled(trains), learner.device.autocast(learner.dtype):
        features: Tensor = model.transformer(inputs)
    return features.detach().float().cpu()


def _written(learner: Learner, sequences: int) -> Tensor:
    """Return the logits (WRITTEN, B, V) of texts written side by side, the block full after half of them."""
    args = learner.model.args
    known = max(1, args.block_size - WRITTEN // 2)
    texts = torch.arange((known + WRITTEN) * sequences).view(sequences, -1) * 31 % args.vocab_size
    decoder = Decoder(Weights.frozen(learner.model, learner.dtype), sequences)
    decoder.add(texts[:, :known])
    decoder.read()
    return torch.stack([decoder.feed(texts[:, n : n + 1]).cpu() for n in range(known, known + WRITTEN)])


def _trained(
    learner: Learner, tokens: TokenFile
) -> Generator[Turn, None, tuple[list[float], list[float], dict[str, Tensor]]]:
    """Make some updates; return their losses, norms of the gradient, and what they added to each weight."""
    learner.model.train()
    start, losses, grad_norms = _weights(learner), [math.nan] * STEPS, [math.nan] * STEPS
    for step in range(STEPS):
        try:
            for _ in learner.update(step, tokens):
                pass
            reading = learner.read(step)
        except TrainingError:  # no number: what the NaNs tell
            break
        losses[step], grad_norms[step] = reading.loss, reading.grad_norm
        yield Turn.NEXT
    return losses, grad_norms, {name: weight - start[name] for name, weight in _weights(learner).items()}


def _weights(learner: Learner) -> dict[str, Tensor]:
    """Return a copy of each weight whose gradient is more than rounding.

    A bias of the keys shifts all scores of a query alike, which softmax takes out again: its gradient is zero.
    """
    weights = {name: weight.detach().to("cpu", copy=True) for name, weight in learner.model.named_parameters()}
    return {
        name: weight.view(3, -1)[[0, 2]] if name.endswith("c_attn.bias") else weight for name, weight in weights.items()
    }


def difference(expected: Trace, found: Trace, tolerance: float) -> str:
    """Return in words how far a device is from what is right, or nothing when it is near enough."""
    return next((problem for problem in _differences(expected, found, tolerance) if problem), "")


def _differences(expected: Trace, found: Trace, tolerance: float) -> Iterator[str]:
    """Yield each way in which a device is off, and nothing for each in which it is not."""
    if not found.causal:
        yield "a token sees what comes after it"
    for right, wrong, how in zip(expected.features, found.features, ("training", "evaluating"), strict=True):
        if not _distance(wrong, right) <= tolerance:
            yield f"when {how}, its layers give something else than the processor’s"
    for right, wrong, count in zip(expected.written, found.written, ("a text", "several texts"), strict=True):
        if not _distance(wrong, right) <= tolerance:
            yield f"when writing {count}, it expects other tokens than the processor"
    for step, (right_loss, loss) in enumerate(zip(expected.losses, found.losses, strict=True)):
        if not abs(loss - right_loss) <= tolerance * abs(right_loss):
            yield f"the loss after {step} steps is {loss:.4f} where the processor gets {right_loss:.4f}"
    for step, (right_norm, norm) in enumerate(zip(expected.grad_norms, found.grad_norms, strict=True)):
        if not abs(norm - right_norm) <= 10 * tolerance * right_norm:
            yield f"the gradient’s norm in step {step} is {norm:.4f} where the processor gets {right_norm:.4f}"
    for name, update in expected.updates.items():
        if not _distance(found.updates[name], update) <= DRIFT_TOLERANCE:
            yield f"the weights in {name} were not moved as the processor moves them"
    if not abs(found.dropped - expected.dropped) <= DROPPED_TOLERANCE * expected.dropped:
        yield f"dropout moves its features by {found.dropped:.0%} where the processor’s move by {expected.dropped:.0%}"
    if not found.drops_back:
        yield "its gradients drop something else than dropout did"


def _distance(found: Tensor, expected: Tensor) -> float:
    """Return how far two tensors are apart, as a share of the right one's norm."""
    return float((found - expected).norm()) / max(float(expected.norm()), _TINY)
