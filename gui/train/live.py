"""The run as it goes: figures, plots, samples and log."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QScrollArea, QSizePolicy, QSplitter, QWidget

from gui.parts import Steady, Wrapped, column, row
from gui.style import role
from gui.theme import Size, Space
from gui.train.film_strip import FilmStrip
from gui.train.log_pane import LogPane
from gui.train.loss_plot import LossPlot
from gui.train.small_plots import SmallPlots
from gui.train.state import Metric, RunState, View

_FIGURE_SHARES = (4, 6, 5, 5, 4)  # of the width; validation loss has the longest remark


class Live(QScrollArea):
    """All that is seen of a run that has begun; scrolls when the window is too low for it.

    Signals:
        moment_asked(iter_num): the model as it was at an iteration should write.
    """

    moment_asked = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("stage_scroll")
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._revision = -1
        self._figures = Figures()
        self._standing = Wrapped(kind="caption")
        self._standing.setObjectName("loss_standing")
        self._standing.hide()
        self.loss = LossPlot()
        self._small = SmallPlots(self.loss)
        self.film = FilmStrip()
        self._log = LogPane()
        self.loss.moment_chosen.connect(self.film.go_to)
        self.film.moment_changed.connect(self.loss.mark_moment)
        self.film.generate_asked.connect(self.moment_asked)
        self.setWidget(self._lay_out())

    def show_run(self, state: RunState, view: View) -> None:
        """Show a run as it is now."""
        self._figures.show_metrics(view.metrics)
        self._standing.tell(view.standing)
        self._standing.setVisible(bool(view.standing))
        self.loss.show_expected(view.expected)
        if state.revision != self._revision:
            self._revision = state.revision
            self._show_curves(state)
            self.film.show_samples(state.samples)
            self.film.show_saved(state.saved_at)
            self._log.show_lines(state.lines)

    def new_run(self) -> None:
        """Make ready for another run."""
        self._revision = -1
        self._log.show_lines([])

    def _show_curves(self, state: RunState) -> None:
        trace = state.trace
        self.loss.show_trace(trace, state.rungs)
        self._small.show_trace(trace)

    def _lay_out(self) -> QWidget:
        below = QSplitter(Qt.Orientation.Horizontal)
        below.addWidget(self.film)
        below.addWidget(self._log)
        below.setSizes([Size.MEASURE, Size.MEASURE * 4 // 5])
        above = role(QWidget(), "clear")
        curves = column(above, spacing=Space.S)
        curves.addWidget(self.loss, 1)
        curves.addWidget(self._small)
        parts = QSplitter(Qt.Orientation.Vertical)
        parts.addWidget(above)
        parts.addWidget(below)
        for at, share in enumerate((2, 1)):
            parts.setStretchFactor(at, share)
        parts.setSizes([Size.MEASURE, Size.MEASURE // 2])
        for splitter in (below, parts):
            role(splitter, "gap")
            splitter.setChildrenCollapsible(False)
            splitter.setHandleWidth(Space.S)
        content = role(QWidget(), "clear")
        layout = column(content, spacing=Space.M)
        layout.addWidget(self._figures)
        layout.addWidget(self._standing)
        layout.addWidget(parts, 1)
        return content


class Figures(QWidget):
    """The figures above the plot."""

    def __init__(self) -> None:
        super().__init__()
        self._shown: tuple[Metric, ...] = ()
        self._cells: list[Figure] = [Figure() for _ in _FIGURE_SHARES]
        layout = row(spacing=Space.S)
        for cell, share in zip(self._cells, _FIGURE_SHARES, strict=True):
            layout.addWidget(cell, share)
        self.setLayout(layout)

    def show_metrics(self, metrics: tuple[Metric, ...]) -> None:
        """Show the figures that are others than before."""
        if metrics != self._shown:
            before, self._shown = self._shown or (None,) * len(metrics), metrics
            for cell, was, metric in zip(self._cells, before, metrics, strict=True):
                if metric != was:
                    cell.show_metric(metric)


class Figure(QWidget):
    """One figure: its name, its value, a remark."""

    def __init__(self) -> None:
        super().__init__()
        self._name, self._value, self._remark = (Steady(kind=kind) for kind in ("caption", "title", "caption"))
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        layout = column(self, spacing=0)
        layout.addWidget(self._name)
        layout.addLayout(row(self._value, self._remark, None, spacing=Space.XS))

    def show_metric(self, metric: Metric) -> None:
        """Show a figure."""
        self._name.tell(metric.label)
        self._value.tell(metric.value)
        self._remark.tell(metric.remark)
        self.setAccessibleName(f"{metric.label} {metric.value} {metric.remark}")
