"""The card about this copy and this machine."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtWidgets import QLabel, QPushButton

from engine import __version__
from engine.core.events import Release
from gui.shell.about import AboutBox


@pytest.fixture
def open_box(qtbot, engine, stylist):
    def open_it(releases=None):
        box = AboutBox(engine, releases=releases)
        qtbot.addWidget(box)
        box.show()
        return box

    return open_it


def test_it_tells_of_this_machine_and_copies_it(qtbot, open_box):
    box = open_box()
    copy = box.findChild(QPushButton, "about_copy")
    assert not copy.isEnabled()
    qtbot.waitUntil(copy.isEnabled)
    copy.click()
    copied = QGuiApplication.clipboard().text()
    assert copied == box.facts()
    titles = [line.split(":")[0] for line in copied.splitlines()]
    assert titles == ["Processor", "GPU", "Memory", "System", "PyTorch", "MPS", "Trains on", "Understudy"]
    assert f"Understudy: {__version__}" in copied


def test_without_an_address_nobody_is_asked(qtbot, open_box):
    box = open_box()
    qtbot.waitUntil(lambda: bool(box.facts()))
    assert not box.findChild(QPushButton, "about_check").isVisible()
    assert "does not look" in box.findChild(QLabel, "about_news").text()


def test_an_address_that_fails_is_told_and_can_be_asked_again(qtbot, open_box):
    box = open_box(releases="http://localhost:9/latest")
    check = box.findChild(QPushButton, "about_check")
    news = box.findChild(QLabel, "about_news")
    qtbot.waitUntil(lambda: bool(box.facts()))
    check.click()
    qtbot.waitUntil(lambda: "could not be found out" in news.text())
    qtbot.waitUntil(check.isEnabled)
    assert not box.findChild(QPushButton, "about_open_page").isVisible()


def test_a_newer_one_is_told_and_its_page_opened(qtbot, open_box, monkeypatch):
    opened = []
    monkeypatch.setattr(QDesktopServices, "openUrl", opened.append)
    page = "https://example.org/new"
    monkeypatch.setattr("gui.shell.about.release_job", lambda _: iter([Release(version="9.0", newer=True, page=page)]))
    box = open_box(releases="https://example.org/latest")
    box.findChild(QPushButton, "about_check").click()
    show = box.findChild(QPushButton, "about_open_page")
    qtbot.waitUntil(show.isVisible)
    assert "9.0 is there" in box.findChild(QLabel, "about_news").text()
    show.click()
    assert [url.toString() for url in opened] == [page]
    box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
    box.findChild(QPushButton, "about_close").click()
    assert not box.isVisible()
