"""How curves are looked at: along what, in which unit, on which scale. Pure."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gui.train.curves import Axis, Floats, Unit
from gui.train.record import RunTrace

_TITLES = {
    Axis.ITERATION: "iteration",
    Axis.TOKENS: "tokens read",
    Axis.EPOCH: "times through the text",
    Axis.TIME: "time of training",
    Unit.NATS: "loss",
    Unit.BITS: "bits per byte",
}


@dataclass(frozen=True, slots=True)
class Lens:
    """How curves are looked at: along what, in which unit, and whether the loss is on a logarithmic axis."""

    axis: Axis = Axis.ITERATION
    unit: Unit = Unit.NATS
    log: bool = False

    @property
    def titles(self) -> tuple[str, str]:
        """What stands at the axes: at that of losses, and at what they are drawn along."""
        return _TITLES[self.unit], _TITLES[self.axis]

    def x(self, trace: RunTrace, iterations: Floats) -> Floats:
        """Return where iterations of a run lie."""
        return trace.curves.along(self.axis, iterations, trace.scale)

    def steps(self, trace: RunTrace) -> Floats:
        """Return where the logged iterations of a run lie."""
        return trace.curves.steps_along(self.axis, trace.scale)

    def y(self, trace: RunTrace, losses: Floats) -> Floats:
        """Return where losses of a run lie."""
        values = trace.scale.loss(losses, self.unit)
        if not self.log:
            return values
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(values > 0, np.log10(values), np.nan)

    def y_of(self, trace: RunTrace, loss: float) -> float:
        """Return where one loss of a run lies."""
        return float(self.y(trace, np.array([loss]))[0])
