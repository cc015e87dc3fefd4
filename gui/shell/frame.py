"""The frame around the tabs: the state of the run at a glance, and what can be asked of the window as a whole."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QByteArray, QSettings, Qt, QTimer, QUrl, Signal
from PySide6.QtGui import (
    QDesktopServices,
    QDragEnterEvent,
    QDropEvent,
    QHideEvent,
    QPaintEvent,
    QShowEvent,
)
from PySide6.QtWidgets import QApplication, QFileDialog, QMainWindow, QMessageBox, QWidget

from engine.archives.layout import is_archive
from engine.core.paths import home
from engine.runs.folder import checkpoint_at
from gui.first_steps.bar import FirstStepsBar
from gui.first_steps.progress import FirstSteps
from gui.kit import mac, preferences
from gui.kit.engine_thread import EngineThread
from gui.kit.parts import column
from gui.kit.sheets import make_sheet
from gui.kit.theme import Size
from gui.shell.about import AboutBox
from gui.shell.header import RunBadge
from gui.shell.logs import log_folder
from gui.shell.sections import Sections
from gui.train.jobs import JobMaker
from gui.train.state import RUNNING
from gui.train.tab import TrainTab

if TYPE_CHECKING:
    from gui.data.tab import DataTab
    from gui.generate.tab import GenerateTab
    from gui.guide.window import GuideWindow
    from gui.runs.tab import RunsTab
    from gui.shell.settings_window import SettingsWindow


class Frame(QMainWindow):
    """The tabs in their window, without what steers it from outside: no menus, no Dock, no way to end.

    Signals:
        text_scale_wanted(scale): text should be larger or smaller.
    """

    text_scale_wanted = Signal(float)

    def __init__(self, engine: EngineThread, make_job: JobMaker | None = None) -> None:
        super().__init__()
        self.setObjectName("main_window")
        self.setWindowTitle("Understudy")
        self.setMinimumSize(*Size.WINDOW_LEAST)
        self.setAcceptDrops(True)
        self._engine = engine
        self.was_shown = False
        self._was_painted = False
        self._guide: GuideWindow | None = None
        self._settings: SettingsWindow | None = None
        self.tabs = Sections(engine, make_job)
        self._badge = RunBadge()
        self._badge.clicked.connect(self.tabs.go_to_train)
        self.tabs.setCornerWidget(self._badge, Qt.Corner.TopRightCorner)
        self.first_steps = FirstSteps(engine, self)
        self._first_steps_bar = FirstStepsBar(self.first_steps)
        self._first_steps_bar.shown_asked.connect(self.tabs.show_step)
        self.first_steps.failed.connect(lambda error: self.runs.tell_error(error))
        self.tabs.grown.connect(self._put_foot_last)
        self.tabs.compared.connect(self.first_steps.compared)
        self.tabs.completed.connect(self.first_steps.look_on_disk)
        content = QWidget()
        self._page = column(content, spacing=0)
        self._page.addWidget(self.tabs, 1)
        self._page.addWidget(self._first_steps_bar)
        self.setCentralWidget(content)
        self.train.view_changed.connect(self._badge.show_view)
        self.train.view_changed.connect(lambda view: self.first_steps.heed_run(under_way=view.phase in RUNNING))
        self.train.help_asked.connect(self.show_help)
        self._badge.show_view(self.train.view)
        self._restore()

    def _put_foot_last(self) -> None:
        """Let the Tab key come to the foot of the window last: tabs are made after it."""
        foot, shown = self._first_steps_bar, not self._first_steps_bar.isHidden()
        foot.setParent(None)
        self._page.addWidget(foot)
        foot.setVisible(shown)

    @property
    def train(self) -> TrainTab:
        """The Train tab."""
        return self.tabs.train

    @property
    def generate(self) -> GenerateTab:
        """The Generate tab."""
        return self.tabs.generate

    @property
    def data(self) -> DataTab:
        """The Data tab."""
        return self.tabs.data

    @property
    def runs(self) -> RunsTab:
        """The Runs tab."""
        return self.tabs.runs

    # what can be asked of it

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
        if sys.platform == "darwin" and active and self.was_shown and self.isHidden():
            self.come_forward()

    def add_text(self) -> None:
        """Ask for texts of one's own and prepare them in the Data tab."""
        self.tabs.setCurrentWidget(self.data)
        self.data.ask_for_files()

    def open_checkpoint(self) -> None:
        """Ask for a checkpoint, which opens in the Generate tab, or for a packed run, which becomes one here."""
        kinds = "Checkpoints and packed runs (*.pt *.safetensors *.tar.gz *.tgz)"
        dialog = QFileDialog(self, "Open Checkpoint or Packed Run", str(home()), kinds)
        dialog.setObjectName("open_checkpoint_dialog")
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(self.open_path)
        dialog.open()

    def open_paths(self, paths: list[str]) -> None:
        """Open what was dropped, or what a start of the application names: checkpoints, runs, texts to learn from."""
        for archive in filter(is_archive, map(Path, paths)):
            self._take_in(archive)
        checkpoints = {path: checkpoint_at(Path(path)) for path in paths if not is_archive(Path(path))}
        for checkpoint in filter(None, checkpoints.values()):
            self.tabs.generate_from(str(checkpoint))
        if texts := [Path(path) for path, checkpoint in checkpoints.items() if checkpoint is None]:
            self.tabs.add_texts(texts)
        self.come_forward()

    def train_on(self, text: str) -> None:
        """Set up a text that another application sends; whether it is trained on, and how, is chosen then."""
        self.tabs.setCurrentWidget(self.data)
        self.data.take_text(text)
        self.come_forward()

    def continue_elsewhere(self) -> None:
        """Pack the run that is selected in the Runs tab for a bigger machine."""
        self.tabs.setCurrentWidget(self.runs)
        self.runs.continue_elsewhere()

    def _take_in(self, archive: Path) -> None:
        """Make a packed run a run here, and show it."""
        from gui.runs.pack_sheet import UnpackSheet

        self.tabs.setCurrentWidget(self.runs)
        sheet = UnpackSheet(archive, self._engine, self)
        sheet.unpacked.connect(self.runs.show_run)
        sheet.open()

    def open_path(self, path: str) -> None:
        """Open what was dropped on the application or double-clicked: a checkpoint, or a text to learn from."""
        self.open_paths([path])

    def scale_text(self, step: int) -> None:
        """Make text one size larger (1) or smaller (-1), or as usual (0)."""
        self.set_text_scale(preferences.next_text_scale(step))

    def set_text_scale(self, scale: float) -> None:
        """Make all text this much larger than usual, from now on."""
        preferences.set_text_scale(scale)
        self.text_scale_wanted.emit(scale)

    def toggle_full_screen(self) -> None:
        """Fill the screen, or no longer."""
        self.setWindowState(self.windowState() ^ Qt.WindowState.WindowFullScreen)

    def toggle_zoom(self) -> None:
        """Make the window as large as is useful, or as before."""
        self.setWindowState(self.windowState() ^ Qt.WindowState.WindowMaximized)

    def show_help(self, key: str = "01-start-small") -> None:
        """Open the help book at a page."""
        from gui.guide.window import GuideWindow

        if self._guide is None:
            self._guide = GuideWindow(self)
        self._guide.open_at(key)

    def show_first_steps(self) -> None:
        """Show the first steps, also after they were put away."""
        self.come_forward()
        self._first_steps_bar.bring_back()

    def show_settings(self) -> None:
        """Open the settings."""
        from gui.shell.settings_window import SettingsWindow

        if self._settings is None:
            self._settings = SettingsWindow(self)
            self._settings.text_scale_wanted.connect(self.set_text_scale)
            self._settings.run_settings_changed.connect(self.train.setup.refresh_usual)
        self._settings.come_forward()

    def show_log_folder(self) -> None:
        """Show the log in the Finder."""
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(log_folder())))

    def show_home_folder(self) -> None:
        """Show the folder of runs and texts in the Finder."""
        home().mkdir(parents=True, exist_ok=True)
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(home())))

    def about(self) -> None:
        """Say what this is."""
        AboutBox(self._engine, self).open()

    # Qt

    def showEvent(self, event: QShowEvent) -> None:
        """Begin with the focus on the one button that matters."""
        super().showEvent(event)
        mac.show_in_dock(True)
        if not self.was_shown:
            self.was_shown = True
            self.train.setup.focus_start()
            if (missing := preferences.missing_folder()) is not None:
                QTimer.singleShot(0, self, lambda: self._tell_missing(missing))

    def hideEvent(self, event: QHideEvent) -> None:
        """Leave the Dock, if a person wants no more there than the window."""
        super().hideEvent(event)
        if not preferences.stays_in_dock() and not any(each.isVisible() for each in QApplication.topLevelWidgets()):
            mac.show_in_dock(False)

    def _tell_missing(self, folder: Path) -> None:
        """Say that the chosen folder is not there, and where runs and texts are kept meanwhile."""
        sheet = make_sheet(
            self,
            "missing_folder_sheet",
            "The folder for runs and texts is missing.",
            f"“{folder}” cannot be found. Connect its disk and open Understudy again, or choose another folder in "
            f"Settings. Until then, runs and texts are kept in “{home()}”.",
        )
        go_on = sheet.addButton("OK", QMessageBox.ButtonRole.AcceptRole)
        settings = sheet.addButton("Settings…", QMessageBox.ButtonRole.RejectRole)
        sheet.setDefaultButton(go_on)
        sheet.setEscapeButton(go_on)
        settings.clicked.connect(self.show_settings)
        sheet.open()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Once the window is seen, make the tabs that are not."""
        super().paintEvent(event)
        if not self._was_painted:
            self._was_painted = True
            QTimer.singleShot(0, self.tabs, self.tabs.complete_soon)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take files and folders wherever a tab has no use of its own for them."""
        if any(url.isLocalFile() for url in event.mimeData().urls()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Open checkpoints, and learn from texts."""
        self.open_paths([url.toLocalFile() for url in event.mimeData().urls() if url.isLocalFile()])
        event.acceptProposedAction()

    # what is remembered

    def remember(self) -> None:
        """Keep where the window stands and what it shows."""
        settings = QSettings()
        settings.setValue("window/geometry", self.saveGeometry())
        settings.setValue("window/tab", self.tabs.currentIndex())

    def _restore(self) -> None:
        settings = QSettings()
        geometry = settings.value("window/geometry")
        if not isinstance(geometry, QByteArray) or not self.restoreGeometry(geometry):
            self.resize(*Size.WINDOW)
        self.tabs.setCurrentIndex(preferences.last_tab(self.tabs.count()))
