"""What a run's loss is held against, on its plot: dashed lines with names, out of the way of curves and each other."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QRectF

from gui.kit import theme
from gui.kit.plots import Plot, pen
from gui.train.curves import Floats
from gui.train.sight import AIR, Span

_NEAR = 0.25  # of what the curves take of the height: a line so close beneath them is seen with its name

Curve = tuple[Floats, Floats]


class _LabelPlace(NamedTuple):
    """Where along its line a name stands, and which corner of it is there; y counts down."""

    along: float
    corner: tuple[float, float]


_ABOVE_RIGHT, _BELOW_RIGHT = _LabelPlace(0.99, (1, 1)), _LabelPlace(0.99, (1, 0))
_ABOVE_LEFT, _BELOW_LEFT = _LabelPlace(0.01, (0, 1)), _LabelPlace(0.01, (0, 0))
_NAMES = {
    "random": ("random guessing", (_BELOW_RIGHT, _ABOVE_RIGHT, _BELOW_LEFT, _ABOVE_LEFT)),
    "unigram": ("how common each token is", (_ABOVE_RIGHT, _BELOW_RIGHT, _ABOVE_LEFT, _BELOW_LEFT)),
    "bigram": ("which token follows which", (_BELOW_LEFT, _ABOVE_RIGHT, _BELOW_RIGHT, _ABOVE_LEFT)),
}
"""What each is called, and where its name may stand: where one likes it best comes first."""


class Rungs:
    """The lines on a plot; a name for which there is no room is left out.

    Attributes:
        lines: one for each rung by its name, seen or not.
    """

    def __init__(self, plot: Plot) -> None:
        self._plot = plot
        self.lines = {
            name: pg.InfiniteLine(angle=0, movable=False, label=words, labelOpts={"anchors": [places[0].corner] * 2})
            for name, (words, places) in _NAMES.items()
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

    def fit(self, curves: Sequence[Curve] = ()) -> None:
        """Put each name where it is seen whole, over no other and no curve; leave it out where there is no room."""
        taken: list[QRectF] = []
        for name, line in self.lines.items():
            if not line.isVisible():
                continue
            free = (
                (place, room)
                for place, room in self._rooms(name)
                if not any(room.intersects(other) for other in taken)
                and not any(_crosses(each, room) for each in curves)
            )
            place, room = next(free, (None, None))
            line.label.setOpacity(float(place is not None))
            if place is not None and room is not None:
                taken.append(room)
                line.label.anchors = [pg.Point(place.corner)] * 2
                line.label.setPosition(place.along)

    def _rooms(self, name: str) -> Iterator[tuple[_LabelPlace, QRectF]]:
        """Yield the places of a name that lie within what is seen, each with the room it takes, as the curves count."""
        (first, last), (low, high) = self._plot.area.viewRange()
        line = self.lines[name]
        tall = (high - low) * self._share(line)
        wide = (last - first) * float(line.label.boundingRect().width() / max(self._plot.area.width(), 1.0))
        for place in _NAMES[name][1]:
            right, above = place.corner
            left = first + place.along * (last - first) - right * wide
            bottom = line.value() - (0 if above else tall)
            if low <= bottom and bottom + tall <= high:
                yield place, QRectF(left, bottom, wide, tall)

    def _share(self, line: pg.InfiniteLine) -> float:
        """Return how much of the plot's height a name takes."""
        return float(line.label.boundingRect().height() / max(self._plot.area.height(), 1.0))

    def dress(self) -> None:
        """Put on the present theme."""
        look = theme.current()
        for line in self.lines.values():
            line.setPen(pen("secondary", dashed=True, alpha=0.6))
            line.label.setColor(look.color("secondary"))
            line.label.setFont(look.font(theme.Type.CAPTION))


def _crosses(curve: Curve, room: QRectF) -> bool:
    """Return whether a curve goes through a room, as its points and what lies between them tell."""
    x, y = curve
    if not len(x):
        return False
    first, last = np.searchsorted(x, (room.left(), room.right()))
    inside = y[max(int(first) - 1, 0) : int(last) + 1]
    inside = inside[np.isfinite(inside)]
    is_beside = x[0] > room.right() or x[-1] < room.left() or not len(inside)
    return not is_beside and inside.max() >= room.top() and inside.min() <= room.bottom()
