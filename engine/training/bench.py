"""Measuring this machine by real updates: time, speed, memory, and where the time goes.

Timings are of the Learner that trains, on the dataset if it is prepared, else on random tokens. Another program's
load falsifies them, so it is watched and told.
"""

from __future__ import annotations

import gc
import os
import resource
import statistics
import time
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import psutil
import torch
from torch import Tensor

from engine.core.config import TrainConfig
from engine.core.errors import DataError
from engine.core.events import Calibrated, Turn
from engine.core.jobs import Control, Job
from engine.core.kinds import DeviceKind, DtypeName, DtypeSetting
from engine.datasets.dataset import dataset
from engine.machine.device import Device, choose_device
from engine.model.matmul import fast_products
from engine.planning import calibration
from engine.planning.calibration import IterationShape, Measurement
from engine.planning.choices import remembered, training_key
from engine.planning.estimate import flops_per_iter, memory_estimate
from engine.runs.start_model import vocabulary_for
from engine.tokens.batches import TokenFile
from engine.training.learner import Learner
from engine.training.precision import is_worth_a_trial

CALIBRATION_S = 3.0
"""How long a calibration may take, where a single update does not take longer."""

WARM_UP = 2
"""Updates before the clock starts: memory is taken and kernels are made."""

SPLIT = 5
"""Updates over which the parts of an update are timed, apart from the others: asking may wait for the device."""

BFLOAT16_PAYS = 1.5
"""How many times faster plain bfloat16 products must be for `auto` to be expected to choose them."""

PARTS = ("data", "forward", "loss", "backward", "optimizer")

_RANDOM_TOKENS = 200_000


class RandomTokens(TokenFile):
    """Random token ids in memory: all that timing needs of a text."""

    def __init__(self, vocab_size: int, block_size: int) -> None:
        self.path = Path("random")
        self.vocab_size = vocab_size
        draw = np.random.default_rng(0)
        size = max(_RANDOM_TOKENS, 2 * block_size)
        self.tokens: npt.NDArray[np.uint16] = draw.integers(0, vocab_size, size).astype("<u2")


def tokens_for(config: TrainConfig) -> TokenFile:
    """Return the training tokens of the dataset, or random ones of its vocabulary while it is not prepared."""
    try:
        data = dataset(config.dataset)
        tokens = TokenFile(data.train_path, data.vocab_size)
        tokens.require(config.block_size, "training")
    except DataError:
        return RandomTokens(vocabulary_for(config), config.block_size)
    return tokens


# bench


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What a bench measured.

    Attributes:
        ms_per_iter: the median.
        peak_memory_bytes: the most that the whole process (on a GPU: the device) held.
        process_bytes: of it, what Python, torch and its kernels hold without the model.
        estimate_bytes: what the estimate says of the rest.
        mfu: operations a second, as a share of what plain matrix products of the same dtype reached in this run.
        breakdown: milliseconds an update for making the batch, forward pass, output layer with its loss (and its
            gradients), backward pass, and clipping with AdamW: medians of updates timed apart.
        others: the share of the processors that other programs took meanwhile.
    """

    device: DeviceKind
    dtype: DtypeName
    ms_per_iter: float
    tokens_per_s: float
    peak_memory_bytes: int
    process_bytes: int
    estimate_bytes: int
    mfu: float
    matmul_flops: float
    breakdown: dict[str, float]
    iterations: int
    others: float

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain values."""
        return asdict(self)


def bench(config: TrainConfig, iterations: int) -> Result:
    """Return what a configuration takes over so many updates, measured here and kept for later forecasts."""
    device = choose_device(config.device)
    load = _Load()
    process = process_memory(device, config.dtype)
    tokens = tokens_for(config)
    learner = Learner.fresh(config, tokens.vocab_size, device)
    if config.dtype == "auto":
        learner.choose_dtype(tokens)
        config = replace(config, dtype=learner.dtype_name)
    seconds = _timed(learner, tokens, iterations)
    peak = device.peak_memory_bytes() if device.kind != "cpu" else peak_resident()
    parts = breakdown(learner, tokens, min(SPLIT, iterations))
    others = load.of_others()
    matmul = matmul_flops(device, learner.dtype)
    measured = _measurement(config, learner, tokens, seconds, matmul)
    measured = replace(measured, process_bytes=process, peak_memory_bytes=peak)
    calibration.store(measured)
    return Result(
        device=device.kind,
        dtype=learner.dtype_name,
        ms_per_iter=measured.seconds_per_iter * 1e3,
        tokens_per_s=config.tokens_per_iter / measured.seconds_per_iter,
        peak_memory_bytes=peak,
        process_bytes=process,
        estimate_bytes=memory_estimate(config, tokens.vocab_size, device.kind).total,
        mfu=measured.rate / matmul,
        matmul_flops=matmul,
        breakdown=parts,
        iterations=iterations,
        others=others,
    )


