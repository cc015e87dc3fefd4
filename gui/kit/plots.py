"""Plots that look like the rest of the window: pyqtgraph dressed in the theme's colors, without its own menus."""

from __future__ import annotations

import html
import math
from collections.abc import Callable

import pyqtgraph as pg
from PySide6.QtCore import QElapsedTimer, QPoint, QPointF, QRect, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import QGuiApplication, QPainter, QPaintEvent, QPen, QPixmap, QResizeEvent
from PySide6.QtWidgets import QGraphicsSceneWheelEvent, QWidget

from gui.kit import theme
from gui.kit.theme import Size, Space, Type

_LOG_TICKS = (1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0)
_FEW_TICKS = 3
_NICE_STEPS = (1.0, 2.0, 5.0, 10.0)
_NOTCH = 120  # what a wheel tells for one notch, in eighths of a degree
_ZOOM_A_NOTCH = 0.8
_PAN_A_NOTCH = 0.1
_BESIDE = 0.02  # of the least width, beside zero: room for a dot
_BEING_RESIZED = 4  # resizes one upon the other; a window that opens, or parts that change places, make two or three
_SETTLED_MS = 120  # a window that kept its size so long is not being resized any more


def pen(role: str, *, width: float = 1, dashed: bool = False, alpha: float = 1.0) -> QPen:
    """Return a pen in a role's color, as wide at every zoom and on every screen."""
    style = Qt.PenStyle.DashLine if dashed else Qt.PenStyle.SolidLine
    made: QPen = pg.mkPen(theme.current().color(role, alpha), width=_on_screen(width), style=style)
    return made


def series_pen(number: int, *, width: float = 1, alpha: float = 1.0) -> QPen:
    """Return the pen of one of several curves: told apart by its color, and by its dashes without colors."""
    look = theme.current()
    made: QPen = pg.mkPen(look.series(number, alpha), width=_on_screen(width))
    made.setDashPattern([float(part) for part in theme.DASHES[number % len(theme.DASHES)]])
    made.setCapStyle(Qt.PenCapStyle.FlatCap)
    return made


def _on_screen(width: float) -> float:
    return width * QGuiApplication.primaryScreen().devicePixelRatio()


def log_ticks(low: float, high: float) -> list[float]:
    """Return round values between two positive ones, for an axis that is logarithmic; evenly spaced ones when close."""
    decades = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    round_ones = [m * 10.0**e for e in decades for m in _LOG_TICKS if low <= m * 10.0**e <= high]
    if len(round_ones) >= _FEW_TICKS:
        return round_ones
    rough = (high - low) / 4
    size = 10.0 ** math.floor(math.log10(rough))
    step = next(nice * size for nice in _NICE_STEPS if nice * size >= rough * 0.999)
    return [n * step for n in range(math.ceil(low / step), math.floor(high / step) + 1)]


class Redraw(QTimer):
    """Draws a widget when it is seen: now, or while a person drags no more often than asked for."""

    def __init__(self, widget: QWidget, draw: Callable[[], object]) -> None:
        super().__init__(widget, singleShot=True)
        self._widget = widget
        self._draw = draw
        self._since = QElapsedTimer()
        self.timeout.connect(self.now)

    def within(self, ms: int) -> None:
        """Draw so many milliseconds after the last time, at once after a rest."""
        if not self._in_sight:
            return
        wait = max(0, ms - self._since.elapsed()) if self._since.isValid() else 0
        if not self.isActive() or self.remainingTime() > wait:
            self.start(wait)

    def now(self) -> None:
        """Draw, if it is seen; what is not is drawn when it comes to sight."""
        self.stop()
        if self._in_sight:
            self._draw()
            self._since.start()

    @property
    def _in_sight(self) -> bool:
        return self._widget.isVisible() and not self._widget.window().isMinimized()


