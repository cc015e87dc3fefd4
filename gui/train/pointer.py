"""What is read where the pointer is on the loss plot: a line across it, a dot on each curve, its value beside it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pyqtgraph as pg

from gui.kit import formats, theme
from gui.kit.plots import Plot, pen
from gui.kit.theme import Size, Type
from gui.train.lens import Lens
from gui.train.record import RunTrace


class Reading(NamedTuple):
    """A point on a curve: where it lies, what is told of it, and the color of its curve."""

    x: float
    y: float
    value: float
    role: str


class Pointer:
    """The line, the dots and the values, on a plot.

    Attributes:
        line: what stands where the pointer is.
        dots: a dot for each reading.
    """

    def __init__(self, plot: Plot) -> None:
        self._plot = plot
        self._readings: Sequence[Reading] = ()
        self.line = pg.InfiniteLine(angle=90, movable=False)
        self.dots = pg.ScatterPlotItem(size=Size.DOT, pxMode=True)
        self.values = [pg.TextItem() for _ in range(2)]
        self.dots.setZValue(2)
        for item in (self.line, self.dots, *self.values):
            plot.addItem(item)
            item.hide()

    def show(self, x: float, readings: Sequence[Reading]) -> None:
        """Point at a place of the axis, and read two curves there; a curve that has no value yet is left out."""
        self._readings = sorted((each for each in readings if math.isfinite(each.y)), key=lambda each: -each.y)
        self.line.setValue(x)
        self.line.show()
        self.dots.setData(
            [each.x for each in self._readings],
            [each.y for each in self._readings],
            brush=[theme.current().color(each.role) for each in self._readings],
        )
        self.dots.show()
        self._show_values()

    def _show_values(self) -> None:
        """Write each value beside its dot: the upper one above it, towards the middle of the plot."""
        first, last = self._plot.area.viewRange()[0]
        for item in self.values:
            item.hide()
        for item, each, down in zip(self.values, self._readings, (1.2, -0.2), strict=False):
            item.setText(formats.loss(each.value))
            item.setColor(theme.current().color("text"))
            item.setAnchor((0.0 if each.x < (first + last) / 2 else 1.0, down))
            item.setPos(each.x, each.y)
            item.show()

    def hide(self) -> None:
        """Point nowhere."""
        for item in (self.line, self.dots, *self.values):
            item.hide()

    def dress(self) -> None:
        """Put on the present theme."""
        look = theme.current()
        self.line.setPen(pen("secondary", alpha=0.7))
        self.dots.setPen(pen("surface"))
        for item in self.values:
            item.setFont(look.font(Type.CAPTION, bold=True))
            item.fill = pg.mkBrush(look.color("surface", 0.8))


def readings(trace: RunTrace, lens: Lens, index: int) -> list[Reading]:
    """Return what is read at a logged iteration: the smoothed loss, and the last judgement up to there."""
    steps, evals = trace.curves.steps, trace.curves.evals
    iter_num, smoothed = (float(steps.column(name)[index]) for name in ("iter_num", "smoothed"))
    found = [(float(lens.steps(trace)[index]), smoothed, "train")]
    if before := int(np.searchsorted(evals.column("iter_num"), iter_num, side="right")):
        at, loss = (evals.column(name)[before - 1 : before] for name in ("iter_num", "val_loss"))
        found.append((float(lens.x(trace, at)[0]), float(loss[0]), "validation"))
    return [
        Reading(x, lens.y_of(trace, loss), float(trace.scale.loss(np.array([loss]), lens.unit)[0]), role)
        for x, loss, role in found
    ]