def _timed(learner: Learner, tokens: TokenFile, iterations: int) -> list[float]:
    """Return the seconds of so many updates, after a few that are not counted."""
    seconds = [_update(learner, number, tokens) for number in range(WARM_UP + iterations)]
    return seconds[WARM_UP:]


def _update(learner: Learner, iter_num: int, tokens: TokenFile) -> float:
    """Make one update; return its seconds, until the device is done."""
    began = time.perf_counter()
    for _ in learner.update(iter_num, tokens):
        pass
    learner.device.synchronize()
    return time.perf_counter() - began


def _measurement(
    config: TrainConfig, learner: Learner, tokens: TokenFile, seconds: list[float], matmul: float
) -> Measurement:
    """Return what was measured, to be stored: of a model that no other teaches."""
    return Measurement(
        source="calibration",
        shape=IterationShape.of(replace(config, generations=1), tokens.vocab_size),
        device=learner.device.kind,
        dtype=learner.dtype_name,
        torch=calibration.torch_version(),
        threads=calibration.threads(),
        seconds_per_iter=statistics.median(seconds),
        low=min(seconds),
        high=max(seconds),
        flops=flops_per_iter(config, tokens.vocab_size),
        matmul_flops=matmul,
    )


# the parts of an update


class Laps:
    """A stopwatch of the parts of an update; each lap goes to the part that has just ended."""

    def __init__(self, device: Device) -> None:
        self._device = device
        self.seconds = dict.fromkeys(PARTS, 0.0)
        self.restart()

    def restart(self) -> None:
        """Begin a lap that counts for whatever ends it."""
        self._device.synchronize()
        self._since = time.perf_counter()

    def lap(self, part: str) -> None:
        """Count the time since the last lap to a part."""
        before = self._since
        self.restart()
        self.seconds[part] += self._since - before


class _TimedTokens:
    """Tokens whose batches are timed; stands in for the TokenFile it wraps."""

    def __init__(self, tokens: TokenFile, laps: Laps) -> None:
        self._tokens, self._laps = tokens, laps

    def random_windows(self, *key: int, skip: int = 0) -> tuple[Tensor, Tensor]:
        """Return the wrapped file's windows."""
        self._laps.lap("backward")  # of the micro step before, if there was one
        windows = self._tokens.random_windows(*key, skip=skip)
        self._laps.lap("data")
        return windows


def breakdown(learner: Learner, tokens: TokenFile, iterations: int) -> dict[str, float]:
    """Return the median milliseconds of each part of an update, by hooks on the model that trains."""
    model, taken = learner.model, []
    laps = Laps(learner.device)
    hooks = [
        model.transformer.register_forward_hook(lambda *_: laps.lap("forward")),
        model.register_forward_hook(lambda *_: laps.lap("loss")),
        *(
            p.register_post_accumulate_grad_hook(lambda _: laps.lap("backward"))  # type: ignore[no-untyped-call]
            for p in model.parameters()
        ),
    ]
    try:
        for number in range(iterations):
            laps.seconds = dict.fromkeys(PARTS, 0.0)
            laps.restart()
            for _ in learner.update(number, _TimedTokens(tokens, laps)):  # type: ignore[arg-type]
                pass
            laps.lap("optimizer")
            taken.append(laps.seconds)
    finally:
        for hook in hooks:
            hook.remove()
    return {part: statistics.median(one[part] for one in taken) * 1e3 for part in PARTS}


# calibration


