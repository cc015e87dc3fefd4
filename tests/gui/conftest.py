"""What every test of the window gets: no display, its own folders and settings, and no thread left behind."""

import os
import threading

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import pytest
import shiboken6
from fake_run import fake_run
from PySide6.QtCore import QEvent, QSettings, QTimer
from PySide6.QtWidgets import QApplication

from gui import engine_thread, style, theme
from gui.app import Application
from gui.engine_thread import EngineThread
from gui.theme import LIGHT, Theme
from gui.window import MainWindow


@pytest.fixture(scope="session")
def qapp_cls():
    """Run all tests in Understudy's own application."""
    return Application


@pytest.fixture(autouse=True)
def _own_folders(tmp_path, monkeypatch):
    """Keep datasets, runs and window settings of a test to itself."""
    monkeypatch.setenv("UNDERSTUDY_HOME", str(tmp_path / "home"))
    QSettings.setDefaultFormat(QSettings.Format.IniFormat)
    QSettings.setPath(QSettings.Format.IniFormat, QSettings.Scope.UserScope, str(tmp_path / "settings"))


@pytest.fixture(autouse=True)
def _nothing_left_behind(request, monkeypatch):
    """Fail a test that leaves a thread or a repeating timer running."""
    before, workers = set(threading.enumerate()), []
    start = engine_thread._Worker.start
    monkeypatch.setattr(engine_thread._Worker, "start", lambda worker: (workers.append(worker), start(worker)))
    yield
    app = request.getfixturevalue("qapp") if "qapp" in request.fixturenames else None
    # a foreign thread that once logged stays listed as a dummy; the engine's is Qt's, and not listed at all
    left = [t for t in threading.enumerate() if t not in before and not isinstance(t, threading._DummyThread)]
    assert not left, f"threads left running: {left}"
    running = [worker for worker in workers if shiboken6.isValid(worker) and worker.isRunning()]
    assert not running, "an engine thread was left running"
    if app is None:
        return
    app.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    widgets = app.topLevelWidgets()
    timers = [t for w in widgets for t in w.findChildren(QTimer) if t.isActive() and not t.isSingleShot()]
    assert not timers, f"timers left running: {[t.objectName() or t for t in timers]}"


@pytest.fixture
def stylist(qapp):
    """Give the application dressed as in the real thing, in light; undressed again afterwards."""
    qapp.setPalette(theme.palette_of(Theme(False, LIGHT)))
    dresser = style.Stylist(qapp)
    yield dresser
    dresser.deleteLater()
    qapp.setStyleSheet("")
    qapp.setPalette(theme.palette_of(Theme(False, LIGHT)))


@pytest.fixture
def open_window(qtbot, stylist):
    """Give a function that opens the main window over a fake or real trainer; all of them are closed at the end."""
    opened = []

    def open_it(make_job=fake_run):
        engine = EngineThread()
        window = MainWindow(engine, make_job)
        qtbot.addWidget(window)
        opened.append((engine, window))
        with qtbot.waitActive(window):
            window.show()
            window.activateWindow()
        window.tabs.complete()
        QApplication.processEvents()
        return window

    yield open_it
    for engine, window in opened:
        assert engine.shutdown(10)
        window.close()
