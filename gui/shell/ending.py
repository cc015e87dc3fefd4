"""How the window closes and the application ends: never with a run lost, never without a word."""

from __future__ import annotations

import sys

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QMessageBox

from gui.kit.engine_thread import EngineThread
from gui.kit.sheets import make_sheet
from gui.shell.frame import Frame
from gui.shell.full_screen import leave_full_screen
from gui.shell.tray import Tray
from gui.train.state import Phase


class Ending(QObject):
    """Closes the window over a run that goes on, and ends the application once everything is saved.

    Signals:
        ready(): everything is saved; the application may end.
    """

    ready = Signal()

    def __init__(self, window: Frame, tray: Tray, engine: EngineThread) -> None:
        super().__init__(window)
        self._window = window
        self._tray = tray
        self._engine = engine
        self._quitting = False
        self._saving = False
        engine.busy_changed.connect(self._go_on)

    def close(self, event: QCloseEvent) -> None:
        """Close the window; while a run goes on, keep it in the menu bar, or ask."""
        if sys.platform == "darwin" and self._window.isFullScreen() and not self._quitting:
            event.ignore()
            leave_full_screen(self._window, then=self._window.close)
        elif self._quitting or not self._window.train.running:
            event.accept()
            if sys.platform != "darwin":  # elsewhere an application without a window has ended
                self.leave()
        elif self._tray.available:
            event.ignore()
            self._window.hide()
        else:
            event.ignore()
            self.ask_at_close()

    def quit(self, asks: bool = True) -> bool:
        """End the application: at once, or when a run is saved, if a person says so. Return whether it ends now.

        Without `asks` a run is saved and no question put: at a log-out nobody may be there to answer.
        """
        if asks and not self._quitting and self._window.train.running:
            self.ask_at_quit()
        else:
            self.leave()
        return self._quitting and not self._engine.busy

    def leave(self) -> None:
        """Ask every job to save, and end when the engine is at rest; not when a run could not be saved."""
        if not self._quitting:
            self._quitting, self._saving = True, False
            self._window.remember()
        self._saving = self._saving or self._window.train.running
        self._window.train.stop()
        self._engine.stop_all()
        self._go_on()

    def _go_on(self) -> None:
        if not self._quitting or self._engine.busy:
            return
        if self._saving and self._is_lost():
            self._quitting = False
            self.tell_not_saved()
        else:
            self._window.tabs.leave()
            self._tray.hide()
            self.ready.emit()

    def _is_lost(self) -> bool:
        """Return whether the run failed in place of being saved; one that had not begun has nothing to lose."""
        run = self._window.train.state
        return run.phase is Phase.FAILED and run.started is not None

    def ask_at_close(self) -> None:
        """Ask whether to go on without the window, or to stop."""
        sheet = make_sheet(
            self._window,
            "close_sheet",
            "Training is still going on.",
            "It can go on with the window minimized. Or quit: everything so far is saved first, "
            "and the run can be resumed at any time.",
        )
        keep = sheet.addButton("Keep Training", QMessageBox.ButtonRole.AcceptRole)
        stop = sheet.addButton("Save and Quit", QMessageBox.ButtonRole.DestructiveRole)
        sheet.addButton(QMessageBox.StandardButton.Cancel)
        sheet.setDefaultButton(keep)
        keep.clicked.connect(self._window.showMinimized)
        stop.clicked.connect(self.leave)
        sheet.open()

    def ask_at_quit(self) -> None:
        """Ask whether to stop the run that goes on, and quit."""
        self._window.come_forward()
        sheet = make_sheet(
            self._window,
            "quit_sheet",
            "Stop training and quit?",
            "Everything so far is saved first. The run can go on at the next start, or any time in the Runs tab.",
        )
        leave = sheet.addButton("Save and Quit", QMessageBox.ButtonRole.AcceptRole)
        sheet.addButton(QMessageBox.StandardButton.Cancel)
        sheet.setDefaultButton(leave)
        leave.clicked.connect(self.leave)
        sheet.open()

    def tell_not_saved(self) -> None:
        """Say what kept the run from being saved, and stay, unless a person quits all the same."""
        self._window.tabs.go_to_train()
        self._window.come_forward()
        note = self._window.train.state.notes[0]
        sheet = make_sheet(
            self._window,
            "not_saved_sheet",
            "Not everything could be saved.",
            f"{note.what} {note.why}",
        )
        stay = sheet.addButton("Keep Open", QMessageBox.ButtonRole.RejectRole)
        leave = sheet.addButton("Quit Anyway", QMessageBox.ButtonRole.DestructiveRole)
        sheet.setDefaultButton(stay)
        leave.clicked.connect(self.leave)
        sheet.open()