class PlotAxis(pg.AxisItem):  # type: ignore[misc]
    """An axis that paints itself straight away, spells its values as people read them, and may be logarithmic.

    pyqtgraph records an axis as a picture first, and playing that back looks every font up again: 8 ms a time.

    Attributes:
        spell: how a value is told.
        is_log: whether positions are powers of ten; the values told are the real ones.
    """

    def __init__(self, side: str) -> None:
        super().__init__(side)
        self.spell: Callable[[float], str] | None = None
        self.is_log = False

    def tickValues(self, minVal: float, maxVal: float, size: float) -> list[tuple[float, list[float]]]:  # noqa: N803
        """Return where ticks stand."""
        if not self.is_log or not math.isfinite(minVal + maxVal) or maxVal - minVal < 1e-9 or maxVal > 300:
            ticks: list[tuple[float, list[float]]] = super().tickValues(minVal, maxVal, size)
            return ticks
        return [(1.0, [math.log10(value) for value in log_ticks(10.0**minVal, 10.0**maxVal)])]

    def tickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:
        """Return what stands at the ticks."""
        if self.is_log:
            return [f"{10.0**value:.4g}" for value in values]
        if self.spell is not None:
            return [self.spell(value) for value in values]
        strings: list[str] = super().tickStrings(values, scale, spacing)
        return strings

    def paint(self, p: QPainter, opt: object, widget: object) -> None:
        """Paint lines and ticks; what they are is worked out anew only when the axis changed."""
        if self.picture is None:  # type: ignore[has-type]
            p.setFont(self.style["tickFont"] or p.font())
            self.picture = self.generateDrawSpecs(p) or ()
        if self.picture:
            p.save()
            self.drawPicture(p, *self.picture)
            p.restore()


class PlainLegend(pg.LegendItem):  # type: ignore[misc]
    """A legend with names as they are: pyqtgraph takes them for HTML."""

    def addItem(self, item: object, name: str) -> None:
        """Add a curve."""
        super().addItem(item, html.escape(name))


class Area(pg.ViewBox):  # type: ignore[misc]
    """Where the curves lie: a wheel or two fingers zoom, sideways they pan; a drag points, with Shift it pans.

    Signals:
        pointed(point): a person pressed or dragged at a point of the scene.
    """

    pointed = Signal(QPointF)

    def wheelEvent(self, ev: QGraphicsSceneWheelEvent, axis: int | None = None) -> None:
        """Zoom along x about the pointer, or pan when the wheel goes sideways."""
        if not self.mouseEnabled()[0]:
            ev.ignore()
            return
        notches = ev.delta() / _NOTCH
        if ev.orientation() == Qt.Orientation.Horizontal:
            self.pan(-notches * _PAN_A_NOTCH)
        else:
            self.zoom(_ZOOM_A_NOTCH**notches, self.mapToView(ev.pos()).x())
        ev.accept()

    def mouseDragEvent(self, ev: object, axis: int | None = None) -> None:
        """Point, or pan with Shift or the middle button."""
        pans = ev.modifiers() & Qt.KeyboardModifier.ShiftModifier or ev.button() == Qt.MouseButton.MiddleButton  # type: ignore[attr-defined]
        if pans:
            super().mouseDragEvent(ev, axis)
        elif ev.button() == Qt.MouseButton.LeftButton:  # type: ignore[attr-defined]
            ev.accept()  # type: ignore[attr-defined]
            self.pointed.emit(ev.scenePos())  # type: ignore[attr-defined]

    def zoom(self, share: float, about: float | None = None) -> None:
        """Show so large a share of what is seen now, about a value of x or the middle."""
        first, last = self.viewRange()[0]
        middle = (first + last) / 2 if about is None else about
        self.setXRange(middle + (first - middle) * share, middle + (last - middle) * share, padding=0)

    def pan(self, share: float) -> None:
        """Move what is seen by a share of its width."""
        first, last = self.viewRange()[0]
        by = (last - first) * share
        self.setXRange(first + by, last + by, padding=0)

    def mouseEnabled(self) -> list[bool]:
        """Return whether x and y can be changed by hand."""
        return list(self.state["mouseEnabled"])


