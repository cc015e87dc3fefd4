"""The ring: around what has the focus, where the control is, in a color that is seen."""

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtWidgets import (
    QApplication,
    QCheckBox,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QRadioButton,
    QScrollArea,
    QSlider,
    QSpinBox,
    QTabBar,
    QVBoxLayout,
    QWidget,
)

from gui.kit import theme
from gui.kit.focus_ring import Ring, is_written_in, outline
from gui.kit.theme import DARK, LIGHT, Size, contrast, with_accent, with_contrast

TAB, MOUSE, OTHER = Qt.FocusReason.TabFocusReason, Qt.FocusReason.MouseFocusReason, Qt.FocusReason.OtherFocusReason


@pytest.fixture
def page(qtbot, stylist):
    """Return a function that shows widgets one under the other, close to the edge of their pane, in a window."""

    def show(*widgets):
        window, pane = QWidget(), QWidget()
        outer, inner = QVBoxLayout(window), QVBoxLayout(pane)
        inner.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(pane)
        for widget in widgets:
            inner.addWidget(widget)
        qtbot.addWidget(window)
        with qtbot.waitActive(window):
            window.show()
            window.activateWindow()
        QApplication.focusWidget().clearFocus()
        return window

    return show


def rings(window):
    return [ring for ring in window.findChildren(Ring) if ring.isVisible()]


def is_painted(window, at):
    return window.grab().toImage().pixelColor(at).name() == theme.current().colors.ring


def test_it_is_painted_outside_the_control_beyond_the_pane_around_it(page):
    button = QPushButton("Do It")
    window = page(button, QLabel("x"))
    button.setFocus(TAB)
    (ring,) = rings(window)
    place = QRect(button.mapTo(window, QPoint()), button.size())
    assert ring.geometry() == place.adjusted(-Size.RING, -Size.RING, Size.RING, Size.RING)
    middle = place.center()
    for at in (
        QPoint(middle.x(), place.top() - 2),
        QPoint(middle.x(), place.bottom() + 2),
        QPoint(place.left() - 2, middle.y()),
        QPoint(place.right() + 2, middle.y()),
    ):
        assert is_painted(window, at), at
    assert not is_painted(window, QPoint(middle.x(), place.top() - Size.RING - 1))
    assert not is_painted(window, middle)


def test_it_goes_with_the_focus_and_with_the_control(page, qtbot):
    one, other = QPushButton("One"), QPushButton("Other")
    window = page(one, other)
    one.setFocus(TAB)
    other.setFocus(TAB)
    (ring,) = rings(window)
    assert ring.control is other
    window.resize(window.size() * 2)
    qtbot.waitUntil(lambda: ring.width() == other.width() + 2 * Size.RING)
    other.hide()
    assert [each.control for each in rings(window)] == [one]
    one.clearFocus()
    assert rings(window) == []


@pytest.mark.parametrize(
    ("make", "is_field"),
    [(QLineEdit, True), (QSpinBox, True), (QPlainTextEdit, True), (QPushButton, False), (QCheckBox, False)],
)
@pytest.mark.parametrize("reason", [MOUSE, OTHER])
def test_without_the_keyboard_only_a_field_to_write_in_has_one(page, make, is_field, reason):
    widget = make()
    window = page(widget, QPushButton("x"))
    widget.setFocus(reason)
    assert bool(rings(window)) is is_field


def test_what_can_only_be_read_is_no_field(qtbot):
    text = QPlainTextEdit()
    qtbot.addWidget(text)
    assert is_written_in(text)
    text.setReadOnly(True)
    assert not is_written_in(text)


def test_in_a_pane_that_scrolls_it_stays_within_and_is_there_when_scrolled_back(page):
    area, content = QScrollArea(), QWidget()
    column = QVBoxLayout(content)
    column.setContentsMargins(0, 0, 0, 0)
    buttons = [QPushButton(str(number)) for number in range(30)]
    for button in buttons:
        column.addWidget(button)
    area.setWidget(content)
    area.setFixedHeight(100)
    window = page(area)
    buttons[-1].setFocus(TAB)  # below what is seen: it is scrolled there, from wherever the focus came
    (ring,) = rings(window)
    assert ring.parentWidget() is area.viewport()
    assert buttons[-1].visibleRegion().boundingRect() == buttons[-1].rect()
    corner = area.viewport().mapTo(window, area.viewport().rect().bottomLeft())
    area.verticalScrollBar().setValue(area.verticalScrollBar().maximum())
    assert is_painted(window, corner + QPoint(20, -1))  # at the edge it is inside
    area.verticalScrollBar().setValue(0)
    assert not ring.visibleRegion()
    area.verticalScrollBar().setValue(area.verticalScrollBar().maximum())
    assert is_painted(window, corner + QPoint(20, -1))


@pytest.mark.parametrize("make", [QCheckBox, QRadioButton])
def test_of_a_box_with_words_it_surrounds_the_box(page, make):
    box = make("A long line of words beside it")
    window = page(box)
    place, _ = outline(box)

    assert place.width() == place.height() <= box.height()
    assert place.left() <= 1
    assert window.isVisible()


def test_it_follows_the_knob_and_the_tab(page):
    slider, bar = QSlider(Qt.Orientation.Horizontal), QTabBar()
    for name in ("One", "Two"):
        bar.addTab(name)
    window = page(slider, bar)
    for widget, move in ((slider, lambda: slider.setValue(99)), (bar, lambda: bar.setCurrentIndex(1))):
        widget.setFocus(TAB)
        (ring,) = rings(window)
        before = ring.geometry().left()
        move()
        assert ring.geometry().left() > before
        assert ring.geometry().center() == widget.mapTo(window, outline(widget)[0].center())


def test_a_list_with_a_ring_scrolls_as_fast_as_without(page):
    """Qt moves what is painted already only where nothing lies above it."""
    text = QPlainTextEdit()
    window = page(text)
    text.setFocus(TAB)
    (ring,) = rings(window)
    inside = QRect(text.viewport().mapTo(window, QPoint()), text.viewport().size()).translated(-ring.pos())
    assert not ring.mask().isEmpty()
    assert not ring.mask().intersects(inside)


@pytest.mark.parametrize("colors", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("accent", ["", "#ffcc00", "#ff2d55", "#8e8e93", "#34c759"])
def test_its_color_is_seen_on_every_ground(qapp, colors, accent):
    own = with_accent(colors, accent) if accent else colors
    for ground in ("window", "surface", "well", "raised"):
        assert contrast(own.ring, getattr(own, ground)) >= 3, ground
        assert contrast(with_contrast(own).ring, getattr(own, ground)) >= 7, ground
