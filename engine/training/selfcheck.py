"""A short comparison of a GPU with the processor, from one seed and at the run's own shapes.

GPU kernels have computed wrongly before, silently, and only at some shapes. What passed is remembered for as long as
torch, the system, the device and the shapes stay the same.
"""

from __future__ import annotations

import json
import logging
import math
import platform
from collections.abc import Generator
from dataclasses import dataclass

import torch
from torch import Tensor

from engine.core.config import TrainConfig
from engine.core.errors import DeviceError, Fix, OutOfMemoryError, TrainingError
from engine.core.events import Progress, Turn
from engine.core.files import write_text
from engine.core.jobs import Job
from engine.core.paths import home
from engine.datasets.dataset import Dataset
from engine.machine.device import Device
from engine.machine.hardware import machine
from engine.model.fitting import causal_rule_holds
from engine.planning.estimate import memory_estimate
from engine.tokens.batches import TokenFile
from engine.training.learner import Learner

STEPS = 3
LAYERS = 2
"""Layers that are checked: the shapes of all are the same."""

TOLERANCE = {"float32": 2e-3, "bfloat16": 5e-2, "float16": 5e-2}
"""Relative difference that rounding may make to features, losses and gradient norms."""

DRIFT_TOLERANCE = 0.5
"""Difference of a weight's updates, as a share of the update: rounding makes some hundredths, a frozen layer 1."""

WEIGHT_SCALE = 4.0
"""New weights are so small that the layers hardly matter; larger ones let a fault show."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Trace:
    """What a forward pass and some steps of training gave on one device.

    Attributes:
        features: what the output layer reads, (B, T, C) with gradients and without, on the CPU.
        losses: before each update, in nats; NaN once it is no number.
        grad_norms: of each update.
        updates: what was added to each weight, on the CPU.
        causal: whether no position saw a later one.
    """

    features: list[Tensor]
    losses: list[float]
    grad_norms: list[float]
    updates: dict[str, Tensor]
    causal: bool


def require_sound(config: TrainConfig, data: Dataset, device: Device) -> Job:
    """Compare a GPU with the processor, unless that was done for these shapes before; does nothing on the CPU.

    Raises DeviceError, code "device_wrong", when the GPU computes something else.
    """
    if device.kind == "cpu" or (key := _key(config, data, device)) in _passed():
        return
    yield Progress(what="Checking the GPU against the processor", done=0, total=2 * STEPS, unit="steps")
    small = TrainConfig.of(
        config.as_dict(),
        {"n_layer": min(LAYERS, config.n_layer), "dropout": 0.0, "gradient_accumulation_steps": 1},
        {"decay_lr": False, "learning_rate": 1e-3, "min_lr": 1e-4, "compile": False, "seed": 1337},
    )
    needs = memory_estimate(config, data.vocab_size, device.kind).total
    try:
        with device.translating(needs):
            expected = yield from _trace(small, data, Device())
            found = yield from _trace(small, data, device)
    except OutOfMemoryError as error:  # the run itself will tell, with what mends it
        _log.warning("the self-check did not fit: %s", error.message)
        return
    if problem := difference(expected, found, TOLERANCE[_dtype(device, config)]):
        raise _wrong(problem, config, device)
    _remember(key)
    yield Progress(what="Checking the GPU against the processor", done=2 * STEPS, total=2 * STEPS, unit="steps")


def difference(expected: Trace, found: Trace, tolerance: float) -> str:
    """Say in words how far a device is from what is right, or nothing when it is near enough."""
    if not found.causal:
        return "a token sees what comes after it"
    for right, wrong, how in zip(expected.features, found.features, ("training", "writing"), strict=True):
        if not _near(wrong, right, tolerance):
            return f"when {how}, its layers give something else than the processor’s"
    for step, (right_loss, loss) in enumerate(zip(expected.losses, found.losses, strict=True)):
        if not abs(loss - right_loss) <= tolerance * abs(right_loss):
            return f"the loss after {step} steps is {loss:.4f} where the processor gets {right_loss:.4f}"
    for step, (right_norm, norm) in enumerate(zip(expected.grad_norms, found.grad_norms, strict=True)):
        if not abs(norm - right_norm) <= 10 * tolerance * right_norm:
            return f"the gradient’s norm in step {step} is {norm:.4f} where the processor gets {right_norm:.4f}"
    for name, update in expected.updates.items():
        if not _near(found.updates[name], update, DRIFT_TOLERANCE):
            return f"the weights in {name} were not moved as the processor moves them"
    return ""


def _near(found: Tensor, expected: Tensor, tolerance: float) -> bool:
    """Whether two tensors differ by no more than a share of the right one's norm."""
    return float((found - expected).norm()) <= tolerance * float(expected.norm())


