"""The numbers behind the plots: what a run told so far, in arrays that grow, and the axis they lie along. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_SMOOTHED_OVER = 20  # logged losses that the smoothed curve looks back on; fewer at first, where the loss falls fast
_STEP_COLUMNS = ("iter_num", "loss", "smoothed", "lr", "grad_norm", "tokens_per_s", "memory_bytes", "seconds")
_EVAL_COLUMNS = ("iter_num", "train_loss", "val_loss")


class Axis(Enum):
    """What the curves are drawn along."""

    ITERATION = "Iteration"
    TOKENS = "Tokens"
    EPOCH = "Epoch"
    TIME = "Time"


class Table:
    """Rows of floats in columns, appended in constant time."""

    def __init__(self, columns: Iterable[str]) -> None:
        self._index = {name: i for i, name in enumerate(columns)}
        self._rows: Floats = np.empty((len(self._index), 256))
        self._used = 0

    def __len__(self) -> int:
        return self._used

    def append(self, *row: float) -> None:
        """Add a row, its values in the order of the columns."""
        if self._used == self._rows.shape[1]:
            self._rows = np.concatenate([self._rows, np.empty_like(self._rows)], axis=1)
        self._rows[:, self._used] = row
        self._used += 1

    def column(self, name: str) -> Floats:
        """Give a column as a view that holds the rows so far."""
        return self._rows[self._index[name], : self._used]

    def cut(self, length: int) -> None:
        """Keep only the first rows."""
        self._used = min(self._used, length)


class Curves:
    """All that is plotted of one run, filled from its events or from its metrics.jsonl."""

    def __init__(self) -> None:
        self.steps = Table(_STEP_COLUMNS)
        self.evals = Table(_EVAL_COLUMNS)

    def add_step(
        self,
        iter_num: int,
        loss: float | None,
        lr: float,
        grad_norm: float | None,
        step_ms: float,
        tokens_per_s: float,
        memory_bytes: float,
    ) -> None:
        """Add a logged iteration; a None stands for what was not a number."""
        value = float("nan") if loss is None else loss
        smoothed = self.steps.column("smoothed")[-1] if len(self.steps) else float("nan")
        if np.isfinite(value):
            weight = max(1 / _SMOOTHED_OVER, 5 / (len(self.steps) + 5))
            smoothed = value if np.isnan(smoothed) else smoothed + weight * (value - smoothed)
        seconds, before = 0.0, -1.0
        if len(self.steps):
            seconds, before = self.steps.column("seconds")[-1], self.steps.column("iter_num")[-1]
        seconds += max(iter_num - before, 0) * step_ms / 1000
        norm = float("nan") if grad_norm is None else grad_norm
        self.steps.append(iter_num, value, smoothed, lr, norm, tokens_per_s, memory_bytes, seconds)

    def add_eval(self, iter_num: int, train_loss: float | None, val_loss: float | None) -> None:
        """Add an evaluation."""
        nan = float("nan")
        self.evals.append(iter_num, nan if train_loss is None else train_loss, nan if val_loss is None else val_loss)

    def add_record(self, row: dict[str, Any]) -> None:
        """Add one line of metrics.jsonl; a line of another kind, or without its numbers, is passed over."""
        wanted = {"step": self._step_record, "eval": self._eval_record}.get(str(row.get("event")))
        if wanted is not None:
            try:
                wanted(row)
            except (KeyError, TypeError):
                return

    def _step_record(self, row: dict[str, Any]) -> None:
        names = ("iter_num", "loss", "lr", "grad_norm", "step_ms", "tokens_per_s", "memory_bytes")
        self.add_step(*(row[name] for name in names))

    def _eval_record(self, row: dict[str, Any]) -> None:
        self.add_eval(row["iter_num"], row["train_loss"], row["val_loss"])

    def cut_back(self, iter_num: int) -> None:
        """Drop what is at or after an iteration that is done again: a resumed run goes on from its checkpoint."""
        self.steps.cut(int(np.searchsorted(self.steps.column("iter_num"), iter_num)))
        self.evals.cut(int(np.searchsorted(self.evals.column("iter_num"), iter_num)))

    def best(self) -> tuple[float, float] | None:
        """Give the iteration and the value of the lowest validation loss, once something was learned."""
        trained = self.evals.column("iter_num") > 0
        iterations, losses = (self.evals.column(name)[trained] for name in ("iter_num", "val_loss"))
        if not len(losses) or np.isnan(losses).all():
            return None
        at = int(np.nanargmin(losses))
        return float(iterations[at]), float(losses[at])

    def along(self, axis: Axis, iterations: Floats, tokens_per_iter: int, train_tokens: int) -> Floats:
        """Give where iterations lie on an axis: iterations, tokens read, epochs, or minutes of training."""
        if axis is Axis.TOKENS:
            return iterations * tokens_per_iter
        if axis is Axis.EPOCH:
            return iterations * tokens_per_iter / max(train_tokens, 1)
        if axis is Axis.TIME:
            if not len(self.steps):
                return np.zeros_like(iterations)
            known, seconds = self.steps.column("iter_num"), self.steps.column("seconds")
            return np.interp(iterations, known, seconds) / 60
        return iterations


def part(x: Floats, first: float, last: float) -> slice:
    """Give which points of a growing x lie in a span, with one more on each side where lines lead out of it."""
    begin, end = np.searchsorted(x, (first, last), side="left"), np.searchsorted(x, last, side="right")
    return slice(max(int(begin[0]) - 1, 0), int(end) + 1)


def envelope(x: Floats, y: Floats, bins: int) -> tuple[Floats, Floats]:
    """Give at most about two points a bin, the lowest and the highest: unrest looks as it is, drawn in no time."""
    if len(x) <= 2 * bins:
        return x, y
    starts = np.linspace(0, len(x), bins, endpoint=False).astype(int)
    both = np.stack([np.fmin.reduceat(y, starts), np.fmax.reduceat(y, starts)], axis=1)
    return np.append(np.repeat(x[starts], 2), x[-1]), np.append(both, y[-1])


def thinned(x: Floats, y: Floats, bins: int) -> tuple[Floats, Floats]:
    """Give at most about one point a bin, the mean: the course of a curve, drawn in no time."""
    if len(x) <= bins:
        return x, y
    starts = np.linspace(0, len(x), bins, endpoint=False).astype(int)
    counts = np.diff(np.append(starts, len(x)))
    means = (np.add.reduceat(values, starts) / counts for values in (x, y))
    mean_x, mean_y = means
    return np.append(mean_x, x[-1]), np.append(mean_y, y[-1])
