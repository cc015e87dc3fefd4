"""Which dtype to take products in, when the setting leaves it to the machine: by trial, not by name.

bfloat16 is chosen only where it is measured to be faster for this very model, and where loss and gradient come
out as in float32. Weights and optimizer stay float32 either way; an evaluation is taken as training is (Learner.score).
"""

from __future__ import annotations

import time
from dataclasses import dataclass

import torch
from torch import Tensor

from engine.machine.abilities import has_bfloat16_instructions
from engine.machine.device import Device
from engine.model.gpt import GPT

WORTH_IT = 1.25
"""How many times faster bfloat16 must be to be chosen."""

WORTH_A_TRIAL = 5e9
"""Floating-point operations of a micro step below which float32 is taken at once: there is little to win, and
the same command should give the same run whatever a stopwatch says."""

LOSS_TOLERANCE = 0.01
"""How far, relatively, the loss may be off float32's; bfloat16 keeps eight bits, so 0.4 % of a product."""

GRADIENT_TOLERANCE = 0.05
"""The same for the norm of the gradient."""

_TRIALS = 3
_LONG_S = 1.0


def choose_dtype(model: GPT, inputs: Tensor, targets: Tensor, device: Device) -> torch.dtype:
    """Return the dtype for `auto`: tries the micro step of `inputs`, `targets` (B, T) both ways, a few times at most.

    The model's gradients are gone afterwards; nothing else of it changes.
    """
    step_flops = 6.0 * model.parameter_count() * inputs.numel()
    if not is_worth_a_trial(step_flops, device):
        return torch.float32
    trials = {torch.float32: _Trial(), torch.bfloat16: _Trial()}
    for dtype in list(trials) * _TRIALS:  # in turn, so that another program's load meets both
        if not _LONG_S < trials[dtype].seconds < float("inf"):
            _try(trials[dtype], model, inputs, targets, device, dtype)
    exact, short = trials[torch.float32], trials[torch.bfloat16]
    agrees = (
        abs(short.loss - exact.loss) <= LOSS_TOLERANCE * exact.loss
        and abs(short.grad_norm - exact.grad_norm) <= GRADIENT_TOLERANCE * exact.grad_norm
    )
    return torch.bfloat16 if agrees and short.seconds * WORTH_IT <= exact.seconds else torch.float32


def is_worth_a_trial(step_flops: float, device: Device) -> bool:
    """Return whether bfloat16 may be faster for a micro step of so many operations."""
    return step_flops >= WORTH_A_TRIAL and device.may_use_bfloat16 and has_bfloat16_instructions(device.torch)


@dataclass(slots=True)
class _Trial:
    """What one way of computing gave, and the shortest time it took."""

    loss: float = 0.0
    grad_norm: float = 0.0
    seconds: float = float("inf")


def _try(trial: _Trial, model: GPT, inputs: Tensor, targets: Tensor, device: Device, dtype: torch.dtype) -> None:
    """Compute loss and gradient once, as training does, but without dropout, which would make the two ways differ.

    (Not as scoring does: on the way back torch's own attention is three times as slow in bfloat16.)
    """
    try:
        began = time.perf_counter()
        with model.dropping_nothing():
            with device.autocast(dtype):
                loss = model(inputs, targets)
            loss.backward()
        norm = torch.nn.utils.get_total_norm([p.grad for p in model.parameters() if p.grad is not None])
        trial.loss, trial.grad_norm = float(loss.detach()), float(norm)
        trial.seconds = min(trial.seconds, time.perf_counter() - began)
    finally:
        model.zero_grad(set_to_none=True)
