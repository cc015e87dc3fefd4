"""Earlier runs beside the one that is shown: which are chosen, the list to choose from, and their legend."""

from __future__ import annotations

import os
from pathlib import Path

from PySide6.QtCore import QObject, QPoint, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QLineEdit, QListWidget, QListWidgetItem, QWidget

from engine.runs.listing import list_runs
from engine.runs.run_summary import RunSummary
from gui.kit import formats, theme
from gui.kit.background import Background
from gui.kit.parts import Popover, button, column, label, row
from gui.kit.plain import plain_tip
from gui.kit.scroll_bars import quiet
from gui.kit.theme import DASHES, Size, Space, Type
from gui.train.record import RunTrace, read_trace

MOST = len(DASHES)
"""Runs that can be told apart beside the one that is shown."""

FIRST_SERIES = 2
"""The first two colors of the series are those of the run itself."""

AT_ONCE = 200
"""Runs that are added to the list in one turn of the event loop."""

_RUN = Qt.ItemDataRole.UserRole


class ComparedRuns(QObject):
    """The runs that are chosen, in the order of choosing; read on another thread.

    Signals:
        changed(traces): other runs are drawn.
        listed(runs, shown): there are these runs to choose from; `shown` is drawn already.
        failed(error): the runs could not be read.
    """

    changed = Signal(object)
    listed = Signal(object, object)
    failed = Signal(object)

    def __init__(self, background: Background, parent: QObject) -> None:
        super().__init__(parent)
        self._background = background
        self._chosen: list[Path] = []
        self._traces: dict[Path, RunTrace] = {}

    @property
    def chosen(self) -> tuple[Path, ...]:
        """The folders of the chosen runs."""
        return tuple(self._chosen)

    @property
    def traces(self) -> tuple[RunTrace, ...]:
        """The chosen runs that were read."""
        return tuple(self._traces[path] for path in self._chosen if path in self._traces)

    def choose(self, path: Path, chosen: bool) -> None:
        """Draw a run too, or no longer."""
        if chosen and path not in self._chosen and len(self._chosen) < MOST:
            self._chosen.append(path)
            self._background.do(lambda: read_trace(path), lambda trace: self._take(path, trace), self.failed.emit)
        elif not chosen and path in self._chosen:
            self._chosen.remove(path)
            self._traces.pop(path, None)
            self.changed.emit(self.traces)

    def drop(self, number: int) -> None:
        """Draw the run no longer that stands at a place in `traces`."""
        drawn = [path for path in self._chosen if path in self._traces]
        self.choose(drawn[number], False)

    def ask(self, beside: QWidget, shown: Path | None) -> RunChooser:
        """Open the list to choose from under a button, and return it; `shown` is the run that is drawn already."""
        chooser = RunChooser(self, beside.window())
        chooser.open_under(beside)
        self.listed.connect(chooser.show_runs)  # which ends with the list, should it be closed before they are read
        self._background.do(list_runs, lambda runs: self.listed.emit(runs, shown), self.failed.emit)
        return chooser

    def _take(self, path: Path, trace: RunTrace) -> None:
        if path in self._chosen:
            self._traces[path] = trace
            self.changed.emit(self.traces)


