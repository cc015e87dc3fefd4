"""The loss curves themselves: train raw beneath, smoothed above, validation, and what they are held against."""

from __future__ import annotations

from collections.abc import Callable
from itertools import chain

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QEvent, QPointF, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent

from engine.datasets.quality import Rung
from gui.kit import formats, theme
from gui.kit.plots import Plot, pen, series_pen
from gui.kit.theme import Size, Space, Type
from gui.train.ahead import ForecastBand
from gui.train.curves import Axis, Floats, envelope, part, thinned
from gui.train.lens import Lens
from gui.train.pointer import Pointer, readings
from gui.train.record import RunTrace
from gui.train.rungs import Rungs
from gui.train.sight import Span, extent, heights, widths

_BINS = 300  # what a curve is drawn in: a point every few pixels, so that a million points cost as much as a thousand
_FRAME_MS = 16
_ZOOM_A_KEY = 0.7
_PAN_A_KEY = 0.2
_RING, _RING_OF_A_BAND = Size.DOT * 2, Size.DOT + Space.XS
_OWN = 2  # the first two colors of the series are those of the run itself
_SPELLINGS: dict[Axis, Callable[[float], str]] = {
    Axis.TOKENS: formats.count,
    Axis.TIME: lambda minutes: formats.clock(minutes * 60),
}


