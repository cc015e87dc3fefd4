"""What is known of the selected runs: their curves over each other, their settings, and a note."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QEvent, Qt, QTimer, Signal
from PySide6.QtGui import QPen, QResizeEvent
from PySide6.QtWidgets import (
    QFrame,
    QHeaderView,
    QPlainTextEdit,
    QScrollArea,
    QTableWidget,
    QTableWidgetItem,
    QWidget,
)

from engine.runs.run_summary import RunSummary
from gui.kit import theme
from gui.kit.background import Background
from gui.kit.parts import Elided, column, label, row
from gui.kit.plain import plain_tip
from gui.kit.plots import Plot, pen, series_pen
from gui.kit.scroll_bars import quiet
from gui.kit.style import role
from gui.kit.theme import Size, Space, Type
from gui.runs.state import MOST_COMPARED, Curve, Insides, compared_text, facts, insides
from gui.train.curves import LEAST

_NOTE_DELAY_MS = 600


class RunDetail(QFrame):
    """The pane below the table.

    Signals:
        noted(run, text): a person wrote a note on a run.
        read(): the curves and settings of the runs are shown.
        failed(error): they could not be read.
    """

    noted = Signal(object, str)
    read = Signal()
    failed = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        role(self, "card")
        self.setObjectName("run_detail")
        self._background = Background(self)
        self._runs: list[RunSummary] = []
        self._asked = 0
        self._insides: Insides | None = None
        self._title = Elided(kind="headline")
        self._facts = label(kind="secondary", wrap=True)
        self._lost = label(kind="warning", wrap=True)
        self._lost.setObjectName("run_text_lost")
        self._lost.hide()
        self._curves = RunCurves()
        self._settings = quiet(_SettingsTable())
        self._settings_title = label("Settings", "caption")
        self._note = quiet(QPlainTextEdit())
        self._note.setObjectName("run_note")
        self._note.setAccessibleName("Note")
        self._note.setPlaceholderText("Add a note")
        self._note.setTabChangesFocus(True)
        self._note.setMaximumHeight(Size.NOTE)
        self._note.textChanged.connect(self._note_changed)
        self._note_waits = False  # the timer cannot tell: it is not active any more when it has fired
        self._note_timer = QTimer(self, singleShot=True, interval=_NOTE_DELAY_MS)
        self._note_timer.timeout.connect(self.keep_note)
        self._read_soon = QTimer(self, singleShot=True, interval=0)  # once what is selected is painted
        self._read_soon.timeout.connect(self._read)
        side = column(spacing=Space.XS)
        side.addWidget(self._settings_title)
        side.addWidget(self._settings, 1)
        side.addWidget(self._note)
        body = row(spacing=Space.L)
        body.addWidget(self._curves, 3)
        body.addLayout(side, 2)
        inside = role(_Inside(), "clear")
        layout = column(inside, spacing=Space.XS)
        layout.addWidget(self._title)
        layout.addWidget(self._facts)
        layout.addWidget(self._lost)
        layout.addLayout(body, 1)
        scroll = quiet(QScrollArea())
        scroll.setObjectName("run_detail_scroll")
        scroll.setAccessibleName("What is known of the selected runs")
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # what is in it takes the keyboard, and comes into sight
        scroll.setWidget(inside)
        column(self, margin=Space.M).addWidget(scroll)

    def show_runs(self, runs: Sequence[RunSummary]) -> None:
        """Show these runs; one with its note, several with what tells them apart."""
        self.keep_note()
        selected, runs = len(runs), runs[:MOST_COMPARED]
        one = runs[0] if len(runs) == 1 else None
        another = [run.path for run in runs] != [run.path for run in self._runs]
        self._runs = list(runs)
        self._title.tell(one.name if one else compared_text(len(runs), selected))
        self._facts.setText(one.problem or facts(one) if one else "")
        self._facts.setVisible(one is not None)
        self._lost.setVisible(self._lost.isVisible() and not another)
        self._settings_title.setText("Settings" if one else "What differs")
        self._asked += 1
        self._read_soon.start()
        self._note.setVisible(one is not None)
        if another and one is not None:
            self._note.blockSignals(True)
            self._note.setPlainText(one.note)
            self._note.blockSignals(False)

    def _read(self) -> None:
        """Read curves and settings off this thread; what was asked for before and not read yet is passed over."""
        asked, runs = self._asked, tuple(self._runs)
        self._background.do(
            lambda: insides(runs) if asked == self._asked else None,
            lambda found: self._show_insides(found) if found is not None and asked == self._asked else None,
            self.failed.emit,
        )

    def _show_insides(self, found: Insides) -> None:
        """Show what was read, where it is other than what is shown: the list is read again and again."""
        if found != self._insides:
            self._insides = found
            self._settings.show_rows(found.settings, [each.name for each in found.curves], found.texts)
            self._curves.show_curves(found.curves)
        self._lost.setText(found.lost)
        self._lost.setVisible(bool(found.lost))
        self.read.emit()

    def keep_note(self) -> None:
        """Tell of a note that was changed."""
        if self._note_waits:
            self._note_waits = False
            self._note_timer.stop()
            self.noted.emit(self._runs[0], self._note.toPlainText())

    def _note_changed(self) -> None:
        if len(self._runs) == 1:
            self._note_waits = True
            self._note_timer.start()


class _Inside(QWidget):
    """What the pane shows; it is scrolled only where the pane is lower than it can be."""

    def heightForWidth(self, width: int) -> int:
        """Return the least height at a width, in pixels."""
        layout = self.layout()
        return layout.minimumHeightForWidth(width) if layout is not None else -1


class RunCurves(QWidget):
    """The loss of one run, training and validation, or the validation losses of several."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        role(self, "clear")
        self._shown: list[Curve] = []
        self._to_draw: list[Curve] = []
        self._in_bits = False  # which compares runs in different tokens
        self._next = QTimer(self, interval=0)  # drawn at once, the curves of eight runs would hold up the window
        self._next.timeout.connect(self._draw_next)
        self._plot = Plot("run_curves", "Loss of the selected runs by iteration")
        self._plot.begin_at_zero(LEAST)
        self._plot.setMouseEnabled(x=False, y=False)
        self._plot.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # there is nothing to do in it
        self._plot.viewport().setAutoFillBackground(False)
        self._legend = self._plot.add_legend()
        self._nothing = label("No losses recorded", "secondary")
        self._nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._up = label(kind="caption")
        self._along = label("Iteration", "caption")
        self._along.setAlignment(Qt.AlignmentFlag.AlignRight)
        self._along.setContentsMargins(0, 0, Space.S, 0)  # as the plot above it has
        layout = column(self, spacing=0)
        layout.addWidget(self._up)
        layout.addWidget(self._plot, 1)
        layout.addWidget(self._along)
        layout.addWidget(self._nothing, 1)

    def show_curves(self, curves: Sequence[Curve]) -> None:
        """Draw these curves."""
        self._shown = list(curves)
        self._draw()

    def changeEvent(self, event: QEvent) -> None:
        """Follow the theme."""
        super().changeEvent(event)
        if theme.restyles(event) and hasattr(self, "_nothing"):
            self._plot.dress()
            self._draw()

    def _draw(self) -> None:
        look, nothing = theme.current(), all(curve.is_empty for curve in self._shown)
        for part in (self._up, self._plot, self._along):
            part.setVisible(not nothing)
        self._nothing.setVisible(nothing)
        self._in_bits = len(self._shown) > 1 and all(each.bits_per_byte[0] for each in self._shown if not each.is_empty)
        what = "Loss" if len(self._shown) == 1 else "Validation loss"
        self._up.setText(f"{what}, bits per byte" if self._in_bits else f"{what}: how surprised it is, less is better")
        self._up.setToolTip("In bits for each byte of text" if self._in_bits else "In nats for each token")
        self._plot.clear()
        self._legend.setLabelTextColor(look.color("secondary"))
        self._legend.setLabelTextSize(f"{look.text_px(Type.CAPTION)}px")
        self._to_draw = list(self._shown)
        self._draw_next()

    def _draw_next(self) -> None:
        """Draw one run, and the next when the event loop turns again."""
        if len(self._shown) == 1:
            self._line(self._shown[0].train, pen("train", alpha=0.6), "training")
            self._line(self._shown[0].validation, pen("validation", width=Size.STROKE), "validation")
            self._to_draw.clear()
        elif self._to_draw:
            line = series_pen(len(self._shown) - len(self._to_draw), width=Size.STROKE)
            each = self._to_draw.pop(0)
            validation = each.bits_per_byte if self._in_bits else each.validation
            self._line(validation if validation[0] else each.train, line, each.name)
        if bool(self._to_draw) is not self._next.isActive():
            self._next.start() if self._to_draw else self._next.stop()

    def _line(self, points: tuple[list[int], list[float]], line: QPen, name: str) -> None:
        """Draw one line; a single point is drawn as a dot."""
        if not points[0]:
            return
        dot = {"symbol": "o", "symbolSize": Size.DOT, "symbolBrush": line.color(), "symbolPen": None}
        alone = dot if len(points[0]) == 1 else {}
        self._plot.plot(*points, pen=line, name=name, antialias=True, **alone)


