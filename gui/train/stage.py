"""The right side of the Train tab: what happens. An invitation at first, then the run as it goes."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QProgressBar, QScrollArea, QSizePolicy, QSplitter, QStackedWidget, QWidget

from gui.icons import app_icon
from gui.parts import Elided, button, column, label, row
from gui.style import role
from gui.theme import Size, Space
from gui.train.coach import Coach
from gui.train.film_strip import FilmStrip
from gui.train.log_pane import LogPane
from gui.train.loss_plot import LossPlot
from gui.train.small_plots import SmallPlots
from gui.train.state import Metric, Phase, RunState, View

_PROGRESS_STEPS = 1000
_FIGURE_SHARES = (4, 6, 5, 5, 4)  # of the width; validation loss has the longest remark
_INVITATION = (
    "Teach a model its lines",
    "Press Train. The model starts out knowing nothing: its first samples are noise. "
    "You will see its loss fall here, and what it writes turn into words, then lines.",
)
_GETTING_READY = (
    "Getting ready",
    "The text is turned into tokens and the model is made. The first loss and the first sample appear here.",
)
_NOT_BEGUN = ("It did not begin", "What happened and what to do about it stands above. Nothing was lost.")


class Stage(QWidget):
    """Title, status, figures, coach, plots, samples and log of one run.

    Signals:
        fix_chosen(fix): a button of the coach was pressed.
        generate_requested(): the finished model should write.
        moment_asked(iter_num): the model as it was at an iteration should write.
        help_asked(code): the help book should say more of a note.
    """

    fix_chosen = Signal(object)
    generate_requested = Signal()
    moment_asked = Signal(int)
    help_asked = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        role(self, "page")
        self._revision = -1
        self._title = Elided("New run", "title")
        self._status = Elided(kind="secondary")
        self._status.setObjectName("status_label")
        self._generate = button("finish_generate", "Generate Text", self.generate_requested.emit, "primary")
        self._progress = QProgressBar()
        self._progress.setObjectName("progress_bar")
        self._progress.setAccessibleName("Progress of the run")
        self._progress.setRange(0, _PROGRESS_STEPS)
        self._progress.setTextVisible(False)
        self._coach = Coach()
        self._coach.fix_chosen.connect(self.fix_chosen)
        self._coach.help_asked.connect(self.help_asked)
        self._pages = QStackedWidget()
        self._pages.addWidget(self._make_invitation())
        self._pages.addWidget(self._make_live())
        words = column(spacing=Space.XXS)
        words.addWidget(self._title)
        words.addWidget(self._status)
        layout = column(self, margin=Space.L, spacing=Space.M)
        head = row(spacing=Space.M)
        head.addLayout(words, 1)
        head.addWidget(self._generate)
        layout.addLayout(head)
        layout.addWidget(self._progress)
        layout.addWidget(self._coach)
        layout.addWidget(self._pages, 1)

    def _make_invitation(self) -> QWidget:
        page = role(QWidget(), "clear")
        picture = label()
        picture.setPixmap(app_icon().pixmap(Size.ICON_LARGE * 3, Size.ICON_LARGE * 3))
        picture.setAlignment(Qt.AlignmentFlag.AlignCenter)
        title = self._invites = label(kind="display")
        title.setAlignment(Qt.AlignmentFlag.AlignCenter)
        text = self._invites_to = label(kind="secondary", wrap=True)
        text.setAlignment(Qt.AlignmentFlag.AlignCenter)
        text.setMaximumWidth(Size.MEASURE)
        text.setMinimumWidth(Size.MEASURE * 2 // 3)
        layout = column(page, spacing=Space.M)
        layout.addStretch(2)
        layout.addWidget(picture)
        layout.addWidget(title)
        layout.addLayout(row(None, text, None))
        layout.addStretch(3)
        return page

    def _make_live(self) -> QWidget:
        self._figures = Figures()
        self._standing = Elided(kind="caption")  # a wrapped text would make the whole page ask for its ideal height
        self._standing.setObjectName("loss_standing")
        self._standing.hide()
        self.loss = LossPlot()
        self._small = SmallPlots(self.loss)
        self.film = FilmStrip()
        self._log = LogPane()
        self.film.moment_changed.connect(self.loss.mark_moment)
        self.film.generate_asked.connect(self.moment_asked)
        self.loss.moment_chosen.connect(self.film.go_to)
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
        live = role(QWidget(), "clear")
        layout = column(live, spacing=Space.M)
        layout.addWidget(self._figures)
        layout.addWidget(self._standing)
        layout.addWidget(parts, 1)
        return page_of(live)

    def show_run(self, state: RunState, view: View) -> None:
        """Show a run as it is now."""
        self._title.tell(view.title)
        self._status.tell(view.status)
        self._generate.setVisible(bool(view.generate_from))
        self._progress.setVisible(view.phase is not Phase.EMPTY)
        self._progress.setRange(0, 0 if view.busy else _PROGRESS_STEPS)
        if not view.busy:
            self._progress.setValue(round(view.progress * _PROGRESS_STEPS))
        self._coach.show_notes(state.notes)
        self._pages.setCurrentIndex(0 if state.started is None and not len(state.curves.steps) else 1)
        self._show_invitation(view.phase)
        self._figures.show_metrics(view.metrics)
        self._standing.tell(view.standing)
        self._standing.setVisible(bool(view.standing))
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

    def _show_invitation(self, phase: Phase) -> None:
        """Say on the empty page what comes, or why nothing came."""
        words = {Phase.EMPTY: _INVITATION, Phase.FAILED: _NOT_BEGUN}.get(phase, _GETTING_READY)
        self._invites.setText(words[0])
        self._invites_to.setText(words[1])

    def _show_curves(self, state: RunState) -> None:
        trace = state.trace
        self.loss.show_trace(trace, state.rungs)
        self._small.show_trace(trace)


def page_of(content: QWidget) -> QScrollArea:
    """Give a page that scrolls when the window is too low for its content."""
    page = QScrollArea()
    page.setObjectName("stage_scroll")
    page.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    page.setWidgetResizable(True)
    page.setFrameShape(QFrame.Shape.NoFrame)
    page.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    page.setWidget(content)
    return page


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
            self._shown = metrics
            for cell, metric in zip(self._cells, metrics, strict=True):
                cell.show_metric(metric)


class Figure(QWidget):
    """One figure: its name, its value, a remark."""

    def __init__(self) -> None:
        super().__init__()
        self._name, self._value, self._remark = label(kind="caption"), label(kind="title"), label(kind="caption")
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        layout = column(self, spacing=0)
        layout.addWidget(self._name)
        layout.addLayout(row(self._value, self._remark, None, spacing=Space.XS))

    def show_metric(self, metric: Metric) -> None:
        """Show a figure."""
        self._name.setText(metric.label)
        self._value.setText(metric.value)
        self._remark.setText(metric.remark)
        self.setAccessibleName(f"{metric.label} {metric.value} {metric.remark}")
