"""Small plots under the loss: learning rate, gradient norm, speed and memory along the same axis."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from PySide6.QtCore import QPointF
from PySide6.QtGui import QPainter, QPaintEvent, QShowEvent
from PySide6.QtWidgets import QFrame, QWidget

from gui.kit import formats
from gui.kit.painted_words import Line, Word
from gui.kit.parts import Elided, card, row
from gui.kit.plots import Redraw, pen
from gui.kit.theme import Size, Space
from gui.train.curves import Floats, part, thinned
from gui.train.loss_plot import LossPlot
from gui.train.record import RunTrace

_PLOTS: tuple[tuple[str, str, Callable[[float], str]], ...] = (
    ("lr", "Learning rate", formats.power),
    ("grad_norm", "Grad norm", lambda value: f"{value:.2f}"),
    ("tokens_per_s", "Tokens/s", formats.count),
    ("memory_bytes", "Memory", formats.memory),
)
_ZOOM_MS = 16
_BINS = 80
_HEADROOM = 1.1  # the highest value stands a little below the edge


class SmallPlots(QWidget):
    """Four sparklines with their last values."""

    def __init__(self, loss: LossPlot) -> None:
        """Take the plot whose axis they share."""
        super().__init__()
        self.setObjectName("small_plots")
        self._trace = RunTrace()
        self._loss = loss
        self._span: tuple[float, float] | None = None
        loss.span_changed.connect(self._follow)
        self.tiles = [Tile(*each) for each in _PLOTS]
        self.setLayout(row(*self.tiles, spacing=Space.S))
        self._redraw = Redraw(self, self._draw)

    def show_trace(self, trace: RunTrace) -> None:
        """Show a run's values."""
        self._trace = trace
        self._redraw.now()

    def showEvent(self, event: QShowEvent) -> None:
        """Draw what came while it was out of sight."""
        super().showEvent(event)
        self._redraw.now()

    def _draw(self) -> None:
        x = self._loss.along(self._trace)
        for tile in self.tiles:
            tile.show_trace(self._trace, x, self._span)

    def _follow(self, first: float, last: float) -> None:
        """Show the same part of the axis: at once when a person chose it, else at the next drawing."""
        self._span = (first, last)
        if not self._loss.plot.follows:
            self._redraw.within(_ZOOM_MS)


class Tile(QFrame):
    """One sparkline: its name, its last value, and the curve."""

    def __init__(self, column: str, title: str, spell: Callable[[float], str]) -> None:
        super().__init__()
        self._column = column
        self._spell = spell
        frame, layout = card(f"tile_{column}", Space.S)
        self._title = title
        self._value = Line(Word(formats.NOTHING), right=True, widest=formats.memory(999 * 1024**2))
        self.curve = Sparkline(f"plot_{column}", title)
        layout.setSpacing(Space.XXS)
        head = row(spacing=Space.XS)
        head.addWidget(Elided(title, "caption"), 1)
        head.addWidget(self._value)
        layout.addLayout(head)
        layout.addWidget(self.curve, 1)
        self.setLayout(row(frame))

    def show_trace(self, trace: RunTrace, x: Floats, span: tuple[float, float] | None) -> None:
        """Draw this tile's column over a span of x."""
        values = trace.curves.steps.column(self._column)
        seen = slice(None) if span is None else part(x, *span)
        self.curve.show_points(*thinned(x[seen], values[seen], _BINS), span)
        text = self._spell(values[-1]) if len(values) else formats.NOTHING
        self._value.tell(Word(text))
        self.setAccessibleName(f"{self._title} {text}")


class Sparkline(QWidget):
    """A curve from zero up, without axes: a small unrest shall look small. Painted straight, for it changes often.

    Attributes:
        span: what part of x is seen; all of it when None.
    """

    def __init__(self, name: str, says: str) -> None:
        super().__init__()
        self.setObjectName(name)
        self.setAccessibleName(says)
        self.setMinimumHeight(Size.SPARKLINE)
        self.span: tuple[float, float] | None = None
        self._x: Floats = np.empty(0)
        self._y: Floats = np.empty(0)

    def show_points(self, x: Floats, y: Floats, span: tuple[float, float] | None) -> None:
        """Draw these points, of which those that are no numbers are left out."""
        known = np.isfinite(x) & np.isfinite(y)
        self._x, self._y, self.span = x[known], y[known], span
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the curve."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, self.devicePixelRatioF() > 1)  # a hairline needs none
        painter.setPen(pen("secondary"))
        painter.drawPolyline(self.places())

    def places(self) -> list[QPointF]:
        """Return where the points lie in the widget."""
        if not len(self._x):
            return []
        first, last = self.span or (float(self._x[0]), float(self._x[-1]))
        top = float(self._y.max()) * _HEADROOM or 1.0
        across = (self._x - first) * ((self.width() - 1) / ((last - first) or 1.0))
        down = (self.height() - 1) * (1 - self._y / top)
        return [QPointF(*each) for each in zip(across.tolist(), down.tolist(), strict=True)]