class Canvas(Plot):
    """Draws a run's trace, others beside it, and the rungs it is held against; tells where a person points.

    Signals:
        hovered(index): the pointer or an arrow key is at that logged iteration; None when it left.
        pointed(iter_num): a person pressed, dragged or hit Return at an iteration.
        span_changed(first, last): another part of the axis is seen, or another axis.
    """

    hovered = Signal(object)
    pointed = Signal(float)
    span_changed = Signal(float, float)

    def __init__(self) -> None:
        super().__init__("loss_plot", "Loss: training and validation")
        self.trace = RunTrace()
        self.lens = Lens()
        self.reading: int | None = None
        self._others: tuple[RunTrace, ...] = ()
        self._known: tuple[Rung, ...] = ()
        self._x: Floats = np.empty(0)
        self._judged: tuple[Floats, Floats] = (np.empty(0), np.empty(0))
        self._width: Span | None = None
        self._shows_ahead = True
        self._moment: int | None = None
        self._narrow = False
        self.setMinimumHeight(Size.PLOT)
        self.setMouseEnabled(x=True, y=False)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._make_items()
        self._pointer = QPointF()
        self._soon = QTimer(self, singleShot=True, interval=_FRAME_MS)
        self._soon.timeout.connect(self._hover)
        self.scene().sigMouseMoved.connect(self._follow_pointer)
        self.scene().sigMouseClicked.connect(lambda click: self.point(click.scenePos()))
        self.area.pointed.connect(self.point)
        self.area.disableAutoRange()
        self.sigXRangeChanged.connect(lambda _, span: self.span_changed.emit(*span))
        self.area.sigResized.connect(lambda _: self._fit_heights())
        self.dress()

    def _make_items(self) -> None:
        self._other_items: list[tuple[pg.PlotCurveItem, pg.PlotCurveItem]] = []
        self.raw = self._curve()
        self.smooth = self._curve(antialias=True)
        self.validation = self._curve(antialias=True)
        self.ahead = ForecastBand(self)
        self.points = pg.ScatterPlotItem(size=Size.DOT - 1, pxMode=True)
        self.best = pg.ScatterPlotItem(size=_RING, pxMode=True)
        self.pointer = Pointer(self)
        self.moment = pg.InfiniteLine(angle=90, movable=False)
        self.rungs = Rungs(self)
        self.addItem(self.moment)
        self.moment.hide()
        self.addItem(self.points)
        self.addItem(self.best)

    def _curve(self, *, antialias: bool = False) -> pg.PlotCurveItem:
        curve = pg.PlotCurveItem([], [], connect="finite", antialias=antialias)
        self.addItem(curve)
        return curve

    # what is shown

    def show_trace(self, trace: RunTrace, rungs: tuple[Rung, ...]) -> None:
        """Take the run and its rungs; `draw` draws them."""
        if trace.curves is not self.trace.curves:
            self.leave()
            self._width = None if self.follows else self._width
        self.trace, self._known = trace, rungs

    def show_others(self, traces: tuple[RunTrace, ...]) -> None:
        """Take the runs to be drawn beside it."""
        for items in self._other_items:
            for item in items:
                self.removeItem(item)
        self._others = traces
        self._other_items = [(self._curve(), self._curve(antialias=True)) for _ in traces]
        for items in self._other_items:
            for item in items:
                item.setZValue(-1)  # the run itself stays in front
        self._dress_others()

    def look_through(self, lens: Lens) -> None:
        """Draw along another axis, in another unit; the whole of it."""
        self.lens = lens
        self.leave()
        self.axis("left").is_log = lens.log
        self.axis("bottom").spell = _SPELLINGS.get(lens.axis)
        for side in ("left", "bottom"):
            self.axis(side).picture = None
        self.dress()
        self.show_all()

    def show_ahead(self, shown: bool) -> None:
        """Draw what is expected of the run, or leave it out."""
        self._shows_ahead = shown
        self.draw()

    def mark_moment(self, iter_num: int | None) -> None:
        """Draw a line at the iteration whose sample is shown, or none."""
        self._moment = iter_num
        self._draw_moment()
        if self._narrow and self.follows:  # words may be newer than the last loss
            self._fit()

    def show_all(self) -> None:
        """Go back to the whole curve, following it as it grows."""
        self._width = None
        self.draw()

    @property
    def follows(self) -> bool:
        """Whether the whole curve is seen, as it grows."""
        return self._width is None or tuple(self.area.viewRange()[0]) == self._width

    def draw(self) -> None:
        """Draw what is in sight."""
        steps = self.trace.curves.steps
        x = self._x = self.lens.steps(self.trace)
        seen = self._seen(x)
        self.raw.setData(*envelope(x[seen], self.lens.y(self.trace, steps.column("loss")[seen]), _BINS))
        self.smooth.setData(*thinned(x[seen], self.lens.y(self.trace, steps.column("smoothed")[seen]), _BINS))
        self._draw_evaluations()
        self._draw_ahead()
        self._draw_rungs()
        self._draw_others()
        self._draw_moment()
        self._show_values(bool(len(x) or len(self._judged[0]) or self._others))
        self._fit()

    def _show_values(self, known: bool) -> None:
        """Write values at the axes, or none before the first loss is there."""
        for axis in (self.axis("left"), self.axis("bottom")):
            if axis.style["showValues"] != known:
                axis.setStyle(showValues=known)

    def _draw_evaluations(self) -> None:
        """Draw what was judged, when that is other than before."""
        judged = self._evaluations(self.trace)
        if all(np.array_equal(*each, equal_nan=True) for each in zip(judged, self._judged, strict=True)):
            return
        self._judged = judged
        self.validation.setData(*judged)
        self.points.setData(*judged)
        best = self.trace.curves.best()
        if best is None:
            self.best.clear()
        else:
            at = self.lens.x(self.trace, np.array([best[0]]))
            self.best.setData(at, [self.lens.y_of(self.trace, best[1])])

    def _draw_ahead(self) -> None:
        """Draw what is expected of the run, from its last evaluation on."""
        forecast = self.trace.forecast if self._shows_ahead else None
        path = np.array(forecast.path if forecast else (), dtype=np.float64).reshape(-1, 3)
        low, high = (self.lens.y(self.trace, path[:, side]) for side in (1, 2))
        self.ahead.show_band(self.lens.x(self.trace, path[:, 0]), low, high)
        best = np.array(
            [forecast.best_iter if forecast and forecast.best_iter > forecast.iter_num else np.nan], dtype=np.float64
        )
        loss = self.lens.y_of(self.trace, forecast.val_loss) if forecast else np.nan
        self.ahead.show_best(float(self.lens.x(self.trace, best)[0]), loss)

    def _evaluations(self, trace: RunTrace) -> tuple[Floats, Floats]:
        evals = trace.curves.evals
        return self.lens.x(trace, evals.column("iter_num")), self.lens.y(trace, evals.column("val_loss"))

    def _fit(self) -> None:
        """Show the whole curve while it is followed, and all heights of what is in sight; move as seldom as may be.

        pyqtgraph's own way asks each curve for its bounds and moves everything at each new point.
        """
        if self.follows:
            others = tuple(chain.from_iterable(self._other_items))
            moment = self.lens.x(self.trace, np.array([np.nan if self._moment is None else float(self._moment)]))
            ends = extent(*(item.xData for item in (self.raw, self.validation, self.ahead.low, *others)), moment)
            least = self.lens.x(self.trace, np.array([0.0, self.trace.scale.least]))
            self._width = widths(ends, self._width, float(np.ptp(least)) or 1.0)
            self.area.setXRange(*self._width, padding=0)
        self._fit_heights()

    def _fit_heights(self) -> None:
        """Show all heights of what is in sight, and the names of the rungs for which there is room."""
        others = chain.from_iterable(self._other_items)
        first, last = self.area.viewRange()[0]
        settled = self._settled()
        band = (self.ahead.low, self.ahead.high)
        curves = (item.getData() for item in (self.raw, self.smooth, self.validation, *band, *others))
        inside = (y[part(x, first, last)][x[part(x, first, last)] >= settled] for x, y in curves if x is not None)
        now = self.area.viewRange()[1]
        self.area.setYRange(*heights(self.rungs.room(extent(*inside)), (now[0], now[1])), padding=0)
        drawn = (item.getData() for item in (self.raw, self.validation, *band))
        self.rungs.fit([(x, y) for x, y in drawn if x is not None])

    def _settled(self) -> float:
        """Return from where on heights matter: after the warm-up, for what is before it would flatten all the rest.

        A band shows the whole way from noise, and so does whoever looks at a part.
        """
        if self._narrow or not self.follows:
            return -np.inf
        return float(self.lens.x(self.trace, np.array([self.trace.curves.warmed_up]))[0])

    def _draw_rungs(self) -> None:
        known = () if self._narrow else self._known  # there is no room for their names
        self.rungs.show({rung.name: self.lens.y_of(self.trace, rung.loss) for rung in known})

    def _draw_others(self) -> None:
        for trace, (trained, judged) in zip(self._others, self._other_items, strict=True):
            x, losses = self.lens.steps(trace), self.lens.y(trace, trace.curves.steps.column("smoothed"))
            seen = self._seen(x)
            trained.setData(*thinned(x[seen], losses[seen], _BINS))
            judged.setData(*self._evaluations(trace))

    def _draw_moment(self) -> None:
        """Draw the line where the axis has its iteration."""
        self.moment.setVisible(self._moment is not None)
        if self._moment is not None:
            self.moment.setValue(float(self.lens.x(self.trace, np.array([float(self._moment)]))[0]))

    def _seen(self, x: Floats) -> slice:
        """Return which points are in sight: all while the plot follows the curve."""
        return slice(None) if self.follows else part(x, *self.area.viewRange()[0])

    # what it looks like

    def show_band(self, narrow: bool) -> None:
        """Show the curve without axes and names, with the line of the moment before all else; or with all."""
        self._narrow = narrow
        self.setMinimumHeight(0 if narrow else Size.PLOT)
        self.setMouseEnabled(x=not narrow, y=False)  # over a band the wheel scrolls the page
        for side in ("left", "bottom"):
            self.getPlotItem().showAxis(side, not narrow)
        self.best.setSize(_RING_OF_A_BAND if narrow else _RING)
        self.dress()
        self.show_all()

    def dress(self) -> None:
        """Put on the present theme."""
        super().dress()
        if not hasattr(self, "raw"):
            return
        look = theme.current()
        self.raw.setPen(pen("train_raw"))
        self.smooth.setPen(pen("train", width=Size.STROKE))
        self.validation.setPen(pen("validation_line"))
        self.ahead.dress()
        self.points.setBrush(look.color("validation"))
        self.points.setPen(pen("surface"))
        self.best.setBrush(None)
        self.best.setPen(pen("validation", width=Space.XXS))
        self.rungs.dress()
        self.pointer.dress()
        self.axis("left").setWidth(look.text_px(Size.AXIS))
        self.axis("bottom").setHeight(look.text_px(Size.AXIS_BELOW))
        for side, title in zip(("left", "bottom"), self.lens.titles, strict=True):
            style = {"color": look.color("secondary").name(), "font-size": f"{look.text_px(Type.CAPTION)}px"}
            self.axis(side).setLabel(title, **style)
        self.moment.setPen(pen("text", width=Size.STROKE) if self._narrow else pen("link", dashed=True))
        self._dress_others()

    def _dress_others(self) -> None:
        for number, (trained, judged) in enumerate(self._other_items, _OWN):
            trained.setPen(series_pen(number, alpha=0.5))
            judged.setPen(series_pen(number, width=Size.STROKE))

    # where a person points

    def read(self, index: int) -> None:
        """Set the crosshair on a logged iteration."""
        self.reading = index
        self.pointer.show(float(self._x[index]), readings(self.trace, self.lens, index))
        self.hovered.emit(index)

    def leave(self) -> None:
        """Take the crosshair away."""
        if self.reading is not None:
            self.reading = None
            self.pointer.hide()
            self.hovered.emit(None)

    def point(self, scene: QPointF) -> None:
        """Tell at which logged iteration a person pressed or drags."""
        if (index := self._at(scene)) is not None:
            self.read(index)
            self.pointed.emit(float(self.trace.curves.steps.column("iter_num")[index]))

    def _follow_pointer(self, scene: QPointF) -> None:
        """Read where the pointer is, once a frame."""
        self._pointer = scene
        if not self._soon.isActive():
            self._soon.start()

    def _hover(self) -> None:
        index = self._at(self._pointer)
        if index is None:
            self.leave()
        elif index != self.reading:
            self.read(index)

    def _at(self, scene: QPointF) -> int | None:
        """Return the logged iteration nearest to a point of the scene; None outside of the curves."""
        if not len(self._x) or not self.area.sceneBoundingRect().contains(scene):
            return None
        wanted = self.area.mapSceneToView(scene).x()
        after = min(int(np.searchsorted(self._x, wanted)), len(self._x) - 1)
        before = max(after - 1, 0)
        return before if wanted - self._x[before] < self._x[after] - wanted else after

    def leaveEvent(self, event: QEvent) -> None:
        """Leave the crosshair when the pointer goes."""
        super().leaveEvent(event)
        self._soon.stop()
        self.leave()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Read values with the arrow keys, pan with Shift, zoom with + and -, all with Escape, Return for the text."""
        key, shift = Qt.Key(event.key()), bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        by = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(key, 0)
        last = len(self._x) - 1
        if by and shift:
            self.area.pan(by * _PAN_A_KEY)
        elif by and last >= 0:
            now = last + 1 if self.reading is None else self.reading
            self.read(min(max(now + by, 0), last))
        elif key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal):
            self.area.zoom(_ZOOM_A_KEY)
        elif key == Qt.Key.Key_Minus:
            self.area.zoom(1 / _ZOOM_A_KEY)
        elif key == Qt.Key.Key_Escape:
            self.leave()
            self.show_all()
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.reading is not None:
            self.pointed.emit(float(self.trace.curves.steps.column("iter_num")[self.reading]))
        else:
            super().keyPressEvent(event)
