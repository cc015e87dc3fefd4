"""Small plots under the loss: learning rate, gradient norm, speed and memory along the same axis."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from PySide6.QtCore import QEvent
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QFrame, QWidget

from gui import formats
from gui.parts import card, label, row
from gui.plots import Plot, Redraw, pen
from gui.theme import Size, Space, restyles
from gui.train.curves import Floats, part, thinned
from gui.train.loss_plot import LossPlot
from gui.train.record import Trace

_PLOTS: tuple[tuple[str, str, Callable[[float], str]], ...] = (
    ("lr", "Learning rate", formats.power),
    ("grad_norm", "Gradient norm", lambda value: f"{value:.2f}"),
    ("tokens_per_s", "Tokens/s", formats.count),
    ("memory_bytes", "Memory", formats.memory),
)
_REDRAW_MS = 1000
_ZOOM_MS = 16
_BINS = 80


class SmallPlots(QWidget):
    """Four sparklines with their last values."""

    def __init__(self, loss: LossPlot) -> None:
        """Take the plot whose axis they share."""
        super().__init__()
        self.setObjectName("small_plots")
        self._trace = Trace()
        self._loss = loss
        self._span: tuple[float, float] | None = None
        loss.span_changed.connect(self._follow)
        self._tiles = [Tile(*each) for each in _PLOTS]
        self.setLayout(row(*self._tiles, spacing=Space.S))
        self._redraw = Redraw(self, self._draw)

    def show_trace(self, trace: Trace) -> None:
        """Show a run's values soon."""
        self._trace = trace
        self._redraw.within(_REDRAW_MS)

    def showEvent(self, event: QShowEvent) -> None:
        """Draw what came while it was out of sight."""
        super().showEvent(event)
        self._redraw.now()

    def _draw(self) -> None:
        x = self._loss.along(self._trace)
        for tile in self._tiles:
            tile.show_trace(self._trace, x, self._span)

    def _follow(self, first: float, last: float) -> None:
        """Show the same part of the axis: at once when a person chose it, else at the next drawing."""
        self._span = (first, last)
        asked = not self._loss.plot.follows
        self._redraw.within(_ZOOM_MS if asked else _REDRAW_MS, asked=asked)


class Tile(QFrame):
    """One sparkline: its name, its last value, and the curve."""

    def __init__(self, column: str, title: str, spell: Callable[[float], str]) -> None:
        super().__init__()
        self._column = column
        self._spell = spell
        frame, layout = card(f"tile_{column}", Space.S)
        self._title = title
        self._value = label(formats.NOTHING, "caption")
        self._plot = Plot(f"plot_{column}", title, axes=False)
        self._plot.setMouseEnabled(x=False, y=False)
        self._plot.setFixedHeight(Size.SMALL_PLOT // 2)
        self._curve = self._plot.plot([], [], connect="finite")
        layout.setSpacing(Space.XXS)
        layout.addLayout(row(label(title, "caption"), None, self._value))
        layout.addWidget(self._plot)
        self.setLayout(row(frame))
        self._dress()

    def show_trace(self, trace: Trace, x: Floats, span: tuple[float, float] | None) -> None:
        """Draw this tile's column over a span of x, from zero up: a small unrest shall look small."""
        values = trace.curves.steps.column(self._column)
        seen = slice(None)
        if span is not None:
            seen = part(x, *span)
            self._plot.setXRange(*span, padding=0)
        drawn = thinned(x[seen], values[seen], _BINS)
        self._curve.setData(*drawn)
        top = float(np.nanmax(drawn[1])) if np.isfinite(drawn[1]).any() else 0.0
        self._plot.setYRange(0, top or 1.0, padding=0.1)
        text = self._spell(values[-1]) if len(values) else formats.NOTHING
        self._value.setText(text)
        self.setAccessibleName(f"{self._title} {text}")

    def changeEvent(self, event: QEvent) -> None:
        """Follow the theme."""
        super().changeEvent(event)
        if restyles(event):
            self._dress()

    def _dress(self) -> None:
        self._plot.dress()
        self._curve.setPen(pen("secondary"))
