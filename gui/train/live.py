"""The run as it goes: figures, plots, samples and log."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QSizePolicy, QSplitter, QWidget

from gui.kit import preferences
from gui.kit.focus_order import put_in_order
from gui.kit.painted_words import Line, Word
from gui.kit.parts import Wrapped, column, kept, recall, row
from gui.kit.scroll_bars import quiet
from gui.kit.style import role
from gui.kit.theme import Size, Space, Type
from gui.train.loss_plot import LossPlot
from gui.train.output import Output
from gui.train.small_plots import SmallPlots
from gui.train.state import Metric, Phase, RunState, View

_SHARES = {Qt.Orientation.Vertical: (3, 1), Qt.Orientation.Horizontal: (5, 3)}  # of the curves, and of the words
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
        quiet(self)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._revision = -1
        self._words = self._ended = False
        self._figures = Figures()
        self._standing = Wrapped(kind="caption")
        self._standing.setObjectName("loss_standing")
        self._standing.hide()
        self.loss = LossPlot()
        self._small = SmallPlots(self.loss)
        self._output = Output()
        self.film, self._log = self._output.film, self._output.log
        self.loss.moment_chosen.connect(self.film.go_to)
        self.film.moment_changed.connect(lambda _: self._mark_moment())
        self.film.generate_asked.connect(self.moment_asked)
        self.setWidget(self._lay_out())
        self.show_words(preferences.shows_words())

    def show_run(self, state: RunState, view: View) -> None:
        """Show a run as it is now."""
        self._figures.show_metrics(view.metrics)
        self._standing.tell(view.standing)
        self._ended = view.phase is Phase.FINISHED
        self._fit()
        if state.revision != self._revision:
            self._revision = state.revision
            self._show_curves(state)
            self.film.show_as(state.dataset)
            seconds = state.curves.seconds_before([sample.iter_num for sample in state.samples])
            self.film.show_samples(state.samples, seconds, revealing=state.running)
            self.film.show_saved(state.saved_at)
            self._log.show_lines(state.lines)
        self.loss.show_expected(view.expected)
        self.film.show_ended(self._ended)

    @property
    def shows_words(self) -> bool:
        """Whether the words are large, and the curve is a band beneath them."""
        return self._words

    def show_words(self, large: bool) -> None:
        """Show the words large over the curve as a band; or the plot with all its tools, and the words beside it."""
        self._words = large
        self.film.show_large(large)
        self.loss.show_band(large)
        self._small.setVisible(not large)
        self._parts.insertWidget(0, self._output if large else self._curves)
        self.order()
        self._divide(self._along)
        self._fit()
        self._mark_moment()

    def showEvent(self, event: QShowEvent) -> None:
        """Have the parts in their order: in another window they came into that of their making."""
        super().showEvent(event)
        self.order()

    def order(self) -> None:
        """Let the Tab key go through what stands above first."""
        put_in_order(*((self._output, self._curves) if self._words else (self._curves, self._output)))

    @property
    def least_height(self) -> int:
        """The height in pixels below which the words would be cut, or the curve of a run that is on would give way."""
        band = 0 if self._ended else Size.BAND_LEAST + Space.S
        return self._output.minimumSizeHint().height() + band

    def _mark_moment(self) -> None:
        """Mark whose sample is shown; on the large plot the newest needs no mark."""
        self.loss.mark_moment(None if self.film.following and not self._words else self.film.iter_num)

    def new_run(self) -> None:
        """Make ready for another run."""
        self._revision = -1
        self._log.show_lines([])

    def _show_curves(self, state: RunState) -> None:
        trace = state.trace
        self.loss.show_trace(trace, state.rungs)
        self._small.show_trace(trace)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put the words beside the curves where it is wide, else beneath them."""
        super().resizeEvent(event)
        self._fit()
        if self._along != self._parts.orientation():
            self._divide(self._along)

    def _fit(self) -> None:
        """Leave the words their room: a low window has no figures over them, and at last no curve beneath."""
        room = self.viewport().height() - self._output.minimumSizeHint().height() - Size.BAND - Space.S
        fits = room >= Size.BAND_LEAST - Size.BAND
        self._curves.setVisible(not self._words or fits)
        if self.loss.fit_band(Size.BAND + room) and self._words:
            self._divide(self._along)
        figures, standing = self._figures.sizeHint().height() + Space.M, self._standing.height() + Space.M
        self._figures.setVisible(not self._words or (room >= figures and not self._ended))
        self._standing.setVisible(bool(self._standing.text()) and (not self._words or room >= figures + standing))

    @property
    def _along(self) -> Qt.Orientation:
        """Along what plot and words share the room."""
        beside = self.width() >= Size.WIDE and not self._words
        return Qt.Orientation.Horizontal if beside else Qt.Orientation.Vertical

    def _lay_out(self) -> QWidget:
        self._curves = role(QWidget(), "clear")
        above = column(self._curves, spacing=Space.S)
        above.addWidget(self.loss, 6)
        above.addWidget(self._small, 1)
        self._parts = role(QSplitter(), "gap")
        self._parts.addWidget(self._curves)
        self._parts.addWidget(self._output)
        self._parts.setChildrenCollapsible(False)
        self._parts.setHandleWidth(Space.S)
        kept(self._parts, "stage_splitter")
        content = role(QWidget(), "clear")
        layout = column(content, spacing=Space.M)
        layout.addWidget(self._figures)
        layout.addWidget(self._standing)
        layout.addWidget(self._parts, 1)
        return content

    def _divide(self, along: Qt.Orientation) -> None:
        """Divide the room between the curves and the words."""
        self._parts.setOrientation(along)
        shares = (1, 0) if self._words else _SHARES[along]
        for at, share in enumerate(shares):
            self._parts.setStretchFactor(at, share)
        self._parts.setSizes([Size.MEASURE * share for share in shares])
        if not self._words:  # a band is as high as it is
            recall(self._parts)


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
        self._name, self._value = Line(), Line(size=Type.TITLE, spacing=Space.XS)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        layout = column(self, spacing=0)
        layout.addWidget(self._name)
        layout.addWidget(self._value)

    def show_metric(self, metric: Metric) -> None:
        """Show a figure."""
        self._name.tell(Word(metric.label))
        self._value.tell(Word(metric.value, Type.TITLE, "text", bold=True), Word(metric.remark))
        self.setAccessibleName(f"{metric.label} {metric.value} {metric.remark}")
