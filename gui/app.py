"""The application: built without an event loop, so that tests and screenshots build the same one."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, QSettings, Qt, QUrl, QUrlQuery, Signal
from PySide6.QtGui import QFileOpenEvent
from PySide6.QtWidgets import QApplication

from engine.machine.allocator import keep_freed_memory, trim_gpu_cache
from engine.machine.openmp import let_waiting_threads_sleep
from gui.kit import imports, mac, preferences
from gui.kit.engine_thread import EngineThread
from gui.kit.garbage import Sweeper
from gui.kit.style import Stylist
from gui.kit.theme import set_text_scale
from gui.shell.dock import plain_icon
from gui.shell.menus import ApplicationMenuWords
from gui.shell.window import MainWindow
from gui.train.jobs import JobMaker

_SWITCH_S = 0.001  # how long Python leaves the engine's thread the interpreter while the window waits
NAME = "Understudy"
DOMAIN = "understudy.app"
"""With NAME it makes the bundle's identifier, so that a Mac keeps the preferences under it."""


def build(argv: Sequence[str] | None = None, make_job: JobMaker | None = None) -> tuple[QApplication, MainWindow]:
    """Return the application and its window, whole, not yet shown and with no event loop running.

    An application that exists already is used. Loads no torch.
    """
    app, window = compose(argv, make_job)
    window.tabs.complete()
    return app, window


def compose(argv: Sequence[str] | None = None, make_job: JobMaker | None = None) -> tuple[QApplication, MainWindow]:
    """Return what `build` does, with the tabs that are not seen at first still to be made: it paints sooner."""
    imports.restore()
    app = QApplication.instance()
    if not isinstance(app, QApplication):
        app = Application(argv if argv is not None else sys.argv[:1])
    introduce(app)
    app.setWindowIcon(plain_icon())
    app.setQuitOnLastWindowClosed(False)
    sys.setswitchinterval(_SWITCH_S)
    preferences.wear_appearance()
    set_text_scale(preferences.text_scale())
    stylist = Stylist(app)
    engine = EngineThread()
    with stylist.undressed():
        window = MainWindow(engine, make_job)
    engine.setParent(window)
    stylist.setParent(window)
    window.text_scale_wanted.connect(stylist.set_text_scale)
    app.aboutToQuit.connect(engine.shutdown)
    app.applicationStateChanged.connect(window.come_back)
    if isinstance(app, Application):
        app.may_quit = window.quit
        app.file_opened.connect(window.open_path)
        # not from inside the system's question, which is still waiting for its answer
        window.quit_ready.connect(app.leave, Qt.ConnectionType.QueuedConnection)
    return app, window


class Application(QApplication):
    """The application, with its answers to the system.

    Signals:
        file_opened(path): a file was dropped on the Dock icon, or double-clicked.

    Attributes:
        may_quit(asks): asked when the system wants the application to end: whether it may, now; and whether a person
            may be asked in turn.
    """

    file_opened = Signal(str)

    def __init__(self, argv: Sequence[str]) -> None:
        keep_freed_memory()
        trim_gpu_cache()
        let_waiting_threads_sleep()
        mac.name_process(NAME)
        super().__init__(list(argv))
        if sys.platform == "darwin":
            self.installTranslator(ApplicationMenuWords(self))
        self.may_quit: Callable[[bool], bool] | None = None
        self._sweeper = Sweeper(self)

    def leave(self) -> None:
        """End the event loop: everything is saved."""
        self.may_quit = None
        self.quit()

    def event(self, event: QEvent) -> bool:
        """Hold a quit back until it may be; tell of files."""
        if event.type() == QEvent.Type.Quit and self.may_quit is not None:
            event.setAccepted(self.may_quit(not mac.is_session_ending()))
            return True
        if isinstance(event, QFileOpenEvent):
            if path := opened_path(event):
                self.file_opened.emit(path)
            return True
        return super().event(event)


def opened_path(event: QFileOpenEvent) -> str:
    """Return what is to be opened: a file, or what understudy://open?path=… names; "" where there is nothing."""
    url = event.url()
    if url.scheme() != NAME.casefold():
        return event.file()
    path = QUrlQuery(url).queryItemValue("path", QUrl.ComponentFormattingOption.FullyDecoded)
    return path if url.host() == "open" and os.path.isabs(path) and os.path.exists(path) else ""


def introduce(app: QApplication) -> None:
    """Say to the system who we are, and work in the folder that the person chose."""
    app.setApplicationName(NAME)
    app.setApplicationDisplayName(NAME)
    app.setOrganizationName(NAME)
    app.setOrganizationDomain(DOMAIN)
    preferences.take_over(QSettings(QSettings.defaultFormat(), QSettings.Scope.UserScope, NAME, NAME), QSettings())
    preferences.use_folder()
