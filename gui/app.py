"""The application: built without an event loop, so that tests and screenshots build the same one."""

from __future__ import annotations

import logging
import sys
from collections.abc import Sequence
from logging.handlers import RotatingFileHandler
from types import TracebackType

from PySide6.QtCore import QEvent, QObject, QSettings, Qt, QTimer
from PySide6.QtWidgets import QApplication

from gui.engine_thread import EngineThread
from gui.icons import app_icon
from gui.style import Stylist
from gui.theme import set_text_scale
from gui.train.tab import JobMaker
from gui.window import MainWindow, log_folder

_SWITCH_S = 0.001  # how long Python leaves the engine's thread the interpreter while the window waits
_LOG_BYTES = 1_000_000
_log = logging.getLogger(__name__)


def build(argv: Sequence[str] | None = None, make_job: JobMaker | None = None) -> tuple[QApplication, MainWindow]:
    """Give the application and its window, not yet shown and with no event loop running.

    An application that exists already is used. Loads no torch: the window paints before torch is there.
    """
    app = QApplication.instance()
    if not isinstance(app, QApplication):
        app = QApplication(list(argv if argv is not None else sys.argv[:1]))
    app.setApplicationName("Understudy")
    app.setApplicationDisplayName("Understudy")
    app.setOrganizationName("Understudy")
    app.setWindowIcon(app_icon())
    app.setQuitOnLastWindowClosed(False)
    sys.setswitchinterval(_SWITCH_S)
    set_text_scale(float(str(QSettings().value("text_scale", 1.0))))
    stylist = Stylist(app)
    engine = EngineThread()
    window = MainWindow(engine, make_job)
    engine.setParent(window)
    stylist.setParent(window)
    window.text_scale_wanted.connect(stylist.set_text_scale)
    manners = Manners(app, window)
    app.aboutToQuit.connect(engine.shutdown)
    window.quit_ready.connect(manners.quit)
    return app, window


class Manners(QObject):
    """How the application answers the system: quit, being activated, files opened with it."""

    def __init__(self, app: QApplication, window: MainWindow) -> None:
        super().__init__(window)
        self._app = app
        self._window = window
        app.installEventFilter(self)
        app.applicationStateChanged.connect(self._activated)

    def quit(self) -> None:
        """End the event loop: everything is saved."""
        self._app.removeEventFilter(self)
        self._app.quit()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Ask before a quit that would end a run; open checkpoints that are dropped on the Dock."""
        if watched is self._app and event.type() == QEvent.Type.Quit:
            if not self._window.quit():
                event.ignore()
            return True
        if watched is self._app and event.type() == QEvent.Type.FileOpen:
            self._window.open_path(event.file())  # type: ignore[attr-defined]
            return True
        return super().eventFilter(watched, event)

    def _activated(self, state: Qt.ApplicationState) -> None:
        """Bring the window back when the Dock icon is clicked."""
        active = state == Qt.ApplicationState.ApplicationActive
        # elsewhere than on a Mac the menu of the tray makes the application active too
        if sys.platform == "darwin" and active and self._window.isHidden():
            self._window.come_forward()


def main() -> int:
    """Run the application until it is quit; give its exit code."""
    _keep_log()
    app, window = build(sys.argv)
    window.show()
    window.tray.show()
    # once the window stands, torch is loaded on the engine's thread
    QTimer.singleShot(0, window.train.find_device)
    return app.exec()


def _keep_log() -> None:
    """Write what goes wrong inside to a file; a person sees a sentence, not a traceback."""
    log_folder().mkdir(parents=True, exist_ok=True)
    handler = RotatingFileHandler(log_folder() / "understudy.log", maxBytes=_LOG_BYTES, backupCount=2, encoding="utf-8")
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    logging.getLogger().addHandler(handler)
    logging.getLogger().setLevel(logging.INFO)
    sys.excepthook = _log_exception


def _log_exception(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    _log.error("an error nobody foresaw", exc_info=(kind, error, trace))
