"""What a run left on disk, read as it is plotted: whole arrays, parsed off the window's thread. Pure."""

from __future__ import annotations

import contextlib
import math
import os
import time
from array import array
from dataclasses import dataclass, field
from operator import attrgetter
from pathlib import Path

import numpy as np

from engine.core.events import Advice, Eval, Event, Forecast, Sample, Started, Step
from engine.runs.folder import RunFolder
from gui.train.curves import Curves, Floats, Scale, Unit

_STEP = ("iter_num", "loss", "lr", "grad_norm", "step_ms", "tokens_per_s", "memory_bytes")
_EVAL = ("iter_num", "train_loss", "val_loss")
_step_numbers, _eval_numbers = attrgetter(*_STEP), attrgetter(*_EVAL)
_AT_ONCE = 50  # lines parsed between two pauses, about half a millisecond
_BREATH_S = 0.0001  # a pause in which the window's thread gets its turn: Python lets only one thread run at a time


@dataclass(frozen=True, slots=True)
class RunTrace:
    """A run as it is plotted: its name, its curves, what turns them into other measures, what is expected of it."""

    name: str = ""
    curves: Curves = field(default_factory=Curves)
    scale: Scale = field(default_factory=Scale)
    forecast: Forecast | None = None

    @property
    def last_eval(self) -> Eval | None:
        """The last evaluation, if there is one and it was a number."""
        evals = self.curves.evals
        if not len(evals) or not math.isfinite(evals.column("val_loss")[-1]):
            return None
        iter_num, train, val = (float(evals.column(name)[-1]) for name in _EVAL)
        bits = float(self.scale.loss(np.array([val]), Unit.BITS)[0])
        return Eval(iter_num=int(iter_num), train_loss=train, val_loss=val, bits_per_byte=bits, is_best=False)


@dataclass(frozen=True, slots=True)
class RunRecord:
    """A run's trace, what it wrote at each evaluation, its best checkpoint, of which iteration, and its latest one."""

    trace: RunTrace
    samples: tuple[Sample, ...]
    best: tuple[int, str] | None = None
    latest: str = ""


def read_record(run_dir: Path) -> RunRecord:
    """Return all that a run recorded; what is missing or torn is passed over. 20,000 iterations take 0.3 s."""
    run, trace = RunFolder(run_dir), read_trace(run_dir)
    best = trace.curves.best()
    latest = str(run.checkpoint) if os.path.exists(run.checkpoint) else ""
    # an evaluation before the first update was of no checkpoint
    kept = (int(best[0]), str(run.best)) if best and best[0] and os.path.exists(run.best) else None
    return RunRecord(trace, _samples(run), kept, latest)


def read_trace(run_dir: Path) -> RunTrace:
    """Return a run's curves."""
    run, found = RunFolder(run_dir), _Found()
    with contextlib.suppress(OSError):
        for number, event in enumerate(run.events()):
            found.take(event)
            if number % _AT_ONCE == 0:
                time.sleep(_BREATH_S)
    curves = Curves.of(_table(found.steps, len(_STEP)), _table(found.evals, len(_EVAL)), found.turns)
    return RunTrace(run.card().get("name") or run.path.name, curves, Scale.of(found.started))


class _Found:
    """The numbers of a record, by kind, one row after the other.

    In plain arrays: thousands of lists would make Python look for garbage, and the window would wait for that.
    """

    def __init__(self) -> None:
        self.started: Started | None = None
        self.steps = array("d")
        self.evals = array("d")
        self.turns: list[int] = []

    def take(self, event: Event) -> None:
        """Take in an event that is plotted."""
        match event:
            case Step():
                self.steps.extend(_step_numbers(event))
            case Eval():
                self.evals.extend(_eval_numbers(event))
            case Started():
                self.started = event
            case Advice(code="next_generation"):
                self.turns.append(event.iter_num)


def _table(numbers: array[float], columns: int) -> Floats:
    return np.array(numbers, dtype=np.float64).reshape(-1, columns)


def _samples(run: RunFolder) -> tuple[Sample, ...]:
    try:
        return tuple(run.samples())
    except OSError:
        return ()
