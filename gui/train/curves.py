"""The numbers behind the plots: what a run told so far, in arrays that grow, and the axis they lie along. Pure."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from engine.core.events import Started

Floats = NDArray[np.float64]

LEAST = 100
"""Iterations that are seen of a run at least: it is judged once in so many."""

_SMOOTHED_OVER = 20  # logged losses that the smoothed curve looks back on; fewer at first, where the loss falls fast
_STEP_COLUMNS = ("iter_num", "loss", "smoothed", "lr", "grad_norm", "tokens_per_s", "memory_bytes", "seconds")
_LONG_PAST = 4  # warm-ups that a run is long when its own is over for good
_ROOM = 256  # rows that a table has room for at first
_EVAL_COLUMNS = ("iter_num", "train_loss", "val_loss")


class Axis(Enum):
    """What the curves are drawn along."""

    ITERATION = "Iteration"
    TOKENS = "Tokens"
    EPOCH = "Epoch"
    TIME = "Time"


class Unit(Enum):
    """What a loss is told in; bits per byte hold across tokenizers."""

    NATS = "Nats/token"
    BITS = "Bits/byte"


@dataclass(frozen=True, slots=True)
class Scale:
    """What turns a run's iterations into tokens and epochs, and its losses (nats per token) into bits per byte.

    `bits_per_nat` is 0 where it is not known. `least` iterations are seen of a run that has just begun.
    """

    tokens_per_iter: int = 1
    train_tokens: int = 1
    bits_per_nat: float = 0.0
    least: int = 1

    @classmethod
    def of(cls, started: Started | None) -> Scale:
        """Return the scale of a run from what it told at its start, if it did."""
        if started is None:
            return cls()
        bits = started.val_tokens / started.val_bytes / math.log(2) if started.val_bytes else 0.0
        least = min(LEAST, started.max_iters) or 1
        return cls(started.tokens_per_iter or 1, started.train_tokens or 1, bits, least)

    def loss(self, losses: Floats, unit: Unit) -> Floats:
        """Return losses in a unit; not a number where that is not known."""
        if unit is Unit.NATS:
            return losses
        return losses * (self.bits_per_nat or math.nan)


class Table:
    """Rows of floats in columns, appended in constant time."""

    def __init__(self, columns: Iterable[str]) -> None:
        self._index = {name: i for i, name in enumerate(columns)}
        self._rows: Floats = np.empty((len(self._index), _ROOM))
        self._used = 0

    def __len__(self) -> int:
        return self._used

    def append(self, *row: float) -> None:
        """Add a row, its values in the order of the columns."""
        if self._used == self._rows.shape[1]:
            room = np.empty((len(self._rows), max(self._used, _ROOM)))
            self._rows = np.concatenate([self._rows, room], axis=1)
        self._rows[:, self._used] = row
        self._used += 1

    def column(self, name: str) -> Floats:
        """Return a column as a view that holds the rows so far."""
        return self._rows[self._index[name], : self._used]

    def rows(self) -> Floats:
        """Return all rows so far, (rows, columns), as a copy."""
        return self._rows[:, : self._used].T.copy()

    def extend(self, rows: Floats) -> None:
        """Add many rows, (rows, columns), its columns in their order."""
        self._rows = np.concatenate([self._rows[:, : self._used], rows.T], axis=1)
        self._used += len(rows)

    def cut(self, length: int) -> None:
        """Keep only the first rows."""
        self._used = min(self._used, length)


class Curves:
    """All that is plotted of one run, filled from its events or from its metrics.jsonl.

    `turns` are the iterations at which another model of the run began, whose losses begin anew.
    """

    def __init__(self) -> None:
        self.steps = Table(_STEP_COLUMNS)
        self.evals = Table(_EVAL_COLUMNS)
        self.turns: list[int] = []

    def add_step(
        self,
        iter_num: int,
        loss: float,
        lr: float,
        grad_norm: float,
        step_ms: float,
        tokens_per_s: float,
        memory_bytes: float,
    ) -> None:
        """Add a logged iteration."""
        smoothed, seconds, before = math.nan, 0.0, -1.0
        if len(self.steps):
            smoothed, seconds, before = (float(self.steps.column(n)[-1]) for n in ("smoothed", "seconds", "iter_num"))
        known = len(self.steps) - int(np.searchsorted(self.steps.column("iter_num"), max([0, *self.turns])))
        smoothed = _smoother(smoothed, loss, known)
        seconds += max(iter_num - before, 0) * step_ms / 1000
        self.steps.append(iter_num, loss, smoothed, lr, grad_norm, tokens_per_s, memory_bytes, seconds)

    def begin_model(self, iter_num: int) -> None:
        """Take note that another model of the run began; twice the same one where it was begun again."""
        if iter_num not in self.turns:
            self.turns.append(iter_num)

    def model_of(self, iter_num: float) -> tuple[float, float]:
        """Return after which iteration the model began that was evaluated at one, and with which it ended."""
        at = bisect_left(self.turns, iter_num)
        return (self.turns[at - 1] if at else -1.0), (self.turns[at] if at < len(self.turns) else math.inf)

    def add_eval(self, iter_num: int, train_loss: float, val_loss: float) -> None:
        """Add an evaluation; one of the same iteration is replaced."""
        self.evals.cut(int(np.searchsorted(self.evals.column("iter_num"), iter_num)))
        self.evals.append(iter_num, train_loss, val_loss)

    @classmethod
    def of(cls, steps: Floats, evals: Floats, turns: Sequence[int] = ()) -> Curves:
        """Return the curves of a whole run: `steps` (n, 7) as `add_step` takes them, `evals` (m, 3) as `add_eval` does.

        Rows that are no later than the one before, as a resumed run may leave them, are dropped.
        """
        made = cls()
        steps, evals = _growing(steps), _growing(evals)
        iterations, losses, step_ms = steps[:, 0], steps[:, 1], steps[:, 4]
        smoothed, last = np.empty_like(losses), math.nan
        for turn in turns:
            made.begin_model(turn)
        begins = np.searchsorted(iterations, [0, *made.turns])
        for first, end in pairwise([*begins.tolist(), len(losses)]):
            for at, value in enumerate(losses[first:end].tolist()):
                smoothed[first + at] = last = _smoother(last, value, at)
        seconds = np.cumsum(np.diff(iterations, prepend=-1.0) * step_ms / 1000)
        made.steps.extend(np.column_stack([iterations, losses, smoothed, steps[:, [2, 3, 5, 6]], seconds]))
        made.evals.extend(evals)
        return made

    def copy(self) -> Curves:
        """Return the curves as they are now, for another thread to read."""
        made = Curves()
        made.turns = list(self.turns)
        for mine, its in ((self.steps, made.steps), (self.evals, made.evals)):
            its.extend(mine.rows())
        return made

    def cut_back(self, iter_num: int) -> None:
        """Drop what is done again from an iteration on: a resumed run goes on from its checkpoint.

        The evaluation of that very iteration stays: where it came before the checkpoint, it is not made again.
        """
        self.steps.cut(int(np.searchsorted(self.steps.column("iter_num"), iter_num)))
        self.evals.cut(int(np.searchsorted(self.evals.column("iter_num"), iter_num, side="right")))
        self.turns = [turn for turn in self.turns if turn <= iter_num]

    def best(self) -> tuple[float, float] | None:
        """Return the iteration and the value of the lowest validation loss, as best.pt has it; None before the first.

        What was judged before anything was learned counts only until there is another.
        """
        judged = ~np.isnan(self.evals.column("val_loss"))
        learned = judged & (self.evals.column("iter_num") > 0)
        among = learned if learned.any() else judged
        iterations, losses = (self.evals.column(name)[among] for name in ("iter_num", "val_loss"))
        if not len(losses):
            return None
        at = int(np.argmin(losses))
        return float(iterations[at]), float(losses[at])

    @property
    def warmed_up(self) -> float:
        """The iteration at which the learning rate was at its height first, once that is long past; 0 before."""
        iterations = self.steps.column("iter_num")
        if not len(iterations):
            return 0.0
        height = float(iterations[int(np.argmax(self.steps.column("lr")))])
        return height if iterations[-1] > _LONG_PAST * height else 0.0

    def along(self, axis: Axis, iterations: Floats, scale: Scale) -> Floats:
        """Return where iterations lie on an axis: iterations, tokens read, epochs, or minutes of training."""
        if axis is Axis.TOKENS:
            return iterations * scale.tokens_per_iter
        if axis is Axis.EPOCH:
            return iterations * scale.tokens_per_iter / scale.train_tokens
        if axis is Axis.TIME:
            if not len(self.steps):
                return np.zeros_like(iterations)
            known, seconds = self.steps.column("iter_num"), self.steps.column("seconds")
            ahead = np.maximum(iterations - known[-1], 0) * (seconds[-1] / max(known[-1], 1))
            minutes: Floats = (np.interp(iterations, known, seconds) + ahead) / 60
            return minutes
        return iterations

    def seconds_before(self, updates: Sequence[int]) -> list[float]:
        """Return how long the run had trained before the update of each of some iterations."""
        at = np.array(updates, dtype=np.float64)
        minutes = self.along(Axis.TIME, at - 1, Scale())
        seconds: list[float] = np.where(at > 0, 60 * minutes, 0.0).tolist()
        return seconds

    def steps_along(self, axis: Axis, scale: Scale) -> Floats:
        """Return where the logged iterations lie on an axis."""
        if axis is Axis.TIME:
            return self.steps.column("seconds") / 60
        return self.along(axis, self.steps.column("iter_num"), scale)


def _smoother(before: float, value: float, count: int) -> float:
    """Return the smoothed loss after one more, the `count`-th: an exponential mean that looks back less at first."""
    if not math.isfinite(value):
        return before
    if count == 0:
        return value
    weight = max(1 / _SMOOTHED_OVER, 5 / (count + 5))
    return value if math.isnan(before) else before + weight * (value - before)


def _growing(rows: Floats) -> Floats:
    """Return the rows whose first value is above all before it."""
    first = rows[:, 0]
    highest = np.maximum.accumulate(first)
    return rows[np.append(True, first[1:] > highest[:-1])] if len(rows) else rows


def part(x: Floats, first: float, last: float) -> slice:
    """Return which points of a growing x lie in a span, with one more on each side where lines lead out of it."""
    begin, end = np.searchsorted(x, (first, last), side="left"), np.searchsorted(x, last, side="right")
    return slice(max(int(begin[0]) - 1, 0), int(end) + 1)


def envelope(x: Floats, y: Floats, bins: int) -> tuple[Floats, Floats]:
    """Return at most about two points a bin, the lowest and the highest: unrest looks as it is, drawn in no time."""
    if len(x) <= 2 * bins:
        return x, y
    starts = np.linspace(0, len(x), bins, endpoint=False).astype(int)
    both = np.stack([np.fmin.reduceat(y, starts), np.fmax.reduceat(y, starts)], axis=1)
    return np.append(np.repeat(x[starts], 2), x[-1]), np.append(both, y[-1])


def thinned(x: Floats, y: Floats, bins: int) -> tuple[Floats, Floats]:
    """Return at most about one point a bin, the mean: the course of a curve, drawn in no time."""
    if len(x) <= bins:
        return x, y
    starts = np.linspace(0, len(x), bins, endpoint=False).astype(int)
    counts = np.diff(np.append(starts, len(x)))
    means = (np.add.reduceat(values, starts) / counts for values in (x, y))
    mean_x, mean_y = means
    return np.append(mean_x, x[-1]), np.append(mean_y, y[-1])
