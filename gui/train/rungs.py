"""What a run's loss is held against, on its plot: dashed lines with names, out of the way of a curve that falls."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import NamedTuple

import pyqtgraph as pg

from gui.kit import theme
from gui.kit.plots import Plot, pen
from gui.train.sight import AIR, Span

_NEAR = 0.25  # of what the curves take of the height: a line so close beneath them is seen with its name


class _LabelPlace(NamedTuple):
    """Where along its line a name stands, and which corner of it is there; y counts down."""

    along: float
    corner: tuple[float, float]


_ABOVE_RIGHT, _BELOW_RIGHT, _BELOW_LEFT = (
    _LabelPlace(0.99, (1, 1)),
    _LabelPlace(0.99, (1, 0)),
    _LabelPlace(0.01, (0, 0)),
)
_NAMES = {
    "random": ("random guessing", _BELOW_RIGHT),
    "unigram": ("how common each token is", _ABOVE_RIGHT),
    "bigram": ("which token follows which", _BELOW_LEFT),
}


class Rungs:
    """The lines on a plot; a name that would be cut off at an edge is left out.

    Attributes:
        lines: one for each rung by its name, seen or not.
    """

    def __init__(self, plot: Plot) -> None:
        self._plot = plot
        self.lines = {
            name: pg.InfiniteLine(angle=0, movable=False, label=words, labelOpts={"anchors": [place.corner] * 2})
            for name, (words, place) in _NAMES.items()
        }
        for line in self.lines.values():
            plot.addItem(line)
            line.hide()
            for item in (line, line.label):
                item.setCacheMode(item.CacheMode.DeviceCoordinateCache)

    def show(self, heights: Mapping[str, float]) -> None:
        """Draw those whose heights are known and finite, by name."""
        for name, line in self.lines.items():
            height = heights.get(name, math.nan)
            line.setVisible(math.isfinite(height))
            if math.isfinite(height):
                line.setValue(height)

    def room(self, curves: Span | None) -> Span | None:
        """Return the heights that curves take, and beneath them those of a line close by and its name."""
        line = self.lines["bigram"]
        if curves is None or not line.isVisible():
            return curves
        low, high = curves
        if not low - _NEAR * (high - low) <= line.value() <= high:
            return curves
        beneath = self._share(line) * (1 + 2 * AIR) - AIR / 2  # of the height: half the air serves as well
        return min(low, high - (high - line.value()) / (1 - min(beneath, 0.5))), high

    def fit(self) -> None:
        """Leave out the names for which there is no room in what is seen."""
        low, high = self._plot.area.viewRange()[1]
        for name, line in self.lines.items():
            is_above = _NAMES[name][1].corner[1]
            tall = (high - low) * self._share(line)
            bottom = line.value() - (0 if is_above else tall)
            line.label.setOpacity(float(low <= bottom and bottom + tall <= high))

    def _share(self, line: pg.InfiniteLine) -> float:
        """Return how much of the plot's height a name takes."""
        return float(line.label.boundingRect().height() / max(self._plot.area.height(), 1.0))

    def dress(self) -> None:
        """Put on the present theme."""
        look = theme.current()
        for name, line in self.lines.items():
            line.setPen(pen("secondary", dashed=True, alpha=0.6))
            line.label.setColor(look.color("secondary"))
            line.label.setFont(look.font(theme.Type.CAPTION))
            line.label.setPosition(_NAMES[name][1].along)
