"""The table of runs: sortable, searchable, names edited in place."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import (
    QAbstractTableModel,
    QEvent,
    QItemSelection,
    QItemSelectionModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QFontMetrics, QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import QAbstractItemView, QTableView, QWidget

from engine.runs.run_summary import RunSummary
from gui.kit import preferences, theme
from gui.kit.plain import plain_tip
from gui.kit.run_words import STATUS_WORDS
from gui.kit.scroll_bars import quiet
from gui.kit.theme import Size, Space, Type
from gui.runs.name_cell import WRITTEN, NameCell, row_height
from gui.runs.state import COLUMNS, GIVING_WAY, LAST_TRAINED, NAME, STATUS, in_order, matches, tip

Index = QModelIndex | QPersistentModelIndex
_ROLE = Qt.ItemDataRole
_CELL = Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemNeverHasChildren
_LEAST_ROWS = 2
_NAME_CELL = _CELL | Qt.ItemFlag.ItemIsEditable


class RunsModel(QAbstractTableModel):
    """The runs that match a search, in order, as a table: a thousand are put in order anew in some milliseconds.

    Signals:
        renamed(run, name): a person gave a run another name.

    Attributes:
        runs: those that are shown, as they stand.
    """

    renamed = Signal(object, str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.runs: list[RunSummary] = []
        self._all: list[RunSummary] = []
        self._search = ""
        self._column, self._descending = LAST_TRAINED, True

    def show_runs(self, runs: Sequence[RunSummary]) -> None:
        """Show these runs."""
        self._all = list(runs)
        self._arrange()

    def search(self, text: str) -> None:
        """Show only the runs that match."""
        self._search = text
        self._arrange()

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Order the runs by a column."""
        self._column, self._descending = column, order is Qt.SortOrder.DescendingOrder
        self._arrange()

    def _arrange(self) -> None:
        """Show what there is now; where the same runs stand in the same order, only their values change."""
        found = (run for run in self._all if matches(run, self._search))
        runs = in_order(found, self._column, descending=self._descending)
        if runs and [run.path for run in runs] == [run.path for run in self.runs]:
            self.runs = runs
            self.dataChanged.emit(self.index(0, 0), self.index(len(runs) - 1, len(COLUMNS) - 1))
        else:
            self.beginResetModel()
            self.runs = runs
            self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 (Qt's signature)
        """Return the number of runs."""
        return 0 if parent.isValid() else len(self.runs)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 (Qt's signature)
        """Return the number of columns."""
        return 0 if parent.isValid() else len(COLUMNS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = _ROLE.DisplayRole) -> Any:
        """Return the titles of the columns."""
        if orientation is not Qt.Orientation.Horizontal:
            return None
        if role == _ROLE.DisplayRole:
            return COLUMNS[section].title
        if role == _ROLE.ToolTipRole:
            return COLUMNS[section].tip or None
        return _alignment(section) if role == _ROLE.TextAlignmentRole else None

    def data(self, index: Index, role: int = _ROLE.DisplayRole) -> Any:
        """Return what a cell shows."""
        run, column = self.runs[index.row()], index.column()
        if role in (_ROLE.DisplayRole, _ROLE.EditRole):
            return COLUMNS[column].text(run)
        if role == _ROLE.TextAlignmentRole:
            return _alignment(column)
        if role == _ROLE.ForegroundRole and column == STATUS:
            return theme.current().color(STATUS_WORDS[run.status][1])
        if role == _ROLE.ToolTipRole:
            tips = {NAME: filter(None, (run.written, str(run.path))), STATUS: (tip(run),)}
            return plain_tip(*tips.get(column, ("",))) or None
        if column == NAME and role in (WRITTEN, _ROLE.AccessibleTextRole):
            return run.written if role == WRITTEN else ". It wrote: ".join(filter(None, (run.name, run.written)))
        return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Let the name be edited."""
        return _NAME_CELL if index.column() == NAME else _CELL

    def setData(self, index: Index, value: Any, role: int = _ROLE.EditRole) -> bool:
        """Take another name in."""
        run = self.runs[index.row()]
        if role != _ROLE.EditRole or str(value).strip() == run.name:
            return False
        self.renamed.emit(run, str(value))
        return True


class RunsTable(QTableView):
    """The table itself.

    Signals:
        selection_changed(): other runs are selected.
        opened(): a run was double-clicked.
        trash_asked(): the key that deletes was pressed.
    """

    selection_changed = Signal()
    opened = Signal()
    trash_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("runs_table")
        quiet(self)
        self.setAccessibleName("Runs")
        self.model_of_runs = RunsModel(self)
        self._kept: set[Path] = set()
        self.model_of_runs.modelAboutToBeReset.connect(self._keep_selection)
        self.setModel(self.model_of_runs)
        self.setItemDelegateForColumn(NAME, NameCell(self))
        # the titles need not know what is selected: to find out they would ask for the flags of every cell
        self.horizontalHeader().setSelectionModel(QItemSelectionModel(self.model_of_runs, self))
        self.model_of_runs.modelReset.connect(lambda: self.select(self._kept))
        self.setSortingEnabled(True)
        self._sort_as_before()
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setEditTriggers(QAbstractItemView.EditTrigger.EditKeyPressed)
        self.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)
        self.setAttribute(Qt.WidgetAttribute.WA_MacShowFocusRect, False)
        self._shape()
        self.selectionModel().selectionChanged.connect(lambda *_: self.selection_changed.emit())
        self.doubleClicked.connect(lambda _: self.opened.emit())
        for keys in ("Ctrl+Backspace", "Del"):
            shortcut = QShortcut(QKeySequence(keys), self)
            shortcut.setContext(Qt.ShortcutContext.WidgetShortcut)
            shortcut.activated.connect(self.trash_asked)

    def show_runs(self, runs: Sequence[RunSummary]) -> None:
        """Show these runs; what was selected stays selected."""
        self.model_of_runs.show_runs(runs)

    def search(self, text: str) -> None:
        """Show only the runs that match."""
        self.model_of_runs.search(text)

    def selected(self) -> list[RunSummary]:
        """Return the selected runs, in the order in which they stand."""
        # by spans of rows: selectedRows() would ask for the flags of every cell
        spans = self.selectionModel().selection().toList()
        rows = {row for span in spans for row in range(span.top(), span.bottom() + 1)}
        return [self.model_of_runs.runs[row] for row in sorted(rows)]

    def select(self, paths: set[Path]) -> None:
        """Select the runs in these folders."""
        rows = [row for row, run in enumerate(self.model_of_runs.runs) if run.path in paths]
        selection, flags = QItemSelection(), QItemSelectionModel.SelectionFlag
        for row in rows:
            index = self.model_of_runs.index(row, 0)
            selection.select(index, index)
        if rows:
            self.selectionModel().setCurrentIndex(self.model_of_runs.index(rows[0], 0), flags.NoUpdate)
        self.selectionModel().select(selection, flags.ClearAndSelect | flags.Rows)

    def _sort_as_before(self) -> None:
        """Sort by what a person sorted by last, and keep it when they sort by something else."""
        title, descending = preferences.runs_order()
        column = next((at for at, each in enumerate(COLUMNS) if each.title == title), LAST_TRAINED)
        order = Qt.SortOrder
        self.sortByColumn(column, order.DescendingOrder if descending else order.AscendingOrder)
        self.horizontalHeader().sortIndicatorChanged.connect(
            lambda at, now: preferences.keep_runs_order(COLUMNS[at].title, now is order.DescendingOrder)
        )

    def _keep_selection(self) -> None:
        self._kept = {run.path for run in self.selected()}

    def shown(self) -> int:
        """Return how many runs match the search."""
        return self.model_of_runs.rowCount()

    @property
    def renaming(self) -> bool:
        """Whether a name is being typed."""
        return self.state() is QAbstractItemView.State.EditingState

    def rename_selected(self) -> None:
        """Let the person edit the name of the selected run."""
        if rows := self.selectionModel().selectedRows(NAME):
            self.setFocus()
            self.setCurrentIndex(rows[0])
            self.edit(rows[0])

    def minimumSizeHint(self) -> QSize:
        """Return the size of the titles with some rows."""
        around = 2 * self.frameWidth() + self.horizontalHeader().sizeHint().height()
        return QSize(super().minimumSizeHint().width(), _LEAST_ROWS * row_height() + around)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Return the name the room that the others leave."""
        super().resizeEvent(event)
        self._fit()

    def changeEvent(self, event: QEvent) -> None:
        """Follow the theme and the text scale."""
        super().changeEvent(event)
        if theme.restyles(event):
            self._shape()

    def _fit(self) -> None:
        """Leave columns out until names have room, and return them what is left."""
        columns, room = self.horizontalHeader(), self.viewport().width()
        left = room - sum(self._widths)
        for title in GIVING_WAY:
            at = next(at for at, column in enumerate(COLUMNS) if column.title == title)
            columns.setSectionHidden(at, left < 0)
            left += self._widths[at] if left < 0 else 0
        columns.resizeSection(NAME, max(theme.current().text_px(Size.LABEL), self._widths[NAME] + left))

    def _shape(self) -> None:
        """Return each column but the name the room that its widest text needs."""
        rows, columns = self.verticalHeader(), self.horizontalHeader()
        rows.hide()
        rows.setDefaultSectionSize(row_height())
        columns.setHighlightSections(False)
        columns.setStretchLastSection(False)
        text = QFontMetrics(theme.current().font()).horizontalAdvance
        title = QFontMetrics(theme.current().font(Type.CAPTION)).horizontalAdvance
        self._widths = [max(text(column.widest), title(column.title)) + Space.XL for column in COLUMNS]
        for at, width in enumerate(self._widths):
            columns.resizeSection(at, width)
        self._fit()


def _alignment(column: int) -> Qt.AlignmentFlag:
    side = Qt.AlignmentFlag.AlignRight if COLUMNS[column].number else Qt.AlignmentFlag.AlignLeft
    return side | Qt.AlignmentFlag.AlignVCenter
