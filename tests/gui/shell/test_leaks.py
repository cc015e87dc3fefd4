"""What a test leaves running is found: else the fixture that fails such a test would pass them all."""

import threading

import pytest
from PySide6.QtCore import QObject, QThread, QThreadPool, QTimer

from tests.gui.leaks import named, running
from tests.patience import PATIENCE_MS, PATIENCE_S


class Waiting(QThread):
    def __init__(self, until):
        super().__init__()
        self._until = until

    def run(self):
        self._until.wait(PATIENCE_S)


@pytest.fixture
def moment():
    moment = threading.Event()
    yield moment
    moment.set()


def test_a_timer_is_found_whoever_owns_it(qapp):
    before = running()
    owner = QObject(objectName="owner")
    repeating, once = QTimer(owner, interval=60_000), QTimer(qapp, interval=60_000, singleShot=True, objectName="once")
    assert not running() - before
    repeating.start()
    once.start()
    assert named(running() - before) == ["QTimer of owner", "QTimer once"]
    repeating.stop()
    once.stop()
    assert not running() - before
    once.deleteLater()


def test_a_thread_is_found_whether_pythons_or_qts(qapp, moment):
    before = running()
    python, qt, pool = threading.Thread(target=moment.wait, name="waits"), Waiting(moment), QThreadPool()
    python.start()
    qt.start()
    pool.start(moment.wait)
    assert named(running() - before) == ["QThreadPool", "Thread waits", "Waiting"]
    moment.set()
    python.join(30)
    assert qt.wait(PATIENCE_MS)
    assert pool.waitForDone(30_000)
    assert not running() - before
