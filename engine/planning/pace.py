"""How fast this machine trains, for a plan: what was measured of it, or a guess from one product of matrices."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from engine.core.config import TrainConfig
from engine.core.kinds import DeviceKind
from engine.machine.hardware import cores_worth
from engine.planning import calibration
from engine.planning.calibration import IterationTime, Measurement
from engine.planning.iteration_cost import SHARE_OF_PRODUCTS, iteration_cost

BFLOAT16_GAIN = 1.8
"""How many times as fast bfloat16 makes training, about, on a processor that has it: 144 ms in place of 257."""

GPU_RATE, CPU_RATE = 1e12, 1e11
"""Operations a second of a GPU, of a processor, of which nothing is known yet: careful guesses.

Small GPTs trained by torch in float32 on Apple's GPUs at about 1e12 on an M4 Max (42 million weights multiplied, 2,048
tokens in 536 ms: nanochat#685), 1.8e12 on an M5 Pro (26 million, 11,784 tokens a second: minimind#852).
"""

GUESS_SPREAD = 3.0
"""By what a guess may be off, either way."""

_SIDE = 384

_PRODUCTS, _TRIED_S = 12, 0.06  # enough for one that no other program's turn held up


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """The speed to plan with.

    Attributes:
        device: mps, cuda or cpu.
        measured: what is known of it; may be empty.
        rate: operations a second, where nothing is known; 0.0 for a guess.
    """

    device: DeviceKind
    measured: tuple[Measurement, ...] = ()
    rate: float = 0.0

    @property
    def is_measured(self) -> bool:
        """Whether it is more than a guess."""
        return any(one.device == self.device for one in self.measured)

    def seconds_per_iter(self, config: TrainConfig, vocab_size: int) -> float:
        """Return about how long an iteration takes."""
        time = calibration.iteration_time(config, vocab_size, self.device, self.measured)
        if time is not None:
            return time.seconds_per_iter
        return self.guess(config, vocab_size).seconds_per_iter

    def guess(self, config: TrainConfig, vocab_size: int) -> IterationTime:
        """Return how long an iteration may take where nothing was measured: right within GUESS_SPREAD, most often."""
        rate = self.rate or (CPU_RATE if self.device == "cpu" else GPU_RATE)
        seconds = iteration_cost(config, vocab_size, self.device).seconds(rate)
        low, high = seconds / GUESS_SPREAD, seconds * GUESS_SPREAD
        return IterationTime(seconds_per_iter=seconds, low=low, high=high, basis="guess")


def pace_here(device: DeviceKind, measured: Sequence[Measurement] | None = None) -> Pace:
    """Return the pace of this machine: what was measured here, and what a product tells where nothing was."""
    known = tuple(calibration.measurements() if measured is None else measured)
    return Pace(device=device, measured=known, rate=rate_here(device))


def rate_here(device: DeviceKind) -> float:
    """Return the operations a second to plan with before training was measured: a processor's is tried once.

    That takes some hundredths of a second, and loads numpy: not for the window's thread.
    """
    if device != "cpu":
        return GPU_RATE
    allowed = min(1.0, cores_worth() / calibration.threads())  # the try is too short to be held back
    return _product_rate() * allowed * SHARE_OF_PRODUCTS * (BFLOAT16_GAIN if _multiplies_bfloat16() else 1.0)


@cache
def _product_rate() -> float:
    """Return the operations a second of a product by numpy: torch is not loaded yet."""
    import numpy as np

    a = np.ones((_SIDE, _SIDE), dtype=np.float32)
    times: list[float] = []
    while len(times) < _PRODUCTS or sum(times) < _TRIED_S:
        began = time.perf_counter()
        np.matmul(a, a)
        times.append(time.perf_counter() - began)
    return 2 * _SIDE**3 / min(times)


@cache
def _multiplies_bfloat16() -> bool:
    """Return whether the processor says that it multiplies bfloat16 itself (Linux; elsewhere the run will find out)."""
    try:
        flags = Path("/proc/cpuinfo").read_text("utf-8")
    except OSError:
        return False
    return "avx512_bf16" in flags or "amx_bf16" in flags
