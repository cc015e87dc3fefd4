"""The card about this copy and this machine."""

import pytest
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QLabel, QPushButton

from engine import __version__
from gui.about import AboutBox
from gui.engine_thread import EngineThread


@pytest.fixture
def open_box(qtbot, stylist):
    threads = []

    def open_it(releases=None):
        thread = EngineThread()
        threads.append(thread)
        box = AboutBox(thread, releases=releases)
        qtbot.addWidget(box)
        box.show()
        return box

    yield open_it
    for thread in threads:
        assert thread.shutdown(30)


def test_it_tells_of_this_machine_and_copies_it(qtbot, open_box):
    box = open_box()
    copy = box.findChild(QPushButton, "about_copy")
    assert not copy.isEnabled()
    qtbot.waitUntil(copy.isEnabled, timeout=30_000)
    copy.click()
    copied = QGuiApplication.clipboard().text()
    assert copied == box.facts()
    titles = [line.split(":")[0] for line in copied.splitlines()]
    assert titles == ["Processor", "GPU", "Memory", "System", "PyTorch", "MPS", "Trains on", "Understudy"]
    assert f"Understudy: {__version__}" in copied


def test_without_an_address_nobody_is_asked(qtbot, open_box):
    box = open_box()
    qtbot.waitUntil(lambda: bool(box.facts()), timeout=30_000)
    assert not box.findChild(QPushButton, "about_check").isVisible()
    assert "no address" in box.findChild(QLabel, "about_news").text()


def test_an_address_that_fails_is_told_and_can_be_asked_again(qtbot, open_box):
    box = open_box(releases="http://localhost:9/latest")
    check = box.findChild(QPushButton, "about_check")
    news = box.findChild(QLabel, "about_news")
    qtbot.waitUntil(lambda: bool(box.facts()), timeout=30_000)
    check.click()
    qtbot.waitUntil(lambda: "could not be found out" in news.text())
    qtbot.waitUntil(check.isEnabled)
    assert not box.findChild(QPushButton, "about_open_page").isVisible()