def calibrate_job(config: TrainConfig, control: Control, limit_s: float = CALIBRATION_S) -> Job:
    """Measure a configuration for at most so many seconds, keep it, and tell it as Calibrated.

    The first update warms up; where it takes the whole time by itself, it is what there is. Yields a turn after
    each update; stopped, it tells nothing.
    """
    began = time.perf_counter()
    tokens = tokens_for(config)
    choice = remembered(training_key(config, tokens.vocab_size)) if config.device == "auto" else None
    device = choose_device(choice.device if choice else config.device)
    config = replace(config, dtype=expected_dtype(config, tokens.vocab_size, device))
    matmul = matmul_flops(device, device.dtype(config.dtype), seconds=CALIBRATION_S / 30)
    learner = Learner.fresh(config, tokens.vocab_size, device)
    seconds: list[float] = []
    while not seconds or time.perf_counter() - began + seconds[-1] < limit_s:
        if control.stopping:
            return
        seconds.append(_update(learner, len(seconds), tokens))
        yield Turn.NEXT
    measured = _measurement(config, learner, tokens, seconds[1:] or seconds, matmul)
    calibration.store(measured)
    time_of_one = calibration.iteration_time(config, tokens.vocab_size, device.kind, [measured])
    if time_of_one is not None:
        yield Calibrated(
            seconds_per_iter=time_of_one.seconds_per_iter,
            low=time_of_one.low,
            high=time_of_one.high,
            seconds_total=time_of_one.seconds_total(config),
            device=device.kind,
            dtype=config.dtype,
        )


def expected_dtype(config: TrainConfig, vocab_size: int, device: Device) -> DtypeName:
    """Return the dtype that training will most likely take: for `auto`, by how fast plain products are in each.

    A run makes a trial of whole updates (engine/training/precision.py), for which a calibration has no time.
    """
    if config.dtype != "auto":
        return config.dtype
    micro_step_flops = flops_per_iter(config, vocab_size) / config.gradient_accumulation_steps
    if not is_worth_a_trial(micro_step_flops, device):
        return "float32"
    exact, short = (
        matmul_flops(device, dtype, seconds=CALIBRATION_S / 30) for dtype in (torch.float32, torch.bfloat16)
    )
    return "bfloat16" if short > BFLOAT16_PAYS * exact else "float32"


# the machine


def matmul_flops(device: Device, dtype: torch.dtype, seconds: float = 0.5) -> float:
    """Return the operations a second of a plain square matrix product, by the library that training takes.

    The best of several within some seconds.
    """
    size = 1024 if device.kind == "cpu" else 4096
    generator = torch.Generator().manual_seed(0)
    a, b = (torch.randn(size, size, generator=generator).to(device.torch, dtype) for _ in range(2))
    best, began = float("inf"), time.perf_counter()
    while best == float("inf") or time.perf_counter() - began < seconds:
        device.synchronize()
        start = time.perf_counter()
        with fast_products(device.torch, size**3):
            a @ b
        device.synchronize()
        best = min(best, time.perf_counter() - start)
    return 2 * size**3 / best


def process_memory(device: Device, dtype: DtypeSetting) -> int:
    """Return the bytes that this process holds once torch and its kernels are loaded, by training a toy.

    What a process holds beside a run's own memory; to be asked before the model is made.
    """
    toy = TrainConfig(n_layer=1, n_head=2, n_embd=32, block_size=32, batch_size=2, dtype=dtype)
    learner = Learner.fresh(toy, 300, device)
    _timed(learner, RandomTokens(300, toy.block_size), 1)
    del learner
    gc.collect()
    return int(psutil.Process().memory_info().rss)


def peak_resident() -> int:
    """Return the most memory this process ever held resident, in bytes."""
    status = Path("/proc/self/status")
    if os.path.exists(status):  # Linux, where ru_maxrss would count what the parent held when it started this program
        return next(int(line.split()[1]) * 1024 for line in status.read_text().splitlines() if line.startswith("VmHWM"))
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


class _Load:
    """Watches how much of the processors other programs take."""

    def __init__(self) -> None:
        self._process = psutil.Process()
        self._busy, self._own, self._since = self._now()

    def of_others(self) -> float:
        """Return the share (0 to 1) of all processors that others took since this was made."""
        busy, own, now = self._now()
        processors = (now - self._since) * (psutil.cpu_count() or 1)
        return min(1.0, max(0.0, (busy - self._busy - own + self._own) / processors))

    def _now(self) -> tuple[float, float, float]:
        """Return the seconds that all processors were busy, that this process was, and the time."""
        times, own = psutil.cpu_times(), self._process.cpu_times()
        return times.user + times.nice + times.system, own.user + own.system, time.monotonic()