class _SettingsTable(QTableWidget):
    """Settings by name, a column for each run."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("run_settings")
        self.setAccessibleName("Settings of the selected runs")
        self.setEditTriggers(QTableWidget.EditTrigger.NoEditTriggers)
        self.setSelectionMode(QTableWidget.SelectionMode.NoSelection)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setTabKeyNavigation(False)
        self.setShowGrid(False)
        self.verticalHeader().hide()
        self._shape()
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.setWordWrap(False)  # else Qt breaks a long value into lines, and cuts the one it shows twice

    def show_rows(
        self, rows: Sequence[tuple[str, ...]], names: Sequence[str], texts: Mapping[str, tuple[str, str]]
    ) -> None:
        """Show these rows, each text by its title; a single run needs no heading."""
        self.setRowCount(len(rows))
        self.setColumnCount(1 + len(names))
        self.setHorizontalHeaderLabels(["", *names])
        self.horizontalHeader().setVisible(len(names) > 1)
        for at, cells in enumerate(rows):
            for place, text in enumerate(cells):
                short, full = texts.get(text, (text, text)) if cells[0] == "dataset" else (text, text)
                item = QTableWidgetItem(short)
                item.setToolTip(plain_tip(*dict.fromkeys((full, text))))
                self.setItem(at, place, item)
        self.horizontalHeader().setMinimumSectionSize(Size.SCRUBBER)
        self.horizontalHeader().setTextElideMode(Qt.TextElideMode.ElideLeft)  # runs of a text differ in their ends
        self.horizontalHeader().setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        self.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        self.horizontalHeader().setSectionResizeMode(0, QHeaderView.ResizeMode.Fixed)
        self._fit_names()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave the values at least half of the width."""
        super().resizeEvent(event)
        self._fit_names()

    def changeEvent(self, event: QEvent) -> None:
        """Follow the text scale."""
        super().changeEvent(event)
        if theme.restyles(event):
            self._shape()

    def _shape(self) -> None:
        self.verticalHeader().setDefaultSectionSize(theme.current().text_px(Size.CONTROL - Space.XS))

    def _fit_names(self) -> None:
        if self.columnCount():
            self.setColumnWidth(0, min(self.sizeHintForColumn(0), self.viewport().width() // 2))
