"""The main window: the frame, and what steers it from outside, from the menus to the way it ends."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Signal
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QApplication

from gui.kit import mac
from gui.kit.engine_thread import EngineThread
from gui.shell.dock import Dock, DockMenu
from gui.shell.ending import Ending
from gui.shell.frame import Frame
from gui.shell.menus import WINDOW_MENU, Menus
from gui.shell.tray import Tray
from gui.train.jobs import JobMaker
from gui.train.state import View


class MainWindow(Frame):
    """The window of Understudy.

    Signals:
        quit_ready(): everything is saved; the application may end.
    """

    quit_ready = Signal()

    def __init__(self, engine: EngineThread, make_job: JobMaker | None = None) -> None:
        super().__init__(engine, make_job)
        actions = {"show": self.come_forward, "pause": self.train.toggle_pause, "stop": self.train.stop}
        self.menus = Menus(self, self.quit)
        self.tray = Tray({**actions, "quit": self.quit}, self)
        self.ending = Ending(self, self.tray, engine)
        self.ending.ready.connect(self.quit_ready)
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        self._dock = Dock(app, self.isActiveWindow)
        self._dock_menu = DockMenu(actions, self)
        self.train.view_changed.connect(self._show_view)
        self._show_view(self.train.view)

    def quit(self, asks: bool = True) -> bool:
        """End the application: at once, or when a run is saved, if a person says so. Return whether it ends now."""
        return self.ending.quit(asks)

    def _show_view(self, view: View) -> None:
        self.menus.show_view(view)
        self.tray.show_view(view)
        self._dock.show_view(view)
        self._dock_menu.show_view(view)

    # Qt

    def changeEvent(self, event: QEvent) -> None:
        """Take the mark off the Dock icon once the window is looked at; tell the menu of the full screen."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.WindowStateChange:
            self.menus.show_full_screen(self.isFullScreen())
        if event.type() == QEvent.Type.ActivationChange and self.isActiveWindow() and self.was_shown:
            self._dock.seen()
            mac.adopt_window_menu(WINDOW_MENU, self.winId())

    def closeEvent(self, event: QCloseEvent) -> None:
        """Close the window; a run goes on in the menu bar, or a person is asked."""
        self.remember()
        self.ending.close(event)
