"""What was measured on this machine, and what it foretells of a run: time per iteration, as a range. No torch.

Two things are measured: calibrations, a few real updates that `engine/training/bench.py` makes and stores in
calibration.json, and runs, whose own records tell how fast they went and what memory they held.
"""

from __future__ import annotations

import json
import logging
import math
import os
import statistics
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Literal, Self

from engine.core import typed_json
from engine.core.config import TrainConfig
from engine.core.errors import CheckpointError, SettingError
from engine.core.events import Finished, Started, Step
from engine.core.files import write_text
from engine.core.kinds import DeviceKind, OptimizerName
from engine.core.paths import home, runs_dir
from engine.core.untrusted_json import read_value
from engine.machine.hardware import cores_allowed, machine
from engine.planning.estimate import flops_per_iter
from engine.planning.iteration_cost import IterationCost, iteration_cost
from engine.runs.folder import RunFolder, remembered_folders
from engine.runs.record import RecordScan

KEPT = 100
"""Calibrations that are kept; the oldest goes first."""

RUNS_READ = 30
"""Runs whose record is looked at, newest first."""

SPREAD = 1.15
"""The least factor between a forecast and the ends of its range: two runs of the same thing differ by about this."""

SPREAD_SCALED = 1.3
"""The same where another shape was measured, for as many operations; it grows with the distance (`_scaled`)."""

FORWARD_SHARE = 1 / 3
"""Of an update's operations those of the forward pass, which is all that scoring a batch takes."""

Source = Literal["run", "calibration"]
"""What a time was measured in."""

Basis = Literal["run", "calibration", "scaled", "guess"]
"""What a time is known from: the same shape measured, another one scaled by its cost, or one product of matrices."""

_END_BYTES = 2**14
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class IterationShape:
    """All that the time of an iteration depends on, but the machine."""

    n_layer: int
    n_head: int
    n_embd: int
    block_size: int
    batch_size: int
    gradient_accumulation_steps: int
    dropout: float
    optimizer: OptimizerName
    vocab_size: int
    taught: bool = False

    @classmethod
    def of(cls, config: TrainConfig, vocab_size: int) -> Self:
        """Return the shape of a configuration: that of its last model, where it trains several."""
        names = (f.name for f in fields(cls) if f.name not in ("vocab_size", "taught"))
        own = {name: getattr(config, name) for name in names}
        return cls(vocab_size=vocab_size, taught=config.generations > 1, **own)

    def cost(self, device: DeviceKind) -> IterationCost:
        """Return what an iteration of this shape costs on a device; raises SettingError for the shape of no model."""
        settings = asdict(self)
        vocab_size, generations = settings.pop("vocab_size"), 1 + settings.pop("taught")
        return iteration_cost(TrainConfig.of(settings, {"generations": generations}), vocab_size, device)


@dataclass(frozen=True, slots=True, kw_only=True)
class Measurement:
    """Seconds per iteration (median, lowest and highest) of one shape on this machine.

    Attributes:
        flops: operations of one iteration.
        matmul_flops: operations a second of a plain matrix product, 0.0 where it was not measured.
        process_bytes: memory of Python, torch and its kernels without any model, 0 where it was not measured.
        peak_memory_bytes: the most the whole process held, 0 where it was not measured.
    """

    source: Source
    shape: IterationShape
    device: DeviceKind
    dtype: str
    torch: str
    threads: int
    seconds_per_iter: float
    low: float
    high: float
    flops: int
    matmul_flops: float = 0.0
    process_bytes: int = 0
    peak_memory_bytes: int = 0

    @property
    def rate(self) -> float:
        """Operations a second that training reached."""
        return self.flops / self.seconds_per_iter


@dataclass(frozen=True, slots=True, kw_only=True)
class IterationTime:
    """Seconds per iteration, and the range within which they should be; `basis` says from what it is known.

    Of a run that trains several models it is the time of one that is taught.
    """

    seconds_per_iter: float
    low: float
    high: float
    basis: Basis

    def seconds_total(self, config: TrainConfig) -> float:
        """Return the seconds of the whole run: its updates, and scoring 2 eval_iters batches at each evaluation."""
        evaluations = config.max_iters // config.eval_interval + 1
        scored = evaluations * 2 * config.eval_iters / config.gradient_accumulation_steps
        untaught = FORWARD_SHARE / (1 + FORWARD_SHARE) / config.generations if config.generations > 1 else 0.0
        return self.seconds_per_iter * (config.max_iters * (1 - untaught) + FORWARD_SHARE * scored)


def iteration_time(
    config: TrainConfig, vocab_size: int, device: DeviceKind, measured: Sequence[Measurement] | None = None
) -> IterationTime | None:
    """Return the foretold time of an iteration from what was measured here (by default: all of it), or None.

    The same shape's own time, of a run before a calibration's; else that of the shape most like it, scaled by what an
    iteration costs. Only what was measured on `device` counts, in the dtype of the configuration (any for auto).
    """
    shape = IterationShape.of(config, vocab_size)
    known = measurements() if measured is None else measured
    known = [one for one in known if one.device == device and config.dtype in ("auto", one.dtype)]
    same = [one for one in known if one.shape == shape]
    for one in sorted(same, key=lambda one: one.source == "calibration"):
        seconds = one.seconds_per_iter
        low, high = min(one.low, seconds / SPREAD), max(one.high, seconds * SPREAD)
        return IterationTime(seconds_per_iter=seconds, low=low, high=high, basis=one.source)
    return _scaled(shape.cost(device), known)


