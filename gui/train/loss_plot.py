"""The card with the loss plot: its tools above, what is read off it, and the runs beside."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import QFileDialog, QFrame, QWidget

from engine.core.errors import UnderstudyError
from engine.datasets.quality import Rung
from gui.kit import theme
from gui.kit.background import Background
from gui.kit.clipboard import copy
from gui.kit.parts import ANY_SIZE, Elided, column, label, row
from gui.kit.plots import Redraw
from gui.kit.style import role
from gui.kit.theme import Size, Space
from gui.train.canvas import Canvas
from gui.train.comparison import ComparedRuns, OtherRuns
from gui.train.curves import Floats
from gui.train.lens import Lens
from gui.train.loss_tools import LossTools
from gui.train.plot_export import KINDS, save_numbers, save_picture
from gui.train.reading import CurveReadout, validation_at, values_at
from gui.train.record import RunTrace

_ZOOM_MS = 16


class LossPlot(QFrame):
    """The loss curves of a run.

    Signals:
        span_changed(first, last): another part of the axis is seen, or another axis.
        moment_chosen(iter_num): a person clicked on the curve, or drags along it, at an iteration.
        compare_asked(button): runs to draw beside this one should be chosen.
        other_dropped(number): one of the runs beside should be drawn no longer.
        failed(error): the plot could not be saved.
    """

    moment_chosen = Signal(float)
    compare_asked = Signal(object)
    other_dropped = Signal(int)
    failed = Signal(object)
    span_changed = Signal(float, float)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        role(self, "card")
        self.setObjectName("loss_card")
        self._background = Background(self)
        self._traces: tuple[RunTrace, ...] = ()
        self._narrow, self._band = False, Size.BAND
        self._expects = False
        self.plot = Canvas()
        self.tools = LossTools()
        self.reading = CurveReadout()
        self._others = OtherRuns()
        self._expected = Elided(kind="caption")
        self._expected.setObjectName("loss_expected")
        self._expected.hide()
        self._connect()
        self._layout = layout = column(self, margin=Space.M, spacing=Space.XS)
        self._heading = label("Loss", "headline")
        layout.addLayout(row(self._heading, None, self.tools))
        layout.addWidget(self.reading)
        layout.addWidget(self._expected)
        layout.addWidget(self._others)
        layout.addWidget(self.plot, 1)
        self._redraw = Redraw(self, self._draw)

    def _connect(self) -> None:
        self.plot.hovered.connect(self._read)
        self.plot.pointed.connect(self.moment_chosen)
        self.plot.span_changed.connect(self._follow)
        self._others.dropped.connect(self.other_dropped)
        self.tools.lens_changed.connect(self._look)
        self.tools.ahead_toggled.connect(self.plot.show_ahead)
        self.tools.compare_asked.connect(lambda: self.compare_asked.emit(self.tools.compare))
        self.tools.copy_asked.connect(lambda: copy(self.plot.grab(), self.tools.share))
        self.tools.save_asked.connect(self._ask_where)
        self.tools.whole_asked.connect(self.show_all)

    # what others ask

    def show_trace(self, trace: RunTrace, rungs: tuple[Rung, ...]) -> None:
        """Show a run; the tab decides how often there is something new to draw."""
        self.plot.show_trace(trace, rungs)
        self._redraw.now()

    def show_expected(self, words: str) -> None:
        """Say what is expected of the run, or nothing; while it is too early to tell, with the button alone."""
        self._expected.tell(words)
        self._expects = bool(words) and self.plot.trace.forecast is not None
        self._expected.setVisible(self._expects and not self._narrow)
        self.tools.say_ahead(words)

    def serve(self, runs: ComparedRuns) -> None:
        """Draw the runs beside this one that are chosen, and let them be dropped."""
        self.failed.connect(runs.failed)
        self.other_dropped.connect(runs.drop)
        runs.changed.connect(self.show_others)

    def show_others(self, traces: tuple[RunTrace, ...]) -> None:
        """Show other runs beside it."""
        self._traces = traces
        self._others.show_traces(traces)
        self._others.setVisible(bool(traces) and not self._narrow)
        self.plot.show_others(traces)
        self.plot.draw()
        self._read(self.plot.reading)

    def show_band(self, narrow: bool) -> None:
        """Show the curve alone, as a band beneath the words; or all of it, with its tools."""
        self._narrow = narrow
        self.plot.show_band(narrow)
        self._others.setVisible(bool(self._traces) and not narrow)
        self._fit()
        self._read(self.plot.reading)

    def fit_band(self, height: int) -> bool:
        """Be a band as high as there is room, within its usual and its least height; return whether that changed."""
        before, self._band = self._band, min(max(height, Size.BAND_LEAST), Size.BAND)
        if before != self._band:
            self._fit()
        return before != self._band

    def mark_moment(self, iter_num: int | None) -> None:
        """Draw a line at the iteration whose sample is shown, or none."""
        self.plot.mark_moment(iter_num)

    def show_all(self) -> None:
        """Go back to the whole curve, following it as it grows."""
        self.plot.show_all()

    def along(self, trace: RunTrace) -> Floats:
        """Return where the logged iterations of a run lie on the present axis."""
        return self.plot.lens.steps(trace)

    def save(self, file: str) -> None:
        """Write the plot to a file: png, svg or csv, as its ending says."""
        path = Path(file)
        if path.suffix == ".csv":  # a long run has millions of numbers
            curves = self.plot.trace.curves.copy()
            self._background.do(lambda: save_numbers(curves, path), lambda _: None, self.failed.emit)
            return
        try:
            save_picture(self.plot, path)
        except UnderstudyError as error:
            self.failed.emit(error)

    # Qt

    def changeEvent(self, event: QEvent) -> None:
        """Follow the theme."""
        super().changeEvent(event)
        if theme.restyles(event):
            self.plot.dress()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave the room to the tools where it is narrow."""
        super().resizeEvent(event)
        self._show_heading()

    def showEvent(self, event: QShowEvent) -> None:
        """Draw what came while it was out of sight."""
        super().showEvent(event)
        self._redraw.now()

    # what happens here

    def _fit(self) -> None:
        """Take as much room as a band has, or any; a band is the curve and what is read off it."""
        self.setMinimumHeight(self._band if self._narrow else 0)
        self.setMaximumHeight(self._band if self._narrow else ANY_SIZE)
        above = Space.S if self._narrow else Space.M
        self._layout.setContentsMargins(Space.M, above, Space.M, above)
        self.tools.setVisible(not self._narrow)
        self._expected.setVisible(self._expects and not self._narrow)
        self._show_heading()

    def _show_heading(self) -> None:
        room = self.width() >= theme.current().text_px(Size.LEGIBLE)
        self._heading.setVisible(room and not self._narrow)

    def _draw(self) -> None:
        self.plot.draw()
        if self.plot.reading is None:
            self._read(None)

    def _look(self, lens: Lens) -> None:
        self.plot.look_through(lens)
        self._read(None)

    def _follow(self, first: float, last: float) -> None:
        """Draw a part of the curve in its own detail."""
        self.span_changed.emit(first, last)
        if not self.plot.follows:
            self._redraw.within(_ZOOM_MS)

    def _read(self, index: int | None) -> None:
        """Tell the values at a logged iteration, or the last ones."""
        trace, unit = self.plot.trace, self.plot.lens.unit
        length = len(trace.curves.steps)
        values = values_at(trace, None if index is None else min(index, length - 1), unit) if length else None
        self.reading.show_values(None if self._narrow and index is None else values)
        self.plot.setAccessibleDescription(values.spoken if values else "")
        if self._traces:
            everywhere = np.inf if index is None or values is None else float(self.plot.pointer.line.value())
            self._others.show_values([self._beside(each, everywhere) for each in self._traces])

    def _beside(self, trace: RunTrace, x: float) -> float | None:
        """Return the validation loss of a run beside, at a place of the axis."""
        steps = self.along(trace)
        at = int(np.searchsorted(steps, x, side="right")) - 1
        iter_num = trace.curves.steps.column("iter_num")[at] if len(steps) and at >= 0 else np.inf
        return validation_at(trace, float(iter_num), self.plot.lens.unit)

    def _ask_where(self, ending: str) -> None:
        dialog = QFileDialog(self, "Save the Plot", f"Loss.{ending}", KINDS[ending])
        dialog.setObjectName("save_plot_sheet")
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setWindowModality(Qt.WindowModality.WindowModal)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix(ending)
        dialog.fileSelected.connect(self.save)
        dialog.open()
