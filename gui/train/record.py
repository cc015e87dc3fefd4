"""What a run left on disk, read as it is plotted: whole arrays, parsed off the window's thread. Pure."""

from __future__ import annotations

import json
import math
import time
from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from engine.core.events import Eval, Forecast, Sample
from engine.runs.folder import RunFolder
from gui.train.curves import Curves, Floats, Scale, Unit

_STEP = ("iter_num", "loss", "lr", "grad_norm", "step_ms", "tokens_per_s", "memory_bytes")
_EVAL = ("iter_num", "train_loss", "val_loss")
_AT_ONCE = 100  # lines parsed between two pauses, about half a millisecond
_BREATH_S = 0.0001  # a pause in which the window's thread gets its turn: Python lets only one thread run at a time
_MAY_BE_MISSING = ("loss", "grad_norm", "train_loss", "val_loss")  # null where it was not a number


@dataclass(frozen=True, slots=True)
class Trace:
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
class Record:
    """A run's trace, what it wrote at each evaluation, and where its best checkpoint is: the iteration and the file."""

    trace: Trace
    samples: tuple[Sample, ...]
    best: tuple[int, str] | None = None


def read_record(run_dir: Path) -> Record:
    """Read all that a run recorded; what is missing or torn is passed over. 20,000 iterations take a quarter second."""
    run, trace = RunFolder(run_dir), read_trace(run_dir)
    best = trace.curves.best() if run.best.exists() else None
    return Record(trace, tuple(_samples(run)), (int(best[0]), str(run.best)) if best else None)


def read_trace(run_dir: Path) -> Trace:
    """Read a run's curves."""
    run, found = RunFolder(run_dir), _Found()
    for number, line in enumerate(_lines(run.metrics_path)):
        found.take(line)
        if number % _AT_ONCE == 0:
            time.sleep(_BREATH_S)
    curves = Curves.of(_table(found.steps, len(_STEP)), _table(found.evals, len(_EVAL)))
    return Trace(run.card().get("name") or run.path.name, curves, Scale.of(found.started))


class _Found:
    """The rows of a record, by kind, one after the other.

    In plain arrays: thousands of lists would make Python look for garbage, and the window would wait for that.
    """

    def __init__(self) -> None:
        self.started: dict[str, Any] = {}
        self.steps = array("d")
        self.evals = array("d")

    def take(self, line: bytes) -> None:
        """Take a line in, if it is whole and of a kind that is plotted."""
        try:
            row = json.loads(line)
            kind = row["event"]
            if kind == "step":
                self.steps.extend(_numbers(row, _STEP))
            elif kind == "eval":
                self.evals.extend(_numbers(row, _EVAL))
            elif kind == "started":
                self.started = row
        except (ValueError, KeyError, TypeError, RecursionError):
            return


def _numbers(row: dict[str, Any], names: tuple[str, ...]) -> list[float]:
    return [float("nan") if row[name] is None and name in _MAY_BE_MISSING else float(row[name]) for name in names]


def _table(numbers: array[float], columns: int) -> Floats:
    return np.array(numbers, dtype=np.float64).reshape(-1, columns)


def _samples(run: RunFolder) -> Iterator[Sample]:
    for row in run.samples():
        try:
            yield Sample(iter_num=int(row["iter_num"]), prompt=str(row["prompt"]), text=str(row["text"]))
        except (KeyError, TypeError, ValueError):
            continue


def _lines(path: Path) -> Iterator[bytes]:
    """Yield the lines of a file; none when it cannot be read."""
    try:
        with path.open("rb") as file:
            yield from file
    except OSError:
        return
