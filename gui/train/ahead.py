"""What is expected of a run, on its loss plot: a faint band, and where it will be best."""

from __future__ import annotations

import numpy as np
import pyqtgraph as pg

from gui.kit import theme
from gui.kit.plots import pen
from gui.kit.theme import Size, Space
from gui.train.curves import Floats


class ForecastBand:
    """The band and the best point, on a plot."""

    def __init__(self, plot: pg.PlotWidget) -> None:
        self.low, self.high = (pg.PlotCurveItem([], [], connect="finite", antialias=True) for _ in range(2))
        self._between = pg.FillBetweenItem(self.low, self.high)
        self.best = pg.ScatterPlotItem(size=Size.DOT * 2, pxMode=True, symbol="d")
        for item in (self.low, self.high, self._between, self.best):
            plot.addItem(item)
            item.setZValue(-2)  # behind every curve

    def show_band(self, x: Floats, low: Floats, high: Floats) -> None:
        """Draw the band, or none of no points."""
        self.low.setData(x, low)
        self.high.setData(x, high)
        self._between.setVisible(len(x) > 1)

    def show_best(self, x: float, y: float) -> None:
        """Mark where it is expected to be best; nowhere when that is not a number."""
        known = np.isfinite(x + y)
        self.best.setData([x] if known else [], [y] if known else [])

    def dress(self) -> None:
        """Put on the present theme."""
        look = theme.current()
        for edge in (self.low, self.high):
            edge.setPen(pen("validation_line", dashed=True, alpha=0.8))
        self._between.setBrush(look.color("validation", 0.14))
        self.best.setBrush(look.color("surface"))
        self.best.setPen(pen("validation", width=Space.XXS))
