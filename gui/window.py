"""The main window: four tabs, the state of the run at a glance, and how the window and the application end."""

from __future__ import annotations

import sys
from pathlib import Path

from PySide6.QtCore import QByteArray, QSettings, Qt, QUrl, Signal
from PySide6.QtGui import QCloseEvent, QDesktopServices, QShowEvent
from PySide6.QtWidgets import QApplication, QFileDialog, QMainWindow, QMessageBox, QTabWidget

from engine.config import TrainConfig
from engine.paths import home
from gui.data.tab import DataTab
from gui.engine_thread import EngineThread
from gui.generate.tab import GenerateTab
from gui.guide.window import GuideWindow
from gui.header import RunBadge
from gui.icons import app_icon
from gui.menus import Menus
from gui.runs.tab import RunsTab
from gui.theme import Size
from gui.train.jobs import JobMaker
from gui.train.state import View
from gui.train.tab import TrainTab
from gui.tray import Tray

_SCALES = (1.0, 1.15, 1.3, 1.5, 1.75)


class MainWindow(QMainWindow):
    """The window of Understudy.

    Signals:
        text_scale_wanted(scale): text should be larger or smaller.
        quit_ready(): everything is saved; the application may end.
    """

    text_scale_wanted = Signal(float)
    quit_ready = Signal()

    def __init__(self, engine: EngineThread, make_job: JobMaker | None = None) -> None:
        super().__init__()
        self.setObjectName("main_window")
        self.setWindowTitle("Understudy")
        self.setMinimumSize(*Size.WINDOW_LEAST)
        self._engine = engine
        self._quitting = False
        self._was_shown = False
        self._sheet: QMessageBox | None = None
        self._guide: GuideWindow | None = None
        self.train = TrainTab(engine, make_job)
        self.generate = GenerateTab(engine)
        self.data = DataTab(engine)
        self.runs = RunsTab(engine)
        self.tabs = QTabWidget()
        self.tabs.setObjectName("tabs")
        self.tabs.setAccessibleName("Sections")
        pages = {"Train": self.train, "Generate": self.generate, "Data": self.data, "Runs": self.runs}
        for title, page in pages.items():
            self.tabs.addTab(page, title)
        self._badge = RunBadge()
        self._badge.clicked.connect(lambda: self.tabs.setCurrentWidget(self.train))
        self.tabs.setCornerWidget(self._badge, Qt.Corner.TopRightCorner)
        self.setCentralWidget(self.tabs)
        self.menus = Menus(self)
        actions = {"show": self.come_forward, "pause": self.train.toggle_pause, "stop": self.train.stop}
        self.tray = Tray({**actions, "quit": self.quit}, self)
        self._connect()
        self._restore()
        self._show_view(self.train.view)

    def _connect(self) -> None:
        self.train.view_changed.connect(self._show_view)
        self.train.generate_requested.connect(self._generate_from)
        self.train.help_asked.connect(self.show_help)
        self.train.run_changed.connect(self.runs.refresh)
        self.train.run_changed.connect(self.data.refresh)
        self.runs.resume_requested.connect(self._resume)
        self.runs.generate_requested.connect(self._generate_from)
        self.runs.train_requested.connect(self._go_to_train)
        self.runs.settings_requested.connect(self._train_like)
        self.runs.runs_changed.connect(self.generate.refresh)
        self.generate.train_requested.connect(self._go_to_train)
        self.data.train_requested.connect(self._train_on)
        self.data.datasets_changed.connect(self.train.refresh_texts)
        self._engine.busy_changed.connect(self._go_on_quitting)

    # from tab to tab

    def _generate_from(self, checkpoint: str) -> None:
        self.generate.open_checkpoint(Path(checkpoint))
        self.tabs.setCurrentWidget(self.generate)

    def _resume(self, run_dir: str) -> None:
        self.tabs.setCurrentWidget(self.train)
        self.train.resume(Path(run_dir))

    def _train_like(self, config: TrainConfig) -> None:
        self.tabs.setCurrentWidget(self.train)
        self.train.take_settings(config)

    def _go_to_train(self) -> None:
        self.tabs.setCurrentWidget(self.train)

    def _train_on(self, dataset: str) -> None:
        self.tabs.setCurrentWidget(self.train)
        self.train.choose_text(dataset)

    def _show_view(self, view: View) -> None:
        self._badge.show_view(view)
        self.menus.show_view(view)
        self.tray.show_view(view)
        app = QApplication.instance()
        if isinstance(app, QApplication):  # the Dock shows how far the run is, in percent; 0 takes the badge away
            app.setBadgeNumber(round(100 * view.progress) if self.train.running else 0)

    # what the menus ask for

    def come_forward(self) -> None:
        """Show the window before all others."""
        if self.isMinimized():
            self.showNormal()
        self.show()
        self.raise_()
        self.activateWindow()

    def come_back(self, state: Qt.ApplicationState) -> None:
        """Show the window again when the icon in the Dock is clicked."""
        # elsewhere than on a Mac the menu of the tray makes the application active too
        active = state == Qt.ApplicationState.ApplicationActive
        if sys.platform == "darwin" and active and self._was_shown and self.isHidden():
            self.come_forward()

    def add_text(self) -> None:
        """Ask for texts of one's own and prepare them in the Data tab."""
        self.tabs.setCurrentWidget(self.data)
        self.data.ask_for_files()

    def open_checkpoint(self) -> None:
        """Ask for a checkpoint file and open it in the Generate tab."""
        dialog = QFileDialog(self, "Open Checkpoint", str(home()), "Checkpoints (*.pt)")
        dialog.setObjectName("open_checkpoint_dialog")
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(self._generate_from)
        dialog.open()

    def open_paths(self, paths: list[str]) -> None:
        """Open what a start of the application names, and come forward."""
        for path in paths:
            self.open_path(path)
        self.come_forward()

    def open_path(self, path: str) -> None:
        """Open what was dropped on the application or double-clicked: a checkpoint, or a text to learn from."""
        if path.endswith(".pt"):
            self._generate_from(path)
        else:
            self.tabs.setCurrentWidget(self.data)
            self.data.add([Path(path)])
        self.come_forward()

    def scale_text(self, step: int) -> None:
        """Make text one size larger (1) or smaller (-1), or as usual (0)."""
        settings = QSettings()
        now = float(str(settings.value("text_scale", 1.0)))
        at = min(range(len(_SCALES)), key=lambda i: abs(_SCALES[i] - now))
        scale = _SCALES[min(max(at + step, 0), len(_SCALES) - 1)] if step else _SCALES[0]
        settings.setValue("text_scale", scale)
        self.text_scale_wanted.emit(scale)

    def toggle_full_screen(self) -> None:
        """Fill the screen, or no longer."""
        self.setWindowState(self.windowState() ^ Qt.WindowState.WindowFullScreen)

    def toggle_zoom(self) -> None:
        """Make the window as large as is useful, or as before."""
        self.setWindowState(self.windowState() ^ Qt.WindowState.WindowMaximized)

    def show_help(self, key: str = "01-start-small") -> None:
        """Open the help book at a page."""
        if self._guide is None:
            self._guide = GuideWindow(self)
        self._guide.open_at(key)

    def show_log_folder(self) -> None:
        """Show the log in the Finder."""
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(log_folder())))

    def show_home_folder(self) -> None:
        """Show the folder of runs and texts in the Finder."""
        home().mkdir(parents=True, exist_ok=True)
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(home())))

    def about(self) -> None:
        """Say what this is."""
        from engine import __version__

        self._open_sheet(
            "about_box",
            f"Understudy {__version__}",
            "Train a small GPT of your own, on this computer, from your own text.",
        )

    def showEvent(self, event: QShowEvent) -> None:
        """Begin with the focus on the one button that matters."""
        super().showEvent(event)
        if not self._was_shown:
            self._was_shown = True
            self.train.setup.focus_start()

    # how it ends

    def closeEvent(self, event: QCloseEvent) -> None:
        """Close the window; while a run goes on, keep it in the menu bar, or ask."""
        self._keep()
        if self._quitting or not self.train.running:
            event.accept()
            if sys.platform != "darwin":  # elsewhere an application without a window has ended
                self._leave()
        elif self.tray.available:
            event.ignore()
            self.hide()
        else:
            event.ignore()
            self._ask_at_close()

    def quit(self) -> bool:
        """End the application: at once, or when a run is saved, if a person says so. Tell whether it ends now."""
        if not self._quitting and self.train.running:
            self._ask_at_quit()
        else:
            self._leave()
        return self._quitting and not self._engine.busy

    def _ask_at_close(self) -> None:
        sheet = self._open_sheet(
            "close_sheet",
            "Training is still going on.",
            "It can go on with the window minimized. Or stop it: everything so far is saved, "
            "and the run can be resumed at any time.",
        )
        keep = sheet.addButton("Keep Training", QMessageBox.ButtonRole.AcceptRole)
        stop = sheet.addButton("Stop and Save", QMessageBox.ButtonRole.DestructiveRole)
        sheet.addButton(QMessageBox.StandardButton.Cancel)
        sheet.setDefaultButton(keep)
        keep.clicked.connect(self.showMinimized)
        stop.clicked.connect(self._leave)

    def _ask_at_quit(self) -> None:
        self.come_forward()
        sheet = self._open_sheet(
            "quit_sheet",
            "Stop training and quit?",
            "Everything so far is saved first. You can resume the run in the Runs tab at any time.",
        )
        leave = sheet.addButton("Save and Quit", QMessageBox.ButtonRole.AcceptRole)
        sheet.addButton(QMessageBox.StandardButton.Cancel)
        sheet.setDefaultButton(leave)
        leave.clicked.connect(self._leave)

    def _leave(self) -> None:
        """Ask every job to save, and end when the engine is at rest."""
        if not self._quitting:
            self._quitting = True
            self._keep()
            self.train.stop()
            self._engine.stop_all()
        self._go_on_quitting()

    def _go_on_quitting(self) -> None:
        if self._quitting and not self._engine.busy:
            self.tray.hide()
            self.quit_ready.emit()

    def _open_sheet(self, name: str, what: str, why: str) -> QMessageBox:
        if self._sheet is not None:
            self._sheet.close()
        sheet = QMessageBox(self)
        sheet.setIconPixmap(app_icon().pixmap(Size.ICON_LARGE, Size.ICON_LARGE))
        sheet.setObjectName(name)
        sheet.setWindowModality(Qt.WindowModality.WindowModal)
        sheet.setText(what)
        sheet.setInformativeText(why)
        self._sheet = sheet
        sheet.finished.connect(self._forget_sheet)
        sheet.open()
        return sheet

    def _forget_sheet(self) -> None:
        if self._sheet is not None:
            self._sheet.deleteLater()
            self._sheet = None

    # what is remembered

    def _keep(self) -> None:
        settings = QSettings()
        settings.setValue("window/geometry", self.saveGeometry())
        settings.setValue("window/tab", self.tabs.currentIndex())

    def _restore(self) -> None:
        settings = QSettings()
        geometry = settings.value("window/geometry")
        if not isinstance(geometry, QByteArray) or not self.restoreGeometry(geometry):
            self.resize(*Size.WINDOW)
        self.tabs.setCurrentIndex(int(str(settings.value("window/tab", 0))))


def log_folder() -> Path:
    """Give the folder of the application's log."""
    return home() / "logs"
