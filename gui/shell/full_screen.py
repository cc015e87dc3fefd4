"""Out of the full screen, and only then on: on a Mac the way out takes a second, in a Space of the window's own."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtGui import QWindow
from PySide6.QtWidgets import QWidget


def leave_full_screen(window: QWidget, then: Callable[[], object]) -> None:
    """Take a window out of the full screen, and call `then` when the system has done so.

    A window that goes before leaves its Space behind, black.
    """
    _Leaving(window, window.windowHandle(), then)
    window.setWindowState(window.windowState() & ~Qt.WindowState.WindowFullScreen)


class _Leaving(QObject):
    """Waits for the system's word: what QWidget itself tells, it tells at once."""

    def __init__(self, window: QWidget, handle: QWindow, then: Callable[[], object]) -> None:
        super().__init__(window)
        self._window, self._handle, self._then = window, handle, then
        handle.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Go on once the window has left."""
        full = self._handle.windowStates() & Qt.WindowState.WindowFullScreen
        if event.type() == QEvent.Type.WindowStateChange and not full:
            self._handle.removeEventFilter(self)
            QTimer.singleShot(0, self._window, self._then)
            self.deleteLater()
        return False
