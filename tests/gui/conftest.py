"""What every test of the window gets: no display, its own folders and settings, and no thread left behind."""

import sys
import sysconfig
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QSettings
from PySide6.QtWidgets import QApplication, QSystemTrayIcon
from pytestqt.qtbot import QtBot

from engine.machine import hardware
from gui.kit import mac, style, theme
from gui.kit.engine_thread import EngineThread
from gui.kit.theme import LIGHT, Theme
from gui.shell.window import MainWindow
from tests.gui.fake_run import fake_run
from tests.gui.leaks import named, running
from tests.patience import PATIENCE_MS, PATIENCE_S


class PatientBot(QtBot):
    """A qtbot that waits as long as a busy machine may take."""

    def waitUntil(self, callback, *, timeout=PATIENCE_MS):
        super().waitUntil(callback, timeout=timeout)

    def waitSignal(self, signal, *, timeout=PATIENCE_MS, **more):
        return super().waitSignal(signal, timeout=timeout, **more)

    def waitActive(self, widget, *, timeout=PATIENCE_MS):
        return super().waitActive(widget, timeout=timeout)


@pytest.fixture
def qtbot(qapp, request):
    """Return pytest-qt's hands, with patience."""
    return PatientBot(request)


@pytest.fixture
def engine(qapp):
    """Yield the engine's thread, at rest; at the end its jobs are asked to stop, and do."""
    thread = EngineThread()
    yield thread
    assert thread.shutdown(PATIENCE_S)


@pytest.fixture(autouse=True)
def _own_folders(tmp_path, monkeypatch):
    """Keep datasets, runs and window settings of a test to itself."""
    monkeypatch.setenv("UNDERSTUDY_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(Path.cwd())  # the window works in the folder that a person chose
    QSettings.setDefaultFormat(QSettings.Format.IniFormat)
    QSettings.setPath(QSettings.Format.IniFormat, QSettings.Scope.UserScope, str(tmp_path / "settings"))


@pytest.fixture(autouse=True)
def _nothing_left_behind(request):
    """Fail a test that leaves a thread or a timer running."""
    app = request.getfixturevalue("qapp") if "qapp" in request.fixturenames else None
    before = running()
    yield
    if app is not None:
        app.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    left = named(running() - before)
    assert not left, f"left running: {left}"


@pytest.fixture
def stylist(qapp):
    """Yield the application dressed as in the real thing, in light; undressed again afterwards."""
    qapp.setPalette(theme.palette_of(Theme(False, LIGHT)))
    dresser = style.Stylist(qapp)
    yield dresser
    dresser.set_text_scale(1.0)
    dresser.deleteLater()
    qapp.setStyleSheet("")
    qapp.setPalette(theme.palette_of(Theme(False, LIGHT)))


@pytest.fixture
def open_window(qtbot, qapp, stylist):
    """Yield a function that opens the main window over a fake or real trainer; all of them are closed at the end."""
    opened = []

    def open_it(make_job=fake_run):
        engine = EngineThread()
        with stylist.undressed():
            window = MainWindow(engine, make_job)
            window.tabs.complete()
        qtbot.addWidget(window)
        opened.append((engine, window))
        with qtbot.waitActive(window):
            window.show()
            window.activateWindow()
        QApplication.processEvents()
        return window

    yield open_it
    for engine, window in opened:
        assert engine.shutdown(PATIENCE_S)
        window.close()


@pytest.fixture
def on_a_mac(qapp, monkeypatch, apple):
    """Return a function that makes this a Mac whose AppKit answers so."""

    def become(**answers):
        for ask in (hardware.machine, theme.sans_families, sysconfig.get_config_vars):
            ask()  # the real system, which is kept
        to = apple(**answers)
        monkeypatch.setattr(sys, "platform", "darwin")
        monkeypatch.setattr(mac, "messenger", lambda: to)
        monkeypatch.setattr(QSystemTrayIcon, "isSystemTrayAvailable", lambda: True)  # on a Mac it always is
        return to

    return become


@pytest.fixture(params=["linux", "darwin"])
def system(request, monkeypatch, on_a_mac):
    """Return the name of the system that this is, for what differs on a Mac."""
    if request.param == "darwin":
        on_a_mac()
    else:
        monkeypatch.setattr(sys, "platform", request.param)
        monkeypatch.setattr(mac, "messenger", lambda: None)
    return request.param