def _scaled(cost: IterationCost, known: Sequence[Measurement]) -> IterationTime | None:
    """Scale the time of the nearest shape by what both cost; the further off in operations, the wider the range.

    No run is faster than plain matrix products are.
    """
    if not known:
        return None
    rows = [(one, one.shape.cost(one.device)) for one in known]
    nearest, its = min(rows, key=lambda row: abs(cost.doublings_from(row[1])))
    seconds = cost.seconds_beside(its, nearest.seconds_per_iter)
    spread = SPREAD_SCALED * 2 ** (abs(cost.doublings_from(its)) / 8)
    fastest = cost.operations / nearest.matmul_flops if nearest.matmul_flops else 0.0
    low = min(seconds, max(seconds / spread, fastest))
    return IterationTime(seconds_per_iter=seconds, low=low, high=seconds * spread, basis="scaled")


def measured_peak(config: TrainConfig, vocab_size: int, device: DeviceKind) -> int | None:
    """Return the memory that a run of this shape held at its peak, the process included, or None when there was none.

    Of several the lowest: a process may hold more than one run's.
    """
    shape = IterationShape.of(config, vocab_size)
    peaks = [
        one.peak_memory_bytes
        for one in measurements()
        if one.shape == shape and one.device == device and one.peak_memory_bytes and config.dtype in ("auto", one.dtype)
    ]
    return min(peaks, default=None)


def process_bytes() -> int | None:
    """Return the memory of Python, torch and its kernels without a model, once a calibration measured it."""
    return next((one.process_bytes for one in calibrations() if one.process_bytes), None)


# what is known


def measurements() -> list[Measurement]:
    """Return all that was measured here with this torch and as many threads: runs, then calibrations, newest first."""
    return [*run_measurements(), *calibrations()]


def calibrations() -> list[Measurement]:
    """Return the stored calibrations that hold for this torch and as many threads, the newest first."""
    return [one for one in reversed(_stored()) if one.torch == torch_version() and one.threads == threads()]


def store(measurement: Measurement) -> None:
    """Keep a calibration in place of an earlier one of the same thing; what cannot be written is logged, not raised."""

    def same(one: Measurement) -> bool:
        return (one.shape, one.device, one.dtype, one.threads) == (
            measurement.shape,
            measurement.device,
            measurement.dtype,
            measurement.threads,
        )

    others = [one for one in _stored() if not same(one)]
    kept = [*others[1 - KEPT :], measurement]
    try:
        home().mkdir(parents=True, exist_ok=True)
        write_text(_path(), json.dumps([asdict(one) for one in kept], indent=1) + "\n")
    except OSError as error:
        _log.warning("The calibration is not kept: %s", error)


def _stored() -> list[Measurement]:
    """Return what calibration.json holds; what is no calibration of this version is passed over."""
    try:
        rows = read_value(_path())
    except (OSError, ValueError):
        return []
    return [one for row in rows if (one := _read(row))] if isinstance(rows, list) else []


def _read(row: Any) -> Measurement | None:
    """Return the measurement in a row, or None when it is none."""
    try:
        one = typed_json.read(Measurement, row)
        one.shape.cost(one.device)
    except (ValueError, SettingError):  # SettingError: no model has that shape
        return None
    numbers = (one.low, one.seconds_per_iter, one.high, one.flops)
    return one if all(math.isfinite(number) and number > 0 for number in numbers) else None


def _path() -> Path:
    return home() / "calibration.json"


# what runs tell


def run_measurements() -> list[Measurement]:
    """Return what the newest runs tell of their speed and memory, the newest first."""
    try:
        own = [folder for folder in runs_dir().iterdir() if os.path.isdir(folder)]
    except OSError:
        own = []
    newest = sorted(own + remembered_folders(), key=_changed, reverse=True)[:RUNS_READ]
    return [one for folder in newest if (one := of_run(RunFolder(folder)))]


def of_run(run: RunFolder) -> Measurement | None:
    """Return what a run tells of the speed and memory of its shape, or None when it is too young or unreadable.

    Speed: the median time of its last logged steps, from a tenth of them to nine tenths. Read are a record's
    first lines and its last, so that a long record takes no time.
    """
    try:
        config = run.read_config()
        record = RecordScan.ends_of(run.metrics_path, _END_BYTES)
    except (CheckpointError, OSError):
        return None
    started, finished = record.last(Started), record.last(Finished)
    # the very first step warms up
    steps = [step.step_ms / 1e3 for step in record.every(Step) if step.iter_num and step.step_ms > 0]
    if len(steps) < 2 or started is None:
        return None
    cuts = statistics.quantiles(steps, n=10)
    return Measurement(
        source="run",
        shape=IterationShape.of(config, started.vocab_size),
        device=started.device,
        dtype=started.dtype,
        torch=torch_version(),
        threads=threads(),
        seconds_per_iter=statistics.median(steps),
        low=max(cuts[0], min(steps)),
        high=min(cuts[-1], max(steps)),
        flops=flops_per_iter(config, started.vocab_size, taught=config.generations > 1),
        peak_memory_bytes=finished.peak_memory_bytes if finished else 0,
    )


def _changed(folder: Path) -> float:
    try:
        return RunFolder(folder).metrics_path.stat().st_mtime
    except OSError:
        return 0.0


# the machine it holds for


@cache
def torch_version() -> str:
    """Return the version of torch that is installed, without loading it."""
    try:
        return version("torch")
    except PackageNotFoundError:  # inside the app bundle, where versions are those it was built with
        return ""


def threads() -> int:
    """Return how many threads torch computes with here."""
    asked = os.environ.get("OMP_NUM_THREADS", "")
    return int(asked) if asked.isdecimal() and int(asked) else min(machine().cores, cores_allowed())
