"""The loss as it falls: train raw beneath and smoothed above, validation as points, the best one ringed."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import QGuiApplication, QKeyEvent, QPainter, QPaintEvent, QShowEvent
from PySide6.QtWidgets import QFileDialog, QFrame, QLabel, QMenu, QSizePolicy, QToolButton, QWidget

from engine.errors import UnderstudyError
from gui import formats, theme
from gui.parts import IconButton, column, label, row
from gui.plots import Plot, pen
from gui.style import role
from gui.theme import Size, Space
from gui.train.curves import Axis, Curves, Floats, envelope, part, thinned
from gui.train.form import Combo
from gui.train.plot_export import KINDS, save

_REDRAW_MS = 100
_BINS = 300  # what a curve is drawn in: a point every few pixels, so that a million points cost as much as a thousand
_BELOW = [(0.5, 0), (0.5, 0)]  # where the label hangs on its line


class LossPlot(QFrame):
    """The card with the loss curves, what they are read with, and the value under the pointer.

    Signals:
        span_changed(first, last): another part of the axis is seen, or another axis.
        moment_chosen(iter_num): a person clicked on the curve at an iteration.
        failed(error): the plot could not be saved.
    """

    moment_chosen = Signal(float)
    failed = Signal(object)
    span_changed = Signal(float, float)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        role(self, "card")
        self.setObjectName("loss_card")
        self._curves = Curves()
        self._baseline: float | None = None
        self._facts = (1, 1)
        self._hovering = False
        self._make_head()
        self._make_plot()
        layout = column(self, margin=Space.M, spacing=Space.XS)
        reading = row(self._where, self._train, self._judged, spacing=Space.M)
        tools = row(self._axis, self._log, self._share, self._fit)
        layout.addLayout(row(label("Loss", "headline"), None, reading, None, tools))
        layout.addWidget(self.plot, 1)
        self._redraw = QTimer(self, singleShot=True, interval=_REDRAW_MS)
        self._redraw.timeout.connect(self._draw)
        self.dress()

    def _make_head(self) -> None:
        self._where = label(kind="caption")
        self._train = Legend("train")
        self._judged = Legend("validation")
        self._axis = Combo()
        self._axis.setObjectName("loss_axis")
        self._axis.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._axis.setAccessibleName("What the curves are drawn along")
        for axis in Axis:
            self._axis.addItem(axis.value, axis)
        self._axis.currentIndexChanged.connect(self._change_axis)
        self._log = QToolButton()
        self._log.setObjectName("loss_log")
        self._log.setText("Log")
        self._log.setCheckable(True)
        self._log.setAccessibleName("Logarithmic loss axis")
        self._log.setToolTip("Logarithmic loss axis")
        self._log.toggled.connect(self._change_log)
        self._share = IconButton("loss_share", "share", "Copy or save the plot")
        self._share.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self._share.setMenu(self._make_share_menu())
        self._fit = IconButton("loss_fit", "fit-view", "Show the whole curve")
        self._fit.clicked.connect(self.show_all)

    def _make_share_menu(self) -> QMenu:
        menu = QMenu(self)
        menu.addAction("Copy as Picture", lambda: QGuiApplication.clipboard().setPixmap(self.plot.grab()))
        menu.addSeparator()
        for ending, kind in KINDS.items():
            menu.addAction(f"Save as {ending.upper()}…", partial(self._ask_where, ending, kind))
        return menu

    def _ask_where(self, ending: str, kind: str) -> None:
        dialog = QFileDialog(self, "Save the Plot", f"Loss.{ending}", kind)
        dialog.setObjectName("save_plot_sheet")
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setWindowModality(Qt.WindowModality.WindowModal)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix(ending)
        dialog.fileSelected.connect(self.save)
        dialog.open()

    def save(self, file: str) -> None:
        """Write the plot to a file: png, svg or csv, as its ending says."""
        try:
            save(self.plot, self._curves, Path(file))
        except UnderstudyError as error:
            self.failed.emit(error)

    def _make_plot(self) -> None:
        self.plot = Plot("loss_plot", "Loss: training and validation")
        self.plot.setMinimumHeight(Size.PLOT // 2)
        self.plot.setMouseEnabled(x=True, y=False)
        self.plot.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._raw = self._curve()
        self._smooth = self._curve(antialias=True)
        self._validation = self._curve(antialias=True)
        self._points = pg.ScatterPlotItem(size=Size.DOT - 1, pxMode=True)
        self._best = pg.ScatterPlotItem(size=Size.DOT * 2, pxMode=True)
        self._random = pg.InfiniteLine(angle=0, movable=False, label="random guessing", labelOpts={"anchors": _BELOW})
        self._cross = pg.InfiniteLine(angle=90, movable=False)
        self._moment = pg.InfiniteLine(angle=90, movable=False)
        for item in (self._random, self._cross, self._moment):
            self.plot.addItem(item, ignoreBounds=True)
            item.hide()
        self.plot.addItem(self._points)
        self.plot.addItem(self._best)
        self._pointer = pg.SignalProxy(self.plot.scene().sigMouseMoved, rateLimit=30, slot=self._point_at)
        self.plot.scene().sigMouseClicked.connect(lambda click: self._choose(click.scenePos()))
        self.plot.installEventFilter(self)
        self.plot.setAutoVisible(y=True)
        self.plot.sigXRangeChanged.connect(lambda _, span: self._show_span(*span))

    def _curve(self, *, antialias: bool = False) -> pg.PlotDataItem:
        return self.plot.plot([], [], connect="finite", antialias=antialias)

    # what others ask

    def show_curves(self, curves: Curves, baseline: float | None, tokens_per_iter: int, train_tokens: int) -> None:
        """Show a run's curves soon; called as often as there is something new, drawn ten times a second at most."""
        self._curves, self._baseline, self._facts = curves, baseline, (tokens_per_iter, train_tokens)
        if self.isVisible() and not self._redraw.isActive():
            self._redraw.start()

    def mark_moment(self, iter_num: int | None) -> None:
        """Draw a line at the iteration whose sample is shown, or none."""
        self._moment.setVisible(iter_num is not None)
        if iter_num is not None:
            self._moment.setValue(float(self.along(np.array([float(iter_num)]))[0]))

    def show_all(self) -> None:
        """Go back to the whole curve, following it as it grows."""
        self.plot.enableAutoRange()
        self._draw()

    def dress(self) -> None:
        """Put on the present theme."""
        look = theme.current()
        self.plot.dress()
        self._raw.setPen(pen("train_raw"))
        self._smooth.setPen(pen("train", width=Size.STROKE))
        self._validation.setPen(pen("validation_line"))
        self._points.setBrush(look.color("validation"))
        self._points.setPen(pen("surface"))
        self._best.setBrush(None)
        self._best.setPen(pen("validation", width=Space.XXS))
        self._random.setPen(pen("secondary", dashed=True, alpha=0.6))
        self._random.label.setColor(look.color("secondary"))
        self._random.label.setFont(look.font(theme.Type.CAPTION))
        self._random.label.setPosition(0.9)
        self._cross.setPen(pen("secondary", alpha=0.7))
        self._moment.setPen(pen("link", dashed=True))

    def changeEvent(self, event: QEvent) -> None:
        """Follow the theme."""
        super().changeEvent(event)
        if theme.restyles(event):
            self.dress()

    def showEvent(self, event: QShowEvent) -> None:
        """Draw what came while it was out of sight."""
        super().showEvent(event)
        self._draw()

    def eventFilter(self, watched: object, event: QEvent) -> bool:
        """Read values with the arrow keys too, and leave the crosshair when the pointer leaves."""
        if event.type() == QEvent.Type.Leave:
            self._leave()
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            step = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(event.key()), 0)
            if step and len(self._curves.steps):
                self._step_reading(step)
                return True
        return False

    # what happens here

    @property
    def axis(self) -> Axis:
        """What the curves are drawn along."""
        chosen: Axis = self._axis.currentData()
        return chosen

    def along(self, iterations: Floats) -> Floats:
        """Give where iterations lie on the present axis."""
        return self._curves.along(self.axis, iterations, *self._facts)

    def _draw(self) -> None:
        steps, evals = self._curves.steps, self._curves.evals
        x = self.along(steps.column("iter_num"))
        seen = self._seen(x)
        self._raw.setData(*envelope(x[seen], steps.column("loss")[seen], _BINS))
        self._smooth.setData(*thinned(x[seen], steps.column("smoothed")[seen], _BINS))
        where, losses = self.along(evals.column("iter_num")), evals.column("val_loss")
        self._validation.setData(where, losses)
        height = np.log10(losses) if self._log.isChecked() else losses
        self._points.setData(where, height)
        best = self._curves.best()
        if best is None:
            self._best.clear()
        else:
            at = self.along(np.array([best[0]]))
            self._best.setData(at, [np.log10(best[1]) if self._log.isChecked() else best[1]])
        self._random.setVisible(self._baseline is not None)
        if self._baseline is not None:
            self._random.setValue(np.log10(self._baseline) if self._log.isChecked() else self._baseline)
        if not self._hovering:
            self._read_last()

    def _seen(self, x: Floats) -> slice:
        """Give which points are in sight: all while the plot follows the curve."""
        area = self.plot.getPlotItem().vb
        return slice(None) if area.autoRangeEnabled()[0] else part(x, *area.viewRange()[0])

    def _show_span(self, first: float, last: float) -> None:
        """Draw a part of the curve in its own detail."""
        self.span_changed.emit(first, last)
        if not self.plot.getPlotItem().vb.autoRangeEnabled()[0] and not self._redraw.isActive():
            self._redraw.start()

    def _change_axis(self) -> None:
        self._hovering = False
        self._cross.hide()
        self.show_all()

    def _change_log(self, on: bool) -> None:
        self.plot.setLogMode(x=False, y=on)
        self.show_all()

    def _point_at(self, args: tuple[QPointF]) -> None:
        area = self.plot.getPlotItem().vb
        if not len(self._curves.steps) or not area.sceneBoundingRect().contains(args[0]):
            self._leave()
            return
        wanted = area.mapSceneToView(args[0]).x()
        self._read(int(np.argmin(np.abs(self.along(self._curves.steps.column("iter_num")) - wanted))))

    def _choose(self, point: QPointF) -> None:
        """Tell on which logged iteration a person clicked."""
        area, steps = self.plot.getPlotItem().vb, self._curves.steps
        if len(steps) and area.sceneBoundingRect().contains(point):
            x = self.along(steps.column("iter_num"))
            nearest = int(np.argmin(np.abs(x - area.mapSceneToView(point).x())))
            self.moment_chosen.emit(float(steps.column("iter_num")[nearest]))

    def _step_reading(self, by: int) -> None:
        x = self.along(self._curves.steps.column("iter_num"))
        at = int(np.argmin(np.abs(x - self._cross.value()))) if self._hovering else len(x)
        self._read(min(max(at + by, 0), len(x) - 1))

    def _leave(self) -> None:
        if self._hovering:
            self._hovering = False
            self._cross.hide()
            self._read_last()

    def _read(self, index: int) -> None:
        """Set the crosshair on a logged iteration and tell its values."""
        self._hovering = True
        self._cross.setValue(float(self.along(self._curves.steps.column("iter_num"))[index]))
        self._cross.show()
        self._tell(index)

    def _read_last(self) -> None:
        if len(self._curves.steps):
            self._tell(len(self._curves.steps) - 1)
        else:
            self._where.setText("")
            self._train.setText("train")
            self._judged.setText("validation")

    def _tell(self, index: int) -> None:
        steps, evals = self._curves.steps, self._curves.evals
        iter_num, loss, smoothed = (steps.column(name)[index] for name in ("iter_num", "loss", "smoothed"))
        before = int(np.searchsorted(evals.column("iter_num"), iter_num, side="right")) - 1
        validation = evals.column("val_loss")[before] if before >= 0 else None
        self._where.setText(f"iteration {formats.whole(int(iter_num))}")
        self._train.setText(f"train {formats.loss(loss)}, smoothed {formats.loss(smoothed)}")
        self._judged.setText(f"validation {formats.loss(validation)}")


class Legend(QLabel):
    """A dot in a curve's color, and what the curve is."""

    def __init__(self, color: str) -> None:
        super().__init__()
        self._color = color
        role(self, "caption")
        self.setContentsMargins(Size.DOT + Space.XS, 0, 0, 0)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint dot and words."""
        super().paintEvent(event)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.current().color(self._color))
        painter.drawEllipse(QRectF(0, (self.height() - Size.DOT) / 2, Size.DOT, Size.DOT))