class RunChooser(Popover):
    """A list of runs with a search, each to be ticked; closes at a click beside it or with Escape."""

    def __init__(self, comparison: ComparedRuns, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("run_chooser")
        self.setAccessibleName("Runs to compare with")
        self._comparison = comparison
        self._search = QLineEdit()
        self._search.setObjectName("run_chooser_search")
        self._search.setAccessibleName("Search runs")
        self._search.setPlaceholderText("Search")
        self._search.textChanged.connect(self._filter)
        self._list = quiet(QListWidget())
        self._list.setObjectName("run_chooser_list")
        self._list.setAccessibleName("Runs to compare with")
        self._list.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self._list.itemChanged.connect(self._toggle)
        self._waiting: list[RunSummary] = []
        self._more = QTimer(self, singleShot=True, interval=0)
        self._more.timeout.connect(self._add_some)
        self._told = label("Reading…", "caption")
        self._clear_all = button("run_chooser_clear", "None", self._clear, "plain", says="Compare with no run")
        layout = column(self, margin=Space.M, spacing=Space.S)
        layout.addWidget(self._search)
        layout.addWidget(self._list, 1)
        layout.addLayout(row(self._told, None, self._clear_all))
        self.setFixedWidth(Size.SIDEBAR)

    def open_under(self, beside: QWidget) -> None:
        """Show it with its left edge under a button."""
        self.move(beside.mapToGlobal(QPoint(0, beside.height() + Space.XS)))
        self.show()
        self._search.setFocus()

    def show_runs(self, runs: list[RunSummary], shown: Path | None) -> None:
        """List the runs that have a curve, the newest first."""
        self._list.clear()
        own = Path(os.path.realpath(shown)) if shown else None
        alike = (run for run in runs if own and run.path.name == own.name)
        same = {run.path for run in alike if Path(os.path.realpath(run.path)) == own}
        self._waiting = [run for run in runs if run.iter_num is not None and run.path not in same]
        self._add_some()

    def _add_some(self) -> None:
        """Add some of the runs, and more when the event loop turns again: thousands would hold the window up."""
        some, self._waiting = self._waiting[:AT_ONCE], self._waiting[AT_ONCE:]
        for run in some:
            self._list.addItem(self._item(run))
        self._filter(self._search.text())
        if self._waiting:
            self._more.start()
        if not self._waiting or self._list.count() == len(some):
            self._show_room()
            self._fit()

    def _item(self, run: RunSummary) -> QListWidgetItem:
        loss = formats.loss(run.best_val_loss if run.best_val_loss is not None else run.train_loss)
        item = QListWidgetItem(f"{loss}   {run.name}")
        item.setToolTip(plain_tip(f"{run.name}: {run.dataset}, {formats.moment(run.modified.astimezone())}"))
        item.setData(_RUN, run.path)
        item.setFlags(item.flags() | Qt.ItemFlag.ItemIsUserCheckable)
        chosen = run.path in self._comparison.chosen
        item.setCheckState(Qt.CheckState.Checked if chosen else Qt.CheckState.Unchecked)
        return item

    def _fit(self) -> None:
        """Be as high as the list needs, and no higher than is good to look at."""
        rows = self._list.sizeHintForRow(0) * self._list.count() + 2 * self._list.frameWidth()
        self._list.setFixedHeight(min(max(rows, Size.PRIMARY), 2 * Size.PLOT))
        self.adjustSize()

    def _toggle(self, item: QListWidgetItem) -> None:
        self._comparison.choose(item.data(_RUN), item.checkState() == Qt.CheckState.Checked)
        self._show_room()

    def _show_room(self) -> None:
        """Let no more be ticked than can be told apart."""
        full = len(self._comparison.chosen) >= MOST
        blocked = self._list.blockSignals(True)
        for item in self._items():
            can = not full or item.checkState() == Qt.CheckState.Checked
            enabled = item.flags() | Qt.ItemFlag.ItemIsEnabled
            item.setFlags(enabled if can else enabled & ~Qt.ItemFlag.ItemIsEnabled)
        self._list.blockSignals(blocked)
        self._clear_all.setEnabled(bool(self._comparison.chosen))
        none = "No earlier runs yet" if not self._list.count() else "Best loss and name"
        self._told.setText(f"{MOST} at most" if full else none)

    def _filter(self, text: str) -> None:
        words = text.casefold().split()
        for item in self._items():
            if (hidden := not all(word in item.text().casefold() for word in words)) is not item.isHidden():
                item.setHidden(hidden)

    def _clear(self) -> None:
        for item in self._items():
            item.setCheckState(Qt.CheckState.Unchecked)

    def _items(self) -> list[QListWidgetItem]:
        return [self._list.item(at) for at in range(self._list.count())]


class OtherRuns(QWidget):
    """The legend of the runs beside: a line as in the plot, the name, the value read; a click takes one away.

    Signals:
        dropped(number): the run at this place should be drawn no longer.
    """

    dropped = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self._chips: list[RunChip] = []
        self._row = row(None, spacing=Space.M)
        self.setLayout(self._row)
        self.hide()

    def show_traces(self, traces: tuple[RunTrace, ...]) -> None:
        """Show these runs."""
        for chip in self._chips:
            self._row.removeWidget(chip)
            chip.deleteLater()
        self._chips = [RunChip(number, trace.name) for number, trace in enumerate(traces)]
        for number, chip in enumerate(self._chips):
            chip.clicked.connect(lambda _=False, number=number: self.dropped.emit(number))
            self._row.insertWidget(number, chip, 1)
        self.setVisible(bool(traces))

    def show_values(self, values: list[float | None]) -> None:
        """Show the value of each run."""
        for chip, value in zip(self._chips, values, strict=True):
            chip.show_value(value)


class RunChip(QAbstractButton):
    """One run of the legend."""

    def __init__(self, number: int, name: str) -> None:
        super().__init__()
        self._number, self._name, self._value = number, name, formats.NOTHING
        self.setObjectName(f"other_run_{number}")
        self.setToolTip(plain_tip(f"{name}: click to take it out of the plot"))
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setMaximumWidth(Size.FIELD * 2)
        self._say()

    def show_value(self, value: float | None) -> None:
        """Show a validation loss."""
        if formats.loss(value) != self._value:
            self._value = formats.loss(value)
            self._say()
            self.update()

    def sizeHint(self) -> QSize:
        """Return room for a line of small type."""
        return QSize(Size.FIELD * 2, theme.current().text_px(Type.CAPTION) + Space.S)

    def minimumSizeHint(self) -> QSize:
        """Return the least room: the line and the value."""
        return QSize(Size.FIELD // 2, self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint line, name and value."""
        look, painter = theme.current(), QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        from gui.kit.plots import series_pen  # with the plot: it takes long to load

        painter.setPen(series_pen(FIRST_SERIES + self._number, width=Size.STROKE))
        middle = self.height() // 2
        painter.drawLine(0, middle, Space.XL, middle)
        painter.setFont(look.font(Type.CAPTION))
        metrics = painter.fontMetrics()
        room = self.width() - Space.XL - Space.XS - metrics.horizontalAdvance(self._value) - Space.S
        name = metrics.elidedText(self._name, Qt.TextElideMode.ElideMiddle, max(room, 0))
        painter.setPen(look.color("link" if self.underMouse() else "secondary"))
        box = self.rect().adjusted(Space.XL + Space.XS, 0, 0, 0)
        painter.drawText(box, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, f"{name} {self._value}")

    def _say(self) -> None:
        self.setAccessibleName(f"{self._name}, validation {self._value}: take it out of the plot")