class Plot(pg.PlotWidget):  # type: ignore[misc]
    """A plot widget in the theme's colors; `dress` again when the theme changes.

    While its window is being resized its last picture is stretched, and drawn anew once the window keeps its size.
    """

    def __init__(self, name: str, says: str, *, axes: bool = True) -> None:
        self._picture: QPixmap | None = None
        self._resized, self._resizes = QElapsedTimer(), 0
        super().__init__(viewBox=Area(), axisItems={side: PlotAxis(side) for side in ("left", "bottom")})
        self.setObjectName(name)
        self.setAccessibleName(says)
        self.setFrameShape(pg.QtWidgets.QFrame.Shape.NoFrame)
        self.hideButtons()
        self.setMenuEnabled(False)
        self._settling = QTimer(self, singleShot=True, interval=_SETTLED_MS)
        self._settling.timeout.connect(self._settle)
        self._axes = axes
        item = self.getPlotItem()
        item.setContentsMargins(0, Space.XS, Space.S, 0)
        item.layout.setSpacing(0)
        left, bottom = item.getAxis("left"), item.getAxis("bottom")
        for axis in (left, bottom):
            axis.enableAutoSIPrefix(False)
            axis.setStyle(tickLength=0, tickTextOffset=Space.XS, maxTickLevel=0)
        if axes:
            left.setWidth(Size.AXIS)
        else:
            item.hideAxis("left")
            item.hideAxis("bottom")
        self.dress()

    def add_legend(self) -> PlainLegend:
        """Return a legend, at the upper right, which names each curve that is drawn from now on."""
        legend, item = PlainLegend(offset=(-1, 1)), self.getPlotItem()
        item.legend = legend
        legend.setParentItem(item.vb)
        return legend

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Lay out anew; but where many resizes follow each other at once, wait until they end."""
        follows = self._resized.isValid() and self._resized.elapsed() < _SETTLED_MS
        self._resizes = self._resizes + 1 if follows else 1
        self._resized.start()
        if self._resizes < _BEING_RESIZED or not event.oldSize().isValid():
            super().resizeEvent(event)
            return
        if self._picture is None:
            self._picture = self._pictured(QRect(QPoint(), event.oldSize()))
        self._settling.start()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the plot, or its last picture while the window is being resized."""
        if self._picture is None:
            super().paintEvent(event)
            return
        painter = QPainter(self.viewport())
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawPixmap(self.viewport().rect(), self._picture)

    def _pictured(self, seen: QRect) -> QPixmap:
        """Return a part of the viewport as it was last laid out: to grab it would resize it first."""
        ratio = self.devicePixelRatioF()
        made = QPixmap(seen.size() * ratio)
        made.setDevicePixelRatio(ratio)
        made.fill(theme.current().color("surface"))
        painter = QPainter(made)
        painter.setRenderHints(self.renderHints())
        self.render(painter, QRectF(seen), seen)
        painter.end()
        return made

    def _settle(self) -> None:
        self._picture = None
        size = self.viewport().size()
        super().resizeEvent(QResizeEvent(size, size))
        self.viewport().update()

    @property
    def area(self) -> Area:
        """Where the curves lie."""
        area: Area = self.getPlotItem().vb
        return area

    def begin_at_zero(self, least: float) -> None:
        """Show x from zero on, and at least so much of it, also of a single point."""
        self.area.setLimits(xMin=-_BESIDE * least, minXRange=(1 + 2 * _BESIDE) * least)

    def axis(self, side: str) -> PlotAxis:
        """Return the axis at the "left" or "bottom"."""
        axis: PlotAxis = self.getPlotItem().getAxis(side)
        return axis

    def dress(self) -> None:
        """Put on the present theme."""
        look = theme.current()
        self.setBackground(look.color("surface"))
        if self._axes:
            self.showGrid(x=False, y=True, alpha=0.3)
        for name in ("left", "bottom"):
            axis = self.getPlotItem().getAxis(name)
            axis.setPen(pg.mkPen(look.color("grid")))
            axis.setTextPen(pg.mkPen(look.color("secondary")))
            axis.setTickFont(look.font(Type.CAPTION))