def _trace(config: TrainConfig, data: Dataset, device: Device) -> Generator[Progress | Turn, None, Trace]:
    """Compute and train a few steps from the seed."""
    learner = Learner.fresh(config, data.vocab_size, device)
    with torch.no_grad():
        for weight in learner.model.parameters():
            weight.mul_(WEIGHT_SCALE if weight.dim() > 1 else 1.0)
    tokens = TokenFile(data.train_path, data.vocab_size)
    features = _features(learner, tokens)
    yield Turn.NEXT
    start = _weights(learner)
    losses, grad_norms = [math.nan] * STEPS, [math.nan] * STEPS
    for step in range(STEPS):
        try:
            for _ in learner.update(step, tokens):
                pass
            reading = learner.read(step)
        except TrainingError:  # no number: what the NaNs tell
            break
        losses[step], grad_norms[step] = reading.loss, reading.grad_norm
        yield Turn.NEXT
    updates = {name: weight - start[name] for name, weight in _weights(learner).items()}
    return Trace(features, losses, grad_norms, updates, causal_rule_holds(learner.model, device.torch))


def _features(learner: Learner, tokens: TokenFile) -> list[Tensor]:
    """Return what the layers make of a batch, with gradients and without: two ways through a device's kernels."""
    config, device = learner.config, learner.device
    inputs, _ = tokens.random_windows(config.batch_size, config.block_size, config.seed, 0)
    made = []
    for grad in (True, False):
        with torch.set_grad_enabled(grad):
            features: Tensor = learner.model.transformer(inputs.to(device.torch))
        made.append(features.detach().cpu())
    return made


def _weights(learner: Learner) -> dict[str, Tensor]:
    return {name: weight.detach().to("cpu", copy=True) for name, weight in learner.model.named_parameters()}


def _dtype(device: Device, config: TrainConfig) -> str:
    return str(device.dtype(config.dtype)).removeprefix("torch.")


def _key(config: TrainConfig, data: Dataset, device: Device) -> str:
    """Name what a check holds for."""
    shapes = (config.batch_size, config.block_size, config.n_head, config.n_embd, data.vocab_size, config.bias)
    versions = (torch.__version__, machine().system, platform.machine(), machine().chip)
    return " ".join(map(str, (*versions, device.kind, _dtype(device, config), *shapes)))


def _passed() -> list[str]:
    """Return what was checked before and is sound."""
    try:
        told = json.loads((home() / "selfcheck.json").read_bytes())
    except (OSError, ValueError):
        return []
    return [key for key in told if isinstance(key, str)] if isinstance(told, list) else []


def _remember(key: str) -> None:
    try:
        home().mkdir(parents=True, exist_ok=True)
        write_text(home() / "selfcheck.json", json.dumps([*_passed(), key][-100:], indent=1))
    except OSError as error:  # then it is checked again next time
        _log.warning("the self-check is not remembered: %s", error)


def _wrong(problem: str, config: TrainConfig, device: Device) -> DeviceError:
    action = "resume" if config.init_from == "resume" else "restart"
    return DeviceError(
        f"The GPU ({device.kind}) computes wrongly: {problem}.",
        cause="Some versions of macOS and PyTorch do at some shapes; what it learned would be worth nothing.",
        fix="Run on the processor: --device=cpu. Or update macOS and Understudy, and try again.",
        code="device_wrong",
        fixes=(Fix("Run on the CPU", action, {"device": "cpu"}),),
    )
