"""The Runs tab: every run in a table, what the selected ones came to, and what can be done with them."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QProcess, Qt, QTimer, QUrl, Signal, Slot
from PySide6.QtGui import QDesktopServices, QHideEvent, QShowEvent
from PySide6.QtWidgets import QLineEdit, QSizePolicy, QSplitter, QStackedWidget, QWidget

from engine.core.errors import UnderstudyError
from engine.core.events import Checkpoint, Eval, Event, Finished, Paused, Resumed, Started
from engine.runs.folder import RunFolder
from engine.runs.owner import owner_of
from engine.runs.run_summary import RunStatus, RunSummary
from gui.kit.background import Background
from gui.kit.engine_thread import EngineThread, JobHandle
from gui.kit.flow import flow
from gui.kit.lost_text import lost_text
from gui.kit.notice import EmptyPage, Notice
from gui.kit.parts import column, kept, label
from gui.kit.style import role
from gui.kit.theme import Size, Space
from gui.kit.trash import Trashed, move_to_trash
from gui.runs.actions import RunActions
from gui.runs.detail import RunDetail
from gui.runs.export_sheet import ExportSheet
from gui.runs.pack_sheet import PackSheet
from gui.runs.reader import Listing, RunReader
from gui.runs.state import offers, total_text, why_not_packed, with_live
from gui.runs.table import RunsTable
from gui.train.state import View

_REFRESH_MS = 500
_READING = "Reading all runs…"


class RunsTab(QWidget):
    """All runs.

    Signals:
        resume_requested(run_dir): go on with a run.
        generate_requested(checkpoint): write with a run's best checkpoint.
        train_requested(): there is no run yet, and the person wants one.
        settings_requested(config): a new run should be set up with a run's settings.
        runs_changed(): a run was renamed, thrown away or put back.
        listed(): the runs were read anew.
        compared(): two runs or more are drawn in one plot.
        own_text_asked(): a person wants to bring a run's text again.
    """

    resume_requested = Signal(str)
    generate_requested = Signal(str)
    train_requested = Signal()
    settings_requested = Signal(object)
    runs_changed = Signal()
    listed = Signal()
    compared = Signal()
    own_text_asked = Signal()

    def __init__(self, engine_thread: EngineThread, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("runs_tab")
        role(self, "page")
        self._engine = engine_thread
        self._background = Background(self)
        self._reading = self._again = False
        self._is_whole = True
        self._wanted: Path | None = None
        self._thrown_away: Trashed | None = None
        self._live: dict[Path, RunStatus] = {}
        self._training = False
        self._run_of: dict[JobHandle, Path] = {}
        self._runs: list[RunSummary] = []
        self._reader = RunReader()
        self._make_parts()
        self._lay_out()
        self._refresh_soon = QTimer(self, singleShot=True, interval=_REFRESH_MS)
        self._refresh_soon.timeout.connect(self.refresh)
        engine_thread.event_arrived.connect(self._take)
        engine_thread.ended.connect(self._ended)
        self.refresh()

    @property
    def all(self) -> tuple[RunSummary, ...]:
        """Every run, the one last trained first."""
        return tuple(self._runs)

    def refresh(self) -> None:
        """Read all runs anew, off this thread; asked for meanwhile, once more after it."""
        if self._reading:
            self._again = True
            return
        self._reading = True
        self._background.do_each(self._reader.growing, self._take_listing, self._not_read)

    def _not_read(self, error: Exception) -> None:
        """Leave the list as it was, and tell why."""
        self._show_runs(self._runs)
        self.tell_error(error)

    def tell_error(self, error: Exception) -> None:
        """Tell what went wrong with the runs."""
        self._notice.tell_error(error)

    def _take_listing(self, listing: Listing) -> None:
        self._is_whole = listing.is_whole
        if listing.is_whole:
            self._show_runs(listing.runs)
        else:
            self._list(with_live(listing.runs, self._live))

    def _show_runs(self, runs: list[RunSummary]) -> None:
        self._reading = False
        if self._again:
            self._again = False
            self.refresh()
        if self._table.renaming:
            self._look_soon()  # a list that is shown would take the place of what is typed
            return
        self._list(with_live(runs, self._live))
        self.listed.emit()

    def _list(self, runs: list[RunSummary]) -> None:
        self._runs = runs
        self._pages.show()
        self._table.show_runs(self._runs)
        if self._wanted is not None and self._wanted in [run.path for run in runs]:
            self._table.select({self._wanted})
            self._wanted = None
        self._pages.setCurrentIndex(1 if self._runs else 0)
        self._select_any()

    def show_run(self, path: Path) -> None:
        """Select a run as soon as it is listed."""
        self._wanted = path
        self._search.clear()
        self.refresh()
        self.runs_changed.emit()

    def show_view(self, view: View) -> None:
        """Offer what can be done while a run is on in this window, or while none is."""
        if self._training is view.can_start:
            self._training = not view.can_start
            self._offer()

    def undo(self) -> None:
        """Put back what went to the Trash last."""
        if self._thrown_away is not None:
            trashed, self._thrown_away = self._thrown_away, None
            self._notice.dismiss()
            self._try(trashed.put_back)
            self.runs_changed.emit()

    # parts

    def _make_parts(self) -> None:
        self._table = RunsTable()
        self._table.selection_changed.connect(self._show_selected)
        self._table.opened.connect(self._generate)
        self._table.trash_asked.connect(self._trash)
        self._table.model_of_runs.renamed.connect(self._rename)
        self._search = QLineEdit()
        self._search.setObjectName("runs_search")
        self._search.setAccessibleName("Search runs")
        self._search.setPlaceholderText("Search")
        self._search.setClearButtonEnabled(True)
        self._search.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._search.textChanged.connect(self._search_changed)
        self._total = label(kind="secondary")
        self._total.setObjectName("runs_total")
        self._actions = RunActions(
            self._table,
            {
                "generate": self._generate,
                "resume": self._resume,
                "again": self._use_settings,
                "rename": self._table.rename_selected,
                "export": self._export,
                "elsewhere": self.continue_elsewhere,
                "reveal": self._reveal,
                "trash": self._trash,
            },
        )
        self._detail = RunDetail()
        self._detail.noted.connect(self._note)
        self._notice = Notice("runs_notice")
        self._detail.failed.connect(self._notice.tell_error)
        self._empty = EmptyPage(
            "runs_empty",
            "No runs yet",
            "Everything you train is kept here, with its curve, its settings and its checkpoints.",
            "Train a Model",
        )
        self._empty.button.clicked.connect(self.train_requested)
        self._not_found = EmptyPage(
            "runs_not_found", "No runs found", "None has these words in its name, text, status or note.", "Clear Search"
        )
        self._not_found.button.clicked.connect(self._clear_search)

    def _lay_out(self) -> None:
        halves = role(QSplitter(Qt.Orientation.Vertical), "gap")
        halves.setChildrenCollapsible(False)
        halves.setHandleWidth(Space.M)
        halves.addWidget(self._table)
        halves.addWidget(self._detail)
        halves.setSizes([2 * Size.PLOT, 3 * Size.PLOT])
        kept(halves, "runs_splitter")
        full = QWidget()
        role(full, "clear")
        page = column(full, spacing=Space.M)
        page.addLayout(flow(self._search, self._total, None, self._actions.more, self._actions.primary))
        self._found = QStackedWidget()
        self._found.addWidget(self._not_found)
        self._found.addWidget(halves)
        page.addWidget(self._found, 1)
        self._pages = QStackedWidget()
        self._pages.addWidget(self._empty)
        self._pages.addWidget(full)
        self._pages.hide()  # until it is known whether there are runs
        layout = column(self, spacing=Space.M)
        layout.setContentsMargins(Space.L, Space.L, Space.L, Space.L)
        layout.addWidget(self._notice)
        layout.addWidget(self._pages, 1)

    # what is shown

    def _search_changed(self, text: str) -> None:
        self._table.search(text)
        self._select_any()

    def _clear_search(self) -> None:
        self._search.clear()
        self._search.setFocus()

    def _select_any(self) -> None:
        """Leave something selected wherever there is something to select."""
        if self._table.shown() and not self._table.selected():
            self._table.selectRow(0)
        self._show_selected()

    def _show_selected(self) -> None:
        self._offer()
        selected = self._table.selected()
        self._found.setCurrentIndex(1 if self._table.shown() else 0)
        self._detail.setVisible(bool(selected))
        if selected:
            self._detail.show_runs(selected)
        if len(selected) > 1:
            self.compared.emit()
        self._total.setText(total_text(self._runs, self._table.shown()) if self._is_whole else _READING)

    # what can be done

    def _offer(self) -> None:
        """Let be done what can be done with the selected runs now."""
        can = offers(self._table.selected(), self._live, training=self._training)
        self._actions.show_offers(can, training=self._training)

    def _generate(self) -> None:
        for run in self._table.selected()[:1]:
            folder = RunFolder(run.path)
            if folder.has_checkpoint:
                self.generate_requested.emit(str(folder.best if os.path.exists(folder.best) else folder.checkpoint))

    def _resume(self) -> None:
        for run in filter(self._is_free, self._table.selected()[:1]):
            if (lost := lost_text(run.dataset)) is None:
                self.resume_requested.emit(str(run.path))
            else:
                self._notice.tell_error(lost)
                self._notice.add_button("Add Text…", "run_add_text_button", self.own_text_asked.emit)

    def _is_free(self, run: RunSummary) -> bool:
        """Return whether nobody trains a run now, whatever the list says; say so where somebody does."""
        if owner_of(run.path) is None:
            return True
        why = "Stop it first where it was started: it is saved then."
        self._notice.tell(f"“{run.name}” is being trained.", why, kind="caution", dismiss="OK")
        self.refresh()
        return False

    def _use_settings(self) -> None:
        """Set up another run like this one."""
        for run in self._table.selected()[:1]:
            try:
                self.settings_requested.emit(RunFolder(run.path).read_config())
            except UnderstudyError as error:
                self._notice.tell_error(error)

    def _rename(self, run: RunSummary, name: str) -> None:
        self._try(lambda: RunFolder(run.path).rename(name))
        self.runs_changed.emit()

    def _note(self, run: RunSummary, text: str) -> None:
        if os.path.exists(run.path):
            self._runs = [replace(each, note=text) if each.path == run.path else each for each in self._runs]
            if not self._table.renaming:
                self._table.show_runs(self._runs)  # whoever comes back to the run at once finds the note there
            self._try(lambda: RunFolder(run.path).write_note(text))

    def _export(self) -> None:
        for run in self._table.selected()[:1]:
            sheet = ExportSheet(run, self._engine, self.window())
            sheet.reveal_asked.connect(reveal)
            sheet.open()

    def continue_elsewhere(self) -> None:
        """Pack the selected run for a bigger machine, or say which can be."""
        selected = self._table.selected()
        if not offers(selected, self._live).pack:
            self._notice.tell(*why_not_packed(selected, self._live), kind="notice", dismiss="OK")
            return
        sheet = PackSheet(selected[0], self._engine, self.window())
        sheet.reveal_asked.connect(reveal)
        sheet.open()

    def _reveal(self) -> None:
        for run in self._table.selected()[:1]:
            reveal(run.path)

    def _trash(self) -> None:
        runs = self._table.selected()
        if not offers(runs, self._live).trash or not all(map(self._is_free, runs)):
            return
        self._detail.keep_note()
        try:
            trashed = move_to_trash(path for run in runs for path in RunFolder(run.path).belongings())
        except UnderstudyError as error:
            self._notice.tell_error(error)
            return
        what = f"“{runs[0].name}” is" if len(runs) == 1 else f"{len(runs)} runs are"
        self._notice.tell(f"{what} in the Trash.", kind="notice", dismiss="OK")
        if trashed.can_be_put_back:
            self._thrown_away = trashed
            self._notice.add_button("Undo", "run_undo_button", self.undo)
        self._list([run for run in self._runs if run not in runs])
        self.refresh()
        self.runs_changed.emit()

    def _try(self, act: Callable[[], None]) -> None:
        """Do something with a run's files, tell when it fails, and look again."""
        try:
            act()
        except (OSError, UnderstudyError) as error:
            self._notice.tell_error(error)
        self.refresh()

    # the runs under way

    @Slot(object, object)
    def _take(self, job: JobHandle, event: Event) -> None:
        if isinstance(event, Started):
            self._run_of[job] = Path(os.path.realpath(event.run_dir))
        if isinstance(event, (Started, Resumed, Paused)) and job in self._run_of:
            self._live[self._run_of[job]] = "paused" if isinstance(event, Paused) else "running"
        if isinstance(event, (Started, Resumed, Paused, Eval, Checkpoint, Finished)):
            self._look_soon()

    @Slot(object, object)
    def _ended(self, job: JobHandle, _error: BaseException | None) -> None:
        if (path := self._run_of.pop(job, None)) is not None:
            self._live.pop(path, None)
            self._look_soon()

    def _look_soon(self) -> None:
        if self.isVisible() and not self._refresh_soon.isActive():
            self._refresh_soon.start()

    # Qt

    def showEvent(self, event: QShowEvent) -> None:
        """Read the runs anew whenever the tab comes to the front."""
        super().showEvent(event)
        self.refresh()

    def hideEvent(self, event: QHideEvent) -> None:
        """Keep a note that is being written."""
        super().hideEvent(event)
        self._detail.keep_note()


def reveal(path: Path) -> None:
    """Show a file or folder in the system's file manager."""
    if sys.platform == "darwin":
        QProcess.startDetached("open", ["-R", str(path)])
    else:
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(path if os.path.isdir(path) else path.parent)))
