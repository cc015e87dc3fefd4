"""Scroll bars: there while they are of use, and always where a person asked for that."""

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QEnterEvent, QWheelEvent
from PySide6.QtWidgets import QAbstractScrollArea, QApplication, QPlainTextEdit

from engine.machine.apple import Constant, Message
from gui.guide.window import GuideWindow
from gui.kit.scroll_bars import QuietBars, quiet

POLICY = Qt.ScrollBarPolicy


@pytest.fixture
def text(qtbot, stylist):
    edit = quiet(QPlainTextEdit("\n".join(map(str, range(200)))))
    edit.setFrameShape(QPlainTextEdit.Shape.NoFrame)
    qtbot.addWidget(edit)
    edit.resize(200, 200)
    edit.move(400, 400)  # away from where the pointer is
    edit.show()
    return edit


def is_seen(area):
    """Tell whether anything is painted where the knob is."""
    picture = area.verticalScrollBar().grab().toImage()
    return len({picture.pixel(picture.width() * 2 // 3, row) for row in range(picture.height())}) > 1


def points_at(area, there):
    at = QPointF(5, 5)
    QApplication.sendEvent(area, QEnterEvent(at, at, at) if there else QEvent(QEvent.Type.Leave))


def test_it_is_there_while_the_pointer_is_over_the_text_and_a_moment_longer(text, qtbot):
    assert not is_seen(text)
    points_at(text, True)
    assert is_seen(text)
    points_at(text, False)
    assert is_seen(text)
    qtbot.waitUntil(lambda: not is_seen(text))


def test_it_is_there_while_a_person_scrolls_but_not_when_the_program_does(text, qtbot):
    text.appendPlainText("one line more")
    text.verticalScrollBar().setValue(40)
    assert not is_seen(text)
    nothing, down = QPoint(), QPoint(0, -120)
    at, buttons, modifiers = QPointF(5, 5), Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier
    wheel = QWheelEvent(at, at, nothing, down, buttons, modifiers, Qt.ScrollPhase.NoScrollPhase, False)
    QApplication.sendEvent(text.viewport(), wheel)
    assert text.verticalScrollBar().value() > 40
    assert is_seen(text)
    qtbot.waitUntil(lambda: not is_seen(text))


def test_with_more_contrast_it_stays(text, stylist):
    stylist.set_contrast(Qt.ContrastPreference.HighContrast)
    assert is_seen(text)
    stylist.set_contrast(Qt.ContrastPreference.NoPreference)
    assert not is_seen(text)


def test_where_the_system_says_always_it_stays(on_a_mac, text, qtbot):
    to = on_a_mac(SCROLLER_STYLE=Constant.NSScrollerStyleLegacy)
    points_at(text, True)
    points_at(text, False)
    qtbot.waitUntil(lambda: to.arguments_of(Message.SCROLLER_STYLE) == [[]])
    assert is_seen(text)
    to.answers[Message.SCROLLER_STYLE] = 1  # over the content, NSScrollerStyleOverlay
    points_at(text, False)
    qtbot.waitUntil(lambda: not is_seen(text))


def test_every_view_that_scrolls_has_such(open_window, qtbot, stylist):
    book = GuideWindow()
    qtbot.addWidget(book)
    for window in (open_window(), book):
        views = [view for view in window.findChildren(QAbstractScrollArea) if view.window() is window]
        loud = [
            view.objectName()
            for view in views
            if {view.verticalScrollBarPolicy(), view.horizontalScrollBarPolicy()} != {POLICY.ScrollBarAlwaysOff}
            and view.findChild(QuietBars, options=Qt.FindChildOption.FindDirectChildrenOnly) is None
        ]
        assert not loud
        assert len(views) > 1
